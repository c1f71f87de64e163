/* A host that goes on and on: SLIPWAY_SOAK_OPERATIONS operations of all kinds, one in twenty of them faulty, 64 in flight at any time, over
 * clients of which one is released after each SLIPWAY_SOAK_EACH operations and another takes its place. Every other one of those has
 * operations in flight then that only this ends. How each operation has to end is known beforehand (course.h).
 *
 * One thread starts all operations and polls the clients that are polled, as the main loop of an editor does. SLIPWAY_SOAK_GROWTH: how many
 * per cent more memory may be resident, in each tenth, than after the first. SLIPWAY_SOAK_IN_FLIGHT: how many operations have to be in flight
 * when another is started, on average. The tables go to standard output. */
#include "clients.h"
#include "course.h"
#include "process.h"

enum {
    IN_FLIGHT = 64,
    ENDLESS = 6, /* Operations that a client has in flight when it is released, at most. */
    CANCELS = IN_FLIGHT + IN_FLIGHT / 2,
    /* What a process keeps for good, at most, once it has used the library: what Swift has found out about types, tables of OpenSSL's. */
    KEPT_KB = 2048,
};

/* ThreadSanitizer has a thread of its own, and two pipes to the process that names its findings, the suppressed ones as well. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { OWN_THREADS = 1, OWN_DESCRIPTORS = 2 };
#define HAS_OWN
#endif
#endif
#ifndef HAS_OWN
enum { OWN_THREADS = 0, OWN_DESCRIPTORS = 0 };
#endif

/* An operation in flight. */
typedef struct slot {
    const variant *variant; /* NULL: one of those with which a client ends. */
    client_book *book;
    _Atomic(slipway_operation) operation;
    atomic_bool busy;
    struct slot *next; /* Of those that are free. */
} slot;

/* An operation that is to be cancelled. */
typedef struct cancel {
    slipway_client *client;
    slipway_operation operation;
} cancel;

static cancel cancels[CANCELS];
static slot slots[IN_FLIGHT], last_slots[CLIENTS][ENDLESS];
static slot *free_slots;
static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t operations, release_each, in_flight_sum;
static uint64_t started[VARIANTS], last_started;
static atomic_uint_fast64_t did[VARIANTS], did_cancel[VARIANTS], did_otherwise[VARIANTS], last_ended;
static atomic_uint_fast64_t completions, progress_reports, items, log_lines;

/* -------------------------------------------------------------------------------------------------------------------- Callbacks */

static void on_progress(const slipway_progress *progress, void *user_data) {
    const slot *self = user_data;
    alive(self->book, "progress");
    if (!atomic_load(&self->busy) || progress->operation != atomic_load(&self->operation))
        FAIL("progress of what has ended: %s", progress->message);
    atomic_fetch_add(&progress_reports, 1);
}

static void on_item(size_t index, const slipway_result *result, void *user_data) {
    const slot *self = user_data;
    alive(self->book, "an item");
    if (!atomic_load(&self->busy) || index >= COUNT_OF(many_assets)) FAIL("item %zu of what has ended", index);
    CHECK_STATUS(result->status, SLIPWAY_OK);
    atomic_fetch_add(&items, 1);
}

static void on_log(int32_t level, const char *message, void *user_data) {
    (void)user_data;
    if (level < SLIPWAY_LOG_ERROR || level > SLIPWAY_LOG_DEBUG || message[0] == '\0') FAIL("a line of level %" PRId32, level);
    atomic_fetch_add(&log_lines, 1);
}

static void otherwise(const slipway_result *result, const char *name) {
    FAIL("%s: %s after %" PRIu32 " attempts: %s. %s", name, slipway_status_name(result->status), result->attempts, result->message,
         result->hint);
}

