/* The system's own limits, without scarcity.c: as few descriptors as nothing works with, then one more, and so on until everything does; the same
 * with threads. What is expected is what scarce.c expects.
 *
 *     limited
 *
 * Prints rows and complaints as scarce.c does; shortages.py reads them. */
#include "ending.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const scene chosen[] = {
    {"client", KIND_get_project_stats, WAY_ALONE, IN_FOLDER},
    {"polled client", KIND_get_project_stats, WAY_POLLED, IN_FOLDER},
    {"get_project_stats, https", KIND_get_project_stats, WAY_TLS, IN_FOLDER},
    {"entermedia_asset_upload", KIND_entermedia_asset_upload, WAY_PLAIN, IN_FOLDER},
    {"store", KIND_store, WAY_PLAIN, IN_FOLDER},
    {"store, in parts", KIND_store, WAY_PLAIN, IN_PARTS},
    {"check_package", KIND_check_package, WAY_PLAIN, IN_FOLDER},
    {"release", KIND_release, WAY_PLAIN, IN_FOLDER},
};

static slipway_client *create_quietly(const scene *scene, slipway_status *status, char *why, size_t size) {
    const slipway_client_options options = options_of(scene);
    slipway_client *client = NULL;
    *status = slipway_client_create(&options, &client, why, size);
    return client;
}

static void learn_usual(const scene *scene) {
    static ending end;
    slipway_status status;
    char why[512] = "";
    for (int round = 0; round < 2; round++) { /* Of an asset that is there already the server knows more. */
        slipway_client *client = create_quietly(scene, &status, why, sizeof why);
        REQUIRE(client != NULL);
        memset(&end, 0, sizeof end);
        if (scene->way != WAY_ALONE) run(scene, client, &end);
        usual = end.shape;
        close_bounded(client);
    }
    EVENTUALLY(entries("/proc/self/task") <= usual_threads);
    usual_descriptors = entries("/proc/self/fd");
}

static void limit(int resource, rlim_t number) {
    struct rlimit now_is;
    REQUIRE(getrlimit(resource, &now_is) == 0);
    now_is.rlim_cur = number;
    REQUIRE(setrlimit(resource, &now_is) == 0);
}

/* With so many more than there are in use. Whether all went well. */
static bool attempt(const scene *scene, int resource, rlim_t used, rlim_t more, tally *found) {
    static ending end;
    slipway_status created;
    char why[512] = "";
    struct rlimit before;
    go_to(more, false);
    memset(&end, 0, sizeof end);
    REQUIRE(getrlimit(resource, &before) == 0);
    limit(resource, used + more);
    slipway_client *client = create_quietly(scene, &created, why, sizeof why);
    const bool works = client != NULL && scene->way != WAY_ALONE;
    if (works) run(scene, client, &end);
    if (client != NULL) close_bounded(client);
    limit(resource, before.rlim_cur);
    found->tried++;
    bool is_well = client != NULL && (!works || is_usual(scene, &end));
    if (client == NULL) {
        judge(created, why, "");
        found->told[-created & 63]++;
    } else if (works) {
        note(scene, &end, !is_well, found);
    }
    found->hit += !is_well;
    client = create_quietly(scene, &created, why, sizeof why);
    if (client == NULL) {
        COMPLAIN("the next client was not created: %s: %s", slipway_status_name(created), why);
        return is_well;
    }
    if (scene->way != WAY_ALONE) run_undisturbed(scene, client, "a new client");
    close_bounded(client);
    back_to("/proc/self/fd", usual_descriptors);
    back_to("/proc/self/task", usual_threads);
    return is_well;
}

static void print_row(const char *scene, const tally *found) {
    printf("row\t%s\tlimit\t0\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", scene, found->tried, found->hit, found->survived);
    for (int status = 0; status < 64; status++)
        if (found->told[status] > 0) printf("%s=%" PRIu64 " ", slipway_status_name(-status), found->told[status]);
    printf("\n");
    print_complaints();
}

enum { MOST_MORE = 64, WELL_IN_A_ROW = 3 };

static void sweep(const scene *scene, int resource, rlim_t used) {
    tally found = {0};
    now.scene = scene->name;
    int well = 0;
    for (rlim_t more = 0; more < MOST_MORE && well < WELL_IN_A_ROW; more++) well = attempt(scene, resource, used, more, &found) ? well + 1 : 0;
    if (well < WELL_IN_A_ROW) COMPLAIN("with %d more it still does not work", MOST_MORE);
    print_row(scene->name, &found);
}

/* The number that the next descriptor would have: the limit is one of numbers. */
static rlim_t next_descriptor(void) {
    const int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(lowest >= 0);
    close(lowest);
    return (rlim_t)lowest;
}

/* Threads are counted by user, and not for root: in a child that is somebody of whom there is no other process. It has no access to the files. */
static void limit_threads(void) {
    const uid_t nobody = (uid_t)(0x40000000 + getpid());
    if (getuid() != 0 || setresuid(nobody, nobody, nobody) != 0) {
        printf("row\tnot root\tlimit\t0\t0\t0\t0\t\n");
        return;
    }
    short_of = SHORTAGE_THREADS;
    for (size_t i = 0; i < 2; i++) {
        learn_usual(&chosen[i]);
        sweep(&chosen[i], RLIMIT_NPROC, (rlim_t)usual_threads - 2); /* A folder has two entries that are no threads. */
    }
}

int main(void) {
    usual_threads = entries("/proc/self/task");
    open_complaints();
    fflush(NULL);
    const pid_t child = fork(); /* Before the library was used. */
    REQUIRE(child >= 0);
    if (child == 0) {
        limit_threads();
        fflush(NULL);
        _exit(0);
    }
    int ended = 0;
    REQUIRE(waitpid(child, &ended, 0) == child && ended == 0);
    short_of = SHORTAGE_DESCRIPTORS;
    open_record("limited");
    for (size_t i = 0; i < COUNT_OF(chosen); i++) {
        learn_usual(&chosen[i]);
        sweep(&chosen[i], RLIMIT_NOFILE, next_descriptor());
    }
    return finish();
}
