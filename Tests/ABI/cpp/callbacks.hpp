// slipway.hpp against the emulator: callbacks on threads and polled, exceptions in them, the ends of clients, the log. Part of program.cpp.
#ifndef CALLBACKS_HPP
#define CALLBACKS_HPP

#include "check.hpp"

#include <thread>

namespace {

slipway::ProjectRequest about_project() {
    slipway::ProjectRequest request;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    return request;
}

void on_a_thread() {
    std::atomic<int> completed{0}, closed{0};
    slipway::ClientOptions options = client_options();
    options.on_closed = [&] { ++closed; };
    slipway::Client client = open_client(options);
    const std::thread::id here = std::this_thread::get_id();
    slipway::Operation operation = client.project_stats(about_project(), [&](slipway::Result<slipway::ProjectStats> result) {
        CHECK(result.ok());
        CHECK(std::this_thread::get_id() != here);
        CHECK(client.close() == slipway::Status::would_deadlock);
        CHECK(slipway::set_log(slipway::LogLevel::off, nullptr) == slipway::Status::would_deadlock);
        // What would block for ever says so, and what it waited for goes on.
        slipway::Pending<slipway::ProjectStats> pending = client.project_stats(about_project());
        CHECK(pending.get().status == slipway::Status::would_deadlock);
        ++completed;
    });
    CHECK(operation);
    CHECK(operation.wait() == slipway::Status::ok);
    CHECK(completed == 1);

    // A client that is destroyed in its own callback, with another operation under way.
    auto doomed = std::make_unique<slipway::Client>(open_client(options));
    std::atomic<int> cancelled{0};
    CHECK(doomed->wait_for_build(endless_wait(), [&](const auto &result) { cancelled += result.status == slipway::Status::cancelled; }));
    slipway_client *handle = doomed->handle();
    CHECK(doomed->project_stats(about_project(), [&](const auto &) { doomed.reset(); }));
    while (closed == 0) std::this_thread::sleep_for(slipway::Milliseconds(1));
    CHECK(slipway_client_close(handle, SLIPWAY_FOREVER) == SLIPWAY_OK);
    CHECK(!doomed);
    CHECK(cancelled == 1);
    CHECK(client.close() == slipway::Status::ok);
    CHECK(closed == 2);
}

void polled() {
    std::atomic<int> closed{0};
    slipway::ClientOptions options = client_options();
    options.delivery = slipway::Delivery::polled;
    options.on_closed = [&] { ++closed; };
    const std::thread::id here = std::this_thread::get_id();
    {
        slipway::Client client = open_client(options);
        CHECK(client.poll_fd() >= 0);
        std::uint32_t delivered = 9;
        CHECK(client.poll(0, &delivered) == slipway::Status::ok && delivered == 0);
        CHECK(client.wait(slipway::Milliseconds(1)) == slipway::Status::deadline_exceeded);

        int completed = 0;
        for (int index = 0; index < 3; ++index)
            CHECK(client.project_stats(about_project(), [&](const slipway::Result<slipway::ProjectStats> &result) {
                CHECK(result.ok());
                CHECK(std::this_thread::get_id() == here);
                CHECK(client.poll() == slipway::Status::would_deadlock);
                ++completed;
            }));
        CHECK(client.run_until([&] { return completed == 2; }, std::chrono::seconds(20)) == slipway::Status::ok);
        CHECK(completed == 2);
        CHECK(client.run_until([&] { return completed == 3; }) == slipway::Status::ok);
        CHECK(client.run_until([] { return false; }, slipway::Milliseconds(20)) == slipway::Status::deadline_exceeded);

        CHECK(client.project_stats(about_project()).get().ok()); // get() delivers.

        int cancelled = 0;
        CHECK(client.wait_for_build(endless_wait(), [&](const auto &result) { cancelled += result.status == slipway::Status::cancelled; }));
        CHECK(client.release() == slipway::Status::ok);
        CHECK(client.run_until([&] { return closed == 1; }, std::chrono::seconds(20)) == slipway::Status::ok);
        CHECK(cancelled == 1);
        CHECK(client.poll() == slipway::Status::closed);
        CHECK(client.run_until([] { return false; }) == slipway::Status::closed);
    }
    CHECK(closed == 1);
    int cancelled = 0;
    {
        slipway::Client client = open_client(options);
        CHECK(client.wait_for_build(endless_wait(), [&](const auto &) {
            CHECK(std::this_thread::get_id() == here);
            ++cancelled;
        }));
    } // Nobody could deliver afterwards, so the destructor does.
    CHECK(cancelled == 1);
    CHECK(closed == 2);
}

#if SLIPWAY_HPP_EXCEPTIONS
void exceptions() {
    std::atomic<int> told{0};
    slipway::ClientOptions options = client_options();
    options.on_exception = [&](std::exception_ptr exception) {
        try {
            std::rethrow_exception(exception);
        } catch (const std::logic_error &error) {
            CHECK(std::string(error.what()) == "the host's");
            ++told;
        }
        throw 5; // This one has nobody to be told to.
    };
    options.on_closed = [] { throw std::logic_error("the host's"); };
    slipway::Client client = open_client(options);
    CHECK(client.project_stats(about_project(), [](const auto &) { throw std::logic_error("the host's"); }).wait() == slipway::Status::ok);
    CHECK(told == 1);
    slipway::WaitRequest wait = endless_wait();
    wait.on_progress = [](const auto &) { throw std::logic_error("the host's"); };
    slipway::Pending<slipway::WaitedBuild> waiting = client.wait_for_build(wait);
    while (told < 2) std::this_thread::sleep_for(slipway::Milliseconds(1));
    waiting.cancel();
    CHECK(waiting.get().status == slipway::Status::cancelled);
    const int before = told;
    CHECK(client.close() == slipway::Status::ok);
    CHECK(told == before + 1);

    slipway::Client other(client_options());
    CHECK(!other.project_stats(about_project()).get().value().project_id.empty());
    try {
        slipway::ProjectRequest nothing;
        other.project(nothing).get().value();
        CHECK(!"value() of a failure returned");
    } catch (const slipway::Error &error) {
        CHECK(error.status() == slipway::Status::invalid_argument);
        CHECK(std::string(error.what()).find("INVALID_ARGUMENT: ") == 0);
        CHECK(!error.outcome().message.empty());
    }
    try {
        options.streampixel_base_url = "no URL";
        slipway::Client refused(options);
        CHECK(!"a client was made of nonsense");
    } catch (const slipway::Error &error) {
        CHECK(error.status() == slipway::Status::invalid_argument);
    }
}
#endif

void log() {
    std::atomic<int> first{0}, second{0};
    slipway::Client client = open_client();
    const slipway::OnLog hear = [&](slipway::LogLevel level, std::string_view line) {
        CHECK(level != slipway::LogLevel::off && !line.empty());
        ++first;
#if SLIPWAY_HPP_EXCEPTIONS
        throw 5; // A log that fails is nobody's problem.
#endif
    };
    CHECK(slipway::set_log(slipway::LogLevel::debug, hear) == slipway::Status::ok);
    CHECK(client.project_stats(about_project()).get().ok());
    CHECK(slipway::set_log(slipway::LogLevel::info, [&](slipway::LogLevel, std::string_view) { ++second; }) == slipway::Status::ok);
    const int before = first;
    CHECK(before > 0);
    CHECK(client.project_stats(about_project()).get().ok());
    CHECK(slipway::set_log(slipway::LogLevel::off, nullptr) == slipway::Status::ok);
    CHECK(second > 0 && second < before);
    CHECK(first == before);
    CHECK(slipway::set_log(static_cast<slipway::LogLevel>(9), nullptr) == slipway::Status::invalid_argument);
    start_recording(nullptr);
}

void callbacks() {
    on_a_thread();
    polled();
#if SLIPWAY_HPP_EXCEPTIONS
    exceptions();
#endif
    log();
}

} // namespace

#endif // CALLBACKS_HPP
