/* scenes.h: what scarce.c does while something is short: every operation of operations.h, and those ways of working that take other parts of
 * the system: TLS, names that are looked up, buckets, parts, polling. */
#ifndef SCENES_H
#define SCENES_H

#include "../operations.h"

typedef enum scene_way { WAY_PLAIN, WAY_TLS, WAY_NAMED, WAY_POLLED, WAY_ALONE } scene_way;
typedef enum scene_storage { IN_FOLDER, IN_BUCKET, IN_PARTS } scene_storage;

typedef struct scene {
    const char *name;
    int place; /* In operation_kinds. */
    scene_way way;
    scene_storage storage;
} scene;

#define SCENE(function, request, macro, answer) {#function, KIND_##function, WAY_PLAIN, IN_FOLDER},
static const scene scenes[] = {
    {"client", KIND_get_project_stats, WAY_ALONE, IN_FOLDER}, /* Created and closed, no more. */
    {"polled client", KIND_get_project_stats, WAY_POLLED, IN_FOLDER},
    FOR_EACH_OPERATION(SCENE)
    {"get_project_stats, https", KIND_get_project_stats, WAY_TLS, IN_FOLDER},
    {"upload, https", KIND_upload, WAY_TLS, IN_FOLDER},
    {"get_project_stats, by name", KIND_get_project_stats, WAY_NAMED, IN_FOLDER},
    {"store, bucket", KIND_store, WAY_PLAIN, IN_BUCKET},
    {"store, in parts", KIND_store, WAY_PLAIN, IN_PARTS},
    {"storage_delete, bucket", KIND_storage_delete, WAY_PLAIN, IN_BUCKET},
    {"storage_list_unfinished, bucket", KIND_storage_list_unfinished, WAY_PLAIN, IN_BUCKET},
    {"release, bucket", KIND_release, WAY_PLAIN, IN_BUCKET},
};
#undef SCENE
enum { SCENES = COUNT_OF(scenes) };

/* What hangs is to be told of as that. Who waits for a build, and cannot read how far it is, does so until then. */
static uint32_t deadline_ms = 6000;

static slipway_client_options options_of(const scene *scene) {
    slipway_client_options options = client_options(scene->way == WAY_POLLED ? SLIPWAY_DELIVERY_POLLED : SLIPWAY_DELIVERY_THREAD);
    if (scene->way == WAY_TLS) options.streampixel_base_url = setting("SLIPWAY_TEST_TLS_URL");
    if (scene->way == WAY_TLS) options.ca_bundle = setting("SLIPWAY_TEST_CA_BUNDLE");
    if (scene->way == WAY_NAMED) options.streampixel_base_url = setting("SLIPWAY_TEST_NAMED_URL");
    options.proxy = "";
    options.deadline_ms = deadline_ms;
    options.allow_insecure = 1; /* The name is this machine's. */
    return options;
}

/* The bucket of a server that answers. Its storage is one for all: one scene at a time. */
static const slipway_storage *real_bucket(void) {
    static slipway_storage storage;
    const slipway_storage made = SLIPWAY_STORAGE_INIT;
    storage = made;
    storage.bucket = "builds";
    storage.endpoint = setting("SLIPWAY_TEST_S3_ENDPOINT");
    storage.region = "us-east-1";
    storage.access_key_id = setting("SLIPWAY_TEST_S3_KEY");
    storage.secret_access_key = setting("SLIPWAY_TEST_S3_SECRET");
    storage.checksum = SLIPWAY_CHECKSUM_CRC32;
    storage.part_size = 5 << 20;
    return &storage;
}

static any_request request_of(const scene *scene) {
    any_request any = valid_request(kind_of(scene->place));
    any.head.deadline_ms = deadline_ms;
    if (scene->place == KIND_store) any.store.always_send = 1; /* What is there already would not be sent again. */
    if (scene->place == KIND_wait_for_build) any.wait_for_build.interval_ms = any.wait_for_build.max_interval_ms = 10;
    if (scene->storage == IN_FOLDER) return any;
    switch (scene->place) {
    case KIND_store: any.store.storage = real_bucket(); break;
    case KIND_storage_delete: any.storage_delete.storage = real_bucket(); break;
    case KIND_storage_list_unfinished: any.storage_list_unfinished.storage = real_bucket(); break;
    case KIND_release: any.release.storage = real_bucket(); break;
    default: break;
    }
    if (scene->storage == IN_PARTS) any.store.file_path = setting("SLIPWAY_TEST_LARGE_FILE");
    return any;
}

static slipway_status answer_of(const scene *scene) { return kind_of(scene->place)->answer; }

#endif /* SCENES_H */
