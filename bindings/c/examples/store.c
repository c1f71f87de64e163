/* store: a file gets a link.
 *
 *     export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
 *     ./store Saved/MyGame-1.0.zip s3://my-bucket/builds
 *     ./store Saved/MyGame-1.0.zip /var/www/builds
 *     ./store Saved/MyGame-1.0.zip "https://account.blob.core.windows.net/builds/MyGame-1.0.zip?sv=..."
 *
 * It goes into a bucket, into a folder, or to a URL that takes a PUT. The program may be ended at any moment, with Ctrl-C as well: started
 * again, it goes on with the parts that the bucket has. The last line is "link: <URL>" or, where there is none, "stored: <path>"; when it
 * did not work there is what happened and what to do.
 *
 * AWS_ENDPOINT_URL: storage that is not Amazon's, such as "https://minio.example.com:9000". STORE_PUBLIC_URL: what is stored is read
 * through this, such as "https://builds.example.com"; without it the link into a bucket is a presigned one, and a folder has none.
 */
#include <slipway.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the callbacks keep. They run on the client's thread, but main looks only after slipway_operation_wait has said that on_complete
 * returned. */
typedef struct told {
    char news[256]; /* What was printed last, so that each is printed once. */
    int is_stored;
} told;

static void progressed(const slipway_progress *progress, void *user_data) {
    told *self = user_data;
    char news[256], rate[64] = "", parts[64] = "";
    if (progress->bytes_total > 0)
        snprintf(news, sizeof news, "%d %% of %.1f MB", (int)(100 * progress->bytes_done / progress->bytes_total),
                 (double)progress->bytes_total / 1e6);
    else
        snprintf(news, sizeof news, "%s", progress->message);
    if (strcmp(news, self->news) == 0) return;
    strcpy(self->news, news);
    if (progress->items_total > 0)
        snprintf(parts, sizeof parts, ", %" PRIu64 " of %" PRIu64 " parts", progress->items_done, progress->items_total);
    if (progress->bytes_per_second > 0)
        snprintf(rate, sizeof rate, ", %.1f MB/s, %.0f s left", (double)progress->bytes_per_second / 1e6,
                 (double)progress->time_left_ms / 1000);
    printf("%7.1f s  %s%s%s\n", (double)progress->elapsed_ms / 1000, news, parts, rate);
    fflush(stdout);
}

static void completed(const slipway_result *result, void *user_data) {
    told *self = user_data;
    const char *url = slipway_result_string(result, "/url");
    const char *path = slipway_result_string(result, "/path");
    if (result->status != SLIPWAY_OK) {
        fflush(stdout);
        fprintf(stderr, "%s: %s\n%s\n", slipway_status_name(result->status), result->message, result->hint);
        return;
    }
    if (slipway_result_boolean(result, "/skipped", 0)) puts("The same was there already.");
    if (slipway_result_integer(result, "/partsReused", 0) > 0)
        printf("%" PRId64 " of %" PRId64 " parts were there already.\n", slipway_result_integer(result, "/partsReused", 0),
               slipway_result_integer(result, "/parts", 0));
    if (url != NULL)
        printf("link: %s\n", url);
    else
        printf("stored: %s\n", path != NULL ? path : "");
    self->is_stored = 1;
}

/* A bucket, a URL or a folder. Cuts `target` in two. */
static void aim(slipway_storage *storage, char *target) {
    storage->public_url = getenv("STORE_PUBLIC_URL");
    if (strncmp(target, "s3://", 5) == 0) {
        char *slash = strchr(target + 5, '/');
        storage->bucket = target + 5;
        storage->endpoint = getenv("AWS_ENDPOINT_URL"); /* Keys and region: the library looks into the environment by itself. */
        if (slash == NULL) return;
        *slash = '\0';
        if (slash[1] != '\0') storage->key_prefix = slash + 1;
    } else if (strncmp(target, "https://", 8) == 0 || strncmp(target, "http://", 7) == 0) {
        storage->put_url = target;
    } else {
        storage->directory = target;
    }
}

int main(int count, char **arguments) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_storage storage = SLIPWAY_STORAGE_INIT;
    slipway_store_request request = SLIPWAY_STORE_REQUEST_INIT;
    slipway_client *client = NULL;
    slipway_operation operation = 0;
    told told = {"", 0};
    char why[512];

    if (count < 3 || count > 4) {
        fputs("usage: store FILE s3://BUCKET[/PREFIX]|PUT_URL|FOLDER [KEY]\n", stderr);
        return 2;
    }
    options.user_agent = "store";
    if (slipway_client_create(&options, &client, why, sizeof why) != SLIPWAY_OK) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    aim(&storage, arguments[2]);
    request.storage = &storage;
    request.file_path = arguments[1];
    request.key = count > 3 ? arguments[3] : NULL; /* NULL: the file's name. */
    request.on_progress = progressed;
    if (slipway_store(client, &request, completed, &told, &operation) == SLIPWAY_OK)
        slipway_operation_wait(client, operation, SLIPWAY_FOREVER);
    else
        fputs("An argument is not UTF-8, or is longer than 64 KB.\n", stderr);
    slipway_client_close(client, SLIPWAY_FOREVER);
    return told.is_stored ? 0 : 1;
}
