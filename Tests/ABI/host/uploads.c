/* Does one upload and one release, over https when the settings say so, and a store that nobody takes. Silent when it works. */
#include "host.h"

int main(int count, char **arguments) {
    slipway_client *client;
    REQUIRE(count == 2, "usage: uploads LIBRARY");
    load(arguments[1]);
    client = create();
    upload(client);
    release(client);
    REQUIRE(store(client) == SLIPWAY_NETWORK, "%s", stored);
    REQUIRE(library.wait(client, start_stats(client), 30000) == SLIPWAY_OK, "slipway_operation_wait");
    REQUIRE(ended == SLIPWAY_OK, "the statistics ended with %d", (int)ended);
    REQUIRE(library.close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    return 0;
}
