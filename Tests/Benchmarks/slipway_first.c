/* slipway_first.c: from dlopen to the first completed call, in a process that does nothing else.
 *
 *     slipway_first --library build/libslipway.so.0 --base-url URL --started T
 *
 * T is the clock (CLOCK_MONOTONIC, seconds) when the process was asked for: what the loader did before main counts too.
 */
#include <dlfcn.h>
#include <slipway.h>

#include "measure.h"

static double completed_at;
static slipway_status completed_status = SLIPWAY_INTERNAL;

static void die(const char *what, const char *why) {
    fprintf(stderr, "slipway_first: %s: %s\n", what, why);
    exit(1);
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    completed_status = result->status;
    if (result->status != SLIPWAY_OK) fprintf(stderr, "slipway_first: %s %s\n", result->message, result->hint);
    completed_at = measure_now();
}

static void *find(void *library, const char *name) {
    void *function = dlsym(library, name);
    if (function == NULL) die("dlsym", name);
    return function;
}

int main(int argc, char **argv) {
    double main_at = measure_now();
    const char *path = measure_argument(argc, argv, "--library", NULL);
    double started = atof(measure_argument(argc, argv, "--started", "0"));
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.streampixel_base_url = measure_argument(argc, argv, "--base-url", NULL);
    options.streampixel_api_key = "benchmark-key";
    options.streampixel_user_id = "benchmark-user";
    options.proxy = "";
    if (path == NULL || options.streampixel_base_url == NULL) die("usage", "slipway_first --library FILE --base-url URL");

    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) die("dlopen", dlerror());
    double loaded_at = measure_now();
    slipway_status (*create)(const slipway_client_options *, slipway_client **, char *, size_t);
    slipway_status (*test_webhook)(slipway_client *, const slipway_project_request *, slipway_complete_fn, void *, slipway_operation *);
    slipway_status (*operation_wait)(slipway_client *, slipway_operation, uint32_t);
    slipway_status (*client_close)(slipway_client *, uint32_t);
    // POSIX has dlsym give functions as void *; ISO C has no cast for that, hence the way round.
    *(void **)&create = find(library, "slipway_client_create");
    *(void **)&test_webhook = find(library, "slipway_test_webhook");
    *(void **)&operation_wait = find(library, "slipway_operation_wait");
    *(void **)&client_close = find(library, "slipway_client_close");

    slipway_client *client = NULL;
    char message[512] = "";
    if (create(&options, &client, message, sizeof message) != SLIPWAY_OK) die("slipway_client_create", message);
    double created_at = measure_now();
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    request.project_id = "665a1c2e9b1d4f0012ab34cd";
    slipway_operation operation = 0;
    if (test_webhook(client, &request, completed, NULL, &operation) != SLIPWAY_OK) die("slipway_test_webhook", "refused");
    if (operation_wait(client, operation, 30000) != SLIPWAY_OK) die("slipway_operation_wait", "no completion");
    if (client_close(client, 30000) != SLIPWAY_OK) die("slipway_client_close", "not closed");
    if (completed_status != SLIPWAY_OK) return 1;
    printf("{\"process_ms\":%.3f,\"first_ms\":%.3f,\"load_ms\":%.3f,\"create_ms\":%.3f,\"call_ms\":%.3f,\"cpu_ms\":%.3f}\n",
           (completed_at - started) * 1e3, (completed_at - main_at) * 1e3, (loaded_at - main_at) * 1e3, (created_at - loaded_at) * 1e3,
           (completed_at - created_at) * 1e3, measure_cpu() * 1e3);
    return 0;
}
