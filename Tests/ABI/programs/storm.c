/* Eight threads create, start, cancel, wait, poll, release and close in random order, on clients that they share, some
 * of which are gone already. Afterwards the books must balance: one completion for each operation that started, none
 * for one that did not, none after on_closed, one on_closed for each client.
 *
 * SLIPWAY_STORM_ACTIONS: actions of each thread; SLIPWAY_STORM_SEED: another course. */
#include "../operations.h"

enum { THREADS = 8, SLOTS = 6, MOST_CLIENTS = 4096 };

/* A client, for as long as the program runs. */
typedef struct client_book {
    slipway_client *client;
    bool polled;
    atomic_int started, completed, closed, late, inside, overlapping;
} client_book;

/* An operation, for as long as the program runs. */
typedef struct operation_book {
    client_book *client;
    slipway_operation operation;
    slipway_status status; /* Of the start. */
    atomic_int completed;
    atomic_int end;
} operation_book;

static client_book *clients;
static atomic_int client_count;
static _Atomic(client_book *) slots[SLOTS];
static operation_book *operations;

/* Some operations that were started, for whoever wants to cancel or await one. The two arrays may be out of step: to
 * ask one client for another's operation has to be harmless. */
enum { KNOWN = 64 };
static _Atomic(slipway_operation) known[KNOWN];
static _Atomic(client_book *) known_client[KNOWN];

static atomic_int operation_count;
static int most_operations;
static uint32_t actions;
static atomic_int ends[64]; /* How often each status ended an operation, by its negative. */

static void closed(void *user_data) {
    client_book *book = user_data;
    atomic_fetch_add(&book->closed, 1);
}

static void enter(client_book *book) {
    if (atomic_load(&book->closed) > 0) atomic_fetch_add(&book->late, 1);
    if (atomic_fetch_add(&book->inside, 1) > 0) atomic_fetch_add(&book->overlapping, 1);
}

static void leave(client_book *book) { atomic_fetch_sub(&book->inside, 1); }

static void progressed(const slipway_progress *progress, void *user_data) {
    operation_book *operation = user_data;
    enter(operation->client);
    if (atomic_load(&operation->completed) > 0) FAIL("progress after completion: %s", progress->message);
    leave(operation->client);
}

static void ended_one(size_t index, const slipway_result *result, void *user_data) {
    operation_book *operation = user_data;
    enter(operation->client);
    record_result(result);
    if (index >= COUNT_OF(many_assets)) FAIL("item %zu", index);
    if (atomic_load(&operation->completed) > 0) FAIL("an item after completion: %zu", index);
    leave(operation->client);
}

static void completed(const slipway_result *result, void *user_data) {
    operation_book *operation = user_data;
    enter(operation->client);
    record_result(result);
    if (result->status > 0 || result->status < -63) FAIL("status %" PRId32, result->status);
    else atomic_fetch_add(&ends[-result->status], 1);
    atomic_store(&operation->end, result->status);
    atomic_fetch_add(&operation->completed, 1);
    atomic_fetch_add(&operation->client->completed, 1);
    leave(operation->client);
}

static client_book *new_book(unsigned *seed) {
    const int index = atomic_fetch_add(&client_count, 1);
    slipway_client_options options;
    client_book *book;
    REQUIRE(index < MOST_CLIENTS);
    book = &clients[index];
    book->polled = rand_r(seed) % 2 == 0;
    options = client_options(book->polled ? SLIPWAY_DELIVERY_POLLED : SLIPWAY_DELIVERY_THREAD);
    options.on_closed = closed;
    options.on_closed_user_data = book;
    options.max_connections = 1 + rand_r(seed) % 8;
    book->client = create_client(&options);
    return book;
}

static void start(client_book *book, unsigned *seed) {
    const int index = atomic_fetch_add(&operation_count, 1);
    operation_book *operation;
    if (index >= most_operations) {
        FAIL("more operations than there are books for");
        return;
    }
    operation = &operations[index];
    operation->client = book;
    switch (rand_r(seed) % 8) {
    case 0:
    case 1: { /* Ends only when it is cancelled. */
        slipway_wait_for_build_request request = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
        request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        request.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
        request.interval_ms = 20;
        request.max_interval_ms = 200;
        request.deadline_ms = rand_r(seed) % 8 == 0 ? 50 : 0;
        request.on_progress = progressed;
        operation->status = slipway_wait_for_build(book->client, &request, completed, operation, &operation->operation);
        break;
    }
    case 2: { /* Needs no network. */
        slipway_receive_webhook_request request = SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT;
        request.body = webhook_body;
        request.body_size = sizeof webhook_body - 1;
        operation->status = slipway_receive_webhook(book->client, &request, completed, operation, &operation->operation);
        break;
    }
    case 3: { /* Is over before it begins. */
        slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
        operation->status = slipway_get_project(book->client, &request, completed, operation, &operation->operation);
        break;
    }
    case 4: { /* Any kind, with all the callbacks that it has. */
        const operation_kind *kind = &operation_kinds[rand_r(seed) % OPERATION_KINDS];
        any_request request = valid_request(kind);
        request.head.on_progress = progressed;
        request.head.deadline_ms = rand_r(seed) % 8 == 0 ? 1 + (uint32_t)rand_r(seed) % 50 : 0;
        if (kind == kind_of(KIND_entermedia_distribution_create_many)) request.entermedia_distribution_create_many.on_item = ended_one;
        operation->status = kind->start(book->client, &request, completed, operation, &operation->operation);
        break;
    }
    default: {
        slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
        request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        request.on_progress = progressed;
        operation->status = slipway_get_project_stats(book->client, &request, completed, operation, &operation->operation);
        break;
    }
    }
    if (operation->status == SLIPWAY_OK) {
        atomic_fetch_add(&book->started, 1);
        atomic_store(&known[index % KNOWN], operation->operation);
        atomic_store(&known_client[index % KNOWN], book);
    } else {
        CHECK_STATUS(operation->status, SLIPWAY_CLOSED);
    }
}

