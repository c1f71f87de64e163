/* Structs with sizes: what a macro makes and what a function makes; hosts that are older and hosts that are newer than
 * the library; never one byte read that the host does not have (each struct ends where readable memory ends). */
#include "../operations.h"

/* Gets one operation's status, wherever it is told. */
static slipway_status outcome(const operation_kind *kind, slipway_client *client, const any_request *request) {
    ended end = {0};
    slipway_operation operation = 0;
    const slipway_status started = kind->start(client, request, on_ended, &end, &operation);
    if (started != SLIPWAY_OK) {
        CHECK_INT(operation, 0);
        return started;
    }
    wait_for(client, operation);
    CHECK_INT(atomic_load(&end.count), 1);
    return end.status;
}

static void answers(const operation_kind *kind, slipway_client *client, const any_request *request) {
    const slipway_status status = outcome(kind, client, request);
    if (status != kind->answer)
        FAIL("slipway_%s: %s, not %s", kind->name, slipway_status_name(status), slipway_status_name(kind->answer));
}

static void initialisation(void) {
    unsigned char by_function[512], expected[512];
    slipway_client_options made = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    size_t index;
    uint32_t size;

    CHECK_INT(made.struct_size, sizeof made);
    memset(by_function, 0xAA, sizeof by_function);
    CHECK_STATUS(slipway_client_options_init((slipway_client_options *)(void *)by_function, sizeof made), SLIPWAY_OK);
    CHECK(memcmp(by_function, &made, sizeof made) == 0);

    CHECK_INT(storage.struct_size, sizeof storage);
    memset(by_function, 0xAA, sizeof by_function);
    CHECK_STATUS(slipway_storage_init((slipway_storage *)(void *)by_function, sizeof storage), SLIPWAY_OK);
    CHECK(memcmp(by_function, &storage, sizeof storage) == 0);
    for (size = 4; size <= sizeof storage + 40; size++) {
        memset(by_function, 0xAA, sizeof by_function);
        memset(expected, 0xAA, sizeof expected);
        memset(expected, 0, size);
        memcpy(expected, &size, 4);
        CHECK_STATUS(slipway_storage_init((slipway_storage *)(void *)by_function, size), SLIPWAY_OK);
        if (memcmp(by_function, expected, sizeof expected) != 0) FAIL("slipway_storage_init for %" PRIu32 " bytes", size);
    }

    for (index = 0; index < OPERATION_KINDS; index++) {
        const operation_kind *kind = &operation_kinds[index];
        any_request by_macro;
        memset(&by_macro, 0, sizeof by_macro);
        kind->macro(&by_macro);
        CHECK_INT(by_macro.head.struct_size, kind->size);
        memset(by_function, 0xAA, sizeof by_function);
        CHECK_STATUS(kind->init((any_request *)(void *)by_function, kind->size), SLIPWAY_OK);
        if (memcmp(by_function, &by_macro, kind->size) != 0) FAIL("%s: macro and function differ", kind->name);
        CHECK_INT(by_function[kind->size], 0xAA);

        /* Any size that a caller may have: that many bytes are set, and not one more. */
        for (size = 4; size <= 200; size++) {
            memset(by_function, 0xAA, sizeof by_function);
            memset(expected, 0xAA, sizeof expected);
            memset(expected, 0, size);
            memcpy(expected, &size, 4);
            CHECK_STATUS(kind->init((any_request *)(void *)by_function, size), SLIPWAY_OK);
            if (memcmp(by_function, expected, sizeof expected) != 0) FAIL("slipway_%s's init for %" PRIu32 " bytes", kind->name, size);
        }
    }
}

/* A request that ends soon, whatever it lacks at its end. A release without its last members would wait by the default interval; without a
 * file it has nothing to wait for. */
static any_request soon(const operation_kind *kind) {
    any_request request = valid_request(kind);
    if (kind == kind_of(KIND_release)) request.release.file_path = "nowhere.zip";
    return request;
}

