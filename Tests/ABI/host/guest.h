/* guest.h: all functions of the library, out of a file that was loaded or as they are linked: a process may have two of them. With
 * everything in flight that there is. For C and C++. */
#ifndef GUEST_H
#define GUEST_H

#ifdef __cplusplus
#undef _GNU_SOURCE /* g++ defines it by itself, and host.h does. */
#endif
#include "host.h"

#include <pthread.h>
#include <time.h>

#define FOR_EACH_GUEST_FUNCTION(X)                                                                                                     \
    X(set_log)                                                                                                                         \
    X(client_create)                                                                                                                   \
    X(client_release)                                                                                                                  \
    X(client_close)                                                                                                                    \
    X(client_poll)                                                                                                                     \
    X(client_wait)                                                                                                                     \
    X(client_poll_fd)                                                                                                                  \
    X(cancel)                                                                                                                          \
    X(operation_wait)                                                                                                                  \
    X(get_project_stats)                                                                                                               \
    X(wait_for_build)                                                                                                                  \
    X(store)                                                                                                                           \
    X(result_string)

typedef struct guest {
#define MEMBER(name) __typeof__(&slipway_##name) name;
    FOR_EACH_GUEST_FUNCTION(MEMBER)
#undef MEMBER
    void *handle; /* dlopen's; NULL when it is linked. */
} guest;

static UNUSED guest guest_from(void *handle) {
    guest loaded;
    loaded.handle = handle;
    REQUIRE(loaded.handle != NULL, "%s", dlerror());
#define SYMBOL(name)                                                                                                                   \
    *(void **)&loaded.name = dlsym(loaded.handle, "slipway_" #name);                                                                   \
    REQUIRE(loaded.name != NULL, "%s", dlerror());
    FOR_EACH_GUEST_FUNCTION(SYMBOL)
#undef SYMBOL
    return loaded;
}

static UNUSED guest guest_load(const char *path, int flags) { return guest_from(dlopen(path, flags)); }

#if defined(LINKED) || defined(__cplusplus) /* C++ is always linked: what host.h does for LINKED is C. */
static UNUSED guest guest_linked(void) {
    guest linked;
#define LINK(name) linked.name = slipway_##name;
    FOR_EACH_GUEST_FUNCTION(LINK)
#undef LINK
    linked.handle = NULL;
    return linked;
}
#endif

/* ------------------------------------------------------------------------------------------------------------------------- Time */

static UNUSED void sleep_ms(long ms) {
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Waits until `condition` is true, at most 20 s. */
#define EVENTUALLY(condition)                                                                                                          \
    do {                                                                                                                               \
        int turns_ = 0;                                                                                                                \
        while (!(condition) && turns_++ < 10000) sleep_ms(2);                                                                          \
        REQUIRE(condition, "did not come true: %s", #condition);                                                                       \
    } while (0)

/* A number that threads share: C and C++ have different words for atomic ones. */
static UNUSED int told(const int *number) { return __atomic_load_n(number, __ATOMIC_SEQ_CST); }
static UNUSED int tell(int *number) { return __atomic_add_fetch(number, 1, __ATOMIC_SEQ_CST); }

/* ---------------------------------------------------------------------------------------------------------------------- Clients */

static UNUSED slipway_client *guest_client(const guest *library, int32_t delivery) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_client *client = NULL;
    char why[512] = "";
    options.delivery = delivery;
    options.streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    options.streampixel_rate_window_ms = 1;
    options.retry_delay_ms = 1;
    REQUIRE(library->client_create(&options, &client, why, sizeof why) == SLIPWAY_OK, "%s", why);
    return client;
}

/* Answers soon. */
static UNUSED slipway_status guest_stats(const guest *library, slipway_client *client, slipway_complete_fn on_complete, void *user_data,
                                         slipway_operation *operation) {
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    return library->get_project_stats(client, &request, on_complete, user_data, operation);
}

/* Does not end by itself: the build stays pending. */
static UNUSED slipway_operation guest_endless(const guest *library, slipway_client *client, slipway_complete_fn on_complete,
                                              slipway_progress_fn on_progress, void *user_data) {
    slipway_wait_for_build_request request = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
    slipway_operation operation = 0;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
    request.interval_ms = 10;
    request.max_interval_ms = 20;
    request.on_progress = on_progress;
    REQUIRE(library->wait_for_build(client, &request, on_complete, user_data, &operation) == SLIPWAY_OK, "slipway_wait_for_build");
    return operation;
}

static UNUSED void guest_store(const guest *library, slipway_client *client, const slipway_storage *storage,
                               slipway_progress_fn on_progress, slipway_complete_fn on_complete, void *user_data) {
    slipway_store_request request = SLIPWAY_STORE_REQUEST_INIT;
    request.storage = storage;
    request.file_path = setting("SLIPWAY_TEST_LARGE");
    request.on_progress = on_progress;
    REQUIRE(library->store(client, &request, on_complete, user_data, NULL) == SLIPWAY_OK, "slipway_store");
}

static UNUSED void guest_ignore(const slipway_result *result, void *user_data) {
    (void)result;
    (void)user_data;
}

#endif /* GUEST_H */
