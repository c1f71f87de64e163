/* slipway_loop.c: the job of c_loop.c, through Slipway's C ABI: slipway_test_webhook, each completion starts the next one.
 *
 *     slipway_loop --base-url http://127.0.0.1:8080 --in-flight 64 [--seconds 2] [--warm-up 0.5] [--polled]
 *
 * --polled: completions are delivered on this program's own thread instead of the client's.
 */
#include <slipway.h>
#include <stdatomic.h>

#include "measure.h"

static slipway_client *client;
static slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
static atomic_ullong calls;
static atomic_ullong failures;
static atomic_int stopping;

static void die(const char *what, const char *why) {
    fprintf(stderr, "slipway_loop: %s: %s\n", what, why);
    exit(1);
}

static void completed(const slipway_result *result, void *user_data);

static void start(void) {
    slipway_status status = slipway_test_webhook(client, &request, completed, NULL, NULL);
    if (status != SLIPWAY_OK && !atomic_load(&stopping)) die("slipway_test_webhook", slipway_status_name(status));
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    if (atomic_load_explicit(&stopping, memory_order_relaxed)) return; // cancelled by the release, or too late to count
    if (result->status == SLIPWAY_OK && slipway_result_boolean(result, "/delivered", 0) == 1 &&
        slipway_result_integer(result, "/statusCode", 0) == 200) {
        atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    } else if (atomic_fetch_add(&failures, 1) == 0) {
        fprintf(stderr, "slipway_loop: a call failed: %s: %s %s\n", slipway_status_name(result->status), result->message, result->hint);
    }
    start();
}

/** Lets time pass until `end`; a polled client is polled meanwhile. */
static void run_until(double end, int polled) {
    for (double left = end - measure_now(); left > 0; left = end - measure_now()) {
        if (polled) {
            uint32_t milliseconds = left > 1 ? 1000 : (uint32_t)(left * 1e3) + 1;
            if (slipway_client_wait(client, milliseconds) == SLIPWAY_OK) slipway_client_poll(client, 0, NULL);
        } else {
            struct timespec pause = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
            nanosleep(&pause, NULL);
        }
    }
}

int main(int argc, char **argv) {
    size_t in_flight = (size_t)measure_number(argc, argv, "--in-flight", 64);
    double warm_up = measure_number(argc, argv, "--warm-up", 0.5);
    double seconds = measure_number(argc, argv, "--seconds", 2);
    int polled = measure_flag(argc, argv, "--polled");

    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.streampixel_base_url = measure_argument(argc, argv, "--base-url", NULL);
    options.streampixel_api_key = "benchmark-key";
    options.streampixel_user_id = "benchmark-user";
    options.proxy = "";
    options.max_connections = (uint32_t)in_flight;
    options.delivery = polled ? SLIPWAY_DELIVERY_POLLED : SLIPWAY_DELIVERY_THREAD;
    if (options.streampixel_base_url == NULL || in_flight == 0) die("usage", "slipway_loop --base-url URL --in-flight N [--polled]");
    char message[512] = "";
    if (slipway_client_create(&options, &client, message, sizeof message) != SLIPWAY_OK) die("slipway_client_create", message);

    request.project_id = "665a1c2e9b1d4f0012ab34cd";
    for (size_t i = 0; i < in_flight; i++) start();
    double from = measure_now() + warm_up;
    run_until(from, polled);
    measure_sample begin = measure_take(atomic_load(&calls));
    run_until(from + seconds, polled);
    measure_sample end = measure_take(atomic_load(&calls));

    atomic_store(&stopping, 1);
    slipway_status status = slipway_client_close(client, 30000);
    if (status != SLIPWAY_OK) die("slipway_client_close", slipway_status_name(status));
    measure_print(begin, end, atomic_load(&failures));
    return atomic_load(&failures) == 0 ? 0 : 1;
}
