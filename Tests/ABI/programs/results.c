/* The readers, with pointers as they are and as they should not be. The document is a webhook's: its raw part is what the host says. */
#include "../check.h"

static const char body[] =
    "{\"event\":\"build.rejected\",\"projectId\":\"p-1\",\"uploadId\":\"u.1\",\"fileUrl\":\"https://example.com/a.zip\","
    "\"status\":\"Reject\",\"objection\":\"No exe \\u00e4 \\ud83d\\ude80 \\\"quoted\\\"\","
    "\"timestamp\":\"2026-01-01T00:00:00Z\","
    "\"odd\":{\"a/b\":1,\"m~n\":2,\"\":3,\" \":4,\"~1\":5,\"\\u00e4\":6,\"0\":7,"
    "\"list\":[10,2.5,true,false,null,\"s\",[],{},[[11]]],"
    "\"biggest\":9223372036854775807,\"smallest\":-9223372036854775808,\"zero\":-0.0,\"tiny\":1e-300,\"empty\":\"\"}}";

static void absent(const slipway_result *result, const char *pointer) {
    const int32_t type = slipway_result_type(result, pointer);
    if (type != SLIPWAY_JSON_ABSENT) FAIL("\"%.40s\" leads to a %" PRId32, pointer, type);
    CHECK(slipway_result_string(result, pointer) == NULL);
    CHECK(slipway_result_json(result, pointer) == NULL);
    CHECK_INT(slipway_result_integer(result, pointer, -9), -9);
    CHECK(slipway_result_number(result, pointer, -9.5) == -9.5);
    CHECK_INT(slipway_result_boolean(result, pointer, -9), -9);
    CHECK_INT(slipway_result_count(result, pointer), 0);
}

/* A copy that a host keeps, against the rules: what it points to is gone, and nobody is led there. */
static slipway_result kept;

