/* operations.h: every operation with a request that the emulator answers, every text that a request takes, and every struct that a request
 * points to. A new one goes into the lists here, and with that into the sweeps: NULL, sizes, texts, ends of every kind, storms.
 * bindings_in_step.py finds what is missing. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "check.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* What programs.py has put into the emulator. */
#define ASSET "picture"      /* An asset with a file and renditions. */
#define DISTRIBUTION "shown" /* A distribution of it, with a link to the file. */
#define NOBODY "nobody"      /* The id of nothing. */

static const char webhook_body[] = "{\"event\":\"build.saving\",\"projectId\":\"p1\",\"uploadId\":\"u1\",\"fileUrl\":null,"
                                   "\"status\":\"Saving to Repository\",\"objection\":null,\"timestamp\":\"2026-01-01T00:00:00Z\"}";

/* ------------------------------------------------------------------------------------------------------------------ Operations */

/* name of the function, its request, and how the request of valid_request ends */
#define FOR_EACH_OPERATION(X)                                                                                                          \
    X(upload, upload_request, UPLOAD_REQUEST, OK)                                                                                      \
    X(distribute, distribute_request, DISTRIBUTE_REQUEST, OK)                                                                          \
    X(list_projects, list_projects_request, LIST_PROJECTS_REQUEST, OK)                                                                 \
    X(get_project, project_request, PROJECT_REQUEST, OK)                                                                               \
    X(get_project_stats, project_request, PROJECT_REQUEST, OK)                                                                         \
    X(test_webhook, project_request, PROJECT_REQUEST, NOT_FOUND) /* The project has none. */                                           \
    X(wait_for_build, wait_for_build_request, WAIT_FOR_BUILD_REQUEST, OK)                                                              \
    X(receive_webhook, receive_webhook_request, RECEIVE_WEBHOOK_REQUEST, OK)                                                           \
    X(entermedia_login, entermedia_login_request, ENTERMEDIA_LOGIN_REQUEST, OK)                                                        \
    X(entermedia_distribution_create, entermedia_distribution_create_request, ENTERMEDIA_DISTRIBUTION_CREATE_REQUEST, OK)              \
    X(entermedia_distribution_edit, entermedia_distribution_edit_request, ENTERMEDIA_DISTRIBUTION_EDIT_REQUEST, OK)                    \
    X(entermedia_distribution_get, entermedia_distribution_request, ENTERMEDIA_DISTRIBUTION_REQUEST, OK)                               \
    X(entermedia_distribution_delete, entermedia_distribution_request, ENTERMEDIA_DISTRIBUTION_REQUEST, NOT_FOUND) /* Of nobody. */    \
    X(entermedia_distribution_search, entermedia_distribution_search_request, ENTERMEDIA_DISTRIBUTION_SEARCH_REQUEST, OK)              \
    X(entermedia_distribution_create_many, entermedia_distribution_create_many_request,                                                \
      ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST, OK)                                                                                 \
    X(entermedia_asset_upload, entermedia_asset_upload_request, ENTERMEDIA_ASSET_UPLOAD_REQUEST, OK)                                   \
    X(entermedia_asset_get, entermedia_asset_request, ENTERMEDIA_ASSET_REQUEST, OK)                                                    \
    X(entermedia_asset_delete, entermedia_asset_request, ENTERMEDIA_ASSET_REQUEST, NOT_FOUND) /* Of nobody. */                         \
    X(store, store_request, STORE_REQUEST, OK)                                                                                         \
    X(storage_delete, storage_object_request, STORAGE_OBJECT_REQUEST, OK)                                                              \
    X(storage_list_unfinished, storage_object_request, STORAGE_OBJECT_REQUEST, OK)                                                     \
    X(storage_abort_unfinished, storage_abort_request, STORAGE_ABORT_REQUEST, OK)                                                      \
    X(check_package, check_package_request, CHECK_PACKAGE_REQUEST, OK)                                                                 \
    X(release, release_request, RELEASE_REQUEST, OK)

/* Any of the requests, in the place of all of them. */
typedef union any_request {
    slipway_list_projects_request head; /* What all of them begin with. */
#define MEMBER(function, request, macro, answer) slipway_##request function;
    FOR_EACH_OPERATION(MEMBER)
#undef MEMBER
} any_request;

