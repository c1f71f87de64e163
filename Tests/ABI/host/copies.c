/* Two copies of the library in one process, as two plugins of one host may bring them: both at work at once, each with its own clients,
 * operations and log hook; neither takes what is the other's; one is closed and unloaded while the other goes on.
 *
 *     copies HOW FIRST SECOND      HOW: local, global, namespace (the second one in a namespace of its own). Linked, FIRST is not loaded. */
#include "guest.h"

enum { ROUNDS = 25, THREADS = 2 };

typedef struct copy {
    guest library;
    int32_t mark; /* A delivery that there is none of: the log names it, so a line tells whose it is. */
    slipway_client *client, *polled;
    slipway_operation endless;
    int own_lines, foreign_lines, refused, completed, cancelled;
} copy;

static copy copies[2];

static void on_line(int32_t level, const char *message, void *user_data) {
    copy *self = (copy *)user_data;
    int number;
    (void)level;
    for (number = 0; number < 2; number++) {
        char mark[64];
        snprintf(mark, sizeof mark, "options->delivery is %d:", (int)copies[number].mark);
        if (strstr(message, mark) != NULL) tell(&copies[number] == self ? &self->own_lines : &self->foreign_lines);
    }
}

static void refuse_one(copy *self) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_client *none = NULL;
    options.delivery = self->mark;
    REQUIRE(self->library.client_create(&options, &none, NULL, 0) == SLIPWAY_UNSUPPORTED_OPTION && none == NULL, "slipway_client_create");
    tell(&self->refused);
}

static void on_answer(const slipway_result *result, void *user_data) {
    copy *self = (copy *)user_data;
    const char *project = self->library.result_string(result, "/projectId");
    REQUIRE(result->status == SLIPWAY_OK && project != NULL && strcmp(project, setting("SLIPWAY_TEST_PROJECT_ID")) == 0, "%d: %s",
            (int)result->status, result->message);
    tell(&self->completed);
}

static void on_cancelled(const slipway_result *result, void *user_data) {
    REQUIRE(result->status == SLIPWAY_CANCELLED, "%d: %s", (int)result->status, result->message);
    tell(&((copy *)user_data)->cancelled);
}

