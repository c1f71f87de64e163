/* Walks into a trap, to show that they work: by name, as a library does that leaves a name to the dynamic linker, or with a real library
 * that is loaded as everybody loads one. */
#include "host.h"
#include "traps.h"

int main(int count, char **arguments) {
    void *found, (*function)(void);
    REQUIRE(count == 3, "usage: springs {call|read|load} NAME");
    if (strcmp(arguments[1], "load") == 0) { /* What it calls of itself, here or in its constructors, is captured. */
        found = dlopen(arguments[2], RTLD_NOW | RTLD_LOCAL);
        REQUIRE(found != NULL, "%s", dlerror());
        found = dlsym(found, "curl_version");
    } else {
        found = dlsym(RTLD_DEFAULT, arguments[2]);
    }
    REQUIRE(found != NULL, "%s", dlerror());
    if (strcmp(arguments[1], "read") == 0) return *(volatile char *)found;
    *(void **)&function = found;
    function();
    return 0;
}
