// What the library calls back. Part of slipway.hpp.
#ifndef SLIPWAY_CALL_HPP
#define SLIPWAY_CALL_HPP

#include "progress.hpp"
#include "reader.hpp"
#include "result.hpp"

#include <functional>
#include <memory>
#include <utility>

#if SLIPWAY_HPP_EXCEPTIONS
#include <exception>
#endif

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {
namespace detail {

/// How many callbacks of this library are running on this thread.
inline thread_local int callback_depth = 0;

/// Stands on the stack of each callback.
class InCallback {
public:
    InCallback() noexcept { ++callback_depth; }
    ~InCallback() { --callback_depth; }
    InCallback(const InCallback &) = delete;
    InCallback &operator=(const InCallback &) = delete;
};

/// What a client's callbacks share. Lives until on_closed has returned and the last operation is gone.
struct Host {
    std::function<void()> on_closed;
#if SLIPWAY_HPP_EXCEPTIONS
    std::function<void(std::exception_ptr)> on_exception;
#endif

    /// Calls into the host's code; no exception gets out.
    template <class Body> void call(Body body) const noexcept {
        const InCallback inside;
#if SLIPWAY_HPP_EXCEPTIONS
        try {
            body();
        } catch (...) {
            try {
                if (on_exception) on_exception(std::current_exception());
            } catch (...) { // There is nobody left to tell.
            }
        }
#else
        body();
#endif
    }

    /// slipway_closed_fn. Its user_data is a pointer to a shared pointer that it owns.
    static void closed(void *user_data) noexcept {
        const std::unique_ptr<std::shared_ptr<Host>> host(static_cast<std::shared_ptr<Host> *>(user_data));
        (*host)->call([&] {
            if ((*host)->on_closed) (*host)->on_closed();
        });
    }
};

template <class Answer> Result<Answer> copied(const slipway_result *from) {
    Result<Answer> result;
    result.status = static_cast<Status>(from->status);
    result.operation = from->operation;
    result.http_status = from->http_status;
    result.attempts = from->attempts;
    result.retriable = from->retriable != 0;
    result.retry_after = Milliseconds(from->retry_after_ms);
    result.message = from->message;
    result.hint = from->hint;
    if (const char *json = slipway_result_json(from, "")) result.json = json;
    read(Reader(from), result.answer);
    return result;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_result) == 64, "Outcome: carry the new member");

/// As `copied`, and an answer even when there is no memory for it: the callback is called exactly once in any case.
template <class Answer> Result<Answer> received(const slipway_result *from) {
#if SLIPWAY_HPP_EXCEPTIONS
    try {
        return copied<Answer>(from);
    } catch (...) {
        Result<Answer> result;
        result.operation = from->operation;
        result.message = "out of memory"; // Short enough to need none.
        return result;
    }
#else
    return copied<Answer>(from);
#endif
}

/// One call: the user_data of an operation. Belongs to the library from the start to on_complete.
template <class Answer> struct Call {
    std::shared_ptr<Host> host;
    OnComplete<Answer> on_complete;
    OnProgress on_progress;

    Call() = default;
    virtual ~Call() = default;
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    /// slipway_complete_fn.
    static void completed(const slipway_result *result, void *user_data) noexcept {
        const std::unique_ptr<Call> call(static_cast<Call *>(user_data));
        call->host->call([&] {
            if (call->on_complete) call->on_complete(received<Answer>(result));
        });
    }

    /// slipway_progress_fn.
    static void progressed(const slipway_progress *from, void *user_data) noexcept {
        const Call *call = static_cast<const Call *>(user_data);
        call->host->call([&] { call->on_progress(copied(*from)); });
    }
};

/// The call for a request, still without what all calls have. A request with more callbacks than on_progress has an overload of this.
template <class Answer, class Request> std::unique_ptr<Call<Answer>> call_for(const OnComplete<Answer> &, Request &) {
    return std::make_unique<Call<Answer>>();
}

} // namespace detail
} // inline namespace
} // namespace slipway

#endif // SLIPWAY_CALL_HPP
