/* storage_sink.c: answers as S3-compatible storage does, keeps nothing of what it is sent, and counts. Plain and over TLS.
 *
 *     storage_sink [--certificate chain.pem --key key.pem]
 *
 * Prints {"port":N,"tls_port":M} (0 without a certificate) and serves 127.0.0.1 until its standard input ends or SIGTERM comes.
 *
 *     PUT    /bucket/key                             an object; this is also what an HTTP PUT to any URL finds
 *     POST   /bucket/key?uploads, ?uploadId=         a multipart upload begins, and is completed when all of its parts are listed
 *     PUT    /bucket/key?partNumber=&uploadId=       a part
 *     DELETE /bucket/key[?uploadId=]                 the object or the upload is forgotten
 *     HEAD, GET /bucket/key                          its size and ETag; the content is zeros, 64 KiB of them at the most
 *     GET    /bucket?uploads, /bucket?list-type=2    nothing unfinished, nothing there
 *     PUT, HEAD /bucket                              it is there
 *     GET    /counts                                 what came so far
 *
 * Signatures are not looked at. A thread for each connection, so that no client waits for another connection of its own. What comes in
 * plain is thrown away inside the kernel; what comes over TLS is decrypted and then thrown away. Every client gets AES-128-GCM, as from
 * AWS, so that none encrypts more than another. It stays on the machine's last core: a server is another machine, and does not
 * interrupt who sends each time that a thread of it wakes up.
 */
#define _GNU_SOURCE // memmem, accept4, sched_setaffinity
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "measure.h"
#include "storage_connection.h"
#include "storage_request.h"

enum { READ_AHEAD = 1 << 17, KEY = 512, ETAG = 64, DOCUMENT = 2048 };
enum { OBJECTS = 64, UPLOADS = 4096, PARTS = 10000, LISTED = 4 << 20, ZEROS = 65536 };

#define ETAG_OF_ALL "0123456789abcdef0123456789abcdef"
#define NAMESPACE "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

typedef struct {
    char key[KEY], etag[ETAG]; // the key with its bucket; "": none
    uint64_t size;
} object;

static struct {
    atomic_ullong objects, bytes, parts, connections, malformed, digests;
} counts;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of what follows
static object objects[OBJECTS];                          // those that came last
static size_t next_object, next_upload;
static uint64_t *uploads[UPLOADS]; // the sizes of the parts that came, 1 more than them; NULL: completed, aborted, or not begun

static void die(const char *what) {
    fprintf(stderr, "storage_sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ------------------------------------------------------------------------------------------------------------------------ answering */

/** `headers` are whole lines; `size` is that of the body, of which a HEAD sends none. */
static int answer(connection *self, const char *status, const char *headers, const char *body, size_t size, int sends_body) {
    char head[1024], date[64];
    struct tm now;
    time_t seconds = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &now));
    int head_size = snprintf(head, sizeof head,
                             "HTTP/1.1 %s\r\nServer: storage_sink\r\nDate: %s\r\nLast-Modified: %s\r\nx-amz-request-id: sink\r\n"
                             "Accept-Ranges: bytes\r\n%sContent-Length: %zu\r\n\r\n",
                             status, date, date, headers, size);
    return head_size > 0 && (size_t)head_size < sizeof head && transmit(self, head, (size_t)head_size) &&
           (!sends_body || transmit(self, body, size));
}

static int answer_document(connection *self, const char *status, const char *document) {
    return answer(self, status, "Content-Type: application/xml\r\n", document, strlen(document), 1);
}

static int answer_nothing(connection *self, const char *status, const char *headers) { return answer(self, status, headers, "", 0, 1); }

static int refuse(connection *self, const storage_request *request, const char *status, const char *code) {
    char document[256];
    snprintf(document, sizeof document,
             "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>storage_sink has nothing for this</Message></Error>", code);
    return answer(self, status, "Content-Type: application/xml\r\n", document, strlen(document), !is(request->method, "HEAD"));
}

