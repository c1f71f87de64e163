/* c_loop.c: what a careful C programmer writes to send many POSTs with libcurl and jansson: the yardstick for Slipway.
 *
 *     c_loop --base-url http://127.0.0.1:8080 --in-flight 64 [--seconds 2] [--warm-up 0.5] [--engine poll|socket|socket-lazy] [--no-json]
 *     c_loop --base-url http://127.0.0.1:8080/mediadb --in-flight 64 --distributions 100000 [--engine ...]
 *
 * It does the job of slipway_test_webhook for so many seconds, or that of slipway_entermedia_distribution_create_many for so many assets:
 * builds the body, sends it, reads the answer, checks the status and what the answer says, and starts the next one in the same slot. Easy
 * handles and buffers are reused; connections are libcurl's.
 *
 * Engines: poll         curl_multi_perform and curl_multi_poll.
 *          socket       curl_multi_socket_action and epoll, registered exactly as libcurl says.
 *          socket-lazy  the same, but a kept connection stays registered between two transfers: two epoll_ctl less per call.
 * --no-json sends a constant body and does not read the answer: what the transport alone costs.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "measure.h"

enum { ANSWER_LIMIT = 65536, BODY_LIMIT = 512, EVENTS = 256, DESCRIPTORS = 65536 };

/** One place in flight: its handle and buffers serve one call after another. */
typedef struct {
    CURL *easy;
    char body[BODY_LIMIT];
    char *answer;
    size_t answer_size;
    size_t answer_capacity;
    char asset_id[32]; // of the distribution that is being made, and its own
    char id[37];
} slot;

static CURLM *multi;
static uint64_t calls;
static uint64_t failures;
static int with_json = 1;
static uint64_t distributions; // so many are to be made; 0: webhooks, until the time is over
static uint64_t started;
static const char constant_body[] = "{\"apiKey\":\"benchmark-key\",\"userId\":\"benchmark-user\","
                                    "\"projectId\":\"665a1c2e9b1d4f0012ab34cd\"}";

static void die(const char *what, const char *why) {
    fprintf(stderr, "c_loop: %s: %s\n", what, why);
    exit(1);
}

static void check(CURLMcode code, const char *what) {
    if (code != CURLM_OK) die(what, curl_multi_strerror(code));
}

/* ------------------------------------------------------------------------------------------------------------------------ One call */

static size_t receive(char *bytes, size_t one, size_t count, void *user_data) {
    slot *self = user_data;
    size_t size = one * count;
    if (size > ANSWER_LIMIT - self->answer_size) return 0; // libcurl fails the transfer
    if (self->answer_size + size > self->answer_capacity) {
        size_t capacity = self->answer_capacity ? self->answer_capacity : 1024;
        while (capacity < self->answer_size + size) capacity *= 2;
        char *grown = realloc(self->answer, capacity);
        if (grown == NULL) return 0;
        self->answer = grown;
        self->answer_capacity = capacity;
    }
    memcpy(self->answer + self->answer_size, bytes, size);
    self->answer_size += size;
    return size;
}

