#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__linux__)

#include <stdint.h>
#include <sys/syscall.h>

/* From the kernel's headers, which may be older than the kernel that this runs on. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
static const uint64_t resolve_cached = 0x20;

struct open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};

int csystem_open_cached(const char *path) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, .resolve = resolve_cached};
    return csystem_beyond_standard((int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

ssize_t csystem_read_cached(int descriptor, void *target, size_t size, off_t offset) {
    struct iovec piece = {target, size};
    return preadv2(descriptor, &piece, 1, offset, RWF_NOWAIT);
}

#else

int csystem_open_cached(const char *path) {
    (void)path;
    errno = ENOSYS;
    return -1;
}

ssize_t csystem_read_cached(int descriptor, void *target, size_t size, off_t offset) {
    (void)descriptor, (void)target, (void)size, (void)offset;
    errno = ENOTSUP;
    return -1;
}

#endif
