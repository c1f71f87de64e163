// All promises of slipway.hpp in one program, which is compiled in every way that the header supports.
#include "blocking.hpp"
#include "callbacks.hpp"
#include "entermedia.hpp"
#include "release.hpp"
#include "storage.hpp"

int main() {
    start_recording("cpp");
    blocking();
    callbacks();
    entermedia();
    releases();
    storage();
    return finish();
}
