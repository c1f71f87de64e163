/* Texts that are not UTF-8 or too long are refused before anything starts; texts that are whole are copied before the call returns. */
#include "../operations.h"

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

static void refused(const text_member *member, slipway_client *client, const char *text) {
    any_request request = valid_request(member->kind);
    slipway_operation operation = 9;
    slipway_status status;
    *text_in(&request, member) = text;
    status = member->kind->start(client, &request, on_never, NULL, &operation);
    if (status != SLIPWAY_INVALID_ARGUMENT)
        FAIL("slipway_%s with a %s of %zu bytes (%02x %02x): %s", member->kind->name, member->name, strlen(text), (unsigned char)text[0],
             (unsigned char)text[strlen(text) - 1], slipway_status_name(status));
    CHECK_INT(operation, 9);
}

/* As long as a text may be: the operation starts, and ends with whatever it has to say to that. */
static void started(const text_member *member, slipway_client *client, const char *text) {
    any_request request = valid_request(member->kind);
    ended end = {0};
    slipway_operation operation = 0;
    *text_in(&request, member) = text;
    request.head.deadline_ms = 10000;
    CHECK_STATUS(member->kind->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_INT(atomic_load(&end.count), 1);
    if (member->form == FORM_ID) CHECK_STATUS(end.status, SLIPWAY_INVALID_ARGUMENT);
    else if (member->required && (end.status == SLIPWAY_OK || end.status == SLIPWAY_DEADLINE_EXCEEDED))
        FAIL("slipway_%s with a %s of 64 KB: %s", member->kind->name, member->name, slipway_status_name(end.status));
}

static void requests(slipway_client *client) {
    char *too_long = text_of(LIMIT + 1), *longest = text_of(LIMIT);
    size_t member, index;
    for (member = 0; member < TEXT_MEMBERS; member++) {
        for (index = 0; index < COUNT_OF(broken); index++) refused(&text_members[member], client, guarded_copy(broken[index]));
        refused(&text_members[member], client, too_long);
        started(&text_members[member], client, longest);
    }
}

/* The texts of structs that a request points to. */
static void nested(slipway_client *client) {
    char *too_long = text_of(LIMIT + 1), *longest = text_of(LIMIT);
    size_t member, text, index;
    for (member = 0; member < NESTED_MEMBERS; member++) {
        const operation_kind *kind = nested_members[member].kind;
        any_request request = valid_request(kind);
        for (text = 0; text < STORAGE_TEXTS; text++) {
            slipway_storage storage = *some_storage();
            const char **const place = text_of_storage(&storage, &storage_texts[text]);
            ended end = {0};
            slipway_operation operation = 9;
            *nested_in(&request, &nested_members[member]) = &storage;
            for (index = 0; index <= COUNT_OF(broken); index++) {
                slipway_status status;
                *place = index < COUNT_OF(broken) ? guarded_copy(broken[index]) : too_long;
                status = kind->start(client, &request, on_never, NULL, &operation);
                if (status != SLIPWAY_INVALID_ARGUMENT)
                    FAIL("slipway_%s with text %zu as the storage's %s: %s", kind->name, index, storage_texts[text].name,
                         slipway_status_name(status));
                CHECK_INT(operation, 9);
            }
            *place = longest; /* Starts, and ends with whatever it has to say to that. */
            if (kind == kind_of(KIND_release)) request.release.file_path = "nowhere.zip";
            CHECK_STATUS(kind->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
            wait_for(client, operation);
            CHECK_INT(atomic_load(&end.count), 1);
        }
    }
}

static void options(void) {
    char *too_long = text_of(LIMIT + 1);
    size_t member, index;
    for (member = 0; member < 10; member++) {
        for (index = 0; index <= COUNT_OF(broken); index++) {
            const char *text = index < COUNT_OF(broken) ? guarded_copy(broken[index]) : too_long;
            slipway_client_options made = client_options(SLIPWAY_DELIVERY_THREAD);
            const char **const members[] = {&made.streampixel_base_url, &made.streampixel_api_key, &made.streampixel_user_id,
                                            &made.entermedia_base_url, &made.entermedia_key, &made.entermedia_user,
                                            &made.entermedia_password, &made.proxy, &made.ca_bundle, &made.user_agent};
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

static void spoil(char *text) {
    if (text != NULL) memset(text, '#', strlen(text));
    free(text);
}

/* What is passed in may be gone as soon as the call has returned. */
static void copies(void) {
    slipway_client *client;
    size_t kind, index;
    { /* Also that of the options, before the client is first used. */
        slipway_client_options *made = malloc(sizeof *made);
        char *copies[] = {strdup(setting("SLIPWAY_TEST_BASE_URL")), strdup(setting("STREAMPIXEL_API_KEY")),
                          strdup(setting("STREAMPIXEL_USER_ID")),   strdup(setting("ENTERMEDIA_BASE_URL")),
                          strdup(setting("ENTERMEDIA_KEY")),        strdup(setting("ENTERMEDIA_USER")),
                          strdup(setting("ENTERMEDIA_PASSWORD")),   strdup("Tests/ABI")};
        *made = client_options(SLIPWAY_DELIVERY_THREAD);
        made->streampixel_base_url = copies[0];
        made->streampixel_api_key = copies[1];
        made->streampixel_user_id = copies[2];
        made->entermedia_base_url = copies[3];
        made->entermedia_key = copies[4];
        made->entermedia_user = copies[5];
        made->entermedia_password = copies[6];
        made->user_agent = copies[7];
        client = create_client(made);
        memset(made, 0xFF, sizeof *made);
        free(made);
        for (index = 0; index < COUNT_OF(copies); index++) spoil(copies[index]);
    }
    for (kind = 0; kind < OPERATION_KINDS; kind++) {
        const operation_kind *each = &operation_kinds[kind];
        any_request *request = malloc(sizeof *request);
        slipway_storage *storage = malloc(sizeof *storage);
        char *copies[TEXT_MEMBERS] = {NULL}, *nested_copies[STORAGE_TEXTS] = {NULL};
        char *body = guarded(sizeof webhook_body - 1); /* No NUL behind it. */
        ended end = {0};
        slipway_operation operation = 0;
        memcpy(body, webhook_body, sizeof webhook_body - 1);
        *request = valid_request(each);
        if (each == kind_of(KIND_receive_webhook)) request->receive_webhook.body = body;
        for (index = 0; index < TEXT_MEMBERS; index++) {
            const char **const text = text_in(request, &text_members[index]);
            if (text_members[index].kind == each && *text != NULL) *text = copies[index] = strdup(*text);
        }
        for (index = 0; index < NESTED_MEMBERS; index++) {
            const void **const nested = nested_in(request, &nested_members[index]);
            size_t text;
            if (nested_members[index].kind != each || *nested == NULL) continue;
            *storage = *some_storage();
            for (text = 0; text < STORAGE_TEXTS; text++) {
                const char **const place = text_of_storage(storage, &storage_texts[text]);
                if (*place != NULL) *place = nested_copies[text] = strdup(*place);
            }
            *nested = storage;
        }
        CHECK_STATUS(each->start(client, request, on_ended, &end, &operation), SLIPWAY_OK);
        for (index = 0; index < TEXT_MEMBERS; index++) spoil(copies[index]);
        for (index = 0; index < STORAGE_TEXTS; index++) spoil(nested_copies[index]);
        memset(storage, 0xFF, sizeof *storage);
        free(storage);
        memset(body, '#', sizeof webhook_body - 1);
        memset(request, 0xFF, sizeof *request);
        free(request);
        wait_for(client, operation);
        if (end.status != each->answer) FAIL("slipway_%s: %s: %s", each->name, slipway_status_name(end.status), end.message);
        if (each == kind_of(KIND_test_webhook)) CHECK(strstr(end.message, "webhook") != NULL); /* It is not the project that is missing. */
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
    nested(client);
    topic("copies");
    copies();
    topic("bodies");
    bodies(client);
    close_client(client);
    return finish();
}
