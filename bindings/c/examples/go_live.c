/* go_live: takes a build that can be downloaded to a running pixel stream.
 *
 *     export STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=...
 *     ./go_live https://downloads.example.com/MyGame-1.0.zip 665a1c2e9b1d4f0012ab34cd
 *
 * It registers the build, waits until the service has approved it, distributes it, and waits until it is live. The last line is
 * "live: <upload id>". Anything that goes wrong is told in two lines, what happened and what to do, and the exit code is 1.
 * Ctrl-C cancels what is running; a second one ends the program at once.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <slipway.h>

/* ------------------------------------------------------------------------------------------------------------------ Output */

static time_t seconds_at_start;
static long nanoseconds_at_start;

static double seconds_since_start(void) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return difftime(now.tv_sec, seconds_at_start) + (double)(now.tv_nsec - nanoseconds_at_start) / 1e9;
}

static void say(const char *step, const char *text) {
    printf("%7.1f s  %-11s %s\n", seconds_since_start(), step, text);
    fflush(stdout);
}

/* ------------------------------------------------------------------------------------------------------------------- Steps */

/* What one step leaves behind. Its callbacks run on the client's thread, but never at the same time as main looks: main looks
 * after slipway_operation_wait has said that on_complete returned. */
typedef struct step {
    const char *name;
    slipway_status status;
    char upload_id[130];
    char told[200]; /* The last progress that was printed, so that each is printed once. */
} step;

static void progressed(const slipway_progress *progress, void *user_data) {
    step *self = user_data;
    char line[200];
    if (progress->stage == SLIPWAY_STAGE_WAITING_BUILD && progress->state[0] != '\0')
        snprintf(line, sizeof line, "%s (\"%s\")", progress->state, progress->service_state);
    else
        snprintf(line, sizeof line, "%s", progress->message);
    if (strcmp(line, self->told) == 0) return;
    strcpy(self->told, line);
    if (progress->stage == SLIPWAY_STAGE_WAITING_TURN) {
        char turn[260];
        snprintf(turn, sizeof turn, "%s (%" PRIu64 " s)", line, (progress->wait_ms + 999) / 1000);
        say(self->name, turn);
    } else {
        say(self->name, line);
    }
}

static void completed(const slipway_result *result, void *user_data) {
    step *self = user_data;
    const char *upload_id = slipway_result_string(result, "/uploadId");
    self->status = result->status;
    if (upload_id != NULL) snprintf(self->upload_id, sizeof self->upload_id, "%s", upload_id);
    if (result->status == SLIPWAY_OK) {
        const char *message = slipway_result_string(result, "/message");
        say(self->name, message != NULL ? message : "done");
        return;
    }
    fflush(stdout);
    fprintf(stderr, "%s: %s: %s\n", self->name, slipway_status_name(result->status), result->message);
    if (result->hint[0] != '\0') fprintf(stderr, "%s\n", result->hint);
}

static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    interrupted = 1;
    signal(number, SIG_DFL); /* The second one ends the program. */
}

/* Waits for a step that was to be started with `started`; true when it worked. */
static int finish(step *self, slipway_client *client, slipway_status started, slipway_operation operation) {
    int cancelled = 0;
    if (started != SLIPWAY_OK) { /* Nothing has started, and completed() will not be called. */
        fprintf(stderr, "%s: %s: an argument is not UTF-8, or is too long.\n", self->name, slipway_status_name(started));
        return 0;
    }
    while (slipway_operation_wait(client, operation, 100) == SLIPWAY_DEADLINE_EXCEEDED) {
        if (interrupted && !cancelled) {
            say(self->name, "cancelling");
            slipway_cancel(client, operation);
            cancelled = 1;
        }
    }
    return self->status == SLIPWAY_OK;
}

/* ----------------------------------------------------------------------------------------------------------------- Options */

typedef struct options {
    const char *file_url;
    const char *project_id;
    const char *base_url;
    const char *ca_bundle;
    uint32_t interval_ms;
    uint32_t settle_ms;
} options;

static int usage(void) {
    fputs("usage: go_live [options] FILE_URL PROJECT_ID\n"
          "  FILE_URL            direct link to the build: a .zip, no login, no redirect\n"
          "  PROJECT_ID          where it goes\n"
          "  --base-url URL      another service than https://api.streampixel.io/pixelStripeApi\n"
          "  --ca-bundle FILE    PEM certificates to trust instead of the system's\n"
          "  --interval MS       between two questions to the service\n"
          "  --settle MS         how long a build has to stay approved to count as live, if its distribution was not seen\n"
          "STREAMPIXEL_API_KEY and STREAMPIXEL_USER_ID are taken from the environment.\n",
          stderr);
    return 2;
}