/** For a request that no client should make here: the benchmark reports it. */
static int complain(connection *self, const storage_request *request, const char *code) {
    counts.malformed++;
    fprintf(stderr, "storage_sink: %s: %.*s %.*s?%.*s\n", code, (int)request->method.size, request->method.bytes,
            (int)request->path.size, request->path.bytes, (int)request->query.size, request->query.bytes);
    return refuse(self, request, "400 Bad Request", code);
}

/* -------------------------------------------------------------------------------------------------------------------------- objects */

static object *find_object(text path) {
    for (size_t i = 0; i < OBJECTS; i++)
        if (is(path, objects[i].key)) return &objects[i];
    return NULL;
}

static void keep_object(text path, uint64_t size, const char *etag) {
    pthread_mutex_lock(&lock);
    object *self = find_object(path);
    if (self == NULL) self = &objects[next_object++ % OBJECTS];
    snprintf(self->key, KEY, "%.*s", (int)path.size, path.bytes);
    snprintf(self->etag, ETAG, "%s", etag);
    self->size = size;
    pthread_mutex_unlock(&lock);
    counts.objects++;
    counts.bytes += size;
}

static int forget_object(connection *self, text path) {
    pthread_mutex_lock(&lock);
    object *found = find_object(path);
    if (found != NULL) found->key[0] = '\0';
    pthread_mutex_unlock(&lock);
    return answer_nothing(self, "204 No Content", "");
}

static int tell_object(connection *self, const storage_request *request) {
    static const char zeros[ZEROS];
    char headers[256];
    pthread_mutex_lock(&lock);
    object *found = find_object(request->path), told = found != NULL ? *found : (object){.size = 0};
    pthread_mutex_unlock(&lock);
    if (found == NULL) return refuse(self, request, "404 Not Found", "NoSuchKey");
    int size = snprintf(headers, sizeof headers, "ETag: \"%s\"\r\nContent-Type: application/octet-stream\r\n", told.etag);
    if (is(request->method, "HEAD")) return answer(self, "200 OK", headers, "", (size_t)told.size, 0);
    if (!request->has_range || request->range_from >= told.size) return complain(self, request, "InvalidRange");
    uint64_t to = request->range_to < told.size ? request->range_to : told.size - 1;
    if (to - request->range_from >= ZEROS) to = request->range_from + ZEROS - 1;
    snprintf(headers + size, sizeof headers - (size_t)size, "Content-Range: bytes %llu-%llu/%llu\r\n",
             (unsigned long long)request->range_from, (unsigned long long)to, (unsigned long long)told.size);
    return answer(self, "206 Partial Content", headers, zeros, (size_t)(to - request->range_from + 1), 1);
}

/* -------------------------------------------------------------------------------------------------------------------------- uploads */

static int begin_upload(connection *self, const storage_request *request) {
    char document[DOCUMENT];
    const char *slash = memchr(request->path.bytes + 1, '/', request->path.size - 1), *end = request->path.bytes + request->path.size;
    pthread_mutex_lock(&lock);
    size_t number = next_upload < UPLOADS ? next_upload++ : UPLOADS;
    if (number < UPLOADS) uploads[number] = calloc(PARTS, sizeof **uploads);
    pthread_mutex_unlock(&lock);
    if (number == UPLOADS) return complain(self, request, "TooManyUploads");
    snprintf(document, sizeof document,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?><InitiateMultipartUploadResult " NAMESPACE "><Bucket>%.*s</Bucket><Key>%.*s</Key>"
             "<UploadId>%zu</UploadId></InitiateMultipartUploadResult>",
             (int)(slash - request->path.bytes - 1), request->path.bytes + 1, (int)(end - slash - 1), slash + 1, number);
    counts.digests |= request->digests & DIGEST_MD5; // rclone tells that of the whole file here
    return answer_document(self, "200 OK", document);
}

