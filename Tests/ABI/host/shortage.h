/* shortage.h: what the two files of the preloaded library have in common. */
#ifndef SHORTAGE_H
#define SHORTAGE_H

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>

#include "scarcity.h"

#define EXPORTED __attribute__((visibility("default")))
#define CALLER ((uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)))

/* Counts a call of this kind, unless it is the host's own. Whether it is to fail. */
bool scarcity_fails(shortage kind, uintptr_t caller);
/* Whether calls of this kind are counted at present. */
bool scarcity_is_armed(shortage kind);

/* How deep this thread is in functions of the C library that one of ours has called, and which allocate. */
extern _Thread_local int scarcity_inside __attribute__((tls_model("initial-exec")));

/* The function that would be called without this library. */
#define NEXT(name)                                                                                                                     \
    static __typeof__(name) *next;                                                                                                     \
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, #name)

#define REFUSE_IF(condition, number, answer)                                                                                           \
    do {                                                                                                                               \
        if (condition) {                                                                                                               \
            errno = number;                                                                                                            \
            return answer;                                                                                                             \
        }                                                                                                                              \
    } while (0)

#endif /* SHORTAGE_H */
