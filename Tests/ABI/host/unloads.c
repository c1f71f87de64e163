/* dlclose at the worst moments: while an operation runs, more often than dlopen was called, and again and again. The library stays, and what
 * it has opened goes. */
#include "guest.h"

#include <dirent.h>

enum { ROUNDS = 100 };

static int entries(const char *path) {
    DIR *directory = opendir(path);
    const struct dirent *entry;
    int count = 0;
    REQUIRE(directory != NULL, "%s", path);
    while ((entry = readdir(directory)) != NULL) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static int answered, lines;

static void on_stats(const slipway_result *result, void *user_data) {
    (void)user_data;
    REQUIRE(result->status == SLIPWAY_OK, "%d: %s", (int)result->status, result->message);
    tell(&answered);
}

static void on_line(int32_t level, const char *message, void *user_data) {
    (void)level;
    (void)message;
    (void)user_data;
    tell(&lines);
}

static void use_and_unload(const char *path, int round) {
    const guest library = guest_load(path, RTLD_NOW | RTLD_LOCAL);
    slipway_operation operation = 0;
    if (round % 10 == 0) REQUIRE(library.set_log(SLIPWAY_LOG_DEBUG, on_line, NULL) == SLIPWAY_OK, "slipway_set_log");
    slipway_client *client = guest_client(&library, round % 2 == 0 ? SLIPWAY_DELIVERY_THREAD : SLIPWAY_DELIVERY_POLLED);
    guest_endless(&library, client, guest_ignore, NULL, NULL);
    REQUIRE(guest_stats(&library, client, on_stats, NULL, &operation) == SLIPWAY_OK, "slipway_get_project_stats");
    dlclose(library.handle);
    dlclose(library.handle);
    REQUIRE(library.operation_wait(client, operation, 30000) == SLIPWAY_OK, "slipway_operation_wait");
    REQUIRE(told(&answered) == round + 1, "%d answers", told(&answered));
    REQUIRE(library.client_close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    if (round % 10 == 9) REQUIRE(library.set_log(SLIPWAY_LOG_OFF, NULL, NULL) == SLIPWAY_OK, "slipway_set_log");
}

int main(int count, char **arguments) {
    int round, descriptors, handed;
    REQUIRE(count == 2, "usage: unloads LIBRARY");
    for (round = 0; round < 10; round++) use_and_unload(arguments[1], round);
    /* Threads end a moment after what they did last, and close what they had. */
    EVENTUALLY(entries("/proc/self/task") == 1);
    descriptors = entries("/proc/self/fd");
    for (; round < ROUNDS; round++) use_and_unload(arguments[1], round);
    EVENTUALLY(entries("/proc/self/fd") == descriptors && entries("/proc/self/task") == 1);
    handed = told(&lines);
    REQUIRE(handed > ROUNDS, "%d lines of log", handed);
    return 0;
}
