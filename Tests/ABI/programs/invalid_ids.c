/* Ids that are none, in each place that takes one: the result names the member, and nothing reaches the wire, not even a
 * login. What the emulator got is looked at afterwards (programs.py). */
#include "../operations.h"

static char too_long[130], endless[65537];

static const char *const no_ids[] = {
    "", ".", "..", "a/b", "../a", "a\\b", "a b", " a", "a ", "a\"b", "a'b", "a?b", "a#b", "%2e", "a&b=c", "a;b", "a,b", "a:b",
    "\xC3\xA4", "\xF0\x9F\x9A\x80", "a\nb", "a\r\nb", "\x01", "a\x7F", "${user.id}", "$data.id", "*", too_long, endless,
};

static void check_end(const operation_kind *kind, const char *member, const char *id, slipway_status status, const char *message,
                      const char *hint, uint32_t attempts) {
    if (status != SLIPWAY_INVALID_ARGUMENT)
        FAIL("slipway_%s with %s \"%.40s\": %s: %s", kind->name, member, id, slipway_status_name(status), message);
    if (strstr(message, member) == NULL) FAIL("slipway_%s with %s \"%.40s\": it is not named: %s", kind->name, member, id, message);
    if (hint[0] == '\0') FAIL("slipway_%s with %s \"%.40s\": no hint", kind->name, member, id);
    if (attempts != 0) FAIL("slipway_%s with %s \"%.40s\": %" PRIu32 " attempts", kind->name, member, id, attempts);
}

static void singly(slipway_client *client) {
    size_t member, index;
    for (member = 0; member < TEXT_MEMBERS; member++) {
        const text_member *each = &text_members[member];
        if (each->form != FORM_ID) continue;
        for (index = 0; index < COUNT_OF(no_ids); index++) {
            any_request request = valid_request(each->kind);
            ended end = {0};
            slipway_operation operation = 0;
            *text_in(&request, each) = no_ids[index];
            CHECK_STATUS(each->kind->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
            wait_for(client, operation);
            check_end(each->kind, each->name, no_ids[index], end.status, end.message, end.hint, end.attempts);
        }
    }
}

typedef struct items {
    const char *member;
    const char *const *ids;
    size_t calls;
    ended end;
} items;

static void on_item(size_t index, const slipway_result *result, void *user_data) {
    items *self = user_data;
    record_result(result);
    self->calls++;
    check_end(kind_of(KIND_entermedia_distribution_create_many), self->member, self->ids[index], result->status, result->message,
              result->hint, result->attempts);
}

static void on_all_ended(const slipway_result *result, void *user_data) {
    items *self = user_data;
    on_ended(result, &self->end);
    CHECK_INT(slipway_result_integer(result, "/total", -1), COUNT_OF(no_ids));
    CHECK_INT(slipway_result_integer(result, "/succeeded", -1), 0);
    CHECK_INT(slipway_result_integer(result, "/failed", -1), COUNT_OF(no_ids));
    CHECK_INT(slipway_result_count(result, "/failures"), COUNT_OF(no_ids));
    CHECK_TEXT(slipway_result_string(result, "/failures/0/status"), "INVALID_ARGUMENT");
}

/* Among many each is judged by itself: that some are wrong is no reason not to look at the others. */
static void among_many(slipway_client *client, const char *member) {
    static const char *assets[COUNT_OF(no_ids)];
    slipway_entermedia_distribution_create_many_request request = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT;
    items self = {.member = member, .ids = no_ids};
    slipway_operation operation = 0;
    size_t index;
    for (index = 0; index < COUNT_OF(no_ids); index++) assets[index] = ASSET;
    request.asset_ids = strcmp(member, "asset_id") == 0 ? no_ids : assets;
    request.distribution_ids = strcmp(member, "distribution_id") == 0 ? no_ids : NULL;
    request.asset_count = COUNT_OF(no_ids);
    request.on_item = on_item;
    CHECK_STATUS(slipway_entermedia_distribution_create_many(client, &request, on_all_ended, &self, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(self.end.status, SLIPWAY_OK);
    CHECK_INT(self.calls, COUNT_OF(no_ids));
}

/* With ids as they should be, requests do arrive. */
static void arrives(slipway_client *client, int place) {
    const any_request request = valid_request(kind_of(place));
    ended end = {0};
    slipway_operation operation = 0;
    CHECK_STATUS(kind_of(place)->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(end.status, SLIPWAY_OK);
}

int main(void) {
    slipway_client *client;
    memset(too_long, 'a', sizeof too_long - 1); /* 129 of them: one too many. */
    memset(endless, 'a', sizeof endless - 1);   /* The longest text that there may be. */
    CHECK(unsetenv("ENTERMEDIA_KEY") == 0);     /* So that there is a login to be seen. */
    start_recording("invalid_ids");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("singly");
    singly(client);
    arrives(client, KIND_get_project_stats);
    topic("among many"); /* Who is let in is looked at once, before any of them is: this is where the login comes. */
    among_many(client, "asset_id");
    among_many(client, "distribution_id");
    arrives(client, KIND_entermedia_asset_get);
    close_client(client);
    return finish();
}
