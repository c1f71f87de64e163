/* busy.h: everything in flight that there is: requests, waits, a file that is sent, one that is copied, one whose checksum is made, callbacks
 * and a log hook that are running, a polled client with what nobody takes. */
#ifndef BUSY_H
#define BUSY_H

#include "guest.h"

typedef struct busy_state {
    const guest *library;
    slipway_client *chain, *waits, *files, *stuck, *polled;
    slipway_operation endless;
    int is_started, chained, logged, sending, copying, in_callback;
    void (*in_stuck_callback)(void); /* What the callbacks of `stuck` do. NULL: they do not return. */
    void (*in_log_hook)(void);       /* What the log hook does after some lines, or NULL. */
} busy_state;

static busy_state busy;

/* Each answer brings the next question. */
static void busy_chained(const slipway_result *result, void *user_data) {
    tell(&busy.chained);
    if (result->status != SLIPWAY_CANCELLED) guest_stats(busy.library, busy.chain, busy_chained, user_data, NULL);
}

static void busy_stuck(const slipway_result *result, void *user_data) {
    (void)result;
    (void)user_data;
    tell(&busy.in_callback);
    if (busy.in_stuck_callback == NULL)
        for (;;) pause();
    EVENTUALLY(told(&busy.is_started));
    busy.in_stuck_callback();
}

static void busy_progress(const slipway_progress *progress, void *user_data) {
    if (progress->bytes_done > 0) tell((int *)user_data);
}

static void busy_ignored(const slipway_progress *progress, void *user_data) {
    (void)progress;
    (void)user_data;
}

static void busy_log(int32_t level, const char *message, void *user_data) {
    (void)level;
    (void)message;
    (void)user_data;
    const int line = tell(&busy.logged);
    if (busy.in_log_hook != NULL && told(&busy.is_started) && line > 5) busy.in_log_hook();
    /* It is slow now and then: always, and whoever takes it away would wait for the thousands of lines that have been written by then. */
    if (line % 16 == 0) sleep_ms(1);
}

static void busy_start(const guest *library) {
    slipway_storage sent = SLIPWAY_STORAGE_INIT, copied = SLIPWAY_STORAGE_INIT, summed = SLIPWAY_STORAGE_INIT;
    int number;
    busy.library = library;
    REQUIRE(library->set_log(SLIPWAY_LOG_DEBUG, busy_log, NULL) == SLIPWAY_OK, "slipway_set_log");
    busy.chain = guest_client(library, SLIPWAY_DELIVERY_THREAD);
    busy.waits = guest_client(library, SLIPWAY_DELIVERY_THREAD);
    busy.files = guest_client(library, SLIPWAY_DELIVERY_THREAD);
    busy.stuck = guest_client(library, SLIPWAY_DELIVERY_THREAD);
    busy.polled = guest_client(library, SLIPWAY_DELIVERY_POLLED);
    for (number = 0; number < 3; number++) {
        REQUIRE(guest_stats(library, busy.chain, busy_chained, NULL, NULL) == SLIPWAY_OK, "slipway_get_project_stats");
        REQUIRE(guest_stats(library, busy.stuck, busy_stuck, NULL, NULL) == SLIPWAY_OK, "slipway_get_project_stats");
        REQUIRE(guest_stats(library, busy.polled, guest_ignore, NULL, NULL) == SLIPWAY_OK, "slipway_get_project_stats");
        guest_endless(library, busy.polled, guest_ignore, busy_ignored, NULL);
        busy.endless = guest_endless(library, busy.waits, guest_ignore, busy_ignored, NULL);
    }
    sent.put_url = setting("SLIPWAY_TEST_SINK");
    sent.bytes_per_second = 16 << 20;
    guest_store(library, busy.files, &sent, busy_progress, guest_ignore, &busy.sending);
    copied.directory = setting("SLIPWAY_TEST_STORAGE");
    guest_store(library, busy.files, &copied, busy_progress, guest_ignore, &busy.copying);
    summed.bucket = "builds";
    summed.endpoint = "http://127.0.0.1:1";
    summed.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    summed.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    summed.part_size = UINT64_C(5) << 30; /* In one part: its SHA-256 is made before anything is sent. */
    guest_store(library, busy.files, &summed, NULL, guest_ignore, NULL);
    tell(&busy.is_started);
}

/* Says when the end begins, once: the milliseconds of the clock. */
static UNUSED void busy_leave(void) {
    static int left;
    struct timespec now;
    char text[32];
    clock_gettime(CLOCK_MONOTONIC, &now);
    /* Not by dprintf: what it has not written yet, exit in another thread writes as well. */
    const int length = snprintf(text, sizeof text, "%lld\n", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    if (tell(&left) == 1) REQUIRE(write(STDOUT_FILENO, text, (size_t)length) == length, "standard output");
}

/* Returns when all of it is under way at once. */
static UNUSED void busy_await(void) {
    EVENTUALLY(told(&busy.chained) > 3 && told(&busy.logged) > 5 && told(&busy.in_callback) > 0 && told(&busy.sending) > 0);
    REQUIRE(busy.library->client_wait(busy.polled, 20000) == SLIPWAY_OK, "slipway_client_wait");
}

#endif /* BUSY_H */
