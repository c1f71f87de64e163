/* calls.c: a host that calls anything with anything, in any order, also from inside callbacks. Its input is the list of its calls. Nothing
 * leaves the machine: all URLs lead through a proxy that there is none of. What must hold whatever is called: nothing that started is without
 * its one completion, nothing else has any, on_closed is the last callback, and nobody waits for long. */
#include "operations.h"

#include <sys/stat.h>

#include "program.h"

enum { CLIENTS = 4, CALLS = 48, LATEST_MS = 20000 };

/* --------------------------------------------------------------------------------------------------------------------------- Input */

typedef struct script {
    const uint8_t *bytes;
    size_t size, at;
} script;

static uint8_t byte(script *from) { return from->at < from->size ? from->bytes[from->at++] : 0; }

static uint32_t word(script *from) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value = value << 8 | byte(from);
    return value;
}

/* ------------------------------------------------------------------------------------- What a call is given: each in memory of its own */

/* Freed when the call has returned: who keeps a pointer to it is found out. */
static void *given[256];
static size_t given_count;

static void *give(size_t size) {
    if (given_count == COUNT_OF(given)) return NULL;
    void *memory = calloc(1, size > 0 ? size : 1);
    must(memory != NULL);
    return given[given_count++] = memory;
}

static void take_back(void) {
    while (given_count > 0) free(given[--given_count]);
}

static const char *const words[] = {
    "", "picture", "nobody", ".", "..", "a/b", "../../etc/passwd", "MyGame.zip", "missing.zip", "folder", "http://127.0.0.1:1/a.zip",
    "https://127.0.0.1:1/a.zip?X-Amz-Signature=5ecre7", "http://user:pass@localhost:1/b.zip", "ftp://h/a.zip", "https://[::1]:1/a.zip",
    "http://127.0.0.1:1/mediadb", "s3://builds/k-00000000000000000000000000000000.zip",
    "https://h/distribution/published/a-0123456789abcdef0123456789abcdef.zip", "builds", "us-east-1", "auto", "public-read", "Name: value",
    "x-ms-blob-type: BlockBlob", "Host: h", "a\r\nX: y", "\xc3\xa9", "\xff", "application/zip", "AKIAIOSFODNN7EXAMPLE", "default", "AES256",
    "665a1c2e9b1d4f0012ab34cd",
};

/* NULL, one of those above, one of the input's own, or one that is almost or just too long. */
static const char *text(script *from) {
    const uint8_t kind = byte(from);
    if (kind < COUNT_OF(words)) {
        char *copy = give(strlen(words[kind]) + 1);
        if (copy != NULL) memcpy(copy, words[kind], strlen(words[kind]));
        return copy;
    }
    if (kind >= 0xF8) {
        const size_t size = 65530 + 2 * (size_t)(kind - 0xF8);
        char *longest = give(size + 1);
        if (longest != NULL) memset(longest, 'a', size);
        return longest;
    }
    if (kind >= 0x80) return NULL;
    const size_t size = kind % 24;
    char *own = give(size + 1);
    for (size_t i = 0; own != NULL && i < size; i++) own[i] = (char)byte(from);
    return own;
}

/* One of a file or a folder: of the working directory, whatever it is. */
static const char *path(script *from) {
    char *name = (char *)(uintptr_t)text(from);
    for (char *c = name; c != NULL && *c != '\0'; c++) {
        if (*c == '/') *c = '_';
    }
    /* The only step out that is left. */
    if (name != NULL && strcmp(name, "..") == 0) name[1] = '\0';
    return name;
}

static uint32_t number(script *from) {
    static const uint32_t numbers[] = {0, 0, 1, 2, 3, 7, 64, 1000, 4096, 4097, INT32_MAX, UINT32_MAX, 168, 5 << 20};
    const uint8_t kind = byte(from);
    return kind < 0xF0 ? numbers[kind % COUNT_OF(numbers)] : word(from);
}

