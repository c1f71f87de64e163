/* Ends in the middle of everything: a host does not have to close anything first, and whichever way it goes, it goes at once and with its
 * own status.
 *
 *     ends LIBRARY WAY MOMENT      MOMENT: milliseconds after everything was started, or "busy": when all of it is under way
 *
 * It prints when the end begins. */
#include "busy.h"

static guest library_functions;

#ifdef LINKED
static guest open_library(const char *path) { return (void)path, guest_linked(); }
#else
static guest open_library(const char *path) { return guest_load(path, RTLD_NOW | RTLD_LOCAL); }
#endif

/* ----------------------------------------------------------------------------------------------------- What a host does at the end */

static void exit_3(void) {
    busy_leave();
    exit(3);
}

static void *exit_in_thread(void *argument) {
    (void)argument;
    exit(3);
}

static void exit_in_poll(const slipway_result *result, void *user_data) {
    (void)result;
    (void)user_data;
    exit(3);
}

/* Main has gone; this thread is the host's last one, and what it says is what the process says. */
static void *outlive_main(void *argument) {
    (void)pthread_join(*(pthread_t *)argument, NULL);
    sleep_ms(5);
    exit(3);
}

/* The same without exit: a process ends with its last thread, so none of the library's may stay when all is closed. */
static void *close_everything(void *argument) {
    (void)pthread_join(*(pthread_t *)argument, NULL);
    REQUIRE(busy.library->client_close(busy.chain, 20000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(busy.library->client_close(busy.waits, 20000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(busy.library->client_close(busy.files, 20000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(busy.library->client_close(busy.polled, 20000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(busy.library->client_close(busy.stuck, 20000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(busy.library->set_log(SLIPWAY_LOG_OFF, NULL, NULL) == SLIPWAY_OK, "slipway_set_log");
    return NULL;
}

static void return_from_callback(void) { sleep_ms(2); }

/* Unloads from inside a callback: the code that it returns into must still be there. */
static int unloaded;
static void unload(void) {
    if (library_functions.handle != NULL && tell(&unloaded) <= 3) dlclose(library_functions.handle);
}

/* The library in an exit handler of the host. One that was registered after the first client was created finds it as it was. One that was
 * registered earlier runs later: nothing starts there any more, and what blocks answers at once. */
static void use(bool is_late) {
    const slipway_status started = is_late ? SLIPWAY_CLOSED : SLIPWAY_OK, ended = is_late ? SLIPWAY_DEADLINE_EXCEEDED : SLIPWAY_OK;
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_client *another = NULL;
    slipway_operation operation = 0;
    char why[512] = "";
/* exit is under way: it must not be called again. */
#define EXPECT(call, expected)                                                                                                         \
    do {                                                                                                                               \
        const slipway_status status_ = (call);                                                                                         \
        if (status_ == (expected)) break;                                                                                              \
        fprintf(stderr, "%s:%d: in an exit handler: %d, not %d: %s\n", __FILE__, __LINE__, (int)status_, (int)(expected), #call);      \
        _exit(1);                                                                                                                      \
    } while (0)
    EXPECT(guest_stats(busy.library, busy.waits, guest_ignore, NULL, &operation), started);
    if (operation != 0) EXPECT(busy.library->operation_wait(busy.waits, operation, SLIPWAY_FOREVER), SLIPWAY_OK);
    EXPECT(busy.library->operation_wait(busy.waits, busy.endless, 10), SLIPWAY_DEADLINE_EXCEEDED);
    EXPECT(busy.library->cancel(busy.waits, busy.endless), SLIPWAY_OK);
    EXPECT(busy.library->operation_wait(busy.waits, busy.endless, SLIPWAY_FOREVER), ended);
    busy.library->client_wait(busy.polled, SLIPWAY_FOREVER); /* There may be something, or not. */
    EXPECT(busy.library->client_poll(busy.polled, 0, NULL), SLIPWAY_OK);
    EXPECT(busy.library->client_close(busy.polled, SLIPWAY_FOREVER), ended);
    options.streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    EXPECT(busy.library->client_create(&options, &another, why, sizeof why), started);
    if (another != NULL) EXPECT(busy.library->client_close(another, SLIPWAY_FOREVER), SLIPWAY_OK);
    EXPECT(busy.library->client_close(busy.chain, SLIPWAY_FOREVER), ended);
    EXPECT(busy.library->client_close(busy.files, SLIPWAY_FOREVER), ended);
    EXPECT(busy.library->client_close(busy.stuck, is_late ? SLIPWAY_FOREVER : 0), SLIPWAY_DEADLINE_EXCEEDED);
    EXPECT(busy.library->set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
#undef EXPECT
}

static void use_late(void) { use(true); }
static void use_in_time(void) { use(false); }

/* ------------------------------------------------------------------------------------------------------------------------- Ways */

static int end(const char *way, char **arguments) {
    static pthread_t main_thread;
    pthread_t thread;
    main_thread = pthread_self();
#define WAY(name) if (strcmp(way, name) == 0)
    if (strcmp(way, "return") == 0 || strncmp(way, "use ", 4) == 0) return 3;
    WAY("exit") exit(3);
    WAY("quick_exit") quick_exit(3);
    WAY("_exit") _exit(3);
    WAY("abort") abort();
    WAY("signal") {
        raise(SIGTERM);
        for (;;) pause();
    }
    WAY("exec") {
        execl(arguments[0], arguments[0], "exec", (char *)NULL);
        return 1;
    }
    WAY("exit in a thread") {
        REQUIRE(pthread_create(&thread, NULL, exit_in_thread, NULL) == 0, "pthread_create");
        for (;;) pause();
    }
    WAY("exit in a poll") {
        REQUIRE(guest_stats(busy.library, busy.polled, exit_in_poll, NULL, NULL) == SLIPWAY_OK, "slipway_get_project_stats");
        while (busy.library->client_wait(busy.polled, SLIPWAY_FOREVER) == SLIPWAY_OK) busy.library->client_poll(busy.polled, 0, NULL);
    }
    WAY("exit while closing") { /* Another thread exits, this one is inside a function that blocks. */
        REQUIRE(pthread_create(&thread, NULL, exit_in_thread, NULL) == 0, "pthread_create");
        busy.library->client_close(busy.stuck, SLIPWAY_FOREVER);
        for (;;) pause();
    }
    WAY("pthread_exit") {
        REQUIRE(pthread_create(&thread, NULL, outlive_main, &main_thread) == 0, "pthread_create");
        pthread_exit(NULL);
    }
    WAY("last thread") {
        REQUIRE(pthread_create(&thread, NULL, close_everything, &main_thread) == 0, "pthread_create");
        pthread_exit(NULL);
    }
    WAY("dlclose") {
        if (library_functions.handle != NULL) dlclose(library_functions.handle), dlclose(library_functions.handle);
        return 3;
    }
    WAY("dlclose in a callback") {
        if (library_functions.handle != NULL) EVENTUALLY(told(&unloaded) > 2);
        return 3;
    }
    for (;;) pause(); /* The ways that callbacks take. */
}

int main(int count, char **arguments) {
    const char *way;
    if (count == 2 && strcmp(arguments[1], "exec") == 0) return 3;
    REQUIRE(count == 4, "usage: ends LIBRARY WAY MOMENT");
    way = arguments[2];
    WAY("use registered before loading") REQUIRE(atexit(use_late) == 0, "atexit");
    library_functions = open_library(arguments[1]);
    WAY("use registered before the first client") REQUIRE(atexit(use_late) == 0, "atexit");
    WAY("exit in a callback") busy.in_stuck_callback = exit_3;
    WAY("exit in a log hook") busy.in_log_hook = exit_3;
    WAY("dlclose in a callback") busy.in_stuck_callback = unload;
    WAY("last thread") busy.in_stuck_callback = return_from_callback;
    busy_start(&library_functions);
    WAY("use registered last") REQUIRE(atexit(use_in_time) == 0, "atexit");
    if (strcmp(arguments[3], "busy") == 0) busy_await();
    else sleep_ms(atoi(arguments[3]));
    busy_leave();
    return end(way, arguments);
}
