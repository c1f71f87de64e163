/* A host that has everything at once that makes it hard for a guest, and does everything that the library can. Nothing of the host's is
 * called or changed. Silent when all is well.
 *
 * Linked with what traps.py makes, and, where the library is loaded by dlopen, with its functions by their names. */
#include "errands.h"
#include "traps.h"

#include <dlfcn.h>

#ifdef SHALLOW
/* The mark of a sanitizer, beside which the library may not bind deeply what it loads. */
void __asan_init(void);
void __asan_init(void) {}
#endif

/* --------------------------------------------------------------------------------------------------------------------- Clients */

static slipway_client *make(const char *streampixel) {
    slipway_client_options options = client_options(kind->delivery);
    if (streampixel != NULL) options.streampixel_base_url = streampixel;
    options.streampixel_api_key = setting("STREAMPIXEL_API_KEY");
    options.streampixel_user_id = setting("STREAMPIXEL_USER_ID");
    options.entermedia_base_url = setting("ENTERMEDIA_BASE_URL");
    options.entermedia_key = setting("ENTERMEDIA_KEY");
    options.ca_bundle = setting("SLIPWAY_TEST_CA_BUNDLE");
    return create_client(&options);
}

/* A server with a name, which libcurl looks up in a thread of its own, with as little stack as the host gives a thread. */
static void run_named(void) {
    slipway_client *const other = client;
    client = make(setting("SLIPWAY_TEST_NAMED_URL"));
    run(KIND_get_project_stats, valid_request(kind_of(KIND_get_project_stats)), SLIPWAY_NETWORK, "a server with a name");
    close_client(client);
    client = other;
}

/* Calls `look_at` with the status of each thread that is not the host's. */
static void for_each_guest(void (*look_at)(pid_t thread, const char *status)) {
    DIR *threads = opendir("/proc/self/task");
    const struct dirent *entry;
    REQUIRE(threads != NULL);
    while ((entry = readdir(threads)) != NULL) {
        const pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        static char text[4096];
        char path[300];
        int file;
        ssize_t size;
        if (thread == 0 || is_host(thread)) continue;
        snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)thread);
        file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) continue; /* It has just ended. */
        size = read(file, text, sizeof text - 1);
        close(file);
        text[size > 0 ? size : 0] = '\0';
        look_at(thread, text);
    }
    closedir(threads);
}

static int guests, guests_with_signal;

static void send_broken_pipe(pid_t thread, const char *status) {
    (void)status;
    REQUIRE(syscall(SYS_tgkill, getpid(), thread, SIGPIPE) == 0 || errno == ESRCH);
    guests++;
}

static void look_for_broken_pipe(pid_t thread, const char *status) {
    const char *line = strstr(status, "SigPnd:");
    (void)thread;
    if (line != NULL && (strtoull(line + strlen("SigPnd:"), NULL, 16) >> (SIGPIPE - 1) & 1) != 0) guests_with_signal++;
}

/* A server that breaks off in the middle of a file, over TLS: then a write raises SIGPIPE, unless libcurl knows how to avoid it. To be
 * sure of it, each thread of the library's is sent one. None takes it; what it would do by default is to end the process. */
static void run_broken_pipe(void) {
    any_request request = valid_request(kind_of(KIND_store));
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    storage.put_url = setting("SLIPWAY_TEST_BREAKING_URL");
    request.store.storage = &storage;
    request.store.key = NULL;
    request.store.file_path = setting("SLIPWAY_TEST_LARGE");
    run(KIND_store, request, SLIPWAY_NETWORK, "a file that is broken off");
    for_each_guest(send_broken_pipe);
    run(KIND_release, valid_request(kind_of(KIND_release)), SLIPWAY_OK, "a release after SIGPIPE");
    for_each_guest(look_for_broken_pipe);
    CHECK(guests_with_signal >= 1 && guests_with_signal <= guests);
    CHECK_INT(atomic_load(&handled[SIGPIPE]), 0);
}

/* Signals of the process, while none of the host's threads takes them: they wait, since the library's threads do not either. */
static void run_signals(void) {
    const sigset_t all = catchable();
    sigset_t old, waiting;
    int number;
    pthread_sigmask(SIG_SETMASK, NULL, &old);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    memset(handled, 0, sizeof handled);
    for (number = 1; number < SIGNALS; number++)
        if (sigismember(&all, number) == 1) REQUIRE(kill(getpid(), number) == 0);
    {
        static ended end;
        any_request request = valid_request(kind_of(KIND_release));
        wait_for(client, start(KIND_release, &request, &end));
        CHECK_STATUS(end.status, SLIPWAY_OK);
    }
    sigpending(&waiting);
    for (number = 1; number < SIGNALS; number++)
        if (sigismember(&all, number) == 1 && (sigismember(&waiting, number) != 1 || atomic_load(&handled[number]) != 0))
            FAIL("signal %d was taken by the library", number);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    for (number = 1; number < SIGNALS; number++)
        if (sigismember(&all, number) == 1) CHECK_INT(atomic_load(&handled[number]), 1);
    CHECK_INT(atomic_load(&strangers), 0);
}

/* --------------------------------------------------------------------------------------------------------------------- Loading */

#ifdef LINKED
static void load(const char *path, const char *way) {
    (void)path;
    REQUIRE(strcmp(way, "linked") == 0);
}
#else
/* Of reached.s. */
typedef struct reached_function {
    const char *name;
    void *address;
} reached_function;
extern reached_function reached[];

