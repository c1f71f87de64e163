/* A polled client calls back on the thread that polls, when it polls, and at no other time. */
#include "../check.h"

#include <poll.h>

typedef struct heard {
    atomic_int completed, progressed, closed, elsewhere, inside, overlapping;
    pthread_t only_here;
    bool anywhere;
    uint32_t pause_ms;
} heard;

static void enter(heard *self) {
    if (!self->anywhere && !pthread_equal(pthread_self(), self->only_here)) atomic_fetch_add(&self->elsewhere, 1);
    if (atomic_fetch_add(&self->inside, 1) > 0) atomic_fetch_add(&self->overlapping, 1);
    if (self->pause_ms > 0) sleep_ms(self->pause_ms);
    atomic_fetch_sub(&self->inside, 1);
}

static void completed(const slipway_result *result, void *user_data) {
    heard *self = user_data;
    record_result(result);
    enter(self);
    atomic_fetch_add(&self->completed, 1);
}

static void progressed(const slipway_progress *progress, void *user_data) {
    heard *self = user_data;
    record("progress", progress->message);
    enter(self);
    atomic_fetch_add(&self->progressed, 1);
}

static void closed(void *user_data) {
    heard *self = user_data;
    enter(self);
    atomic_fetch_add(&self->closed, 1);
}

static slipway_client *open_client(heard *self) {
    slipway_client_options options = client_options(SLIPWAY_DELIVERY_POLLED);
    self->only_here = pthread_self();
    options.on_closed = closed;
    options.on_closed_user_data = self;
    return create_client(&options);
}

static bool readable(int fd, int timeout_ms) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, timeout_ms) == 1 && (one.revents & POLLIN) != 0;
}

/* Nothing is delivered before somebody polls; the descriptor says when there is something, and only then. */
static void one_at_a_time(void) {
    heard self = {0};
    slipway_client *client = open_client(&self);
    uint32_t delivered = 99;
    int fd = -1, again = -1;
    CHECK_STATUS(slipway_client_poll_fd(client, &fd), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_poll_fd(client, &again), SLIPWAY_OK);
    CHECK_INT(fd, again);

    CHECK(!readable(fd, 0));
    CHECK_STATUS(slipway_client_poll(client, 0, &delivered), SLIPWAY_OK);
    CHECK_INT(delivered, 0);
    CHECK_STATUS(slipway_client_wait(client, 0), SLIPWAY_DEADLINE_EXCEEDED);
    CHECK_STATUS(slipway_client_wait(client, 30), SLIPWAY_DEADLINE_EXCEEDED);

    start_short(client, completed, &self);
    start_short(client, completed, &self);
    CHECK_STATUS(slipway_client_wait(client, 20000), SLIPWAY_OK);
    CHECK(readable(fd, 20000));
    CHECK(readable(fd, 0)); /* To look does not take it away. */
    CHECK_STATUS(slipway_client_wait(client, SLIPWAY_FOREVER), SLIPWAY_OK);
    sleep_ms(200); /* Time for both to be there, and for a delivery that must not happen. */
    CHECK_INT(atomic_load(&self.completed), 0);

    CHECK_STATUS(slipway_client_poll(client, 1, &delivered), SLIPWAY_OK);
    CHECK_INT(delivered, 1);
    CHECK_INT(atomic_load(&self.completed), 1);
    CHECK(readable(fd, 20000)); /* The second one. */
    CHECK_STATUS(slipway_client_poll(client, 0, &delivered), SLIPWAY_OK);
    CHECK_INT(delivered, 1);
    CHECK(!readable(fd, 0));
    CHECK_STATUS(slipway_client_wait(client, 0), SLIPWAY_DEADLINE_EXCEEDED);
    CHECK_INT(atomic_load(&self.completed), 2);

    /* operation_wait delivers. */
    wait_for(client, start_short(client, completed, &self));
    CHECK_INT(atomic_load(&self.completed), 3);
    { /* So it does for somebody else's operation, and in time. */
        const slipway_operation endless = start_endless(client, completed, progressed, &self);
        start_short(client, completed, &self);
        CHECK_STATUS(slipway_operation_wait(client, endless, 300), SLIPWAY_DEADLINE_EXCEEDED);
        CHECK_INT(atomic_load(&self.completed), 4);
        CHECK(atomic_load(&self.progressed) > 0);
    }

    /* close delivers the rest: a completion that waits, one that is cancelled, and on_closed. */
    start_short(client, completed, &self);
    CHECK_STATUS(slipway_client_wait(client, 20000), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_close(client, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self.completed), 6);
    CHECK_INT(atomic_load(&self.closed), 1);
    CHECK_INT(atomic_load(&self.elsewhere), 0);
    CHECK_INT(atomic_load(&self.overlapping), 0);
    CHECK_STATUS(slipway_client_poll(client, 0, &delivered), SLIPWAY_CLOSED);
    CHECK_STATUS(slipway_client_wait(client, SLIPWAY_FOREVER), SLIPWAY_CLOSED);
    CHECK_STATUS(slipway_client_poll_fd(client, &again), SLIPWAY_CLOSED);
}

