/* ending.h: how an operation ended while something was short, and whether a host may be told so. Whoever includes it has `short_of` set before
 * the first operation. */
#ifndef ENDING_H
#define ENDING_H

#include "scenes.h"

#include <dirent.h>

#include "complaints.h"
#include "scarcity.h"
#include "shape.h"

static const scarcity *control; /* NULL: what is short is so without it. */
static shortage short_of;

/* What is being tried, for complaints and for the last words. */
static struct {
    const char *scene;
    int place;
    bool lasting;
    uint64_t nth;
} now;

/* Where it is, should it crash: the library's threads have all signals blocked, and there are no last words. */
static void go_to(uint64_t nth, bool lasting) {
    now.nth = nth;
    now.lasting = lasting;
    printf("at\t%d\t%s\t%s\t%" PRIu64 "\n", now.place, now.scene, lasting ? "from then on" : "once", nth);
    fflush(stdout);
}

static size_t way_to_failure(void *way[PATH_DEPTH]) { return control != NULL ? control->first_failure(way) : 0; }

/* For what the host does on its own account, in the middle of things. */
static void spare(bool spared) {
    if (control != NULL) control->spare(spared);
}

#define COMPLAIN(...)                                                                                                                  \
    do {                                                                                                                               \
        char words_[2048];                                                                                                             \
        void *way_[PATH_DEPTH] = {NULL};                                                                                                        \
        snprintf(words_, sizeof words_, __VA_ARGS__);                                                                                  \
        complain(now.scene, now.nth, now.lasting, words_, way_, way_to_failure(way_));                                         \
    } while (0)

/* ------------------------------------------------------------------------------------------------------------------ How it ended */

typedef struct ending {
    atomic_int count;
    slipway_status status;
    int32_t retriable;
    char message[512], hint[512];
    char part[1024]; /* What became of a part of it that failed: of create_many. */
    shape shape;
} ending;

static const char *text_or_nothing(const slipway_result *result, const char *pointer) {
    const char *const text = slipway_result_string(result, pointer);
    return text != NULL ? text : "";
}

/* What the host does in here is its own affair: that it asks for the answer is not what is tried. */
static void on_ending(const slipway_result *result, void *user_data) {
    ending *self = user_data;
    spare(true);
    record_result(result);
    self->status = result->status;
    self->retriable = result->retriable;
    snprintf(self->message, sizeof self->message, "%s", result->message != NULL ? result->message : "(NULL)");
    snprintf(self->hint, sizeof self->hint, "%s", result->hint != NULL ? result->hint : "(NULL)");
    shape_of(&self->shape, slipway_result_json(result, ""));
    if (slipway_result_type(result, "/failures/0") == SLIPWAY_JSON_OBJECT)
        snprintf(self->part, sizeof self->part, "%s: %s. %s", text_or_nothing(result, "/failures/0/status"),
                 text_or_nothing(result, "/failures/0/message"), text_or_nothing(result, "/failures/0/hint"));
    atomic_fetch_add(&self->count, 1);
    spare(false);
}

/* -------------------------------------------------------------------------------------------------------------- What it may say */

static bool holds(const char *text, const char *words) { return strcasestr(text, words) != NULL; }

/* What is short, and how it is called. SLIPWAY_INTERNAL is the status for it, but for a disk: that is the file's own trouble. */
static const struct {
    slipway_status status;
    const char *words; /* Somewhere in message or hint. */
} told_as[] = {
    [SHORTAGE_CURL_MEMORY] = {SLIPWAY_INTERNAL, "memory"},    [SHORTAGE_JANSSON_MEMORY] = {SLIPWAY_INTERNAL, "memory"},
    [SHORTAGE_OPENSSL_MEMORY] = {SLIPWAY_INTERNAL, "memory"}, [SHORTAGE_EXPAT_MEMORY] = {SLIPWAY_INTERNAL, "memory"},
    [SHORTAGE_OTHER_MEMORY] = {SLIPWAY_INTERNAL, "memory"},   [SHORTAGE_SYSTEM_MEMORY] = {SLIPWAY_INTERNAL, "memory"},
    [SHORTAGE_DESCRIPTORS] = {SLIPWAY_INTERNAL, "ulimit -n"}, [SHORTAGE_THREADS] = {SLIPWAY_INTERNAL, "ulimit -u"},
    [SHORTAGE_DISK] = {SLIPWAY_FILE, "No space left"},        [SHORTAGE_READING] = {SLIPWAY_FILE, "Input/output error"},
};

/* libcurl and OpenSSL have failures of their own for some of it, which do not say why. What they do not know cannot be told. */
static bool is_unknown_cause(slipway_status status, const char *text) {
    const bool is_theirs = short_of == SHORTAGE_CURL_MEMORY || short_of == SHORTAGE_OPENSSL_MEMORY || short_of == SHORTAGE_OTHER_MEMORY ||
                           short_of == SHORTAGE_SYSTEM_MEMORY;
    /* It has one code for no memory and for a head that goes on and on. */
    if (short_of == SHORTAGE_CURL_MEMORY && status == SLIPWAY_PROTOCOL && holds(text, "or there was no memory for it")) return true;
    /* What OpenSSL has not found, it may not have had the memory to look for: the hint names that, too. */
    if (is_theirs && status == SLIPWAY_TLS && holds(text, "OpenSSL lacks this")) return true;
    return is_theirs && (status == SLIPWAY_NETWORK || status == SLIPWAY_TLS) && !holds(text, "memory") && !holds(text, "malloc");
}

