/* What a storage, and what is stored in it, may be: whatever cannot be is told before anything is sent or written, and no key leads out of
 * a folder. */
#include "../operations.h"

/* Told in the result: what, by name, and what to do. `also`: another status that will do. */
static void cannot_be(const char *what, int place, slipway_client *client, const any_request *request, const char *name,
                      slipway_status also) {
    const operation_kind *kind = kind_of(place);
    ended end = {0};
    slipway_operation operation = 0;
    CHECK_STATUS(kind->start(client, request, on_ended, &end, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    if (end.status != SLIPWAY_INVALID_ARGUMENT && end.status != also)
        FAIL("slipway_%s with %s: %s: %s", kind->name, what, slipway_status_name(end.status), end.message);
    if (strstr(end.message, name) == NULL && strstr(end.hint, name) == NULL)
        FAIL("slipway_%s with %s: %s is not named: %s. %s", kind->name, what, name, end.message, end.hint);
    if (end.hint[0] == '\0') FAIL("slipway_%s with %s: no hint to \"%s\"", kind->name, what, end.message);
    if (end.attempts != 0) FAIL("slipway_%s with %s: %" PRIu32 " attempts", kind->name, what, end.attempts);
}

static any_request with_storage(const nested_member *member, const slipway_storage *storage) {
    any_request request = valid_request(member->kind);
    *nested_in(&request, member) = storage;
    return request;
}

/* None, and more than one, of those that say which kind it is. */
static void places(slipway_client *client) {
    size_t index, which;
    for (index = 0; index < NESTED_MEMBERS; index++) {
        for (which = 0; which < 8; which++) {
            slipway_storage storage = SLIPWAY_STORAGE_INIT;
            const any_request request = with_storage(&nested_members[index], &storage);
            const bool one = which == 1 || which == 2 || which == 4;
            storage.bucket = which & 1 ? "builds" : "";
            storage.put_url = which & 2 ? "https://127.0.0.1/MyGame.zip" : NULL;
            storage.directory = which & 4 ? setting("SLIPWAY_TEST_STORAGE") : "";
            if (!one)
                cannot_be("no place, or several", (int)(nested_members[index].kind - operation_kinds), client, &request,
                          which & 1 ? "bucket" : "directory", SLIPWAY_INVALID_ARGUMENT);
        }
    }
}

/* What one kind of storage cannot do, and another one can. */
static void kinds(slipway_client *client) {
    static const int of_listable[] = {KIND_storage_delete, KIND_storage_list_unfinished, KIND_storage_abort_unfinished};
    static const char *const texts[] = {"text"};
    slipway_storage put = SLIPWAY_STORAGE_INIT, storage = *some_storage();
    any_request request;
    size_t index;
    put.put_url = "https://127.0.0.1/MyGame.zip";
    for (index = 0; index < NESTED_MEMBERS; index++) {
        size_t which;
        request = with_storage(&nested_members[index], &put);
        for (which = 0; which < COUNT_OF(of_listable); which++)
            if (nested_members[index].kind == kind_of(of_listable[which]))
                cannot_be("a put_url", of_listable[which], client, &request, "put_url", SLIPWAY_INVALID_ARGUMENT);
    }
    request = valid_request(kind_of(KIND_store));
    request.store.storage = &put; /* With a key. */
    cannot_be("a key for a put_url", KIND_store, client, &request, "key", SLIPWAY_INVALID_ARGUMENT);
    request.store.key = NULL;
    put.link = SLIPWAY_LINK_PRESIGNED;
    cannot_be("a presigned put_url", KIND_store, client, &request, "presigned", SLIPWAY_INVALID_ARGUMENT);

    request.store.storage = &storage;
    storage.link = SLIPWAY_LINK_PRESIGNED;
    cannot_be("a presigned link into a folder", KIND_store, client, &request, "presigned", SLIPWAY_INVALID_ARGUMENT);
    storage = *some_storage();
    storage.link = SLIPWAY_LINK_PUBLIC;
    storage.public_url = NULL;
    cannot_be("a link into a folder that nobody serves", KIND_store, client, &request, "public_url", SLIPWAY_INVALID_ARGUMENT);
    storage = *some_storage();
    storage.public_url = "no URL";
    cannot_be("a public_url that is none", KIND_store, client, &request, "public_url", SLIPWAY_INVALID_ARGUMENT);
    storage = *some_storage();
    request.store.metadata_names = request.store.metadata_values = texts;
    request.store.metadata_count = 1;
    cannot_be("metadata in a folder", KIND_store, client, &request, "metadata", SLIPWAY_UNSUPPORTED_OPTION);

    request = valid_request(kind_of(KIND_release));
    request.release.storage = &storage;
    storage.link = SLIPWAY_LINK_NONE;
    cannot_be("no link", KIND_release, client, &request, "link", SLIPWAY_INVALID_ARGUMENT);
    storage = *some_storage();
    storage.public_url = NULL;
    cannot_be("a folder that nobody serves", KIND_release, client, &request, "public_url", SLIPWAY_INVALID_ARGUMENT);
    request.release.storage = &put;
    put.link = SLIPWAY_LINK_AUTOMATIC;
    request.release.hosted = SLIPWAY_REMOVE_WHEN_DONE;
    cannot_be("a put_url to be removed", KIND_release, client, &request, "put_url", SLIPWAY_INVALID_ARGUMENT);
}

/* What one kind of storage would do and another one cannot is not left out in silence: who asks for encryption gets it, or hears of it. */
static void of_other_kinds(slipway_client *client) {
    enum { PUT = 1, FOLDER = 2, BUCKET = 4 };
    static const char *const line = "Name: value";
    static const struct {
        size_t offset;
        const char *name;
        int cannot;
    } texts[] = {{offsetof(slipway_storage, acl), "acl", PUT | FOLDER},
                 {offsetof(slipway_storage, storage_class), "storage_class", PUT | FOLDER},
                 {offsetof(slipway_storage, encryption), "encryption", PUT | FOLDER},
                 {offsetof(slipway_storage, encryption_key_id), "encryption_key_id", PUT | FOLDER},
                 {offsetof(slipway_storage, content_type), "content_type", FOLDER},
                 {offsetof(slipway_storage, content_disposition), "content_disposition", FOLDER},
                 {offsetof(slipway_storage, key_prefix), "key_prefix", PUT}};
    size_t index;
    int kind;
    for (kind = PUT; kind <= BUCKET; kind *= 2) {
        slipway_storage plain = *some_storage(), storage;
        any_request request = valid_request(kind_of(KIND_store));
        if (kind == BUCKET) plain = unreachable_bucket();
        if (kind == PUT) {
            const slipway_storage none = SLIPWAY_STORAGE_INIT;
            plain = none;
            plain.put_url = "https://127.0.0.1/MyGame.zip";
            request.store.key = NULL;
        }
        request.store.storage = &storage;
        for (index = 0; index < COUNT_OF(texts); index++) {
            static const char *const text = "text";
            if ((texts[index].cannot & kind) == 0) continue;
            storage = plain;
            memcpy((char *)&storage + texts[index].offset, &text, sizeof text);
            cannot_be(texts[index].name, KIND_store, client, &request, texts[index].name, SLIPWAY_UNSUPPORTED_OPTION);
        }
        storage = plain;
        storage.checksum = SLIPWAY_CHECKSUM_SHA256;
        if (kind != BUCKET) cannot_be("a checksum", KIND_store, client, &request, "checksum", SLIPWAY_UNSUPPORTED_OPTION);
        storage = plain;
        storage.put_headers = &line;
        storage.put_header_count = 1;
        if (kind != PUT) cannot_be("headers", KIND_store, client, &request, "put_headers", SLIPWAY_UNSUPPORTED_OPTION);
    }
}

/* Each member on its own, in a bucket that would be as it should be. */
static void members(slipway_client *client) {
    static const uint64_t sizes[] = {1, (5u << 20) - 1, (UINT64_C(5) << 30) + 1, UINT64_MAX};
    static const char *const no_endpoints[] = {"no URL", "ftp://127.0.0.1", "file:///etc/passwd", "http://user:pw@127.0.0.1", "http://"};
    static const char *const no_buckets[] = {"a/b", "..", "a b", "a\nb", "?", "a#b"};
    static const char *const lines[] = {"a\r\nx-evil: 1", "a\nb", "\r", "\x01"};
    static const struct {
        size_t offset;
        const char *name;
    } in_headers[] = {{offsetof(slipway_storage, content_type), "content_type"},
                      {offsetof(slipway_storage, content_disposition), "content_disposition"},
                      {offsetof(slipway_storage, acl), "acl"},
                      {offsetof(slipway_storage, storage_class), "storage_class"},
                      {offsetof(slipway_storage, encryption), "encryption"},
                      {offsetof(slipway_storage, encryption_key_id), "encryption_key_id"},
                      {offsetof(slipway_storage, session_token), "session token"}};
    slipway_storage storage = unreachable_bucket();
    any_request request = valid_request(kind_of(KIND_store));
    size_t index, which;
    request.store.storage = &storage;
    for (index = 0; index < COUNT_OF(sizes); index++) {
        storage.part_size = sizes[index];
        cannot_be("a part_size", KIND_store, client, &request, "part_size", SLIPWAY_INVALID_ARGUMENT);
    }
    storage = unreachable_bucket();
    storage.parallel_parts = 65;
    cannot_be("65 parallel_parts", KIND_store, client, &request, "parallel_parts", SLIPWAY_INVALID_ARGUMENT);
    storage = unreachable_bucket();
    storage.link_hours = 169;
    cannot_be("169 link_hours", KIND_store, client, &request, "link_hours", SLIPWAY_INVALID_ARGUMENT);
    storage = unreachable_bucket();
    storage.public_url = "no URL";
    cannot_be("a public_url that is none", KIND_store, client, &request, "public_url", SLIPWAY_INVALID_ARGUMENT);
    for (index = 0; index < COUNT_OF(no_endpoints); index++) {
        storage = unreachable_bucket();
        storage.endpoint = no_endpoints[index];
        cannot_be(no_endpoints[index], KIND_store, client, &request, "endpoint", SLIPWAY_INVALID_ARGUMENT);
    }
    for (index = 0; index < COUNT_OF(no_buckets); index++) {
        storage = unreachable_bucket();
        storage.bucket = no_buckets[index];
        cannot_be(no_buckets[index], KIND_store, client, &request, "bucket", SLIPWAY_INVALID_ARGUMENT);
    }
    for (which = 0; which < COUNT_OF(in_headers); which++) {
        for (index = 0; index < COUNT_OF(lines); index++) {
            storage = unreachable_bucket();
            memcpy((char *)&storage + in_headers[which].offset, &lines[index], sizeof lines[index]);
            cannot_be(in_headers[which].name, KIND_store, client, &request, in_headers[which].name, SLIPWAY_INVALID_ARGUMENT);
        }
    }
    storage = unreachable_bucket();
    storage.secret_access_key = NULL;
    cannot_be("half a key", KIND_store, client, &request, "secret_access_key", SLIPWAY_INVALID_ARGUMENT);
    storage = unreachable_bucket();
    storage.access_key_id = NULL;
    cannot_be("the other half of a key", KIND_store, client, &request, "access_key_id", SLIPWAY_INVALID_ARGUMENT);
}

/* Lines that are no headers, and would be more than one. */
static void headers(slipway_client *client) {
    static const char *const no_lines[] = {"", ":", ": value", "no colon", "a b: c", "a: b\r\nx-evil: 1", "a\r\nb: c", "a: \x01",
                                           "Host: elsewhere", "Content-Length: 1", "Transfer-Encoding: chunked"};
    static const char *const no_names[] = {"", "a b", "a:b", "a\r\nb", "\xC3\xA4", "a_b", "x/y"};
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    any_request request = valid_request(kind_of(KIND_store));
    const char *name = NULL, *const value = "value";
    size_t index;
    request.store.key = NULL;
    request.store.storage = &storage;
    storage.put_url = "https://127.0.0.1/MyGame.zip";
    storage.put_header_count = 1;
    for (index = 0; index < COUNT_OF(no_lines); index++) {
        storage.put_headers = &no_lines[index];
        cannot_be(no_lines[index], KIND_store, client, &request, "put_headers", SLIPWAY_INVALID_ARGUMENT);
    }
    storage = unreachable_bucket();
    request.store.metadata_names = &name;
    request.store.metadata_values = &value;
    request.store.metadata_count = 1;
    for (index = 0; index < COUNT_OF(no_names); index++) {
        name = no_names[index];
        cannot_be(name, KIND_store, client, &request, "metadata", SLIPWAY_INVALID_ARGUMENT);
    }
}

/* No key and no prefix leads out of the folder, neither to write nor to remove. */
static void keys(slipway_client *client) {
    static const char *const ways_out[] = {"..", ".", "../MyGame.zip", "a/../../MyGame.zip", "a/..", "./../MyGame.zip", "a/./../../x.zip"};
    static char too_long[1026];
    slipway_storage storage = *some_storage();
    any_request store = valid_request(kind_of(KIND_store)), removal = valid_request(kind_of(KIND_storage_delete));
    size_t index;
    memset(too_long, 'k', sizeof too_long - 1);
    for (index = 0; index < COUNT_OF(ways_out); index++) {
        store.store.storage = removal.storage_delete.storage = some_storage();
        store.store.key = removal.storage_delete.key = ways_out[index];
        cannot_be(ways_out[index], KIND_store, client, &store, "key", SLIPWAY_INVALID_ARGUMENT);
        cannot_be(ways_out[index], KIND_storage_delete, client, &removal, "key", SLIPWAY_INVALID_ARGUMENT);
        storage.key_prefix = ways_out[index];
        store.store.storage = removal.storage_delete.storage = &storage;
        store.store.key = removal.storage_delete.key = "MyGame.zip";
        cannot_be(ways_out[index], KIND_store, client, &store, "key", SLIPWAY_INVALID_ARGUMENT);
        cannot_be(ways_out[index], KIND_storage_delete, client, &removal, "key", SLIPWAY_INVALID_ARGUMENT);
    }
    CHECK(access(setting("SLIPWAY_TEST_PACKAGE"), F_OK) == 0);
    storage = unreachable_bucket();
    store.store.key = too_long;
    cannot_be("a key of 1,025 bytes", KIND_store, client, &store, "key", SLIPWAY_INVALID_ARGUMENT);
    too_long[1020] = '\0';
    storage.key_prefix = "five";
    cannot_be("a key of 1,025 bytes, with its prefix", KIND_store, client, &store, "key", SLIPWAY_INVALID_ARGUMENT);
}

int main(void) {
    slipway_client *client;
    start_recording("storage");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("places, kinds");
    places(client);
    kinds(client);
    of_other_kinds(client);
    topic("members, headers");
    members(client);
    headers(client);
    topic("keys");
    keys(client);
    CHECK_INT(files_in(setting("SLIPWAY_TEST_STORAGE")), 0); /* All of that was told before anything was written. */
    close_client(client);
    return finish();
}