/* What is true of every completion. */
static void completed(slot *self, const slipway_result *result) {
    alive(self->book, "a completion");
    if (result->operation != atomic_load(&self->operation)) FAIL("operation %" PRIu64 " in the place of another", result->operation);
    if (!atomic_exchange(&self->busy, false)) FAIL("operation %" PRIu64 " completed twice", result->operation);
    if (slipway_result_json(result, "") == NULL || (result->message[0] == '\0') != (result->status == SLIPWAY_OK))
        FAIL("%s with the message \"%s\"", slipway_status_name(result->status), result->message);
    atomic_fetch_sub(&self->book->in_flight, 1);
    atomic_fetch_add(&completions, 1);
}

static void on_complete(const slipway_result *result, void *user_data) {
    slot *self = user_data;
    const variant *variant = self->variant;
    const size_t index = (size_t)(variant - variants);
    completed(self, result);
    if (variant->cancelled && result->status == SLIPWAY_CANCELLED) {
        atomic_fetch_add(&did_cancel[index], 1);
    } else if (result->status == variant->status && (variant->attempts == 0 || result->attempts == variant->attempts)) {
        atomic_fetch_add(&did[index], 1);
    } else if (atomic_fetch_add(&did_otherwise[index], 1) < 3) {
        otherwise(result, variant->name);
    }
    pthread_mutex_lock(&free_lock);
    self->next = free_slots;
    free_slots = self;
    pthread_mutex_unlock(&free_lock);
    wake();
}

static void on_cancelled(const slipway_result *result, void *user_data) {
    completed(user_data, result);
    if (result->status == SLIPWAY_CANCELLED) atomic_fetch_add(&last_ended, 1);
    else otherwise(result, "an operation without an end");
}

/* The client is released inside its own callback. */
static void on_complete_release(const slipway_result *result, void *user_data) {
    slot *self = user_data;
    slipway_client *client = self->book->client;
    completed(self, result);
    if (result->status == SLIPWAY_OK) atomic_fetch_add(&last_ended, 1);
    else otherwise(result, "the last one of a client");
    CHECK_STATUS(slipway_client_release(client), SLIPWAY_OK);
}

/* ------------------------------------------------------------------------------------------------------------------- Operations */

static slot *take_slot(void) {
    slot *taken;
    pthread_mutex_lock(&free_lock);
    taken = free_slots;
    if (taken != NULL) free_slots = taken->next;
    pthread_mutex_unlock(&free_lock);
    return taken;
}

static void begin(slot *self, client_book *book, const operation_kind *kind, const any_request *request, slipway_complete_fn complete) {
    slipway_status status;
    self->book = book;
    atomic_fetch_add(&book->in_flight, 1);
    atomic_store(&self->busy, true);
    /* The number is there before any callback of the operation comes. */
    status = kind->start(book->client, request, complete, self, (slipway_operation *)(void *)&self->operation);
    if (status != SLIPWAY_OK) FAIL("slipway_%s: %s", kind->name, slipway_status_name(status));
    REQUIRE(status == SLIPWAY_OK);
}

static void cancel_due(uint64_t number) {
    cancel *due = &cancels[number % CANCELS];
    if (due->client != NULL) CHECK_STATUS_IN(slipway_cancel(due->client, due->operation), SLIPWAY_OK, SLIPWAY_CLOSED);
    due->client = NULL;
}

/* Cancels are spread over the whole life of an operation: they come after so many others were started. */
static void cancel_later(uint64_t when, slipway_client *client, slipway_operation operation) {
    cancel_due(when);
    cancels[when % CANCELS].client = client;
    cancels[when % CANCELS].operation = operation;
}

