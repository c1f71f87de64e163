/* Does everything while something is short, under scarcity.c: for every operation the first call that wants it fails, then the second, and so
 * on until an operation has not come upon a failure; then the same with all calls from the nth on. What is expected each time:
 *
 * - no crash and no hang; a starting call that refuses, or exactly one completion;
 * - the answer, whole, as if nothing had been; or a status for which the host can be told what is short, with words and a hint that say so;
 * - the same operation works at once when nothing is short any more: on the same client when it was one call, on a new one otherwise;
 * - descriptors and threads are back to where they were.
 *
 *     scarce SHORTAGE all|MOST [SCENE MODE FROM]
 *
 * "all" tries every call; a number is the most that are tried in a sweep, of calls that were reached on a way through the code that none before was.
 * Before each scene a line "scene NAME" is printed, and one of NAME=value pairs read: the emulator may be another by then. What was found is printed, a
 * line for each mode of each scene and one for each complaint; shortages.py reads it. After a crash it begins again behind it: from FROM on. */
#include "ending.h"

#include <sys/wait.h>

/* ------------------------------------------------------------------------------------------------------------------ One attempt */

/* Whether a call failed. */
static bool attempt(const scene *scene, uint64_t nth, bool lasting, tally *found) {
    static ending end;
    slipway_client *client = NULL;
    slipway_client_options options = options_of(scene);
    char why[512] = "";
    const uint64_t start = now_ms();
    uint64_t failed = 0;
    int descriptor = -1;

    go_to(nth, lasting);
    memset(&end, 0, sizeof end);
    deadline_ms = lasting ? 2000 : 6000;
    control->arm(short_of, nth, lasting);
    const slipway_status created = slipway_client_create(&options, &client, why, sizeof why);
    const bool exists = created == SLIPWAY_OK, works = exists && scene->way != WAY_ALONE;
    if (exists && scene->way == WAY_POLLED) CHECK_STATUS(slipway_client_poll_fd(client, &descriptor), SLIPWAY_OK);
    if (works) run(scene, client, &end);
    if (exists && lasting) close_bounded(client);
    found->calls = control->disarm(&failed);
    deadline_ms = 6000;
    if (works) note(scene, &end, failed > 0, found);
    if (exists && !works) found->survived += failed > 0;
    if (!exists) {
        if (client != NULL) COMPLAIN("no client was created, and the output was written");
        judge(created, why, "");
        found->told[-created & 63]++;
    }
    if (works && !lasting && nth > 0) run_undisturbed(scene, client, "the same client");
    if (exists && !lasting) close_bounded(client);
    if (!exists || lasting) {
        options = options_of(scene);
        client = create_client(&options);
        if (scene->way != WAY_ALONE) run_undisturbed(scene, client, "a new client");
        close_bounded(client);
    }
    if (now_ms() - start > SLOW_MS && end.status != SLIPWAY_DEADLINE_EXCEEDED) COMPLAIN("took more than %d ms", SLOW_MS);
    back_to("/proc/self/fd", usual_descriptors);
    back_to("/proc/self/task", usual_threads);
    found->tried++;
    found->hit += failed > 0;
    return failed > 0;
}

/* --------------------------------------------------------------------------------------------------------------------- First use */

/* What only the first use of the library does, in a child for each attempt: a process has one first time. It loads libraries and starts the log. */
static const scene first_scenes[] = {
    {"get_project_stats, first", KIND_get_project_stats, WAY_TLS, IN_FOLDER},
    {"store, first", KIND_store, WAY_TLS, IN_BUCKET},
};

static struct first_use {
    tally found;
    uint64_t calls, failed;
    bool is_done;
} *first_use; /* Where the child and its parent both see it. */

static void ignore_log(int32_t level, const char *message, void *user_data) { (void)level, (void)message, (void)user_data; }

static void use(bool is_disturbed) {
    static ending end;
    slipway_client_options options = options_of(&first_scenes[0]);
    slipway_client *client = NULL;
    char why[512] = "";
    const slipway_status logs = slipway_set_log(SLIPWAY_LOG_DEBUG, ignore_log, NULL);
    if (logs != SLIPWAY_OK && (!is_disturbed || logs != SLIPWAY_INTERNAL)) COMPLAIN("slipway_set_log answered %s", slipway_status_name(logs));
    const slipway_status created = slipway_client_create(&options, &client, why, sizeof why);
    /* OpenSSL starts once in a process, and what it did not find for lack of memory it never looks for again: it may not be told as anything else. */
    if (created != SLIPWAY_OK) {
        const bool is_lost = created == SLIPWAY_INTERNAL && strstr(why, "OpenSSL had no memory when it was started") != NULL;
        if (is_disturbed || is_lost) judge(created, why, "");
        else COMPLAIN("the next client was not created: %s: %s", slipway_status_name(created), why);
        first_use->found.told[-created & 63]++;
        return;
    }
    bool survived = logs == SLIPWAY_OK;
    for (size_t i = 0; i < COUNT_OF(first_scenes); i++) {
        memset(&end, 0, sizeof end);
        run(&first_scenes[i], client, &end);
        if (end.status == SLIPWAY_OK) continue;
        const bool is_lost = short_of == SHORTAGE_OPENSSL_MEMORY && end.status == SLIPWAY_TLS;
        if (is_disturbed && !has_lost_query()) judge(end.status, end.message, end.hint);
        if (!is_disturbed && !is_lost) COMPLAIN("the next %s ended with %s: %s. %s", first_scenes[i].name, slipway_status_name(end.status), end.message, end.hint);
        first_use->found.told[-end.status & 63]++;
        survived = false;
    }
    close_bounded(client);
    first_use->found.survived += survived && is_disturbed;
}

