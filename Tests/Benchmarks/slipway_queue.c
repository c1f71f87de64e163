/* slipway_queue.c: what an operation costs in memory while it waits for a connection.
 *
 *     slipway_queue [--operations 100000] [--connections 4]
 *
 * Listens, but never accepts: the kernel completes the connections, the requests are sent, no answer ever comes. Once `connections`
 * requests are on their way the resident memory is read; then `operations` more are started, and it is read again when it has come to
 * rest. Afterwards the client is released: every operation must complete, exactly once, as cancelled.
 */
#include <arpa/inet.h>
#include <slipway.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

static atomic_ullong completions;
static atomic_ullong wrong;

static void die(const char *what, const char *why) {
    fprintf(stderr, "slipway_queue: %s: %s\n", what, why);
    exit(1);
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    if (result->status != SLIPWAY_CANCELLED && atomic_fetch_add(&wrong, 1) == 0)
        fprintf(stderr, "slipway_queue: not cancelled: %s: %s %s\n", slipway_status_name(result->status), result->message, result->hint);
    atomic_fetch_add(&completions, 1);
}

/** Resident memory of this process in bytes. */
static double resident(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long size = 0, pages = 0;
    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2) die("/proc/self/statm", "cannot be read");
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/** Resident memory once it has not changed for half a second. */
static double resident_at_rest(void) {
    double last = resident(), end = measure_now() + 60;
    for (int same = 0; same < 10 && measure_now() < end;) {
        struct timespec pause = {0, 50000000};
        nanosleep(&pause, NULL);
        double now = resident();
        same = now == last ? same + 1 : 0;
        last = now;
    }
    return last;
}

static int listen_only(char *url, size_t size) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        die("listen", strerror(errno));
    snprintf(url, size, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return listener;
}

int main(int argc, char **argv) {
    size_t operations = (size_t)measure_number(argc, argv, "--operations", 100000);
    size_t connections = (size_t)measure_number(argc, argv, "--connections", 4);
    if (operations == 0 || connections == 0) die("usage", "slipway_queue [--operations N] [--connections N]");
    char url[64];
    int listener = listen_only(url, sizeof url);

    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.streampixel_base_url = url;
    options.streampixel_api_key = "benchmark-key";
    options.streampixel_user_id = "benchmark-user";
    options.proxy = "";
    options.max_connections = (uint32_t)connections;
    slipway_client *client = NULL;
    char message[512] = "";
    if (slipway_client_create(&options, &client, message, sizeof message) != SLIPWAY_OK) die("slipway_client_create", message);

    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    request.project_id = "665a1c2e9b1d4f0012ab34cd";
    for (size_t i = 0; i < connections; i++)
        if (slipway_test_webhook(client, &request, completed, NULL, NULL) != SLIPWAY_OK) die("slipway_test_webhook", "refused");
    double before = resident_at_rest();

    double start = measure_now(), start_cpu = measure_cpu();
    for (size_t i = 0; i < operations; i++)
        if (slipway_test_webhook(client, &request, completed, NULL, NULL) != SLIPWAY_OK) die("slipway_test_webhook", "refused");
    double started = measure_now() - start;
    double after = resident_at_rest();
    double started_cpu = measure_cpu() - start_cpu;
    if (atomic_load(&completions) != 0) die("the operations", "did not stay queued");

    start = measure_now();
    slipway_status status = slipway_client_close(client, 60000);
    double closed = measure_now() - start;
    if (status != SLIPWAY_OK) die("slipway_client_close", slipway_status_name(status));
    if (atomic_load(&completions) != operations + connections || atomic_load(&wrong) != 0) {
        fprintf(stderr, "slipway_queue: %llu completions for %zu operations, %llu of them not cancelled\n",
                (unsigned long long)atomic_load(&completions), operations + connections, (unsigned long long)atomic_load(&wrong));
        return 1;
    }
    close(listener);
    printf("{\"operations\":%zu,\"bytes\":%.1f,\"before_mb\":%.2f,\"after_mb\":%.2f,\"start_us\":%.3f,\"cpu_us\":%.3f,\"close_ms\":%.1f}\n",
           operations, (after - before) / (double)operations, before / 1e6, after / 1e6, started * 1e6 / (double)operations,
           started_cpu * 1e6 / (double)operations, closed * 1e3);
    return 0;
}
