/* Every kind of operation, ended before it is finished: cancelled, released, out of time, from outside and from its own progress. Each
 * completes once, with the end that it was given unless it was faster, and leaves no descriptor behind. */
#include "../operations.h"

#include <dirent.h>

typedef enum way { CANCELLED, RELEASED, OUT_OF_TIME, CANCELLED_IN_PROGRESS, RELEASED_IN_PROGRESS, WAYS } way;

static const char *const way_names[] = {"cancelled", "released", "out of time", "cancelled in progress", "released in progress"};

typedef struct ending {
    slipway_client *client;
    way way;
    atomic_int completed, progressed, items, closed, late;
    slipway_status status;
} ending;

static void check_alive(ending *self) {
    if (atomic_load(&self->completed) > 0 || atomic_load(&self->closed) > 0) atomic_fetch_add(&self->late, 1);
}

static void on_progress(const slipway_progress *progress, void *user_data) {
    ending *self = user_data;
    check_alive(self);
    record("progress", progress->message);
    if (atomic_fetch_add(&self->progressed, 1) > 0) return;
    if (self->way == CANCELLED_IN_PROGRESS) CHECK_STATUS(slipway_cancel(self->client, progress->operation), SLIPWAY_OK);
    if (self->way == RELEASED_IN_PROGRESS) CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_OK);
}

static void on_item(size_t index, const slipway_result *result, void *user_data) {
    ending *self = user_data;
    check_alive(self);
    record_result(result);
    CHECK(index < COUNT_OF(many_assets));
    atomic_fetch_add(&self->items, 1);
}

static void on_complete(const slipway_result *result, void *user_data) {
    ending *self = user_data;
    check_alive(self);
    record_result(result);
    self->status = result->status;
    atomic_fetch_add(&self->completed, 1);
}

static void on_closed(void *user_data) {
    ending *self = user_data;
    atomic_fetch_add(&self->closed, 1);
}

static void one(const operation_kind *kind, int32_t delivery, way way, uint32_t after_ms) {
    ending self = {.way = way};
    slipway_client_options options = client_options(delivery);
    any_request request = valid_request(kind);
    const slipway_status expected = way == OUT_OF_TIME ? SLIPWAY_DEADLINE_EXCEEDED : SLIPWAY_CANCELLED;
    slipway_operation operation = 0;
    options.on_closed = on_closed;
    options.on_closed_user_data = &self;
    self.client = create_client(&options);
    request.head.on_progress = on_progress;
    if (way == OUT_OF_TIME) request.head.deadline_ms = 1 + after_ms;
    if (kind == kind_of(KIND_entermedia_distribution_create_many)) request.entermedia_distribution_create_many.on_item = on_item;
    CHECK_STATUS(kind->start(self.client, &request, on_complete, &self, &operation), SLIPWAY_OK);
    if (way == CANCELLED || way == RELEASED) {
        if (after_ms > 0) CHECK_STATUS_IN(slipway_operation_wait(self.client, operation, after_ms), SLIPWAY_OK, SLIPWAY_DEADLINE_EXCEEDED);
        if (way == CANCELLED) CHECK_STATUS(slipway_cancel(self.client, operation), SLIPWAY_OK);
        if (way == RELEASED) CHECK_STATUS(slipway_client_release(self.client), SLIPWAY_OK);
    }
    /* A client that has closed meanwhile knows nothing any more. */
    CHECK_STATUS_IN(slipway_operation_wait(self.client, operation, 20000), SLIPWAY_OK,
                    way == RELEASED || way == RELEASED_IN_PROGRESS ? SLIPWAY_CLOSED : SLIPWAY_OK);
    CHECK_INT(atomic_load(&self.completed), 1);
    CHECK_STATUS(slipway_client_close(self.client, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self.completed), 1);
    CHECK_INT(atomic_load(&self.closed), 1);
    CHECK_INT(atomic_load(&self.late), 0);
    CHECK(atomic_load(&self.items) <= (int)COUNT_OF(many_assets));
    if (way == OUT_OF_TIME && self.status == SLIPWAY_RATE_LIMITED) return; /* No turn in so little time. */
    if (self.status != expected && self.status != kind->answer)
        FAIL("slipway_%s, %s after %" PRIu32 " ms: %s", kind->name, way_names[way], after_ms, slipway_status_name(self.status));
}

/* All kinds at once, on one client, that ends in the middle of it. */
static void all_at_once(int32_t delivery, uint32_t after_ms) {
    ending each[OPERATION_KINDS] = {{0}};
    slipway_client *client = new_client(delivery);
    size_t index;
    for (index = 0; index < OPERATION_KINDS; index++) {
        const operation_kind *kind = &operation_kinds[index];
        any_request request = valid_request(kind);
        each[index].client = client;
        each[index].way = RELEASED;
        request.head.on_progress = on_progress;
        CHECK_STATUS(kind->start(client, &request, on_complete, &each[index], NULL), SLIPWAY_OK);
    }
    sleep_ms(after_ms);
    CHECK_STATUS(slipway_client_release(client), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_close(client, 20000), SLIPWAY_OK);
    for (index = 0; index < OPERATION_KINDS; index++) {
        CHECK_INT(atomic_load(&each[index].completed), 1);
        CHECK_INT(atomic_load(&each[index].late), 0);
        if (each[index].status != operation_kinds[index].answer) CHECK_STATUS(each[index].status, SLIPWAY_CANCELLED);
    }
}

/* How many this process has; what they are, for who has to find out why there are too many. */
static int descriptors(bool tell) {
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;
    int count = 0;
    REQUIRE(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        char path[300], target[300] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        if (tell && readlink(path, target, sizeof target - 1) > 0) fprintf(stderr, "-- %s %s\n", entry->d_name, target);
        count++;
    }
    closedir(directory);
    return count;
}

int main(void) {
    static const int32_t deliveries[] = {SLIPWAY_DELIVERY_THREAD, SLIPWAY_DELIVERY_POLLED};
    static const uint32_t moments[] = {0, 1, 4, 15}; /* Milliseconds: before, in the middle, and after the end of most. */
    size_t delivery, kind, moment;
    int way, before;
    start_recording("endings");
    close_client(new_client(SLIPWAY_DELIVERY_THREAD)); /* What the first client opens for the whole process stays open. */
    before = descriptors(false);
    for (way = 0; way < WAYS; way++) {
        topic(way_names[way]);
        for (delivery = 0; delivery < COUNT_OF(deliveries); delivery++)
            for (kind = 0; kind < OPERATION_KINDS; kind++)
                for (moment = delivery; moment < COUNT_OF(moments); moment += way >= CANCELLED_IN_PROGRESS ? COUNT_OF(moments) : 2)
                    one(&operation_kinds[kind], deliveries[delivery], (enum way)way, moments[moment]);
    }
    topic("all at once");
    for (delivery = 0; delivery < COUNT_OF(deliveries); delivery++)
        for (moment = 0; moment < COUNT_OF(moments); moment++) all_at_once(deliveries[delivery], moments[moment]);
    if (!SANITIZED) { /* A sanitizer opens some of its own, when it looks up a name. */
        EVENTUALLY(descriptors(false) <= before);
        if (descriptors(false) > before) descriptors(true);
    }
    return finish();
}
