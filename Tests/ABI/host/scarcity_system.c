/* The part of the preloaded library that is about the system: descriptors, threads, disks. See scarcity.c. */
#include "shortage.h"

#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* ----------------------------------------------------------------------------------------------------------------- Descriptors */

#define LACKS_DESCRIPTOR scarcity_fails(SHORTAGE_DESCRIPTORS, CALLER)

/* Calls what may allocate inside the C library. */
#define INSIDE(result, call)                                                                                                           \
    do {                                                                                                                               \
        scarcity_inside++;                                                                                                                      \
        result = call;                                                                                                                 \
        scarcity_inside--;                                                                                                                      \
    } while (0)

#define OPEN(name)                                                                                                                     \
    EXPORTED int name(const char *path, int flags, ...) {                                                                              \
        NEXT(name);                                                                                                                    \
        va_list rest;                                                                                                                  \
        va_start(rest, flags);                                                                                                         \
        const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;                                           \
        va_end(rest);                                                                                                                  \
        REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);                                                                                       \
        return next(path, flags, mode);                                                                                                \
    }
OPEN(open)
OPEN(open64)

EXPORTED int openat(int folder, const char *path, int flags, ...) {
    NEXT(openat);
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(folder, path, flags, mode);
}

EXPORTED long syscall(long number, ...) {
    static long (*next)(long, ...);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "syscall");
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    REFUSE_IF(number == SYS_openat2 && LACKS_DESCRIPTOR, EMFILE, -1);
    return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define FOPEN(name)                                                                                                                    \
    EXPORTED FILE *name(const char *path, const char *mode) {                                                                          \
        NEXT(name);                                                                                                                    \
        FILE *file;                                                                                                                    \
        REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, NULL);                                                                                     \
        INSIDE(file, next(path, mode));                                                                                                \
        return file;                                                                                                                   \
    }
FOPEN(fopen)
FOPEN(fopen64)

EXPORTED DIR *opendir(const char *path) {
    NEXT(opendir);
    DIR *directory;
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, NULL);
    INSIDE(directory, next(path));
    return directory;
}

EXPORTED DIR *fdopendir(int descriptor) {
    NEXT(fdopendir);
    DIR *directory;
    INSIDE(directory, next(descriptor));
    return directory;
}

EXPORTED int socket(int domain, int type, int protocol) {
    NEXT(socket);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(domain, type, protocol);
}

EXPORTED int socketpair(int domain, int type, int protocol, int ends[2]) {
    NEXT(socketpair);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(domain, type, protocol, ends);
}

EXPORTED int pipe(int ends[2]) {
    NEXT(pipe);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(ends);
}

EXPORTED int pipe2(int ends[2], int flags) {
    NEXT(pipe2);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(ends, flags);
}

EXPORTED int eventfd(unsigned value, int flags) {
    NEXT(eventfd);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(value, flags);
}

EXPORTED int epoll_create1(int flags) {
    NEXT(epoll_create1);
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, -1);
    return next(flags);
}

EXPORTED int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                         struct addrinfo **restrict found) {
    NEXT(getaddrinfo);
    int result;
    REFUSE_IF(LACKS_DESCRIPTOR, EMFILE, EAI_SYSTEM);
    const bool is_ours = node != NULL && strcmp(node, SCARCITY_HOST) == 0;
    INSIDE(result, next(is_ours ? "127.0.0.1" : node, service, hints, found));
    return result;
}

/* The loader says itself why it cannot open a file: for that, there really is no descriptor. */
EXPORTED void *dlopen(const char *path, int flags) {
    static void *(*next)(const char *, int);
    struct rlimit limit, none;
    void *handle;
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    const bool fails = LACKS_DESCRIPTOR && getrlimit(RLIMIT_NOFILE, &limit) == 0;
    if (fails) {
        none = (struct rlimit){0, limit.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
    }
    INSIDE(handle, next(path, flags));
    if (fails) setrlimit(RLIMIT_NOFILE, &limit);
    return handle;
}

/* --------------------------------------------------------------------------------------------------------------------- Threads */

EXPORTED int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*start)(void *),
                            void *restrict argument) {
    NEXT(pthread_create);
    int result;
    if (scarcity_fails(SHORTAGE_THREADS, CALLER)) return EAGAIN;
    INSIDE(result, next(thread, attributes, start, argument));
    return result;
}

