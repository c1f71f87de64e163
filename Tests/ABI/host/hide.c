/* For LD_PRELOAD: dlopen finds no library whose name contains $HIDDEN_LIBRARY. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *dlopen(const char *name, int flags) {
    void *(*real)(const char *, int);
    const char *hidden = getenv("HIDDEN_LIBRARY");
    *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    if (name != NULL && hidden != NULL && strstr(name, hidden) != NULL) name = "/nowhere/hidden.so"; /* So that dlerror has something to say. */
    return real(name, flags);
}