/* A released client keeps what was not delivered until it is polled. */
static void released(void) {
    heard self = {0};
    slipway_client *client = open_client(&self);
    uint32_t delivered = 0, all = 0;
    const uint64_t until = now_ms() + 20000;
    start_endless(client, completed, NULL, &self);
    start_endless(client, completed, NULL, &self);
    CHECK_STATUS(slipway_client_release(client), SLIPWAY_OK);
    sleep_ms(100);
    CHECK_INT(atomic_load(&self.completed), 0);
    CHECK_INT(atomic_load(&self.closed), 0);
    while (atomic_load(&self.closed) == 0 && now_ms() < until) {
        CHECK_STATUS(slipway_client_wait(client, 20000), SLIPWAY_OK);
        CHECK_STATUS(slipway_client_poll(client, 1, &delivered), SLIPWAY_OK);
        CHECK(delivered <= 1);
        all += delivered;
    }
    CHECK_INT(atomic_load(&self.completed), 2);
    CHECK_INT(all, 3); /* on_closed is one of them. */
    CHECK_INT(atomic_load(&self.elsewhere), 0);
    CHECK_STATUS(slipway_client_close(client, SLIPWAY_FOREVER), SLIPWAY_OK);
}

typedef struct chain {
    slipway_client *client;
    int calls;
} chain;

/* Starts the next operation, which is over at once, and takes its time: when it returns, the next completion is there. */
static void and_again(const slipway_result *result, void *user_data) {
    chain *self = user_data;
    slipway_project_request nothing = SLIPWAY_PROJECT_REQUEST_INIT;
    CHECK_STATUS(result->status, SLIPWAY_INVALID_ARGUMENT);
    if (++self->calls == 100) return;
    CHECK_STATUS(slipway_get_project(self->client, &nothing, and_again, self, NULL), SLIPWAY_OK);
    sleep_ms(5);
}

/* Poll delivers what is due when it is called: a frame of a game does not get longer because callbacks make work for each other. */
static void callbacks_that_never_end(void) {
    chain self = {new_client(SLIPWAY_DELIVERY_POLLED), 0};
    slipway_project_request nothing = SLIPWAY_PROJECT_REQUEST_INIT;
    uint32_t delivered = 0;
    CHECK_STATUS(slipway_get_project(self.client, &nothing, and_again, &self, NULL), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_wait(self.client, 20000), SLIPWAY_OK);
    CHECK_STATUS(slipway_client_poll(self.client, 0, &delivered), SLIPWAY_OK);
    CHECK_INT(delivered, 1);
    self.calls = 99; /* The one that is under way is the last. */
    close_client(self.client);
}

