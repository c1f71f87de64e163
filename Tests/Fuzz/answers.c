/* answers.c: a server that answers with the input, whatever it is asked, and a client that asks it for one of all operations and reads the
 * result. The first byte says which operation; then come the answers, each ended by a 0xFF: the bytes of one HTTP answer, or, when they
 * do not begin as one, the body of a 200. What is asked after the last answer finds the connection closed. */
#include "operations.h"

#include <poll.h>
#include <sys/stat.h>

#include "program.h"

enum { DEADLINE_MS = 150, LATEST_MS = 20000, END = 0xFF };

/* -------------------------------------------------------------------------------------------------------------------------- Server */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const uint8_t *rest;
static size_t rest_size;
static char origin[64];

static void send_all(int descriptor, const void *bytes, size_t size) {
    for (const char *at = bytes; size > 0;) {
        const ssize_t sent = send(descriptor, at, size, MSG_NOSIGNAL);
        if (sent <= 0) return;
        at += sent;
        size -= (size_t)sent;
    }
}

/* Takes the next answer out of the input. */
static void answer(int descriptor) {
    pthread_mutex_lock(&lock);
    const uint8_t *end = rest_size > 0 ? memchr(rest, END, rest_size) : NULL;
    const size_t size = end != NULL ? (size_t)(end - rest) : rest_size;
    uint8_t *bytes = malloc(size + 1);
    must(bytes != NULL);
    if (size > 0) memcpy(bytes, rest, size);
    const bool is_there = rest_size > 0;
    rest += end != NULL ? size + 1 : size;
    rest_size -= end != NULL ? size + 1 : size;
    pthread_mutex_unlock(&lock);
    if (is_there) {
        if (size < 5 || memcmp(bytes, "HTTP/", 5) != 0) {
            char head[128];
            const int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", size);
            send_all(descriptor, head, (size_t)length);
        }
        send_all(descriptor, bytes, size);
    }
    free(bytes);
}

/* Until the end of the head, and then what comes by itself: a request's body need not be understood to be read. */
static void hear(int descriptor) {
    char heard[65536];
    size_t size = 0;
    while (size < sizeof heard - 1) {
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        if (poll(&wait, 1, 500) <= 0) return;
        const ssize_t count = recv(descriptor, heard + size, sizeof heard - 1 - size, 0);
        if (count <= 0) return;
        size += (size_t)count;
        heard[size] = '\0';
        const char *end = strstr(heard, "\r\n\r\n");
        if (end == NULL) continue;
        const char *length = strcasestr(heard, "\r\ncontent-length:");
        const size_t wanted = length != NULL && length < end && strcasestr(heard, "\r\nexpect:") == NULL ? strtoul(length + 17, NULL, 10) : 0;
        if (size >= (size_t)(end + 4 - heard) + wanted) return;
    }
}

static void *serve(void *listener) {
    while (true) {
        const int descriptor = accept(*(int *)listener, NULL, NULL);
        if (descriptor < 0) continue;
        hear(descriptor);
        answer(descriptor);
        shutdown(descriptor, SHUT_WR);
        close(descriptor);
    }
    return NULL;
}

