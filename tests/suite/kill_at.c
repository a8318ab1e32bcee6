/* Kills the process at the KILL_AT-th call by which it would change a file or a folder: before the call takes effect.
   Loaded before the C library; standard output and error count for nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

static void count(void) {
    const char *at = getenv("KILL_AT");
    if (at && atomic_fetch_add(&calls, 1) + 1 == atol(at)) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

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
CHANGES(int, mkdir, (const char *path, mode_t mode), (path, mode))
CHANGES(int, linkat, (int from_at, const char *from, int to_at, const char *to, int flags), (from_at, from, to_at, to, flags))
CHANGES(ssize_t, copy_file_range, (int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags), (from, from_at, to, to_at, length, flags))
CHANGES(int, fsync, (int file), (file))
CHANGES(int, fdatasync, (int file), (file))
CHANGES(int, ftruncate, (int file, off_t length), (file, length))
CHANGES(int, ftruncate64, (int file, off64_t length), (file, length))

#define WRITES(name, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name); \
        if (file > 2) count(); \
        return real arguments; \
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
        if (flags & (O_CREAT | O_TRUNC)) count(); \
        return real(path, flags, mode); \
    }

OPENS(open)
OPENS(open64)
