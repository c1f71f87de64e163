/* slipway_store.c: one file to storage, through Slipway's C ABI, in a process that does nothing else.
 *
 *     slipway_store --file big.zip --put-url URL [--ca-bundle FILE]
 *     slipway_store --file big.zip --endpoint URL --bucket NAME --key KEY [--ca-bundle FILE]
 *
 * The keys of the storage come from the environment. All else is left at its default, but for the link: what it is compared with does not
 * read one. Prints how long the operation took, and what it says it sent. The process as a whole is measured by process.c.
 */
#include <slipway.h>
#include <sys/stat.h>

#include "measure.h"

static uint64_t file_size;
static uint64_t last_bytes;
static int64_t bytes_sent;
static int went_back;
static int succeeded;

static void die(const char *what, const char *why) {
    fprintf(stderr, "slipway_store: %s: %s\n", what, why);
    exit(1);
}

static void on_progress(const slipway_progress *progress, void *user_data) {
    (void)user_data;
    if (progress->stage != SLIPWAY_STAGE_TRANSFERRING) return;
    if (progress->bytes_total != file_size || progress->bytes_done < last_bytes || progress->bytes_done > file_size) went_back = 1;
    last_bytes = progress->bytes_done;
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    if (result->status != SLIPWAY_OK) {
        fprintf(stderr, "slipway_store: %s: %s %s\n", slipway_status_name(result->status), result->message, result->hint);
        return;
    }
    bytes_sent = slipway_result_integer(result, "/bytesSent", -1);
    succeeded = slipway_result_integer(result, "/size", -1) == (int64_t)file_size && bytes_sent == (int64_t)file_size && !went_back;
    if (!succeeded) fprintf(stderr, "slipway_store: bytes_done, bytes_total, or the answer's size or bytesSent is wrong\n");
}

int main(int argc, char **argv) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.ca_bundle = measure_argument(argc, argv, "--ca-bundle", NULL);
    options.proxy = "";
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    storage.put_url = measure_argument(argc, argv, "--put-url", NULL);
    storage.endpoint = measure_argument(argc, argv, "--endpoint", NULL);
    storage.bucket = measure_argument(argc, argv, "--bucket", NULL);
    storage.link = SLIPWAY_LINK_NONE;
    slipway_store_request request = SLIPWAY_STORE_REQUEST_INIT;
    request.on_progress = on_progress;
    request.storage = &storage;
    request.file_path = measure_argument(argc, argv, "--file", NULL);
    request.key = measure_argument(argc, argv, "--key", NULL);
    request.skip_url_check = 1;
    if (request.file_path == NULL || (storage.put_url == NULL) == (storage.bucket == NULL || request.key == NULL))
        die("usage", "slipway_store --file FILE --put-url URL | --file FILE --endpoint URL --bucket NAME --key KEY");
    struct stat about;
    if (stat(request.file_path, &about) != 0) die(request.file_path, strerror(errno));
    file_size = (uint64_t)about.st_size;

    slipway_client *client = NULL;
    char message[512] = "";
    if (slipway_client_create(&options, &client, message, sizeof message) != SLIPWAY_OK) die("slipway_client_create", message);
    double start = measure_now();
    slipway_operation operation = 0;
    slipway_status status = slipway_store(client, &request, completed, NULL, &operation);
    if (status != SLIPWAY_OK) die("slipway_store", slipway_status_name(status));
    if (slipway_operation_wait(client, operation, SLIPWAY_FOREVER) != SLIPWAY_OK) die("slipway_operation_wait", "no completion");
    double end = measure_now();
    if (slipway_client_close(client, 30000) != SLIPWAY_OK) die("slipway_client_close", "not closed");
    if (!succeeded) return 1;
    printf("{\"operation_s\":%.6f,\"bytes_sent\":%lld}\n", end - start, (long long)bytes_sent);
    return 0;
}