/** The upload that the request names. To be called, and its answer used, with the lock. NULL: it is not there. */
static uint64_t **find_upload(const storage_request *request) {
    uint64_t number = UPLOADS;
    if (!read_decimal(parameter(request->query, "uploadId"), &number) || number >= UPLOADS) return NULL;
    return uploads[number] != NULL ? &uploads[number] : NULL;
}

static int keep_part(connection *self, const storage_request *request, uint64_t size) {
    uint64_t number = 0;
    if (!read_decimal(parameter(request->query, "partNumber"), &number) || number < 1 || number > PARTS)
        return complain(self, request, "InvalidPartNumber");
    pthread_mutex_lock(&lock);
    uint64_t **upload = find_upload(request);
    if (upload != NULL) (*upload)[number - 1] = size + 1;
    pthread_mutex_unlock(&lock);
    if (upload == NULL) return refuse(self, request, "404 Not Found", "NoSuchUpload");
    return answer_nothing(self, "200 OK", "ETag: \"" ETAG_OF_ALL "\"\r\n");
}

static int end_upload(connection *self, const storage_request *request, text listed) {
    char document[DOCUMENT], etag[ETAG];
    uint64_t size = 0, parts = 0, names = 0;
    for (const char *at = listed.bytes; (at = memmem(at, (size_t)(listed.bytes + listed.size - at), "<PartNumber>", 12)) != NULL; at += 12)
        names++;
    pthread_mutex_lock(&lock);
    uint64_t **upload = find_upload(request);
    for (size_t i = 0; upload != NULL && i < PARTS; i++) {
        if ((*upload)[i] == 0) continue;
        size += (*upload)[i] - 1;
        parts++;
    }
    int is_whole = upload != NULL && parts > 0 && parts == names;
    if (is_whole) {
        free(*upload);
        *upload = NULL;
    }
    pthread_mutex_unlock(&lock);
    if (upload == NULL) return refuse(self, request, "404 Not Found", "NoSuchUpload");
    if (!is_whole) return complain(self, request, "InvalidPart");
    snprintf(etag, sizeof etag, ETAG_OF_ALL "-%llu", (unsigned long long)parts);
    keep_object(request->path, size, etag);
    snprintf(document, sizeof document,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CompleteMultipartUploadResult " NAMESPACE "><Location>%.*s</Location>"
             "<Bucket>sink</Bucket><Key>key</Key><ETag>&quot;%s&quot;</ETag></CompleteMultipartUploadResult>",
             (int)request->path.size, request->path.bytes, etag);
    return answer_document(self, "200 OK", document);
}

static int abort_upload(connection *self, const storage_request *request) {
    pthread_mutex_lock(&lock);
    uint64_t **upload = find_upload(request);
    if (upload != NULL) {
        free(*upload);
        *upload = NULL;
    }
    pthread_mutex_unlock(&lock);
    return upload != NULL ? answer_nothing(self, "204 No Content", "") : refuse(self, request, "404 Not Found", "NoSuchUpload");
}

static int tell_counts(connection *self) {
    static const char *const names[] = {"SHA-256", "SHA-1", "MD5", "CRC-32", "CRC-32C", "CRC-64"};
    char json[DOCUMENT], digests[128] = "";
    unsigned long long seen = atomic_exchange(&counts.digests, 0), unfinished = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (seen & 1ull << i) {
            size_t size = strlen(digests);
            snprintf(digests + size, sizeof digests - size, "%s%s", size > 0 ? ", " : "", names[i]);
        }
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < UPLOADS; i++) unfinished += uploads[i] != NULL;
    pthread_mutex_unlock(&lock);
    snprintf(json, sizeof json,
             "{\"objects\":%llu,\"bytes\":%llu,\"parts\":%llu,\"connections\":%llu,\"malformed\":%llu,\"unfinished\":%llu,"
             "\"digests\":\"%s\",\"cpu_s\":%.6f}",
             counts.objects, counts.bytes, counts.parts, counts.connections, counts.malformed, unfinished, digests, measure_cpu());
    return answer(self, "200 OK", "Content-Type: application/json\r\n", json, strlen(json), 1);
}