/* A client of the thread kind is not polled. */
static void not_polled(void) {
    slipway_client *client = new_client(SLIPWAY_DELIVERY_THREAD);
    uint32_t delivered = 9;
    int fd = 9;
    CHECK_STATUS(slipway_client_poll(client, 0, &delivered), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_wait(client, SLIPWAY_FOREVER), SLIPWAY_INVALID_ARGUMENT);
    CHECK_STATUS(slipway_client_poll_fd(client, &fd), SLIPWAY_INVALID_ARGUMENT);
    CHECK_INT(delivered, 9);
    CHECK_INT(fd, 9);
    close_client(client);
}

typedef struct poller {
    slipway_client *client;
    uint32_t delivered;
    atomic_int *left;
} poller;

static void *keep_polling(void *user_data) {
    poller *self = user_data;
    const uint64_t until = now_ms() + 20000;
    while (atomic_load(self->left) > 0 && now_ms() < until) {
        uint32_t some = 0;
        const slipway_status waited = slipway_client_wait(self->client, 20);
        CHECK_STATUS_IN(waited, SLIPWAY_OK, SLIPWAY_DEADLINE_EXCEEDED);
        CHECK_STATUS(slipway_client_poll(self->client, 0, &some), SLIPWAY_OK);
        self->delivered += some;
    }
    return NULL;
}

static atomic_int left;

static void counted_down(const slipway_result *result, void *user_data) {
    completed(result, user_data);
    atomic_fetch_sub(&left, 1);
}

/* Several threads poll one client: each callback comes once, and no two at the same time. */
static void several_pollers(void) {
    enum { POLLERS = 4, OPERATIONS = 60 };
    heard self = {.anywhere = true, .pause_ms = 1};
    slipway_client *client = open_client(&self);
    poller pollers[POLLERS];
    pthread_t threads[POLLERS];
    uint32_t delivered = 0;
    int index;
    atomic_store(&left, OPERATIONS);
    for (index = 0; index < POLLERS; index++) {
        pollers[index] = (poller){client, 0, &left};
        pthread_create(&threads[index], NULL, keep_polling, &pollers[index]);
    }
    for (index = 0; index < OPERATIONS; index++) start_short(client, counted_down, &self);
    for (index = 0; index < POLLERS; index++) {
        pthread_join(threads[index], NULL);
        delivered += pollers[index].delivered;
    }
    CHECK_INT(delivered, OPERATIONS);
    CHECK_INT(atomic_load(&self.completed), OPERATIONS);
    CHECK_INT(atomic_load(&self.overlapping), 0);
    CHECK_STATUS(slipway_client_close(client, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self.closed), 1);
}

/* operation_wait on one thread while another one delivers: it returns when that one has. */
static void *wait_elsewhere(void *user_data) {
    poller *self = user_data;
    const slipway_operation operation = start_short(self->client, on_ended, NULL);
    wait_for(self->client, operation);
    return NULL;
}

static void wait_while_another_delivers(void) {
    heard self = {.anywhere = true, .pause_ms = 30};
    slipway_client *client = open_client(&self);
    poller two[2] = {{client, 0, NULL}, {client, 0, NULL}};
    pthread_t threads[2];
    int index;
    for (index = 0; index < 4; index++) start_short(client, completed, &self);
    for (index = 0; index < 2; index++) pthread_create(&threads[index], NULL, wait_elsewhere, &two[index]);
    for (index = 0; index < 2; index++) pthread_join(threads[index], NULL);
    CHECK_STATUS(slipway_client_close(client, 20000), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self.completed), 4);
    CHECK_INT(atomic_load(&self.overlapping), 0);
}

int main(void) {
    start_recording("polled");
    topic("not polled");
    not_polled();
    topic("one at a time");
    one_at_a_time();
    topic("callbacks that never end");
    callbacks_that_never_end();
    topic("released");
    released();
    topic("several pollers");
    several_pollers();
    topic("wait while another delivers");
    wait_while_another_delivers();
    return finish();
}