/* A host that was compiled against a header which had fewer members: what it has not got is not read, and has its default. */
static void older(slipway_client *client) {
    slipway_client_options options = client_options(SLIPWAY_DELIVERY_THREAD);
    size_t index;
    uint32_t size;
    for (size = 4; size <= sizeof options; size++) {
        slipway_client_options *cut = guarded(size);
        slipway_client *created = NULL;
        options.struct_size = size;
        memcpy(cut, &options, size);
        if (size % sizeof(void *) == 0) { /* As every header that there will ever be has it. */
            CHECK_STATUS(slipway_client_create(cut, &created, NULL, 0), SLIPWAY_OK);
            close_client(created);
        } else if (size > sizeof(void *)) { /* Half a pointer is none: no struct of C ends there. */
            CHECK_STATUS(slipway_client_create(cut, &created, NULL, 0), SLIPWAY_INVALID_ARGUMENT);
        }
    }
    for (index = 0; index < OPERATION_KINDS; index++) {
        const operation_kind *kind = &operation_kinds[index];
        any_request whole = soon(kind);
        for (size = sizeof(void *); size <= kind->size; size += 4) {
            any_request *cut = guarded(size);
            any_request with_garbage;
            whole.head.struct_size = size;
            memcpy(cut, &whole, size);
            if (size % sizeof(void *) != 0) {
                CHECK_STATUS(kind->start(client, cut, on_never, NULL, NULL), SLIPWAY_INVALID_ARGUMENT);
                continue;
            }
            outcome(kind, client, cut);
            /* What lies behind an older struct is the host's own. */
            memset(&with_garbage, 0xFF, sizeof with_garbage);
            memcpy(&with_garbage, &whole, size);
            outcome(kind, client, &with_garbage);
        }
        whole = valid_request(kind);
        {
            any_request *exact = guarded(kind->size);
            memcpy(exact, &whole, kind->size);
            answers(kind, client, exact);
        }
    }
    { /* An upload with its last member, and one without it. */
        const operation_kind *kind = kind_of(KIND_upload);
        any_request upload = valid_request(kind);
        upload.upload.struct_size = offsetof(slipway_upload_request, expected_size);
        upload.upload.expected_size = 1;
        CHECK_STATUS(outcome(kind, client, &upload), SLIPWAY_OK);
        upload.upload.struct_size = sizeof(slipway_upload_request);
        CHECK_STATUS(outcome(kind, client, &upload), SLIPWAY_FILE);
    }
    { /* A search with its page, and one without it. */
        const operation_kind *kind = kind_of(KIND_entermedia_distribution_search);
        any_request search = valid_request(kind);
        search.entermedia_distribution_search.page_size = 1001;
        CHECK_STATUS(outcome(kind, client, &search), SLIPWAY_INVALID_ARGUMENT);
        search.entermedia_distribution_search.struct_size = offsetof(slipway_entermedia_distribution_search_request, page);
        CHECK_STATUS(outcome(kind, client, &search), SLIPWAY_OK);
    }
}

