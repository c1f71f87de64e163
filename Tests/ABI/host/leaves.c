/* Ends while everything runs: a host that returns from main does not have to close anything first. */
#include "host.h"

int main(int count, char **arguments) {
    int round;
    REQUIRE(count == 2, "usage: leaves LIBRARY");
    load(arguments[1]);
    for (round = 0; round < 3; round++) {
        slipway_client *client = create();
        int operation;
        for (operation = 0; operation < 10; operation++) start_stats(client);
    }
    return 0;
}
