/* slipway_create_many.c: a whole collection in one call, through Slipway's C ABI, its memory looked at as it goes.
 *
 *     slipway_create_many --base-url http://127.0.0.1:8080/mediadb [--items 100000] [--in-flight 64] [--max-attempts 5] [--fill-queue]
 *
 * Resident memory is read at every tenth of the items. --fill-queue: the first callback returns only when memory has come to rest, so as
 * many results wait as ever may, and everything from then on is what a full queue takes. Each item must be told exactly once, and the
 * numbers of the result must be those that were counted; a failed item must be a SERVER failure, since that is what the sink is told to do.
 */
#include <slipway.h>
#include <unistd.h>

#include "measure.h"

enum { ID_SIZE = 32, SAMPLES = 10 };

static size_t items;
static size_t told;
static size_t failed;
static size_t wrong;
static unsigned char *seen;
static double samples[SAMPLES];
static int is_complete;
static int fills_queue;
static double full_mb;

static void die(const char *what, const char *why) {
    fprintf(stderr, "slipway_create_many: %s: %s\n", what, why);
    exit(1);
}

/** Resident memory of this process in MB. */
static double resident_mb(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long size = 0, pages = 0;
    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2) die("/proc/self/statm", "cannot be read");
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) * 1e-6;
}

/** Resident memory once it has not changed for half a second. */
static double resident_at_rest_mb(void) {
    double last = resident_mb(), end = measure_now() + 60;
    for (int same = 0; same < 10 && measure_now() < end;) {
        struct timespec pause = {0, 50000000};
        nanosleep(&pause, NULL);
        double now = resident_mb();
        same = now == last ? same + 1 : 0;
        last = now;
    }
    return last;
}

static void complain(const char *what, const slipway_result *result) {
    if (wrong++ == 0)
        fprintf(stderr, "slipway_create_many: %s: %s: %s %s\n", what, slipway_status_name(result->status), result->message, result->hint);
}

static void on_item(size_t index, const slipway_result *result, void *user_data) {
    (void)user_data;
    if (index >= items || seen[index]) {
        complain("an index is told twice, or is none of the request's", result);
        return;
    }
    seen[index] = 1;
    if (result->status == SLIPWAY_OK) {
        const char *asset = slipway_result_string(result, "/assetId");
        if (asset == NULL || strtoull(asset + strlen("asset-"), NULL, 10) != index) complain("the answer is that of another asset", result);
        if (slipway_result_string(result, "/originalUrl") == NULL) complain("there is no link", result);
    } else {
        failed++;
        if (result->status != SLIPWAY_SERVER || result->http_status != 500) complain("failed for another reason than the sink's", result);
    }
    if (told++ == 0 && fills_queue) full_mb = resident_at_rest_mb();
    if (told % (items / SAMPLES) == 0 && told / (items / SAMPLES) <= SAMPLES) samples[told / (items / SAMPLES) - 1] = resident_mb();
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    if (result->status != SLIPWAY_OK) complain("the operation", result);
    is_complete = slipway_result_integer(result, "/total", -1) == (int64_t)items &&
                  slipway_result_integer(result, "/succeeded", -1) == (int64_t)(items - failed) &&
                  slipway_result_integer(result, "/failed", -1) == (int64_t)failed;
    if (!is_complete) complain("total, succeeded or failed is not what was told", result);
}

int main(int argc, char **argv) {
    items = (size_t)measure_number(argc, argv, "--items", 100000);
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.entermedia_base_url = measure_argument(argc, argv, "--base-url", NULL);
    options.entermedia_key = "benchmark-key";
    options.proxy = "";
    options.max_attempts = (uint32_t)measure_number(argc, argv, "--max-attempts", 5);
    options.retry_delay_ms = 10;
    fills_queue = measure_flag(argc, argv, "--fill-queue");
    if (options.entermedia_base_url == NULL || items < SAMPLES) die("usage", "slipway_create_many --base-url URL [--items 10..1000000]");
    char (*ids)[ID_SIZE] = malloc(items * sizeof *ids);
    const char **assets = malloc(items * sizeof *assets);
    seen = malloc(items);
    if (ids == NULL || assets == NULL || seen == NULL) die("malloc", "no memory");
    memset(seen, 0, items); // touched, so that it does not look like growth
    for (size_t i = 0; i < items; i++) {
        snprintf(ids[i], sizeof ids[i], "asset-%06zu", i);
        assets[i] = ids[i];
    }
    slipway_entermedia_distribution_create_many_request request = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT;
    request.asset_ids = assets;
    request.asset_count = items;
    request.on_item = on_item;
    request.allow_original = 1;
    request.skip_verify = 1;
    request.max_parallel = (uint32_t)measure_number(argc, argv, "--in-flight", 64);
    options.max_connections = request.max_parallel;

    slipway_client *client = NULL;
    char message[512] = "";
    if (slipway_client_create(&options, &client, message, sizeof message) != SLIPWAY_OK) die("slipway_client_create", message);
    double before_mb = resident_mb();
    measure_sample begin = measure_take(0);
    slipway_operation operation = 0;
    slipway_status status = slipway_entermedia_distribution_create_many(client, &request, completed, NULL, &operation);
    if (status != SLIPWAY_OK) die("slipway_entermedia_distribution_create_many", slipway_status_name(status));
    if (slipway_operation_wait(client, operation, SLIPWAY_FOREVER) != SLIPWAY_OK) die("slipway_operation_wait", "no completion");
    measure_sample end = measure_take(items);
    if (slipway_client_close(client, 30000) != SLIPWAY_OK) die("slipway_client_close", "not closed");
    if (!is_complete || wrong != 0 || told != items) {
        fprintf(stderr, "slipway_create_many: %zu of %zu items told, %zu things are wrong\n", told, items, wrong);
        return 1;
    }
    double seconds = end.time - begin.time;
    printf("{\"calls\":%zu,\"seconds\":%.6f,\"rate\":%.1f,\"cpu_us\":%.3f,\"failures\":%zu,", items, seconds, (double)items / seconds,
           (end.cpu - begin.cpu) * 1e6 / (double)items, failed);
    printf("\"peak_mb\":%.3f,\"before_mb\":%.3f,\"full_mb\":%.3f,\"samples_mb\":[", measure_peak_mb(), before_mb, full_mb);
    for (int i = 0; i < SAMPLES; i++) printf("%s%.3f", i ? "," : "", samples[i]);
    printf("]}\n");
    free(ids);
    free(assets);
    free(seen);
    return 0;
}