static void *storm(void *user_data) {
    unsigned seed = (unsigned)(uintptr_t)user_data;
    uint32_t action;
    for (action = 0; action < actions; action++) {
        _Atomic(client_book *) *slot = &slots[rand_r(&seed) % SLOTS];
        client_book *book = atomic_load(slot);
        const int dice = rand_r(&seed) % 100;
        const int which = rand_r(&seed) % KNOWN;
        if (dice < 55) {
            start(book, &seed);
        } else if (dice < 70) {
            client_book *of = atomic_load(&known_client[which]);
            const slipway_status status = slipway_cancel(of != NULL ? of->client : book->client, atomic_load(&known[which]));
            if (status != SLIPWAY_OK && status != SLIPWAY_NOT_FOUND) CHECK_STATUS(status, SLIPWAY_CLOSED);
        } else if (dice < 80) {
            client_book *of = atomic_load(&known_client[which]);
            const slipway_status status = slipway_operation_wait(of != NULL ? of->client : book->client, atomic_load(&known[which]),
                                                                 rand_r(&seed) % 3);
            if (status != SLIPWAY_OK && status != SLIPWAY_NOT_FOUND && status != SLIPWAY_DEADLINE_EXCEEDED)
                CHECK_STATUS(status, SLIPWAY_CLOSED);
        } else if (dice < 95) {
            const slipway_status waited = slipway_client_wait(book->client, rand_r(&seed) % 3);
            const slipway_status polled = slipway_client_poll(book->client, rand_r(&seed) % 4, NULL);
            if (!book->polled) {
                CHECK_STATUS_IN(waited, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
                CHECK_STATUS_IN(polled, SLIPWAY_INVALID_ARGUMENT, SLIPWAY_CLOSED);
            } else {
                if (waited != SLIPWAY_OK && waited != SLIPWAY_DEADLINE_EXCEEDED) CHECK_STATUS(waited, SLIPWAY_CLOSED);
                if (polled != SLIPWAY_OK) CHECK_STATUS(polled, SLIPWAY_CLOSED);
            }
        } else {
            /* The end of a client, and a new one in its slot; others may be about to use the old one, which has to be harmless. */
            if (dice < 98) {
                CHECK_STATUS_IN(slipway_client_release(book->client), SLIPWAY_OK, SLIPWAY_CLOSED);
            } else {
                CHECK_STATUS_IN(slipway_client_close(book->client, rand_r(&seed) % 50), SLIPWAY_OK, SLIPWAY_DEADLINE_EXCEEDED);
            }
            atomic_store(slot, new_book(&seed));
        }
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    unsigned seed = (unsigned)knob("SLIPWAY_STORM_SEED", (uint32_t)getpid());
    int index, started = 0;
    start_recording("storm");
    fprintf(stderr, "-- SLIPWAY_STORM_SEED=%u\n", seed);
    actions = knob("SLIPWAY_STORM_ACTIONS", SANITIZED ? 500 : 1500);
    most_operations = (int)actions * THREADS;
    clients = calloc(MOST_CLIENTS, sizeof *clients);
    operations = calloc((size_t)most_operations, sizeof *operations);
    for (index = 0; index < SLOTS; index++) atomic_store(&slots[index], new_book(&seed));

    for (index = 0; index < THREADS; index++)
        pthread_create(&threads[index], NULL, storm, (void *)(uintptr_t)(seed + (unsigned)index * 7919));
    for (index = 0; index < THREADS; index++) pthread_join(threads[index], NULL);
    topic("the books");
    for (index = 0; index < atomic_load(&client_count); index++) close_client(clients[index].client);

    for (index = 0; index < atomic_load(&operation_count); index++) {
        const operation_book *operation = &operations[index];
        const int expected = operation->status == SLIPWAY_OK ? 1 : 0;
        if (atomic_load(&operation->completed) != expected)
            FAIL("operation %" PRIu64 " (start: %s) completed %d times", operation->operation, slipway_status_name(operation->status),
                 atomic_load(&operation->completed));
        if ((operation->operation != 0) != (expected == 1)) FAIL("the output of a start that answered %" PRId32, operation->status);
        started += expected;
    }
    for (index = 0; index < atomic_load(&client_count); index++) {
        const client_book *book = &clients[index];
        CHECK_INT(atomic_load(&book->closed), 1);
        CHECK_INT(atomic_load(&book->late), 0);
        CHECK_INT(atomic_load(&book->overlapping), 0);
        CHECK_INT(atomic_load(&book->completed), atomic_load(&book->started));
    }
    /* The storm has to have been one. */
    CHECK(started > (int)actions);
    CHECK(atomic_load(&client_count) > SLOTS + THREADS / 2);
    CHECK(atomic_load(&ends[0]) > 0);
    CHECK(atomic_load(&ends[-SLIPWAY_CANCELLED]) > 0);
    fprintf(stderr, "-- %d clients, %d operations: %d worked, %d cancelled, %d too late\n", atomic_load(&client_count), started,
            atomic_load(&ends[0]), atomic_load(&ends[-SLIPWAY_CANCELLED]), atomic_load(&ends[-SLIPWAY_DEADLINE_EXCEEDED]));
    return finish();
}
