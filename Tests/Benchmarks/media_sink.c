/* media_sink.c: answers as an EnterMedia server does, as fast as one thread can, keeps nothing, and counts.
 *
 *     media_sink [--fault-every 50]
 *
 * Prints {"port":N} and serves 127.0.0.1 until its standard input ends or SIGTERM comes. It knows the requests that the benchmarks make:
 *
 *     POST .../services/distribution/create/create    the current shape, with the ids of the request; of every N-th one a 500
 *     GET  .../services/module/asset/data/ID          "not found" until an upload has brought it
 *     POST .../services/module/asset/create           a form of jsonrequest and file: the file is discarded inside the kernel
 *     POST /projects/test-webhook                     what sink.py has nginx answer, to compare the two
 *     GET  /counts                                    what has been asked for so far
 *
 * Connections are kept, requests may be pipelined, bodies need a Content-Length. Anything else is a 400, which a benchmark reports.
 */
#define _GNU_SOURCE // memmem, memrchr, accept4
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"
#include "request_head.h"

enum { INPUT = 65536, OUTPUT = 32768, ANSWER = 2048, EPILOGUE = BOUNDARY + 8, EVENTS = 256 };
enum { KNOWN = 64, NUMBERS = 1 << 20, DISCARD_AT_ONCE = 1 << 22 };

typedef struct {
    int descriptor;
    int waits_for_room; // the client does not read its answers
    int was_continued;  // the 100 has been sent for the request that is first in `input`
    size_t input_size, output_size;
    uint64_t to_discard; // of a file that is coming in
    uint64_t file_size;
    size_t epilogue_size; // what must follow the file; 0: no file is coming in
    char epilogue[EPILOGUE];
    char asset[ID], name[256];
    char input[INPUT], output[OUTPUT];
} connection;

static struct {
    uint64_t creates, faults, published, assets, uploads, file_bytes, malformed;
} counts;

static int epoll;
static unsigned port;
static uint64_t fault_every;
static unsigned char seen[NUMBERS / 8]; // the assets that were published, by the number at the end of their ids
static char known[KNOWN][ID];           // the assets that came last
static char date[64];