static void start_number(uint64_t number, slot *self, client_book *book) {
    const int index = course[number % TURN];
    const variant *variant = &variants[index];
    const operation_kind *kind = kind_of(variant->kind);
    any_request request = valid_request(kind);
    variant->change(&request, number, number / TURN);
    if (number % 3 == 0) request.head.on_progress = on_progress;
    if (variant->kind == KIND_entermedia_distribution_create_many) request.entermedia_distribution_create_many.on_item = on_item;
    self->variant = variant;
    started[index]++;
    begin(self, book, kind, &request, on_complete);
    if (variant->cancelled) cancel_later(number + 1 + number % (CANCELS - 1), book->client, atomic_load(&self->operation));
    in_flight_sum += number + 1 + last_started - atomic_load(&completions);
}

/* The last operations of a client. Without an end are: a request whose answer does not come, one whose answer comes byte by byte, and a
 * wait for a build that stays pending. */
static void start_last(slot *self, client_book *book, int which) {
    const operation_kind *kind = kind_of(which % 3 == 2 ? KIND_wait_for_build : KIND_get_project_stats);
    any_request request = valid_request(kind);
    if (which % 3 == 0) request.get_project_stats.project_id = "endless-delay";
    if (which % 3 == 1) request.get_project_stats.project_id = "endless-drip";
    if (which % 3 == 2) {
        request.wait_for_build.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
        request.wait_for_build.interval_ms = 10;
    }
    request.head.on_progress = on_progress;
    self->variant = NULL;
    last_started++;
    begin(self, book, kind, &request, on_cancelled);
}

static void start_releasing(slot *self, client_book *book) {
    const operation_kind *kind = kind_of(KIND_receive_webhook);
    const any_request request = valid_request(kind);
    self->variant = NULL;
    last_started++;
    begin(self, book, kind, &request, on_complete_release);
}

/* Releases a client of which nothing is in flight: as it is, or with operations that only this ends; and in one of three ways. */
static void end_client(int place, uint64_t round) {
    client_book *book = clients[place];
    slot *last = last_slots[place];
    int index;
    for (index = 0; index < ENDLESS; index++) WAIT_UNTIL(!atomic_load(&last[index].busy));
    for (index = 1; round % 2 == 1 && index < ENDLESS; index++) start_last(&last[index], book, index);
    switch (round / 2 % 3) {
    case 0: CHECK_STATUS(slipway_client_release(book->client), SLIPWAY_OK); break;
    case 1: CHECK_STATUS(slipway_client_close(book->client, PATIENCE_MS), SLIPWAY_OK); break;
    default: start_releasing(&last[0], book);
    }
}

/* ------------------------------------------------------------------------------------------------------------------------ Books */

static void print_variants(void) {
    size_t index;
    printf("\n%-42s %-18s %9s %9s %9s %9s\n", "operation", "ends with", "started", "did", "cancelled", "otherwise");
    for (index = 0; index < VARIANTS; index++)
        printf("%-42s %-18s %9" PRIu64 " %9" PRIuFAST64 " %9" PRIuFAST64 " %9" PRIuFAST64 "\n", variants[index].name,
               slipway_status_name(variants[index].status), started[index], atomic_load(&did[index]), atomic_load(&did_cancel[index]),
               atomic_load(&did_otherwise[index]));
    printf("%-42s %-18s %9" PRIu64 " %9" PRIuFAST64 "\n", "the last ones of a client", "CANCELLED, OK", last_started,
           atomic_load(&last_ended));
    printf("\n%d clients; %.1f operations in flight when another was started; %" PRIuFAST64 " reports of progress, %" PRIuFAST64
           " items, %" PRIuFAST64 " lines of log\n",
           books_made, (double)in_flight_sum / (double)operations, atomic_load(&progress_reports), atomic_load(&items),
           atomic_load(&log_lines));
}

static bool is_back(int now, int before, int own) { return now >= before && now <= before + own; }