static void *look_up(void *unused) {
    (void)unused;
    return dlsym(RTLD_DEFAULT, "malloc");
}

/* glibc 2.36's dlopen that fails for lack of memory may keep the lock of the loader: every other thread then waits for it for ever. What hangs there is glibc,
 * and no use of anything can follow. */
static bool has_lost_loader(void) {
    pthread_t thread;
    struct timespec until;
    REQUIRE(pthread_create(&thread, NULL, look_up, NULL) == 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    return pthread_timedjoin_np(thread, NULL, &until) != 0;
}

static void first_use_child(void) {
    is_child = true;
    control->arm(short_of, now.nth, now.lasting);
    use(true);
    first_use->calls = control->disarm(&first_use->failed);
    if (first_use->failed == 0) first_use->found.survived = 0;
    const bool is_lost = short_of == SHORTAGE_SYSTEM_MEMORY && first_use->failed > 0 && has_lost_loader();
    if (now.nth > 0 && !is_lost) use(false);
    first_use->is_done = true;
    _exit(0);
}

static bool attempt_first_use(const scene *scene, uint64_t nth, bool lasting, tally *found) {
    (void)scene;
    go_to(nth, lasting);
    memset(first_use, 0, sizeof *first_use);
    fflush(NULL);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) first_use_child();
    int ended = 0;
    REQUIRE(waitpid(child, &ended, 0) == child); /* It ends: what it waits for has its bounds. */
    if (!first_use->is_done && WIFSIGNALED(ended)) COMPLAIN("the first use ended with signal %d", WTERMSIG(ended));
    found->tried++;
    found->hit += first_use->failed > 0;
    found->survived += first_use->found.survived;
    for (size_t i = 0; i < COUNT_OF(found->told); i++) found->told[i] += first_use->found.told[i];
    found->calls = first_use->calls;
    return first_use->failed > 0 || !first_use->is_done;
}

/* ------------------------------------------------------------------------------------------------------------------------ Sweeps */

enum { KNOWN_PATHS = 1 << 16 };
static uint64_t known_paths[2][KNOWN_PATHS]; /* Hash tables: once, from then on. */
static uint64_t most; /* To be tried in a sweep; 0: every call. */

/* Where it is kept that calls have come this way before: 0 there, if they have not. */
static uint64_t *place_of_path(bool lasting, uint64_t path) {
    uint64_t *const table = known_paths[lasting];
    size_t place = path % KNOWN_PATHS;
    while (table[place] != 0 && table[place] != path) place = (place + 1) % KNOWN_PATHS;
    return &table[place];
}

static void print_row(const char *scene, bool lasting, const tally *found) {
    printf("row\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", scene, lasting ? "from then on" : "once", found->calls, found->tried,
           found->hit, found->survived);
    for (int status = 0; status < 64; status++)
        if (found->told[status] > 0) printf("%s=%" PRIu64 " ", slipway_status_name(-status), found->told[status]);
    printf("\n");
    print_complaints();
}

/* Without failures: what the answer usually is. */
static void rehearse(const scene *scene) {
    static ending end;
    /* Of an asset that is there already the server knows more. */
    const int rounds = scene->place == KIND_entermedia_asset_upload ? 2 : 1;
    for (int round = 0; round < rounds; round++) {
        slipway_client_options options = options_of(scene);
        slipway_client *client = create_client(&options);
        memset(&end, 0, sizeof end);
        if (scene->way != WAY_ALONE) run(scene, client, &end);
        if (scene->way != WAY_ALONE && end.status != answer_of(scene))
            COMPLAIN("nothing was short, and it ended with %s: %s", slipway_status_name(end.status), end.message);
        usual = end.shape;
        close_bounded(client);
    }
    EVENTUALLY(entries("/proc/self/task") <= usual_threads); /* With them goes what they hold. */
    usual_descriptors = entries("/proc/self/fd");
}

typedef bool attempt_function(const scene *scene, uint64_t nth, bool lasting, tally *found);

/* The calls of a scene, and where they come from. */
static uint64_t calls, ways[SCARCITY_PATHS];

/* Nothing fails. */
static void count_calls(const scene *scene, attempt_function *attempt) {
    tally found = {0};
    attempt(scene, 0, false, &found);
    calls = found.calls;
    REQUIRE(control->paths() != NULL);
    memcpy(ways, control->paths(), (calls < SCARCITY_PATHS ? calls : SCARCITY_PATHS) * sizeof *ways);
}

