/* Texts that are not UTF-8 or too long are refused before anything starts; texts that are whole are copied before the call returns. */
#include "../check.h"

enum { LIMIT = 65536 }; /* Bytes that a text may have, as slipway.h says. */

static const char *const broken[] = {
    "\xFF",                 /* never in UTF-8 */
    "abc\x80",              /* a continuation without a start */
    "\xC3",                 /* a start without its continuation */
    "\xE2\x82",             /* cut off */
    "\xF0\x9F\x98",         /* cut off */
    "\xC0\xAF",             /* "/" in two bytes */
    "\xE0\x80\xAF",         /* "/" in three */
    "\xED\xA0\x80",         /* a surrogate */
    "\xF4\x90\x80\x80",     /* beyond Unicode */
    "\xF8\x88\x80\x80\x80", /* five bytes */
    "ok\xC3(",              /* not a continuation */
};

/* A text of `size` bytes that ends, NUL included, where readable memory ends. */
static char *text_of(size_t size) {
    char *text = guarded(size + 1);
    memset(text, 'a', size);
    text[size] = '\0';
    return text;
}

static char *guarded_copy(const char *text) {
    char *copy = guarded(strlen(text) + 1);
    strcpy(copy, text);
    return copy;
}

static void refused(const operation_kind *kind, slipway_client *client, const any_request *request, const char *text) {
    slipway_operation operation = 9;
    const slipway_status status = kind->start(client, request, on_never, NULL, &operation);
    if (status != SLIPWAY_INVALID_ARGUMENT)
        FAIL("slipway_%s with a text of %zu bytes (%02x %02x): %s", kind->name, strlen(text), (unsigned char)text[0],
             (unsigned char)text[strlen(text) - 1], slipway_status_name(status));
    CHECK_INT(operation, 9);
}

static void with_each_text(const operation_kind *kind, slipway_client *client, const char *text) {
    any_request request = valid_request(kind);
    request.head.project_id = text;
    refused(kind, client, &request, text);
    request = valid_request(kind);
    if (kind->start == start_upload) {
        request.upload.file_url = text;
        refused(kind, client, &request, text);
    }
    if (kind->start == start_distribute) {
        request.distribute.upload_id = text;
        refused(kind, client, &request, text);
    }
    if (kind->start == start_wait_for_build) {
        request.wait_for_build.upload_id = text;
        refused(kind, client, &request, text);
    }
}

