/* scarcity.h: what scarcity.c, a library to be preloaded, and scarce.c, the host that asks it for shortages, have in common. */
#ifndef SCARCITY_H
#define SCARCITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose calls fail, and how the table calls it. */
#define FOR_EACH_SHORTAGE(X)                                                                                                           \
    X(CURL_MEMORY, "libcurl's memory")                                                                                                 \
    X(JANSSON_MEMORY, "jansson's memory")                                                                                              \
    X(OPENSSL_MEMORY, "OpenSSL's memory")                                                                                              \
    X(EXPAT_MEMORY, "expat's memory")                                                                                                  \
    X(OTHER_MEMORY, "other libraries' memory") /* Those that libcurl brings with it. */                                                \
    X(SYSTEM_MEMORY, "the C library's memory") /* In dlopen, getaddrinfo, pthread_create and the like. */                              \
    X(DESCRIPTORS, "descriptors")              /* EMFILE */                                                                            \
    X(THREADS, "threads")                      /* EAGAIN */                                                                            \
    X(DISK, "room on the disk")                /* ENOSPC */                                                                            \
    X(READING, "readable disk")                /* EIO */

#define NAME(shortage, words) SHORTAGE_##shortage,
typedef enum shortage { FOR_EACH_SHORTAGE(NAME) SHORTAGES } shortage;
#undef NAME

/* A name of this machine, as of any other: libcurl looks it up, by a thread. "localhost" it knows by itself. */
#define SCARCITY_HOST "slipway.test"

enum { PATH_DEPTH = 32, SCARCITY_PATHS = 1 << 17 };

/* How scarcity.c is controlled: its `scarcity_control`, which the host finds by dlsym. */
typedef struct scarcity {
    /* From now on the calls of this kind are counted; the `nth` of them fails, and with `lasting` all behind it. 0: none does. */
    void (*arm)(shortage kind, uint64_t nth, bool lasting);
    /* Ends that. How many calls there were; `failed` gets how many of them failed. */
    uint64_t (*disarm)(uint64_t *failed);
    /* What this thread calls from now on is the host's own, and does not fail. */
    void (*spare)(bool spared);
    /* Finds the place in jansson's code that wants memory most often while `use` runs, and lets that have its way from now on.
     * False: there is none. */
    bool (*spare_most_frequent)(void (*use)(void));
    /* Where the calls came from that were counted while none was to fail: a number for each way that led there, in their order.
     * Children that were forked write to the same list. NULL: there is no memory for it. */
    const uint64_t *(*paths)(void);
    /* The way that led to the first call that failed, from the inside out. */
    size_t (*first_failure)(void *addresses[PATH_DEPTH]);
} scarcity;

#endif /* SCARCITY_H */