static void sweep_some(const scene *scene, attempt_function *attempt, bool lasting, uint64_t from, tally *found) {
    static uint64_t fresh[SCARCITY_PATHS];
    uint64_t count = 0, number = 0;
    for (uint64_t nth = 1; nth <= calls && nth <= SCARCITY_PATHS; nth++)
        if (!*place_of_path(lasting, ways[nth - 1])) fresh[count++] = nth;
    /* From one end to the other. */
    for (uint64_t i = 0; i < count && number < most; i++) {
        uint64_t *const place = place_of_path(lasting, ways[fresh[i] - 1]);
        if (*place != 0 || (count > most && i * most / count < number)) continue;
        *place = ways[fresh[i] - 1];
        number++;
        if (fresh[i] >= from) attempt(scene, fresh[i], lasting, found);
    }
}

static void sweep(const scene *scene, attempt_function *attempt, bool lasting, uint64_t from) {
    tally found = {0};
    if (most > 0) {
        sweep_some(scene, attempt, lasting, from, &found);
    } else if (calls > 0) {
        /* Threads take turns, and a call may come a little later than the time before: so a few more. */
        for (uint64_t nth = from, missed = 0; missed < 3; nth++) missed = attempt(scene, nth, lasting, &found) ? 0 : missed + 1;
    }
    found.calls = calls;
    print_row(scene->name, lasting, &found);
}

/* jansson 2.14 does not look whether the text that it reads a value into could grow (lex_save in its load.c): it goes on without a character, and writes
 * behind its memory when that was a quotation mark. What crashes there is jansson: this one of its calls never fails. */
static void read_long_text(void) {
    char text[1024];
    void *const jansson = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL);
    void *(*load)(const char *, size_t, size_t, void *);
    void (*release)(void *);
    REQUIRE(jansson != NULL);
    *(void **)&load = dlsym(jansson, "json_loadb");
    *(void **)&release = dlsym(jansson, "json_delete");
    memset(text, 'a', sizeof text);
    text[0] = text[sizeof text - 1] = '"';
    void *const value = load(text, sizeof text, 4 /* JSON_DECODE_ANY */, NULL);
    REQUIRE(value != NULL);
    release(value);
}

/* libcurl 7.88 keeps a freed entry of its hash of sockets when it has looked up a name and has no memory to remember the address (once in some twenty runs:
 * a division by its number of slots, which is 0, in curl_multi_perform; or no end). What crashes there is libcurl. */
static bool is_left_out(const scene *scene) { return short_of == SHORTAGE_CURL_MEMORY && scene->way == WAY_NAMED; }

/* The emulator as it is now. */
static void read_settings(const char *scene) {
    char line[4096], *rest = line;
    printf("scene\t%s\n", scene);
    fflush(stdout);
    REQUIRE(fgets(line, sizeof line, stdin) != NULL);
    for (char *pair = strtok_r(line, " \n", &rest); pair != NULL; pair = strtok_r(NULL, " \n", &rest)) {
        char *const equals = strchr(pair, '=');
        REQUIRE(equals != NULL);
        *equals = '\0';
        setenv(pair, equals + 1, 1);
    }
}

int main(int count, char **arguments) {
    static const char *const names[] = {
#define NAME(shortage, words) #shortage,
        FOR_EACH_SHORTAGE(NAME)
#undef NAME
    };
    REQUIRE(count == 3 || count == 6);
    control = dlsym(RTLD_DEFAULT, "scarcity_control");
    REQUIRE(control != NULL);
    while ((int)short_of < SHORTAGES && strcmp(names[short_of], arguments[1]) != 0) short_of++;
    REQUIRE((int)short_of < SHORTAGES);
    most = strcmp(arguments[2], "all") == 0 ? 0 : strtoull(arguments[2], NULL, 10);
    const int first = count == 6 ? atoi(arguments[3]) : -1;
    usual_threads = entries("/proc/self/task");
    if (short_of == SHORTAGE_JANSSON_MEMORY) REQUIRE(control->spare_most_frequent(read_long_text));
    open_complaints();
    first_use = mmap(NULL, sizeof *first_use, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(first_use != MAP_FAILED);
    open_record("scarce");
    for (now.place = first; now.place < SCENES; now.place++) {
        static const scene beginning = {"first use", KIND_store, WAY_TLS, IN_BUCKET};
        const scene *const scene = now.place < 0 ? &beginning : &scenes[now.place];
        const bool resumes = count == 6 && now.place == first, resumes_lasting = resumes && strcmp(arguments[4], "once") != 0;
        if (is_left_out(scene)) continue;
        now.scene = scene->name;
        read_settings(scene->name);
        if (now.place >= 0) rehearse(scene);
        count_calls(scene, now.place < 0 ? attempt_first_use : attempt);
        for (int lasting = resumes_lasting; lasting < 2; lasting++)
            sweep(scene, now.place < 0 ? attempt_first_use : attempt, lasting,
                  resumes && lasting == resumes_lasting ? strtoull(arguments[5], NULL, 10) : 1);
    }
    return finish();
}
