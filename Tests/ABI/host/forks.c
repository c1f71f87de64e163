/* A fork of a process that uses the library, at the worst moments: while its threads are inside every part of it. In the child each function
 * answers SLIPWAY_FORKED, or the harmless answer that it always has, at once; the parent goes on as if nothing had been. A fork before the
 * first use is a process like any other. SLIPWAY_TEST_FORKS: how often the busy process forks. */
#include "../operations.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* ------------------------------------------------------------------------------------------------------------------------ Children */

enum { PATIENCE = 10000 /* Milliseconds for a child. What it does takes a few. */ };

static int forked;
static uint64_t slowest;

/* Waits for a child, and kills one that hangs: waitpid has no deadline, so it is asked again and again. Its wait status. */
static int reap(pid_t child, const char *what) {
    const uint64_t start = now_ms();
    int status = -1;
    pid_t ended;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0 && now_ms() < start + PATIENCE) usleep(500);
    if (ended == 0) {
        FAIL("a child hangs: %s", what);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return -1;
    }
    forked++;
    if (now_ms() - start > slowest) slowest = now_ms() - start;
    return status;
}

static void expect_exit(pid_t child, int code, const char *what) {
    const int status = child > 0 ? reap(child, what) : -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code) FAIL("a child ended with the wait status %x: %s", (unsigned)status, what);
}

/* In a child: what is not as it should be is said by its exit code, the line. stderr is the parent's. */
#define CHILD_CHECK(condition)                                                                                                         \
    do {                                                                                                                               \
        if (!(condition)) {                                                                                                            \
            char text_[256];                                                                                                           \
            const int length_ = snprintf(text_, sizeof text_, "%s:%d: in a child: not true: %s\n", __FILE__, __LINE__, #condition);    \
            if (write(2, text_, (size_t)length_) < 0) _exit(98);                                                                       \
            _exit(99);                                                                                                                 \
        }                                                                                                                              \
    } while (0)

/* What the parent has, as its children see it. */
static slipway_client *client, *polled, *closed;
static slipway_operation endless;
static const slipway_result *current; /* The result of the callback that forks, or NULL. */

static void child_log(int32_t level, const char *message, void *user_data) {
    (void)level;
    (void)message;
    (void)user_data;
    CHILD_CHECK(!"a callback in a child");
}

static void child_never(const slipway_result *result, void *user_data) {
    (void)result;
    (void)user_data;
    CHILD_CHECK(!"a callback in a child");
}

static void every_function_is_refused(void) {
    slipway_client *const clients[] = {client, polled, closed, NULL, (slipway_client *)(uintptr_t)16};
    slipway_client *made = NULL;
    slipway_client_options options = client_options(SLIPWAY_DELIVERY_THREAD);
    char why[256] = "";
    size_t place;
    int kind;
    CHILD_CHECK(slipway_client_create(&options, &made, why, sizeof why) == SLIPWAY_FORKED);
    CHILD_CHECK(made == NULL && strstr(why, "fork") != NULL);
    CHILD_CHECK(slipway_client_create(NULL, &made, NULL, 0) == SLIPWAY_FORKED && made == NULL);
    CHILD_CHECK(slipway_client_create(NULL, NULL, NULL, 0) == SLIPWAY_FORKED);
    for (place = 0; place < COUNT_OF(clients); place++) {
        slipway_operation operation = 77;
        uint32_t delivered = 77;
        int descriptor = -77;
        for (kind = 0; kind < OPERATION_KINDS; kind++) {
            const any_request request = valid_request(kind_of(kind));
            CHILD_CHECK(kind_of(kind)->start(clients[place], &request, child_never, NULL, &operation) == SLIPWAY_FORKED);
            CHILD_CHECK(operation == 77);
        }
        CHILD_CHECK(slipway_client_poll(clients[place], 0, &delivered) == SLIPWAY_FORKED && delivered == 77);
        CHILD_CHECK(slipway_client_wait(clients[place], SLIPWAY_FOREVER) == SLIPWAY_FORKED);
        CHILD_CHECK(slipway_client_poll_fd(clients[place], &descriptor) == SLIPWAY_FORKED && descriptor == -77);
        CHILD_CHECK(slipway_cancel(clients[place], endless) == SLIPWAY_FORKED);
        CHILD_CHECK(slipway_operation_wait(clients[place], endless, SLIPWAY_FOREVER) == SLIPWAY_FORKED);
        CHILD_CHECK(slipway_client_release(clients[place]) == SLIPWAY_FORKED);
        CHILD_CHECK(slipway_client_close(clients[place], SLIPWAY_FOREVER) == SLIPWAY_FORKED);
    }
    CHILD_CHECK(slipway_set_log(SLIPWAY_LOG_DEBUG, child_log, NULL) == SLIPWAY_FORKED);
    CHILD_CHECK(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL) == SLIPWAY_FORKED);
    /* What needs no client is as it always is. */
    CHILD_CHECK(slipway_version_number() == SLIPWAY_VERSION_NUMBER && strcmp(slipway_version_string(), SLIPWAY_VERSION_STRING) == 0);
    CHILD_CHECK(strcmp(slipway_status_name(SLIPWAY_FORKED), "FORKED") == 0);
    CHILD_CHECK(slipway_client_options_init(&options, sizeof options) == SLIPWAY_OK && options.struct_size == sizeof options);
    for (kind = 0; kind < OPERATION_KINDS; kind++) {
        any_request request;
        CHILD_CHECK(kind_of(kind)->init(&request, kind_of(kind)->size) == SLIPWAY_OK && request.head.struct_size == kind_of(kind)->size);
    }
    /* The readers, with the result that the callback got which forked, and without one. */
    for (place = 0; place < 2; place++) {
        const slipway_result *result = place == 0 ? NULL : current;
        CHILD_CHECK(slipway_result_json(result, "") == NULL && slipway_result_string(result, "/projectId") == NULL);
        CHILD_CHECK(slipway_result_type(result, "") == SLIPWAY_JSON_ABSENT && slipway_result_count(result, "") == 0);
        CHILD_CHECK(slipway_result_integer(result, "/liveUsers", -5) == -5 && slipway_result_boolean(result, "/x", -5) == -5);
        CHILD_CHECK(slipway_result_number(result, "/liveUsers", -5.0) < -4.0 && slipway_result_name(result, "", 0) == NULL);
    }
}