static void judge(slipway_status status, const char *message, const char *hint) {
    char text[1100];
    snprintf(text, sizeof text, "%s. %s", message, hint);
    if (message[0] == '\0') COMPLAIN("%s without a message", slipway_status_name(status));
    if (is_unknown_cause(status, text)) return;
    /* Who waits for a build bears what fails until there is no time left, and says what the last was. */
    const bool waited = status == SLIPWAY_DEADLINE_EXCEEDED && now.lasting && holds(text, "the last was");
    const char *const thing = short_of == SHORTAGE_DESCRIPTORS ? "descriptor" : short_of == SHORTAGE_THREADS ? "thread" : told_as[short_of].words;
    if (waited && holds(text, thing)) return;
    const bool is_right = status == told_as[short_of].status && holds(text, told_as[short_of].words) && !holds(text, "defect");
    if (!is_right) COMPLAIN("told as %s: %s", slipway_status_name(status), text);
}

/* -------------------------------------------------------------------------------------------------------------------- What is left */

static int entries(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;
    REQUIRE(directory != NULL);
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count;
}

/* What is on its way out may take a moment. */
static void back_to(const char *path, int before) {
    const uint64_t until = now_ms() + 5000;
    while (entries(path) > before && now_ms() < until) sleep_ms(1);
    if (entries(path) > before) COMPLAIN("%d more entries in %s than before", entries(path) - before, path);
}

/* -------------------------------------------------------------------------------------------------------------- One operation */

typedef struct tally {
    uint64_t calls, tried, hit, survived, unknown;
    uint64_t told[64]; /* By the status, without its sign. */
} tally;

static bool is_child; /* One attempt is all that it is for. */
static shape usual; /* Of the scene's answer. */
static int usual_descriptors, usual_threads; /* When there is no client. */

enum { BOUND_MS = 12000, SLOW_MS = 4000 };

/* What does not end within BOUND_MS will hang the rest, too: the end of this process. Whoever started it begins again behind what it was at. */
static void give_up_waiting(const char *what, slipway_status status) {
    char why[128], frames[2048];
    void *way[PATH_DEPTH] = {NULL};
    const size_t depth = way_to_failure(way);
    snprintf(why, sizeof why, "hang: %s gave %s after %d ms", what, slipway_status_name(status), BOUND_MS);
    if (is_child) {
        complain(now.scene, now.nth, now.lasting, why, way, depth);
        _exit(99);
    }
    print_complaints();
    describe_way(frames, sizeof frames, way, depth);
    printf("end\t%s\t%s\n", why, frames);
    fflush(stdout);
    _exit(99);
}

/* Runs the scene's operation. */
static void run(const scene *scene, slipway_client *client, ending *end) {
    const any_request request = request_of(scene);
    slipway_operation operation = 0;
    const slipway_status started = kind_of(scene->place)->start(client, &request, on_ending, end, &operation);
    if (started != SLIPWAY_OK) {
        COMPLAIN("the starting call answered %s", slipway_status_name(started));
        return;
    }
    const slipway_status waited = slipway_operation_wait(client, operation, BOUND_MS);
    if (waited != SLIPWAY_OK) give_up_waiting("slipway_operation_wait", waited);
    if (atomic_load(&end->count) != 1) COMPLAIN("%d completions", atomic_load(&end->count));
}

static bool is_usual(const scene *scene, const ending *end) {
    return end->status == answer_of(scene) && strcmp(end->shape.text, usual.text) == 0;
}

/* With nothing short it must work, whatever has been. */
static void run_undisturbed(const scene *scene, slipway_client *client, const char *on) {
    static ending end;
    memset(&end, 0, sizeof end);
    run(scene, client, &end);
    if (end.status != answer_of(scene))
        COMPLAIN("the next one, on %s, ended with %s: %s. %s", on, slipway_status_name(end.status), end.message, end.hint);
    else if (strcmp(end.shape.text, usual.text) != 0)
        COMPLAIN("the next one, on %s, answered another shape: %.300s", on, end.shape.text);
}

static void close_bounded(slipway_client *client) {
    const slipway_status status = slipway_client_close(client, BOUND_MS);
    if (status != SLIPWAY_OK) give_up_waiting("slipway_client_close", status);
}

/* libcurl 7.88 does not look whether it could copy the URL's query, and sends the request without it: whatever comes of that, nobody can tell. */
static bool has_lost_query(void) {
    char text[4096];
    void *way[PATH_DEPTH] = {NULL};
    describe_way(text, sizeof text, way, way_to_failure(way));
    return short_of == SHORTAGE_CURL_MEMORY && holds(text, " curl_url_get") && holds(text, " curl_multi_perform");
}

static void note(const scene *scene, const ending *end, bool was_hit, tally *found) {
    if (is_usual(scene, end)) {
        found->survived += was_hit;
    } else if (was_hit && has_lost_query()) {
        found->told[-end->status & 63]++;
    } else if (end->status == answer_of(scene) && strncmp(end->part, "INTERNAL: ", 10) == 0 && holds(end->part, told_as[short_of].words)) {
        found->told[-SLIPWAY_INTERNAL]++;
    } else if (end->status == answer_of(scene) && strncmp(end->part, "PROTOCOL: ", 10) == 0 && is_unknown_cause(SLIPWAY_PROTOCOL, end->part)) {
        found->told[-SLIPWAY_PROTOCOL]++;
    } else if (end->status == answer_of(scene) && end->part[0] != '\0') {
        COMPLAIN("a part of it is told as %s", end->part);
    } else if (end->status == answer_of(scene)) {
        COMPLAIN("%s with an answer that is not whole: %.300s", slipway_status_name(end->status), end->shape.text);
    } else {
        if (!was_hit) COMPLAIN("nothing was short, and it ended with %s: %s", slipway_status_name(end->status), end->message);
        else judge(end->status, end->message, end->hint);
        found->told[-end->status & 63]++;
    }
}

#endif /* ENDING_H */
