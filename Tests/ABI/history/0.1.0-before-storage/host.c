/* A host as it was written against the header that lies beside this file: every function, every struct, every constant of it. It is
 * compiled against that header and runs with the library of today. What it shares with others, check.h, needs no more than that header. */
#include "check.h"

/* A struct on the edge of readable memory, as large as it was then: whoever reads or writes a byte behind it ends the program. Macro and
 * function make the same of it. */
#define MADE(type, name, macro, init)                                                                                                  \
    const type made_##name = macro;                                                                                                    \
    type *const name = memset(guarded(sizeof made_##name), 0xAA, sizeof made_##name);                                                  \
    CHECK_STATUS(init(name, sizeof *name), SLIPWAY_OK);                                                                                \
    CHECK_INT(name->struct_size, sizeof *name);                                                                                        \
    CHECK(memcmp(name, &made_##name, sizeof made_##name) == 0)

/* Starts an operation with `request`, and waits for its end. */
#define RUN(start, on_complete, expected)                                                                                              \
    do {                                                                                                                               \
        host self = {0};                                                                                                               \
        slipway_operation operation = 0;                                                                                               \
        void *const given = guarded(sizeof *request);                                                                                  \
        request->deadline_ms = 30000;                                                                                                  \
        request->on_progress = progress_hook;                                                                                          \
        CHECK_STATUS(start(client, memcpy(given, request, sizeof *request), on_complete, &self, &operation), SLIPWAY_OK);              \
        memset(given, 0xAA, sizeof *request); /* It was copied. */                                                                     \
        CHECK_STATUS(slipway_operation_wait(client, operation, SLIPWAY_FOREVER), SLIPWAY_OK);                                          \
        CHECK_INT(self.completed, 1);                                                                                                  \
        CHECK(self.operation == operation);                                                                                            \
        if (self.status != (expected)) FAIL("%s: %s: %s", #start, slipway_status_name(self.status), self.message);                     \
    } while (0)

typedef struct host {
    int completed, items, closed;
    slipway_operation operation;
    slipway_status status;
    char message[256];
} host;

static const char webhook[] = "{\"event\":\"build.saving\",\"projectId\":\"p1\",\"uploadId\":\"u1\",\"fileUrl\":null,\"share\":0.5,"
                              "\"status\":\"Saving to Repository\",\"objection\":null,\"timestamp\":\"2026-01-01T00:00:00Z\"}";

/* -------------------------------------------------------------------------------------------------------------------- Callbacks */

static atomic_int stages_heard[SLIPWAY_STAGE_MANY + 1], release_stages_heard[SLIPWAY_RELEASE_REMOVING + 1];

static void on_progress(const slipway_progress *progress, void *user_data) {
    (void)user_data;
    CHECK(progress->struct_size >= sizeof *progress);
    CHECK(progress->operation != 0 && progress->attempt < 100 && progress->elapsed_ms < 60000 && progress->wait_ms < 60000);
    CHECK(progress->state != NULL && progress->service_state != NULL && progress->resume_from != NULL);
    CHECK(progress->message != NULL && progress->message[0] != '\0');
    CHECK(progress->bytes_done <= progress->bytes_total && progress->bytes_per_second < UINT64_MAX && progress->time_left_ms < UINT64_MAX);
    CHECK(progress->items_failed <= progress->items_done && progress->items_done <= progress->items_total);
    /* Later versions may have more of them. */
    CHECK(progress->stage >= SLIPWAY_STAGE_CHECKING && progress->release_stage >= 0);
    if (progress->stage <= SLIPWAY_STAGE_MANY) atomic_fetch_add(&stages_heard[progress->stage], 1);
    if (progress->release_stage <= SLIPWAY_RELEASE_REMOVING) atomic_fetch_add(&release_stages_heard[progress->release_stage], 1);
    record("progress", progress->message);
}

static void on_complete(const slipway_result *result, void *user_data) {
    host *self = user_data;
    record_result(result);
    CHECK(result->struct_size >= sizeof *result);
    CHECK(result->http_status >= 0 && result->http_status < 600 && result->attempts < 1000 && result->retry_after_ms == 0);
    if (result->status == SLIPWAY_OK) CHECK(result->retriable == 0 && result->message[0] == '\0');
    else CHECK(result->message[0] != '\0' && result->hint != NULL);
    self->completed++;
    self->operation = result->operation;
    self->status = result->status;
    snprintf(self->message, sizeof self->message, "%s", result->message);
}

/* All ways to read an answer. */
static void on_event(const slipway_result *result, void *user_data) {
    on_complete(result, user_data);
    CHECK_INT(slipway_result_type(result, ""), SLIPWAY_JSON_OBJECT);
    CHECK_INT(slipway_result_type(result, "/nothing"), SLIPWAY_JSON_ABSENT);
    CHECK_INT(slipway_result_type(result, "/confirmed"), SLIPWAY_JSON_NULL);
    CHECK_INT(slipway_result_type(result, "/raw/share"), SLIPWAY_JSON_NUMBER);
    CHECK(slipway_result_number(result, "/raw/share", 0) == 0.5);
    CHECK_INT(slipway_result_type(result, "/event"), SLIPWAY_JSON_STRING);
    CHECK_TEXT(slipway_result_string(result, "/event"), "build.saving");
    CHECK_TEXT(slipway_result_json(result, "/uploadId"), "\"u1\"");
    CHECK(slipway_result_count(result, "") > 5);
    CHECK(slipway_result_name(result, "", 0) != NULL && slipway_result_name(result, "", 99) == NULL);
}

static void on_project(const slipway_result *result, void *user_data) {
    on_complete(result, user_data);
    CHECK_INT(slipway_result_type(result, "/builds"), SLIPWAY_JSON_ARRAY);
    CHECK(slipway_result_count(result, "/builds") > 0);
    CHECK_INT(slipway_result_type(result, "/liveUsers"), SLIPWAY_JSON_INTEGER);
    CHECK(slipway_result_integer(result, "/liveUsers", -1) >= 0);
}

static void on_upload(const slipway_result *result, void *user_data) {
    on_complete(result, user_data);
    CHECK_INT(slipway_result_type(result, "/recovered"), SLIPWAY_JSON_BOOLEAN);
    CHECK_INT(slipway_result_boolean(result, "/recovered", -1), 0);
}

static void on_many(const slipway_result *result, void *user_data) {
    on_complete(result, user_data);
    CHECK_INT(((host *)user_data)->items, 2);
}

static void on_item(size_t index, const slipway_result *result, void *user_data) {
    host *self = user_data;
    CHECK(index < 2 && result->struct_size >= sizeof *result);
    CHECK_STATUS(result->status, SLIPWAY_OK);
    self->items++;
}

static void on_closed(void *user_data) { ((host *)user_data)->closed++; }

/* The types of then. */
static const slipway_log_fn log_hook = record_log;
static const slipway_complete_fn hook = on_complete, event_hook = on_event, project_hook = on_project, upload_hook = on_upload;
static const slipway_complete_fn many_hook = on_many;
static const slipway_progress_fn progress_hook = on_progress;
static const slipway_item_fn item_hook = on_item;
static const slipway_closed_fn closed_hook = on_closed;

/* -------------------------------------------------------------------------------------------------------------------- Constants */

#define NAMED(constant) {constant, &#constant[sizeof "SLIPWAY_" - 1]}
static const struct {
    slipway_status status;
    const char *name;
} statuses[] = {
    NAMED(SLIPWAY_OK), NAMED(SLIPWAY_INVALID_ARGUMENT), NAMED(SLIPWAY_UNSUPPORTED_OPTION), NAMED(SLIPWAY_WOULD_DEADLOCK),
    NAMED(SLIPWAY_CLOSED), NAMED(SLIPWAY_CANCELLED), NAMED(SLIPWAY_DEADLINE_EXCEEDED), NAMED(SLIPWAY_UNAUTHORIZED),
    NAMED(SLIPWAY_FORBIDDEN), NAMED(SLIPWAY_NOT_FOUND), NAMED(SLIPWAY_NOT_READY), NAMED(SLIPWAY_RATE_LIMITED), NAMED(SLIPWAY_REJECTED),
    NAMED(SLIPWAY_SERVER), NAMED(SLIPWAY_NETWORK), NAMED(SLIPWAY_TLS), NAMED(SLIPWAY_PROTOCOL), NAMED(SLIPWAY_INSECURE),
    NAMED(SLIPWAY_FILE), NAMED(SLIPWAY_MISSING_LIBRARY), NAMED(SLIPWAY_INTERNAL),
};

static void process(void) {
    static const int32_t levels[] = {SLIPWAY_LOG_ERROR, SLIPWAY_LOG_WARNING, SLIPWAY_LOG_INFO, SLIPWAY_LOG_DEBUG, SLIPWAY_LOG_OFF};
    size_t index;
    CHECK(slipway_version_number() >= SLIPWAY_VERSION_NUMBER);
    CHECK(slipway_version_string()[0] != '\0');
    for (index = 0; index < COUNT_OF(statuses); index++) CHECK_TEXT(slipway_status_name(statuses[index].status), statuses[index].name);
    for (index = 0; index < COUNT_OF(levels); index++) CHECK_STATUS(slipway_set_log(levels[index], log_hook, NULL), SLIPWAY_OK);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, log_hook, NULL), SLIPWAY_OK);
}

/* ------------------------------------------------------------------------------------------------------------------- Operations */

static void streampixel(slipway_client *client) {
    const char *const project = setting("SLIPWAY_TEST_PROJECT_ID"), *const build = setting("SLIPWAY_TEST_APPROVED_BUILD");
    {
        MADE(slipway_upload_request, request, SLIPWAY_UPLOAD_REQUEST_INIT, slipway_upload_request_init);
        request->project_id = project;
        request->file_url = setting("SLIPWAY_TEST_FILE_URL");
        request->manual_release = 1;
        request->skip_url_check = 0;
        request->expected_size = 0;
        RUN(slipway_upload, upload_hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_distribute_request, request, SLIPWAY_DISTRIBUTE_REQUEST_INIT, slipway_distribute_request_init);
        request->project_id = project;
        request->upload_id = build;
        RUN(slipway_distribute, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_list_projects_request, request, SLIPWAY_LIST_PROJECTS_REQUEST_INIT, slipway_list_projects_request_init);
        RUN(slipway_list_projects, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_project_request, request, SLIPWAY_PROJECT_REQUEST_INIT, slipway_project_request_init);
        request->project_id = project;
        RUN(slipway_get_project, project_hook, SLIPWAY_OK);
        RUN(slipway_get_project_stats, hook, SLIPWAY_OK);
        RUN(slipway_test_webhook, hook, SLIPWAY_NOT_FOUND); /* It has none. */
    }
    {
        MADE(slipway_wait_for_build_request, request, SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT, slipway_wait_for_build_request_init);
        request->project_id = project;
        request->upload_id = build;
        request->interval_ms = 10;
        request->max_interval_ms = 50;
        request->settle_ms = 50;
        request->until = SLIPWAY_UNTIL_APPROVED;
        RUN(slipway_wait_for_build, hook, SLIPWAY_OK);
        request->until = SLIPWAY_UNTIL_LIVE;
        RUN(slipway_wait_for_build, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_receive_webhook_request, request, SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT, slipway_receive_webhook_request_init);
        request->body = webhook;
        request->body_size = sizeof webhook - 1;
        request->confirm = 0;
        RUN(slipway_receive_webhook, event_hook, SLIPWAY_OK);
    }
}

static void distributions(slipway_client *client) {
    static const slipway_entermedia_term terms[] = {{.field = "assetid", .match = NULL, .value = "picture"}, {"id", "matches", "*"}};
    static const char *const assets[] = {"picture", "picture"}, *const ids[] = {"then", NULL};
    {
        MADE(slipway_entermedia_distribution_create_request, request, SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_REQUEST_INIT,
             slipway_entermedia_distribution_create_request_init);
        request->asset_id = "sent";
        request->distribution_id = "sent.zip";
        request->allow_original = 1;
        request->skip_verify = 0;
        RUN(slipway_entermedia_distribution_create, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_entermedia_distribution_edit_request, request, SLIPWAY_ENTERMEDIA_DISTRIBUTION_EDIT_REQUEST_INIT,
             slipway_entermedia_distribution_edit_request_init);
        request->distribution_id = "shown";
        request->asset_id = "picture";
        request->skip_verify = 1;
        request->original = SLIPWAY_ORIGINAL_DENIED;
        RUN(slipway_entermedia_distribution_edit, hook, SLIPWAY_OK);
        request->original = SLIPWAY_ORIGINAL_ALLOWED;
        RUN(slipway_entermedia_distribution_edit, hook, SLIPWAY_OK);
        request->original = SLIPWAY_ORIGINAL_UNCHANGED;
        RUN(slipway_entermedia_distribution_edit, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_entermedia_distribution_search_request, request, SLIPWAY_ENTERMEDIA_DISTRIBUTION_SEARCH_REQUEST_INIT,
             slipway_entermedia_distribution_search_request_init);
        request->terms = terms;
        request->term_count = COUNT_OF(terms);
        request->page = 1;
        request->page_size = 10;
        RUN(slipway_entermedia_distribution_search, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_entermedia_distribution_create_many_request, request, SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT,
             slipway_entermedia_distribution_create_many_request_init);
        request->asset_ids = assets;
        request->asset_count = COUNT_OF(assets);
        request->distribution_ids = ids;
        request->on_item = item_hook;
        request->allow_original = 1;
        request->skip_verify = 0;
        request->max_parallel = 2;
        RUN(slipway_entermedia_distribution_create_many, many_hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_entermedia_distribution_request, request, SLIPWAY_ENTERMEDIA_DISTRIBUTION_REQUEST_INIT,
             slipway_entermedia_distribution_request_init);
        request->distribution_id = "then";
        RUN(slipway_entermedia_distribution_get, hook, SLIPWAY_OK);
        RUN(slipway_entermedia_distribution_delete, hook, SLIPWAY_OK);
    }
}

static void entermedia(slipway_client *client) {
    {
        MADE(slipway_entermedia_login_request, request, SLIPWAY_ENTERMEDIA_LOGIN_REQUEST_INIT, slipway_entermedia_login_request_init);
        RUN(slipway_entermedia_login, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_entermedia_asset_upload_request, request, SLIPWAY_ENTERMEDIA_ASSET_UPLOAD_REQUEST_INIT,
             slipway_entermedia_asset_upload_request_init);
        request->file_path = setting("SLIPWAY_TEST_PACKAGE");
        request->asset_id = "sent";
        request->source_path = "builds/then";
        request->name = "Then.zip";
        RUN(slipway_entermedia_asset_upload, hook, SLIPWAY_OK);
    }
    distributions(client);
    {
        MADE(slipway_entermedia_asset_request, request, SLIPWAY_ENTERMEDIA_ASSET_REQUEST_INIT, slipway_entermedia_asset_request_init);
        request->asset_id = "sent";
        RUN(slipway_entermedia_asset_get, hook, SLIPWAY_OK);
        RUN(slipway_entermedia_asset_delete, hook, SLIPWAY_OK);
    }
}

static void release(slipway_client *client) {
    {
        MADE(slipway_check_package_request, request, SLIPWAY_CHECK_PACKAGE_REQUEST_INIT, slipway_check_package_request_init);
        request->file_path = setting("SLIPWAY_TEST_PACKAGE");
        RUN(slipway_check_package, hook, SLIPWAY_OK);
    }
    {
        MADE(slipway_release_request, request, SLIPWAY_RELEASE_REQUEST_INIT, slipway_release_request_init);
        request->project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        request->file_path = setting("SLIPWAY_TEST_PACKAGE");
        request->resume_from = NULL;
        request->source_path = "builds/released";
        request->manual_release = 1;
        request->interval_ms = 10;
        request->max_interval_ms = 50;
        request->settle_ms = 50;
        request->ignore_findings = 0;
        request->hosted = SLIPWAY_KEEP;
        RUN(slipway_release, hook, SLIPWAY_OK);
        request->hosted = SLIPWAY_REMOVE_WHEN_DONE;
        RUN(slipway_release, hook, SLIPWAY_OK);
    }
}

/* What progress told. Only the latest news is told, so of the short stages some runs hear nothing. */
static void heard(void) {
    static const int stages[] = {SLIPWAY_STAGE_CHECKING, SLIPWAY_STAGE_REQUESTING, SLIPWAY_STAGE_MANY};
    static const int short_stages[] = {SLIPWAY_STAGE_WAITING_TURN, SLIPWAY_STAGE_RETRYING, SLIPWAY_STAGE_WAITING_BUILD,
                                       SLIPWAY_STAGE_TRANSFERRING};
    static const int of_release[] = {SLIPWAY_RELEASE_CHECKING,    SLIPWAY_RELEASE_REGISTERING, SLIPWAY_RELEASE_WAITING,
                                     SLIPWAY_RELEASE_DISTRIBUTING, SLIPWAY_RELEASE_GOING_LIVE, SLIPWAY_RELEASE_REMOVING};
    size_t index;
    for (index = 0; index < COUNT_OF(stages); index++) CHECK(stages_heard[stages[index]] > 0);
    CHECK(release_stages_heard[SLIPWAY_RELEASE_HOSTING] > 0); /* Nothing is made before its link was told. */
    for (index = 0; index < COUNT_OF(short_stages); index++)
        fprintf(stderr, "-- stage %d was heard of %d times\n", short_stages[index], stages_heard[short_stages[index]]);
    for (index = 0; index < COUNT_OF(of_release); index++)
        fprintf(stderr, "-- release stage %d was heard of %d times\n", of_release[index], release_stages_heard[of_release[index]]);
}

/* ---------------------------------------------------------------------------------------------------------------------- Clients */

static slipway_client *client_of_then(int32_t delivery, host *self) {
    slipway_client *client = NULL;
    char why[512] = "";
    MADE(slipway_client_options, options, SLIPWAY_CLIENT_OPTIONS_INIT, slipway_client_options_init);
    options->delivery = delivery;
    options->streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    options->streampixel_api_key = setting("STREAMPIXEL_API_KEY");
    options->streampixel_user_id = setting("STREAMPIXEL_USER_ID");
    options->entermedia_base_url = setting("ENTERMEDIA_BASE_URL");
    options->entermedia_key = setting("ENTERMEDIA_KEY");
    options->entermedia_user = setting("ENTERMEDIA_USER");
    options->entermedia_password = setting("ENTERMEDIA_PASSWORD");
    options->proxy = "";
    options->ca_bundle = NULL;
    options->user_agent = "then";
    options->on_closed = closed_hook;
    options->on_closed_user_data = self;
    options->connect_timeout_ms = 15000;
    options->idle_timeout_ms = 60000;
    options->deadline_ms = 60000;
    options->max_attempts = 3;
    options->retry_delay_ms = 1;
    options->max_connections = 8;
    options->streampixel_rate_window_ms = 1;
    options->allow_insecure = 0;
    CHECK_STATUS(slipway_client_create(options, &client, why, sizeof why), SLIPWAY_OK);
    if (client == NULL) FAIL("%s", why);
    REQUIRE(client != NULL);
    return client;
}

static void all(int32_t delivery) {
    host self = {0};
    slipway_client *const client = client_of_then(delivery, &self);
    streampixel(client);
    entermedia(client);
    release(client);
    CHECK_STATUS(slipway_client_close(client, SLIPWAY_FOREVER), SLIPWAY_OK);
    CHECK_INT(self.closed, 1);
}

/* A polled client, from its start to its end, with an operation that is cancelled. */
static void polled(void) {
    host self = {0};
    slipway_client *const client = client_of_then(SLIPWAY_DELIVERY_POLLED, &self);
    uint32_t delivered = 0;
    int fd = -1;
    slipway_operation operation;
    CHECK_STATUS(slipway_client_poll_fd(client, &fd), SLIPWAY_OK);
    CHECK(fd >= 0);
    operation = start_endless(client, on_complete, NULL, &self);
    CHECK_STATUS(slipway_cancel(client, operation), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_wait(client, SLIPWAY_FOREVER), SLIPWAY_OK);
    while (self.completed == 0) CHECK_STATUS(slipway_client_poll(client, 1, &delivered), SLIPWAY_OK);
    CHECK_INT(delivered, 1);
    CHECK_STATUS(self.status, SLIPWAY_CANCELLED);
    CHECK_STATUS(slipway_client_release(client), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_close(client, SLIPWAY_FOREVER), SLIPWAY_OK);
    CHECK_INT(self.closed, 1);
    CHECK_STATUS(slipway_client_release(client), SLIPWAY_CLOSED);
}

int main(void) {
    start_recording("host");
    topic("process");
    process();
    topic("all, on a thread");
    all(SLIPWAY_DELIVERY_THREAD);
    topic("all, polled");
    all(SLIPWAY_DELIVERY_POLLED);
    topic("polled");
    polled();
    heard();
    return finish();
}
