/* Loads the library, uses it, and compares everything about the process that is the host's own, at each step. */
#include "host.h"

#include <dirent.h>
#include <locale.h>
#include <sys/stat.h>
#include <time.h>

extern char **environ;

enum { SIGNALS = 65 };

typedef struct own {
    struct sigaction signals[SIGNALS];
    sigset_t mask;
    char environment[65536];
    char directory[4096];
    char locale[256];
    mode_t umask;
} own;

static void look(own *at) {
    size_t used = 0;
    int number;
    memset(at, 0, sizeof *at);
    for (number = 1; number < SIGNALS; number++) sigaction(number, NULL, &at->signals[number]);
    pthread_sigmask(SIG_SETMASK, NULL, &at->mask);
    for (number = 0; environ[number] != NULL && used < sizeof at->environment; number++)
        used += (size_t)snprintf(at->environment + used, sizeof at->environment - used, "%s\n", environ[number]);
    REQUIRE(getcwd(at->directory, sizeof at->directory) != NULL, "getcwd");
    snprintf(at->locale, sizeof at->locale, "%s", setlocale(LC_ALL, NULL));
    at->umask = umask(0);
    umask(at->umask);
}

/* A sigset_t has more bytes than signals, and the rest is not always set. */
static bool same_mask(const sigset_t *one, const sigset_t *other) {
    int number;
    for (number = 1; number < SIGNALS; number++)
        if (sigismember(one, number) != sigismember(other, number)) return false;
    return true;
}

static bool same_action(const struct sigaction *one, const struct sigaction *other) {
    return one->sa_handler == other->sa_handler && one->sa_flags == other->sa_flags && same_mask(&one->sa_mask, &other->sa_mask);
}

static void compare(const own *before, const char *when) {
    static own after;
    int number;
    look(&after);
    for (number = 1; number < SIGNALS; number++)
        REQUIRE(same_action(&before->signals[number], &after.signals[number]), "%s the handler of signal %d (%s) is another", when, number,
                strsignal(number));
    REQUIRE(same_mask(&before->mask, &after.mask), "%s this thread's signal mask is another", when);
    REQUIRE(strcmp(before->environment, after.environment) == 0, "%s the environment is another", when);
    REQUIRE(strcmp(before->directory, after.directory) == 0, "%s the working directory is another", when);
    REQUIRE(strcmp(before->locale, after.locale) == 0, "%s the locale is another", when);
    REQUIRE(before->umask == after.umask, "%s the umask is another", when);
}

static int entries(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;
    REQUIRE(directory != NULL, "%s", path);
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count;
}

/* Waits until a folder has no more entries than so many: the last of a client's threads may be on its way out for a moment. */
static void fewer(const char *path, int wanted) {
    int round;
    for (round = 0; round < 2000 && entries(path) > wanted; round++) {
        const struct timespec moment = {0, 5000000};
        nanosleep(&moment, NULL);
    }
    REQUIRE(entries(path) <= wanted, "%s has %d entries, not %d", path, entries(path), wanted);
}

/* A host's own handlers, so that "unchanged" is more than "the default". */
static void own_handler(int number) { (void)number; }

int main(int count, char **arguments) {
    static own before;
    slipway_client *client;
    int round, descriptors, threads, own_threads;
    REQUIRE(count == 2, "usage: quiet LIBRARY");
    signal(SIGPIPE, own_handler);
    signal(SIGSEGV, own_handler);
    signal(SIGCHLD, own_handler);
    look(&before);
    own_threads = entries("/proc/self/task");
    load(arguments[1]);
    compare(&before, "after loading");
    REQUIRE(entries("/proc/self/task") == own_threads, "loading has started %d threads", entries("/proc/self/task") - own_threads);
    client = create();
    compare(&before, "after creating a client");
    upload(client);
    compare(&before, "after an upload");
    threads = entries("/proc/self/task") - own_threads; /* slipway.h: one for transfers, one for callbacks. */
    REQUIRE(threads <= 2, "a client has %d threads", threads);
    release(client);
    compare(&before, "after a release");
    fewer("/proc/self/task", own_threads + 2); /* Whatever else was needed for the file is not kept. */
    REQUIRE(library.close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    compare(&before, "after closing the client");

    /* Clients give back what they take. */
    descriptors = entries("/proc/self/fd");
    threads = entries("/proc/self/task");
    for (round = 0; round < 20; round++) {
        client = create();
        REQUIRE(library.wait(client, start_stats(client), 30000) == SLIPWAY_OK, "slipway_operation_wait");
        if (round % 10 == 0) release(client);
        REQUIRE(library.close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    }
    fewer("/proc/self/fd", descriptors);
    fewer("/proc/self/task", threads);
    return 0;
}
