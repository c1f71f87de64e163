// How an operation ended, and its answer. Part of slipway.hpp.
#ifndef SLIPWAY_RESULT_HPP
#define SLIPWAY_RESULT_HPP

#include "status.hpp"
#include "time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#if SLIPWAY_HPP_EXCEPTIONS
#include <stdexcept>
#endif

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// How an operation ended, without its answer.
struct Outcome {
    Status status = Status::internal;
    std::uint64_t operation = 0;  ///< The one that ended, or 0 when it never started.
    int http_status = 0;          ///< Of the answer that decided, or 0 when there was none.
    std::uint32_t attempts = 0;   ///< Requests that were made, repeated ones included.
    bool retriable = false;       ///< The same call may work later as it is.
    Milliseconds retry_after{0};  ///< When the service said how long to wait, or 0.
    std::string message;          ///< What happened, for a person; empty when it worked.
    std::string hint;             ///< What to do about it, for a person, or empty.
    std::string json = "null";    ///< The whole answer as the header documents it, the service's own document under "raw" included.

    bool ok() const noexcept { return status == Status::ok; }
    explicit operator bool() const noexcept { return ok(); }
};

#if SLIPWAY_HPP_EXCEPTIONS

/// An operation that failed, for those who prefer exceptions; what() is "RATE_LIMITED: message. hint".
class Error : public std::runtime_error {
public:
    explicit Error(Outcome outcome)
        : std::runtime_error(text(outcome)), outcome_(std::make_shared<const Outcome>(std::move(outcome))) {}

    Status status() const noexcept { return outcome_->status; }
    const Outcome &outcome() const noexcept { return *outcome_; }

private:
    static std::string text(const Outcome &outcome) {
        std::string text = name(outcome.status);
        if (!outcome.message.empty()) text += ": " + outcome.message;
        if (!outcome.hint.empty()) text += ". " + outcome.hint;
        return text;
    }

    std::shared_ptr<const Outcome> outcome_; // Shared, because copying an exception must not throw.
};

/// What Result::value() throws: the Error with its answer. A release that failed tells there what to resume from.
template <class Answer> class ErrorOf : public Error {
public:
    ErrorOf(Outcome outcome, Answer answer)
        : Error(std::move(outcome)), answer_(std::make_shared<const Answer>(std::move(answer))) {}

    const Answer &answer() const noexcept { return *answer_; }

private:
    std::shared_ptr<const Answer> answer_;
};

#endif

/// How an operation ended, and its answer. A plain value.
template <class Answer> struct Result : Outcome {
    /// What the service said, as far as it said something: an operation that failed can have one too (a rejected build, for instance).
    Answer answer{};

#if SLIPWAY_HPP_EXCEPTIONS
    /// The answer of an operation that worked. Throws ErrorOf<Answer>, an Error, if it did not.
    const Answer &value() const & {
        if (ok()) return answer;
        if constexpr (std::is_copy_constructible_v<Answer>)
            throw ErrorOf<Answer>(*this, answer);
        else
            throw Error(*this);
    }

    Answer value() && {
        if (!ok()) throw ErrorOf<Answer>(std::move(*this), std::move(answer));
        return std::move(answer);
    }
#endif
};

/// Gets an operation's end, exactly once.
template <class Answer> using OnComplete = std::function<void(Result<Answer>)>;

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_RESULT_HPP
