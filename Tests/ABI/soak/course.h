/* course.h: what the soak does. Each operation's number decides what it is and how it has to end, so that the sums are known beforehand.
 *
 * Of twenty operations one is faulty: the emulator fails on its path each time (test_soak.py tells it to), or what it is given is wrong. */
#ifndef COURSE_H
#define COURSE_H

#include "../operations.h"

enum {
    PROJECTS = 64,     /* soak-0, soak-1, ..., each with an approved build. */
    FLAKY = 8,         /* flaky-0, ...: of three requests to the same of them, two fail. */
    ASSETS = 64,       /* Ids that assets and distributions of the soak's own making take in turn. */
    TURN = 2000,       /* After so many operations the same ones come again. */
    FAULTY_EACH = 20,
};

/* What an operation is given beyond valid_request. `round`: how often the course has been through before. */
typedef void (*change_fn)(any_request *request, uint64_t number, uint64_t round);

typedef struct variant {
    const char *name;
    int kind;
    slipway_status status;
    change_fn change;
    int weight;           /* So many in a turn; 0: all that are left. */
    uint32_t attempts;    /* That it has to have made; 0: any number. */
    bool faulty;
    bool cancelled;       /* It is cancelled at some moment, and ends as it would or with SLIPWAY_CANCELLED. */
} variant;

/* Texts live until the start has copied them. */
static char course_text[4][512];

static const char *numbered(int place, const char *format, uint64_t number) {
    int end = 0;
    const char *mark = strchr(format, '#');
    end = snprintf(course_text[place], sizeof course_text[place], "%.*s%" PRIu64 "%s", (int)(mark - format), format, number, mark + 1);
    REQUIRE(end > 0 && (size_t)end < sizeof course_text[place]);
    return course_text[place];
}

static const char *joined(int place, const char *one, const char *other) {
    const int end = snprintf(course_text[place], sizeof course_text[place], "%s%s", one, other);
    REQUIRE(end > 0 && (size_t)end < sizeof course_text[place]);
    return course_text[place];
}

/* --------------------------------------------------------------------------------------------------------------------- Good ones */

static void own_project(any_request *request, uint64_t number, uint64_t round) {
    request->upload.project_id = numbered(0, "soak-#", round % PROJECTS);
    (void)number;
}

static void own_build(any_request *request, uint64_t number, uint64_t round) {
    request->distribute.project_id = numbered(0, "soak-#", (round + PROJECTS / 3) % PROJECTS);
    request->distribute.upload_id = numbered(1, "built-#", (round + PROJECTS / 3) % PROJECTS);
    (void)number;
}

static void with_webhook(any_request *request, uint64_t number, uint64_t round) {
    request->test_webhook.project_id = "hooked";
    (void)number, (void)round;
}

static void flaky(any_request *request, uint64_t number, uint64_t round) {
    request->get_project_stats.project_id = numbered(0, "flaky-#", round % FLAKY);
    (void)number;
}

static void own_distribution(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_distribution_create.distribution_id = numbered(0, "made-#", number % ASSETS);
    (void)round;
}

static const char *const own_distributions[] = {"many-1", "many-2", "many-3"};

static void several(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_distribution_create_many.distribution_ids = own_distributions;
    (void)number, (void)round;
}

static void victim_distribution(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_distribution_delete.distribution_id = numbered(0, "victim-#", round + 1);
    (void)number;
}

static void victim_asset(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_asset_delete.asset_id = numbered(0, "victim-#", round + 1);
    (void)number;
}

static void own_asset(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_asset_upload.file_path = setting("SLIPWAY_TEST_SMALL_FILE");
    request->entermedia_asset_upload.asset_id = numbered(0, "sent-#", number % ASSETS);
    (void)round;
}

static void own_key(any_request *request, uint64_t number, uint64_t round) {
    request->store.key = numbered(0, "builds/#.zip", number % ASSETS);
    request->store.always_send = (int32_t)(round % 2);
}

static slipway_storage putting;

static void put_to(any_request *request, const char *name) {
    const slipway_storage made = SLIPWAY_STORAGE_INIT;
    putting = made;
    putting.put_url = joined(0, setting("SLIPWAY_TEST_FILES_URL"), name);
    putting.public_url = setting("SLIPWAY_TEST_FILE_URL");
    request->store.storage = &putting;
    request->store.key = NULL;
    request->store.file_path = setting("SLIPWAY_TEST_PACKAGE");
}

