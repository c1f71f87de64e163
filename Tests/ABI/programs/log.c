/* The log hook: one line at a time, in order, at the level that was asked for; once it is taken away it is never called
 * again; a slow one delays nothing but the log. */
#include "../check.h"

typedef struct heard {
    atomic_int lines, inside, overlapping, above, malformed;
    int32_t level; /* The most talkative that may come. */
    uint32_t pause_ms;
    atomic_int gate; /* While it is 1 the hook does not return. */
    int last_ordered, disordered;
    char dropped[256];
} heard;

static void hear(int32_t level, const char *message, void *user_data) {
    heard *self = user_data;
    const char *order;
    if (atomic_fetch_add(&self->inside, 1) > 0) atomic_fetch_add(&self->overlapping, 1);
    record("log", message);
    if (level < SLIPWAY_LOG_ERROR || level > self->level) atomic_fetch_add(&self->above, 1);
    if (message == NULL || message[0] == '\0' || strpbrk(message, "\r\n") != NULL) atomic_fetch_add(&self->malformed, 1);
    if (message != NULL && (order = strstr(message, "order-")) != NULL) {
        const int number = atoi(order + 6);
        if (number < self->last_ordered) self->disordered++;
        self->last_ordered = number;
    }
    if (message != NULL && strstr(message, "drop") != NULL) snprintf(self->dropped, sizeof self->dropped, "%s", message);
    if (self->pause_ms > 0) sleep_ms(self->pause_ms);
    while (atomic_load(&self->gate) == 1) sleep_ms(1);
    atomic_fetch_add(&self->lines, 1);
    atomic_fetch_sub(&self->inside, 1);
}

static void well_formed(const heard *self) {
    CHECK_INT(atomic_load(&self->overlapping), 0);
    CHECK_INT(atomic_load(&self->above), 0);
    CHECK_INT(atomic_load(&self->malformed), 0);
}

/* Sets a hook while nothing else is heard. */
static void listen_with(heard *self) { CHECK_STATUS(slipway_set_log(self->level, hear, self), SLIPWAY_OK); }

/* Takes it away, and checks that it stays away while the library has something to say. */
static void take_away(heard *self, slipway_client *client) {
    int lines;
    atomic_store(&self->gate, 0);
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_OK);
    CHECK_INT(atomic_load(&self->inside), 0); /* set_log waited for it. */
    lines = atomic_load(&self->lines);
    wait_for(client, start_short(client, on_ended, NULL));
    sleep_ms(30);
    CHECK_INT(atomic_load(&self->lines), lines);
    well_formed(self);
}