#define START(function, request, macro, answer)                                                                                        \
    static UNUSED slipway_status start_##function(slipway_client *client, const any_request *any, slipway_complete_fn on_complete,     \
                                                  void *user_data, slipway_operation *operation) {                                     \
        return slipway_##function(client, (const slipway_##request *)(const void *)any, on_complete, user_data, operation);            \
    }                                                                                                                                  \
    static UNUSED slipway_status init_##function(any_request *any, uint32_t size) {                                                    \
        return slipway_##request##_init((slipway_##request *)(void *)any, size);                                                       \
    }                                                                                                                                  \
    static UNUSED void macro_##function(any_request *any) {                                                                            \
        const slipway_##request made = SLIPWAY_##macro##_INIT;                                                                         \
        memcpy(any, &made, sizeof made);                                                                                               \
    }
FOR_EACH_OPERATION(START)
#undef START

typedef struct operation_kind {
    const char *name;
    uint32_t size;         /* Of the request. */
    slipway_status answer; /* To what valid_request gives. */
    slipway_status (*start)(slipway_client *, const any_request *, slipway_complete_fn, void *, slipway_operation *);
    slipway_status (*init)(any_request *, uint32_t);
    void (*macro)(any_request *);
} operation_kind;

#define KIND(function, request, macro, answer)                                                                                         \
    {#function, sizeof(slipway_##request), SLIPWAY_##answer, start_##function, init_##function, macro_##function},
static UNUSED const operation_kind operation_kinds[] = {FOR_EACH_OPERATION(KIND)};
#undef KIND

/* Places in operation_kinds. */
#define PLACE(function, request, macro, answer) KIND_##function,
enum { FOR_EACH_OPERATION(PLACE) OPERATION_KINDS };
#undef PLACE

static UNUSED const operation_kind *kind_of(int place) { return &operation_kinds[place]; }

/* --------------------------------------------------------------------------------------------------------------------- Requests */

static const char *const many_assets[] = {ASSET, ASSET, ASSET};
static const char *const many_distributions[] = {"many-1", NULL, "many-3.zip"};
static const slipway_entermedia_term some_terms[] = {{"assetid", NULL, ASSET}, {"id", "matches", "*"}};

/* A folder that the emulator serves. Each thread has a struct of its own: what a call is given, it copies. */
static UNUSED const slipway_storage *some_storage(void) {
    static _Thread_local slipway_storage storage;
    const slipway_storage made = SLIPWAY_STORAGE_INIT;
    storage = made;
    storage.directory = setting("SLIPWAY_TEST_STORAGE");
    storage.public_url = setting("SLIPWAY_TEST_STORAGE_URL");
    return &storage;
}

/* How many files there are in a folder, hidden ones included. */
static UNUSED int files_in(const char *path) {
    DIR *directory = opendir(path);
    const struct dirent *entry;
    int count = 0;
    REQUIRE(directory != NULL);
    while ((entry = readdir(directory)) != NULL) count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

/* The base URL of a server that there is none of: whoever asks it hears at once that nobody listens. */
static UNUSED const char *nobody_listens(void) {
    static _Thread_local char url[64];
    static atomic_int bound;
    if (atomic_load(&bound) == 0) { /* A port that is taken, and never listened to. */
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof address;
        const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(descriptor >= 0 && bind(descriptor, (struct sockaddr *)&address, size) == 0);
        REQUIRE(getsockname(descriptor, (struct sockaddr *)&address, &size) == 0);
        atomic_store(&bound, ntohs(address.sin_port));
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%d", atomic_load(&bound));
    return url;
}

/* A bucket, for what is said before anything is sent, and for what comes of it when nothing can be. */
static UNUSED slipway_storage unreachable_bucket(void) {
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    storage.bucket = "builds";
    storage.endpoint = nobody_listens();
    storage.region = "us-east-1";
    storage.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    storage.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    return storage;
}

/* A request that the emulator answers, for any kind, as often as it is asked. */
static UNUSED any_request valid_request(const operation_kind *kind) {
    any_request any;
    memset(&any, 0, sizeof any);
    kind->macro(&any);
    switch (kind - operation_kinds) {
    case KIND_upload:
        any.upload.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        any.upload.file_url = setting("SLIPWAY_TEST_FILE_URL");
        break;
    case KIND_distribute:
        any.distribute.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        any.distribute.upload_id = setting("SLIPWAY_TEST_APPROVED_BUILD");
        break;
    case KIND_get_project: any.get_project.project_id = setting("SLIPWAY_TEST_PROJECT_ID"); break;
    case KIND_get_project_stats: any.get_project_stats.project_id = setting("SLIPWAY_TEST_PROJECT_ID"); break;
    case KIND_test_webhook: any.test_webhook.project_id = setting("SLIPWAY_TEST_PROJECT_ID"); break;
    case KIND_wait_for_build:
        any.wait_for_build.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        any.wait_for_build.upload_id = setting("SLIPWAY_TEST_APPROVED_BUILD");
        break;
    case KIND_receive_webhook:
        any.receive_webhook.body = webhook_body;
        any.receive_webhook.body_size = sizeof webhook_body - 1;
        break;
    case KIND_entermedia_distribution_create:
        any.entermedia_distribution_create.asset_id = ASSET;
        any.entermedia_distribution_create.allow_original = 1;
        break;
    case KIND_entermedia_distribution_edit:
        any.entermedia_distribution_edit.distribution_id = DISTRIBUTION;
        any.entermedia_distribution_edit.original = SLIPWAY_ORIGINAL_ALLOWED;
        break;
    case KIND_entermedia_distribution_get: any.entermedia_distribution_get.distribution_id = DISTRIBUTION; break;
    case KIND_entermedia_distribution_delete: any.entermedia_distribution_delete.distribution_id = NOBODY; break;
    case KIND_entermedia_distribution_search:
        any.entermedia_distribution_search.terms = some_terms;
        any.entermedia_distribution_search.term_count = COUNT_OF(some_terms);
        any.entermedia_distribution_search.page = 1;
        break;
    case KIND_entermedia_distribution_create_many:
        any.entermedia_distribution_create_many.asset_ids = many_assets;
        any.entermedia_distribution_create_many.asset_count = COUNT_OF(many_assets);
        any.entermedia_distribution_create_many.distribution_ids = many_distributions;
        break;
    case KIND_entermedia_asset_upload:
        any.entermedia_asset_upload.file_path = setting("SLIPWAY_TEST_PACKAGE");
        any.entermedia_asset_upload.asset_id = "uploaded";
        break;
    case KIND_entermedia_asset_get: any.entermedia_asset_get.asset_id = ASSET; break;
    case KIND_entermedia_asset_delete: any.entermedia_asset_delete.asset_id = NOBODY; break;
    case KIND_store:
        any.store.storage = some_storage();
        any.store.file_path = setting("SLIPWAY_TEST_PACKAGE");
        any.store.key = "builds/MyGame-1.0.zip";
        break;
    case KIND_storage_delete:
        any.storage_delete.storage = some_storage();
        any.storage_delete.key = NOBODY;
        break;
    case KIND_storage_list_unfinished: any.storage_list_unfinished.storage = some_storage(); break;
    case KIND_storage_abort_unfinished: any.storage_abort_unfinished.storage = some_storage(); break;
    case KIND_check_package: any.check_package.file_path = setting("SLIPWAY_TEST_PACKAGE"); break;
    case KIND_release:
        any.release.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
        any.release.file_path = setting("SLIPWAY_TEST_PACKAGE");
        any.release.interval_ms = 10;
        any.release.max_interval_ms = 50;
        any.release.settle_ms = 50;
        break;
    default: break;
    }
    return any;
}

/* ------------------------------------------------------------------------------------------------------------------------ Texts */

typedef enum text_form {
    FORM_ID,    /* 1 to 128 of A-Z a-z 0-9 . _ - */
    FORM_OTHER, /* A path, a link, words: what it may be is the operation's own affair. */
} text_form;

/* operation, its request, the member, its form, and whether the request needs it */
#define FOR_EACH_TEXT(X)                                                                                                               \
    X(upload, upload_request, project_id, ID, true)                                                                                    \
    X(upload, upload_request, file_url, OTHER, true)                                                                                   \
    X(distribute, distribute_request, project_id, ID, true)                                                                            \
    X(distribute, distribute_request, upload_id, ID, true)                                                                             \
    X(get_project, project_request, project_id, ID, true)                                                                              \
    X(get_project_stats, project_request, project_id, ID, true)                                                                        \
    X(test_webhook, project_request, project_id, ID, true)                                                                             \
    X(wait_for_build, wait_for_build_request, project_id, ID, true)                                                                    \
    X(wait_for_build, wait_for_build_request, upload_id, ID, true)                                                                     \
    X(entermedia_distribution_create, entermedia_distribution_create_request, asset_id, ID, true)                                      \
    X(entermedia_distribution_create, entermedia_distribution_create_request, distribution_id, ID, false)                              \
    X(entermedia_distribution_edit, entermedia_distribution_edit_request, distribution_id, ID, true)                                   \
    X(entermedia_distribution_edit, entermedia_distribution_edit_request, asset_id, ID, false)                                         \
    X(entermedia_distribution_get, entermedia_distribution_request, distribution_id, ID, true)                                         \
    X(entermedia_distribution_delete, entermedia_distribution_request, distribution_id, ID, true)                                      \
    X(entermedia_asset_upload, entermedia_asset_upload_request, file_path, OTHER, true)                                                \
    X(entermedia_asset_upload, entermedia_asset_upload_request, asset_id, ID, false)                                                   \
    X(entermedia_asset_upload, entermedia_asset_upload_request, source_path, OTHER, false)                                             \
    X(entermedia_asset_upload, entermedia_asset_upload_request, name, OTHER, false)                                                    \
    X(entermedia_asset_get, entermedia_asset_request, asset_id, ID, true)                                                              \
    X(entermedia_asset_delete, entermedia_asset_request, asset_id, ID, true)                                                           \
    X(store, store_request, file_path, OTHER, true)                                                                                    \
    X(store, store_request, key, OTHER, false)                                                                                         \
    X(storage_delete, storage_object_request, key, OTHER, true)                                                                        \
    X(storage_list_unfinished, storage_object_request, key, OTHER, false)                                                              \
    X(storage_abort_unfinished, storage_abort_request, key, OTHER, false)                                                              \
    X(storage_abort_unfinished, storage_abort_request, upload_id, OTHER, false)                                                        \
    X(check_package, check_package_request, file_path, OTHER, true)                                                                    \
    X(release, release_request, project_id, ID, true)                                                                                  \
    X(release, release_request, file_path, OTHER, true)                                                                                \
    X(release, release_request, resume_from, OTHER, false)                                                                             \
    X(release, release_request, source_path, OTHER, false)

typedef struct text_member {
    const operation_kind *kind;
    const char *name;
    size_t offset;
    text_form form;
    bool required;
} text_member;

#define TEXT(function, request, member, form, required)                                                                                \
    {&operation_kinds[KIND_##function], #member, offsetof(slipway_##request, member), FORM_##form, required},
static UNUSED const text_member text_members[] = {FOR_EACH_TEXT(TEXT)};
#undef TEXT
enum { TEXT_MEMBERS = COUNT_OF(text_members) };

/* Where a request has it. */
static UNUSED const char **text_in(any_request *any, const text_member *member) {
    return (const char **)(void *)((char *)any + member->offset);
}

/* ------------------------------------------------------------------------------------------------------------- Structs in requests */

/* operation, its request, the member that points to the struct, the struct, and whether the request needs it */
#define FOR_EACH_NESTED(X)                                                                                                             \
    X(store, store_request, storage, storage, true)                                                                                    \
    X(storage_delete, storage_object_request, storage, storage, true)                                                                  \
    X(storage_list_unfinished, storage_object_request, storage, storage, true)                                                         \
    X(storage_abort_unfinished, storage_abort_request, storage, storage, true)                                                         \
    X(release, release_request, storage, storage, false)

typedef struct nested_member {
    const operation_kind *kind;
    const char *name;
    size_t offset;
    uint32_t size; /* Of the struct. */
    bool required;
} nested_member;

#define NESTED(function, request, member, nested, required)                                                                            \
    {&operation_kinds[KIND_##function], #member, offsetof(slipway_##request, member), sizeof(slipway_##nested), required},
static UNUSED const nested_member nested_members[] = {FOR_EACH_NESTED(NESTED)};
#undef NESTED
enum { NESTED_MEMBERS = COUNT_OF(nested_members) };

/* Where a request has it. */
static UNUSED const void **nested_in(any_request *any, const nested_member *member) {
    return (const void **)(void *)((char *)any + member->offset);
}

/* struct, and each text in it */
#define FOR_EACH_NESTED_TEXT(X)                                                                                                        \
    X(storage, bucket)                                                                                                                 \
    X(storage, put_url)                                                                                                                \
    X(storage, directory)                                                                                                              \
    X(storage, endpoint)                                                                                                               \
    X(storage, region)                                                                                                                 \
    X(storage, key_prefix)                                                                                                             \
    X(storage, access_key_id)                                                                                                          \
    X(storage, secret_access_key)                                                                                                      \
    X(storage, session_token)                                                                                                          \
    X(storage, profile)                                                                                                                \
    X(storage, public_url)                                                                                                             \
    X(storage, content_type)                                                                                                           \
    X(storage, content_disposition)                                                                                                    \
    X(storage, acl)                                                                                                                    \
    X(storage, storage_class)                                                                                                          \
    X(storage, encryption)                                                                                                             \
    X(storage, encryption_key_id)

typedef struct nested_text {
    const char *name;
    size_t offset;
} nested_text;

#define NESTED_TEXT(nested, member) {#member, offsetof(slipway_##nested, member)},
static UNUSED const nested_text storage_texts[] = {FOR_EACH_NESTED_TEXT(NESTED_TEXT)};
#undef NESTED_TEXT
enum { STORAGE_TEXTS = COUNT_OF(storage_texts) };

static UNUSED const char **text_of_storage(slipway_storage *storage, const nested_text *text) {
    return (const char **)(void *)((char *)storage + text->offset);
}

#endif /* OPERATIONS_H */