/* ------------------------------------------------------------------------------------------------------------------------- requests */

/** Throws away a body in chunks: its size without their marks, or -1 when it ended before. */
static int64_t discard_chunks(connection *self) {
    int64_t total = 0;
    for (;;) {
        text line = take_until(self, "\r\n");
        if (line.bytes == NULL) return -1;
        uint64_t size = strtoull(line.bytes, NULL, 16); // the line's end stops it
        if (size == 0) break;
        if (size > INT64_MAX / 2 || !discard(self, size + 2)) return -1;
        total += (int64_t)size;
    }
    text trailer;
    do trailer = take_until(self, "\r\n");
    while (trailer.size > 0);
    return trailer.bytes == NULL ? -1 : total;
}

/** Content of an object or of a part. */
static int take_content(connection *self, const storage_request *request) {
    if (!request->is_chunked && !request->has_body_size) return complain(self, request, "MissingContentLength");
    int64_t size = request->is_chunked ? discard_chunks(self) : discard(self, request->body_size) ? (int64_t)request->body_size : -1;
    if (size < 0) return 0;
    counts.parts++;
    counts.digests |= request->digests;
    uint64_t content = request->is_chunked && !request->has_content_size ? (uint64_t)size : request->content_size;
    if (content > (uint64_t)size) return complain(self, request, "IncompleteBody");
    if (parameter(request->query, "uploadId").bytes != NULL) return keep_part(self, request, content);
    keep_object(request->path, content, ETAG_OF_ALL);
    return answer_nothing(self, "200 OK", "ETag: \"" ETAG_OF_ALL "\"\r\n");
}

/** A document that a request brings, as a string; NULL when it ended before or is too large. */
static char *take_document(connection *self, const storage_request *request) {
    char *document = request->body_size < LISTED ? malloc(request->body_size + 1) : NULL;
    size_t size = 0;
    while (document != NULL && size < request->body_size) {
        if (self->start == self->end && !fill(self)) {
            free(document);
            return NULL;
        }
        size_t part = self->end - self->start;
        if (part > request->body_size - size) part = (size_t)request->body_size - size;
        memcpy(document + size, self->input + self->start, part);
        self->start += part;
        size += part;
    }
    if (document != NULL) document[size] = '\0';
    return document;
}

