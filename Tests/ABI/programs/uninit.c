/* Every function, before the process has ever created a client. */
#include "../operations.h"

static void ignored_log(int32_t level, const char *message, void *user_data) {
    (void)level, (void)message, (void)user_data;
}

int main(void) {
    slipway_client *const nobody = (slipway_client *)(uintptr_t)0x1000;
    slipway_operation operation = 5;
    slipway_client_options options;
    slipway_storage storage;
    any_request request;
    slipway_result empty;
    uint32_t delivered = 5;
    int fd = 5;
    size_t index;

    open_record("uninit");
    CHECK_INT(slipway_version_number(), SLIPWAY_VERSION_NUMBER);
    CHECK_TEXT(slipway_version_string(), SLIPWAY_VERSION_STRING);
    CHECK_TEXT(slipway_status_name(SLIPWAY_CLOSED), "CLOSED");

    CHECK_STATUS_IN(slipway_client_release(nobody), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS_IN(slipway_client_close(nobody, SLIPWAY_FOREVER), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS_IN(slipway_client_poll(nobody, 0, &delivered), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS_IN(slipway_client_wait(nobody, SLIPWAY_FOREVER), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS_IN(slipway_client_poll_fd(nobody, &fd), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS_IN(slipway_cancel(nobody, 1), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS_IN(slipway_operation_wait(nobody, 1, SLIPWAY_FOREVER), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
    CHECK_STATUS(slipway_client_release(NULL), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_close(NULL, SLIPWAY_FOREVER), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_options_init(&options, sizeof options), SLIPWAY_OK);
    CHECK_STATUS(slipway_storage_init(&storage, sizeof storage), SLIPWAY_OK);
    for (index = 0; index < OPERATION_KINDS; index++) {
        const operation_kind *kind = &operation_kinds[index];
        CHECK_STATUS(kind->init(&request, kind->size), SLIPWAY_OK);
        request = valid_request(kind);
        CHECK_STATUS_IN(kind->start(nobody, &request, on_never, NULL, &operation), SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
        CHECK_STATUS(kind->start(NULL, &request, on_never, NULL, &operation), SLIPWAY_INVALID_ARGUMENT);
    }
    CHECK_INT(delivered, 5);
    CHECK_INT(fd, 5);
    CHECK_INT(operation, 5);

    memset(&empty, 0, sizeof empty); /* What a host has that never got a result. */
    empty.struct_size = sizeof empty;
    CHECK_INT(slipway_result_type(&empty, ""), SLIPWAY_JSON_ABSENT);
    CHECK(slipway_result_string(&empty, "/uploadId") == NULL);
    CHECK(slipway_result_json(&empty, "/uploadId") == NULL);
    CHECK_INT(slipway_result_integer(&empty, "", 3), 3);
    CHECK(slipway_result_number(&empty, "", 3.5) == 3.5);
    CHECK_INT(slipway_result_boolean(&empty, "", 3), 3);
    CHECK_INT(slipway_result_count(&empty, ""), 0);

    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, ignored_log, NULL), SLIPWAY_OK);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, record_log, NULL), SLIPWAY_OK);
    return finish();
}
