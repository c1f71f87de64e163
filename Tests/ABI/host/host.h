/* host.h: programs that load the library the way hosts do, and look at what it does to them. They have no check.h: they
 * must not print, and some are linked in odd ways. */
#ifndef HOST_H
#define HOST_H

#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slipway.h>

#define UNUSED __attribute__((unused))

#define REQUIRE(condition, ...)                                                                                                        \
    do {                                                                                                                               \
        if (!(condition)) {                                                                                                            \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                                            \
            fprintf(stderr, __VA_ARGS__);                                                                                              \
            fputc('\n', stderr);                                                                                                       \
            exit(1);                                                                                                                   \
        }                                                                                                                              \
    } while (0)

/* The functions that the hosts here use, loaded or linked. */
typedef struct slipway_functions {
    slipway_status (*create)(const slipway_client_options *, slipway_client **, char *, size_t);
    slipway_status (*close)(slipway_client *, uint32_t);
    slipway_status (*upload)(slipway_client *, const slipway_upload_request *, slipway_complete_fn, void *, slipway_operation *);
    slipway_status (*stats)(slipway_client *, const slipway_project_request *, slipway_complete_fn, void *, slipway_operation *);
    slipway_status (*release)(slipway_client *, const slipway_release_request *, slipway_complete_fn, void *, slipway_operation *);
    slipway_status (*store)(slipway_client *, const slipway_store_request *, slipway_complete_fn, void *, slipway_operation *);
    slipway_status (*wait)(slipway_client *, slipway_operation, uint32_t);
    const char *(*string)(const slipway_result *, const char *);
} slipway_functions;

static slipway_functions library;

#ifdef LINKED
static UNUSED void load(const char *path) {
    (void)path;
    library = (slipway_functions){slipway_client_create,     slipway_client_close, slipway_upload,
                                  slipway_get_project_stats, slipway_release,      slipway_store,
                                  slipway_operation_wait,    slipway_result_string};
}
#else
static void *library_handle;

static UNUSED void load(const char *path) {
    library_handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library_handle != NULL, "%s", dlerror());
    *(void **)&library.create = dlsym(library_handle, "slipway_client_create");
    *(void **)&library.close = dlsym(library_handle, "slipway_client_close");
    *(void **)&library.upload = dlsym(library_handle, "slipway_upload");
    *(void **)&library.stats = dlsym(library_handle, "slipway_get_project_stats");
    *(void **)&library.release = dlsym(library_handle, "slipway_release");
    *(void **)&library.store = dlsym(library_handle, "slipway_store");
    *(void **)&library.wait = dlsym(library_handle, "slipway_operation_wait");
    *(void **)&library.string = dlsym(library_handle, "slipway_result_string");
    REQUIRE(library.create && library.close && library.upload && library.stats && library.release && library.store && library.wait &&
                library.string,
            "%s", dlerror());
}
#endif

static UNUSED const char *setting(const char *name) {
    const char *value = getenv(name);
    REQUIRE(value != NULL, "%s is not set: run this program through pytest", name);
    return value;
}

static UNUSED slipway_client *create(void) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_client *client = NULL;
    char why[512] = "";
    options.streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    options.ca_bundle = getenv("SLIPWAY_TEST_CA_BUNDLE");
    options.streampixel_rate_window_ms = 1;
    options.retry_delay_ms = 1;
    REQUIRE(library.create(&options, &client, why, sizeof why) == SLIPWAY_OK, "%s", why);
    return client;
}

static slipway_status ended = 1;

static UNUSED void on_end(const slipway_result *result, void *user_data) {
    (void)user_data;
    ended = result->status;
    if (result->status != SLIPWAY_OK) fprintf(stderr, "%d: %s %s\n", (int)result->status, result->message, result->hint);
    else if (library.string(result, "/projectId") == NULL) ended = SLIPWAY_INTERNAL;
}

static UNUSED slipway_operation start_stats(slipway_client *client) {
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    slipway_operation operation = 0;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    REQUIRE(library.stats(client, &request, on_end, NULL, &operation) == SLIPWAY_OK, "slipway_get_project_stats");
    return operation;
}

static UNUSED void upload(slipway_client *client) {
    slipway_upload_request request = SLIPWAY_UPLOAD_REQUEST_INIT;
    slipway_operation operation = 0;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.file_url = setting("SLIPWAY_TEST_FILE_URL");
    ended = 1;
    REQUIRE(library.upload(client, &request, on_end, NULL, &operation) == SLIPWAY_OK, "slipway_upload");
    REQUIRE(library.wait(client, operation, 30000) == SLIPWAY_OK, "slipway_operation_wait");
    REQUIRE(ended == SLIPWAY_OK, "the upload ended with %d", (int)ended);
}

/* The whole way: from a file, with all that sends one, over EnterMedia. */
static UNUSED void release(slipway_client *client) {
    slipway_release_request request = SLIPWAY_RELEASE_REQUEST_INIT;
    slipway_operation operation = 0;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.file_path = setting("SLIPWAY_TEST_PACKAGE");
    request.interval_ms = 10;
    request.settle_ms = 50;
    ended = 1;
    REQUIRE(library.release(client, &request, on_end, NULL, &operation) == SLIPWAY_OK, "slipway_release");
    REQUIRE(library.wait(client, operation, 30000) == SLIPWAY_OK, "slipway_operation_wait");
    REQUIRE(ended == SLIPWAY_OK, "the release ended with %d", (int)ended);
}

static char stored[1024];

static UNUSED void on_stored(const slipway_result *result, void *user_data) {
    *(slipway_status *)user_data = result->status;
    snprintf(stored, sizeof stored, "%s. %s", result->message, result->hint);
}

/* Into a bucket of nobody's, with a checksum: it takes all that only storage needs, and ends where it would be sent. What it says is in
 * `stored`. */
static UNUSED slipway_status store(slipway_client *client) {
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    slipway_store_request request = SLIPWAY_STORE_REQUEST_INIT;
    slipway_operation operation = 0;
    slipway_status status = SLIPWAY_INTERNAL;
    storage.bucket = "builds";
    storage.endpoint = "http://127.0.0.1:1";
    storage.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    storage.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    storage.checksum = SLIPWAY_CHECKSUM_CRC32;
    request.storage = &storage;
    request.file_path = setting("SLIPWAY_TEST_PACKAGE");
    REQUIRE(library.store(client, &request, on_stored, &status, &operation) == SLIPWAY_OK, "slipway_store");
    REQUIRE(library.wait(client, operation, 60000) == SLIPWAY_OK, "slipway_operation_wait");
    return status;
}

#endif /* HOST_H */