static void put_well(any_request *request, uint64_t number, uint64_t round) {
    put_to(request, "/put-well.zip");
    (void)number, (void)round;
}

static slipway_storage bucket;

static const slipway_storage *bucket_named(const char *name) {
    bucket = unreachable_bucket();
    bucket.endpoint = setting("SLIPWAY_TEST_BUCKETS");
    bucket.bucket = name;
    return &bucket;
}

static void good_bucket(any_request *request, uint64_t number, uint64_t round) {
    request->storage_delete.storage = bucket_named("good-bucket");
    (void)number, (void)round;
}

static void bucket_of_uploads(any_request *request, uint64_t number, uint64_t round) {
    request->storage_abort_unfinished.storage = bucket_named("good-bucket");
    (void)number, (void)round;
}

static void removed_release(any_request *request, uint64_t number, uint64_t round) {
    request->release.project_id = numbered(0, "soak-#", (round + 2 * PROJECTS / 3) % PROJECTS);
    request->release.hosted = SLIPWAY_REMOVE_WHEN_DONE;
    request->release.manual_release = (int32_t)(round % 2);
    (void)number;
}

static void unchanged(any_request *request, uint64_t number, uint64_t round) { (void)request, (void)number, (void)round; }

/* ------------------------------------------------------------------------------------------------------------------ Faulty ones */

#define STATISTICS_OF(function, id)                                                                                                    \
    static void function(any_request *request, uint64_t number, uint64_t round) {                                                      \
        request->get_project_stats.project_id = id;                                                                                    \
        (void)number, (void)round;                                                                                                     \
    }
STATISTICS_OF(closes, "fault-close")
STATISTICS_OF(fails, "fault-503")
STATISTICS_OF(breaks_json, "fault-broken-json")
STATISTICS_OF(gives_html, "fault-html")
STATISTICS_OF(truncates, "fault-truncate")
STATISTICS_OF(promises_more, "fault-length")
STATISTICS_OF(gives_nothing, "fault-empty")
STATISTICS_OF(redirects, "fault-redirect")
STATISTICS_OF(gives_too_much, "fault-oversized")
STATISTICS_OF(refuses, "fault-401")
STATISTICS_OF(forbids, "fault-403")
STATISTICS_OF(limits, "fault-429")
STATISTICS_OF(unknown_project, "fault-of-nobody")
#undef STATISTICS_OF

static void too_late(any_request *request, uint64_t number, uint64_t round) {
    request->get_project_stats.project_id = "fault-delay";
    request->head.deadline_ms = 20;
    (void)number, (void)round;
}

static void too_slow(any_request *request, uint64_t number, uint64_t round) {
    request->get_project_stats.project_id = "fault-drip";
    request->head.deadline_ms = 40;
    (void)number, (void)round;
}

static void broken_project(any_request *request, uint64_t number, uint64_t round) {
    request->get_project.project_id = "fault-broken-json";
    (void)number, (void)round;
}

static void waits_in_vain(any_request *request, uint64_t number, uint64_t round) {
    request->wait_for_build.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
    request->wait_for_build.interval_ms = 10;
    request->head.deadline_ms = 30;
    (void)number, (void)round;
}

static void rejected_build(any_request *request, uint64_t number, uint64_t round) {
    request->wait_for_build.upload_id = setting("SLIPWAY_TEST_REJECTED_BUILD");
    (void)number, (void)round;
}

static void pending_build(any_request *request, uint64_t number, uint64_t round) {
    request->distribute.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
    (void)number, (void)round;
}

static void link_to_nothing(any_request *request, uint64_t number, uint64_t round) {
    request->upload.file_url = joined(0, setting("SLIPWAY_TEST_FILES_URL"), "/gone.zip");
    (void)number, (void)round;
}

static void link_to_no_zip(any_request *request, uint64_t number, uint64_t round) {
    request->upload.file_url = joined(0, setting("SLIPWAY_TEST_FILES_URL"), "/nothing-much.zip");
    (void)number, (void)round;
}

static void no_event(any_request *request, uint64_t number, uint64_t round) {
    request->receive_webhook.body = "{\"event\":";
    request->receive_webhook.body_size = 9;
    (void)number, (void)round;
}

static void closing_asset(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_asset_get.asset_id = "fault-close";
    (void)number, (void)round;
}

