/* Descriptors 0 to 2 are the host's standard input, output and error, even while they are closed: what is printed then, or redirected later by dup2,
   must not meet a file or a connection of ours. */

#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int csystem_beyond_standard(int descriptor) {
    if (descriptor < 0 || descriptor > STDERR_FILENO) return descriptor;
    const int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    close(descriptor);
    errno = error;
    return moved;
}

/* Pipes: no other descriptor of the process is the same file, so what a host puts in their places meanwhile is told from them. */
void csystem_plug_standard(csystem_plugs *plugs) {
    int ends[2];
    plugs->count = 0;
    for (int round = 0; round < 2; round++) {
        if (fcntl(STDIN_FILENO, F_GETFD) != -1 && fcntl(STDOUT_FILENO, F_GETFD) != -1 && fcntl(STDERR_FILENO, F_GETFD) != -1) return;
        if (pipe(ends) != 0) return;
        for (int end = 0; end < 2; end++) {
            struct stat status;
            if (ends[end] > STDERR_FILENO || fstat(ends[end], &status) != 0 || plugs->count == 3) {
                close(ends[end]);
                continue;
            }
            (void)fcntl(ends[end], F_SETFD, FD_CLOEXEC);
            plugs->plugs[plugs->count].descriptor = ends[end];
            plugs->plugs[plugs->count].device = status.st_dev;
            plugs->plugs[plugs->count].inode = status.st_ino;
            plugs->count++;
        }
    }
}

void csystem_unplug_standard(const csystem_plugs *plugs) {
    for (int index = 0; index < plugs->count; index++) {
        struct stat status;
        const int descriptor = plugs->plugs[index].descriptor;
        const int there = fstat(descriptor, &status) == 0;
        if (there && status.st_dev == plugs->plugs[index].device && status.st_ino == plugs->plugs[index].inode) close(descriptor);
    }
}
