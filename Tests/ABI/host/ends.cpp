// Ends of a host in C++: exceptions that nobody catches and such that somebody does, and clients in objects that live until the very end.
//
//     ends LIBRARY WAY MOMENT      as ends.c
#include "busy.h"

#include <slipway.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

int answered, closed;

// A client with something in flight that ends soon, and something that does not. On its way out it says that it is closed.
slipway::Client working_client(slipway::Delivery delivery) {
    slipway::ClientOptions options;
    options.streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    options.streampixel_rate_window = slipway::Milliseconds(1);
    options.delivery = delivery;
    options.on_closed = [] { tell(&closed); };
    slipway::Client client(options);
    slipway::ProjectRequest stats;
    stats.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    for (int number = 0; number < 5; number++) static_cast<void>(client.project_stats(stats, [](const auto &) { tell(&answered); }));
    slipway::WaitRequest wait;
    wait.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    wait.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
    wait.interval = slipway::Milliseconds(10);
    static_cast<void>(client.wait_for_build(wait, [](const auto &) { tell(&answered); }));
    return client;
}

// Its destructor was registered before main: it runs after whatever the library has registered for the end of the process.
std::unique_ptr<slipway::Client> global, global_polled;

// Each thread's own, destroyed as the thread ends: main's before anything else of the end.
thread_local std::optional<slipway::Client> threads_own;

[[noreturn]] void tell_and_abort() {
    try {
        if (std::current_exception()) std::rethrow_exception(std::current_exception());
    } catch (const std::exception &error) {
        const std::string text = std::string("terminated: ") + error.what() + "\n";
        if (write(1, text.data(), text.size()) < 0) _exit(1);
    }
    std::abort();
}

// Registered for quick_exit, which runs no other handlers: the library works as ever.
void use_at_quick_exit() {
    REQUIRE(global->close(slipway::forever) == slipway::Status::ok && told(&closed) == 1, "the client was not closed");
    REQUIRE(told(&answered) == 6, "%d answers", told(&answered));
}

[[noreturn]] void fail() { throw std::runtime_error("the end"); }

int end(const std::string &way) {
    if (way == "uncaught exception") fail();
    if (way == "uncaught exception in a thread") std::thread(fail).join();
    if (way == "noexcept") [&]() noexcept { fail(); }();
    if (way == "quick_exit handler") {
        std::at_quick_exit(use_at_quick_exit);
        std::quick_exit(3);
    }
    if (way == "thread_local") {
        threads_own = working_client(slipway::Delivery::thread);
        std::thread([] { threads_own = working_client(slipway::Delivery::polled); }).join();
        REQUIRE(told(&closed) == 1, "the thread's client was not closed at its end");
    }
    if (way == "static in a function") {
        static slipway::Client last = working_client(slipway::Delivery::polled);
        std::exit(3);
    }
    return 3;
}

} // namespace

int main(int count, char **arguments) {
    REQUIRE(count == 4, "usage: ends LIBRARY WAY MOMENT");
    const std::string way = arguments[2];
    std::set_terminate(tell_and_abort);
    // Not on the stack: callbacks go on after main has returned.
    static const guest functions = guest_linked();
    if (way == "caught exception") {
        try {
            slipway::Client first = working_client(slipway::Delivery::thread), second = working_client(slipway::Delivery::polled);
            busy_start(&functions);
            sleep_ms(atoi(arguments[3]));
            busy_leave();
            fail();
        } catch (const std::runtime_error &error) {
            // The stack is unwound: the polled one has been closed, the other one soon is.
            EVENTUALLY(told(&closed) == 2 && told(&answered) == 12);
            return 3;
        }
    }
    if (way != "quick_exit handler" && way != "thread_local") busy_start(&functions);
    global = std::make_unique<slipway::Client>(working_client(slipway::Delivery::thread));
    if (way == "global polled") global_polled = std::make_unique<slipway::Client>(working_client(slipway::Delivery::polled));
    if (strcmp(arguments[3], "busy") != 0) sleep_ms(atoi(arguments[3]));
    else if (busy.library != NULL) busy_await();
    busy_leave();
    return end(way);
}
