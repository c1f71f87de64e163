/* For LD_PRELOAD: dlopen finds no library whose name contains $HIDDEN_LIBRARY. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *dlopen(const char *name, int flags) {
    void *(*real)(const char *, int);
    const char *hidden = getenv("HIDDEN_LIBRARY");
    *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    /* Another name, and not NULL at once, so that dlerror has something to say. */
    if (name != NULL && hidden != NULL && strstr(name, hidden) != NULL) name = "/nowhere/hidden.so";
    return real(name, flags);
}
