/* Cuts a process short at one of its calls that change a file or a folder. Loaded before the C library; standard output and
   error count for nothing. A sync counts twice, before and after, since some programs rename without the C library.
   KILL_AT=N: kills it before the N-th change.
   FULL_AT=N: from the N-th change on, what needs room fails with ENOSPC, and the file FULL_MARK is made.
   STAGE_KILL_AT=N, STAGE_FULL_AT=N: the same for a process that it starts without them, at that one's N-th change.
   DURABLE=FOLDER, WATCHED=FOLDER: each sync of a file or folder under WATCHED records what it made durable in DURABLE, by
   inode (`power.rs` reads it); the disk itself is not synced. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

static long count(void) {
    const char *at = getenv("KILL_AT");
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (at && call == atol(at)) {
        kill(getpid(), SIGKILL);
        pause();
    }
    return call;
}

/* Counts a change that needs room; says whether there is none. */
static int is_full(void) {
    const char *at = getenv("FULL_AT"), *mark = getenv("FULL_MARK");
    if (count() < (at ? atol(at) : LONG_MAX)) return 0;
    if (mark) close(syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600));
    errno = ENOSPC;
    return 1;
}

static int is_file(int file) {
    struct stat found;
    return !fstat(file, &found) && S_ISREG(found.st_mode);
}

/* What is below goes past the functions of this file: nothing of it counts. */

/* Files stay open: an inode that is held is given to no other file, and closing a file loses this process's locks on it. */
static int hold(int folder, const char *path, int flags) {
    int file = syscall(SYS_openat, folder, path, flags | O_CLOEXEC, 0);
    if (file < 0 && errno == EMFILE) {
        struct rlimit most;
        getrlimit(RLIMIT_NOFILE, &most);
        most.rlim_cur = most.rlim_max;
        setrlimit(RLIMIT_NOFILE, &most);
        file = syscall(SYS_openat, folder, path, flags | O_CLOEXEC, 0);
    }
    if (file < 0 && errno != ENOENT) abort();
    return file;
}

static FILE *record(const char *path) {
    int file = syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    if (!out) abort();
    return out;
}

/* The names of a folder: inode, kind, mode, name. */
static void list(const char *folder, FILE *out) {
    DIR *entries = opendir(folder);
    if (!entries) abort();
    for (struct dirent *entry; (entry = readdir(entries));) {
        struct stat found;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (fstatat(dirfd(entries), entry->d_name, &found, AT_SYMLINK_NOFOLLOW)) continue;
        hold(dirfd(entries), entry->d_name, O_PATH | O_NOFOLLOW);
        char kind = S_ISDIR(found.st_mode) ? 'd' : 'f';
        fprintf(out, "%lu %c %o %s\n", found.st_ino, kind, found.st_mode & 07777, entry->d_name);
    }
    closedir(entries);
}

static void copy(const char *file, FILE *out) {
    static char buffer[1 << 16];
    int in = hold(AT_FDCWD, file, O_RDONLY);
    for (ssize_t length, at = 0; (length = pread(in, buffer, sizeof buffer, at)) > 0; at += length)
        fwrite(buffer, 1, length, out);
}