static char *own_name;

static void become(const char *what) {
    execl(own_name, own_name, what, (char *)NULL);
    _exit(97);
}

/* A child of the busy process, with an end of each kind; every fifth has a child of its own. */
static void be_child(int number) {
    every_function_is_refused();
    if (number % 5 == 4) {
        int status = -1;
        const pid_t grandchild = fork();
        if (grandchild == 0) {
            every_function_is_refused();
            exit(21);
        }
        CHILD_CHECK(waitpid(grandchild, &status, 0) == grandchild && WIFEXITED(status) && WEXITSTATUS(status) == 21);
    }
    switch (number % 3) {
    case 0: exit(20);
    case 1: _exit(20);
    default: become("executed");
    }
}

static void fork_one(int number, const char *what) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) be_child(number);
    expect_exit(child, 20, what);
}

/* ----------------------------------------------------------------------------------------------------------------- The busy process */

static atomic_bool is_over;
static atomic_int started, completed, cancelled, hashed;

static void on_stats(const slipway_result *result, void *user_data) {
    (void)user_data;
    CHECK_STATUS(result->status, SLIPWAY_OK);
    CHECK_TEXT(slipway_result_string(result, "/projectId"), setting("SLIPWAY_TEST_PROJECT_ID"));
    atomic_fetch_add(&completed, 1);
}

static void on_endless(const slipway_result *result, void *user_data) {
    (void)user_data;
    CHECK_STATUS(result->status, SLIPWAY_CANCELLED);
    atomic_fetch_add(&cancelled, 1);
}

