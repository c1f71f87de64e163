#include "CSystem.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_bool is_forked;

static void note(void) { atomic_store(&is_forked, true); }

/* The one thing that can fail here is memory, and then a fork is on its own. */
static void watch(void) { pthread_atfork(NULL, NULL, note); }

bool csystem_is_forked(void) { return atomic_load_explicit(&is_forked, memory_order_relaxed); }

bool csystem_watch_forks(void) {
    if (csystem_is_forked()) return false;
    /* Whoever comes while another thread is in it waits: nothing is used before its forks are watched. */
    pthread_once(&once, watch);
    return true;
}
