/* slipway_entermedia_distribution_create_many: on_item is called once for each, before on_complete, never inside or beside
 * another callback of the client; what it gets is good inside it only; and all of it can be ended from anywhere, in the middle. */
#include "../operations.h"

enum { FEW = 24, LOTS = 3000, ENDED_AT = 40 };

typedef slipway_entermedia_distribution_create_many_request many_request;

/* One call. */
typedef struct course {
    slipway_client *client;
    slipway_operation operation;
    const char **asset_ids, **distribution_ids; /* As in the request. */
    size_t count;

    size_t end_at; /* After so many items, by one of these: */
    bool cancel, release;
    bool heard;        /* Has an on_item. */
    bool start_others; /* Starts an operation in each on_item. */
    bool polled;
    pthread_t only_here; /* Of a polled client. */

    /* What was heard. */
    slipway_status statuses[LOTS];
    atomic_int seen[LOTS];
    atomic_int inside, overlapping, elsewhere, late, closed, others_started, others_ended;
    size_t order[LOTS];
    size_t items;
    slipway_result kept; /* Of the last item: a copy that is of no use afterwards. */
    slipway_status status;
    int completions;
    int64_t total, succeeded, failed;
} course;

static void enter(course *self) {
    if (atomic_load(&self->closed) > 0 || self->completions > 0) atomic_fetch_add(&self->late, 1);
    if (self->polled && !pthread_equal(pthread_self(), self->only_here)) atomic_fetch_add(&self->elsewhere, 1);
    if (atomic_fetch_add(&self->inside, 1) > 0) atomic_fetch_add(&self->overlapping, 1);
}

static void leave(course *self) { atomic_fetch_sub(&self->inside, 1); }

static void unreadable(const slipway_result *result) {
    CHECK(slipway_result_json(result, "") == NULL);
    CHECK(slipway_result_string(result, "/id") == NULL);
    CHECK_INT(slipway_result_type(result, ""), SLIPWAY_JSON_ABSENT);
    CHECK_INT(slipway_result_count(result, ""), 0);
}

static void on_other(const slipway_result *result, void *user_data) {
    course *self = user_data;
    record_result(result);
    if (atomic_load(&self->closed) > 0) atomic_fetch_add(&self->late, 1);
    atomic_fetch_add(&self->others_ended, 1);
}

static void on_item(size_t index, const slipway_result *result, void *user_data) {
    course *self = user_data;
    record_result(result);
    enter(self);
    REQUIRE(index < self->count);
    atomic_fetch_add(&self->seen[index], 1);
    self->statuses[index] = result->status;
    self->order[self->items++] = index;

    CHECK(result->struct_size >= sizeof *result);
    REQUIRE(result->message != NULL && result->hint != NULL);
    if (result->status == SLIPWAY_OK) {
        const char *id = slipway_result_string(result, "/id");
        CHECK_TEXT(result->message, "");
        CHECK_TEXT(slipway_result_string(result, "/assetId"), self->asset_ids[index]);
        CHECK(id != NULL && strlen(id) > 0);
        if (self->distribution_ids != NULL && self->distribution_ids[index] != NULL) CHECK_TEXT(id, self->distribution_ids[index]);
        CHECK_INT(slipway_result_type(result, "/links"), SLIPWAY_JSON_OBJECT);
    } else {
        CHECK(result->message[0] != '\0');
        CHECK(slipway_result_json(result, "") != NULL);
    }
    if (self->items > 1) unreadable(&self->kept);
    self->kept = *result;

    if (self->start_others) {
        atomic_fetch_add(&self->others_started, 1);
        start_short(self->client, on_other, self);
    }
    if (self->items == self->end_at) {
        if (self->cancel) CHECK_STATUS(slipway_cancel(self->client, self->operation), SLIPWAY_OK);
        if (self->release) CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_OK);
    }
    leave(self);
}

static void on_complete(const slipway_result *result, void *user_data) {
    course *self = user_data;
    record_result(result);
    enter(self);
    if (self->items > 0) unreadable(&self->kept);
    self->status = result->status;
    self->total = slipway_result_integer(result, "/total", -1);
    self->succeeded = slipway_result_integer(result, "/succeeded", -1);
    self->failed = slipway_result_integer(result, "/failed", -1);
    self->completions++;
    leave(self);
}

static void on_closed(void *user_data) {
    course *self = user_data;
    atomic_fetch_add(&self->closed, 1);
}

static course *new_course(int32_t delivery, size_t count) {
    course *self = calloc(1, sizeof *self);
    slipway_client_options options = client_options(delivery);
    size_t index;
    options.on_closed = on_closed;
    options.on_closed_user_data = self;
    self->polled = delivery == SLIPWAY_DELIVERY_POLLED;
    self->only_here = pthread_self();
    self->count = count;
    self->asset_ids = calloc(count, sizeof *self->asset_ids);
    for (index = 0; index < count; index++) self->asset_ids[index] = ASSET;
    self->client = create_client(&options);
    return self;
}

static many_request request_of(course *self) {
    many_request request = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT;
    request.asset_ids = self->asset_ids;
    request.distribution_ids = self->distribution_ids;
    request.asset_count = self->count;
    request.allow_original = 1;
    request.on_item = on_item;
    self->heard = true;
    return request;
}

static void start(course *self, const many_request *request) {
    CHECK_STATUS(slipway_entermedia_distribution_create_many(self->client, request, on_complete, self, &self->operation), SLIPWAY_OK);
}