static const char *const *texts(script *from, size_t *count) {
    *count = byte(from) % 5;
    if (byte(from) == 0xFF) *count = SIZE_MAX - *count; /* More than there can be: refused before anything is read. */
    const size_t length = *count > 8 ? 0 : *count;
    const char **list = give(length * sizeof *list);
    for (size_t i = 0; list != NULL && i < length; i++) list[i] = text(from);
    if (list == NULL) *count = 0;
    return list;
}

/* A copy of a struct, in memory that is exactly as large as the struct says that it is. */
static void *resized(script *from, const void *made, uint32_t known) {
    const uint8_t kind = byte(from);
    uint32_t size = known;
    if (kind >= 0xE0) {
        static const uint32_t sizes[] = {0, 1, 4, 7, 8, 12, 16, 24, 4096, 4097, 4104, UINT32_MAX, INT32_MAX, 40, 64, 120};
        size = sizes[kind % COUNT_OF(sizes)];
    } else if (kind >= 0xC0) {
        size = known + (uint32_t)(kind - 0xC0) * 4 - 32; /* Shorter ones and longer ones. */
    }
    const uint32_t room = size < 8 ? 8 : size > 4096 ? known : size;
    uint8_t *copy = give(room);
    if (copy == NULL) return NULL;
    memcpy(copy, made, room < known ? room : known);
    if (room > known && byte(from) > 0xF0) copy[room - 1] = 1; /* An option of a later version. */
    memcpy(copy, &size, sizeof size);
    return copy;
}

/* --------------------------------------------------------------------------------------------------------------------------- Clients */

typedef struct call {
    atomic_int started, completed, gone;
    int client;
} call;

typedef struct slot {
    _Atomic(slipway_client *) client; /* Callbacks of the other clients look at it. */
    atomic_int closed;
} slot;

static slot slots[CLIENTS];
static call calls[CALLS];
static atomic_int call_count;
static _Atomic(slipway_operation) operations[CALLS];

/* What callbacks do: they have bytes of their own, whatever thread they are on. */
static const uint8_t *reaction_bytes;
static size_t reaction_size;
static atomic_size_t reaction_at;

static uint8_t reaction(void) {
    const size_t at = atomic_fetch_add(&reaction_at, 1);
    return at < reaction_size ? reaction_bytes[at] : 0;
}

static void read_result(const slipway_result *result) {
    static const char *const pointers[] = {"", "/", "/raw", "/uploadId", "/failures/0/status", "/builds/0", "/~", "/~1", "no", "/0", "\xff", "/url"};
    must(result != NULL && result->message != NULL && result->hint != NULL);
    must(result->status <= 0 && strcmp(slipway_status_name(result->status), "UNKNOWN") != 0);
    must((result->status == SLIPWAY_OK) == (result->message[0] == '\0'));
    must(slipway_result_json(result, "") != NULL);
    const char *pointer = pointers[reaction() % COUNT_OF(pointers)];
    const int32_t type = slipway_result_type(result, pointer);
    must((type == SLIPWAY_JSON_ABSENT) == (slipway_result_json(result, pointer) == NULL));
    must((type == SLIPWAY_JSON_STRING) == (slipway_result_string(result, pointer) != NULL));
    (void)slipway_result_integer(result, pointer, -1);
    (void)slipway_result_number(result, pointer, 0.5);
    (void)slipway_result_boolean(result, pointer, 7);
    const size_t count = slipway_result_count(result, pointer);
    must((slipway_result_name(result, pointer, 0) != NULL) == (type == SLIPWAY_JSON_OBJECT && count > 0));
    must(slipway_result_name(result, pointer, count) == NULL && slipway_result_name(result, pointer, SIZE_MAX) == NULL);
}

