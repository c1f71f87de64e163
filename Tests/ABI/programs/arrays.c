/* Arrays that are passed in: a call with a malformed one is refused at once and starts nothing; never is an element read that the host did
 * not promise; what is passed in may be gone as soon as the call has returned. */
#include "../arrays.h"

enum { MOST_ASSETS = 1000000, MOST_TERMS = 64, SOME = 5 };

typedef slipway_entermedia_distribution_create_many_request many_request;
typedef slipway_entermedia_distribution_search_request search_request;

/* What a search or many creates have come to. */
typedef struct counted {
    ended end;
    int64_t total, succeeded;
    int missing[SOME]; /* Of many, by index: how many failures say that there is no asset id. */
    char first[130]; /* The id of the first distribution that was found. */
} counted;

static void on_counted(const slipway_result *result, void *user_data) {
    counted *self = user_data;
    const char *first = slipway_result_string(result, "/distributions/0/id");
    size_t failure;
    self->total = slipway_result_integer(result, "/total", -1);
    self->succeeded = slipway_result_integer(result, "/succeeded", -1);
    snprintf(self->first, sizeof self->first, "%s", first != NULL ? first : "");
    for (failure = 0; failure < slipway_result_count(result, "/failures"); failure++) {
        char pointer[64], named[32];
        int64_t index;
        snprintf(pointer, sizeof pointer, "/failures/%zu/index", failure);
        index = slipway_result_integer(result, pointer, -1);
        REQUIRE(index >= 0 && index < SOME);
        snprintf(named, sizeof named, "asset_ids[%" PRId64 "]", index);
        snprintf(pointer, sizeof pointer, "/failures/%zu/status", failure);
        CHECK_TEXT(slipway_result_string(result, pointer), "INVALID_ARGUMENT");
        snprintf(pointer, sizeof pointer, "/failures/%zu/message", failure);
        self->missing[index] += strstr(slipway_result_string(result, pointer), named) != NULL;
    }
    on_ended(result, &self->end);
}

static counted outcome(int place, slipway_client *client, const any_request *request) {
    counted count = {0};
    slipway_operation operation = 0;
    CHECK_STATUS(kind_of(place)->start(client, request, on_counted, &count, &operation), SLIPWAY_OK);
    wait_for(client, operation);
    return count;
}

/* A request that works; how many there were. */
static int64_t works(int place, slipway_client *client, const any_request *request) {
    const counted count = outcome(place, client, request);
    if (count.end.status != SLIPWAY_OK)
        FAIL("slipway_%s: %s: %s", kind_of(place)->name, slipway_status_name(count.end.status), count.end.message);
    return count.total;
}

/* ------------------------------------------------------------------------------------------------------------------ create_many */

static void refused_many(const char *what, slipway_client *client, const many_request *request) {
    any_request any;
    memset(&any, 0, sizeof any);
    any.entermedia_distribution_create_many = *request;
    refused(what, KIND_entermedia_distribution_create_many, client, &any);
}

static many_request some_of_many(const char *const *asset_ids, size_t count) {
    many_request request = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT;
    request.asset_ids = asset_ids;
    request.asset_count = count;
    return request;
}

static void counts_of_many(slipway_client *client) {
    static const char *const assets[SOME] = {ASSET, ASSET, ASSET, ASSET, ASSET};
    const char *const *three = copied(assets, 3 * sizeof assets[0]);
    many_request request;
    size_t index;
    request = some_of_many(NULL, 0);
    refused_many("neither ids nor a count", client, &request);
    request = some_of_many(NULL, 3);
    refused_many("a count of no ids", client, &request);
    request = some_of_many(NULL, MOST_ASSETS);
    refused_many("a large count of no ids", client, &request);
    request = some_of_many(three, 0);
    refused_many("a count of 0", client, &request);
    request = some_of_many(three, MOST_ASSETS + 1); /* Nothing behind the third may be looked at. */
    refused_many("one id too many", client, &request);
    for (index = 0; index < COUNT_OF(impossible); index++) {
        request = some_of_many(three, impossible[index]);
        refused_many("an impossible count", client, &request);
        request = some_of_many(NULL, impossible[index]);
        refused_many("an impossible count of no ids", client, &request);
    }
}

static void elements_of_many(slipway_client *client) {
    static const char *const assets[SOME] = {ASSET, ASSET, ASSET, ASSET, ASSET};
    static const size_t places[] = {0, SOME / 2, SOME - 1};
    size_t place, index;
    for (place = 0; place < COUNT_OF(places); place++) {
        const char **asset_ids = copied(assets, sizeof assets);
        const char **distribution_ids = guarded(sizeof assets);
        many_request request = some_of_many(asset_ids, SOME);
        memset(distribution_ids, 0, sizeof assets);
        for (index = 0; index < COUNT_OF(broken); index++) {
            asset_ids[places[place]] = broken[index];
            refused_many("an asset id that is no text", client, &request);
        }
        asset_ids[places[place]] = ASSET;
        request.distribution_ids = distribution_ids;
        for (index = 0; index < COUNT_OF(broken); index++) {
            distribution_ids[places[place]] = broken[index];
            refused_many("a distribution id that is no text", client, &request);
        }
    }
}

