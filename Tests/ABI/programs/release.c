/* slipway_release through the C interface: its progress tells the way, what it can be resumed from is told before there is
 * anything that would need it, and a release that was ended in the middle goes on where it was, in another client. */
#include "../operations.h"

typedef struct course {
    slipway_client *client;
    int32_t end_in; /* SLIPWAY_RELEASE_...: cancel when this is heard of first; 0: let it run. */
    bool wait_to_be_looked_at;

    /* What was heard. */
    atomic_int named, looked; /* resume_from was told; the host may go on. */
    char link[512];           /* The first resume_from. */
    char latest[512];         /* The latest one. */
    int32_t first_stage, last_stage;
    bool ended_it;
    slipway_status status;
    char message[512], stage[32], upload_id[130], file_url[512], distribution_id[130], asset_id[130], key[512], state[32], resume_from[512];
    int32_t live, removed;
    size_t timeline, reused, findings;
} course;

static void copy(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text != NULL ? text : ""); }

static void on_progress(const slipway_progress *progress, void *user_data) {
    course *self = user_data;
    record("progress", progress->message);
    CHECK(progress->struct_size >= sizeof *progress);
    CHECK(progress->release_stage >= SLIPWAY_RELEASE_CHECKING && progress->release_stage <= SLIPWAY_RELEASE_REMOVING);
    CHECK(progress->release_stage >= self->last_stage);
    REQUIRE(progress->resume_from != NULL);
    CHECK(progress->bytes_done <= progress->bytes_total);
    CHECK_INT(progress->items_total, 0);
    if (self->first_stage == 0) self->first_stage = progress->release_stage;
    self->last_stage = progress->release_stage;
    if (self->latest[0] != '\0') CHECK(progress->resume_from[0] != '\0'); /* What has a name keeps one. */
    copy(self->latest, sizeof self->latest, progress->resume_from);
    if (self->end_in == progress->release_stage && !self->ended_it) {
        self->ended_it = true;
        CHECK_STATUS(slipway_cancel(self->client, progress->operation), SLIPWAY_OK);
    }
    if (progress->resume_from[0] != '\0' && self->link[0] == '\0') {
        copy(self->link, sizeof self->link, progress->resume_from);
        atomic_store(&self->named, 1);
        if (self->wait_to_be_looked_at) EVENTUALLY(atomic_load(&self->looked) == 1);
    }
}

static void on_complete(const slipway_result *result, void *user_data) {
    course *self = user_data;
    size_t index;
    record_result(result);
    self->status = result->status;
    copy(self->message, sizeof self->message, result->message);
    copy(self->stage, sizeof self->stage, slipway_result_string(result, "/stage"));
    copy(self->upload_id, sizeof self->upload_id, slipway_result_string(result, "/uploadId"));
    copy(self->file_url, sizeof self->file_url, slipway_result_string(result, "/fileUrl"));
    copy(self->distribution_id, sizeof self->distribution_id, slipway_result_string(result, "/distributionId"));
    copy(self->asset_id, sizeof self->asset_id, slipway_result_string(result, "/assetId"));
    copy(self->key, sizeof self->key, slipway_result_string(result, "/key"));
    copy(self->state, sizeof self->state, slipway_result_string(result, "/state"));
    copy(self->resume_from, sizeof self->resume_from, slipway_result_string(result, "/resumeFrom"));
    self->live = slipway_result_boolean(result, "/live", -1);
    self->removed = slipway_result_boolean(result, "/removed", -1);
    self->timeline = slipway_result_count(result, "/timeline");
    self->findings = slipway_result_count(result, "/findings");
    for (index = 0; index < self->timeline; index++) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/timeline/%zu/reused", index);
        self->reused += slipway_result_boolean(result, pointer, 0) == 1;
    }
}

static slipway_operation start(course *self, const slipway_release_request *request) {
    slipway_operation operation = 0;
    CHECK_STATUS(slipway_release(self->client, request, on_complete, self, &operation), SLIPWAY_OK);
    return operation;
}

static slipway_release_request request_with(slipway_progress_fn progress) {
    any_request any = valid_request(kind_of(KIND_release));
    any.release.on_progress = progress;
    return any.release;
}

