/* Creates a client on a machine that lacks a library (hidden by hide.c), and says what it was told: the status's
 * number, then the message. */
#include "host.h"

int main(int count, char **arguments) {
    slipway_client *client = (slipway_client *)&library;
    char why[1024] = "";
    slipway_status status;
    REQUIRE(count == 2, "usage: without LIBRARY");
    load(arguments[1]);
    status = library.create(NULL, &client, why, sizeof why);
    REQUIRE(client == (slipway_client *)&library || status == SLIPWAY_OK, "the output was written");
    printf("%d\n%s\n", (int)status, why);
    return 0;
}
