/* Every function with NULL in every place, one at a time; struct sizes that cannot be; handles and operations that
 * never were. Nothing may crash, nothing may start that was refused, and outputs are written on success only. */
#include "../operations.h"

static const slipway_operation untouched = 0xDEADBEEF;

static void ignored_log(int32_t level, const char *message, void *user_data) {
    (void)level, (void)message, (void)user_data;
}

/* A call that must be refused, and must not touch its output. */
static void refused(const char *what, const operation_kind *kind, slipway_client *client, const any_request *request,
                    slipway_complete_fn on_complete, slipway_status first, slipway_status second) {
    slipway_operation operation = untouched;
    const slipway_status status = kind->start(client, request, on_complete, NULL, &operation);
    if (status != first && status != second)
        FAIL("slipway_%s with %s: %s, not %s", kind->name, what, slipway_status_name(status), slipway_status_name(first));
    if (operation != untouched) FAIL("slipway_%s with %s wrote its output", kind->name, what);
    CHECK_STATUS_IN(kind->start(client, request, on_complete, NULL, NULL), first, second);
}

/* A request that starts, and whose result has to say what is missing. */
static void told(const text_member *member, slipway_client *client, const char *instead) {
    const operation_kind *kind = member->kind;
    any_request request = valid_request(kind);
    ended end = {0};
    slipway_operation operation = 0;
    *text_in(&request, member) = instead;
    CHECK_STATUS(kind->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    if (end.status != SLIPWAY_INVALID_ARGUMENT)
        FAIL("slipway_%s without %s: %s (%s)", kind->name, member->name, slipway_status_name(end.status), end.message);
    if (strstr(end.message, member->name) == NULL)
        FAIL("slipway_%s without %s: the message does not name it: %s", kind->name, member->name, end.message);
    CHECK(end.hint[0] != '\0');
    CHECK_INT(end.attempts, 0);
}

/* A struct in a request that is not there, or says of itself what cannot be. For the former, that it is refused is what counts, not
 * where. */
static void nested(const nested_member *member, slipway_client *client) {
    static const uint32_t impossible[] = {0, 1, 3, 4, 7, 9, 4097, 1u << 20, INT32_MAX, UINT32_MAX};
    any_request request = valid_request(member->kind);
    size_t index;
    if (member->required) {
        slipway_operation operation = 0;
        ended end = {0};
        slipway_status status;
        *nested_in(&request, member) = NULL;
        status = member->kind->start(client, &request, on_ended, &end, &operation);
        if (status == SLIPWAY_OK) {
            wait_for(client, operation);
            status = end.status;
            CHECK(strstr(end.message, member->name) != NULL);
        }
        if (status != SLIPWAY_INVALID_ARGUMENT)
            FAIL("slipway_%s without %s: %s", member->kind->name, member->name, slipway_status_name(status));
    }
    for (index = 0; index < COUNT_OF(impossible); index++) {
        uint32_t *size = guarded(member->size);
        memset(size, 0, member->size);
        *size = impossible[index];
        *nested_in(&request, member) = size;
        refused("a nested struct_size that cannot be", member->kind, client, &request, on_never, SLIPWAY_INVALID_ARGUMENT,
                SLIPWAY_INVALID_ARGUMENT);
    }
}

/* Bodies that are none, or too large. That they are refused is what counts, not where. */
static void bodies(const operation_kind *kind, slipway_client *client) {
    enum { LIMIT = 65536 };
    char *too_large = guarded(LIMIT + 1);
    const struct {
        const char *body;
        size_t size;
    } wrong[] = {
        {NULL, 0},
        {NULL, 1},
        {NULL, SIZE_MAX},
        {too_large, 0},
        {too_large, LIMIT + 1},
        {too_large, SIZE_MAX / 2},
        {too_large, SIZE_MAX},
    };
    size_t index;
    memset(too_large, ' ', LIMIT + 1);
    for (index = 0; index < COUNT_OF(wrong); index++) {
        any_request request = valid_request(kind);
        slipway_operation operation = 0;
        ended end = {0};
        slipway_status status;
        request.receive_webhook.body = wrong[index].body;
        request.receive_webhook.body_size = wrong[index].size;
        status = kind->start(client, &request, on_ended, &end, &operation);
        if (status == SLIPWAY_OK) {
            wait_for(client, operation);
            status = end.status;
            CHECK(strstr(end.message, "body") != NULL);
        }
        if (status != SLIPWAY_INVALID_ARGUMENT && status != SLIPWAY_PROTOCOL)
            FAIL("body %zu: %s: %s", index, slipway_status_name(status), end.message);
    }
}

static void requests(slipway_client *client, slipway_client *stale) {
    static const uint32_t impossible[] = {0, 1, 3};
    static const uint32_t huge[] = {1u << 20, INT32_MAX, UINT32_MAX};
    char here;
    size_t index, size;
    for (index = 0; index < OPERATION_KINDS; index++) {
        const operation_kind *kind = &operation_kinds[index];
        any_request request = valid_request(kind);
        slipway_operation operation = 0;

        refused("client NULL", kind, NULL, &request, on_never, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_INVALID_ARGUMENT);
        refused("request NULL", kind, client, NULL, on_never, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_INVALID_ARGUMENT);
        refused("on_complete NULL", kind, client, &request, NULL, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_INVALID_ARGUMENT);
        refused("all NULL", kind, NULL, NULL, NULL, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_INVALID_ARGUMENT);
        refused("client 1", kind, (slipway_client *)1, &request, on_never, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
        refused("client ~0", kind, (slipway_client *)UINTPTR_MAX, &request, on_never, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
        refused("client on the stack", kind, (slipway_client *)(void *)&here, &request, on_never, SLIPWAY_INVALID_ARGUMENT,
                SLIPWAY_CLOSED);
        refused("stale client", kind, stale, &request, on_never, SLIPWAY_CLOSED, SLIPWAY_CLOSED);
        for (size = 0; size < COUNT_OF(impossible); size++) {
            any_request wrong = request;
            wrong.head.struct_size = impossible[size];
            refused("a struct_size that is too small", kind, client, &wrong, on_never, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_INVALID_ARGUMENT);
        }
        for (size = 0; size < COUNT_OF(huge); size++) {
            any_request wrong = request;
            wrong.head.struct_size = huge[size];
            refused("a huge struct_size", kind, client, &wrong, on_never, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_UNSUPPORTED_OPTION);
        }

        /* Without user_data and without operation it has to start. The next one with both ends after it or together with it. */
        CHECK_STATUS(kind->start(client, &request, on_ended, NULL, NULL), SLIPWAY_OK);
        {
            ended end = {0};
            CHECK_STATUS(kind->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
            wait_for(client, operation);
            CHECK_INT(atomic_load(&end.count), 1);
            CHECK_INT(end.operation, operation);
        }

    }
    bodies(kind_of(KIND_receive_webhook), client);
    for (index = 0; index < NESTED_MEMBERS; index++) nested(&nested_members[index], client);
    for (index = 0; index < TEXT_MEMBERS; index++) {
        if (!text_members[index].required) continue;
        told(&text_members[index], client, NULL);
        told(&text_members[index], client, "");
    }
}

static void creation(void) {
    slipway_client_options options = client_options(SLIPWAY_DELIVERY_THREAD);
    slipway_client *client = NULL;
    char message[64];
    size_t index;
    static const uint32_t impossible[] = {0, 1, 3};

    CHECK_STATUS(slipway_client_create(NULL, NULL, NULL, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_create(&options, NULL, NULL, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_create(&options, NULL, message, sizeof message), SLIPWAY_INVALID_ARGUMENT);

    CHECK_STATUS(slipway_client_create(NULL, &client, NULL, 0), SLIPWAY_OK); /* All defaults. */
    close_client(client);
    CHECK_STATUS(slipway_client_create(&options, &client, NULL, 0), SLIPWAY_OK);
    close_client(client);

    for (index = 0; index < COUNT_OF(impossible); index++) {
        client = (slipway_client *)&options;
        options.struct_size = impossible[index];
        message[0] = '\0';
        CHECK_STATUS(slipway_client_create(&options, &client, message, sizeof message), SLIPWAY_INVALID_ARGUMENT);
        CHECK(client == (slipway_client *)&options);
        CHECK(message[0] != '\0');
    }
    options.struct_size = UINT32_MAX;
    CHECK_STATUS_IN(slipway_client_create(&options, &client, message, sizeof message), SLIPWAY_INVALID_ARGUMENT,
                    SLIPWAY_UNSUPPORTED_OPTION);
    CHECK(client == (slipway_client *)&options);

    /* The message is cut to fit, and its buffer is never overrun. */
    options = client_options(SLIPWAY_DELIVERY_THREAD);
    options.streampixel_base_url = "not a URL \xC3\xA4\xC3\xA4\xC3\xA4";
    for (index = 0; index < sizeof message; index++) {
        size_t length;
        memset(message, '#', sizeof message);
        CHECK_STATUS(slipway_client_create(&options, &client, message, index), SLIPWAY_INVALID_ARGUMENT);
        CHECK(message[index] == '#');
        length = strnlen(message, index);
        if (index > 0) CHECK(length < index);
    }
    CHECK_STATUS(slipway_client_create(&options, &client, NULL, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_create(&options, &client, NULL, 64), SLIPWAY_INVALID_ARGUMENT); /* NULL is harmless whatever the size. */
}

static void handles(slipway_client *handle, bool stale) {
    const slipway_status dead = stale ? SLIPWAY_CLOSED : SLIPWAY_INVALID_ARGUMENT;
    const slipway_status also = handle == NULL ? SLIPWAY_INVALID_ARGUMENT : SLIPWAY_CLOSED;
    uint32_t delivered = 77;
    int fd = 77;
    CHECK_STATUS_IN(slipway_client_release(handle), dead, also);
    CHECK_STATUS_IN(slipway_client_close(handle, 10), stale ? SLIPWAY_OK : dead, stale ? SLIPWAY_OK : also);
    CHECK_STATUS_IN(slipway_client_close(handle, SLIPWAY_FOREVER), stale ? SLIPWAY_OK : dead, stale ? SLIPWAY_OK : also);
    CHECK_STATUS_IN(slipway_client_poll(handle, 0, &delivered), dead, also);
    CHECK_STATUS_IN(slipway_client_poll(handle, 0, NULL), dead, also);
    CHECK_STATUS_IN(slipway_client_wait(handle, 10), dead, also);
    CHECK_STATUS_IN(slipway_client_wait(handle, SLIPWAY_FOREVER), dead, also);
    CHECK_STATUS_IN(slipway_client_poll_fd(handle, &fd), dead, also);
    CHECK_STATUS(slipway_client_poll_fd(handle, NULL), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS_IN(slipway_cancel(handle, 1), dead, also);
    CHECK_STATUS_IN(slipway_cancel(handle, 0), dead, also);
    CHECK_STATUS_IN(slipway_operation_wait(handle, UINT64_MAX, SLIPWAY_FOREVER), stale ? SLIPWAY_NOT_FOUND : dead, also);
    CHECK_INT(delivered, 77);
    CHECK_INT(fd, 77);
}

static void operations(slipway_client *client) {
    ended end = {0};
    const slipway_operation operation = start_short(client, on_ended, &end);
    static const slipway_operation never[] = {0, UINT64_MAX, UINT64_MAX / 2};
    size_t index;
    wait_for(client, operation);
    for (index = 0; index < COUNT_OF(never); index++) {
        CHECK_STATUS(slipway_cancel(client, never[index]), SLIPWAY_NOT_FOUND);
        CHECK_STATUS(slipway_operation_wait(client, never[index], SLIPWAY_FOREVER), SLIPWAY_NOT_FOUND);
    }
    CHECK_STATUS(slipway_cancel(client, operation), SLIPWAY_OK); /* It has finished: harmless. */
    CHECK_STATUS(slipway_operation_wait(client, operation, SLIPWAY_FOREVER), SLIPWAY_OK);
    CHECK_STATUS(slipway_operation_wait(client, operation, 0), SLIPWAY_OK);
    CHECK_INT(atomic_load(&end.count), 1);
}

static void initializers(void) {
    any_request any;
    slipway_client_options options;
    slipway_storage storage;
    size_t index;
    CHECK_STATUS(slipway_storage_init(NULL, sizeof storage), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_storage_init(&storage, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_storage_init(&storage, 3), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_options_init(NULL, sizeof options), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_options_init(NULL, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_options_init(&options, 0), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_options_init(&options, 3), SLIPWAY_INVALID_ARGUMENT);
    for (index = 0; index < OPERATION_KINDS; index++) {
        CHECK_STATUS(operation_kinds[index].init(NULL, operation_kinds[index].size), SLIPWAY_INVALID_ARGUMENT);
        CHECK_STATUS(operation_kinds[index].init(&any, 0), SLIPWAY_INVALID_ARGUMENT);
        CHECK_STATUS(operation_kinds[index].init(&any, 3), SLIPWAY_INVALID_ARGUMENT);
    }
}

static void readers(const slipway_result *result, const char *pointer) {
    CHECK(slipway_result_json(result, pointer) == NULL);
    CHECK_INT(slipway_result_type(result, pointer), SLIPWAY_JSON_ABSENT);
    CHECK(slipway_result_string(result, pointer) == NULL);
    CHECK_INT(slipway_result_integer(result, pointer, -7), -7);
    CHECK(slipway_result_number(result, pointer, 1.5) == 1.5);
    CHECK_INT(slipway_result_boolean(result, pointer, 42), 42);
    CHECK_INT(slipway_result_count(result, pointer), 0);
    CHECK(slipway_result_name(result, pointer, 0) == NULL);
}

static void read_nulls(const slipway_result *result, void *user_data) {
    on_ended(result, user_data);
    readers(NULL, "");
    readers(NULL, NULL);
    readers(result, NULL);
}

static void logging(void) {
    static const int32_t levels[] = {-1, 5, 99, INT32_MIN, INT32_MAX};
    size_t index;
    for (index = 0; index < COUNT_OF(levels); index++) {
        CHECK_STATUS(slipway_set_log(levels[index], ignored_log, NULL), SLIPWAY_INVALID_ARGUMENT);
        CHECK_STATUS(slipway_set_log(levels[index], NULL, NULL), SLIPWAY_INVALID_ARGUMENT);
    }
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, ignored_log, NULL), SLIPWAY_OK);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, NULL, NULL), SLIPWAY_OK);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, record_log, NULL), SLIPWAY_OK);
}

static void names(void) {
    CHECK_TEXT(slipway_status_name(SLIPWAY_OK), "OK");
    CHECK_TEXT(slipway_status_name(SLIPWAY_RATE_LIMITED), "RATE_LIMITED");
    CHECK_TEXT(slipway_status_name(SLIPWAY_INTERNAL), "INTERNAL");
    CHECK_TEXT(slipway_status_name(1), "UNKNOWN");
    CHECK_TEXT(slipway_status_name(-9), "UNKNOWN");
    CHECK_TEXT(slipway_status_name(INT32_MIN), "UNKNOWN");
    CHECK_TEXT(slipway_status_name(INT32_MAX), "UNKNOWN");
}

int main(void) {
    slipway_client *client, *stale;
    ended end = {0};
    char here;
    start_recording("nulls");
    topic("names, initializers, creation, logging");
    names();
    initializers();
    creation();
    logging();
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    stale = stale_client();
    topic("handles");
    handles(NULL, false);
    handles((slipway_client *)1, false);
    handles((slipway_client *)UINTPTR_MAX, false);
    handles((slipway_client *)(void *)&here, false);
    handles(stale, true);
    topic("operations");
    operations(client);
    topic("readers");
    wait_for(client, start_short(client, read_nulls, &end));
    CHECK_INT(atomic_load(&end.count), 1);
    topic("requests");
    requests(client, stale);
    close_client(client);
    return finish();
}
