/* Files that are sent: of sizes at which something begins or ends inside, and many small ones, one beside the other. None
 * may get stuck: a file is read by one thread and sent by another, and each has to hear of the other one in time. */
#include "../operations.h"

enum { PIECE = 512 << 10, MOST = 3 * PIECE + 1, AT_ONCE = 4 };

static char path[] = "/tmp/slipway-files-XXXXXX";

typedef struct sent {
    ended end;
    int64_t size;
} sent;

static void on_sent(const slipway_result *result, void *user_data) {
    sent *self = user_data;
    self->size = slipway_result_integer(result, "/size", -1);
    on_ended(result, &self->end);
}

static slipway_operation send_file(slipway_client *client, const char *file, const char *asset_id, sent *one) {
    slipway_entermedia_asset_upload_request request = SLIPWAY_ENTERMEDIA_ASSET_UPLOAD_REQUEST_INIT;
    slipway_operation operation = 0;
    request.file_path = file;
    request.asset_id = asset_id;
    request.deadline_ms = 20000;
    memset(one, 0, sizeof *one);
    CHECK_STATUS(slipway_entermedia_asset_upload(client, &request, on_sent, one, &operation), SLIPWAY_OK);
    return operation;
}

static void sizes(slipway_client *client, int file) {
    static const off_t all[] = {1, 2, 65535, 65536, 65537, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, MOST - 1, MOST};
    size_t index;
    for (index = 0; index < COUNT_OF(all); index++) {
        sent one;
        REQUIRE(ftruncate(file, all[index]) == 0);
        wait_for(client, send_file(client, path, "sized", &one));
        if (one.end.status != SLIPWAY_OK || one.size != all[index])
            FAIL("%lld bytes: %s, %" PRId64 " sent: %s", (long long)all[index], slipway_status_name(one.end.status), one.size,
                 one.end.message);
    }
}

static void many(slipway_client *client) {
    const int rounds = SANITIZED ? 20 : 80;
    int round, index;
    for (round = 0; round < rounds; round++) {
        sent each[AT_ONCE];
        slipway_operation operations[AT_ONCE];
        for (index = 0; index < AT_ONCE; index++)
            operations[index] = send_file(client, setting("SLIPWAY_TEST_PACKAGE"), NULL, &each[index]);
        for (index = 0; index < AT_ONCE; index++) {
            wait_for(client, operations[index]);
            if (each[index].end.status != SLIPWAY_OK)
                FAIL("%d in round %d: %s: %s", index, round, slipway_status_name(each[index].end.status), each[index].end.message);
        }
        if (atomic_load(&check_failures) > 0) return;
    }
}

int main(void) {
    slipway_client *client;
    int file;
    start_recording("files");
    file = mkstemp(path);
    REQUIRE(file >= 0);
    client = new_client(SLIPWAY_DELIVERY_THREAD);
    topic("sizes");
    sizes(client, file);
    topic("many");
    many(client);
    close_client(client);
    CHECK(unlink(path) == 0 && close(file) == 0);
    return finish();
}
