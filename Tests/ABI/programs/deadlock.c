/* Each function that blocks, from inside each kind of callback, answers WOULD_DEADLOCK, for its own client and for any
 * other; those that do not block work there, and so does the start of every operation. */
#include "../operations.h"

typedef struct scene {
    slipway_client *own;    /* The client whose callback it is. */
    slipway_client *thread; /* Another one. */
    slipway_client *polled; /* And another one. */
    slipway_operation endless, many;
    atomic_int completions, progresses, closes, items;
} scene;

static void other_log(int32_t level, const char *message, void *user_data) { (void)level, (void)message, (void)user_data; }

/* Called inside a callback of `own`; NULL is the log hook, which is nobody's. */
static void from_inside(const char *where, const scene *self, slipway_client *own, bool own_is_polled) {
    const int before = atomic_load(&check_failures);
    slipway_client *created = NULL;
    slipway_operation operation = 0;
    int fd = -1;
    size_t index;

    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, other_log, NULL), SLIPWAY_WOULD_DEADLOCK);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_WOULD_DEADLOCK);
    CHECK_STATUS(slipway_client_close(self->thread, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
    CHECK_STATUS(slipway_client_close(self->polled, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
    CHECK_STATUS(slipway_client_close(self->polled, 1), SLIPWAY_WOULD_DEADLOCK);
    CHECK_STATUS(slipway_client_wait(self->polled, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
    CHECK_STATUS(slipway_operation_wait(self->thread, self->endless, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
    if (own != NULL) {
        CHECK_STATUS(slipway_client_close(own, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
        CHECK_STATUS(slipway_operation_wait(own, self->endless, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
        if (own_is_polled) {
            CHECK_STATUS(slipway_client_wait(own, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
            CHECK_STATUS(slipway_client_poll(own, 0, NULL), SLIPWAY_WOULD_DEADLOCK);
        }
    }

    /* None of that has ended anything, and what does not block works. */
    CHECK_STATUS(slipway_client_poll_fd(self->polled, &fd), SLIPWAY_OK);
    CHECK(fd >= 0);
    CHECK_STATUS(slipway_cancel(self->thread, UINT64_MAX), SLIPWAY_NOT_FOUND);
    operation = start_endless(self->thread, on_ended, NULL, NULL);
    CHECK_STATUS(slipway_cancel(self->thread, operation), SLIPWAY_OK);
    for (index = 0; index < OPERATION_KINDS; index++) {
        const any_request request = valid_request(&operation_kinds[index]);
        CHECK_STATUS(operation_kinds[index].start(self->thread, &request, on_ended, NULL, &operation), SLIPWAY_OK);
        CHECK_STATUS(slipway_cancel(self->thread, operation), SLIPWAY_OK);
    }
    created = new_client(SLIPWAY_DELIVERY_THREAD);
    CHECK_STATUS(slipway_client_release(created), SLIPWAY_OK);
    CHECK_INT(slipway_version_number(), SLIPWAY_VERSION_NUMBER);
    if (atomic_load(&check_failures) != before) FAIL("(that was inside %s, %s client)", where, own_is_polled ? "polled" : "any other");
}

static bool is_polled(slipway_client *client) {
    int fd;
    return slipway_client_poll_fd(client, &fd) == SLIPWAY_OK;
}

static void completed(const slipway_result *result, void *user_data) {
    scene *self = user_data;
    record_result(result);
    if (atomic_fetch_add(&self->completions, 1) == 0) from_inside("on_complete", self, self->own, is_polled(self->own));
}

static void progressed(const slipway_progress *progress, void *user_data) {
    scene *self = user_data;
    if (atomic_fetch_add(&self->progresses, 1) > 0) return;
    from_inside("on_progress", self, self->own, is_polled(self->own));
    CHECK_STATUS(slipway_cancel(self->own, progress->operation), SLIPWAY_OK);
}

/* slipway_item_fn: the first of them cancels what it belongs to, from inside. */
static void ended_one(size_t index, const slipway_result *result, void *user_data) {
    scene *self = user_data;
    CHECK(index < COUNT_OF(many_assets));
    record_result(result);
    if (atomic_fetch_add(&self->items, 1) > 0) return;
    from_inside("on_item", self, self->own, is_polled(self->own));
    CHECK_STATUS(slipway_cancel(self->own, self->many), SLIPWAY_OK);
}

static void all_ended(const slipway_result *result, void *user_data) {
    (void)user_data;
    record_result(result);
    CHECK_STATUS_IN(result->status, SLIPWAY_OK, SLIPWAY_CANCELLED);
}

static void closed(void *user_data) {
    scene *self = user_data;
    from_inside("on_closed", self, NULL, false);
    CHECK_STATUS(slipway_client_close(self->own, SLIPWAY_FOREVER), SLIPWAY_WOULD_DEADLOCK);
    atomic_fetch_add(&self->closes, 1);
}

static void callbacks(int32_t delivery, slipway_client *thread, slipway_client *polled, slipway_operation endless) {
    scene self = {.thread = thread, .polled = polled, .endless = endless};
    any_request many = valid_request(kind_of(KIND_entermedia_distribution_create_many));
    slipway_client_options options = client_options(delivery);
    slipway_operation operation;
    options.on_closed = closed;
    options.on_closed_user_data = &self;
    self.own = create_client(&options);
    operation = start_endless(self.own, completed, progressed, &self); /* Its first progress cancels it. */
    wait_for(self.own, operation);
    CHECK_INT(atomic_load(&self.completions), 1);
    CHECK(atomic_load(&self.progresses) > 0);
    many.entermedia_distribution_create_many.on_item = ended_one;
    CHECK_STATUS(start_entermedia_distribution_create_many(self.own, &many, all_ended, &self, &self.many), SLIPWAY_OK);
    wait_for(self.own, self.many);
    CHECK(atomic_load(&self.items) > 0);
    CHECK_STATUS(slipway_client_close(self.own, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self.closes), 1);
}

static scene logged_scene;
static atomic_int logged;

static void log_from_inside(int32_t level, const char *message, void *user_data) {
    record_log(level, message, user_data);
    if (atomic_exchange(&logged, 1) == 0) from_inside("the log hook", &logged_scene, NULL, false);
}

/* A thread of the host's own that was never inside a callback is not affected by those that are. */
static void *outsider(void *user_data) {
    slipway_client *client = user_data;
    CHECK_STATUS(slipway_client_wait(client, 1), SLIPWAY_DEADLINE_EXCEEDED);
    return NULL;
}

static atomic_int asked;

static void ask_outsider(const slipway_result *result, void *user_data) {
    pthread_t thread;
    record_result(result);
    pthread_create(&thread, NULL, outsider, user_data);
    pthread_join(thread, NULL);
    atomic_store(&asked, 1);
}

int main(void) {
    slipway_client *thread, *polled;
    slipway_operation endless;
    ended end = {0};
    start_recording("deadlock");
    thread = new_client(SLIPWAY_DELIVERY_THREAD);
    polled = new_client(SLIPWAY_DELIVERY_POLLED);
    endless = start_endless(thread, on_ended, NULL, &end);

    topic("thread");
    callbacks(SLIPWAY_DELIVERY_THREAD, thread, polled, endless);
    topic("polled");
    callbacks(SLIPWAY_DELIVERY_POLLED, thread, polled, endless);

    topic("log hook");
    logged_scene.thread = thread;
    logged_scene.polled = polled;
    logged_scene.endless = endless;
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, log_from_inside, NULL), SLIPWAY_OK);
    EVENTUALLY(atomic_load(&logged) == 1);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, record_log, NULL), SLIPWAY_OK);

    topic("outsider");
    wait_for(thread, start_short(thread, ask_outsider, polled));
    CHECK_INT(atomic_load(&asked), 1);

    CHECK_INT(atomic_load(&end.count), 0); /* The endless one still runs: nothing above has closed its client. */
    CHECK_STATUS(slipway_cancel(thread, endless), SLIPWAY_OK);
    wait_for(thread, endless);
    CHECK_STATUS(end.status, SLIPWAY_CANCELLED);
    close_client(thread);
    close_client(polled);
    return finish();
}
