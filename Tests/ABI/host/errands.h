/* errands.h: what a guest is asked to do, and what is looked at meanwhile. */
#ifndef ERRANDS_H
#define ERRANDS_H

#include "adversity.h"

static const host_kind *kind;
static own before;
static slipway_client *client;
static const char *doing = "loading"; /* For whoever reads what failed. */

/* ------------------------------------------------------------------------------------------------------------------- Looking */

static void compare(const char *when) {
    const char *other = changed(&before);
    if (other == NULL) return;
    FAIL("after %s: %s is another", when, other);
    look(&before); /* Once is enough. */
}

static struct stat standard[3];

static bool is_same(const struct stat *one, const struct stat *other) {
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* Whether what was found at a descriptor is there to stay. What is opened has the lowest number for a moment, until it is moved. */
static bool stays(int descriptor, const struct stat *found) {
    struct stat now;
    int round;
    for (round = 0; round < 500; round++) {
        sleep_ms(1);
        if (fstat(descriptor, &now) != 0 || !is_same(&now, found)) return false;
    }
    return true;
}

/* Below 3 there is what the host has there. In a daemon that is nothing: what a library opened there would be taken for the host's own,
 * read from, written to, or closed. */
static void look_below_3(void) {
    int descriptor;
    for (descriptor = 0; descriptor < 3; descriptor++) {
        static atomic_bool told[3];
        struct stat found;
        const bool is_open = fstat(descriptor, &found) == 0;
        char name[64], target[4096] = "";
        if (!kind->is_daemon) {
            CHECK(is_open && is_same(&found, &standard[descriptor]));
            continue;
        }
        if (!is_open || atomic_load(&told[descriptor]) || !stays(descriptor, &found)) continue;
        snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
        if (readlink(name, target, sizeof target - 1) < 0) continue;
        atomic_store(&told[descriptor], true);
        FAIL("during %s: descriptor %d is the library's: %s", doing, descriptor, target);
    }
}

/* ------------------------------------------------------------------------------------------------------------------ Operations */

static void on_news(const slipway_progress *progress, void *user_data) {
    (void)user_data;
    CHECK(progress->message != NULL);
    look_below_3();
}

/* Texts are in English, whatever the host's language is, and in no other encoding than UTF-8. */
static void look_into(const char *text) {
    const char *at;
    for (at = text; *at != '\0' && (*at & 0x80) == 0; at++) continue;
    if (*at != '\0') FAIL("not in English: %s", text);
}

static void on_answer(const slipway_result *result, void *user_data) {
    look_below_3();
    look_into(result->message);
    look_into(result->hint);
    on_ended(result, user_data);
}

static slipway_operation start(int place, any_request *request, ended *end) {
    slipway_operation operation = 0;
    memset(end, 0, sizeof *end);
    request->head.on_progress = on_news;
    if (place == KIND_wait_for_build) request->wait_for_build.interval_ms = 10;
    CHECK_STATUS(kind_of(place)->start(client, request, on_answer, end, &operation), SLIPWAY_OK);
    return operation;
}

/* How it ended, until the next one. */
static const ended *run(int place, any_request request, slipway_status expected, const char *what) {
    static ended end;
    slipway_operation operation;
    doing = what;
    operation = start(place, &request, &end);
    wait_for(client, operation);
    CHECK_INT(atomic_load(&end.count), 1);
    if (end.status != expected)
        FAIL("%s: %s, not %s: %s. %s", what, slipway_status_name(end.status), slipway_status_name(expected), end.message, end.hint);
    compare(what);
    return &end;
}

/* A umask that leaves no rights at all holds for folders that are made for a key as well. */
static slipway_status expected_of(int place) {
    return place == KIND_store && kind->umask == 0777 ? SLIPWAY_FILE : kind_of(place)->answer;
}

static void run_each(void) {
    int place;
    for (place = 0; place < OPERATION_KINDS; place++) run(place, valid_request(kind_of(place)), expected_of(place), kind_of(place)->name);
}

static void run_all_at_once(void) {
    static ended ends[OPERATION_KINDS];
    slipway_operation operations[OPERATION_KINDS];
    int place;
    doing = "all at once";
    for (place = 0; place < OPERATION_KINDS; place++) {
        any_request request = valid_request(kind_of(place));
        operations[place] = start(place, &request, &ends[place]);
    }
    for (place = 0; place < OPERATION_KINDS; place++) {
        wait_for(client, operations[place]);
        if (ends[place].status != expected_of(place))
            FAIL("%s among others: %s: %s", kind_of(place)->name, slipway_status_name(ends[place].status), ends[place].message);
    }
    compare("all at once");
}

/* Paths that begin at a working directory which is not there, or has nothing. */
static void run_nowhere(void) {
    any_request request = valid_request(kind_of(KIND_check_package));
    slipway_storage storage = *some_storage();
    const ended *end;
    request.check_package.file_path = "MyGame.zip";
    end = run(KIND_check_package, request, SLIPWAY_FILE, "a package that is nowhere");
    CHECK(strstr(end->message, "No such file or directory") != NULL);
    request = valid_request(kind_of(KIND_entermedia_asset_upload));
    request.entermedia_asset_upload.file_path = "./MyGame.zip";
    run(KIND_entermedia_asset_upload, request, SLIPWAY_FILE, "an asset that is nowhere");
    request = valid_request(kind_of(KIND_release));
    request.release.file_path = "../MyGame.zip";
    run(KIND_release, request, SLIPWAY_FILE, "a release of what is nowhere");
    request = valid_request(kind_of(KIND_store));
    storage.directory = "builds";
    request.store.storage = &storage;
    run(KIND_store, request, SLIPWAY_FILE, "a folder that is nowhere");
}

/* A copy that would be larger than the process may make a file: beside the error there is SIGXFSZ, whose default is to end the process. */
static void run_too_large(void) {
    any_request request = valid_request(kind_of(KIND_store));
    request.store.file_path = setting("SLIPWAY_TEST_LARGE");
    request.store.key = "Large.zip";
    run(KIND_store, request, SLIPWAY_FILE, "a file that is too large");
    CHECK_INT(atomic_load(&handled[SIGXFSZ]), 0);
}

/* S3, with all that only S3 needs, as far as a port at which nobody listens. */
static void run_storage(void) {
    static const int places[] = {KIND_store, KIND_storage_delete, KIND_storage_list_unfinished, KIND_storage_abort_unfinished,
                                 KIND_release};
    slipway_storage bucket = unreachable_bucket();
    char endpoint[128];
    size_t place;
    snprintf(endpoint, sizeof endpoint, "https%s", bucket.endpoint + strlen("http"));
    bucket.endpoint = endpoint;
    for (place = 0; place < COUNT_OF(places); place++) {
        any_request request = valid_request(kind_of(places[place]));
        bucket.checksum = place % 2 == 0 ? SLIPWAY_CHECKSUM_CRC32 : SLIPWAY_CHECKSUM_SHA256;
        bucket.sign_payload = 1;
        switch (places[place]) {
        case KIND_store: request.store.storage = &bucket; break;
        case KIND_release: request.release.storage = &bucket; break;
        case KIND_storage_abort_unfinished: request.storage_abort_unfinished.storage = &bucket; break;
        default: request.storage_delete.storage = &bucket; break;
        }
        run(places[place], request, SLIPWAY_NETWORK, kind_of(places[place])->name);
    }
    { /* Without keys, it looks for them in the environment and below HOME. */
        any_request request = valid_request(kind_of(KIND_storage_delete));
        bucket.access_key_id = bucket.secret_access_key = NULL;
        request.storage_delete.storage = &bucket;
        run(KIND_storage_delete, request, SLIPWAY_INVALID_ARGUMENT, "keys of nobody's");
    }
}

static double number_told;

static void on_number(const slipway_result *result, void *user_data) {
    number_told = slipway_result_number(result, "/raw/number", 7);
    on_answer(result, user_data);
}

/* An event with a number in it. */
static const ended *run_number(const char *number, slipway_status expected, double value) {
    static ended end;
    any_request request = valid_request(kind_of(KIND_receive_webhook));
    slipway_operation operation = 0;
    char body[512];
    snprintf(body, sizeof body, "%.*s,\"number\":%s}", (int)sizeof webhook_body - 2, webhook_body, number);
    request.receive_webhook.body = body;
    request.receive_webhook.body_size = strlen(body);
    memset(&end, 0, sizeof end);
    CHECK_STATUS(slipway_receive_webhook(client, &request.receive_webhook, on_number, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(end.status, expected);
    if (number_told != value) FAIL("%s is %g", number, number_told);
    compare("a number");
    return &end;
}

static void run_numbers(void) {
    CHECK(strstr(run_number("1.5", SLIPWAY_OK, 1.5)->json, "\"number\":1.5}") != NULL);
    run_number("-0.0001220703125", SLIPWAY_OK, -0.0001220703125);
    run_number("5e-324", SLIPWAY_OK, 5e-324); /* The smallest that there is. */
    run_number("1e-400", SLIPWAY_OK, 0);
    run_number("1e400", SLIPWAY_PROTOCOL, 7);
}

#endif /* ERRANDS_H */