/* Something that a host might do in a callback. */
static void react(void) {
    slot *other = &slots[reaction() % CLIENTS];
    const uint8_t kind = reaction();
    if (other->client == NULL) return;
    switch (kind % 24) {
    case 1: slipway_client_release(other->client); break;
    case 2: must(slipway_client_close(other->client, SLIPWAY_FOREVER) == SLIPWAY_WOULD_DEADLOCK); break;
    case 3: must(slipway_client_wait(other->client, SLIPWAY_FOREVER) == SLIPWAY_WOULD_DEADLOCK); break;
    case 4: must(slipway_operation_wait(other->client, operations[reaction() % CALLS], SLIPWAY_FOREVER) == SLIPWAY_WOULD_DEADLOCK); break;
    case 5: slipway_cancel(other->client, operations[reaction() % CALLS]); break;
    case 6: slipway_client_poll(other->client, 1, NULL); break;
    case 7: must(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL) == SLIPWAY_WOULD_DEADLOCK); break;
    default: break;
    }
}

static void start_another(slipway_client *client, const operation_kind *kind, const void *request, int place);

static void completed(const slipway_result *result, void *user_data) {
    call *this = user_data;
    must(atomic_fetch_add(&this->completed, 1) == 0);
    must(atomic_load(&slots[this->client].closed) == 0);
    read_result(result);
    react();
    if (reaction() % 4 == 1) { /* And on with another one. */
        any_request request = valid_request(kind_of(KIND_check_package));
        slot *slot = &slots[this->client];
        if (slot->client != NULL) start_another(slot->client, kind_of(KIND_check_package), &request, this->client);
    }
}

static void progressed(const slipway_progress *progress, void *user_data) {
    const call *this = user_data;
    must(progress != NULL && progress->state != NULL && progress->service_state != NULL && progress->message != NULL);
    must(progress->resume_from != NULL && progress->struct_size >= 8);
    must(atomic_load(&this->completed) == 0);
    react();
}

static void item(size_t index, const slipway_result *result, void *user_data) {
    const call *this = user_data;
    must(index < CALLS && atomic_load(&this->completed) == 0);
    read_result(result);
    react();
}

static void closed(void *user_data) {
    slot *this = user_data;
    must(atomic_fetch_add(&this->closed, 1) == 0);
    react();
}

static void logged(int32_t level, const char *message, void *user_data) {
    (void)user_data;
    must(level >= SLIPWAY_LOG_ERROR && level <= SLIPWAY_LOG_DEBUG && message != NULL && strchr(message, '\n') == NULL);
    must(strstr(message, "5ecre7") == NULL);
}

/* Any thread. */
static void start_another(slipway_client *client, const operation_kind *kind, const void *request, int place) {
    const int index = atomic_fetch_add(&call_count, 1);
    if (index >= CALLS) return;
    calls[index].client = place;
    slipway_operation operation = 0;
    const slipway_status status = kind->start(client, request, completed, &calls[index], &operation);
    must((status == SLIPWAY_OK) == (operation != 0));
    operations[index] = operation;
    if (status == SLIPWAY_OK) atomic_store(&calls[index].started, 1);
}

static slot *some_slot(script *from) { return &slots[byte(from) % CLIENTS]; }

/* The handle of a client, or something that is none. */
static slipway_client *handle(script *from) {
    const uint8_t kind = byte(from);
    if (kind < 0xF0) return slots[kind % CLIENTS].client;
    const uintptr_t own = (uintptr_t)slots[0].client;
    const uintptr_t wild[] = {1, own + 1, own + 16, UINTPTR_MAX, 0xDEADBEEF, 4096};
    return (slipway_client *)(kind < 0xF8 ? wild[kind % COUNT_OF(wild)] : (uintptr_t)word(from));
}