static int parse(int count, char **arguments, options *into) {
    const char *positional[2] = {NULL, NULL};
    int index, positionals = 0;
    for (index = 1; index < count; index++) {
        const char *argument = arguments[index];
        const char *value = index + 1 < count ? arguments[index + 1] : NULL;
        if (strncmp(argument, "--", 2) != 0) {
            if (positionals == 2) return 0;
            positional[positionals++] = argument;
            continue;
        }
        if (value == NULL) return 0;
        if (strcmp(argument, "--base-url") == 0)
            into->base_url = value;
        else if (strcmp(argument, "--ca-bundle") == 0)
            into->ca_bundle = value;
        else if (strcmp(argument, "--interval") == 0)
            into->interval_ms = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(argument, "--settle") == 0)
            into->settle_ms = (uint32_t)strtoul(value, NULL, 10);
        else
            return 0;
        index++;
    }
    into->file_url = positional[0];
    into->project_id = positional[1];
    return positionals == 2;
}

/* ----------------------------------------------------------------------------------------------------------------- The way */

static int upload(slipway_client *client, const options *given, step *self) {
    slipway_upload_request request = SLIPWAY_UPLOAD_REQUEST_INIT;
    slipway_operation operation = 0;
    slipway_status started;
    request.project_id = given->project_id;
    request.file_url = given->file_url;
    request.manual_release = 1; /* Approved is not live yet: this program says when. */
    request.on_progress = progressed;
    say(self->name, given->file_url);
    started = slipway_upload(client, &request, completed, self, &operation);
    return finish(self, client, started, operation);
}

static int wait_for_build(slipway_client *client, const options *given, const char *upload_id, int32_t until, step *self) {
    slipway_wait_for_build_request request = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
    slipway_operation operation = 0;
    slipway_status started;
    request.project_id = given->project_id;
    request.upload_id = upload_id;
    request.until = until;
    request.interval_ms = given->interval_ms;
    request.settle_ms = given->settle_ms;
    request.on_progress = progressed;
    started = slipway_wait_for_build(client, &request, completed, self, &operation);
    return finish(self, client, started, operation);
}

static int distribute(slipway_client *client, const options *given, const char *upload_id, step *self) {
    slipway_distribute_request request = SLIPWAY_DISTRIBUTE_REQUEST_INIT;
    slipway_operation operation = 0;
    slipway_status started;
    request.project_id = given->project_id;
    request.upload_id = upload_id;
    request.on_progress = progressed;
    started = slipway_distribute(client, &request, completed, self, &operation);
    return finish(self, client, started, operation);
}

static int go_live(slipway_client *client, const options *given) {
    step uploading = {"upload", SLIPWAY_INTERNAL, "", ""};
    step approving = {"approval", SLIPWAY_INTERNAL, "", ""};
    step distributing = {"distribute", SLIPWAY_INTERNAL, "", ""};
    step starting = {"on the air", SLIPWAY_INTERNAL, "", ""};
    if (!upload(client, given, &uploading)) return 0;
    if (!wait_for_build(client, given, uploading.upload_id, SLIPWAY_UNTIL_APPROVED, &approving)) return 0;
    if (!distribute(client, given, uploading.upload_id, &distributing)) return 0;
    if (!wait_for_build(client, given, uploading.upload_id, SLIPWAY_UNTIL_LIVE, &starting)) return 0;
    printf("live: %s\n", uploading.upload_id);
    return 1;
}

int main(int count, char **arguments) {
    options given = {NULL, NULL, NULL, NULL, 0, 0};
    slipway_client_options client_options = SLIPWAY_CLIENT_OPTIONS_INIT;
    slipway_client *client = NULL;
    struct timespec now;
    char why[512];
    int live;

    if (!parse(count, arguments, &given)) return usage();
    timespec_get(&now, TIME_UTC);
    seconds_at_start = now.tv_sec;
    nanoseconds_at_start = now.tv_nsec;
    signal(SIGINT, interrupt);

    client_options.streampixel_base_url = given.base_url;
    client_options.ca_bundle = given.ca_bundle;
    client_options.user_agent = "go_live";
    if (slipway_client_create(&client_options, &client, why, sizeof why) != SLIPWAY_OK) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    live = go_live(client, &given);
    slipway_client_close(client, SLIPWAY_FOREVER);
    return live ? 0 : 1;
}