/* An asset id of NULL is missing, as a single one would be: its item says so, by its place, and the others are not held up. */
static void missing_among_many(slipway_client *client) {
    static const char *const assets[SOME] = {ASSET, NULL, ASSET, ASSET, NULL};
    any_request any;
    counted count;
    memset(&any, 0, sizeof any);
    any.entermedia_distribution_create_many = some_of_many(copied(assets, sizeof assets), SOME);
    count = outcome(KIND_entermedia_distribution_create_many, client, &any);
    CHECK_STATUS(count.end.status, SLIPWAY_OK);
    CHECK_INT(count.succeeded, SOME - 2);
    CHECK_INT(count.missing[1], 1);
    CHECK_INT(count.missing[4], 1);
}

/* Asset ids as they should be; of the distribution ids each may be NULL. All of it is spoilt as soon as the call has returned. */
static void copies_of_many(slipway_client *client) {
    many_request *request = malloc(sizeof *request);
    char **asset_ids = guarded(SOME * sizeof *asset_ids), **distribution_ids = guarded(SOME * sizeof *distribution_ids);
    counted count = {0};
    slipway_operation operation = 0;
    size_t index;
    for (index = 0; index < SOME; index++) {
        asset_ids[index] = strdup(ASSET);
        distribution_ids[index] = index % 2 == 0 ? strdup("copied-1") : NULL;
        if (distribution_ids[index] != NULL) distribution_ids[index][7] = (char)('1' + index);
    }
    *request = some_of_many((const char *const *)asset_ids, SOME);
    request->distribution_ids = (const char *const *)distribution_ids;
    CHECK_STATUS(slipway_entermedia_distribution_create_many(client, request, on_counted, &count, &operation), SLIPWAY_OK);
    for (index = 0; index < SOME; index++) {
        memset(asset_ids[index], '#', strlen(asset_ids[index]));
        free(asset_ids[index]);
        if (distribution_ids[index] != NULL) memset(distribution_ids[index], '#', strlen(distribution_ids[index]));
        free(distribution_ids[index]);
    }
    memset(asset_ids, 0xFF, SOME * sizeof *asset_ids);
    memset(distribution_ids, 0xFF, SOME * sizeof *distribution_ids);
    memset(request, 0xFF, sizeof *request);
    free(request);
    wait_for(client, operation);
    CHECK_STATUS(count.end.status, SLIPWAY_OK);
    CHECK_INT(count.succeeded, SOME);
    for (index = 0; index < SOME; index += 2) {
        any_request get = valid_request(kind_of(KIND_entermedia_distribution_get));
        char id[] = "copied-1";
        id[7] = (char)('1' + index);
        get.entermedia_distribution_get.distribution_id = id;
        works(KIND_entermedia_distribution_get, client, &get);
    }
}

/* As many as there may be: the call copies them and returns; what then becomes of them is for the operation to say. */
static void most_of_many(slipway_client *client) {
    const size_t most = SANITIZED ? MOST_ASSETS / 20 : MOST_ASSETS;
    const char **asset_ids = guarded(most * sizeof *asset_ids);
    many_request request = some_of_many(asset_ids, most);
    counted count = {0};
    slipway_operation operation = 0;
    size_t index;
    for (index = 0; index < most; index++) asset_ids[index] = ASSET;
    CHECK_STATUS(slipway_entermedia_distribution_create_many(client, &request, on_counted, &count, &operation), SLIPWAY_OK);
    CHECK_STATUS(slipway_cancel(client, operation), SLIPWAY_OK);
    wait_for(client, operation);
    CHECK_STATUS(count.end.status, SLIPWAY_CANCELLED);
    CHECK_INT(count.total, most);
}

/* ----------------------------------------------------------------------------------------------------------------------- search */

static any_request search_for(const slipway_entermedia_term *terms, size_t count) {
    any_request any = valid_request(kind_of(KIND_entermedia_distribution_search));
    any.entermedia_distribution_search.terms = terms;
    any.entermedia_distribution_search.term_count = count;
    return any;
}

