#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "CCurl.h"

/* A host may return from main while clients are at work. OpenSSL then frees what its functions need (it told atexit so when it was initialised), and a
   thread of ours that is in the middle of a handshake would crash the host on its way out. So exit waits until no thread of ours is inside libcurl, and
   none gets in any more: whoever comes later stays at the gate until the process is gone. */

static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;
static atomic_bool is_exiting;
static pid_t guarded;
static _Thread_local int depth;

void ccurl_enter(void) {
    if (depth++ > 0) {
        return;
    }
    while (atomic_load(&is_exiting)) {
        pause();
    }
    pthread_rwlock_rdlock(&gate);
}

void ccurl_leave(void) {
    if (--depth == 0) {
        pthread_rwlock_unlock(&gate);
    }
}

static void close_gate(void) {
    struct timespec deadline;
    if (getpid() != guarded) return; /* A fork: whoever was inside is not here to come out. */
    atomic_store(&is_exiting, true);
    /* A turn of a loop takes microseconds, one with a handshake some milliseconds. Nobody's exit may hang on us. */
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 1;
    pthread_rwlock_timedwrlock(&gate, &deadline);
}

bool ccurl_is_exiting(void) { return atomic_load_explicit(&is_exiting, memory_order_relaxed); }

void ccurl_guard_exit(void) {
    guarded = getpid();
    atexit(close_gate);
}
