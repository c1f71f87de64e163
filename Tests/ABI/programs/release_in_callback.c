/* A client may be released from inside any of its callbacks; operations may be started in any of them; on_closed is the last. */
#include "../check.h"

enum { PENDING = 5, CHAIN = 25 };

typedef struct scene {
    slipway_client *client;
    bool release_in_completion, release_in_progress, release_in_closed, start_in_callbacks;
    atomic_int completed, cancelled, progressed, closed, late, chained;
} scene;

static void completed(const slipway_result *result, void *user_data);

static void check_alive(scene *self) {
    if (atomic_load(&self->closed) > 0) atomic_fetch_add(&self->late, 1);
}

static void closed(void *user_data) {
    scene *self = user_data;
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    slipway_operation operation = 3;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    atomic_fetch_add(&self->closed, 1);
    if (self->release_in_closed) CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_CLOSED);
    CHECK_STATUS(slipway_get_project_stats(self->client, &request, on_never, NULL, &operation), SLIPWAY_CLOSED);
    CHECK_INT(operation, 3);
}

static void progressed(const slipway_progress *progress, void *user_data) {
    scene *self = user_data;
    check_alive(self);
    record("progress", progress->message);
    if (atomic_fetch_add(&self->progressed, 1) == 0 && self->release_in_progress) {
        CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_OK);
        CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_CLOSED);
    }
}

static void completed(const slipway_result *result, void *user_data) {
    scene *self = user_data;
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    record_result(result);
    check_alive(self);
    if (result->status == SLIPWAY_CANCELLED) atomic_fetch_add(&self->cancelled, 1);
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    if (self->start_in_callbacks && atomic_fetch_add(&self->chained, 1) < CHAIN)
        CHECK_STATUS(slipway_get_project_stats(self->client, &request, completed, self, NULL), SLIPWAY_OK);
    if (atomic_fetch_add(&self->completed, 1) == 0 && self->release_in_completion) {
        slipway_operation operation = 3;
        CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_OK);
        CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_CLOSED);
        CHECK_STATUS(slipway_get_project_stats(self->client, &request, on_never, NULL, &operation), SLIPWAY_CLOSED);
        CHECK_STATUS_IN(slipway_cancel(self->client, result->operation), SLIPWAY_CLOSED, SLIPWAY_OK);
        CHECK_INT(operation, 3);
    }
}

static void open_scene(scene *self, int32_t delivery) {
    slipway_client_options options = client_options(delivery);
    options.on_closed = closed;
    options.on_closed_user_data = self;
    self->client = create_client(&options);
}

/* Waits until the release that came from a callback has led to on_closed; a polled client has to be polled for that. */
static void see_it_closed(scene *self, int32_t delivery) {
    const uint64_t until = now_ms() + 20000;
    while (atomic_load(&self->closed) == 0 && now_ms() < until) {
        if (delivery == SLIPWAY_DELIVERY_POLLED) {
            slipway_client_wait(self->client, 100);
            slipway_client_poll(self->client, 0, NULL);
        } else {
            sleep_ms(1);
        }
    }
    CHECK_INT(atomic_load(&self->closed), 1);
    CHECK_STATUS(slipway_client_close(self->client, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self->closed), 1);
    CHECK_STATUS(slipway_client_release(self->client), SLIPWAY_CLOSED);
    CHECK_STATUS(slipway_client_close(self->client, SLIPWAY_FOREVER), SLIPWAY_OK);
    sleep_ms(20);
    CHECK_INT(atomic_load(&self->late), 0);
}

static void from_completion(int32_t delivery) {
    scene self = {.release_in_completion = true, .release_in_closed = true};
    int index;
    open_scene(&self, delivery);
    for (index = 0; index < PENDING; index++) start_endless(self.client, completed, NULL, &self);
    start_short(self.client, completed, &self);
    see_it_closed(&self, delivery);
    CHECK_INT(atomic_load(&self.completed), PENDING + 1);
    CHECK_INT(atomic_load(&self.cancelled), PENDING);
}

static void from_progress(int32_t delivery) {
    scene self = {.release_in_progress = true};
    int index;
    open_scene(&self, delivery);
    for (index = 0; index < PENDING; index++) start_endless(self.client, completed, progressed, &self);
    see_it_closed(&self, delivery);
    CHECK_INT(atomic_load(&self.completed), PENDING);
    CHECK_INT(atomic_load(&self.cancelled), PENDING);
    CHECK(atomic_load(&self.progressed) > 0);
}

static void chain(int32_t delivery) {
    scene self = {.start_in_callbacks = true};
    const uint64_t until = now_ms() + 20000;
    open_scene(&self, delivery);
    start_short(self.client, completed, &self);
    while (atomic_load(&self.completed) <= CHAIN && now_ms() < until) {
        if (delivery == SLIPWAY_DELIVERY_POLLED) {
            slipway_client_wait(self.client, 100);
            slipway_client_poll(self.client, 0, NULL);
        } else {
            sleep_ms(2);
        }
    }
    CHECK_INT(atomic_load(&self.completed), CHAIN + 1);
    CHECK_STATUS(slipway_client_release(self.client), SLIPWAY_OK);
    see_it_closed(&self, delivery);
    CHECK_INT(atomic_load(&self.completed), CHAIN + 1);
}

