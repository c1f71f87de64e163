/* process.c: runs a program and tells what it took, whatever program it is.
 *
 *     process curl -F file=@big.zip http://127.0.0.1:8080/
 *
 * Prints one line after what the program printed: seconds from before its start to its end, CPU, and the most memory that it had resident.
 * The kernel counts the memory of whoever starts a process towards the peak of what is started, so that is done here, in 2 MB, and not by
 * Python. Ends as the program did.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec * 1e-6; }

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "process: usage: process PROGRAM [ARGUMENT ...]\n");
        return 2;
    }
    double start = measure_now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        fprintf(stderr, "process: %s: %s\n", argv[1], strerror(errno));
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    pid_t ended = child;
    do ended = child < 0 ? -1 : wait4(child, &status, 0, &usage);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) {
        fprintf(stderr, "process: cannot run %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    printf("{\"wall_s\":%.6f,\"user_s\":%.6f,\"system_s\":%.6f,\"peak_mb\":%.3f}\n", measure_now() - start, seconds(usage.ru_utime),
           seconds(usage.ru_stime), (double)usage.ru_maxrss * 1024e-6);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
