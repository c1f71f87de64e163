#include "cloader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A host may return from main while clients are at work. OpenSSL then frees what its functions need (it told atexit so when it was initialised), and a
   thread of ours that is in the middle of a handshake, or of a hash, would crash the host on its way out. So exit waits until no thread of ours is inside
   libcurl or libcrypto, and none gets in any more: whoever comes later stays at the gate until the process is gone. */

static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;
static atomic_bool is_exiting;
static _Thread_local int depth;
static _Thread_local bool exits;
static pid_t guarded_process;
static const void *guarded_libcrypto;

void cloader_enter(void) {
    /* Whoever exits is alone from then on: the host's own handlers may still call. */
    if (depth++ > 0 || exits) {
        return;
    }
    while (atomic_load(&is_exiting)) {
        pause();
    }
    pthread_rwlock_rdlock(&gate);
}

void cloader_leave(void) {
    if (--depth == 0 && !exits) {
        pthread_rwlock_unlock(&gate);
    }
}

bool cloader_is_exiting(void) { return atomic_load_explicit(&is_exiting, memory_order_relaxed); }

static void close_gate(void) {
    struct timespec deadline;
    if (getpid() != guarded_process) return; /* A fork: whoever was inside is not here to come out. */
    if (atomic_exchange(&is_exiting, true)) return;
    /* From within a callback that runs inside the gate nobody else can be waited for: it would wait for itself. */
    exits = depth == 0;
    if (!exits) return;
    /* A turn of a loop takes microseconds, one with a handshake some milliseconds. Nobody's exit may hang on us. */
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 1;
    pthread_rwlock_timedwrlock(&gate, &deadline);
}

bool cloader_guard_exit(const void *libcrypto) {
    if (guarded_process != 0 && libcrypto != NULL && libcrypto == guarded_libcrypto) {
        return true;
    }
    if (atexit(close_gate) != 0) {
        return false;
    }
    guarded_process = getpid();
    guarded_libcrypto = libcrypto;
    return true;
}