/* Inside the library all the time: starts, waits, refusals that are logged, clients that come and go. */
static void *work(void *argument) {
    slipway_client *own = new_client(SLIPWAY_DELIVERY_THREAD);
    (void)argument;
    while (!atomic_load(&is_over)) {
        slipway_operation operation = start_short(own, on_stats, NULL);
        atomic_fetch_add(&started, 1);
        CHECK_STATUS(slipway_operation_wait(own, operation, 30000), SLIPWAY_OK);
        CHECK_STATUS(slipway_client_wait(own, 0), SLIPWAY_INVALID_ARGUMENT);
    }
    close_client(own);
    return NULL;
}

static void on_hashed(const slipway_result *result, void *user_data) {
    (void)user_data;
    CHECK_STATUS(result->status, SLIPWAY_NETWORK);
    atomic_fetch_add(&hashed, 1);
}

/* Inside libcrypto and on the disk: a file's SHA-256 and a signature, for a bucket that cannot be reached. */
static void *hash(void *argument) {
    slipway_storage storage = unreachable_bucket();
    slipway_client *own = new_client(SLIPWAY_DELIVERY_THREAD);
    int count = 0;
    (void)argument;
    while (!atomic_load(&is_over)) {
        any_request any = valid_request(kind_of(KIND_store));
        slipway_operation operation = 0;
        any.store.storage = &storage;
        CHECK_STATUS(slipway_store(own, &any.store, on_hashed, NULL, &operation), SLIPWAY_OK);
        CHECK_STATUS(slipway_operation_wait(own, operation, 30000), SLIPWAY_OK);
        CHECK_INT(atomic_load(&hashed), ++count);
    }
    close_client(own);
    return NULL;
}

static void *churn(void *argument) {
    (void)argument;
    while (!atomic_load(&is_over)) {
        slipway_client *own = new_client(SLIPWAY_DELIVERY_POLLED);
        slipway_operation operation = start_short(own, on_stats, NULL);
        atomic_fetch_add(&started, 1);
        CHECK_STATUS(slipway_operation_wait(own, operation, 30000), SLIPWAY_OK);
        close_client(own);
    }
    return NULL;
}

static void on_fork(const slipway_result *result, void *user_data) {
    current = result;
    fork_one(*(const int *)user_data, "forked in a callback");
    current = NULL;
    on_stats(result, NULL);
}

static atomic_int hooked;

static void fork_in_log(int32_t level, const char *message, void *user_data) {
    record_log(level, message, user_data);
    if (atomic_fetch_add(&hooked, 1) < 3) fork_one(atomic_load(&hooked), "forked in a log hook");
}

static void fork_while_busy(int count) {
    pthread_t threads[4];
    int number;
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, fork_in_log, NULL), SLIPWAY_OK);
    closed = stale_client();
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    polled = new_client(SLIPWAY_DELIVERY_POLLED);
    endless = start_endless(client, on_endless, NULL, NULL);
    start_short(polled, on_stats, NULL);
    atomic_fetch_add(&started, 1);
    REQUIRE(pthread_create(&threads[0], NULL, work, NULL) == 0);
    REQUIRE(pthread_create(&threads[1], NULL, work, NULL) == 0);
    REQUIRE(pthread_create(&threads[2], NULL, churn, NULL) == 0);
    REQUIRE(pthread_create(&threads[3], NULL, hash, NULL) == 0);

    topic("forks while threads are inside the library");
    for (number = 0; number < count; number++) fork_one(number, "forked while threads are inside the library");

    topic("forks inside callbacks");
    for (number = 0; number < 3; number++) {
        atomic_fetch_add(&started, 2);
        wait_for(client, start_short(client, on_fork, &number));
        wait_for(polled, start_short(polled, on_fork, &number));
    }
    EVENTUALLY(atomic_load(&hooked) >= 3);

    topic("the parent goes on");
    const int before = atomic_load(&completed);
    EVENTUALLY(atomic_load(&completed) > before + 2);
    CHECK_STATUS(slipway_operation_wait(client, endless, 0), SLIPWAY_DEADLINE_EXCEEDED);
    atomic_store(&is_over, true);
    for (number = 0; number < 4; number++) pthread_join(threads[number], NULL);
    CHECK_INT(atomic_load(&cancelled), 0);
    CHECK(atomic_load(&hashed) > 0);

    topic("descriptors of the clients that are there");
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) become("looking at its descriptors");
    expect_exit(child, 20, "executed with clients in the parent");
    close_client(client);
    close_client(polled);
    CHECK_INT(atomic_load(&cancelled), 1);
    CHECK_INT(atomic_load(&completed), atomic_load(&started));
}

