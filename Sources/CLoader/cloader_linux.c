/* Linux: dlopen, in a scope of the library's own.

   The dynamic linker binds a library's calls to the first definition in the global scope, the host's first of all.
   RTLD_DEEPBIND turns this around: what we open, and what it pulls in, looks into its own dependencies first.
   RTLD_LOCAL keeps its names away from the host in return. RTLD_NOW binds everything while we hold the lock, so that
   symbols which the host loads later cannot interfere, and a broken library is noticed here and not in the middle of a
   transfer. */

#if defined(__linux__)

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "cloader_platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Other C libraries than glibc do not know the flag; there the plain way is the only way. */
#ifndef RTLD_DEEPBIND
#define RTLD_DEEPBIND 0
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void cloader_lock(void) {
    pthread_mutex_lock(&mutex);
}

void cloader_unlock(void) {
    pthread_mutex_unlock(&mutex);
}

/* A sanitizer's runtime wraps the C library's functions by standing in front of it in the global scope. A library that looks past it would
   allocate behind its back; the runtimes therefore end the process at the sight of RTLD_DEEPBIND. */
static bool sanitizer_is_present(void) {
    static const char *const entries[] = {"__asan_init", "__tsan_init", "__msan_init", "__hwasan_init", "__lsan_init"};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (dlsym(RTLD_DEFAULT, entries[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Whether malloc is not the C library's own: jemalloc or tcmalloc, preloaded or part of the host. */
static bool malloc_is_replaced(void) {
    void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    if (libc == NULL) {
        return false;
    }
    void *own = dlsym(libc, "malloc");
    void *global = dlsym(RTLD_DEFAULT, "malloc");
    dlclose(libc);
    return own != NULL && global != NULL && own != global;
}

/* Whether the host would take calls of our libraries: a name of theirs is in the global scope and comes from another file than the library
   that we would get ourselves. A host that is merely linked to the system's libssl shares it with us, which harms nobody. */
static bool host_captures(void) {
    static const struct {
        const char *symbol;
        const char *file; /* the real library's file name starts with this */
    } probes[] = {
        {"curl_easy_init", "libcurl.so."}, {"SSL_new", "libssl.so."},    {"EVP_DigestInit_ex", "libcrypto.so."},
        {"json_loads", "libjansson.so."},  {"inflate", "libz.so."},      {"nghttp2_session_mem_recv", "libnghttp2.so."},
        {"XML_Parse", "libexpat.so."},     {"ZSTD_decompress", "libzstd.so."},
    };
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        void *address = dlsym(RTLD_DEFAULT, probes[i].symbol);
        if (address == NULL) {
            continue;
        }
        Dl_info info;
        if (dladdr(address, &info) == 0 || info.dli_fname == NULL) {
            return true;
        }
        const char *slash = strrchr(info.dli_fname, '/');
        const char *file = slash != NULL ? slash + 1 : info.dli_fname;
        if (strncmp(file, probes[i].file, strlen(probes[i].file)) != 0) {
            return true;
        }
    }
    return false;
}

/* RTLD_DEEPBIND, but for two kinds of host.

   Under a sanitizer it is not allowed.

   Where the host replaced malloc, a deeply bound library calls the C library's malloc directly while everyone else
   calls the host's. Two allocators in a process are harmless as long as no block is allocated by one and freed by the
   other. Such blocks do exist: strdup lives in the C library, whose own call of malloc goes to the host's, and its
   caller's free would go to the C library's. If the host exports none of our libraries' names, there is nothing to
   protect them from, and plain binding avoids the question. If it does, deep binding is the smaller evil and holds for
   what we use: libcurl allocates with the functions that CCurl gives it (ours, hence the host's, for both directions),
   OpenSSL, jansson and expat allocate and free with plain malloc and free inside their own scope, and getaddrinfo's
   results are freed by the C library itself. */
static int scope_flags(void) {
    if (sanitizer_is_present()) {
        return 0;
    }
    if (malloc_is_replaced() && !host_captures()) {
        return 0;
    }
    return RTLD_DEEPBIND;
}

/* What dlopen failed for. errno says so most of the time; where the loader has cleaned up since, its text does. */
static cloader_status kind_of_failure(const char *reason, int error) {
    static const struct {
        const char *words;
        cloader_status status;
    } kinds[] = {
        {"Too many open files", CLOADER_OUT_OF_DESCRIPTORS}, {"out of memory", CLOADER_OUT_OF_MEMORY},
        {"Cannot allocate memory", CLOADER_OUT_OF_MEMORY},   {"cannot create shared object descriptor", CLOADER_OUT_OF_MEMORY},
    };
    if (error == EMFILE || error == ENFILE) {
        return CLOADER_OUT_OF_DESCRIPTORS;
    }
    if (error == ENOMEM) {
        return CLOADER_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strstr(reason, kinds[i].words) != NULL) {
            return kinds[i].status;
        }
    }
    return CLOADER_LIBRARY_MISSING;
}

void *cloader_platform_open(const char *soname, cloader_status *status, char *reason, size_t size) {
    const int flags = RTLD_NOW | RTLD_LOCAL | scope_flags();
    errno = 0;
    void *handle = dlopen(soname, flags);
    if (handle == NULL) {
        const int error = errno;
        const char *text = dlerror();
        snprintf(reason, size, "%s", text != NULL ? text : "no reason given");
        *status = kind_of_failure(reason, error);
    }
    return handle;
}

bool cloader_platform_resolve(void *handle, const cloader_symbol *symbol) {
    void *address = dlsym(handle, symbol->name);
    if (address == NULL) {
        return false;
    }
    /* POSIX promises that a function's address fits a void *, C does not let us assign it. */
    memcpy(symbol->slot, &address, sizeof address);
    return true;
}

static void *find_loaded(const char *soname) {
    void *handle = dlopen(soname, RTLD_LAZY | RTLD_NOLOAD);
    if (handle != NULL) (void)dlclose(handle); /* It is there with or without us. */
    return handle;
}

const void *cloader_find_loaded(const char *soname) { return find_loaded(soname); }

bool cloader_find_function(const char *soname, const char *name, void *slot) {
    void *handle = find_loaded(soname);
    return handle != NULL && cloader_platform_resolve(handle, &(cloader_symbol){name, slot, NULL});
}

#endif