/* ----------------------------------------------------------------------------------------------------------------------- Disks */

static bool is_file(int descriptor) {
    struct stat status;
    return syscall(SYS_fstat, descriptor, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

#define LACKS_ROOM scarcity_fails(SHORTAGE_DISK, CALLER)

EXPORTED ssize_t write(int descriptor, const void *bytes, size_t size) {
    NEXT(write);
    REFUSE_IF(scarcity_is_armed(SHORTAGE_DISK) && is_file(descriptor) && LACKS_ROOM, ENOSPC, -1);
    return next(descriptor, bytes, size);
}

EXPORTED ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    NEXT(pwrite);
    REFUSE_IF(LACKS_ROOM, ENOSPC, -1);
    return next(descriptor, bytes, size, offset);
}

EXPORTED int fsync(int descriptor) {
    NEXT(fsync);
    REFUSE_IF(LACKS_ROOM, ENOSPC, -1);
    return next(descriptor);
}

EXPORTED int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    NEXT(fallocate);
    REFUSE_IF(LACKS_ROOM, ENOSPC, -1);
    return next(descriptor, mode, offset, size);
}

EXPORTED ssize_t copy_file_range(int source, off64_t *from, int target, off64_t *to, size_t size, unsigned flags) {
    NEXT(copy_file_range);
    REFUSE_IF(LACKS_ROOM, ENOSPC, -1);
    return next(source, from, target, to, size, flags);
}

EXPORTED int mkdirat(int folder, const char *path, mode_t mode) {
    NEXT(mkdirat);
    REFUSE_IF(LACKS_ROOM, ENOSPC, -1);
    return next(folder, path, mode);
}

EXPORTED int renameat(int source, const char *from, int target, const char *to) {
    NEXT(renameat);
    REFUSE_IF(LACKS_ROOM, ENOSPC, -1);
    return next(source, from, target, to);
}

#define IS_UNREADABLE scarcity_fails(SHORTAGE_READING, CALLER)

EXPORTED ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
    NEXT(pread);
    REFUSE_IF(IS_UNREADABLE, EIO, -1);
    return next(descriptor, bytes, size, offset);
}

EXPORTED ssize_t preadv2(int descriptor, const struct iovec *pieces, int count, off_t offset, int flags) {
    NEXT(preadv2);
    REFUSE_IF(IS_UNREADABLE, EIO, -1);
    return next(descriptor, pieces, count, offset, flags);
}

EXPORTED ssize_t read(int descriptor, void *bytes, size_t size) {
    NEXT(read);
    REFUSE_IF(scarcity_is_armed(SHORTAGE_READING) && is_file(descriptor) && IS_UNREADABLE, EIO, -1);
    return next(descriptor, bytes, size);
}

EXPORTED int fstat(int descriptor, struct stat *status) {
    NEXT(fstat);
    REFUSE_IF(IS_UNREADABLE, EIO, -1);
    return next(descriptor, status);
}

EXPORTED int fstatat(int folder, const char *restrict path, struct stat *restrict status, int flags) {
    NEXT(fstatat);
    REFUSE_IF(IS_UNREADABLE, EIO, -1);
    return next(folder, path, status, flags);
}

EXPORTED int lstat(const char *restrict path, struct stat *restrict status) {
    NEXT(lstat);
    REFUSE_IF(IS_UNREADABLE, EIO, -1);
    return next(path, status);
}

EXPORTED struct dirent *readdir(DIR *directory) {
    NEXT(readdir);
    REFUSE_IF(IS_UNREADABLE, EIO, NULL);
    return next(directory);
}