static void listen_somewhere(void) {
    static int listener;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 128) == 0);
    must(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    snprintf(origin, sizeof origin, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_t thread;
    must(pthread_create(&thread, NULL, serve, &listener) == 0);
}

/* -------------------------------------------------------------------------------------------------------------------------- Client */

static atomic_int completions;

/* Every value of an answer through the readers, some levels down. */
static void read_value(const slipway_result *result, const char *pointer, int depth) {
    const int32_t type = slipway_result_type(result, pointer);
    const size_t count = slipway_result_count(result, pointer);
    must(type > SLIPWAY_JSON_ABSENT && type <= SLIPWAY_JSON_OBJECT && slipway_result_json(result, pointer) != NULL);
    must((slipway_result_string(result, pointer) != NULL) == (type == SLIPWAY_JSON_STRING));
    if (type == SLIPWAY_JSON_INTEGER) must(slipway_result_integer(result, pointer, 1) == slipway_result_integer(result, pointer, 2));
    if (type == SLIPWAY_JSON_BOOLEAN) must(slipway_result_boolean(result, pointer, 7) != 7);
    (void)slipway_result_number(result, pointer, 0);
    if (depth == 0 || (type != SLIPWAY_JSON_ARRAY && type != SLIPWAY_JSON_OBJECT)) return;
    for (size_t i = 0; i < count && i < 24; i++) {
        char inner[512];
        size_t size = (size_t)snprintf(inner, sizeof inner, "%s/", pointer);
        if (type == SLIPWAY_JSON_ARRAY) {
            snprintf(inner + size, sizeof inner - size, "%zu", i);
        } else {
            const char *name = slipway_result_name(result, pointer, i);
            must(name != NULL);
            for (; *name != '\0' && size < sizeof inner - 3; name++) {
                if (*name == '~' || *name == '/') inner[size++] = '~';
                inner[size++] = *name == '~' ? '0' : *name == '/' ? '1' : *name;
            }
            inner[size] = '\0';
            if (*name != '\0') continue;
        }
        read_value(result, inner, depth - 1);
    }
}

static void completed(const slipway_result *result, void *user_data) {
    (void)user_data;
    must(atomic_fetch_add(&completions, 1) == 0);
    must(result->status <= 0 && strcmp(slipway_status_name(result->status), "UNKNOWN") != 0);
    must((result->status == SLIPWAY_OK) == (result->message[0] == '\0'));
    must(result->status != SLIPWAY_INTERNAL);
    must(strpbrk(result->message, "\r\n") == NULL || result->status != SLIPWAY_OK);
    read_value(result, "", 5);
}

static void item(size_t index, const slipway_result *result, void *user_data) {
    (void)user_data;
    must(index < COUNT_OF(many_assets));
    read_value(result, "", 3);
}

static void progressed(const slipway_progress *progress, void *user_data) {
    (void)user_data;
    must(progress->message != NULL && progress->service_state != NULL && progress->resume_from != NULL);
}

static slipway_storage bucket;
static slipway_storage put;

static any_request request_of(const operation_kind *kind, uint8_t variant) {
    any_request any = valid_request(kind);
    any.head.deadline_ms = DEADLINE_MS;
    any.head.on_progress = variant & 1 ? progressed : NULL;
    switch (kind - operation_kinds) {
    case KIND_upload: any.upload.skip_url_check = variant & 1; break;
    case KIND_wait_for_build:
        any.wait_for_build.interval_ms = 10;
        any.wait_for_build.settle_ms = 10;
        any.wait_for_build.until = variant & 1;
        break;
    case KIND_receive_webhook: any.receive_webhook.confirm = 1; break;
    case KIND_entermedia_distribution_create: any.entermedia_distribution_create.allow_original = variant & 1; break;
    case KIND_entermedia_distribution_search: any.entermedia_distribution_search.page = variant & 1; break;
    case KIND_entermedia_distribution_create_many: any.entermedia_distribution_create_many.on_item = item; break;
    case KIND_store:
        any.store.storage = variant & 1 ? &put : &bucket;
        if (variant & 1) any.store.key = NULL;
        if (variant & 2) any.store.file_path = "large.zip";
        break;
    case KIND_storage_delete: any.storage_delete.storage = &bucket; break;
    case KIND_storage_list_unfinished: any.storage_list_unfinished.storage = &bucket; break;
    case KIND_storage_abort_unfinished:
        any.storage_abort_unfinished.storage = &bucket;
        any.storage_abort_unfinished.min_age_minutes = variant & 1 ? 1 : 0;
        break;
    case KIND_release:
        if (variant & 1) any.release.storage = variant & 2 ? &put : &bucket;
        if (variant & 4) any.release.resume_from = "665a1c2e9b1d4f0012ab34cd";
        any.release.manual_release = variant & 8;
        break;
    default: break;
    }
    return any;
}

/* -------------------------------------------------------------------------------------------------------------------------- Inputs */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    enter_scratch_folder("answers");
    listen_somewhere();
    /* Here somebody listens. */
    static char base[128], media[128], link[128], link_of_put[128];
    for (const char *const *name = (const char *const[]){"http_proxy", "https_proxy", "all_proxy", NULL}; *name != NULL; name++) unsetenv(*name);
    snprintf(base, sizeof base, "%s/pixelStripeApi", origin);
    snprintf(media, sizeof media, "%s/mediadb", origin);
    snprintf(link, sizeof link, "%s/MyGame.zip", origin);
    snprintf(link_of_put, sizeof link_of_put, "%s/put/MyGame.zip?signature=5ecre7", origin);
    setenv("SLIPWAY_TEST_FILE_URL", link, 1);
    setenv("SLIPWAY_TEST_BASE_URL", base, 1);
    setenv("ENTERMEDIA_BASE_URL", media, 1);
    must(mkdir("folder", 0700) == 0);
    write_file("MyGame.zip", small_zip, sizeof small_zip - 1);
    static char large[11 << 20];
    write_file("large.zip", large, sizeof large); /* Three parts. */
    bucket = unreachable_bucket();
    bucket.endpoint = origin;
    bucket.part_size = 5 << 20;
    const slipway_storage made = SLIPWAY_STORAGE_INIT;
    put = made;
    put.put_url = link_of_put;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 2) return 0;
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    options.streampixel_base_url = getenv("SLIPWAY_TEST_BASE_URL");
    options.streampixel_api_key = "5ecre7-key";
    options.streampixel_user_id = "user";
    options.entermedia_user = bytes[1] & 64 ? "user" : NULL;
    options.entermedia_password = "5ecre7-password";
    options.entermedia_key = bytes[1] & 64 ? NULL : "5ecre7-entermedia";
    options.proxy = "";
    options.max_attempts = 2;
    options.retry_delay_ms = 1;
    options.deadline_ms = DEADLINE_MS;
    options.streampixel_rate_window_ms = 1;
    pthread_mutex_lock(&lock);
    rest = bytes + 2;
    rest_size = size - 2;
    pthread_mutex_unlock(&lock);
    atomic_store(&completions, 0);

    slipway_client *client = NULL;
    must(slipway_client_create(&options, &client, NULL, 0) == SLIPWAY_OK);
    const operation_kind *kind = kind_of(bytes[0] % OPERATION_KINDS);
    const any_request any = request_of(kind, bytes[1]);
    slipway_operation operation = 0;
    must(kind->start(client, &any, completed, NULL, &operation) == SLIPWAY_OK);
    must(slipway_operation_wait(client, operation, LATEST_MS) == SLIPWAY_OK);
    must(atomic_load(&completions) == 1);
    must(slipway_client_close(client, LATEST_MS) == SLIPWAY_OK);
    pthread_mutex_lock(&lock);
    rest = NULL;
    rest_size = 0;
    pthread_mutex_unlock(&lock);
    return 0;
}
