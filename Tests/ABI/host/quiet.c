/* Loads the library, uses it, and compares everything about the process that is the host's own, at each step. */
#include "host.h"
#include "own.h"

static void compare(const own *before, const char *when) {
    const char *other = changed(before);
    REQUIRE(other == NULL, "%s %s is another", when, other);
}

static void fewer(const char *path, int wanted) {
    const int count = entries_down_to(path, wanted);
    REQUIRE(count <= wanted, "%s has %d entries, not %d", path, count, wanted);
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
