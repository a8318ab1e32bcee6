/* A PKCS#11 module that passes everything on to the one in PASS_ON_TO, and fails as the environment says:
 *   FAIL_AFTER=n     the device is gone after n signatures
 *   SESSIONS=n       no more than n sessions are open at a time
 *   FINAL_TRY=1      one more wrong PIN would lock the token
 * PKCS#11 2.40: CK_FUNCTION_LIST is a version and 68 functions in a fixed order, of which some are replaced here. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef unsigned long ulong;
struct functions {
    unsigned char version[2];
    void *function[68];
};
enum { GET_TOKEN_INFO = 6, OPEN_SESSION = 12, CLOSE_SESSION = 13, SIGN = 43 };
enum { DEVICE_REMOVED = 0x32, SESSION_COUNT = 0xB1, FUNCTION_FAILED = 0x06, USER_PIN_FINAL_TRY = 0x20000 };
struct token_info {
    char label[32], manufacturer[32], model[16], serial[16];
    ulong flags;
};

static struct functions *whole, list;
static atomic_long signatures, sessions;

static long told(const char *name, long otherwise) {
    const char *value = getenv(name);
    return value ? atol(value) : otherwise;
}

static int gone(void) { return atomic_load(&signatures) > told("FAIL_AFTER", 1L << 40); }

static ulong get_token_info(ulong slot, struct token_info *info) {
    ulong (*next)(ulong, struct token_info *) = whole->function[GET_TOKEN_INFO];
    ulong answer = next(slot, info);
    if (told("FINAL_TRY", 0)) info->flags |= USER_PIN_FINAL_TRY;
    return answer;
}

static ulong open_session(ulong slot, ulong flags, void *application, void *notify, ulong *session) {
    ulong (*next)(ulong, ulong, void *, void *, ulong *) = whole->function[OPEN_SESSION];
    if (gone()) return DEVICE_REMOVED;
    if (atomic_fetch_add(&sessions, 1) >= told("SESSIONS", 1L << 40)) {
        atomic_fetch_sub(&sessions, 1);
        return SESSION_COUNT;
    }
    return next(slot, flags, application, notify, session);
}

static ulong close_session(ulong session) {
    ulong (*next)(ulong) = whole->function[CLOSE_SESSION];
    atomic_fetch_sub(&sessions, 1);
    return next(session);
}

static ulong sign(ulong session, void *bytes, ulong length, void *signature, ulong *signature_length) {
    ulong (*next)(ulong, void *, ulong, void *, ulong *) = whole->function[SIGN];
    if (signature) atomic_fetch_add(&signatures, 1);
    return gone() ? DEVICE_REMOVED : next(session, bytes, length, signature, signature_length);
}

ulong C_GetFunctionList(struct functions **found) {
    const char *path = getenv("PASS_ON_TO");
    void *library = path ? dlopen(path, RTLD_NOW) : NULL;
    ulong (*next)(struct functions **) = library ? dlsym(library, "C_GetFunctionList") : NULL;
    if (!next || next(&whole)) return FUNCTION_FAILED;
    list = *whole;
    list.function[GET_TOKEN_INFO] = get_token_info;
    list.function[OPEN_SESSION] = open_session;
    list.function[CLOSE_SESSION] = close_session;
    list.function[SIGN] = sign;
    *found = &list;
    return 0;
}