static void die(const char *what) {
    fprintf(stderr, "media_sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ------------------------------------------------------------------------------------------------------------------------ answering */

/** The answers of one turn go out in one write. Whoever calls has seen to it that there is room for one. */
static void answer(connection *self, const char *status, const char *body, size_t size) {
    self->output_size += (size_t)snprintf(self->output + self->output_size, OUTPUT - self->output_size,
                                          "HTTP/1.1 %s\r\nServer: media_sink\r\nDate: %s\r\nContent-Type: text/json;charset=UTF-8\r\n"
                                          "Content-Length: %zu\r\nConnection: keep-alive\r\n\r\n%.*s",
                                          status, date, size, (int)size, body);
}

static void answer_text(connection *self, const char *status, const char *body) { answer(self, status, body, strlen(body)); }

static void refuse(connection *self, const char *why) {
    char body[256];
    counts.malformed++;
    snprintf(body, sizeof body, "{\"error\":\"media_sink: %s\"}", why);
    answer_text(self, "400 Bad Request", body);
}

static void note_published(const char *asset) {
    const char *digits = asset + strlen(asset);
    while (digits > asset && digits[-1] >= '0' && digits[-1] <= '9') digits--;
    uint64_t number = strtoull(digits, NULL, 10);
    if (number >= NUMBERS) return;
    unsigned char bit = (unsigned char)(1u << (number % 8));
    if (!(seen[number / 8] & bit)) counts.assets++;
    seen[number / 8] |= bit;
}

static void create_distribution(connection *self, text body) {
    char asset[ID], id[ID], json[ANSWER], original[512] = "";
    counts.creates++;
    if (!copy_id(asset, member(body, "\"assetid\"")) || !copy_id(id, member(body, "\"id\""))) {
        refuse(self, "a distribution needs assetid and id");
        return;
    }
    if (fault_every != 0 && counts.creates % fault_every == 0) {
        counts.faults++;
        answer_text(self, "500 Internal Server Error",
                    "{\"reponse\":{\"status\":\"error\",\"path\":\"/mediadb/services/distribution/create/create.json\","
                    "\"details\":\"media_sink was told to fail\"}}");
        return;
    }
    counts.published++;
    note_published(asset);
    if (memmem(body.bytes, body.size, "true", 4) != NULL)
        snprintf(original, sizeof original, "\"originalUrl\":\"http://127.0.0.1:%u/mediadb/services/distribution/published/%s\",", port,
                 id);
    int size = snprintf(json, sizeof json, "{\"response\":{\"id\":\"%s\",\"status\":\"ok\"},\"assetid\":\"%s\",%s\"presets\":[]}", id,
                        asset, original);
    answer(self, "200 OK", json, (size_t)size);
}

static void tell_asset(connection *self, text path) {
    char json[ANSWER], id[ID];
    const char *slash = memrchr(path.bytes, '/', path.size);
    if (slash == NULL || !copy_id(id, (text){slash + 1, (size_t)(path.bytes + path.size - slash - 1)})) {
        refuse(self, "not an id of an asset");
        return;
    }
    for (int i = 0; i < KNOWN; i++) {
        if (strcmp(known[i], id) != 0) continue;
        snprintf(json, sizeof json, "{\"response\":{\"status\":\"ok\"},\"data\":{\"id\":\"%s\",\"name\":\"%s\"}}", id, id);
        answer_text(self, "200 OK", json);
        return;
    }
    answer_text(self, "200 OK", "{\"response\":{\"status\":\"not found\"}}");
}

static void tell_counts(connection *self) {
    char json[ANSWER];
    snprintf(json, sizeof json,
             "{\"creates\":%llu,\"faults\":%llu,\"published\":%llu,\"assets\":%llu,\"uploads\":%llu,\"file_bytes\":%llu,\"malformed\":%llu,"
             "\"cpu_s\":%.6f}",
             (unsigned long long)counts.creates, (unsigned long long)counts.faults, (unsigned long long)counts.published,
             (unsigned long long)counts.assets, (unsigned long long)counts.uploads, (unsigned long long)counts.file_bytes,
             (unsigned long long)counts.malformed, measure_cpu());
    answer_text(self, "200 OK", json);
}

/* -------------------------------------------------------------------------------------------------------------------------- uploads */

/** Reads the form up to where the file begins: its length, or 0 when there is more to come, or -1 when it is not such a form. */
static ssize_t begin_file(connection *self, const head *request, text body) {
    if (request->boundary.size == 0) return -1;
    text json = between(body, "name=\"jsonrequest\"\r\n", "\r\n--");
    text part = between(body, "name=\"file\"; filename=\"", "\r\n\r\n");
    if (part.bytes == NULL) return body.size >= INPUT / 2 || body.size >= request->body_size ? -1 : 0;
    if (json.bytes == NULL || json.bytes > part.bytes || member(json, "\"sourcepath\"").size == 0) return -1;
    if (!copy_id(self->asset, member(json, "\"id\""))) return -1;
    const char *quote = memchr(part.bytes, '"', part.size);
    if (quote == NULL) return -1;
    snprintf(self->name, sizeof self->name, "%.*s", (int)(quote - part.bytes), part.bytes);
    size_t prologue = (size_t)(part.bytes + part.size + 4 - body.bytes);
    self->epilogue_size = (size_t)snprintf(self->epilogue, sizeof self->epilogue, "\r\n--%.*s--\r\n", (int)request->boundary.size,
                                           request->boundary.bytes);
    if (request->body_size < prologue + self->epilogue_size) return -1;
    self->file_size = self->to_discard = request->body_size - prologue - self->epilogue_size;
    return (ssize_t)prologue;
}

static void end_file(connection *self) {
    char json[ANSWER];
    if (memcmp(self->input, self->epilogue, self->epilogue_size) != 0) {
        refuse(self, "after the file comes something else than the end of the form");
    } else {
        snprintf(known[counts.uploads++ % KNOWN], ID, "%s", self->asset);
        counts.file_bytes += self->file_size;
        snprintf(json, sizeof json,
                 "{\"response\":{\"status\":\"ok\",\"id\":\"%s\"},\"data\":{\"id\":\"%s\",\"name\":\"%s\",\"sourcepath\":\"slipway/%s\"}}",
                 self->asset, self->asset, self->name, self->asset);
        answer_text(self, "200 OK", json);
    }
}

/* ------------------------------------------------------------------------------------------------------------------------ connection */

static void drop_input(connection *self, size_t size) {
    memmove(self->input, self->input + size, self->input_size - size);
    self->input_size -= size;
}

/** Answers the request at `start`. Gives how much of the input that was; 0 when more must come; -1 when there is no going on. */
static ssize_t step(connection *self, size_t start) {
    const char *bytes = self->input + start;
    size_t size = self->input_size - start;
    const char *blank = memmem(bytes, size, "\r\n\r\n", 4);
    if (blank == NULL) return size == INPUT ? -1 : 0;
    head request;
    size_t head_size = (size_t)(blank - bytes) + 4;
    if (!parse_head(&request, bytes, head_size - 4)) return -1;
    text body = {bytes + head_size, size - head_size};
    int is_post = is(request.method, "POST");
    if (request.expects_continue && !self->was_continued) {
        self->output_size += (size_t)snprintf(self->output + self->output_size, ANSWER, "HTTP/1.1 100 Continue\r\n\r\n");
        self->was_continued = 1;
    }
    if (is_post && ends_with(request.path, "/services/module/asset/create")) {
        ssize_t prologue = begin_file(self, &request, body);
        return prologue <= 0 ? prologue : (ssize_t)head_size + prologue;
    }
    if (request.body_size > INPUT - head_size) return -1;
    if (body.size < request.body_size) return 0;
    body.size = (size_t)request.body_size;
    if (is_post && ends_with(request.path, "/services/distribution/create/create")) {
        create_distribution(self, body);
    } else if (is_post && is(request.path, "/projects/test-webhook")) {
        answer_text(self, "200 OK", "{\"success\":true,\"message\":\"Test webhook delivered\",\"statusCode\":200}");
    } else if (!is_post && memmem(request.path.bytes, request.path.size, "/services/module/asset/data/", 28) != NULL) {
        tell_asset(self, request.path);
    } else if (!is_post && is(request.path, "/counts")) {
        tell_counts(self);
    } else {
        refuse(self, "no benchmark asks for this");
    }
    self->was_continued = 0;
    return (ssize_t)(head_size + request.body_size);
}

/** Answers all that is there. 0: the connection is of no use any more. */
static int process(connection *self) {
    size_t done = 0;
    while (OUTPUT - self->output_size >= 2 * ANSWER) {
        if (self->epilogue_size == 0) {
            ssize_t used = step(self, done);
            if (used < 0) return 0;
            if (used == 0) break;
            done += (size_t)used;
            if (self->epilogue_size == 0) continue;
        }
        drop_input(self, done); // a file begins here, or goes on
        done = 0;
        size_t part = self->to_discard < self->input_size ? (size_t)self->to_discard : self->input_size;
        drop_input(self, part);
        self->to_discard -= part;
        if (self->to_discard > 0 || self->input_size < self->epilogue_size) break;
        end_file(self);
        done = self->epilogue_size;
        self->epilogue_size = 0;
        self->was_continued = 0;
    }
    drop_input(self, done);
    return 1;
}

/** Sends what there is to send. 0: the connection is of no use any more. */
static int flush(connection *self) {
    size_t sent = 0;
    while (sent < self->output_size) {
        ssize_t count = send(self->descriptor, self->output + sent, self->output_size - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) return 0;
        if (count < 0) break;
        sent += (size_t)count;
    }
    memmove(self->output, self->output + sent, self->output_size - sent);
    self->output_size -= sent;
    int waits = self->output_size > 0;
    if (waits == self->waits_for_room) return 1;
    self->waits_for_room = waits;
    struct epoll_event event = {.events = waits ? EPOLLOUT : EPOLLIN, .data.ptr = self};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, self->descriptor, &event) == 0;
}

/** Takes what has come. 0: the connection has ended, or is of no use any more. */
static int take(connection *self) {
    ssize_t count;
    do {
        // TCP throws bytes away without copying them when they are received with MSG_TRUNC.
        if (self->to_discard > 0) {
            size_t most = self->to_discard < DISCARD_AT_ONCE ? (size_t)self->to_discard : DISCARD_AT_ONCE;
            count = recv(self->descriptor, NULL, most, MSG_TRUNC);
        } else {
            count = recv(self->descriptor, self->input + self->input_size, INPUT - self->input_size, 0);
        }
    } while (count < 0 && errno == EINTR);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return 0;
    if (self->to_discard > 0)
        self->to_discard -= (uint64_t)count;
    else
        self->input_size += (size_t)count;
    return 1;
}

/** Answers what has come. What is left over because the output was full goes on once that has been sent. */
static int go_on(connection *self) {
    size_t before;
    do {
        before = self->input_size;
        if (!process(self) || !flush(self)) return 0;
    } while (!self->waits_for_room && self->input_size > 0 && self->input_size < before);
    return 1;
}

static void serve(connection *self, uint32_t events) {
    if ((!(events & EPOLLIN) || take(self)) && go_on(self)) return;
    close(self->descriptor);
    free(self);
}

static void welcome(int listener) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection *self = malloc(sizeof *self);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
        if (self == NULL) die("malloc");
        memset(self, 0, offsetof(connection, input)); // the buffers cost nothing until they are used
        self->descriptor = descriptor;
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
    }
}

int main(int argc, char **argv) {
    fault_every = (uint64_t)measure_number(argc, argv, "--fault-every", 0);
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), input = STDIN_FILENO;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 4096) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        die("listen");
    port = ntohs(address.sin_port);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ours[2] = {{.events = EPOLLIN, .data.ptr = &listener}, {.events = EPOLLIN, .data.ptr = &input}};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &ours[0]) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, input, &ours[1]) != 0)
        die("epoll");
    printf("{\"port\":%u}\n", port);
    fflush(stdout);
    time_t last = 0;
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        time_t now = time(NULL);
        if (now != last) strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
        last = now;
        for (int i = 0; i < count; i++) {
            char rest[64];
            if (events[i].data.ptr == &listener)
                welcome(listener);
            else if (events[i].data.ptr != &input)
                serve(events[i].data.ptr, events[i].events);
            else if (read(input, rest, sizeof rest) <= 0)
                return 0;
        }
    }
}
