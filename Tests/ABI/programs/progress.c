/* Progress: at most ten times a second, the latest news, the last news always, never after the completion. The emulator
 * fails every request for the statistics of a project (programs.py sees to that), so that a call has much to tell in
 * little time. What is told of bytes and of items is told by those operations that have some, and by no others. */
#include "../operations.h"

enum { ATTEMPTS = 10 };

typedef struct heard {
    slipway_operation operation;
    int calls, completions, after;
    uint64_t first_ms, last_ms, began_ms, ended_ms;
    uint64_t last_elapsed;
    uint32_t last_attempt, attempts;
    int32_t last_stage;
    uint32_t shortest_gap_ms;
    char last_state[64], last_seen[64];
    slipway_status status;
    uint32_t pause_ms;
    uint64_t file_size, bytes_done; /* Of a file that is sent, and how many the progress has told of. */
    uint64_t items, items_done;     /* The same of many. */
    bool transferring, many;
} heard;

/* A file that is being sent, or was. */
static void check_bytes(heard *self, const slipway_progress *progress) {
    if (progress->stage == SLIPWAY_STAGE_TRANSFERRING) self->transferring = true;
    CHECK(progress->stage != SLIPWAY_STAGE_TRANSFERRING || self->file_size > 0);
    CHECK(progress->bytes_total == 0 || progress->bytes_total == self->file_size);
    CHECK(progress->bytes_done <= progress->bytes_total);
    CHECK(progress->bytes_done >= self->bytes_done);
    if (progress->bytes_total == 0) CHECK(progress->bytes_per_second == 0 && progress->time_left_ms == 0);
    self->bytes_done = progress->bytes_done;
}

static void check_items(heard *self, const slipway_progress *progress) {
    if (progress->stage == SLIPWAY_STAGE_MANY) self->many = true;
    CHECK(progress->stage != SLIPWAY_STAGE_MANY || self->items > 0);
    CHECK(progress->items_total == 0 || progress->items_total == self->items);
    CHECK(progress->items_done <= progress->items_total);
    CHECK(progress->items_failed <= progress->items_done);
    CHECK(progress->items_done >= self->items_done);
    self->items_done = progress->items_done;
}

static void progressed(const slipway_progress *progress, void *user_data) {
    heard *self = user_data;
    const uint64_t now = now_ms();
    record("progress", progress->message);
    CHECK(progress->struct_size >= sizeof *progress);
    CHECK(progress->stage >= SLIPWAY_STAGE_CHECKING && progress->stage <= SLIPWAY_STAGE_MANY);
    CHECK(progress->state != NULL && progress->service_state != NULL && progress->message != NULL);
    CHECK(progress->message[0] != '\0');
    CHECK(progress->attempt >= 1);
    CHECK(progress->elapsed_ms >= self->last_elapsed);
    CHECK(progress->operation != 0);
    CHECK_INT(progress->release_stage, 0);
    CHECK_TEXT(progress->resume_from, "");
    check_bytes(self, progress);
    check_items(self, progress);
    if (self->operation == 0) self->operation = progress->operation;
    CHECK_INT(progress->operation, self->operation);
    if (self->completions > 0) self->after++;
    if (self->calls == 0) self->first_ms = now;
    self->calls++;
    self->last_ms = now;
    self->last_elapsed = progress->elapsed_ms;
    self->last_attempt = progress->attempt;
    self->last_stage = progress->stage;
    snprintf(self->last_state, sizeof self->last_state, "%s", progress->state);
    if (self->pause_ms > 0) sleep_ms(self->pause_ms);
}

static void completed(const slipway_result *result, void *user_data) {
    heard *self = user_data;
    const size_t seen = slipway_result_count(result, "/timeline");
    record_result(result);
    self->completions++;
    self->ended_ms = now_ms();
    self->status = result->status;
    self->attempts = result->attempts;
    if (self->operation != 0) CHECK_INT(result->operation, self->operation);
    if (seen > 0) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/timeline/%zu/state", seen - 1);
        snprintf(self->last_seen, sizeof self->last_seen, "%s", slipway_result_string(result, pointer));
    }
}

/* Ten a second at the most: one at the beginning, one each 100 ms, and the last news at the end, which does not wait. */
static void check_rate(const heard *self) {
    const uint64_t span = self->ended_ms - self->began_ms;
    CHECK(self->calls > 0);
    if ((uint64_t)self->calls > span / 100 + 2) FAIL("%d calls in %" PRIu64 " ms", self->calls, span);
}