static void create(script *from) {
    slot *slot = some_slot(from);
    if (slot->client != NULL) return;
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    const uint8_t kind = byte(from);
    options.delivery = kind & 1;
    options.streampixel_base_url = "http://127.0.0.1:1/pixelStripeApi";
    options.streampixel_api_key = "5ecre7-key";
    options.streampixel_user_id = "user";
    options.entermedia_base_url = "http://127.0.0.1:1/mediadb";
    options.entermedia_key = "5ecre7-entermedia";
    options.on_closed = closed;
    options.on_closed_user_data = slot;
    options.connect_timeout_ms = 1000;
    options.deadline_ms = 16;
    options.max_attempts = 2;
    options.retry_delay_ms = 1;
    options.streampixel_rate_window_ms = 1;
    const char **const members[] = {&options.streampixel_base_url, &options.streampixel_api_key, &options.streampixel_user_id,
                                    &options.entermedia_base_url,  &options.entermedia_key,      &options.entermedia_user,
                                    &options.entermedia_password,  &options.user_agent};
    for (int i = (kind >> 1) & 3; i > 0; i--) *members[byte(from) % COUNT_OF(members)] = text(from);
    if (kind & 8) options.ca_bundle = path(from);
    if (kind & 16) options.max_connections = number(from);
    if (kind & 32) options.idle_timeout_ms = number(from);
    if (kind & 64) options.allow_insecure = 1;
    if (kind & 128) options.delivery = (int32_t)number(from);
    slipway_client_options *sized = resized(from, &options, sizeof options);
    if (sized == NULL) return;
    char message[64];
    memset(message, 'x', sizeof message);
    const size_t room = byte(from) % (sizeof message + 1);
    atomic_store(&slot->closed, 0);
    slipway_client *client = NULL;
    const slipway_status status = slipway_client_create(sized, &client, room > 0 ? message : NULL, room);
    must((status == SLIPWAY_OK) == (client != NULL));
    if (status != SLIPWAY_OK && room > 0) must(memchr(message, '\0', room) != NULL);
    /* One that ends before on_closed and the deadline has none: there is nothing more to be seen of it. */
    slot->client = client;
    uint32_t size;
    memcpy(&size, sized, sizeof size);
    if (client != NULL && size <= offsetof(slipway_client_options, deadline_ms)) {
        must(slipway_client_close(client, LATEST_MS) == SLIPWAY_OK);
        slot->client = NULL;
    }
}

static slipway_storage *storage(script *from) {
    slipway_storage made = byte(from) & 1 ? unreachable_bucket() : *some_storage();
    for (int i = byte(from) % 6; i > 0; i--) {
        const nested_text *member = &storage_texts[byte(from) % STORAGE_TEXTS];
        const bool is_path = member->offset == offsetof(slipway_storage, directory);
        *text_of_storage(&made, member) = is_path ? path(from) : text(from);
    }
    const uint8_t kind = byte(from);
    if (kind & 1) made.put_headers = texts(from, &made.put_header_count);
    if (kind & 2) made.addressing = (int32_t)number(from) % 4;
    if (kind & 4) made.link = (int32_t)number(from) % 5;
    if (kind & 8) made.checksum = (int32_t)number(from) % 4;
    if (kind & 16) made.link_hours = number(from);
    if (kind & 32) made.part_size = number(from);
    if (kind & 64) made.parallel_parts = number(from);
    if (kind & 128) made.abort_unfinished = made.sign_payload = 1;
    return resized(from, &made, sizeof made);
}

