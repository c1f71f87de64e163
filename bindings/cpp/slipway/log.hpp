// The one log hook of the process. Part of slipway.hpp.
#ifndef SLIPWAY_LOG_HPP
#define SLIPWAY_LOG_HPP

#include "call.hpp"
#include "status.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

enum class LogLevel : std::int32_t {
    off = SLIPWAY_LOG_OFF,
    error = SLIPWAY_LOG_ERROR,
    warning = SLIPWAY_LOG_WARNING,
    info = SLIPWAY_LOG_INFO,
    debug = SLIPWAY_LOG_DEBUG
};

/// Gets one line of log, on a thread that serves the log only. The text is valid during the call. An exception that leaves it is dropped.
using OnLog = std::function<void(LogLevel, std::string_view)>;

namespace detail {

inline void log_line(std::int32_t level, const char *message, void *user_data) noexcept {
    const InCallback inside;
#if SLIPWAY_HPP_EXCEPTIONS
    try {
        (*static_cast<OnLog *>(user_data))(static_cast<LogLevel>(level), message);
    } catch (...) { // A log that fails has nowhere to say so.
    }
#else
    (*static_cast<OnLog *>(user_data))(static_cast<LogLevel>(level), message);
#endif
}

} // namespace detail

/// Sets the one log hook of the process, or takes it away (nullptr). Blocks until the previous one has returned from its last call; inside
/// any callback: would_deadlock. Use either this or slipway_set_log in one program.
inline Status set_log(LogLevel level, OnLog on_log) {
    static std::mutex mutex;
    static OnLog *current = nullptr; // Not destroyed when the process ends: the log's thread may still be calling it then.

    // Before the mutex: whoever holds it may be waiting for the callback that this thread is in.
    if (detail::callback_depth > 0) return Status::would_deadlock;
    std::unique_ptr<OnLog> next(on_log ? new OnLog(std::move(on_log)) : nullptr);
    const std::lock_guard<std::mutex> lock(mutex);
    const slipway_status status =
        slipway_set_log(static_cast<std::int32_t>(level), next ? detail::log_line : nullptr, next.get());
    if (status != SLIPWAY_OK) return static_cast<Status>(status);
    delete current;
    current = next.release();
    return Status::ok;
}

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_LOG_HPP