/* Questions and answers on clients of its own. */
static void *work(void *argument) {
    copy *self = (copy *)argument;
    slipway_client *client = guest_client(&self->library, SLIPWAY_DELIVERY_THREAD);
    int round;
    for (round = 0; round < ROUNDS; round++) {
        slipway_operation operations[2] = {0, 0};
        REQUIRE(guest_stats(&self->library, client, on_answer, self, &operations[0]) == SLIPWAY_OK, "slipway_get_project_stats");
        REQUIRE(guest_stats(&self->library, client, on_answer, self, &operations[1]) == SLIPWAY_OK, "slipway_get_project_stats");
        REQUIRE(self->library.operation_wait(client, operations[1], 30000) == SLIPWAY_OK, "slipway_operation_wait");
        REQUIRE(self->library.operation_wait(client, operations[0], 30000) == SLIPWAY_OK, "slipway_operation_wait");
        refuse_one(self);
    }
    guest_endless(&self->library, client, on_cancelled, NULL, self);
    REQUIRE(self->library.client_close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    return NULL;
}

static void work_in_threads(copy *first, copy *second) {
    pthread_t threads[2 * THREADS];
    int count = 0, number;
    for (number = 0; number < THREADS; number++) {
        if (first != NULL) REQUIRE(pthread_create(&threads[count++], NULL, work, first) == 0, "pthread_create");
        if (second != NULL) REQUIRE(pthread_create(&threads[count++], NULL, work, second) == 0, "pthread_create");
    }
    while (count > 0) pthread_join(threads[--count], NULL);
}

static void on_never(const slipway_result *result, void *user_data) {
    (void)user_data;
    REQUIRE(false, "on_complete was called, with %d, though nothing had started", (int)result->status);
}

static bool is_refusal(slipway_status status) { return status == SLIPWAY_INVALID_ARGUMENT || status == SLIPWAY_CLOSED; }

/* Of what the other copy gave out, nothing is taken, whatever number it happens to be. */
static void refuses(copy *self, copy *other) {
    slipway_client *const strange[] = {other->client, other->polled};
    const guest *library = &self->library;
    int number;
    for (number = 0; number < 2; number++) {
        slipway_client *client = strange[number];
        uint32_t delivered = 77;
        int descriptor = -7;
        REQUIRE(client != self->client && client != self->polled, "both copies gave out the handle %p", (void *)client);
        REQUIRE(is_refusal(guest_stats(library, client, on_never, NULL, NULL)), "slipway_get_project_stats took the other's client");
        REQUIRE(is_refusal(library->client_release(client)), "slipway_client_release took the other's client");
        REQUIRE(is_refusal(library->client_poll(client, 0, &delivered)) && delivered == 77, "slipway_client_poll took the other's client");
        REQUIRE(is_refusal(library->client_wait(client, 0)), "slipway_client_wait took the other's client");
        REQUIRE(is_refusal(library->client_poll_fd(client, &descriptor)) && descriptor == -7, "slipway_client_poll_fd took the other's");
        REQUIRE(is_refusal(library->cancel(client, other->endless)), "slipway_cancel took the other's client");
        REQUIRE(is_refusal(library->operation_wait(client, other->endless, 0)), "slipway_operation_wait took the other's client");
        REQUIRE(library->client_close(client, 0) != SLIPWAY_DEADLINE_EXCEEDED, "slipway_client_close took the other's client");
    }
}

static void start(copy *self, int32_t mark) {
    self->mark = mark;
    REQUIRE(self->library.set_log(SLIPWAY_LOG_DEBUG, on_line, self) == SLIPWAY_OK, "slipway_set_log");
    self->client = guest_client(&self->library, SLIPWAY_DELIVERY_THREAD);
    self->polled = guest_client(&self->library, SLIPWAY_DELIVERY_POLLED);
    self->endless = guest_endless(&self->library, self->client, on_cancelled, NULL, self);
    REQUIRE(guest_stats(&self->library, self->polled, on_answer, self, NULL) == SLIPWAY_OK, "slipway_get_project_stats");
}

static void poll_answer(copy *self) {
    const int before = told(&self->completed);
    while (told(&self->completed) == before) {
        REQUIRE(self->library.client_wait(self->polled, 30000) == SLIPWAY_OK, "slipway_client_wait");
        REQUIRE(self->library.client_poll(self->polled, 0, NULL) == SLIPWAY_OK, "slipway_client_poll");
    }
}

static void finish(copy *self, int completed, int cancelled) {
    REQUIRE(told(&self->cancelled) == cancelled, "the endless operation was cancelled by what was not its own");
    REQUIRE(self->library.client_close(self->client, 30000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(self->library.client_close(self->polled, 30000) == SLIPWAY_OK, "slipway_client_close");
    REQUIRE(self->library.set_log(SLIPWAY_LOG_OFF, NULL, NULL) == SLIPWAY_OK, "slipway_set_log");
    REQUIRE(told(&self->cancelled) == cancelled + 1, "%d operations were cancelled", told(&self->cancelled));
    REQUIRE(told(&self->completed) == completed, "%d operations completed", told(&self->completed));
    REQUIRE(told(&self->own_lines) == told(&self->refused) && told(&self->refused) > 0, "the hook got %d lines of %d",
            told(&self->own_lines), told(&self->refused));
    REQUIRE(told(&self->foreign_lines) == 0, "the hook got %d lines of the other copy", told(&self->foreign_lines));
}

static void unload(copy *self) {
    /* More often than it was loaded: the other one's file is not its business. */
    if (self->library.handle != NULL) dlclose(self->library.handle), dlclose(self->library.handle);
}

int main(int count, char **arguments) {
    copy *first = &copies[0], *second = &copies[1];
    const bool is_global = count == 4 && strcmp(arguments[1], "global") == 0;
    const int flags = is_global ? RTLD_LAZY | RTLD_GLOBAL : RTLD_NOW | RTLD_LOCAL;
    REQUIRE(count == 4, "usage: copies HOW FIRST SECOND");
#ifdef LINKED
    first->library = guest_linked();
#else
    first->library = guest_load(arguments[2], flags);
#endif
    if (strcmp(arguments[1], "namespace") == 0) second->library = guest_from(dlmopen(LM_ID_NEWLM, arguments[3], flags));
    else second->library = guest_load(arguments[3], flags);
    REQUIRE(first->library.client_create != second->library.client_create, "there is one copy only");
    start(first, 41);
    start(second, 42);
    work_in_threads(first, second);
    refuses(first, second);
    refuses(second, first);
    poll_answer(first);
    poll_answer(second);

    finish(first, 2 * ROUNDS * THREADS + 1, THREADS);
    unload(first);
    work_in_threads(NULL, second);
    REQUIRE(second->library.operation_wait(second->client, second->endless, 0) == SLIPWAY_DEADLINE_EXCEEDED,
            "it has ended, too");
    finish(second, 4 * ROUNDS * THREADS + 1, 2 * THREADS);
    unload(second);
    return 0;
}
