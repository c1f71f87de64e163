/* slipway_asset_upload.c: one file to EnterMedia, through Slipway's C ABI, in a process that does nothing else.
 *
 *     slipway_asset_upload --base-url http://127.0.0.1:8080/mediadb --file big.zip --asset-id ID
 *
 * Prints how long the operation took, and how often its progress was told. The process as a whole is measured by process.c.
 */
#include <slipway.h>
#include <sys/stat.h>

#include "measure.h"

static uint64_t file_size;
static uint64_t progress_calls;
static uint64_t last_bytes;
static int went_back;
static int succeeded;

static void die(const char *what, const char *why) {
    fprintf(stderr, "slipway_asset_upload: %s: %s\n", what, why);
    exit(1);
}

static void on_progress(const slipway_progress *progress, void *user_data) {
    (void)user_data;
    progress_calls++;
    if (progress->stage != SLIPWAY_STAGE_TRANSFERRING) return;
    if (progress->bytes_total != file_size || progress->bytes_done < last_bytes || progress->bytes_done > file_size) went_back = 1;
    last_bytes = progress->bytes_done;
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    if (result->status != SLIPWAY_OK) {
        fprintf(stderr, "slipway_asset_upload: %s: %s %s\n", slipway_status_name(result->status), result->message, result->hint);
        return;
    }
    succeeded = slipway_result_integer(result, "/size", -1) == (int64_t)file_size && !went_back;
    if (!succeeded) fprintf(stderr, "slipway_asset_upload: bytes_done, bytes_total or the answer's size is wrong\n");
}

int main(int argc, char **argv) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.entermedia_base_url = measure_argument(argc, argv, "--base-url", NULL);
    options.entermedia_key = "benchmark-key";
    options.proxy = "";
    slipway_entermedia_asset_upload_request request = SLIPWAY_ENTERMEDIA_ASSET_UPLOAD_REQUEST_INIT;
    request.on_progress = on_progress;
    request.file_path = measure_argument(argc, argv, "--file", NULL);
    request.asset_id = measure_argument(argc, argv, "--asset-id", NULL);
    if (options.entermedia_base_url == NULL || request.file_path == NULL || request.asset_id == NULL)
        die("usage", "slipway_asset_upload --base-url URL --file FILE --asset-id ID");
    struct stat about;
    if (stat(request.file_path, &about) != 0) die(request.file_path, strerror(errno));
    file_size = (uint64_t)about.st_size;

    slipway_client *client = NULL;
    char message[512] = "";
    if (slipway_client_create(&options, &client, message, sizeof message) != SLIPWAY_OK) die("slipway_client_create", message);
    double start = measure_now();
    slipway_operation operation = 0;
    slipway_status status = slipway_entermedia_asset_upload(client, &request, completed, NULL, &operation);
    if (status != SLIPWAY_OK) die("slipway_entermedia_asset_upload", slipway_status_name(status));
    if (slipway_operation_wait(client, operation, SLIPWAY_FOREVER) != SLIPWAY_OK) die("slipway_operation_wait", "no completion");
    double end = measure_now();
    if (slipway_client_close(client, 30000) != SLIPWAY_OK) die("slipway_client_close", "not closed");
    if (!succeeded) return 1;
    printf("{\"operation_s\":%.6f,\"progress_calls\":%llu}\n", end - start, (unsigned long long)progress_calls);
    return 0;
}