/* -------------------------------------------------------------------------------------------- Before the first use, and first uses */

/* A process like any other: its own clients, and it forks in its turn. */
static void be_free(int code) {
    atomic_store(&started, 1);
    CHILD_CHECK(slipway_set_log(SLIPWAY_LOG_ERROR, record_log, NULL) == SLIPWAY_OK);
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    wait_for(client, start_short(client, on_stats, NULL));
    CHILD_CHECK(atomic_load(&completed) == 1 && atomic_load(&check_failures) == 0);
    endless = start_endless(client, on_endless, NULL, NULL);
    fork_one(0, "forked from a child that was forked before the first use");
    close_client(client);
    CHILD_CHECK(atomic_load(&cancelled) == 1 && atomic_load(&check_failures) == 0);
    exit(code);
}

static void fork_before_first_use(void) {
    pid_t children[3];
    int number;
    /* Loaded, even asked for what needs no client: that is no use. */
    CHECK_INT(slipway_version_number(), SLIPWAY_VERSION_NUMBER);
    slipway_client_options options;
    CHECK_STATUS(slipway_client_options_init(&options, sizeof options), SLIPWAY_OK);
    for (number = 0; number < 3; number++) {
        children[number] = fork();
        REQUIRE(children[number] >= 0);
        if (children[number] == 0) be_free(30 + number);
    }
    /* The parent's own first use, while they are at work. */
    slipway_client *own = new_client(SLIPWAY_DELIVERY_THREAD);
    atomic_fetch_add(&started, 1);
    wait_for(own, start_short(own, on_stats, NULL));
    for (number = 0; number < 3; number++) expect_exit(children[number], 30 + number, "forked before the first use");
    close_client(own);
    CHECK_INT(atomic_load(&completed), 1);
}

/* Each of these alone is a use. */
static void use_log(void) { CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, record_log, NULL), SLIPWAY_OK); }
static void use_closed_client(void) { closed = stale_client(); }

static void first_use(void (*use)(void), const char *what) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        use();
        fork_one(0, what);
        CHILD_CHECK(atomic_load(&check_failures) == 0);
        exit(40);
    }
    expect_exit(child, 40, what);
}

/* --------------------------------------------------------------------------------------------------------------------- Descriptors */

/* A child that execs gets none of the library's: this is what it is then. */
static int look_at_descriptors(void) {
    int number;
    for (number = 3; number < 1024; number++) {
        char path[64], target[256];
        snprintf(path, sizeof path, "/proc/self/fd/%d", number);
        const ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = '\0';
        fprintf(stderr, "a descriptor got through exec: %d, %s\n", number, target);
        return 96;
    }
    return 20;
}

static void write_figures(void) {
    FILE *file = fopen(setting("SLIPWAY_TEST_FIGURES"), "w");
    REQUIRE(file != NULL);
    fprintf(file, "%d %" PRIu64 " %d\n", forked, slowest, atomic_load(&completed));
    fclose(file);
}

int main(int count, char **arguments) {
    if (count == 2) return strcmp(arguments[1], "executed") == 0 ? 20 : look_at_descriptors();
    own_name = arguments[0];
    open_record("forks");
    if (record_file != NULL) fcntl(fileno(record_file), F_SETFD, FD_CLOEXEC);
    topic("forks before the first use");
    first_use(use_log, "the log hook was the only use");
    first_use(use_closed_client, "the only client was closed");
    fork_before_first_use();
    atomic_store(&started, 0);
    atomic_store(&completed, 0);
    fork_while_busy((int)knob("SLIPWAY_TEST_FORKS", 60));
    write_figures();
    return finish();
}
