/* Systems whose linkers bind a name together with its library (macOS, Windows): the libraries are linked, nothing can be missing. */

#if !defined(__linux__)

#include "cloader_platform.h"

#include <string.h>

#if defined(_WIN32)
#include <windows.h>
static SRWLOCK lock = SRWLOCK_INIT;
void cloader_lock(void) {
    AcquireSRWLockExclusive(&lock);
}
void cloader_unlock(void) {
    ReleaseSRWLockExclusive(&lock);
}
#else
#include <pthread.h>
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
void cloader_lock(void) {
    pthread_mutex_lock(&mutex);
}
void cloader_unlock(void) {
    pthread_mutex_unlock(&mutex);
}
#endif

void *cloader_platform_open(const char *soname, cloader_status *status, char *reason, size_t size) {
    static char linked;
    (void)soname;
    (void)status;
    (void)reason;
    (void)size;
    return &linked;
}

bool cloader_platform_resolve(void *handle, const cloader_symbol *symbol) {
    (void)handle;
    if (symbol->linked == NULL) {
        return false;
    }
    memcpy(symbol->slot, &symbol->linked, sizeof symbol->linked);
    return true;
}

const void *cloader_find_loaded(const char *soname) {
    (void)soname;
    return NULL;
}

bool cloader_find_function(const char *soname, const char *name, void *slot) {
    (void)soname;
    (void)name;
    (void)slot;
    return false;
}

#endif
