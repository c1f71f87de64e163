/* release: a packaged build goes on the air.
 *
 *     export STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=...
 *     export ENTERMEDIA_BASE_URL=https://dam.example.com/assets/mediadb ENTERMEDIA_USER=... ENTERMEDIA_PASSWORD=...
 *     ./release Saved/MyGame-1.0.zip 665a1c2e9b1d4f0012ab34cd [resume from]
 *
 * It may be ended at any moment, with Ctrl-C as well: start it again with what the last "resume from" said. The last line of a release
 * that worked is "live: <upload id>"; of one that did not there is what happened, what to do, and what to resume from.
 *
 * RELEASE_MANUAL=1: an approved build does not go on the air by itself, but when this program distributes it. For a stand-in of the
 * service: STREAMPIXEL_BASE_URL, and RELEASE_PACE_MS, which is how long it takes between two questions.
 */
#include <slipway.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the callbacks keep. They run on the client's thread, but main looks only after slipway_operation_wait has said that on_complete
 * returned. */
typedef struct told {
    char resume_from[2048];
    char news[256]; /* What was printed last, so that each is printed once. */
    int is_live;
} told;

static const char *stage_name(int32_t stage) {
    static const char *const names[] = {"", "check", "host", "register", "wait", "distribute", "live", "remove"};
    return stage >= 0 && (size_t)stage < sizeof names / sizeof names[0] ? names[stage] : "";
}

static void progressed(const slipway_progress *progress, void *user_data) {
    told *self = user_data;
    char news[256], rate[64] = "";
    if (progress->resume_from[0] != '\0' && strcmp(progress->resume_from, self->resume_from) != 0) {
        snprintf(self->resume_from, sizeof self->resume_from, "%s", progress->resume_from);
        printf("resume from: %s\n", progress->resume_from);
    }
    if (progress->bytes_total > 0)
        snprintf(news, sizeof news, "%d %% of %.1f MB", (int)(100 * progress->bytes_done / progress->bytes_total),
                 (double)progress->bytes_total / 1e6);
    else
        snprintf(news, sizeof news, "%s", progress->message);
    if (progress->bytes_per_second > 0)
        snprintf(rate, sizeof rate, ", %.1f MB/s, %.0f s left", (double)progress->bytes_per_second / 1e6,
                 (double)progress->time_left_ms / 1000);
    if (strcmp(news, self->news) != 0)
        printf("%7.1f s  %-10s  %s%s\n", (double)progress->elapsed_ms / 1000, stage_name(progress->release_stage), news, rate);
    strcpy(self->news, news);
    fflush(stdout);
}

static void completed(const slipway_result *result, void *user_data) {
    told *self = user_data;
    const char *stage = slipway_result_string(result, "/stage");
    const char *upload_id = slipway_result_string(result, "/uploadId");
    const char *resume_from = slipway_result_string(result, "/resumeFrom");
    if (result->status == SLIPWAY_OK) {
        printf("live: %s\n", upload_id != NULL ? upload_id : "");
        self->is_live = 1;
        return;
    }
    fflush(stdout);
    fprintf(stderr, "release %s: %s\n%s\n", stage != NULL ? stage : "", result->message, result->hint);
    if (resume_from != NULL) fprintf(stderr, "resume from: %s\n", resume_from);
}

int main(int count, char **arguments) {
    slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT; /* Keys and EnterMedia's address: from the environment. */
    slipway_release_request request = SLIPWAY_RELEASE_REQUEST_INIT;
    slipway_client *client = NULL;
    slipway_operation operation = 0;
    const char *pace = getenv("RELEASE_PACE_MS");
    told told = {"", "", 0};
    char why[512];

    if (count < 3 || count > 4) {
        fputs("usage: release FILE.zip PROJECT_ID [RESUME_FROM]\n", stderr);
        return 2;
    }
    options.user_agent = "release";
    options.streampixel_base_url = getenv("STREAMPIXEL_BASE_URL");
    if (slipway_client_create(&options, &client, why, sizeof why) != SLIPWAY_OK) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    request.file_path = arguments[1];
    request.project_id = arguments[2];
    request.resume_from = count > 3 ? arguments[3] : NULL; /* NULL: from the start. */
    request.manual_release = getenv("RELEASE_MANUAL") != NULL;
    if (pace != NULL) request.interval_ms = request.settle_ms = (uint32_t)strtoul(pace, NULL, 10);
    request.on_progress = progressed;
    if (slipway_release(client, &request, completed, &told, &operation) == SLIPWAY_OK)
        slipway_operation_wait(client, operation, SLIPWAY_FOREVER);
    else
        fputs("An argument is not UTF-8, or is longer than 64 KB.\n", stderr);
    slipway_client_close(client, SLIPWAY_FOREVER);
    return told.is_live ? 0 : 1;
}