/* The same of structs that a request points to. */
static void older_nested(slipway_client *client) {
    size_t index;
    uint32_t size;
    for (index = 0; index < NESTED_MEMBERS; index++) {
        const nested_member *member = &nested_members[index];
        const operation_kind *kind = member->kind;
        const slipway_status whole_answer = kind == kind_of(KIND_release) ? SLIPWAY_FILE : kind->answer;
        any_request request = soon(kind);
        for (size = sizeof(void *); size <= member->size; size += 4) {
            slipway_storage whole = *some_storage(), *cut = guarded(size), with_garbage;
            slipway_status status;
            whole.struct_size = size;
            memcpy(cut, &whole, size);
            *nested_in(&request, member) = cut;
            if (size % sizeof(void *) != 0) {
                CHECK_STATUS(kind->start(client, &request, on_never, NULL, NULL), SLIPWAY_INVALID_ARGUMENT);
                continue;
            }
            status = outcome(kind, client, &request);
            if (size <= offsetof(slipway_storage, directory)) CHECK_STATUS(status, SLIPWAY_INVALID_ARGUMENT); /* It names no place. */
            else if (kind != kind_of(KIND_release) || size > offsetof(slipway_storage, public_url)) /* A release needs a link. */
                CHECK_STATUS(status, whole_answer);
            memset(&with_garbage, 0xFF, sizeof with_garbage);
            memcpy(&with_garbage, &whole, size);
            *nested_in(&request, member) = &with_garbage;
            CHECK_STATUS(outcome(kind, client, &request), status);
        }
    }
    { /* A storage with its public_url, and one without it. */
        const operation_kind *kind = kind_of(KIND_store);
        slipway_storage storage = *some_storage();
        any_request request = valid_request(kind);
        request.store.storage = &storage;
        storage.public_url = "no URL";
        CHECK_STATUS(outcome(kind, client, &request), SLIPWAY_INVALID_ARGUMENT);
        storage.struct_size = offsetof(slipway_storage, public_url);
        CHECK_STATUS(outcome(kind, client, &request), SLIPWAY_OK);
    }
}

/* A host that was compiled against a header which has more members. */
static void newer(slipway_client *client) {
    enum { EXTRA = 40 };
    slipway_client_options options = client_options(SLIPWAY_DELIVERY_THREAD);
    unsigned char *larger = guarded(sizeof options + EXTRA);
    slipway_client *created = NULL;
    char why[512] = "";
    size_t index, tail;

    memset(larger, 0, sizeof options + EXTRA);
    options.struct_size = sizeof options + EXTRA;
    memcpy(larger, &options, sizeof options);
    CHECK_STATUS(slipway_client_create((slipway_client_options *)(void *)larger, &created, NULL, 0), SLIPWAY_OK);
    close_client(created);
    created = NULL;
    for (tail = 0; tail < EXTRA; tail += EXTRA - 1) {
        larger[sizeof options + tail] = 1;
        why[0] = '\0';
        CHECK_STATUS(slipway_client_create((slipway_client_options *)(void *)larger, &created, why, sizeof why),
                     SLIPWAY_UNSUPPORTED_OPTION);
        CHECK(created == NULL);
        CHECK(why[0] != '\0');
        larger[sizeof options + tail] = 0;
    }

    for (index = 0; index < OPERATION_KINDS; index++) {
        const operation_kind *kind = &operation_kinds[index];
        any_request request = valid_request(kind);
        larger = guarded(kind->size + EXTRA);
        memset(larger, 0, kind->size + EXTRA);
        request.head.struct_size = kind->size + EXTRA;
        memcpy(larger, &request, kind->size);
        answers(kind, client, (any_request *)(void *)larger);
        for (tail = 0; tail < EXTRA; tail += EXTRA - 1) {
            slipway_operation operation = 7;
            larger[kind->size + tail] = 1;
            CHECK_STATUS(kind->start(client, (any_request *)(void *)larger, on_never, NULL, &operation), SLIPWAY_UNSUPPORTED_OPTION);
            CHECK_INT(operation, 7);
            larger[kind->size + tail] = 0;
        }
    }
}

/* The same of structs that a request points to. */
static void newer_nested(slipway_client *client) {
    enum { EXTRA = 40 };
    size_t index, tail;
    for (index = 0; index < NESTED_MEMBERS; index++) {
        const nested_member *member = &nested_members[index];
        const operation_kind *kind = member->kind;
        any_request request = valid_request(kind);
        slipway_storage storage = *some_storage();
        unsigned char *larger = guarded(member->size + EXTRA);
        memset(larger, 0, member->size + EXTRA);
        storage.struct_size = member->size + EXTRA;
        memcpy(larger, &storage, member->size);
        *nested_in(&request, member) = larger;
        answers(kind, client, &request);
        for (tail = 0; tail < EXTRA; tail += EXTRA - 1) {
            slipway_operation operation = 7;
            larger[member->size + tail] = 1;
            CHECK_STATUS(kind->start(client, &request, on_never, NULL, &operation), SLIPWAY_UNSUPPORTED_OPTION);
            CHECK_INT(operation, 7);
            larger[member->size + tail] = 0;
        }
    }
}

