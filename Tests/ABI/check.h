/* check.h: what the programs share. Each program is one topic; it prints one line a failed check, file:line first, and
 * exits with 1 if there was any.
 *
 * The emulator and what it has come through the environment (see programs.py); the library reads some of it by itself:
 * the Streampixel user's and EnterMedia's. Everything that the library logs, and every message, hint and answer, goes to
 * a file in SLIPWAY_TEST_RECORD_DIR, in which the suite looks for secrets at the end. */
#ifndef CHECK_H
#define CHECK_H

#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <slipway.h>

#define UNUSED __attribute__((unused))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------------------------------------------------------------- Checks */

static atomic_int check_failures;

#define FAIL(...)                                                                                                                      \
    do {                                                                                                                               \
        flockfile(stderr);                                                                                                             \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                                                \
        fprintf(stderr, __VA_ARGS__);                                                                                                  \
        fputc('\n', stderr);                                                                                                           \
        funlockfile(stderr);                                                                                                           \
        atomic_fetch_add(&check_failures, 1);                                                                                          \
    } while (0)

#define CHECK(condition)                                                                                                               \
    do {                                                                                                                               \
        if (!(condition)) FAIL("not true: %s", #condition);                                                                            \
    } while (0)

/* For what the rest of the program cannot do without. */
#define REQUIRE(condition)                                                                                                             \
    do {                                                                                                                               \
        if (!(condition)) {                                                                                                            \
            FAIL("not true, giving up: %s", #condition);                                                                               \
            exit(1);                                                                                                                   \
        }                                                                                                                              \
    } while (0)

#define CHECK_INT(actual, expected)                                                                                                    \
    do {                                                                                                                               \
        const int64_t actual_ = (int64_t)(actual), expected_ = (int64_t)(expected);                                                    \
        if (actual_ != expected_) FAIL("%s is %" PRId64 ", not %" PRId64 " (%s)", #actual, actual_, expected_, #expected);             \
    } while (0)

#define CHECK_STATUS(actual, expected)                                                                                                 \
    do {                                                                                                                               \
        const slipway_status actual_ = (actual), expected_ = (expected);                                                               \
        if (actual_ != expected_)                                                                                                      \
            FAIL("%s is %s, not %s", #actual, slipway_status_name(actual_), slipway_status_name(expected_));                           \
    } while (0)

/* One of two: where the contract leaves a choice. */
#define CHECK_STATUS_IN(actual, first, second)                                                                                         \
    do {                                                                                                                               \
        const slipway_status actual_ = (actual), first_ = (first), second_ = (second);                                                 \
        if (actual_ != first_ && actual_ != second_)                                                                                   \
            FAIL("%s is %s, neither %s nor %s", #actual, slipway_status_name(actual_), slipway_status_name(first_),                    \
                 slipway_status_name(second_));                                                                                        \
    } while (0)

#define CHECK_TEXT(actual, expected)                                                                                                   \
    do {                                                                                                                               \
        const char *actual_ = (actual), *expected_ = (expected);                                                                       \
        if (actual_ == NULL || strcmp(actual_, expected_) != 0)                                                                        \
            FAIL("%s is \"%s\", not \"%s\"", #actual, actual_ != NULL ? actual_ : "(NULL)", expected_);                                \
    } while (0)

/* Says what comes next, for whoever reads the output of a program that hangs. */
static UNUSED void topic(const char *text) { fprintf(stderr, "-- %s\n", text); }

/* ------------------------------------------------------------------------------------------------------------------------ Time */

static UNUSED uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static UNUSED void sleep_ms(uint32_t ms) {
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/* Waits until `condition` is true, at most 20 s, and checks that it is. */
#define EVENTUALLY(condition)                                                                                                          \
    do {                                                                                                                               \
        const uint64_t until_ = now_ms() + 20000;                                                                                      \
        while (!(condition) && now_ms() < until_) sleep_ms(2);                                                                         \
        CHECK(condition);                                                                                                              \
    } while (0)

/* Whether this program runs under a sanitizer, which makes everything slower. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* ---------------------------------------------------------------------------------------------------------------------- Record */

static FILE *record_file;

static UNUSED void record(const char *kind, const char *text) {
    if (record_file != NULL && text != NULL && text[0] != '\0') fprintf(record_file, "%s %s\n", kind, text);
}

static UNUSED void record_result(const slipway_result *result) {
    record("message", result->message);
    record("hint", result->hint);
    record("json", slipway_result_json(result, ""));
}

/* slipway_log_fn. */
static UNUSED void record_log(int32_t level, const char *message, void *user_data) {
    (void)user_data;
    CHECK(level >= SLIPWAY_LOG_ERROR && level <= SLIPWAY_LOG_DEBUG);
    record("log", message);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "%s is not set: run this program through pytest (Tests/ABI/README.md)\n", name);
        exit(1);
    }
    return value;
}

static UNUSED uint32_t knob(const char *name, uint32_t otherwise) {
    const char *value = getenv(name);
    return value != NULL ? (uint32_t)strtoul(value, NULL, 10) : otherwise;
}

static UNUSED void open_record(const char *program) {
    char path[1024];
    const char *directory = getenv("SLIPWAY_TEST_RECORD_DIR");
    if (directory == NULL) return;
    snprintf(path, sizeof path, "%s/abi-%s-%ld.log", directory, program, (long)getpid());
    record_file = fopen(path, "a");
    REQUIRE(record_file != NULL);
}

/* Opens the record, and logs into it. */
static UNUSED void start_recording(const char *program) {
    open_record(program);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, record_log, NULL), SLIPWAY_OK);
}

/* The exit code. */
static UNUSED int finish(void) {
    const int failures = atomic_load(&check_failures);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
    if (record_file != NULL) fclose(record_file);
    if (failures > 0) fprintf(stderr, "%d failed checks\n", failures);
    return atomic_load(&check_failures) > 0;
}

/* --------------------------------------------------------------------------------------------------------------------- Clients */

static UNUSED slipway_client_options client_options(int32_t delivery) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.delivery = delivery;
    options.streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    options.streampixel_rate_window_ms = 1;
    options.retry_delay_ms = 1;
    options.user_agent = "Tests/ABI";
    return options;
}

static UNUSED slipway_client *create_client(const slipway_client_options *options) {
    slipway_client *client = NULL;
    char why[512] = "";
    const slipway_status status = slipway_client_create(options, &client, why, sizeof why);
    if (status != SLIPWAY_OK) FAIL("slipway_client_create: %s: %s", slipway_status_name(status), why);
    REQUIRE(client != NULL);
    return client;
}

static UNUSED slipway_client *new_client(int32_t delivery) {
    const slipway_client_options options = client_options(delivery);
    return create_client(&options);
}

static UNUSED void close_client(slipway_client *client) { CHECK_STATUS(slipway_client_close(client, 30000), SLIPWAY_OK); }

/* A handle that was good once. */
static UNUSED slipway_client *stale_client(void) {
    slipway_client *client = new_client(SLIPWAY_DELIVERY_THREAD);
    close_client(client);
    return client;
}

/* ------------------------------------------------------------------------------------------------------------------ Operations */

/* How one operation ended. Zero it, pass on_ended and its address to the start, then wait. */
typedef struct ended {
    atomic_int count; /* How often on_complete was called. */
    slipway_status status;
    slipway_operation operation;
    uint32_t attempts;
    char message[512];
    char hint[512];
    char json[4096];
} ended;

static UNUSED void on_ended(const slipway_result *result, void *user_data) {
    ended *self = user_data;
    record_result(result);
    CHECK(result->struct_size >= sizeof *result);
    CHECK(result->message != NULL && result->hint != NULL && slipway_result_json(result, "") != NULL);
    if (result->status != SLIPWAY_OK) CHECK(result->message[0] != '\0');
    if (self == NULL) return;
    self->status = result->status;
    self->operation = result->operation;
    self->attempts = result->attempts;
    snprintf(self->message, sizeof self->message, "%s", result->message);
    snprintf(self->hint, sizeof self->hint, "%s", result->hint);
    snprintf(self->json, sizeof self->json, "%s", slipway_result_json(result, ""));
    atomic_fetch_add(&self->count, 1);
}

/* For calls that must not start: that it is called is the failure. */
static UNUSED void on_never(const slipway_result *result, void *user_data) {
    (void)user_data;
    FAIL("on_complete was called, with %s, though nothing had started", slipway_status_name(result->status));
}

static UNUSED void wait_for(slipway_client *client, slipway_operation operation) {
    CHECK_STATUS(slipway_operation_wait(client, operation, 30000), SLIPWAY_OK);
}

/* Starts an operation that answers soon. */
static UNUSED slipway_operation start_short(slipway_client *client, slipway_complete_fn on_complete, void *user_data) {
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    slipway_operation operation = 0;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    CHECK_STATUS(slipway_get_project_stats(client, &request, on_complete, user_data, &operation), SLIPWAY_OK);
    return operation;
}

/* Starts an operation that does not end by itself: it waits for a build that stays pending. It asks every 10 ms. */
static UNUSED slipway_operation start_endless(slipway_client *client, slipway_complete_fn on_complete, slipway_progress_fn on_progress,
                                              void *user_data) {
    slipway_wait_for_build_request request = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
    slipway_operation operation = 0;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
    request.interval_ms = 10;
    request.max_interval_ms = 50;
    request.on_progress = on_progress;
    CHECK_STATUS(slipway_wait_for_build(client, &request, on_complete, user_data, &operation), SLIPWAY_OK);
    return operation;
}

/* ------------------------------------------------------------------------------------------------------------------ Guard pages */

/* `size` bytes that end where readable memory ends: whoever reads one byte more dies. */
static UNUSED void *guarded(size_t size) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t pages = (size + page - 1) / page * page;
    char *memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    REQUIRE(mprotect(memory + pages, page, PROT_NONE) == 0);
    return memory + pages - size;
}

#endif /* CHECK_H */