/* Twenty pieces of news in a moment. */
static void retries(slipway_client *client, uint32_t pause_ms) {
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    slipway_operation operation = 0;
    heard self = {.pause_ms = pause_ms};
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.on_progress = progressed;
    self.began_ms = now_ms();
    CHECK_STATUS(slipway_get_project_stats(client, &request, completed, &self, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(self.status, SLIPWAY_SERVER);
    CHECK_INT(self.operation, operation);
    CHECK_INT(self.attempts, ATTEMPTS); /* So there were at least twenty pieces of news. */
    CHECK(self.calls < ATTEMPTS);
    CHECK_INT(self.last_attempt, ATTEMPTS);
    CHECK_INT(self.completions, 1);
    CHECK_INT(self.after, 0);
    check_rate(&self);
}

/* A build that goes through all its states in a moment. */
static void states(slipway_client *client) {
    slipway_upload_request upload = SLIPWAY_UPLOAD_REQUEST_INIT;
    slipway_wait_for_build_request wait = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
    slipway_operation operation = 0;
    heard uploading = {0}, waiting = {0};
    ended unheard = {0};
    char upload_id[130] = "";
    upload.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    upload.file_url = setting("SLIPWAY_TEST_FILE_URL");
    upload.on_progress = progressed;
    uploading.began_ms = now_ms();
    CHECK_STATUS(slipway_upload(client, &upload, completed, &uploading, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(uploading.status, SLIPWAY_OK);
    CHECK_INT(uploading.after, 0);
    check_rate(&uploading);

    /* Once more, without progress: nothing to be called, and the id is what is needed. */
    upload.on_progress = NULL;
    CHECK_STATUS(slipway_upload(client, &upload, on_ended, &unheard, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(unheard.status, SLIPWAY_OK);
    REQUIRE(sscanf(strstr(unheard.json, "\"uploadId\"") + 10, "%*[^\"]\"%129[^\"]", upload_id) == 1);

    wait.project_id = upload.project_id;
    wait.upload_id = upload_id;
    wait.until = SLIPWAY_UNTIL_LIVE;
    wait.interval_ms = 10;
    wait.max_interval_ms = 10;
    wait.settle_ms = 300;
    wait.on_progress = progressed;
    waiting.began_ms = now_ms();
    CHECK_STATUS(slipway_wait_for_build(client, &wait, completed, &waiting, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(waiting.status, SLIPWAY_OK);
    CHECK_INT(waiting.completions, 1);
    CHECK_INT(waiting.after, 0);
    CHECK_INT(waiting.last_stage, SLIPWAY_STAGE_WAITING_BUILD);
    CHECK_TEXT(waiting.last_state, waiting.last_seen); /* The last news always. */
    check_rate(&waiting);
}

/* A file on its way: of zeros, and large enough to be under way for a moment. */
static void bytes(slipway_client *client) {
    enum { SIZE = 16 << 20 };
    slipway_entermedia_asset_upload_request request = SLIPWAY_ENTERMEDIA_ASSET_UPLOAD_REQUEST_INIT;
    char path[] = "/tmp/slipway-progress-XXXXXX";
    const int file = mkstemp(path);
    slipway_operation operation = 0;
    heard self = {.file_size = SIZE};
    REQUIRE(file >= 0 && ftruncate(file, SIZE) == 0 && close(file) == 0);
    request.file_path = path;
    request.on_progress = progressed;
    self.began_ms = now_ms();
    CHECK_STATUS(slipway_entermedia_asset_upload(client, &request, completed, &self, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK(unlink(path) == 0);
    CHECK_STATUS(self.status, SLIPWAY_OK);
    CHECK(self.transferring);
    CHECK_INT(self.bytes_done, SIZE); /* The last news always. */
    CHECK_INT(self.completions, 1);
    CHECK_INT(self.after, 0);
    check_rate(&self);
}

/* One request after another: there is far more news than may be told, and the last is that it is over. */
static void items(slipway_client *client) {
    enum { ITEMS = 300, FAILING = 7 };
    slipway_entermedia_distribution_create_many_request request = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT;
    const char *asset_ids[ITEMS];
    slipway_operation operation = 0;
    heard self = {.items = ITEMS};
    size_t index;
    for (index = 0; index < ITEMS; index++) asset_ids[index] = index < FAILING ? NOBODY : ASSET;
    request.asset_ids = asset_ids;
    request.asset_count = ITEMS;
    request.on_progress = progressed;
    self.began_ms = now_ms();
    CHECK_STATUS(slipway_entermedia_distribution_create_many(client, &request, completed, &self, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(self.status, SLIPWAY_OK);
    CHECK(self.many);
    CHECK_INT(self.items_done, ITEMS); /* The last news always. */
    CHECK_INT(self.completions, 1);
    CHECK_INT(self.after, 0);
    check_rate(&self);
}

/* Whatever the others tell on their way is not false. */
static void any(slipway_client *client) {
    static const int places[] = {KIND_entermedia_login, KIND_entermedia_distribution_create, KIND_entermedia_distribution_edit,
                                 KIND_entermedia_distribution_get, KIND_entermedia_distribution_search, KIND_entermedia_asset_get,
                                 KIND_check_package};
    size_t index;
    for (index = 0; index < COUNT_OF(places); index++) {
        any_request request = valid_request(kind_of(places[index]));
        slipway_operation operation = 0;
        heard self = {0};
        request.head.on_progress = progressed;
        self.began_ms = now_ms();
        CHECK_STATUS(kind_of(places[index])->start(client, &request, completed, &self, &operation), SLIPWAY_OK);
        wait_for(client, operation);
        if (self.status != SLIPWAY_OK) FAIL("slipway_%s: %s", kind_of(places[index])->name, slipway_status_name(self.status));
        CHECK_INT(self.completions, 1);
        CHECK_INT(self.after, 0);
    }
}

int main(void) {
    slipway_client *client;
    slipway_client_options options;
    start_recording("progress");
    options = client_options(SLIPWAY_DELIVERY_THREAD);
    options.max_attempts = ATTEMPTS;
    client = create_client(&options);
    topic("retries");
    retries(client, 0);
    topic("retries, slow callback");
    retries(client, 50);
    topic("states");
    states(client);
    topic("bytes");
    bytes(client);
    topic("items");
    items(client);
    topic("any");
    any(client);
    close_client(client);
    return finish();
}