/* Values that this version does not know. */
static void unsupported(slipway_client *client, int place, size_t offset, int32_t value) {
    const operation_kind *kind = kind_of(place);
    any_request request = valid_request(kind);
    slipway_status status;
    memcpy((char *)&request + offset, &value, sizeof value);
    status = outcome(kind, client, &request);
    if (status != SLIPWAY_UNSUPPORTED_OPTION)
        FAIL("slipway_%s with a %" PRId32 " at %zu: %s", kind->name, value, offset, slipway_status_name(status));
}

static void unsupported_in_storage(slipway_client *client, size_t offset, int32_t value) {
    size_t index;
    for (index = 0; index < NESTED_MEMBERS; index++) {
        const nested_member *member = &nested_members[index];
        any_request request = soon(member->kind);
        slipway_storage storage = *some_storage();
        slipway_status status;
        memcpy((char *)&storage + offset, &value, sizeof value);
        *nested_in(&request, member) = &storage;
        status = outcome(member->kind, client, &request);
        if (status != SLIPWAY_UNSUPPORTED_OPTION)
            FAIL("slipway_%s with a %" PRId32 " at %zu of %s: %s", member->kind->name, value, offset, member->name,
                 slipway_status_name(status));
    }
}

static void unknown(slipway_client *client) {
    slipway_client_options options = client_options(7);
    slipway_client *created = NULL;
    CHECK_STATUS(slipway_client_create(&options, &created, NULL, 0), SLIPWAY_UNSUPPORTED_OPTION);
    options = client_options(-1);
    CHECK_STATUS(slipway_client_create(&options, &created, NULL, 0), SLIPWAY_UNSUPPORTED_OPTION);
    options = client_options(SLIPWAY_DELIVERY_THREAD);
    options.max_connections = 4097;
    CHECK_STATUS(slipway_client_create(&options, &created, NULL, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK(created == NULL);
    unsupported(client, KIND_wait_for_build, offsetof(slipway_wait_for_build_request, until), 9);
    unsupported(client, KIND_wait_for_build, offsetof(slipway_wait_for_build_request, until), -1);
    unsupported(client, KIND_receive_webhook, offsetof(slipway_receive_webhook_request, reserved), 1);
    unsupported(client, KIND_entermedia_distribution_edit, offsetof(slipway_entermedia_distribution_edit_request, original), 3);
    unsupported(client, KIND_entermedia_distribution_edit, offsetof(slipway_entermedia_distribution_edit_request, original), -1);
    unsupported(client, KIND_entermedia_distribution_create_many,
                offsetof(slipway_entermedia_distribution_create_many_request, reserved), 1);
    unsupported(client, KIND_release, offsetof(slipway_release_request, hosted), 2);
    unsupported(client, KIND_release, offsetof(slipway_release_request, hosted), -1);
    unsupported(client, KIND_storage_abort_unfinished, offsetof(slipway_storage_abort_request, reserved), 1);
    unsupported_in_storage(client, offsetof(slipway_storage, addressing), 3);
    unsupported_in_storage(client, offsetof(slipway_storage, addressing), -1);
    unsupported_in_storage(client, offsetof(slipway_storage, link), 4);
    unsupported_in_storage(client, offsetof(slipway_storage, link), -1);
    unsupported_in_storage(client, offsetof(slipway_storage, checksum), 3);
    unsupported_in_storage(client, offsetof(slipway_storage, checksum), -1);
}

int main(void) {
    slipway_client *client;
    start_recording("structs");
    topic("initialisation");
    initialisation();
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("older hosts");
    older(client);
    older_nested(client);
    topic("newer hosts");
    newer(client);
    newer_nested(client);
    topic("unknown values");
    unknown(client);
    close_client(client);
    return finish();
}