/* What holds for every course, when it is over. */
static void end(course *self) {
    size_t index, once = 0;
    CHECK_STATUS(slipway_client_close(self->client, 20000), SLIPWAY_OK);
    for (index = 0; index < self->count; index++) {
        CHECK(atomic_load(&self->seen[index]) <= 1);
        once += (size_t)atomic_load(&self->seen[index]);
    }
    CHECK_INT(once, self->items);
    CHECK_INT(self->completions, 1);
    CHECK_INT(self->total, self->count);
    if (self->heard) CHECK_INT(self->succeeded + self->failed, self->items); /* Those that had ended, and those that were told. */
    CHECK_INT(atomic_load(&self->closed), 1);
    CHECK_INT(atomic_load(&self->overlapping), 0);
    CHECK_INT(atomic_load(&self->elsewhere), 0);
    CHECK_INT(atomic_load(&self->late), 0);
    CHECK_INT(atomic_load(&self->others_ended), atomic_load(&self->others_started));
    free(self->asset_ids), free(self->distribution_ids), free(self);
}

/* Three of them fail, each in a way of its own; that stops none of the others. */
static void whole(int32_t delivery, uint32_t max_parallel) {
    course *self = new_course(delivery, FEW);
    many_request request;
    size_t index;
    self->distribution_ids = calloc(FEW, sizeof *self->distribution_ids);
    self->asset_ids[3] = NOBODY;
    self->asset_ids[5] = "no id/at all";
    self->distribution_ids[7] = "no id either?";
    self->distribution_ids[8] = "whole-8.zip";
    self->start_others = true;
    request = request_of(self);
    request.max_parallel = max_parallel;
    start(self, &request);
    wait_for(self->client, self->operation);
    CHECK_STATUS(self->status, SLIPWAY_OK);
    CHECK_INT(self->items, FEW);
    CHECK_INT(self->succeeded, FEW - 3);
    CHECK_INT(self->failed, 3);
    for (index = 0; index < FEW; index++) {
        CHECK_STATUS(self->statuses[index], index == 3                 ? SLIPWAY_NOT_FOUND
                                            : index == 5 || index == 7 ? SLIPWAY_INVALID_ARGUMENT
                                                                       : SLIPWAY_OK);
        if (max_parallel == 1) CHECK_INT(self->order[index], index);
    }
    end(self);
}

/* Nobody listens to the items. */
static void unheard(void) {
    course *self = new_course(SLIPWAY_DELIVERY_THREAD, FEW);
    many_request request = request_of(self);
    request.on_item = NULL;
    self->heard = false;
    start(self, &request);
    wait_for(self->client, self->operation);
    CHECK_STATUS(self->status, SLIPWAY_OK);
    CHECK_INT(self->succeeded, FEW);
    CHECK_INT(self->items, 0);
    end(self);
}

/* From inside on_item. */
static void ended_inside(int32_t delivery, bool release) {
    course *self = new_course(delivery, LOTS);
    many_request request = request_of(self);
    self->end_at = ENDED_AT;
    self->cancel = !release;
    self->release = release;
    request.skip_verify = 1;
    start(self, &request);
    wait_for(self->client, self->operation);
    CHECK_STATUS(self->status, SLIPWAY_CANCELLED);
    CHECK(self->items >= ENDED_AT && self->items < LOTS);
    end(self);
}

/* From another thread, and by the clock. */
static void ended_outside(bool by_deadline) {
    course *self = new_course(SLIPWAY_DELIVERY_THREAD, LOTS);
    many_request request = request_of(self);
    request.deadline_ms = by_deadline ? 50 : 0;
    start(self, &request);
    if (!by_deadline) {
        sleep_ms(30);
        CHECK_STATUS(slipway_cancel(self->client, self->operation), SLIPWAY_OK);
    }
    wait_for(self->client, self->operation);
    CHECK_STATUS(self->status, by_deadline ? SLIPWAY_DEADLINE_EXCEEDED : SLIPWAY_CANCELLED);
    CHECK(self->items < LOTS);
    end(self);
}

/* A poll delivers as many as it was asked for, each item being one. */
static void polled_singly(void) {
    course *self = new_course(SLIPWAY_DELIVERY_POLLED, FEW);
    const many_request request = request_of(self);
    const uint64_t until = now_ms() + 20000;
    uint32_t delivered = 0, all = 0;
    start(self, &request);
    CHECK_STATUS(slipway_client_wait(self->client, 20000), SLIPWAY_OK);
    CHECK_INT(self->items, 0);
    while (self->completions == 0 && now_ms() < until) {
        const size_t before = self->items;
        CHECK_STATUS_IN(slipway_client_wait(self->client, 1000), SLIPWAY_OK, SLIPWAY_DEADLINE_EXCEEDED);
        CHECK_STATUS(slipway_client_poll(self->client, 1, &delivered), SLIPWAY_OK);
        CHECK(delivered <= 1);
        CHECK(self->items - before <= delivered);
        all += delivered;
    }
    CHECK_STATUS(self->status, SLIPWAY_OK);
    CHECK_INT(self->items, FEW);
    CHECK_INT(all, FEW + 1);
    end(self);
}

int main(void) {
    static const int32_t deliveries[] = {SLIPWAY_DELIVERY_THREAD, SLIPWAY_DELIVERY_POLLED};
    size_t index;
    start_recording("many");
    for (index = 0; index < COUNT_OF(deliveries); index++) {
        topic(index == 0 ? "thread" : "polled");
        whole(deliveries[index], 0);
        whole(deliveries[index], 1);
        ended_inside(deliveries[index], false);
        ended_inside(deliveries[index], true);
    }
    topic("unheard, ended from outside, polled singly");
    unheard();
    ended_outside(false);
    ended_outside(true);
    polled_singly();
    return finish();
}