static void html_asset(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_asset_get.asset_id = "fault-html";
    (void)number, (void)round;
}

static void missing_file(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_asset_upload.file_path = "/nowhere/at/all.zip";
    (void)number, (void)round;
}

static void asset_of_nobody(any_request *request, uint64_t number, uint64_t round) {
    request->entermedia_distribution_create.asset_id = NOBODY;
    (void)number, (void)round;
}

static void put_failing(any_request *request, uint64_t number, uint64_t round) {
    put_to(request, "/put-503.zip");
    (void)number, (void)round;
}

static void put_closing(any_request *request, uint64_t number, uint64_t round) {
    put_to(request, "/put-close.zip");
    (void)number, (void)round;
}

static void bucket_of_html(any_request *request, uint64_t number, uint64_t round) {
    request->storage_list_unfinished.storage = bucket_named("html-bucket");
    (void)number, (void)round;
}

static void bucket_of_broken_xml(any_request *request, uint64_t number, uint64_t round) {
    request->storage_list_unfinished.storage = bucket_named("broken-bucket");
    (void)number, (void)round;
}

static void bucket_of_nobody(any_request *request, uint64_t number, uint64_t round) {
    bucket = unreachable_bucket();
    request->storage_delete.storage = &bucket;
    (void)number, (void)round;
}

static void damaged_package(any_request *request, uint64_t number, uint64_t round) {
    request->check_package.file_path = setting("SLIPWAY_TEST_DAMAGED_PACKAGE");
    (void)number, (void)round;
}

static void missing_package(any_request *request, uint64_t number, uint64_t round) {
    request->release.file_path = "/nowhere/at/all.zip";
    (void)number, (void)round;
}

/* -------------------------------------------------------------------------------------------------------------------- The course */

#define GOOD(name, kind, change, weight) {name, KIND_##kind, SLIPWAY_OK, change, weight, 0, false, false}
#define BAD(name, kind, status, change) {name, KIND_##kind, SLIPWAY_##status, change, 1, 0, true, false}

