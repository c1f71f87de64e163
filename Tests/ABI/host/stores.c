/* Stores a file on a machine that lacks a library which only storage needs (hidden by hide.c), and says what it was told: the status's
 * number, then the message with its hint. */
#include "host.h"

int main(int count, char **arguments) {
    slipway_client *client;
    REQUIRE(count == 2, "usage: stores LIBRARY");
    load(arguments[1]);
    client = create(); /* That one needs no more than it did. */
    printf("%d\n", (int)store(client));
    printf("%s\n", stored);
    REQUIRE(library.close(client, 30000) == SLIPWAY_OK, "slipway_client_close");
    return 0;
}