static void prepare(slot *self, const char *url, struct curl_slist *headers) {
    self->easy = curl_easy_init();
    if (self->easy == NULL) die("curl_easy_init", "no memory");
    curl_easy_setopt(self->easy, CURLOPT_URL, url);
    curl_easy_setopt(self->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(self->easy, CURLOPT_USERAGENT, "c_loop/1");
    curl_easy_setopt(self->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(self->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(self->easy, CURLOPT_CONNECTTIMEOUT_MS, 15000L);
    curl_easy_setopt(self->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(self->easy, CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(self->easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(self->easy, CURLOPT_WRITEDATA, self);
    curl_easy_setopt(self->easy, CURLOPT_PRIVATE, self);
}

/** A random UUID, as text. */
static void make_uuid(char *text) {
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) die("getrandom", strerror(errno));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    for (size_t i = 0; i < sizeof bytes; i++) {
        *text++ = "0123456789abcdef"[bytes[i] >> 4];
        *text++ = "0123456789abcdef"[bytes[i] & 15];
        if (i == 3 || i == 5 || i == 7 || i == 9) *text++ = '-';
    }
    *text = '\0';
}

static json_t *make_request(slot *self) {
    if (distributions == 0)
        return json_pack("{s:s, s:s, s:s}", "apiKey", "benchmark-key", "userId", "benchmark-user", "projectId",
                         "665a1c2e9b1d4f0012ab34cd");
    snprintf(self->asset_id, sizeof self->asset_id, "asset-%06llu", (unsigned long long)started);
    make_uuid(self->id);
    return json_pack("{s:s, s:s, s:b}", "assetid", self->asset_id, "id", self->id, "alloworiginal", 1);
}

static void start(slot *self) {
    if (distributions != 0 && started == distributions) return;
    if (with_json) {
        json_t *request = make_request(self);
        size_t size = request ? json_dumpb(request, self->body, sizeof self->body, JSON_COMPACT) : 0;
        json_decref(request);
        if (size == 0 || size > sizeof self->body) die("json_dumpb", "the body does not fit");
        curl_easy_setopt(self->easy, CURLOPT_POSTFIELDSIZE, (long)size);
        curl_easy_setopt(self->easy, CURLOPT_POSTFIELDS, self->body);
    } else {
        curl_easy_setopt(self->easy, CURLOPT_POSTFIELDSIZE, (long)(sizeof constant_body - 1));
        curl_easy_setopt(self->easy, CURLOPT_POSTFIELDS, constant_body);
    }
    started++;
    self->answer_size = 0;
    check(curl_multi_add_handle(multi, self->easy), "curl_multi_add_handle");
}

static int is_text(const json_t *json, const char *text) {
    const char *value = json_string_value(json);
    return value != NULL && (text == NULL || strcmp(value, text) == 0);
}

static int says_yes(slot *self, const json_t *answer) {
    if (distributions == 0)
        return json_is_true(json_object_get(answer, "success")) && json_integer_value(json_object_get(answer, "statusCode")) == 200;
    const json_t *response = json_object_get(answer, "response");
    return is_text(json_object_get(response, "status"), "ok") && is_text(json_object_get(response, "id"), self->id) &&
           is_text(json_object_get(answer, "assetid"), self->asset_id) && is_text(json_object_get(answer, "originalUrl"), NULL);
}

static int is_good(slot *self, CURLcode result) {
    long status = 0;
    if (result != CURLE_OK) return 0;
    if (curl_easy_getinfo(self->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200) return 0;
    if (!with_json) return 1;
    json_error_t error;
    json_t *answer = json_loadb(self->answer ? self->answer : "", self->answer_size, 0, &error);
    int good = says_yes(self, answer);
    json_decref(answer);
    return good;
}

/** Takes what has finished and starts the next call in its slot. */
static void turn_over(void) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result; // gone once the handle is removed
        slot *self = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&self);
        check(curl_multi_remove_handle(multi, easy), "curl_multi_remove_handle");
        if (is_good(self, result)) {
            calls++;
        } else {
            if (failures++ == 0) fprintf(stderr, "c_loop: a call failed: %s\n", curl_easy_strerror(result));
        }
        start(self);
    }
}

/** Every distribution has been made, or has failed. */
static int is_over(void) { return distributions != 0 && calls + failures == distributions; }

/* -------------------------------------------------------------------------------------------------------- Engine: perform and poll */

static void step_poll(void) {
    int running = 0;
    check(curl_multi_perform(multi, &running), "curl_multi_perform");
    turn_over();
    if (is_over()) return; // nothing will ever wake the poll
    check(curl_multi_poll(multi, NULL, 0, 1000, NULL), "curl_multi_poll");
}

/* ---------------------------------------------------------------------------------------------------- Engine: socket_action and epoll */

static int epoll = -1;
static int lazy;
static double timer = -1; // when libcurl wants to be called, or negative

/** What epoll watches for each descriptor, and whether libcurl still wants it. */
static struct {
    uint32_t registered;
    int wanted;
} watched[DESCRIPTORS];

static int on_socket(CURL *easy, curl_socket_t descriptor, int what, void *user_data, void *socket_data) {
    (void)easy, (void)user_data, (void)socket_data;
    if (descriptor < 0 || descriptor >= DESCRIPTORS) return -1;
    struct epoll_event event = {.data.fd = descriptor};
    if (what == CURL_POLL_REMOVE) {
        watched[descriptor].wanted = 0;
        if (lazy && watched[descriptor].registered == EPOLLIN) return 0;
        if (watched[descriptor].registered) epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
        watched[descriptor].registered = 0;
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    watched[descriptor].wanted = 1;
    if (watched[descriptor].registered == event.events) return 0;
    int operation = watched[descriptor].registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll, operation, descriptor, &event) != 0) die("epoll_ctl", strerror(errno));
    watched[descriptor].registered = event.events;
    return 0;
}

/** The kernel forgets a descriptor that is closed; so do we, since its number comes again. */
static int on_close(void *user_data, curl_socket_t descriptor) {
    (void)user_data;
    if (descriptor >= 0 && descriptor < DESCRIPTORS) watched[descriptor].registered = 0;
    return close(descriptor);
}

static int on_timer(CURLM *handle, long milliseconds, void *user_data) {
    (void)handle, (void)user_data;
    timer = milliseconds < 0 ? -1 : measure_now() + (double)milliseconds * 1e-3;
    return 0;
}

static void act(curl_socket_t descriptor, int events) {
    int running = 0;
    check(curl_multi_socket_action(multi, descriptor, events, &running), "curl_multi_socket_action");
}

static void step_socket(void) {
    struct epoll_event events[EVENTS];
    int timeout = 1000;
    if (timer >= 0) {
        double left = timer - measure_now();
        timeout = left <= 0 ? 0 : left > 1 ? 1000 : (int)(left * 1e3) + 1;
    }
    int count = epoll_wait(epoll, events, EVENTS, timeout);
    if (count < 0 && errno != EINTR) die("epoll_wait", strerror(errno));
    for (int i = 0; i < count; i++) {
        int descriptor = events[i].data.fd;
        if (!watched[descriptor].wanted) { // an idle connection that the server closed: libcurl finds out when it takes it again
            epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &events[i]);
            watched[descriptor].registered = 0;
            continue;
        }
        uint32_t happened = events[i].events;
        act(descriptor, (happened & EPOLLIN ? CURL_CSELECT_IN : 0) | (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                            (happened & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
    }
    turn_over();
    if (timer >= 0 && measure_now() >= timer) {
        timer = -1;
        act(CURL_SOCKET_TIMEOUT, 0);
        turn_over();
    }
}

static void use_epoll(void) {
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) die("epoll_create1", strerror(errno));
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
}

/* ---------------------------------------------------------------------------------------------------------------------------- main */

static struct curl_slist *make_headers(void) {
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Accept: application/json");
    if (distributions == 0) return headers;
    headers = curl_slist_append(headers, "Cookie: entermedia.key=benchmark-key");
    return curl_slist_append(headers, "X-entermedia.key: benchmark-key");
}

/** Runs until the time is over, or until every distribution has been made, and prints what it took. */
static void run(void (*step)(void), double warm_up, double seconds) {
    measure_sample begin = measure_take(calls);
    if (distributions == 0) {
        double from = begin.time + warm_up;
        while (measure_now() < from) step();
        begin = measure_take(calls);
        while (measure_now() < from + seconds) step();
    } else {
        while (!is_over()) step();
    }
    measure_print(begin, measure_take(calls), failures);
}

int main(int argc, char **argv) {
    const char *base = measure_argument(argc, argv, "--base-url", NULL);
    const char *engine = measure_argument(argc, argv, "--engine", "poll");
    size_t in_flight = (size_t)measure_number(argc, argv, "--in-flight", 64);
    double warm_up = measure_number(argc, argv, "--warm-up", 0.5);
    double seconds = measure_number(argc, argv, "--seconds", 2);
    with_json = !measure_flag(argc, argv, "--no-json");
    distributions = (uint64_t)measure_number(argc, argv, "--distributions", 0);
    lazy = strcmp(engine, "socket-lazy") == 0;
    int is_socket = lazy || strcmp(engine, "socket") == 0;
    if (base == NULL || in_flight == 0 || in_flight > 16384 || (!is_socket && strcmp(engine, "poll") != 0) ||
        (distributions != 0 && !with_json))
        die("usage", "c_loop --base-url URL --in-flight 1..16384 [--engine poll|socket|socket-lazy] [--no-json | --distributions N]");

    char url[1024];
    const char *path = distributions == 0 ? "/projects/test-webhook" : "/services/distribution/create/create";
    int length = snprintf(url, sizeof url, "%s%s", base, path);
    if (length < 0 || (size_t)length >= sizeof url) die("--base-url", "too long");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (multi = curl_multi_init()) == NULL) die("libcurl", "does not start");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    if (is_socket) use_epoll();
    struct curl_slist *headers = make_headers();
    slot *slots = calloc(in_flight, sizeof *slots);
    if (slots == NULL || headers == NULL) die("calloc", "no memory");

    for (size_t i = 0; i < in_flight; i++) {
        prepare(&slots[i], url, headers);
        if (is_socket) curl_easy_setopt(slots[i].easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    }
    for (size_t i = 0; i < in_flight; i++) start(&slots[i]);
    run(is_socket ? step_socket : step_poll, warm_up, seconds);

    for (size_t i = 0; i < in_flight; i++) {
        curl_multi_remove_handle(multi, slots[i].easy);
        curl_easy_cleanup(slots[i].easy);
        free(slots[i].answer);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    free(slots);
    return failures == 0 ? 0 : 1;
}