static const variant variants[] = {
    GOOD("statistics", get_project_stats, unchanged, 0),
    {"statistics, cancelled sooner or later", KIND_get_project_stats, SLIPWAY_OK, unchanged, 40, 0, false, true},
    GOOD("a webhook", receive_webhook, unchanged, 600),
    GOOD("a project", get_project, unchanged, 60),
    GOOD("projects", list_projects, unchanged, 4),
    {"statistics, at the third attempt", KIND_get_project_stats, SLIPWAY_OK, flaky, 1, 3, false, false},
    GOOD("an approved build", wait_for_build, unchanged, 40),
    GOOD("an upload", upload, own_project, 1),
    GOOD("a distribution to the servers", distribute, own_build, 1),
    GOOD("a test of a webhook", test_webhook, with_webhook, 1),
    GOOD("a login", entermedia_login, unchanged, 4),
    GOOD("a distribution made", entermedia_distribution_create, own_distribution, 4),
    GOOD("a distribution edited", entermedia_distribution_edit, unchanged, 4),
    GOOD("a distribution read", entermedia_distribution_get, unchanged, 20),
    GOOD("a distribution deleted", entermedia_distribution_delete, victim_distribution, 1),
    GOOD("a search", entermedia_distribution_search, unchanged, 2),
    GOOD("several distributions", entermedia_distribution_create_many, several, 2),
    GOOD("an asset sent", entermedia_asset_upload, own_asset, 4),
    GOOD("an asset read", entermedia_asset_get, unchanged, 40),
    GOOD("an asset deleted", entermedia_asset_delete, victim_asset, 1),
    GOOD("a file stored in a folder", store, own_key, 4),
    GOOD("a file stored by PUT", store, put_well, 2),
    GOOD("an object deleted", storage_delete, unchanged, 10),
    GOOD("an object deleted from a bucket", storage_delete, good_bucket, 10),
    GOOD("unfinished copies", storage_list_unfinished, unchanged, 10),
    GOOD("unfinished uploads of a bucket", storage_list_unfinished, good_bucket, 10),
    GOOD("unfinished copies aborted", storage_abort_unfinished, unchanged, 10),
    GOOD("unfinished uploads of a bucket aborted", storage_abort_unfinished, bucket_of_uploads, 10),
    GOOD("a package", check_package, unchanged, 20),
    GOOD("a release", release, removed_release, 1),

    BAD("the connection is closed", get_project_stats, NETWORK, closes),
    BAD("503", get_project_stats, SERVER, fails),
    BAD("broken JSON", get_project_stats, PROTOCOL, breaks_json),
    BAD("a page in HTML", get_project_stats, PROTOCOL, gives_html),
    BAD("half of the answer", get_project_stats, NETWORK, truncates),
    BAD("a length that is too large", get_project_stats, NETWORK, promises_more),
    BAD("an empty answer", get_project_stats, PROTOCOL, gives_nothing),
    BAD("a redirect", get_project_stats, PROTOCOL, redirects),
    BAD("9 MB of answer", get_project_stats, PROTOCOL, gives_too_much),
    BAD("401", get_project_stats, UNAUTHORIZED, refuses),
    BAD("403", get_project_stats, FORBIDDEN, forbids),
    BAD("429", get_project_stats, RATE_LIMITED, limits),
    BAD("no such project", get_project_stats, NOT_FOUND, unknown_project),
    BAD("too late", get_project_stats, DEADLINE_EXCEEDED, too_late),
    BAD("too slow", get_project_stats, DEADLINE_EXCEEDED, too_slow),
    BAD("a project in broken JSON", get_project, PROTOCOL, broken_project),
    BAD("a build that stays pending", wait_for_build, DEADLINE_EXCEEDED, waits_in_vain),
    BAD("a rejected build", wait_for_build, REJECTED, rejected_build),
    BAD("a pending build to the servers", distribute, NOT_READY, pending_build),
    BAD("a link to nothing", upload, FILE, link_to_nothing),
    BAD("a link to no .zip", upload, FILE, link_to_no_zip),
    BAD("no event", receive_webhook, PROTOCOL, no_event),
    BAD("an asset, and the connection is closed", entermedia_asset_get, NETWORK, closing_asset),
    BAD("an asset in HTML", entermedia_asset_get, PROTOCOL, html_asset),
    BAD("a missing file as an asset", entermedia_asset_upload, FILE, missing_file),
    BAD("a distribution of no asset", entermedia_distribution_create, NOT_FOUND, asset_of_nobody),
    BAD("no distribution to delete", entermedia_distribution_delete, NOT_FOUND, unchanged),
    BAD("no asset to delete", entermedia_asset_delete, NOT_FOUND, unchanged),
    BAD("a PUT, and 503", store, SERVER, put_failing),
    BAD("a PUT, and the connection is closed", store, NETWORK, put_closing),
    BAD("a bucket that answers in HTML", storage_list_unfinished, PROTOCOL, bucket_of_html),
    BAD("a bucket that answers in broken XML", storage_list_unfinished, PROTOCOL, bucket_of_broken_xml),
    BAD("a bucket where nobody listens", storage_delete, NETWORK, bucket_of_nobody),
    BAD("a damaged package", check_package, FILE, damaged_package),
    BAD("a release of a missing file", release, FILE, missing_package),
};
enum { VARIANTS = COUNT_OF(variants), STATISTICS = 0 };

/* The variant of each place of a turn: the faulty ones one after another; of the good ones first each of them once, then, well mixed, the
 * rest of their weights. */
static int course[TURN];

static void make_course(void) {
    int place, other, index, copy, kept, faulty = 0, good = 0, bad[VARIANTS];
    static int mixed[TURN];
    uint32_t state = 1;
    for (index = 0; index < (int)VARIANTS; index++) {
        if (variants[index].faulty) bad[faulty++] = index;
        else mixed[good++] = index;
    }
    kept = good;
    for (index = 0; index < kept; index++)
        for (copy = 1; copy < variants[mixed[index]].weight; copy++) mixed[good++] = mixed[index];
    REQUIRE(good < TURN - TURN / FAULTY_EACH && faulty <= TURN / FAULTY_EACH);
    while (good < TURN - TURN / FAULTY_EACH) mixed[good++] = STATISTICS;
    for (place = good - 1; place > kept; place--) {
        state = state * 1664525 + 1013904223;
        other = kept + (int)((state >> 8) % (uint32_t)(place + 1 - kept));
        index = mixed[place], mixed[place] = mixed[other], mixed[other] = index;
    }
    for (place = 0, good = 0, copy = 0; place < TURN; place++)
        course[place] = place % FAULTY_EACH == FAULTY_EACH - 1 ? bad[copy++ % faulty] : mixed[good++];
}

#endif /* COURSE_H */
