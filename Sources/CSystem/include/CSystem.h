/* What the C library has but its headers show to _GNU_SOURCE only, which Swift's import of it does not define. */

#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stddef.h>

/* Names the calling thread for debuggers and top; at most 15 bytes are used. */
void csystem_set_thread_name(const char *name);

/* The first place in `haystack` that holds `needle`, or NULL. */
const void *csystem_memmem(const void *haystack, size_t haystack_size, const void *needle, size_t needle_size);

/* A pipe whose ends do not block and are closed by exec. 0, or -1 with errno. */
int csystem_pipe(int *read_end, int *write_end);

/* Makes the pipe readable. */
void csystem_pipe_fill(int write_end);

/* Makes it not readable. */
void csystem_pipe_drain(int read_end);

#endif
