// Operations that run, and the answers that they will have. Part of slipway.hpp.
#ifndef SLIPWAY_OPERATION_HPP
#define SLIPWAY_OPERATION_HPP

#include "result.hpp"
#include "status.hpp"
#include "time.hpp"

#include <cstdint>
#include <future>
#include <utility>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// An operation that was started, or the reason why it was not. A plain value that may outlive its client.
class Operation {
public:
    Operation() = default;

    /// ok when it started. Anything else: nothing has started, and no callback will be called.
    Status status() const noexcept { return status_; }
    explicit operator bool() const noexcept { return status_ == Status::ok; }

    /// Never used twice in a process; 0 when it never started.
    std::uint64_t id() const noexcept { return id_; }

    /// Asks it to stop; see slipway_cancel.
    Status cancel() const noexcept { return started(slipway_cancel(client_, id_)); }

    /// Blocks until its callback has returned; see slipway_operation_wait.
    Status wait(Milliseconds timeout = forever) const noexcept {
        return started(slipway_operation_wait(client_, id_, detail::timeout(timeout)));
    }

private:
    friend class Client;

    Operation(slipway_client *client, std::uint64_t id, Status status) noexcept : client_(client), id_(id), status_(status) {}

    Status started(slipway_status answer) const noexcept { return status_ == Status::ok ? static_cast<Status>(answer) : status_; }

    slipway_client *client_ = nullptr; // Not the address of anything: a stale one is refused by the library.
    std::uint64_t id_ = 0;
    Status status_ = Status::invalid_argument;
};

namespace detail {

/// The result of what could not be started, or not be waited for.
template <class Answer> Result<Answer> refused(Status status) {
    Result<Answer> result;
    result.status = status;
    switch (status) {
    case Status::closed:
        result.message = "The client was released";
        result.hint = "Start operations before that.";
        break;
    case Status::forked:
        result.message = "This process was forked from one that was using Slipway";
        result.hint = "Fork before its first use, or exec.";
        break;
    case Status::would_deadlock:
        result.message = "This thread is inside a callback, where waiting could last for ever";
        result.hint = "Pass a callback to the operation instead.";
        break;
    default:
        result.message = "The operation did not start: a text is not UTF-8, contains a NUL or is longer than 64 KB, a list is empty, too "
                         "long or not as long as the one that it belongs to, or there is no client";
        result.hint = "Check the request's texts and lists.";
        break;
    }
    return result;
}

} // namespace detail

/// An operation whose answer has not been looked at. To let go of it neither waits for the operation nor cancels it.
template <class Answer> class [[nodiscard]] Pending {
public:
    const Operation &operation() const noexcept { return operation_; }

    /// Asks it to stop; it completes soon, as a rule with Status::cancelled.
    Status cancel() const noexcept { return operation_.cancel(); }

    /// Whether get() would not block.
    bool ready() const { return future_.valid() && future_.wait_for(Milliseconds(0)) == std::future_status::ready; }

    /// Blocks until it is ready: ok, or deadline_exceeded. A polled client's callbacks are delivered meanwhile. Inside
    /// a callback: would_deadlock.
    Status wait(Milliseconds timeout = forever) const {
        if (!future_.valid()) return Status::invalid_argument;
        if (ready()) return Status::ok;
        const Status status = operation_.wait(timeout);
        return ready() ? Status::ok : status;
    }

    /// Blocks like wait() and gives the result, once. Inside a callback it does not block: unless it is ready, the result is
    /// Status::would_deadlock, and the operation goes on.
    Result<Answer> get() {
        if (!future_.valid()) {
            Result<Answer> result;
            result.status = Status::invalid_argument;
            result.message = "The result was already taken";
            return result;
        }
        const Status status = wait();
        return status == Status::ok ? future_.get() : detail::refused<Answer>(status);
    }

    /// The same as a std::future, for code that wants one. A polled client's become ready only when somebody polls, so
    /// do not block on them there.
    std::future<Result<Answer>> future() && { return std::move(future_); }

private:
    friend class Client;

    Pending(Operation operation, std::future<Result<Answer>> future) noexcept : operation_(operation), future_(std::move(future)) {}

    Operation operation_;
    std::future<Result<Answer>> future_;
};

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_OPERATION_HPP