/* Texts that are UTF-8, but no id: the operation starts, and its result says so. */
static void told(const operation_kind *kind, slipway_client *client, const char *project_id) {
    any_request request = valid_request(kind);
    ended end = {0};
    slipway_operation operation = 0;
    request.head.project_id = project_id;
    CHECK_STATUS(kind->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(end.status, SLIPWAY_INVALID_ARGUMENT);
    CHECK_INT(end.attempts, 0);
}

static void requests(slipway_client *client) {
    char *too_long = text_of(LIMIT + 1), *longest = text_of(LIMIT), *no_id = text_of(129);
    static const char *const no_ids[] = {"..", "a/b", "a b", "a?b", "a#b", "%2e", "\xC3\xA4", "a\nb", "\x01", "a&b=c"};
    size_t kind, index;
    for (kind = 0; kind < OPERATION_KINDS; kind++) {
        const operation_kind *each = &operation_kinds[kind];
        if (each->start == start_list_projects || each->start == start_receive_webhook) continue;
        for (index = 0; index < COUNT_OF(broken); index++) with_each_text(each, client, guarded_copy(broken[index]));
        with_each_text(each, client, too_long);
        told(each, client, longest);
        told(each, client, no_id);
        for (index = 0; index < COUNT_OF(no_ids); index++) told(each, client, no_ids[index]);
    }
}

static void options(void) {
    char *too_long = text_of(LIMIT + 1);
    size_t member, index;
    for (member = 0; member < 6; member++) {
        for (index = 0; index <= COUNT_OF(broken); index++) {
            const char *text = index < COUNT_OF(broken) ? guarded_copy(broken[index]) : too_long;
            slipway_client_options made = client_options(SLIPWAY_DELIVERY_THREAD);
            const char **const members[] = {&made.streampixel_base_url, &made.streampixel_api_key, &made.streampixel_user_id,
                                            &made.proxy, &made.ca_bundle, &made.user_agent};
            slipway_client *client = NULL;
            char why[512] = "";
            *members[member] = text;
            CHECK_STATUS(slipway_client_create(&made, &client, why, sizeof why), SLIPWAY_INVALID_ARGUMENT);
            CHECK(client == NULL);
            CHECK(why[0] != '\0');
            record("message", why);
        }
    }
}

/* What is passed in may be gone as soon as the call has returned. */
static void copies(void) {
    slipway_client *client;
    size_t kind;
    { /* Also that of the options, before the client is first used. */
        slipway_client_options *made = malloc(sizeof *made);
        char *base_url = strdup(setting("SLIPWAY_TEST_BASE_URL")), *key = strdup(setting("STREAMPIXEL_API_KEY"));
        char *user = strdup(setting("STREAMPIXEL_USER_ID")), *agent = strdup("Tests/ABI");
        *made = client_options(SLIPWAY_DELIVERY_THREAD);
        made->streampixel_base_url = base_url;
        made->streampixel_api_key = key;
        made->streampixel_user_id = user;
        made->user_agent = agent;
        client = create_client(made);
        memset(base_url, '#', strlen(base_url));
        memset(key, '#', strlen(key));
        memset(user, '#', strlen(user));
        memset(made, 0xFF, sizeof *made);
        free(base_url), free(key), free(user), free(agent), free(made);
    }
    for (kind = 0; kind < OPERATION_KINDS; kind++) {
        const operation_kind *each = &operation_kinds[kind];
        any_request *request = malloc(sizeof *request);
        char *project = strdup(setting("SLIPWAY_TEST_PROJECT_ID")), *upload = strdup(setting("SLIPWAY_TEST_APPROVED_BUILD"));
        char *url = strdup(setting("SLIPWAY_TEST_FILE_URL"));
        char *body = guarded(sizeof webhook_body - 1); /* No NUL behind it. */
        ended end = {0};
        slipway_operation operation = 0;
        memcpy(body, webhook_body, sizeof webhook_body - 1);
        *request = valid_request(each);
        if (each->start == start_receive_webhook)
            request->receive_webhook.body = body;
        else if (each->start != start_list_projects)
            request->head.project_id = project;
        if (each->start == start_upload) request->upload.file_url = url;
        if (each->start == start_distribute) request->distribute.upload_id = upload;
        if (each->start == start_wait_for_build) request->wait_for_build.upload_id = upload;
        CHECK_STATUS(each->start(client, request, on_ended, &end, &operation), SLIPWAY_OK);
        memset(project, '#', strlen(project));
        memset(upload, '#', strlen(upload));
        memset(url, '#', strlen(url));
        memset(body, '#', sizeof webhook_body - 1);
        memset(request, 0xFF, sizeof *request);
        free(project), free(upload), free(url), free(request);
        wait_for(client, operation);
        if (each->start == start_test_webhook) { /* The project has no webhook; that the service knows the project is what counts. */
            CHECK_STATUS(end.status, SLIPWAY_NOT_FOUND);
            CHECK(strstr(end.message, "webhook") != NULL);
        } else if (end.status != SLIPWAY_OK) {
            FAIL("slipway_%s: %s: %s", each->name, slipway_status_name(end.status), end.message);
        }
    }
    close_client(client);
}

/* Bodies are bytes. */
static void bodies(slipway_client *client) {
    static const struct {
        const char *bytes;
        size_t size;
    } junk[] = {{"\0", 1}, {"\xFF\xFE", 2}, {"{}", 2}, {"[]", 2}, {"null", 4}, {"{\"event\":1}", 11}, {"{\"event\":\"\\ud800\"}", 18},
                {"{\"event\":\"build.approved\"} x", 28}, {"{\"event\":\"build.approved\",", 26}, {"<html>", 6}, {" ", 1}};
    size_t index;
    char *deep = guarded(65536);
    for (index = 0; index <= COUNT_OF(junk); index++) {
        slipway_receive_webhook_request request = SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT;
        ended end = {0};
        slipway_operation operation = 0;
        if (index < COUNT_OF(junk)) {
            char *body = guarded(junk[index].size);
            memcpy(body, junk[index].bytes, junk[index].size);
            request.body = body;
            request.body_size = junk[index].size;
        } else { /* As deep as it goes: a parser that recurses must have a limit. */
            memset(deep, '[', 65536);
            request.body = deep;
            request.body_size = 65536;
        }
        CHECK_STATUS(slipway_receive_webhook(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
        wait_for(client, operation);
        if (end.status != SLIPWAY_PROTOCOL) FAIL("body %zu: %s: %s", index, slipway_status_name(end.status), end.message);
    }
}

int main(void) {
    slipway_client *client;
    start_recording("strings");
    topic("options");
    options();
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("requests");
    requests(client);
    topic("copies");
    copies();
    topic("bodies");
    bodies(client);
    close_client(client);
    return finish();
}
