#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

void csystem_set_thread_name(const char *name) {
    char cut[16] = {0};
    strncpy(cut, name, sizeof cut - 1);
#if defined(__APPLE__)
    pthread_setname_np(cut);
#else
    pthread_setname_np(pthread_self(), cut);
#endif
}

const void *csystem_memmem(const void *haystack, size_t haystack_size, const void *needle, size_t needle_size) {
    return memmem(haystack, haystack_size, needle, needle_size);
}

int csystem_pipe(int *read_end, int *write_end) {
    int ends[2];
#if defined(__APPLE__)
    if (pipe(ends) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
#else
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
#endif
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

void csystem_pipe_fill(int write_end) {
    ssize_t written;
    do written = write(write_end, "", 1);
    while (written < 0 && errno == EINTR); /* A full pipe is readable: nothing more is needed. */
}

void csystem_pipe_drain(int read_end) {
    char bytes[64];
    ssize_t count;
    do count = read(read_end, bytes, sizeof bytes);
    while (count > 0 || (count < 0 && errno == EINTR));
}