static void project(slipway_client *client, const char *id, slipway_status expected) {
    slipway_project_request request = SLIPWAY_PROJECT_REQUEST_INIT;
    slipway_operation operation = 0;
    ended end = {0};
    request.project_id = id;
    CHECK_STATUS(slipway_get_project_stats(client, &request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(end.status, expected);
}

static void in_order(slipway_client *client) {
    heard self = {.level = SLIPWAY_LOG_DEBUG, .last_ordered = -1};
    int index;
    listen_with(&self);
    for (index = 0; index < 20; index++) {
        char id[32];
        snprintf(id, sizeof id, "order-%d", index);
        project(client, id, SLIPWAY_NOT_FOUND);
    }
    take_away(&self, client);
    CHECK_INT(self.last_ordered, 19);
    CHECK_INT(self.disordered, 0);
    CHECK(atomic_load(&self.lines) >= 40); /* A request and a response each. */
}

static void levels(slipway_client *client) {
    int lines[5];
    int32_t level;
    for (level = SLIPWAY_LOG_OFF; level <= SLIPWAY_LOG_DEBUG; level++) {
        heard self = {.level = level, .last_ordered = -1};
        listen_with(&self);
        project(client, setting("SLIPWAY_TEST_PROJECT_ID"), SLIPWAY_OK);
        project(client, "order-1", SLIPWAY_NOT_FOUND);
        take_away(&self, client);
        lines[level] = atomic_load(&self.lines);
    }
    CHECK_INT(lines[SLIPWAY_LOG_OFF], 0);
    CHECK(lines[SLIPWAY_LOG_ERROR] >= 1);
    CHECK(lines[SLIPWAY_LOG_WARNING] >= lines[SLIPWAY_LOG_ERROR]);
    CHECK(lines[SLIPWAY_LOG_INFO] >= lines[SLIPWAY_LOG_WARNING] + 3); /* Two starts and an end that is no error. */
    CHECK(lines[SLIPWAY_LOG_DEBUG] >= lines[SLIPWAY_LOG_INFO] + 4);   /* Two requests and two responses. */
}

/* A hook that hangs: operations end all the same. */
static void slow(slipway_client *client) {
    heard self = {.level = SLIPWAY_LOG_DEBUG};
    int index;
    atomic_store(&self.gate, 1);
    listen_with(&self);
    for (index = 0; index < 20; index++) project(client, setting("SLIPWAY_TEST_PROJECT_ID"), SLIPWAY_OK);
    EVENTUALLY(atomic_load(&self.inside) == 1);
    CHECK_INT(atomic_load(&self.lines), 0);
    take_away(&self, client);
    CHECK(atomic_load(&self.lines) >= 40); /* Nothing was lost. */
}

/* More than can wait: lines are dropped, their number is told, and what came first is kept. */
static void flood(slipway_client *client) {
    enum { CALLS = 6000, WAITING = 4096 };
    heard self = {.level = SLIPWAY_LOG_DEBUG};
    int index;
    atomic_store(&self.gate, 1);
    listen_with(&self);
    for (index = 0; index < CALLS; index++) /* A malformed call is an error: a line. */
        CHECK_STATUS(slipway_get_project(client, NULL, on_never, NULL, NULL), SLIPWAY_INVALID_ARGUMENT);
    atomic_store(&self.gate, 0);
    take_away(&self, client);
    CHECK(atomic_load(&self.lines) >= WAITING);
    CHECK(atomic_load(&self.lines) <= WAITING + 16);
    CHECK(strpbrk(self.dropped, "0123456789") != NULL);
}

static atomic_int from_hook;
static slipway_client *hook_client;

static void call_back_in(int32_t level, const char *message, void *user_data) {
    record_log(level, message, user_data);
    if (atomic_exchange(&from_hook, 1) == 1) return;
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL), SLIPWAY_WOULD_DEADLOCK);
    start_short(hook_client, on_ended, NULL); /* What does not block is allowed in the hook. */
}

/* Hooks that are replaced by others while lines are coming. */
static void *chatter(void *user_data) {
    slipway_client *client = user_data;
    int index;
    for (index = 0; index < 30; index++) wait_for(client, start_short(client, on_ended, NULL));
    return NULL;
}

static void replaced(slipway_client *client) {
    heard hooks[40];
    pthread_t thread;
    size_t index;
    int lines = 0;
    memset(hooks, 0, sizeof hooks);
    pthread_create(&thread, NULL, chatter, client);
    for (index = 0; index < COUNT_OF(hooks); index++) {
        hooks[index].level = SLIPWAY_LOG_DEBUG;
        listen_with(&hooks[index]);
        if (index > 0) { /* The previous one has returned and is never called again. */
            CHECK_INT(atomic_load(&hooks[index - 1].inside), 0);
            lines += atomic_load(&hooks[index - 1].lines);
            hooks[index - 1].level = SLIPWAY_LOG_OFF; /* Whatever came now would be above it. */
        }
        sleep_ms(2);
    }
    pthread_join(thread, NULL);
    take_away(&hooks[COUNT_OF(hooks) - 1], client);
    for (index = 0; index < COUNT_OF(hooks); index++) well_formed(&hooks[index]);
    CHECK(lines > 0);
}

int main(void) {
    slipway_client *client;
    open_record("log");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("in order");
    in_order(client);
    topic("levels");
    levels(client);
    topic("slow");
    slow(client);
    topic("flood");
    flood(client);
    topic("from the hook");
    hook_client = client;
    CHECK_STATUS(slipway_set_log(SLIPWAY_LOG_DEBUG, call_back_in, NULL), SLIPWAY_OK);
    wait_for(client, start_short(client, on_ended, NULL));
    EVENTUALLY(atomic_load(&from_hook) == 1);
    topic("replaced");
    replaced(client);
    close_client(client);
    return finish();
}