/* Records what a sync makes durable; says whether it is recorded. */
static int is_recorded(int file) {
    static pthread_mutex_t recording = PTHREAD_MUTEX_INITIALIZER;
    const char *store = getenv("DURABLE"), *root = getenv("WATCHED");
    char self[64], path[PATH_MAX + 1], next[PATH_MAX], done[PATH_MAX];
    struct stat found;
    if (!store || !root) return 0;
    snprintf(self, sizeof self, "/proc/self/fd/%d", file);
    ssize_t length = readlink(self, path, PATH_MAX);
    if (length < 0 || fstat(file, &found)) return 0;
    path[length] = 0;
    if (!strncmp(path, root, strlen(root)) && (path[strlen(root)] == '/' || !path[strlen(root)])) {
        pthread_mutex_lock(&recording);
        snprintf(next, sizeof next, "%s/next-%d", store, getpid());
        snprintf(done, sizeof done, "%s/%lu", store, found.st_ino);
        FILE *out = record(next);
        if (S_ISDIR(found.st_mode)) list(self, out); else copy(self, out);
        if (fclose(out) || syscall(SYS_renameat, AT_FDCWD, next, AT_FDCWD, done)) abort();
        pthread_mutex_unlock(&recording);
    }
    return 1;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define NEEDS_ROOM(result, name, parameters, arguments) \
    result name parameters { \
        REAL(name); \
        return is_full() ? -1 : real arguments; \
    }

#define SYNCS(name) \
    int name(int file) { \
        REAL(name); \
        count(); \
        int failed = is_recorded(file) ? 0 : real(file); \
        count(); \
        return failed; \
    }

#define CHANGES(result, name, parameters, arguments) \
    result name parameters { \
        REAL(name); \
        count(); \
        return real arguments; \
    }

CHANGES(int, rename, (const char *from, const char *to), (from, to))
CHANGES(int, unlink, (const char *path), (path))
CHANGES(int, unlinkat, (int at, const char *path, int flags), (at, path, flags))
CHANGES(int, rmdir, (const char *path), (path))
NEEDS_ROOM(int, mkdir, (const char *path, mode_t mode), (path, mode))
NEEDS_ROOM(int, linkat, (int from_at, const char *from, int to_at, const char *to, int flags), (from_at, from, to_at, to, flags))
NEEDS_ROOM(ssize_t, copy_file_range, (int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags), (from, from_at, to, to_at, length, flags))
SYNCS(fsync)
SYNCS(fdatasync)
CHANGES(int, ftruncate, (int file, off_t length), (file, length))
CHANGES(int, ftruncate64, (int file, off64_t length), (file, length))

#define WRITES(name, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name); \
        return file > 2 && is_file(file) && is_full() ? -1 : real arguments; \
    }

WRITES(write, (int file, const void *bytes, size_t length), (file, bytes, length))
WRITES(writev, (int file, const struct iovec *parts, int number), (file, parts, number))
WRITES(pwrite, (int file, const void *bytes, size_t length, off_t at), (file, bytes, length, at))
WRITES(pwrite64, (int file, const void *bytes, size_t length, off64_t at), (file, bytes, length, at))

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int makes = flags & O_CREAT && syscall(SYS_faccessat, AT_FDCWD, path, F_OK); \
        if (makes && is_full()) return -1; \
        if (!makes && flags & (O_CREAT | O_TRUNC)) count(); \
        return real(path, flags, mode); \
    }

OPENS(open)
OPENS(open64)

/* A process that is started with an environment of its own loads this file, too, so that what it syncs is recorded. */
static char *setting(const char *name, const char *from) {
    const char *value = getenv(from);
    char *text = NULL;
    if (value && asprintf(&text, "%s=%s", name, value) < 0) abort();
    return text;
}

int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                 char *const arguments[], char *const environment[]) {
    static const char *const names[][2] = {
        {"LD_PRELOAD", "LD_PRELOAD"}, {"DURABLE", "DURABLE"}, {"WATCHED", "WATCHED"}, {"FULL_MARK", "FULL_MARK"},
        {"KILL_AT", "STAGE_KILL_AT"}, {"FULL_AT", "STAGE_FULL_AT"}};
    enum { ADDED = sizeof names / sizeof *names };
    size_t length = 0, added = 0;
    int has = 0;
    REAL(posix_spawnp);
    for (; environment[length]; length++) has |= !strncmp(environment[length], "LD_PRELOAD=", 11);
    if (has) return real(pid, path, actions, attributes, arguments, environment);
    char *settings[ADDED];
    for (size_t at = 0; at < ADDED; at++)
        if ((settings[added] = setting(names[at][0], names[at][1]))) added++;
    char **all = calloc(length + added + 1, sizeof *all);
    if (!all) abort();
    memcpy(all, environment, length * sizeof *all);
    memcpy(all + length, settings, added * sizeof *all);
    int failed = real(pid, path, actions, attributes, arguments, all);
    for (size_t at = 0; at < added; at++) free(settings[at]);
    free(all);
    return failed;
}
