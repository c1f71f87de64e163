// check.hpp: check.h for the programs in C++.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <slipway.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

std::atomic<int> failures{0};
std::FILE *record_file = nullptr;

#define CHECK(condition)                                                                                                               \
    do {                                                                                                                               \
        if (!(condition)) {                                                                                                            \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                             \
            ++failures;                                                                                                                \
        }                                                                                                                              \
    } while (0)

inline std::string setting(const char *name) {
    const char *value = std::getenv(name);
    if (value) return value;
    std::fprintf(stderr, "%s is not set: run this program through pytest\n", name);
    std::exit(1);
}

// Logs into the record, in which the tests look for secrets; NULL: the one that is open.
inline void start_recording(const char *program) {
    if (program) {
        const std::string path = setting("SLIPWAY_TEST_RECORD_DIR") + "/abi-" + program + "-" + std::to_string(getpid()) + ".log";
        record_file = std::fopen(path.c_str(), "a");
        CHECK(record_file);
    }
    const slipway::Status status = slipway::set_log(slipway::LogLevel::debug, [](slipway::LogLevel, std::string_view line) {
        if (record_file) std::fprintf(record_file, "log %.*s\n", static_cast<int>(line.size()), line.data());
    });
    CHECK(status == slipway::Status::ok);
}

inline int finish() {
    CHECK(slipway::set_log(slipway::LogLevel::off, nullptr) == slipway::Status::ok);
    if (record_file) std::fclose(record_file);
    return failures > 0;
}

inline slipway::ClientOptions client_options() {
    slipway::ClientOptions options;
    options.streampixel_base_url = setting("SLIPWAY_TEST_BASE_URL");
    options.streampixel_rate_window = slipway::Milliseconds(1);
    options.retry_delay = slipway::Milliseconds(1);
    options.user_agent = "Tests/ABI";
    return options;
}

inline slipway::Client open_client(const slipway::ClientOptions &options = client_options()) {
    slipway::Result<slipway::Client> created = slipway::Client::create(options);
    if (!created) std::fprintf(stderr, "%s: %s\n", slipway::name(created.status), created.message.c_str());
    CHECK(created);
    return std::move(created.answer);
}

// A wait for a build that stays pending: it ends when it is cancelled.
inline slipway::WaitRequest endless_wait() {
    slipway::WaitRequest request;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.upload_id = setting("SLIPWAY_TEST_PENDING_BUILD");
    request.interval = slipway::Milliseconds(10);
    request.max_interval = slipway::Milliseconds(50);
    return request;
}

} // namespace

#endif // CHECK_HPP
