/* Progress: at most ten times a second, the latest news, the last news always, never after the completion. The emulator
 * fails every request for the statistics of a project (programs.py sees to that), so that a call has much to tell in
 * little time. */
#include "../check.h"

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
} heard;

static void progressed(const slipway_progress *progress, void *user_data) {
    heard *self = user_data;
    const uint64_t now = now_ms();
    record("progress", progress->message);
    CHECK(progress->struct_size >= sizeof *progress);
    CHECK(progress->stage >= SLIPWAY_STAGE_CHECKING && progress->stage <= SLIPWAY_STAGE_WAITING_BUILD);
    CHECK(progress->state != NULL && progress->service_state != NULL && progress->message != NULL);
    CHECK(progress->message[0] != '\0');
    CHECK(progress->attempt >= 1);
    CHECK(progress->elapsed_ms >= self->last_elapsed);
    CHECK(progress->operation != 0);
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
    close_client(client);
    return finish();
}