static void change_numbers(script *from, int place, any_request *any) {
    const uint32_t value = number(from);
    switch (place) {
    case KIND_upload:
        any->upload.manual_release = (int32_t)value;
        any->upload.skip_url_check = byte(from) & 1;
        any->upload.expected_size = value;
        break;
    case KIND_wait_for_build:
        any->wait_for_build.until = (int32_t)value % 3;
        any->wait_for_build.interval_ms = number(from);
        any->wait_for_build.max_interval_ms = number(from);
        any->wait_for_build.settle_ms = number(from);
        break;
    case KIND_receive_webhook: {
        const size_t size = byte(from);
        uint8_t *body = give(size);
        for (size_t i = 0; body != NULL && i < size; i++) body[i] = byte(from);
        any->receive_webhook.body = body;
        any->receive_webhook.body_size = body == NULL ? 0 : size == 0xFF ? SIZE_MAX : size;
        any->receive_webhook.confirm = (int32_t)(value & 1);
        any->receive_webhook.reserved = value == 7;
        break;
    }
    case KIND_entermedia_distribution_edit: any->entermedia_distribution_edit.original = (int32_t)value; break;
    case KIND_entermedia_distribution_search: {
        const size_t count = byte(from) % 4;
        slipway_entermedia_term *terms = give(count * sizeof *terms);
        for (size_t i = 0; terms != NULL && i < count; i++) terms[i] = (slipway_entermedia_term){text(from), text(from), text(from)};
        any->entermedia_distribution_search.terms = terms;
        any->entermedia_distribution_search.term_count = terms == NULL ? value : value == UINT32_MAX ? SIZE_MAX : count;
        if (terms == NULL && value == 0) any->entermedia_distribution_search.term_count = 0;
        any->entermedia_distribution_search.page = number(from);
        any->entermedia_distribution_search.page_size = number(from);
        break;
    }
    case KIND_entermedia_distribution_create_many: {
        size_t count, others;
        any->entermedia_distribution_create_many.asset_ids = texts(from, &count);
        any->entermedia_distribution_create_many.asset_count = count;
        any->entermedia_distribution_create_many.distribution_ids = NULL;
        if (byte(from) & 1) {
            const char *const *ids = texts(from, &others);
            if (others == count) any->entermedia_distribution_create_many.distribution_ids = ids;
        }
        any->entermedia_distribution_create_many.on_item = byte(from) & 1 ? item : NULL;
        any->entermedia_distribution_create_many.max_parallel = value;
        break;
    }
    case KIND_store: {
        size_t names, values;
        any->store.metadata_names = texts(from, &names);
        any->store.metadata_values = texts(from, &values);
        any->store.metadata_count = names == values ? names : 0;
        any->store.always_send = (int32_t)value;
        any->store.skip_url_check = byte(from) & 1;
        break;
    }
    case KIND_storage_abort_unfinished:
        any->storage_abort_unfinished.min_age_minutes = value;
        any->storage_abort_unfinished.reserved = byte(from) == 7;
        break;
    case KIND_release:
        any->release.manual_release = (int32_t)value;
        any->release.hosted = byte(from) % 3;
        any->release.interval_ms = number(from);
        any->release.ignore_findings = byte(from) & 1;
        break;
    default: break;
    }
}

static void start(script *from) {
    const int place = byte(from) % OPERATION_KINDS;
    const operation_kind *kind = kind_of(place);
    any_request any = valid_request(kind);
    any.head.deadline_ms = byte(from) % 16; /* 0: the client's. */
    if (any.head.deadline_ms == 0) any.head.deadline_ms = 16;
    const uint8_t changes = byte(from);
    if (changes & 1) any.head.on_progress = progressed;
    for (int i = 0; i < TEXT_MEMBERS; i++) {
        if (text_members[i].kind != kind || (byte(from) & 3) != 3) continue;
        const bool is_path = strcmp(text_members[i].name, "file_path") == 0;
        *text_in(&any, &text_members[i]) = is_path ? path(from) : text(from);
    }
    for (int i = 0; i < NESTED_MEMBERS; i++) {
        if (nested_members[i].kind == kind && (changes & 2)) *nested_in(&any, &nested_members[i]) = storage(from);
    }
    if (changes & 4) change_numbers(from, place, &any);
    slipway_client *client = handle(from);
    int owner = -1;
    for (int i = 0; i < CLIENTS; i++) owner = client != NULL && slots[i].client == client ? i : owner;
    const void *request = changes & 8 ? resized(from, &any, kind->size) : &any;
    if (owner < 0) {
        must(kind->start(client, request, completed, NULL, NULL) != SLIPWAY_OK);
    } else if (changes & 16) {
        must(kind->start(client, request, NULL, NULL, NULL) != SLIPWAY_OK);
    } else {
        start_another(client, kind, request, owner);
    }
    take_back();
}

