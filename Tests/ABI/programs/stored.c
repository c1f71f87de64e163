/* The way of a file through a folder that is a storage: it comes in whole, is not copied twice, and goes; a copy that is cancelled leaves
 * nothing. */
#include "../operations.h"

#include <sys/stat.h>

typedef struct answer {
    ended end;
    char url[512], path[1024];
    int64_t size, bytes_sent, younger;
    int32_t skipped, deleted, complete;
} answer;

static void copy(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text != NULL ? text : ""); }

static void on_answer(const slipway_result *result, void *user_data) {
    answer *self = user_data;
    copy(self->url, sizeof self->url, slipway_result_string(result, "/url"));
    copy(self->path, sizeof self->path, slipway_result_string(result, "/path"));
    self->size = slipway_result_integer(result, "/size", -1);
    self->bytes_sent = slipway_result_integer(result, "/bytesSent", -1);
    self->younger = slipway_result_integer(result, "/younger", -1);
    self->skipped = slipway_result_boolean(result, "/skipped", -1);
    self->deleted = slipway_result_boolean(result, "/deleted", -1);
    self->complete = slipway_result_boolean(result, "/complete", -1);
    CHECK_INT(slipway_result_count(result, "/uploads") + slipway_result_count(result, "/aborted"), 0);
    on_ended(result, &self->end);
}

static answer answer_to(int place, slipway_client *client, const any_request *request) {
    answer got = {0};
    slipway_operation operation = 0;
    CHECK_STATUS(kind_of(place)->start(client, request, on_answer, &got, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    return got;
}

static answer works(int place, slipway_client *client, const any_request *request) {
    const answer got = answer_to(place, client, request);
    if (got.end.status != SLIPWAY_OK)
        FAIL("slipway_%s: %s: %s", kind_of(place)->name, slipway_status_name(got.end.status), got.end.message);
    return got;
}

static off_t size_of(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 ? about.st_size : -1;
}

static void stored_and_removed(slipway_client *client) {
    any_request store = valid_request(kind_of(KIND_store)), removal = valid_request(kind_of(KIND_storage_delete));
    const off_t size = size_of(setting("SLIPWAY_TEST_PACKAGE"));
    slipway_storage storage = *some_storage();
    char path[1024], url[512];
    answer got;
    storage.key_prefix = "a prefix";
    store.store.storage = &storage;
    snprintf(path, sizeof path, "%s/a prefix/%s", storage.directory, store.store.key);
    snprintf(url, sizeof url, "%s/a%%20prefix/%s", storage.public_url, store.store.key);

    got = works(KIND_store, client, &store);
    CHECK_TEXT(got.path, path);
    CHECK_TEXT(got.url, url);
    CHECK_INT(got.size, size);
    CHECK_INT(got.bytes_sent, size);
    CHECK_INT(got.skipped, 0);
    CHECK_INT(size_of(path), size);
    got = works(KIND_store, client, &store);
    CHECK_INT(got.skipped, 1);
    CHECK_INT(got.bytes_sent, 0);
    store.store.always_send = 1;
    got = works(KIND_store, client, &store);
    CHECK_INT(got.skipped, 0);
    CHECK_INT(got.bytes_sent, size);

    storage.public_url = NULL;
    store.store.key = NULL; /* The file's name. */
    got = works(KIND_store, client, &store);
    CHECK_TEXT(got.url, "");
    CHECK(strcmp(strrchr(got.path, '/'), "/MyGame.zip") == 0);

    removal.storage_delete.storage = &storage;
    removal.storage_delete.key = "builds/MyGame-1.0.zip";
    CHECK_INT(works(KIND_storage_delete, client, &removal).deleted, 1);
    CHECK_INT(size_of(path), -1);
    CHECK_INT(works(KIND_storage_delete, client, &removal).deleted, 1); /* There is none any more: that is what was wanted. */
    CHECK(size_of(got.path) == size);
}

static slipway_client *cancelling;

static void cancel_it(const slipway_progress *progress, void *user_data) {
    (void)user_data;
    record("progress", progress->message);
    CHECK(progress->bytes_done <= progress->bytes_total);
    if (progress->bytes_done > 0) CHECK_STATUS(slipway_cancel(cancelling, progress->operation), SLIPWAY_OK);
}

/* A copy that is cancelled in the middle leaves nothing, so there is nothing unfinished. */
static void cancelled(slipway_client *client) {
    any_request store = valid_request(kind_of(KIND_store));
    slipway_storage storage = *some_storage();
    char folder[1024];
    answer got;
    cancelling = client;
    snprintf(folder, sizeof folder, "%s/cancelled", storage.directory);
    REQUIRE(mkdir(folder, 0755) == 0);
    storage.directory = folder;
    storage.bytes_per_second = size_of(setting("SLIPWAY_TEST_PACKAGE")) / 20; /* So that there is a middle. */
    store.store.storage = &storage;
    store.store.skip_url_check = 1;
    store.head.on_progress = cancel_it;
    got = answer_to(KIND_store, client, &store);
    if (got.end.status == SLIPWAY_OK) return; /* This file system needs no copy, and no time. */
    CHECK_STATUS(got.end.status, SLIPWAY_CANCELLED);
    CHECK_INT(files_in(folder), 0);
    store = valid_request(kind_of(KIND_storage_list_unfinished));
    store.storage_list_unfinished.storage = &storage;
    CHECK_INT(works(KIND_storage_list_unfinished, client, &store).complete, 1);
    store = valid_request(kind_of(KIND_storage_abort_unfinished));
    store.storage_abort_unfinished.storage = &storage;
    got = works(KIND_storage_abort_unfinished, client, &store);
    CHECK_INT(got.younger, 0);
    CHECK_INT(got.complete, 1);
    store.storage_abort_unfinished.upload_id = "an-upload";
    CHECK_STATUS(answer_to(KIND_storage_abort_unfinished, client, &store).end.status, SLIPWAY_NOT_FOUND);
}

int main(void) {
    slipway_client *client;
    start_recording("stored");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("stored and removed");
    stored_and_removed(client);
    topic("cancelled");
    cancelled(client);
    close_client(client);
    return finish();
}