static void found(const slipway_result *result, void *user_data) {
    static const char *const nowhere[] = {
        "/",               /* a member whose name is empty */
        "event",           /* does not begin with a slash */
        " /event",         /* nor this one */
        "#/event",         /* a URI fragment is something else */
        "/Event",          /* case matters */
        "/event/",         /* into a text */
        "/event/0",        /* a text is not an array */
        "/raw/odd/a/b",    /* the slash has to be ~1 */
        "/raw/odd/m~n",    /* the tilde has to be ~0 */
        "/raw/odd/m~2n",   /* there is no ~2 */
        "/raw/odd/m~",     /* nor a tilde at the end */
        "/raw/odd/list/-", /* one behind the last */
        "/raw/odd/list/9", "/raw/odd/list/-1", "/raw/odd/list/+1", "/raw/odd/list/00", "/raw/odd/list/01", "/raw/odd/list/0x1",
        "/raw/odd/list/1e0", "/raw/odd/list/ 1", "/raw/odd/list/1 ", "/raw/odd/list/", "/raw/odd/list/18446744073709551616",
        "/raw/odd/list/99999999999999999999999999", "/raw/odd/list/6/0", "/raw/odd/list/7/x", "/raw/odd/list/4/x", "\xFF", "/\xFF",
        "/raw/odd/\xC3", "//", "///////", "/raw//odd"};
    size_t index;
    char *text;
    on_ended(result, user_data);
    CHECK_STATUS(result->status, SLIPWAY_OK);

    CHECK_INT(slipway_result_type(result, ""), SLIPWAY_JSON_OBJECT);
    CHECK_INT(slipway_result_count(result, ""), 11); /* event to confirmedState, and raw */
    CHECK_TEXT(slipway_result_string(result, "/event"), "build.rejected");
    CHECK_TEXT(slipway_result_string(result, "/uploadId"), "u.1");
    CHECK_TEXT(slipway_result_string(result, "/state"), "rejected");
    CHECK_TEXT(slipway_result_string(result, "/serviceState"), "Reject");
    CHECK_TEXT(slipway_result_string(result, "/objection"), "No exe \xC3\xA4 \xF0\x9F\x9A\x80 \"quoted\"");
    CHECK_INT(slipway_result_type(result, "/confirmed"), SLIPWAY_JSON_NULL);
    CHECK(slipway_result_string(result, "/confirmed") == NULL);
    CHECK_INT(slipway_result_boolean(result, "/confirmed", -4), -4);

    /* RFC 6901 */
    CHECK_INT(slipway_result_integer(result, "/raw/odd/a~1b", 0), 1);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/m~0n", 0), 2);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/", 0), 3);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/ ", 0), 4);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/~01", 0), 5);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/\xC3\xA4", 0), 6);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/0", 0), 7);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/list/0", 0), 10);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/list/8/0/0", 0), 11);

    /* Types, and readers of another type. */
    CHECK_INT(slipway_result_type(result, "/raw/odd/list"), SLIPWAY_JSON_ARRAY);
    CHECK_INT(slipway_result_count(result, "/raw/odd/list"), 9);
    CHECK_INT(slipway_result_count(result, "/raw/odd"), 13);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/0"), SLIPWAY_JSON_INTEGER);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/1"), SLIPWAY_JSON_NUMBER);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/2"), SLIPWAY_JSON_BOOLEAN);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/4"), SLIPWAY_JSON_NULL);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/5"), SLIPWAY_JSON_STRING);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/6"), SLIPWAY_JSON_ARRAY);
    CHECK_INT(slipway_result_type(result, "/raw/odd/list/7"), SLIPWAY_JSON_OBJECT);
    CHECK_INT(slipway_result_boolean(result, "/raw/odd/list/2", -1), 1);
    CHECK_INT(slipway_result_boolean(result, "/raw/odd/list/3", -1), 0);
    CHECK_INT(slipway_result_boolean(result, "/raw/odd/list/0", -1), -1);
    CHECK(slipway_result_number(result, "/raw/odd/list/1", 0) == 2.5);
    CHECK(slipway_result_number(result, "/raw/odd/list/0", 0) == 10.0);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/list/1", -3), -3);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/list/5", -3), -3);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/biggest", 0), INT64_MAX);
    CHECK_INT(slipway_result_integer(result, "/raw/odd/smallest", 0), INT64_MIN);
    CHECK(slipway_result_number(result, "/raw/odd/zero", 1) == 0);
    CHECK(slipway_result_number(result, "/raw/odd/tiny", 1) == 1e-300);
    CHECK_TEXT(slipway_result_string(result, "/raw/odd/empty"), "");
    CHECK_INT(slipway_result_count(result, "/event"), 0);

    /* Names, in the order of the document, and as they are: not as a pointer or JSON would write them. */
    CHECK_TEXT(slipway_result_name(result, "", 0), "event");
    CHECK_TEXT(slipway_result_name(result, "", 10), "raw");
    CHECK_TEXT(slipway_result_name(result, "/raw/odd", 0), "a/b");
    CHECK_TEXT(slipway_result_name(result, "/raw/odd", 1), "m~n");
    CHECK(slipway_result_name(result, "", 11) == NULL);
    CHECK(slipway_result_name(result, "", SIZE_MAX) == NULL);
    CHECK(slipway_result_name(result, "/raw/odd/list", 0) == NULL);
    CHECK(slipway_result_name(result, "/event", 0) == NULL);

    /* As JSON text: of the whole, of a part, of a single value. */
    CHECK_INT(strncmp(slipway_result_json(result, ""), "{\"event\"", 8), 0);
    CHECK(strstr(slipway_result_json(result, ""), "\"biggest\"") != NULL);
    CHECK_TEXT(slipway_result_json(result, "/event"), "\"build.rejected\"");
    CHECK_TEXT(slipway_result_json(result, "/confirmed"), "null");
    CHECK_TEXT(slipway_result_json(result, "/raw/odd/list/0"), "10");
    CHECK_TEXT(slipway_result_json(result, "/raw/odd/list/2"), "true");
    CHECK_TEXT(slipway_result_json(result, "/raw/odd/list/6"), "[]");
    CHECK_TEXT(slipway_result_json(result, "/raw/odd/list/8"), "[[11]]");
    CHECK_TEXT(slipway_result_json(result, "/raw/odd/biggest"), "9223372036854775807");

    for (index = 0; index < COUNT_OF(nowhere); index++) absent(result, nowhere[index]);
    absent(result, NULL);
    text = guarded(1 << 20); /* A pointer of a megabyte, and one with half a million steps. */
    memset(text, 'a', (1 << 20) - 1);
    text[0] = '/';
    text[(1 << 20) - 1] = '\0';
    absent(result, text);
    memset(text, '/', (1 << 20) - 1);
    absent(result, text);

    /* A text stays where it is while others are read. */
    {
        const char *event = slipway_result_string(result, "/event");
        const char *json = slipway_result_json(result, "/event");
        for (index = 0; index < 2000; index++) {
            slipway_result_string(result, index % 2 ? "/objection" : "/raw/odd/list/5");
            if (index % 10 == 0) slipway_result_json(result, index % 20 ? "" : "/raw");
        }
        CHECK_TEXT(event, "build.rejected");
        CHECK_TEXT(json, "\"build.rejected\"");
    }
    kept = *result;
}

static void failed(const slipway_result *result, void *user_data) {
    on_ended(result, user_data);
    absent(&kept, "");
    absent(&kept, "/event");
    CHECK_STATUS(result->status, SLIPWAY_INVALID_ARGUMENT);
    CHECK_TEXT(slipway_result_json(result, ""), "null");
    CHECK_INT(slipway_result_type(result, ""), SLIPWAY_JSON_NULL);
    absent(result, "/uploadId");
    CHECK(slipway_result_string(result, "") == NULL);
    CHECK_INT(slipway_result_count(result, ""), 0);
}

int main(void) {
    slipway_client *client;
    slipway_receive_webhook_request request = SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT;
    slipway_project_request no_project = SLIPWAY_PROJECT_REQUEST_INIT;
    slipway_operation operation = 0;
    ended end = {0};
    start_recording("results");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    request.body = body;
    request.body_size = sizeof body - 1;
    CHECK_STATUS(slipway_receive_webhook(client, &request, found, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(slipway_get_project(client, &no_project, failed, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_INT(atomic_load(&end.count), 2);
    close_client(client);
    return finish();
}