/* ----------------------------------------------------------------------------------------------------------------------------- Calls */

static void one_call(script *from) {
    static union {
        any_request request;
        slipway_client_options options;
        uint8_t bytes[4100];
    } scratch;
    switch (byte(from) % 16) {
    case 0:
    case 1: create(from); break;
    case 2: (void)slipway_client_release(handle(from)); break;
    case 3: (void)slipway_client_close(handle(from), byte(from) % 8); break;
    case 4: {
        uint32_t delivered = 0;
        (void)slipway_client_poll(handle(from), number(from), byte(from) & 1 ? &delivered : NULL);
        break;
    }
    case 5: (void)slipway_client_wait(handle(from), byte(from) % 4); break;
    case 6: {
        int descriptor = -1;
        (void)slipway_client_poll_fd(handle(from), byte(from) & 1 ? &descriptor : NULL);
        break;
    }
    case 7: (void)slipway_cancel(handle(from), byte(from) & 1 ? operations[byte(from) % CALLS] : word(from)); break;
    case 8: (void)slipway_operation_wait(handle(from), operations[byte(from) % CALLS], byte(from) % 8); break;
    case 9: {
        const uint32_t size = number(from);
        (void)kind_of(byte(from) % OPERATION_KINDS)->init(&scratch.request, size > sizeof scratch && size <= 4096 ? 4 : size);
        (void)slipway_client_options_init(&scratch.options, size > sizeof scratch && size <= 4096 ? 4 : size);
        break;
    }
    case 10: {
        slipway_result result = {.struct_size = sizeof result, .document = (const void *)(uintptr_t)word(from)};
        const char *pointer = text(from);
        must(slipway_result_json(byte(from) & 1 ? &result : NULL, pointer) == NULL);
        must(slipway_result_count(&result, pointer) == 0 && slipway_result_name(&result, pointer, number(from)) == NULL);
        break;
    }
    case 11: (void)slipway_set_log((int32_t)number(from) % 6, byte(from) & 1 ? logged : NULL, NULL); break;
    case 12: must(slipway_status_name((slipway_status)word(from)) != NULL && slipway_version_number() == SLIPWAY_VERSION_NUMBER); break;
    default: start(from); break;
    }
    take_back();
}

static void end_all(void) {
    for (int i = 0; i < CLIENTS; i++) {
        if (slots[i].client == NULL) continue;
        must(slipway_client_close(slots[i].client, LATEST_MS) == SLIPWAY_OK);
        must(atomic_load(&slots[i].closed) == 1);
    }
    /* Only now: callbacks of one client may look at the handle of another. */
    for (int i = 0; i < CLIENTS; i++) slots[i].client = NULL;
    for (int i = 0; i < CALLS; i++) must(atomic_load(&calls[i].started) == atomic_load(&calls[i].completed));
    must(slipway_set_log(SLIPWAY_LOG_OFF, NULL, NULL) == SLIPWAY_OK);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    enter_scratch_folder("calls");
    must(mkdir("folder", 0700) == 0 || access("folder", W_OK) == 0);
    write_file("MyGame.zip", small_zip, sizeof small_zip);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const size_t half = size / 4;
    script from = {bytes, size - half, 0};
    reaction_bytes = bytes + size - half;
    reaction_size = half;
    atomic_store(&reaction_at, 0);
    atomic_store(&call_count, 0);
    for (int i = 0; i < CALLS; i++) {
        atomic_store(&operations[i], 0);
        atomic_store(&calls[i].started, 0);
        atomic_store(&calls[i].completed, 0);
    }
    for (int i = 0; i < 24 && from.at < from.size; i++) one_call(&from);
    end_all();
    return 0;
}