static void check_books(void) {
    const uint32_t most = knob("SLIPWAY_SOAK_GROWTH", UINT32_MAX);
    uint64_t sum = 0, faulty = 0;
    size_t index;
    for (index = 0; index < VARIANTS; index++) {
        const variant *variant = &variants[index];
        if (atomic_load(&did[index]) + atomic_load(&did_cancel[index]) != started[index]) FAIL("%s: not all of them did", variant->name);
        CHECK(started[index] > 0);
        CHECK(variant->cancelled || atomic_load(&did_cancel[index]) == 0);
        sum += started[index];
        if (variant->faulty) faulty += started[index];
    }
    CHECK_INT(sum, operations);
    CHECK_INT(faulty, operations / FAULTY_EACH);
    CHECK_INT(atomic_load(&last_ended), last_started);
    CHECK_INT(atomic_load(&completions), operations + last_started);
    CHECK_INT(atomic_load(&closed_count), books_made);
    CHECK(books_made > CLIENTS && in_flight_sum / operations >= knob("SLIPWAY_SOAK_IN_FLIGHT", 0));
    if (end_row.held - start_row.held > KEPT_KB) FAIL("%ld KB are held when all clients are closed", end_row.held);
    CHECK(atomic_load(&progress_reports) > 0 && atomic_load(&items) > 0 && atomic_load(&log_lines) > 0);
    for (index = 1; index < TENTHS; index++)
        if (growth(&tenths[index]) > (double)most)
            FAIL("%.1f %% more is resident after tenth %zu than after the first", growth(&tenths[index]), index + 1);
}

/* ------------------------------------------------------------------------------------------------------------------------- Main */

static void soak(void) {
    uint64_t number, round = 0;
    int retiring = -1, index;
    for (index = 0; index < IN_FLIGHT; index++) slots[index].next = free_slots, free_slots = &slots[index];
    for (index = 0; index < CLIENTS; index++) clients[index] = new_book();
    for (number = 0; number < operations; number++) {
        slot *self = NULL;
        if (number % release_each == release_each - 1) { /* It gets nothing any more, and is released when it has nothing any more. */
            WAIT_UNTIL(retiring < 0 || atomic_load(&clients[retiring]->in_flight) == 0);
            if (retiring < 0) retiring = (int)(round % CLIENTS);
        }
        if (retiring >= 0 && atomic_load(&clients[retiring]->in_flight) == 0) {
            end_client(retiring, round++);
            clients[retiring] = new_book();
            retiring = -1;
        }
        if (number % 5000 == 500) CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, on_log, NULL), SLIPWAY_OK);
        if (number % 5000 == 1500) CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
        WAIT_UNTIL((self = take_slot()) != NULL);
        cancel_due(number);
        index = (int)(number % CLIENTS);
        start_number(number, self, clients[index == retiring ? (index + 1) % CLIENTS : index]);
        sample(number + 1, operations, books_made);
    }
    for (index = 0; index < CLIENTS; index++) {
        WAIT_UNTIL(atomic_load(&clients[index]->in_flight) == 0);
        CHECK_STATUS(slipway_client_close(clients[index]->client, PATIENCE_MS), SLIPWAY_OK);
    }
    WAIT_UNTIL(atomic_load(&closed_count) == (uint64_t)books_made);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
}

int main(void) {
    operations = knob("SLIPWAY_SOAK_OPERATIONS", 20000);
    release_each = knob("SLIPWAY_SOAK_EACH", 500);
    REQUIRE(operations >= TENTHS * SAMPLES && release_each > 0);
    wake_fd = eventfd(0, EFD_CLOEXEC);
    REQUIRE(wake_fd >= 0);
    nobody_listens();
    make_course();
    look(&start_row, 0);
    print_head();
    print_row("the start", &start_row);
    soak();
    EVENTUALLY(is_back(threads_now(), start_row.threads, OWN_THREADS));
    EVENTUALLY(is_back(descriptors_now(), start_row.descriptors, OWN_DESCRIPTORS));
    look(&end_row, books_made);
    if (atomic_load(&check_failures) > 0) print_what_is_there();
    print_row("the end", &end_row);
    print_variants();
    check_books();
    return atomic_load(&check_failures) > 0;
}
