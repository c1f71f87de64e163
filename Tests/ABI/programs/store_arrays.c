/* The arrays of slipway_store and of the struct in it: as in arrays.c, a malformed one is refused at once, never is an element read that
 * the host did not promise, and what is passed in may be gone as soon as the call has returned. */
#include "../arrays.h"

enum { MOST_HEADERS = 64, MOST_METADATA = 64, SOME = 5 };

/* A store that fails when it is begun, since nobody listens; one with an array that is malformed does not get so far. */
static any_request store_to(const slipway_storage *storage) {
    any_request any = valid_request(kind_of(KIND_store));
    any.store.storage = storage;
    any.store.key = storage->put_url == NULL ? "MyGame.zip" : NULL;
    return any;
}

static slipway_storage put_with(const char *const *headers, size_t count) {
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    static _Thread_local char url[96];
    snprintf(url, sizeof url, "%s/MyGame.zip", nobody_listens());
    storage.put_url = url;
    storage.put_headers = headers;
    storage.put_header_count = count;
    return storage;
}

static void sent_in_vain(const char *what, slipway_client *client, const any_request *request) {
    ended end = {0};
    slipway_operation operation = 0;
    CHECK_STATUS(slipway_store(client, &request->store, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    if (end.status != SLIPWAY_NETWORK || end.attempts == 0)
        FAIL("slipway_store with %s: %s: %s", what, slipway_status_name(end.status), end.message);
}

/* Refused at once, or told in the result: before anything is sent. */
static void missing_in_store(const char *what, slipway_client *client, const any_request *request) {
    ended end = {0};
    slipway_operation operation = 0;
    slipway_status status = slipway_store(client, &request->store, on_ended, &end, &operation);
    if (status == SLIPWAY_OK) {
        wait_for(client, operation);
        status = end.status;
        CHECK_INT(end.attempts, 0);
    }
    if (status != SLIPWAY_INVALID_ARGUMENT) FAIL("slipway_store with %s: %s: %s", what, slipway_status_name(status), end.message);
}

static void headers_of_store(slipway_client *client) {
    static const char *const two[] = {"x-ms-blob-type: BlockBlob", "x-other: something"};
    const char **all = guarded(MOST_HEADERS * sizeof *all), **exactly = copied(two, sizeof two);
    slipway_storage storage;
    any_request request;
    size_t index, place;
    for (index = 0; index < MOST_HEADERS; index++) {
        char *line = malloc(32);
        snprintf(line, 32, "x-header-%zu: %zu", index, index);
        all[index] = line;
    }
    storage = put_with(NULL, 1);
    request = store_to(&storage);
    refused("a count of no headers", KIND_store, client, &request);
    storage = put_with(exactly, MOST_HEADERS + 1); /* Nothing behind the second may be looked at. */
    refused("one header too many", KIND_store, client, &request);
    for (index = 0; index < COUNT_OF(impossible); index++) {
        storage = put_with(exactly, impossible[index]);
        refused("an impossible count of headers", KIND_store, client, &request);
        storage = put_with(NULL, impossible[index]);
        refused("an impossible count of no headers", KIND_store, client, &request);
    }
    storage = put_with(guarded(0), 0); /* An empty array: its first element is not there. */
    sent_in_vain("no headers", client, &request);
    storage = put_with(all, MOST_HEADERS);
    sent_in_vain("as many headers as there may be", client, &request);
    storage = put_with(exactly, COUNT_OF(two));
    for (place = 0; place < COUNT_OF(two); place++) {
        for (index = 0; index < COUNT_OF(broken); index++) {
            exactly[place] = broken[index];
            refused("a header that is no text", KIND_store, client, &request);
        }
        exactly[place] = NULL;
        missing_in_store("a header that is not there", client, &request);
        exactly[place] = two[place];
    }
    for (index = 0; index < MOST_HEADERS; index++) free((char *)(uintptr_t)all[index]);
}

static void counts_of_metadata(slipway_client *client) {
    static const char *const names[] = {"build", "branch"}, *const values[] = {"1.0", "gr\xC3\xBCn"};
    const char *const *two_names = copied(names, sizeof names), *const *two_values = copied(values, sizeof values);
    const slipway_storage storage = unreachable_bucket();
    any_request request = store_to(&storage);
    size_t index;
    request.store.metadata_names = two_names;
    request.store.metadata_values = two_values;
    request.store.metadata_count = MOST_METADATA + 1; /* Nothing behind the second may be looked at. */
    refused("one name too many", KIND_store, client, &request);
    for (index = 0; index < COUNT_OF(impossible); index++) {
        request.store.metadata_count = impossible[index];
        refused("an impossible count of metadata", KIND_store, client, &request);
    }
    request.store.metadata_count = COUNT_OF(names);
    sent_in_vain("two names", client, &request);
    request.store.metadata_names = NULL;
    refused("values without names", KIND_store, client, &request);
    request.store.metadata_names = two_names;
    request.store.metadata_values = NULL;
    refused("names without values", KIND_store, client, &request);
    request.store.metadata_names = guarded(0);
    request.store.metadata_values = guarded(0);
    request.store.metadata_count = 0;
    sent_in_vain("no metadata", client, &request);
}

static void elements_of_metadata(slipway_client *client) {
    const char **names = guarded(MOST_METADATA * sizeof *names), **values = guarded(MOST_METADATA * sizeof *values);
    char texts[MOST_METADATA][16];
    const slipway_storage storage = unreachable_bucket();
    any_request request = store_to(&storage);
    size_t index, element;
    for (element = 0; element < MOST_METADATA; element++) {
        snprintf(texts[element], sizeof texts[element], "name-%zu", element);
        names[element] = values[element] = texts[element];
    }
    request.store.metadata_names = names;
    request.store.metadata_values = values;
    request.store.metadata_count = MOST_METADATA;
    sent_in_vain("as many names as there may be", client, &request);
    for (element = 0; element < MOST_METADATA; element += MOST_METADATA - 1) {
        for (index = 0; index < COUNT_OF(broken); index++) {
            names[element] = broken[index];
            refused("a name that is no text", KIND_store, client, &request);
            names[element] = texts[element];
            values[element] = broken[index];
            refused("a value that is no text", KIND_store, client, &request);
            values[element] = texts[element];
        }
        names[element] = NULL;
        missing_in_store("a name that is not there", client, &request);
        names[element] = texts[element];
        values[element] = NULL;
        missing_in_store("a value that is not there", client, &request);
        values[element] = texts[element];
    }
}

/* All of it is spoilt as soon as the call has returned, while the operation has hardly begun. */
static void copies_of_store(slipway_client *client, bool to_bucket) {
    slipway_storage *storage = malloc(sizeof *storage);
    char **lists[3], *texts[3 * SOME];
    any_request request;
    ended end = {0};
    slipway_operation operation = 0;
    size_t list, index;
    for (list = 0; list < COUNT_OF(lists); list++) {
        lists[list] = guarded(SOME * sizeof *lists[list]);
        for (index = 0; index < SOME; index++) {
            char *text = texts[list * SOME + index] = malloc(32);
            snprintf(text, 32, list == 0 ? "x-header-%zu: %zu" : "text-%zu-%zu", index, list);
            lists[list][index] = text;
        }
    }
    *storage = to_bucket ? unreachable_bucket() : put_with((const char *const *)lists[0], SOME);
    request = store_to(storage);
    if (to_bucket) {
        request.store.metadata_names = (const char *const *)lists[1];
        request.store.metadata_values = (const char *const *)lists[2];
        request.store.metadata_count = SOME;
    }
    CHECK_STATUS(slipway_store(client, &request.store, on_ended, &end, &operation), SLIPWAY_OK);
    for (index = 0; index < COUNT_OF(texts); index++) memset(texts[index], '#', strlen(texts[index])), free(texts[index]);
    for (list = 0; list < COUNT_OF(lists); list++) memset(lists[list], 0xFF, SOME * sizeof *lists[list]);
    memset(storage, 0xFF, sizeof *storage);
    free(storage);
    wait_for(client, operation);
    if (end.status != SLIPWAY_NETWORK) FAIL("a copy: %s: %s", slipway_status_name(end.status), end.message);
}

int main(void) {
    slipway_client *client;
    make_texts();
    start_recording("store_arrays");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("headers");
    headers_of_store(client);
    topic("metadata");
    counts_of_metadata(client);
    elements_of_metadata(client);
    topic("copies");
    copies_of_store(client, true);
    copies_of_store(client, false);
    close_client(client);
    return finish();
}
