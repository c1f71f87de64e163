/* dlclose at the worst moments: while an operation runs, and when it is called more often than dlopen. */
#include "host.h"

int main(int count, char **arguments) {
    slipway_client *client;
    slipway_operation operation;
    REQUIRE(count == 2, "usage: unloads LIBRARY");
    load(arguments[1]);
    client = create();
    operation = start_stats(client);
    dlclose(library_handle);
    REQUIRE(library.wait(client, operation, 30000) == SLIPWAY_OK, "slipway_operation_wait");
    REQUIRE(ended == SLIPWAY_OK, "the statistics ended with %d", (int)ended);
    load(arguments[1]); /* The same one: it was never away. */
    dlclose(library_handle);
    upload(client);
    REQUIRE(library.close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    return 0;
}
