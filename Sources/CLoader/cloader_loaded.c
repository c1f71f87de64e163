#define _GNU_SOURCE
#include "cloader.h"

#include <string.h>

#if defined(__linux__)
#include <dlfcn.h>

static void *find(const char *soname) {
    void *handle = dlopen(soname, RTLD_LAZY | RTLD_NOLOAD);
    if (handle != NULL) (void)dlclose(handle); /* It is there with or without us. */
    return handle;
}

const void *cloader_find_loaded(const char *soname) { return find(soname); }

bool cloader_find_function(const char *soname, const char *name, void *slot) {
    void *handle = find(soname);
    void *address = handle == NULL ? NULL : dlsym(handle, name);
    if (address == NULL) return false;
    /* As in cloader_platform_resolve. */
    memcpy(slot, &address, sizeof address);
    return true;
}

#else

const void *cloader_find_loaded(const char *soname) {
    (void)soname;
    return NULL;
}

bool cloader_find_function(const char *soname, const char *name, void *slot) {
    (void)soname, (void)name, (void)slot;
    return false;
}

#endif