static void counts_of_terms(slipway_client *client) {
    static slipway_entermedia_term all[MOST_TERMS];
    const slipway_entermedia_term *two = copied(some_terms, sizeof some_terms);
    any_request request;
    size_t index;
    for (index = 0; index < MOST_TERMS; index++) all[index] = some_terms[0];
    request = search_for(NULL, 1);
    refused("a count of no terms", KIND_entermedia_distribution_search, client, &request);
    request = search_for(NULL, MOST_TERMS + 1);
    refused("too large a count of no terms", KIND_entermedia_distribution_search, client, &request);
    request = search_for(two, MOST_TERMS + 1); /* Nothing behind the second may be looked at. */
    refused("one term too many", KIND_entermedia_distribution_search, client, &request);
    for (index = 0; index < COUNT_OF(impossible); index++) {
        request = search_for(two, impossible[index]);
        refused("an impossible count", KIND_entermedia_distribution_search, client, &request);
    }
    request = search_for(NULL, 0);
    CHECK(works(KIND_entermedia_distribution_search, client, &request) > 0);
    request = search_for(guarded(0), 0); /* An empty array: its first element is not there. */
    CHECK(works(KIND_entermedia_distribution_search, client, &request) > 0);
    request = search_for(copied(all, sizeof all), MOST_TERMS);
    CHECK(works(KIND_entermedia_distribution_search, client, &request) > 0);
}

static void elements_of_terms(slipway_client *client) {
    size_t which, index;
    for (which = 0; which < COUNT_OF(some_terms); which++) {
        slipway_entermedia_term *terms = copied(some_terms, sizeof some_terms);
        const char **const members[] = {&terms[which].field, &terms[which].match, &terms[which].value};
        const any_request request = search_for(terms, COUNT_OF(some_terms));
        size_t member;
        for (member = 0; member < COUNT_OF(members); member++) {
            const char *before = *members[member];
            for (index = 0; index < COUNT_OF(broken); index++) {
                *members[member] = broken[index];
                refused("a term that is no text", KIND_entermedia_distribution_search, client, &request);
            }
            *members[member] = NULL;
            if (members[member] == &terms[which].match) {
                CHECK(works(KIND_entermedia_distribution_search, client, &request) > 0);
            } else {
                const counted count = outcome(KIND_entermedia_distribution_search, client, &request);
                CHECK_STATUS(count.end.status, SLIPWAY_INVALID_ARGUMENT);
                CHECK(strstr(count.end.message, member == 0 ? "field" : "value") != NULL);
                CHECK_INT(count.end.attempts, 0);
            }
            *members[member] = before;
        }
    }
}

static void copies_of_terms(slipway_client *client) {
    slipway_entermedia_term *terms = guarded(sizeof *terms);
    char *texts[] = {strdup("id"), strdup("matches"), strdup(DISTRIBUTION)};
    any_request request = search_for(terms, 1);
    counted count = {0};
    slipway_operation operation = 0;
    size_t index;
    terms->field = texts[0];
    terms->match = texts[1];
    terms->value = texts[2];
    CHECK_STATUS(start_entermedia_distribution_search(client, &request, on_counted, &count, &operation), SLIPWAY_OK);
    for (index = 0; index < COUNT_OF(texts); index++) memset(texts[index], '#', strlen(texts[index])), free(texts[index]);
    memset(terms, 0xFF, sizeof *terms);
    wait_for(client, operation);
    CHECK_STATUS(count.end.status, SLIPWAY_OK);
    CHECK_INT(count.total, 1);
    CHECK_TEXT(count.first, DISTRIBUTION);
}

/* Whatever a term says, it is a text of JSON, and no more than that. (To a quote the server answers with JSON that is none.) */
static void odd_terms(slipway_client *client) {
    static const char *const odd[] = {"", "\"", "\\", "\"}]}}", "\n\t\x01", "\xC3\xA4\xF0\x9F\x9A\x80", "a/b?c=d&e#f", "$data.id", longest};
    size_t index;
    for (index = 0; index < COUNT_OF(odd); index++) {
        const slipway_entermedia_term term = {"id", NULL, odd[index]};
        const any_request request = search_for(&term, 1);
        const counted count = outcome(KIND_entermedia_distribution_search, client, &request);
        if (count.end.status == SLIPWAY_OK) CHECK_INT(count.total, 0);
        else CHECK_STATUS_IN(count.end.status, SLIPWAY_PROTOCOL, SLIPWAY_INVALID_ARGUMENT);
    }
}

int main(void) {
    slipway_client *client;
    make_texts();
    start_recording("arrays");
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("many: counts, elements, copies");
    counts_of_many(client);
    elements_of_many(client);
    missing_among_many(client);
    copies_of_many(client);
    topic("many: a million");
    most_of_many(client);
    topic("terms: counts, elements, copies, odd ones");
    counts_of_terms(client);
    elements_of_terms(client);
    copies_of_terms(client);
    odd_terms(client);
    close_client(client);
    return finish();
}