static void check_done(const course *self) {
    if (self->status != SLIPWAY_OK) FAIL("%s: %s, in stage %s", slipway_status_name(self->status), self->message, self->stage);
    CHECK_TEXT(self->stage, "done");
    CHECK_TEXT(self->state, "approved");
    CHECK_INT(self->live, 1);
    CHECK(self->upload_id[0] != '\0');
    CHECK(self->timeline > 0);
}

/* How many builds the project has. */
static void on_project(const slipway_result *result, void *user_data) {
    record_result(result);
    CHECK_STATUS(result->status, SLIPWAY_OK);
    *(size_t *)user_data = slipway_result_count(result, "/builds");
}

static size_t builds(slipway_client *client) {
    const any_request request = valid_request(kind_of(KIND_get_project));
    slipway_operation operation = 0;
    size_t count = 0;
    CHECK_STATUS(start_get_project(client, &request, on_project, &count, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    return count;
}

static slipway_status status_of(slipway_client *client, int place, const char *id) {
    any_request request = valid_request(kind_of(place));
    ended end = {0};
    slipway_operation operation = 0;
    if (place == KIND_entermedia_asset_get) request.entermedia_asset_get.asset_id = id;
    else request.entermedia_distribution_get.distribution_id = id;
    CHECK_STATUS(kind_of(place)->start(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    return end.status;
}

/* The name comes before the thing: while on_progress has not returned from telling the link, there is nothing behind it. */
static void named_first(slipway_client *client, slipway_client *other) {
    course self = {.client = client, .wait_to_be_looked_at = true};
    const slipway_release_request request = request_with(on_progress);
    const slipway_operation operation = start(&self, &request);
    const char *id;
    EVENTUALLY(atomic_load(&self.named) == 1);
    sleep_ms(100); /* Time for something that must not happen. */
    CHECK_INT(strncmp(self.link, "http", 4), 0);
    id = strrchr(self.link, '/');
    REQUIRE(id != NULL && strlen(id) > 20 && strcmp(id + strlen(id) - 4, ".zip") == 0);
    CHECK_STATUS(status_of(other, KIND_entermedia_distribution_get, id + 1), SLIPWAY_NOT_FOUND);
    atomic_store(&self.looked, 1);
    wait_for(client, operation);
    check_done(&self);
    CHECK(self.first_stage <= SLIPWAY_RELEASE_HOSTING); /* That the file was read may be old news. */
    CHECK(self.last_stage >= SLIPWAY_RELEASE_WAITING);
    CHECK_TEXT(self.file_url, self.link);
    CHECK_TEXT(self.distribution_id, id + 1);
    CHECK_INT(self.removed, 0);
    CHECK_INT(self.reused, 0);
    CHECK_INT(self.findings, 0);
    CHECK_STATUS(status_of(other, KIND_entermedia_distribution_get, self.distribution_id), SLIPWAY_OK);
    CHECK_STATUS(status_of(other, KIND_entermedia_asset_get, self.asset_id), SLIPWAY_OK);
}

/* Cancelled in one client, and gone on with in another one: one build, whatever the moment. */
static void resumed(slipway_client *client, slipway_client *other, int32_t end_in, const slipway_storage *storage) {
    course first = {.client = client, .end_in = end_in}, second = {.client = other};
    slipway_release_request request = request_with(on_progress);
    const size_t before = builds(client);
    request.storage = storage;
    wait_for(client, start(&first, &request));
    CHECK(first.ended_it || end_in != SLIPWAY_RELEASE_HOSTING); /* The others may be over before they are told of. */
    if (first.status != SLIPWAY_OK) { /* It is, when it was faster. */
        CHECK_STATUS(first.status, SLIPWAY_CANCELLED);
        CHECK_TEXT(first.resume_from, first.latest);
        request.resume_from = first.latest[0] != '\0' ? first.latest : NULL;
        wait_for(other, start(&second, &request));
        check_done(&second);
        if (first.link[0] != '\0') CHECK_TEXT(second.file_url, first.link);
    }
    CHECK_INT(builds(client), before + 1);
}

/* Where a build is in the folder that a link of the emulator's leads to. */
static bool is_in_folder(const char *link) {
    const char *url = setting("SLIPWAY_TEST_STORAGE_URL");
    char path[2048];
    REQUIRE(strncmp(link, url, strlen(url)) == 0);
    snprintf(path, sizeof path, "%s%s", setting("SLIPWAY_TEST_STORAGE"), link + strlen(url));
    return access(path, F_OK) == 0;
}

/* Hosted in a folder instead: the name comes before the thing there, too, and what was hosted goes when it is to go. */
static void in_folder(slipway_client *client, int32_t hosted) {
    course self = {.client = client, .wait_to_be_looked_at = true};
    slipway_release_request request = request_with(on_progress);
    slipway_operation operation;
    request.storage = some_storage();
    request.hosted = hosted;
    operation = start(&self, &request);
    EVENTUALLY(atomic_load(&self.named) == 1);
    sleep_ms(100); /* Time for something that must not happen. */
    CHECK(!is_in_folder(self.link));
    atomic_store(&self.looked, 1);
    wait_for(client, operation);
    check_done(&self);
    CHECK_TEXT(self.file_url, self.link);
    CHECK(strlen(self.key) > 20 && strcmp(self.key + strlen(self.key) - 4, ".zip") == 0);
    CHECK(strcmp(self.link + strlen(self.link) - strlen(self.key), self.key) == 0);
    CHECK(self.asset_id[0] == '\0' && self.distribution_id[0] == '\0');
    CHECK_INT(self.removed, hosted == SLIPWAY_REMOVE_WHEN_DONE);
    CHECK(is_in_folder(self.link) == (hosted == SLIPWAY_KEEP));
}

/* The name of a build that is registered is enough: it needs no file. */
static void from_upload_id(slipway_client *client) {
    course self = {.client = client};
    slipway_release_request request = request_with(NULL);
    const size_t before = builds(client);
    request.file_path = NULL;
    request.resume_from = setting("SLIPWAY_TEST_APPROVED_BUILD");
    wait_for(client, start(&self, &request));
    check_done(&self);
    CHECK_TEXT(self.upload_id, request.resume_from);
    CHECK_INT(builds(client), before);
}

static void removed_when_done(slipway_client *client) {
    course self = {.client = client};
    slipway_release_request request = request_with(on_progress);
    request.hosted = SLIPWAY_REMOVE_WHEN_DONE;
    wait_for(client, start(&self, &request));
    check_done(&self);
    CHECK_INT(self.removed, 1);
    CHECK(self.distribution_id[0] != '\0' && self.asset_id[0] != '\0');
    CHECK_STATUS(status_of(client, KIND_entermedia_distribution_get, self.distribution_id), SLIPWAY_NOT_FOUND);
    CHECK_STATUS(status_of(client, KIND_entermedia_asset_get, self.asset_id), SLIPWAY_NOT_FOUND);
}

static void on_its_own_way(slipway_client *client) {
    course self = {.client = client};
    slipway_release_request request = request_with(on_progress);
    request.manual_release = 1;
    request.source_path = "builds/MyGame";
    wait_for(client, start(&self, &request));
    check_done(&self);
}

int main(void) {
    slipway_client *client, *other;
    int32_t stage;
    start_recording("release");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    other = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("named first");
    named_first(client, other);
    topic("resumed");
    for (stage = SLIPWAY_RELEASE_CHECKING; stage <= SLIPWAY_RELEASE_WAITING; stage++) resumed(client, other, stage, NULL);
    topic("in a folder");
    in_folder(client, SLIPWAY_KEEP);
    in_folder(client, SLIPWAY_REMOVE_WHEN_DONE);
    for (stage = SLIPWAY_RELEASE_CHECKING; stage <= SLIPWAY_RELEASE_WAITING; stage++) resumed(client, other, stage, some_storage());
    topic("from an upload id, removed when done, manual");
    from_upload_id(client);
    removed_when_done(client);
    on_its_own_way(client);
    close_client(client);
    close_client(other);
    return finish();
}