/* A client that has nothing to do is closed at once, and one nobody waits for closes by itself. */
static void idle(void) {
    scene self = {0};
    open_scene(&self, SLIPWAY_DELIVERY_THREAD);
    CHECK_STATUS(slipway_client_release(self.client), SLIPWAY_OK);
    EVENTUALLY(atomic_load(&self.closed) == 1);
    see_it_closed(&self, SLIPWAY_DELIVERY_THREAD);
}

static void *close_it(void *user_data) {
    scene *self = user_data;
    CHECK_STATUS(slipway_client_close(self->client, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self->closed), 1); /* close returns after on_closed has. */
    return NULL;
}

static atomic_int inside;

static void slow(const slipway_result *result, void *user_data) {
    atomic_store(&inside, 1);
    sleep_ms(100);
    completed(result, user_data);
}

/* close, by two threads at once, while a callback runs. */
static void close_while_inside(void) {
    scene self = {0};
    pthread_t closers[2];
    int index;
    open_scene(&self, SLIPWAY_DELIVERY_THREAD);
    atomic_store(&inside, 0);
    start_endless(self.client, completed, NULL, &self);
    start_short(self.client, slow, &self);
    EVENTUALLY(atomic_load(&inside) == 1);
    CHECK_STATUS(slipway_client_close(self.client, 1), SLIPWAY_DEADLINE_EXCEEDED); /* The callback takes longer. */
    for (index = 0; index < 2; index++) pthread_create(&closers[index], NULL, close_it, &self);
    for (index = 0; index < 2; index++) pthread_join(closers[index], NULL);
    CHECK_INT(atomic_load(&self.completed), 2);
    CHECK_INT(atomic_load(&self.late), 0);
}

/* release on one thread while another one starts: it starts and is cancelled, or it does not start. A client that forgot
 * one of them on the way would be a leak, which AddressSanitizer sees. */
enum { RACES = 150 };

typedef struct race {
    pthread_barrier_t line;
    slipway_client *_Atomic client;
} race;

/* Up to some microseconds: so that each of the two is first, or in the middle, now and then. */
static void a_moment(unsigned *seed) {
    volatile int left = rand_r(seed) % 20000;
    while (left > 0) left = left - 1;
}

static void *start_at_once(void *user_data) {
    race *self = user_data;
    unsigned seed = 1;
    int round, started = 0;
    for (round = 0; round < RACES; round++) {
        slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
        slipway_operation operation = 0;
        slipway_status status;
        ended end = {0};
        slipway_client *client;
        request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        pthread_barrier_wait(&self->line);
        client = atomic_load(&self->client);
        a_moment(&seed);
        status = slipway_get_project_stats(client, &request, on_ended, &end, &operation);
        CHECK_STATUS_IN(status, SLIPWAY_OK, SLIPWAY_CLOSED);
        CHECK_STATUS(slipway_client_close(client, 20000), SLIPWAY_OK);
        CHECK_INT(atomic_load(&end.count), status == SLIPWAY_OK ? 1 : 0);
        started += status == SLIPWAY_OK;
        pthread_barrier_wait(&self->line);
    }
    CHECK(started > 0 && started < RACES);
    return NULL;
}

static void release_while_starting(void) {
    race self;
    pthread_t starter;
    unsigned seed = 2;
    int round;
    pthread_barrier_init(&self.line, NULL, 2);
    atomic_init(&self.client, NULL);
    pthread_create(&starter, NULL, start_at_once, &self);
    for (round = 0; round < RACES; round++) {
        atomic_store(&self.client, new_client(SLIPWAY_DELIVERY_THREAD));
        pthread_barrier_wait(&self.line);
        a_moment(&seed);
        CHECK_STATUS_IN(slipway_client_release(atomic_load(&self.client)), SLIPWAY_OK, SLIPWAY_CLOSED);
        pthread_barrier_wait(&self.line);
    }
    pthread_join(starter, NULL);
    pthread_barrier_destroy(&self.line);
}

int main(void) {
    static const int32_t deliveries[] = {SLIPWAY_DELIVERY_THREAD, SLIPWAY_DELIVERY_POLLED};
    size_t index;
    start_recording("release_in_callback");
    for (index = 0; index < COUNT_OF(deliveries); index++) {
        topic(index == 0 ? "thread" : "polled");
        from_completion(deliveries[index]);
        from_progress(deliveries[index]);
        chain(deliveries[index]);
    }
    topic("idle, close while inside");
    idle();
    close_while_inside();
    topic("release while starting");
    release_while_starting();
    return finish();
}
