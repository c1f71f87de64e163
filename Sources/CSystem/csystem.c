#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

void csystem_set_thread_name(const char *name) {
    char cut[16] = {0};
    strncpy(cut, name, sizeof cut - 1);
#if defined(__APPLE__)
    pthread_setname_np(cut);
#else
    pthread_setname_np(pthread_self(), cut);
#endif
}

void csystem_use_default_arithmetic(void) { (void)fesetenv(FE_DFL_ENV); }

static locale_t plain_locale;

static void make_plain_locale(void) { plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static locale_t the_plain_locale(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_plain_locale);
    return plain_locale;
}

void csystem_use_plain_locale(void) { (void)uselocale(the_plain_locale()); }

const char *csystem_error_text(int number) {
    const locale_t plain = the_plain_locale();
    return plain == (locale_t)0 ? NULL : strerror_l(number, plain);
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
    *read_end = csystem_beyond_standard(ends[0]);
    *write_end = csystem_beyond_standard(ends[1]);
    if (*read_end >= 0 && *write_end >= 0) return 0;
    const int error = errno;
    if (*read_end >= 0) close(*read_end);
    if (*write_end >= 0) close(*write_end);
    errno = error;
    return -1;
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

int csystem_clone(int target, int source) {
#if defined(FICLONE)
    return ioctl(target, FICLONE, source);
#else
    (void)target;
    (void)source;
    errno = ENOTSUP;
    return -1;
#endif
}

ssize_t csystem_copy_range(int target, int source, int64_t offset, size_t count) {
#if defined(__linux__)
    off_t from = offset, to = offset;
    return copy_file_range(source, &from, target, &to, count, 0);
#else
    (void)target;
    (void)source;
    (void)offset;
    (void)count;
    errno = ENOTSUP;
    return -1;
#endif
}

int csystem_reserve(int file, int64_t size) {
#if defined(__linux__)
    return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, size);
#elif defined(__APPLE__)
    fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, size, 0};
    return fcntl(file, F_PREALLOCATE, &store) == -1 ? -1 : 0;
#else
    (void)file;
    (void)size;
    errno = ENOTSUP;
    return -1;
#endif
}

int csystem_flush(int file) {
#if defined(__APPLE__)
    if (fcntl(file, F_FULLFSYNC) != -1) return 0;
#endif
    return fsync(file);
}

void csystem_begin_flush(int file, int64_t offset, int64_t count) {
#if defined(__linux__)
    int before = errno;
    sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
    errno = before;
#else
    (void)file;
    (void)offset;
    (void)count;
#endif
}

const void *csystem_own_address(void) {
    static const char here = 0;
    return &here;
}

int csystem_lock(int file, int shared) { return flock(file, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB); }