static void load(const char *path, const char *way) {
    const bool is_global = strstr(way, "global") != NULL;
    void *library = dlopen(path, (strstr(way, "now") != NULL ? RTLD_NOW : RTLD_LAZY) | (is_global ? RTLD_GLOBAL : RTLD_LOCAL));
    reached_function *function;
    if (library == NULL) FAIL("%s", dlerror());
    REQUIRE(library != NULL);
    for (function = reached; function->name != NULL; function++) REQUIRE((function->address = dlsym(library, function->name)) != NULL);
    CHECK((dlsym(RTLD_DEFAULT, "slipway_version_string") != NULL) == is_global);
}
#endif

/* ------------------------------------------------------------------------------------------------------------------- The visit */

static char *const *arguments_given;
static pthread_t visitor;
static atomic_bool is_over;

static void *interrupt(void *argument) {
    (void)argument;
    be_host();
    while (!atomic_load(&is_over)) {
        pthread_kill(visitor, SIGUSR1);
        sleep_ms(1);
    }
    return NULL;
}

/* What nobody_listens keeps open is the host's: it is not to be below 3 either. */
static void take_port(void) {
    int plugs[3], place;
    for (place = 0; place < 3; place++) plugs[place] = dup(KEPT_REPORT);
    nobody_listens();
    for (place = 0; place < 3; place++) close(plugs[place]);
}

static void *visit(void *argument) {
    pthread_t interrupter;
    sigset_t none;
    int threads, descriptors;
    (void)argument;
    be_host();
    visitor = pthread_self();
    if (kind->is_daemon) REQUIRE(pthread_create(&interrupter, NULL, interrupt, NULL) == 0);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    take_port();
    threads = entries("/proc/self/task"), descriptors = entries("/proc/self/fd");
    trap_arithmetic(kind);
    use_locale(kind);
    look(&before);
    compare("nothing");
    load(arguments_given[1], arguments_given[2]);
    compare("loading");
    CHECK_INT(entries("/proc/self/task"), threads);
    CHECK_INT(entries("/proc/self/fd"), descriptors);
    CHECK_TEXT(slipway_version_string(), SLIPWAY_VERSION_STRING);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, record_log, NULL), SLIPWAY_OK);
    client = make(NULL);
    compare("creating a client");
    look_below_3();
    run_each();
    run_all_at_once();
    run_nowhere();
    run_too_large();
    run_storage();
    run_numbers();
    run_named();
    run_broken_pipe();
    if (kind->is_daemon) run_signals();
    close_client(client);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
    compare("closing the client");
    look_below_3();
    CHECK_INT(entries_down_to("/proc/self/task", threads), threads);
    CHECK_INT(entries_down_to("/proc/self/fd", descriptors), descriptors);
    atomic_store(&is_over, true);
    if (kind->is_daemon) REQUIRE(pthread_join(interrupter, NULL) == 0);
    return NULL;
}

static const host_kind *kind_named(const char *name) {
    size_t place;
    for (place = 0; place < COUNT_OF(host_kinds); place++)
        if (strcmp(host_kinds[place].name, name) == 0) return &host_kinds[place];
    abort();
}

/* A library that is linked has been there before anybody could look: with it, too, a process begins as exec leaves it. */
static void look_at_beginning(void) {
    int number;
    look(&before);
    for (number = 1; number < SIGNALS; number++)
        if (before.signals[number].sa_handler != SIG_DFL) FAIL("signal %d (%s) has a handler", number, sigabbrev_np(number));
    for (number = 1; number < SIGNALS; number++) CHECK(sigismember(&before.mask, number) != 1);
    CHECK_INT(before.rounding, FE_TONEAREST);
    CHECK_INT(before.exceptions, 0);
    CHECK_TEXT(before.locale, "C");
    CHECK_INT(entries("/proc/self/task"), 3); /* "." and "..", and this one. */
}

int main(int count, char **arguments) {
    pthread_t thread;
    sigset_t all;
    int first, second, descriptor;
    if (count != 4 && count != 5) return 2; /* hostile LIBRARY {linked|{lazy|now}-{local|global}} {daemon|tool} */
    kind = kind_named(arguments[3]);
    if (count == 4) {
        char *again[] = {arguments[0], arguments[1], arguments[2], arguments[3], (char[]){"anew"}, NULL};
        begin_anew(kind, again);
    }
    find_kept();
    be_host();
    record_file = fdopen(KEPT_RECORD, "a");
    for (descriptor = 0; descriptor < 3; descriptor++) REQUIRE((fstat(descriptor, &standard[descriptor]) == 0) == !kind->is_daemon);
    look_at_beginning();
    REQUIRE(open("made-here", O_WRONLY | O_CREAT, 0666) < 0);
    if (kind->is_daemon) {
        clearenv();
        handle_signals();
    }
    limit_threads();
    sigfillset(&all); /* Signals are for the visitor. */
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    srand(7);
    first = rand(), second = rand();
    srand(7);
    CHECK_INT(rand(), first);
    arguments_given = arguments;
    REQUIRE(pthread_create(&thread, NULL, visit, NULL) == 0 && pthread_join(thread, NULL) == 0);
    /* Once more, on the thread that a process begins with. */
    trap_arithmetic(kind);
    look(&before);
    client = make(NULL);
    run(KIND_release, valid_request(kind_of(KIND_release)), SLIPWAY_OK, "a release on the first thread");
    close_client(client);
    compare("all of it");
    CHECK_INT(rand(), second);
    return atomic_load(&check_failures) > 0;
}