static int serve_bucket(connection *self, const storage_request *request, text document) {
    (void)document;
    if (is(request->path, "/counts")) return tell_counts(self);
    if (!is(request->method, "GET")) return answer_nothing(self, "200 OK", "");
    if (parameter(request->query, "uploads").bytes != NULL)
        return answer_document(self, "200 OK",
                               "<?xml version=\"1.0\"?><ListMultipartUploadsResult " NAMESPACE "><Bucket>sink</Bucket>"
                               "<MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
    return answer_document(self, "200 OK",
                           "<?xml version=\"1.0\"?><ListBucketResult " NAMESPACE "><Name>sink</Name><KeyCount>0</KeyCount>"
                           "<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>");
}

static int serve_object(connection *self, const storage_request *request, text document) {
    int names_upload = parameter(request->query, "uploadId").bytes != NULL;
    if (is(request->method, "POST") && names_upload) return end_upload(self, request, document);
    if (is(request->method, "POST") && parameter(request->query, "uploads").bytes != NULL) return begin_upload(self, request);
    if (is(request->method, "DELETE")) return names_upload ? abort_upload(self, request) : forget_object(self, request->path);
    if (!names_upload && (is(request->method, "HEAD") || is(request->method, "GET"))) return tell_object(self, request);
    return complain(self, request, "NotImplemented");
}

/** Answers one request. 0: the connection is of no use any more. */
static int serve_one(connection *self) {
    text head = take_until(self, "\r\n\r\n");
    if (head.bytes == NULL) return 0;
    // What follows needs the request while the input is overwritten, so it gets bytes of its own.
    char *copy = malloc(head.size + 1);
    if (copy == NULL) die("malloc");
    memcpy(copy, head.bytes, head.size);
    storage_request request;
    int goes_on = read_head(&request, copy, head.size) && request.path.size > 1 && request.path.size < KEY;
    if (goes_on && request.expects_continue) goes_on = transmit(self, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    const char *slash = goes_on ? memchr(request.path.bytes + 1, '/', request.path.size - 1) : NULL;
    int is_object = slash != NULL && slash + 1 < request.path.bytes + request.path.size;
    if (goes_on && is_object && is(request.method, "PUT")) {
        goes_on = take_content(self, &request);
    } else if (goes_on) {
        char *document = request.is_chunked ? NULL : take_document(self, &request);
        text whole = {document, (size_t)request.body_size};
        goes_on = document != NULL && (is_object ? serve_object : serve_bucket)(self, &request, whole);
        free(document);
    }
    free(copy);
    return goes_on && !request.closes;
}

static void *serve(void *argument) {
    connection *self = argument;
    if (self->tls == NULL || SSL_accept(self->tls) == 1)
        while (serve_one(self)) continue;
    if (self->tls != NULL) SSL_shutdown(self->tls);
    SSL_free(self->tls);
    close(self->descriptor);
    free(self);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------------------------ listening */

static void welcome(int listener, SSL_CTX *context) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (descriptor < 0) return;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection *self = malloc(sizeof *self);
    if (self == NULL) die("malloc");
    self->descriptor = descriptor;
    self->start = self->end = 0;
    self->tls = context != NULL ? SSL_new(context) : NULL;
    if (context != NULL && (self->tls == NULL || SSL_set_fd(self->tls, descriptor) != 1)) die("SSL_new");
    counts.connections++;
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, self) != 0) die("pthread_create");
    pthread_detach(thread);
}

static int start_listening(unsigned *port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        die("listen");
    *port = ntohs(address.sin_port);
    return listener;
}

static SSL_CTX *make_context(const char *certificate, const char *key) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256") != 1) {
        fprintf(stderr, "storage_sink: OpenSSL does not take %s and %s\n", certificate, key);
        exit(1);
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
    return context;
}

static void stay_on_last_core(void) {
    cpu_set_t cores, last;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0 || CPU_COUNT(&cores) < 2) return;
    int core = CPU_SETSIZE - 1;
    while (!CPU_ISSET(core, &cores)) core--;
    CPU_ZERO(&last);
    CPU_SET(core, &last);
    (void)sched_setaffinity(0, sizeof last, &last);
}

int main(int argc, char **argv) {
    stay_on_last_core();
    const char *certificate = measure_argument(argc, argv, "--certificate", NULL), *key = measure_argument(argc, argv, "--key", NULL);
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = certificate != NULL && key != NULL ? make_context(certificate, key) : NULL;
    unsigned port = 0, tls_port = 0;
    struct pollfd waits[3] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}, {.fd = -1, .events = POLLIN}};
    waits[1].fd = start_listening(&port);
    if (context != NULL) waits[2].fd = start_listening(&tls_port);
    printf("{\"port\":%u,\"tls_port\":%u}\n", port, tls_port);
    fflush(stdout);
    for (;;) {
        char rest[64];
        if (poll(waits, 3, -1) < 0 && errno != EINTR) die("poll");
        if (waits[0].revents != 0 && read(STDIN_FILENO, rest, sizeof rest) <= 0) _exit(0);
        if (waits[1].revents & POLLIN) welcome(waits[1].fd, NULL);
        if (waits[2].revents & POLLIN) welcome(waits[2].fd, context);
    }
}
