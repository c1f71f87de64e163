// slipway.hpp: slipway.h for C++17 and later, header-only.
//
//     #include <slipway.hpp>
//
//     slipway::ClientOptions options;                        // keys: STREAMPIXEL_API_KEY, STREAMPIXEL_USER_ID
//     slipway::Client client(options);
//
//     slipway::UploadRequest request;
//     request.project_id = "665a1c2e9b1d4f0012ab34cd";
//     request.file_url = "https://downloads.example.com/MyGame-1.0.zip";
//     slipway::Upload upload = client.upload(request).get().value();
//
// What the calls do stands in slipway.h; this file says only what C++ adds.
//
// OWNERSHIP. A Client owns its handle and moves, but does not copy. Everything else is a plain value: results are copied out of the
// library inside its callback, so they live as long as you keep them.
//
// TWO WAYS to get an answer, the same for each operation:
//     client.upload(request).get()             a Pending: wait for it, cancel it, or turn it into a std::future
//     client.upload(request, callback)         a callback: called exactly once if the returned Operation says that
//                                              it started, never otherwise
// Callbacks come on the threads that slipway.h names, with its rules: never in parallel for one client, do not block in them.
//
// ERRORS. No operation throws because of what a service, the network or the library answered: a Result has a status, a
// message and a hint. Result::value() is for those who prefer exceptions: it gives the answer, or throws
// slipway::Error. The only other function that throws an Error is the constructor of Client; Client::create is its twin
// that does not. A call that could not even start answers in the same way: a Pending is then ready, with the status. No
// future is ever left without an answer, except that a polled client's come when it is polled.
//
// EXCEPTIONS that leave a callback of yours end there: they are given to ClientOptions::on_exception, if there is one, and never reach C.
//
// WITHOUT EXCEPTIONS or RTTI (-fno-exceptions -fno-rtti) everything is there but value(), Error, on_exception and the throwing constructor.
//
// Copyright 2026 the Slipway authors. SPDX-License-Identifier: Apache-2.0
#ifndef SLIPWAY_HPP
#define SLIPWAY_HPP

#include <slipway.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#if defined(__cpp_exceptions) || (defined(_MSC_VER) && defined(_CPPUNWIND))
#define SLIPWAY_HPP_EXCEPTIONS 1
#include <exception>
#include <stdexcept>
#else
#define SLIPWAY_HPP_EXCEPTIONS 0
#endif

namespace slipway {

// A program may have files compiled with exceptions and files compiled without them. The names differ for the linker, so that the two
// never mix unnoticed; in the source they are slipway::Client either way.
#if SLIPWAY_HPP_EXCEPTIONS
inline namespace with_exceptions {
#else
inline namespace without_exceptions {
#endif

// ---------------------------------------------------------------------------------------------------------------------------- Version

/// The version of this file. It belongs to the slipway.h of the same version; version() is that of the library which was loaded.
#define SLIPWAY_HPP_VERSION "0.1.0"
static_assert(std::string_view(SLIPWAY_HPP_VERSION) == SLIPWAY_VERSION_STRING, "slipway.hpp and slipway.h are of different versions");

/// The version of the library, such as "0.1.0".
inline std::string_view version() noexcept { return slipway_version_string(); }

// ------------------------------------------------------------------------------------------------------------------------------- Time

using Milliseconds = std::chrono::milliseconds;

/// A timeout or deadline that never ends. So is any that is longer than 49 days, which is what the library can count to.
inline constexpr Milliseconds forever = (Milliseconds::max)();

namespace detail {

/// A timeout: negative is over already.
inline std::uint32_t timeout(Milliseconds time) noexcept {
    if (time.count() <= 0) return 0;
    return time.count() >= static_cast<Milliseconds::rep>(SLIPWAY_FOREVER) ? SLIPWAY_FOREVER : static_cast<std::uint32_t>(time.count());
}

/// A setting, in which 0 stands for the default: a negative one must not turn into it, so it becomes the shortest.
inline std::uint32_t setting(Milliseconds time) noexcept { return time.count() < 0 ? 1 : timeout(time); }

} // namespace detail

// ----------------------------------------------------------------------------------------------------------------------------- Status

/// What became of a call or an operation: the SLIPWAY_... constants of the header, where each is explained. Later versions may add more.
enum class Status : slipway_status {
    ok = SLIPWAY_OK,
    invalid_argument = SLIPWAY_INVALID_ARGUMENT,
    unsupported_option = SLIPWAY_UNSUPPORTED_OPTION,
    would_deadlock = SLIPWAY_WOULD_DEADLOCK,
    closed = SLIPWAY_CLOSED,
    cancelled = SLIPWAY_CANCELLED,
    deadline_exceeded = SLIPWAY_DEADLINE_EXCEEDED,
    unauthorized = SLIPWAY_UNAUTHORIZED,
    forbidden = SLIPWAY_FORBIDDEN,
    not_found = SLIPWAY_NOT_FOUND,
    not_ready = SLIPWAY_NOT_READY,
    rate_limited = SLIPWAY_RATE_LIMITED,
    rejected = SLIPWAY_REJECTED,
    server = SLIPWAY_SERVER,
    network = SLIPWAY_NETWORK,
    tls = SLIPWAY_TLS,
    protocol = SLIPWAY_PROTOCOL,
    insecure = SLIPWAY_INSECURE,
    file = SLIPWAY_FILE,
    missing_library = SLIPWAY_MISSING_LIBRARY,
    internal = SLIPWAY_INTERNAL
};

/// The constant's name in C without its prefix, such as "RATE_LIMITED". Static.
inline const char *name(Status status) noexcept { return slipway_status_name(static_cast<slipway_status>(status)); }

// ----------------------------------------------------------------------------------------------------------------------------- Result

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

/// What Result::value() throws; what() is "RATE_LIMITED: message hint".
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
        if (!outcome.hint.empty()) text += " " + outcome.hint;
        return text;
    }

    std::shared_ptr<const Outcome> outcome_; // Shared, because copying an exception must not throw.
};

#endif

/// How an operation ended, and its answer. A plain value.
template <class Answer> struct Result : Outcome {
    /// What the service said, as far as it said something: an operation that failed can have one too (a rejected build, for instance).
    Answer answer{};

#if SLIPWAY_HPP_EXCEPTIONS
    /// The answer of an operation that worked. Throws Error if it did not.
    const Answer &value() const & {
        if (!ok()) throw Error(*this);
        return answer;
    }

    Answer value() && {
        if (!ok()) throw Error(std::move(*this));
        return std::move(answer);
    }
#endif
};

namespace detail {

/// Reads members of the answer, or of a part of it, while the callback that got it runs.
class Reader {
public:
    explicit Reader(const slipway_result *result, std::string base = {}) : result_(result), base_(std::move(base)) {}

    /// Empty where the service does not tell.
    std::string text(const char *member) const { return text_at(pointer(member)); }

    std::optional<bool> boolean(const char *member) const {
        const std::int32_t value = slipway_result_boolean(result_, pointer(member).c_str(), -1);
        return value < 0 ? std::nullopt : std::optional<bool>(value != 0);
    }

    std::optional<std::int64_t> integer(const char *member) const {
        const std::string at = pointer(member);
        if (slipway_result_type(result_, at.c_str()) != SLIPWAY_JSON_INTEGER) return std::nullopt;
        return slipway_result_integer(result_, at.c_str(), 0);
    }

    std::vector<std::string> texts(const char *member) const {
        std::vector<std::string> all;
        each(member, [&](const std::string &at) { all.push_back(text_at(at)); });
        return all;
    }

    template <class Element> std::vector<Element> elements(const char *member) const {
        std::vector<Element> all;
        each(member, [&](std::string at) {
            Element element;
            read(Reader(result_, std::move(at)), element);
            all.push_back(std::move(element));
        });
        return all;
    }

private:
    std::string pointer(const char *member) const { return base_ + "/" + member; }

    std::string text_at(const std::string &at) const {
        const char *text = slipway_result_string(result_, at.c_str());
        return text ? text : std::string();
    }

    template <class Visit> void each(const char *member, Visit visit) const {
        const std::string array = pointer(member);
        if (slipway_result_type(result_, array.c_str()) != SLIPWAY_JSON_ARRAY) return;
        const std::size_t count = slipway_result_count(result_, array.c_str());
        for (std::size_t index = 0; index < count; ++index) visit(array + "/" + std::to_string(index));
    }

    const slipway_result *result_;
    std::string base_;
};

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------ Build state

/// How far the service is with a build.
enum class BuildState {
    none,    ///< The answer has no state.
    unknown, ///< A word that this version does not know: see service_state.
    pending,
    downloading,
    extracting,
    saving,
    distributing,
    approved,
    rejected
};

/// Slipway's word for it, such as "extracting"; "" for none. Static.
inline const char *name(BuildState state) noexcept {
    switch (state) {
    case BuildState::none: return "";
    case BuildState::unknown: return "unknown";
    case BuildState::pending: return "pending";
    case BuildState::downloading: return "downloading";
    case BuildState::extracting: return "extracting";
    case BuildState::saving: return "saving";
    case BuildState::distributing: return "distributing";
    case BuildState::approved: return "approved";
    case BuildState::rejected: return "rejected";
    }
    return "unknown";
}

namespace detail {

inline BuildState build_state(std::string_view text) noexcept {
    if (text.empty()) return BuildState::none;
    for (BuildState state : {BuildState::pending, BuildState::downloading, BuildState::extracting, BuildState::saving,
                             BuildState::distributing, BuildState::approved, BuildState::rejected})
        if (text == name(state)) return state;
    return BuildState::unknown;
}

} // namespace detail

// --------------------------------------------------------------------------------------------------------------------------- Progress

/// What an operation is busy with.
enum class Stage : std::int32_t {
    checking = SLIPWAY_STAGE_CHECKING,
    waiting_turn = SLIPWAY_STAGE_WAITING_TURN,
    requesting = SLIPWAY_STAGE_REQUESTING,
    retrying = SLIPWAY_STAGE_RETRYING,
    waiting_build = SLIPWAY_STAGE_WAITING_BUILD
};

/// How far an operation is; see slipway_progress.
struct Progress {
    Stage stage = Stage::requesting;
    std::uint64_t operation = 0;
    Milliseconds elapsed{0};   ///< Since the operation started.
    Milliseconds wait{0};      ///< How long from now nothing will happen, as far as is known.
    BuildState state = BuildState::none;
    std::string service_state; ///< The service's own word for it, or empty.
    std::string message;       ///< One sentence for a person.
    std::uint32_t attempt = 0; ///< 1 for the first attempt at the current request.
};

/// Gets an operation's progress, at most ten times a second, the last news always.
using OnProgress = std::function<void(const Progress &)>;

/// Gets an operation's end, exactly once.
template <class Answer> using OnComplete = std::function<void(Result<Answer>)>;

// ----------------------------------------------------------------------------------------------------------------------------- Upload

/// What Client::upload registers.
struct UploadRequest {
    std::string project_id;         ///< Required.
    std::string file_url;           ///< Required. A direct link to a .zip: no login, no redirect, no page.
    bool manual_release = false;    ///< An approved build waits for Client::distribute, instead of going on the air by itself.
    bool skip_url_check = false;    ///< Do not read the link before registering it.
    std::uint64_t expected_size = 0; ///< In bytes: the link must answer the same. 0: not compared.
    Milliseconds deadline{0};       ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// A build that was registered. It is queued, not live: Client::wait_for_build.
struct Upload {
    std::string upload_id;
    std::string project_id;
    std::string file_url;   ///< Without its query.
    std::string message;    ///< The service's.
    bool recovered = false; ///< The service's answer was lost, and the build was found among the project's.
};

namespace detail {

inline void read(const Reader &reader, Upload &upload) {
    upload.upload_id = reader.text("uploadId");
    upload.project_id = reader.text("projectId");
    upload.file_url = reader.text("fileUrl");
    upload.message = reader.text("message");
    upload.recovered = reader.boolean("recovered").value_or(false);
}

} // namespace detail

// ----------------------------------------------------------------------------------------------------------------------- Distribution

/// What Client::distribute puts on the streaming servers.
struct DistributeRequest {
    std::string project_id;   ///< Required.
    std::string upload_id;    ///< Required. Of an approved build: the new one, or an older one to roll back to.
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// A distribution that was triggered; it is not finished yet.
struct Distribution {
    std::string upload_id;
    std::string project_id;
    std::string region;  ///< Empty where the service does not tell.
    std::string message; ///< The service's.
};

namespace detail {

inline void read(const Reader &reader, Distribution &distribution) {
    distribution.upload_id = reader.text("uploadId");
    distribution.project_id = reader.text("projectId");
    distribution.region = reader.text("region");
    distribution.message = reader.text("message");
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------------ Build

/// A build in a project's history.
struct Build {
    std::string upload_id;
    std::string file_url;
    BuildState state = BuildState::none;
    std::string service_state; ///< The service's own word for it.
    std::string date;
    std::string objection; ///< Why it was rejected, or empty.
};

namespace detail {

inline void read(const Reader &reader, Build &build) {
    build.upload_id = reader.text("uploadId");
    build.file_url = reader.text("fileUrl");
    build.state = build_state(reader.text("state"));
    build.service_state = reader.text("serviceState");
    build.date = reader.text("date");
    build.objection = reader.text("objection");
}

} // namespace detail

// --------------------------------------------------------------------------------------------------------------------------- Projects

/// What Client::projects takes.
struct ProjectsRequest {
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// A project in the list of projects. Texts are empty where the service does not tell.
struct ProjectSummary {
    std::string id;
    std::string name;
    std::optional<bool> active;
    std::string status; ///< The service's own word.
    std::string region;
    std::string subscription_status;
    std::string created_at;
    std::string updated_at;
};

/// All projects of the user.
struct Projects {
    std::vector<ProjectSummary> projects;
    std::optional<std::int64_t> total; ///< As the service counts them.
};

namespace detail {

inline void read(const Reader &reader, ProjectSummary &project) {
    project.id = reader.text("id");
    project.name = reader.text("name");
    project.active = reader.boolean("active");
    project.status = reader.text("status");
    project.region = reader.text("region");
    project.subscription_status = reader.text("subscriptionStatus");
    project.created_at = reader.text("createdAt");
    project.updated_at = reader.text("updatedAt");
}

inline void read(const Reader &reader, Projects &projects) {
    projects.projects = reader.elements<ProjectSummary>("projects");
    projects.total = reader.integer("total");
}

} // namespace detail

// ---------------------------------------------------------------------------------------------------------------------------- Project

/// What Client::project, Client::project_stats and Client::test_webhook take.
struct ProjectRequest {
    std::string project_id;   ///< Required.
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// A project with its builds.
struct Project : ProjectSummary {
    std::string custom_domain;
    std::string webhook_url;
    std::vector<std::string> webhook_events;
    std::optional<std::int64_t> live_users;
    std::optional<std::int64_t> users_in_queue;
    std::vector<Build> builds; ///< Newest last.
};

/// How many people play and wait.
struct ProjectStats {
    std::string project_id;
    std::optional<std::int64_t> live_users;
    std::optional<std::int64_t> users_in_queue;
};

namespace detail {

inline void read(const Reader &reader, Project &project) {
    read(reader, static_cast<ProjectSummary &>(project));
    project.custom_domain = reader.text("customDomain");
    project.webhook_url = reader.text("webhookUrl");
    project.webhook_events = reader.texts("webhookEvents");
    project.live_users = reader.integer("liveUsers");
    project.users_in_queue = reader.integer("usersInQueue");
    project.builds = reader.elements<Build>("builds");
}

inline void read(const Reader &reader, ProjectStats &stats) {
    stats.project_id = reader.text("projectId");
    stats.live_users = reader.integer("liveUsers");
    stats.users_in_queue = reader.integer("usersInQueue");
}

} // namespace detail

// ---------------------------------------------------------------------------------------------------------------------------- Waiting

/// What Client::wait_for_build waits for.
enum class Until : std::int32_t { approved = SLIPWAY_UNTIL_APPROVED, live = SLIPWAY_UNTIL_LIVE };

/// What Client::wait_for_build takes. 0 is the default of slipway_wait_for_build_request in every time.
struct WaitRequest {
    std::string project_id; ///< Required.
    std::string upload_id;  ///< Required.
    Until until = Until::approved;
    Milliseconds interval{0};     ///< Between two questions to the service, while things move.
    Milliseconds max_interval{0}; ///< While nothing moves the interval grows to this.
    Milliseconds settle{0};       ///< How long approved has to last to count as live, when the distribution was not seen.
    Milliseconds deadline{0};     ///< 0: three hours, whatever the client's.
    OnProgress on_progress = nullptr;
};

/// A build after Client::wait_for_build; also there when it was rejected.
struct WaitedBuild : Build {
    /// A state that was seen, and when.
    struct Seen {
        BuildState state = BuildState::none;
        std::string service_state;
        Milliseconds after{0}; ///< Since the start of the operation.
    };

    std::string project_id;
    std::optional<bool> live;   ///< True, or empty while it is not known.
    std::vector<Seen> timeline; ///< In the order in which they were seen.
};

namespace detail {

inline void read(const Reader &reader, WaitedBuild::Seen &seen) {
    seen.state = build_state(reader.text("state"));
    seen.service_state = reader.text("serviceState");
    seen.after = Milliseconds(reader.integer("afterMs").value_or(0));
}

inline void read(const Reader &reader, WaitedBuild &build) {
    read(reader, static_cast<Build &>(build));
    build.project_id = reader.text("projectId");
    build.live = reader.boolean("live");
    build.timeline = reader.elements<WaitedBuild::Seen>("timeline");
}

} // namespace detail

// --------------------------------------------------------------------------------------------------------------------------- Webhooks

/// What Client::receive_webhook reads.
struct WebhookRequest {
    std::string body;         ///< Required. The body of the POST as your web server got it: any bytes, 1 to 65,536 of them.
    bool confirm = false;     ///< Ask the service whether it agrees.
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// An event that somebody sent. Anybody can send one: act on confirmed == true only.
struct WebhookEvent {
    std::string event; ///< Such as "build.approved" or "webhook.test".
    std::string project_id;
    std::string upload_id;
    std::string file_url;
    BuildState state = BuildState::none;
    std::string service_state;
    std::string objection;
    std::string timestamp;
    std::optional<bool> confirmed; ///< Whether the service agrees; empty when it was not asked.
    BuildState confirmed_state = BuildState::none; ///< The state that the service shows.
};

/// The service's test of a project's webhook.
struct WebhookTest {
    std::string project_id;
    bool delivered = false;                  ///< Your web server answered the service.
    std::optional<std::int64_t> status_code; ///< With this.
    std::string message;                     ///< The service's.
};

namespace detail {

inline void read(const Reader &reader, WebhookEvent &event) {
    event.event = reader.text("event");
    event.project_id = reader.text("projectId");
    event.upload_id = reader.text("uploadId");
    event.file_url = reader.text("fileUrl");
    event.state = build_state(reader.text("state"));
    event.service_state = reader.text("serviceState");
    event.objection = reader.text("objection");
    event.timestamp = reader.text("timestamp");
    event.confirmed = reader.boolean("confirmed");
    event.confirmed_state = build_state(reader.text("confirmedState"));
}

inline void read(const Reader &reader, WebhookTest &test) {
    test.project_id = reader.text("projectId");
    test.delivered = reader.boolean("delivered").value_or(false);
    test.status_code = reader.integer("statusCode");
    test.message = reader.text("message");
}

} // namespace detail

// -------------------------------------------------------------------------------------------------------------------------- Operation

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

// ---------------------------------------------------------------------------------------------------------------------------- Pending

namespace detail {

/// The result of what could not be started, or not be waited for.
template <class Answer> Result<Answer> refused(Status status) {
    Result<Answer> result;
    result.status = status;
    switch (status) {
    case Status::closed:
        result.message = "The client was released.";
        result.hint = "Start operations before that.";
        break;
    case Status::would_deadlock:
        result.message = "This thread is inside a callback, where waiting could last for ever.";
        result.hint = "Pass a callback to the operation instead.";
        break;
    default:
        result.message = "The operation did not start: a text is not UTF-8, contains a NUL or is longer than 64 KB, or there is no client.";
        result.hint = "Check the request's texts.";
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
            result.message = "The result was already taken.";
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

// -------------------------------------------------------------------------------------------------------------------------- Callbacks

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
        call->host->call([&] {
            Progress progress;
            progress.stage = static_cast<Stage>(from->stage);
            progress.operation = from->operation;
            progress.elapsed = Milliseconds(from->elapsed_ms);
            progress.wait = Milliseconds(from->wait_ms);
            progress.state = build_state(from->state);
            progress.service_state = from->service_state;
            progress.message = from->message;
            progress.attempt = from->attempt;
            call->on_progress(progress);
        });
    }
};

/// Hands texts to C, and notices what C would not: a NUL in the middle.
class Texts {
public:
    const char *operator()(const std::string &text) noexcept {
        whole_ = whole_ && text.find('\0') == std::string::npos;
        return text.c_str();
    }

    const char *operator()(const std::optional<std::string> &text) noexcept { return text ? (*this)(*text) : nullptr; }

    bool whole() const noexcept { return whole_; }

private:
    bool whole_ = true;
};

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------------- Log

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

// ----------------------------------------------------------------------------------------------------------------------------- Client

/// Where a client's callbacks come.
enum class Delivery : std::int32_t {
    thread = SLIPWAY_DELIVERY_THREAD, ///< On a thread of the client's own.
    polled = SLIPWAY_DELIVERY_POLLED  ///< Inside Client::poll, on the thread that calls it.
};

/// What a client is made from. What is not set has the default of slipway_client_options.
struct ClientOptions {
    Delivery delivery = Delivery::thread;
    std::optional<std::string> streampixel_base_url;
    std::optional<std::string> streampixel_api_key; ///< Not set: STREAMPIXEL_API_KEY.
    std::optional<std::string> streampixel_user_id; ///< Not set: STREAMPIXEL_USER_ID.
    std::optional<std::string> proxy;               ///< Not set: the usual environment variables. Empty: none.
    std::optional<std::string> ca_bundle;           ///< A file of PEM certificates to trust instead of the system's.
    std::optional<std::string> user_agent;          ///< Added to User-Agent: name your tool.
    Milliseconds connect_timeout{0};
    Milliseconds idle_timeout{0};
    Milliseconds deadline{0};
    std::uint32_t max_attempts = 0;
    Milliseconds retry_delay{0};
    std::uint32_t max_connections = 0;
    Milliseconds streampixel_rate_window{0};
    bool allow_insecure = false;

    /// The client's last callback.
    std::function<void()> on_closed;

#if SLIPWAY_HPP_EXCEPTIONS
    /// Gets each exception that leaves a callback of this client, on the same thread. Not set: they are dropped.
    std::function<void(std::exception_ptr)> on_exception;
#endif

    /// How long the destructor may block for callbacks that have not come yet. Not set: not at all or, for a polled
    /// client, ten seconds, since nobody could deliver them afterwards: it cancels what runs and delivers what is left,
    /// which takes milliseconds unless a callback takes longer.
    std::optional<Milliseconds> linger;
};

/// Settings, connections and running operations.
class Client {
public:
    /// Has nothing: operations answer invalid_argument. So does a client that was moved from.
    Client() noexcept = default;

    /// Creates a client; the result's message says what is wrong with the options and what to do.
    [[nodiscard]] static Result<Client> create(const ClientOptions &options = {}) {
        Result<Client> result;
        detail::Texts texts;
        slipway_client_options c = SLIPWAY_CLIENT_OPTIONS_INIT;
        c.delivery = static_cast<std::int32_t>(options.delivery);
        c.streampixel_base_url = texts(options.streampixel_base_url);
        c.streampixel_api_key = texts(options.streampixel_api_key);
        c.streampixel_user_id = texts(options.streampixel_user_id);
        c.proxy = texts(options.proxy);
        c.ca_bundle = texts(options.ca_bundle);
        c.user_agent = texts(options.user_agent);
        c.connect_timeout_ms = detail::setting(options.connect_timeout);
        c.idle_timeout_ms = detail::setting(options.idle_timeout);
        c.deadline_ms = detail::setting(options.deadline);
        c.max_attempts = options.max_attempts;
        c.retry_delay_ms = detail::setting(options.retry_delay);
        c.max_connections = options.max_connections;
        c.streampixel_rate_window_ms = detail::setting(options.streampixel_rate_window);
        c.allow_insecure = options.allow_insecure;
        if (!texts.whole()) {
            result.status = Status::invalid_argument;
            result.message = "One of the client's options contains a NUL.";
            return result;
        }

        Client &client = result.answer;
        client.host_ = std::make_shared<detail::Host>();
        client.host_->on_closed = options.on_closed;
#if SLIPWAY_HPP_EXCEPTIONS
        client.host_->on_exception = options.on_exception;
#endif
        client.linger_ = options.linger.value_or(options.delivery == Delivery::polled ? std::chrono::seconds(10) : Milliseconds(0));
        auto owned = std::make_unique<std::shared_ptr<detail::Host>>(client.host_);
        c.on_closed = detail::Host::closed;
        c.on_closed_user_data = owned.get();

        char message[1024] = "";
        result.status = static_cast<Status>(slipway_client_create(&c, &client.handle_, message, sizeof message));
        result.message = message;
        if (result.ok()) static_cast<void>(owned.release()); // Host::closed has it now.
        return result;
    }

#if SLIPWAY_HPP_EXCEPTIONS
    /// As `create`; throws Error.
    explicit Client(const ClientOptions &options) : Client(create(options).value()) {}
#endif

    Client(Client &&other) noexcept { swap(other); }

    Client &operator=(Client &&other) noexcept {
        Client(std::move(other)).swap(*this);
        return *this;
    }

    /// Releases: what still runs completes with Status::cancelled, then comes on_closed. Does not block, but see
    /// ClientOptions::linger. Legal inside callbacks.
    ~Client() {
        if (!handle_) return;
        slipway_client_release(handle_);
        if (linger_.count() > 0) slipway_client_close(handle_, detail::timeout(linger_));
    }

    void swap(Client &other) noexcept {
        std::swap(handle_, other.handle_);
        host_.swap(other.host_);
        std::swap(linger_, other.linger_);
    }

    /// The handle, for the functions of slipway.h. Stays the client's.
    slipway_client *handle() const noexcept { return handle_; }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// Ends the client without blocking; see slipway_client_release. A polled one still has to be polled, or closed.
    Status release() noexcept { return static_cast<Status>(slipway_client_release(handle_)); }

    /// Releases, and blocks until on_closed has returned: ok, or deadline_exceeded, and the call may be repeated.
    /// Inside a callback: would_deadlock.
    Status close(Milliseconds timeout = forever) noexcept {
        return static_cast<Status>(slipway_client_close(handle_, detail::timeout(timeout)));
    }

    /// Asks an operation to stop; see slipway_cancel.
    Status cancel(std::uint64_t operation) noexcept { return static_cast<Status>(slipway_cancel(handle_, operation)); }

    // Delivery::polled. For any other client these answer invalid_argument, and closed once on_closed was called.

    /// Delivers callbacks that are due, at most `max_callbacks` of them (0: all), on this thread. `delivered` gets their number.
    Status poll(std::uint32_t max_callbacks = 0, std::uint32_t *delivered = nullptr) noexcept {
        return static_cast<Status>(slipway_client_poll(handle_, max_callbacks, delivered));
    }

    /// Blocks until there is something to poll: ok, or deadline_exceeded.
    Status wait(Milliseconds timeout = forever) noexcept {
        return static_cast<Status>(slipway_client_wait(handle_, detail::timeout(timeout)));
    }

    /// A descriptor that is readable while there is something to poll; the client's own. -1 when there is none.
    int poll_fd() const noexcept {
        int fd = -1;
        return slipway_client_poll_fd(handle_, &fd) == SLIPWAY_OK ? fd : -1;
    }

    /// Delivers callbacks on this thread until `done()` is true, which is asked before the first and after each: ok, or
    /// deadline_exceeded, or why polling is impossible. For one thread at a time.
    template <class Predicate> Status run_until(Predicate done, Milliseconds timeout = forever) {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point start = Clock::now();
        while (!done()) {
            std::uint32_t delivered = 0;
            const Status polled = poll(1, &delivered);
            if (polled != Status::ok) return polled;
            if (delivered > 0) continue;
            const auto passed = std::chrono::duration_cast<Milliseconds>(Clock::now() - start);
            const Status waited = wait(timeout == forever ? forever : timeout - passed);
            if (waited != Status::ok) return waited;
        }
        return Status::ok;
    }

    // Streampixel. Each starts one operation; what it does stands in slipway.h.

    /// Registers a build: slipway_upload.
    Pending<Upload> upload(UploadRequest request) {
        return pending<Upload>([&](auto then) { return upload(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation upload(UploadRequest request, OnComplete<Upload> on_complete) {
        detail::Texts texts;
        slipway_upload_request c = SLIPWAY_UPLOAD_REQUEST_INIT;
        c.project_id = texts(request.project_id);
        c.file_url = texts(request.file_url);
        c.manual_release = request.manual_release;
        c.skip_url_check = request.skip_url_check;
        c.expected_size = request.expected_size;
        return start<Upload>(slipway_upload, c, request, texts, std::move(on_complete));
    }

    /// Puts an approved build on the streaming servers: slipway_distribute.
    Pending<Distribution> distribute(DistributeRequest request) {
        return pending<Distribution>([&](auto then) { return distribute(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation distribute(DistributeRequest request, OnComplete<Distribution> on_complete) {
        detail::Texts texts;
        slipway_distribute_request c = SLIPWAY_DISTRIBUTE_REQUEST_INIT;
        c.project_id = texts(request.project_id);
        c.upload_id = texts(request.upload_id);
        return start<Distribution>(slipway_distribute, c, request, texts, std::move(on_complete));
    }

    /// Lists all projects: slipway_list_projects.
    Pending<Projects> projects(ProjectsRequest request = {}) {
        return pending<Projects>([&](auto then) { return projects(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation projects(ProjectsRequest request, OnComplete<Projects> on_complete) {
        slipway_list_projects_request c = SLIPWAY_LIST_PROJECTS_REQUEST_INIT;
        return start<Projects>(slipway_list_projects, c, request, detail::Texts(), std::move(on_complete));
    }

    /// Reads a project with its builds: slipway_get_project.
    Pending<Project> project(ProjectRequest request) {
        return pending<Project>([&](auto then) { return project(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation project(ProjectRequest request, OnComplete<Project> on_complete) {
        return about_project<Project>(slipway_get_project, request, std::move(on_complete));
    }

    /// Reads how many people play and wait: slipway_get_project_stats.
    Pending<ProjectStats> project_stats(ProjectRequest request) {
        return pending<ProjectStats>([&](auto then) { return project_stats(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation project_stats(ProjectRequest request, OnComplete<ProjectStats> on_complete) {
        return about_project<ProjectStats>(slipway_get_project_stats, request, std::move(on_complete));
    }

    /// Has the service send its test event to the project's webhook: slipway_test_webhook.
    Pending<WebhookTest> test_webhook(ProjectRequest request) {
        return pending<WebhookTest>([&](auto then) { return test_webhook(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation test_webhook(ProjectRequest request, OnComplete<WebhookTest> on_complete) {
        return about_project<WebhookTest>(slipway_test_webhook, request, std::move(on_complete));
    }

    /// Waits for the verdict on a build: slipway_wait_for_build.
    Pending<WaitedBuild> wait_for_build(WaitRequest request) {
        return pending<WaitedBuild>([&](auto then) { return wait_for_build(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation wait_for_build(WaitRequest request, OnComplete<WaitedBuild> on_complete) {
        detail::Texts texts;
        slipway_wait_for_build_request c = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
        c.project_id = texts(request.project_id);
        c.upload_id = texts(request.upload_id);
        c.until = static_cast<std::int32_t>(request.until);
        c.interval_ms = detail::setting(request.interval);
        c.max_interval_ms = detail::setting(request.max_interval);
        c.settle_ms = detail::setting(request.settle);
        return start<WaitedBuild>(slipway_wait_for_build, c, request, texts, std::move(on_complete));
    }

    /// Reads an event that your web server got: slipway_receive_webhook.
    Pending<WebhookEvent> receive_webhook(WebhookRequest request) {
        return pending<WebhookEvent>([&](auto then) { return receive_webhook(std::move(request), std::move(then)); });
    }

    [[nodiscard]] Operation receive_webhook(WebhookRequest request, OnComplete<WebhookEvent> on_complete) {
        slipway_receive_webhook_request c = SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT;
        c.body = request.body.data();
        c.body_size = request.body.size();
        c.confirm = request.confirm;
        return start<WebhookEvent>(slipway_receive_webhook, c, request, detail::Texts(), std::move(on_complete));
    }

private:
    template <class CRequest>
    using Function = slipway_status (*)(slipway_client *, const CRequest *, slipway_complete_fn, void *, slipway_operation *);

    /// Starts what is already translated, but for the two members that all requests have.
    template <class Answer, class CRequest, class Request>
    Operation start(Function<CRequest> function, CRequest &c, Request &request, const detail::Texts &texts,
                    OnComplete<Answer> on_complete) {
        using Call = detail::Call<Answer>;
        if (!texts.whole()) return Operation(handle_, 0, Status::invalid_argument);
        c.deadline_ms = detail::setting(request.deadline);
        c.on_progress = request.on_progress ? Call::progressed : nullptr;
        std::unique_ptr<Call> call(new Call{host_, std::move(on_complete), std::move(request.on_progress)});
        std::uint64_t operation = 0;
        const slipway_status status = function(handle_, &c, Call::completed, call.get(), &operation);
        if (status == SLIPWAY_OK) static_cast<void>(call.release()); // Call::completed has it now; it may be gone already.
        return Operation(handle_, operation, static_cast<Status>(status));
    }

    template <class Answer>
    Operation about_project(Function<slipway_project_request> function, ProjectRequest &request, OnComplete<Answer> on_complete) {
        detail::Texts texts;
        slipway_project_request c = SLIPWAY_PROJECT_REQUEST_INIT;
        c.project_id = texts(request.project_id);
        return start<Answer>(function, c, request, texts, std::move(on_complete));
    }

    template <class Answer, class Start> static Pending<Answer> pending(Start begin) {
        auto promise = std::make_shared<std::promise<Result<Answer>>>(); // Shared, because a std::function has to be copyable.
        std::future<Result<Answer>> future = promise->get_future();
        const Operation operation = begin([promise](Result<Answer> result) { promise->set_value(std::move(result)); });
        if (!operation) promise->set_value(detail::refused<Answer>(operation.status()));
        return Pending<Answer>(operation, std::move(future));
    }

    slipway_client *handle_ = nullptr;
    std::shared_ptr<detail::Host> host_;
    Milliseconds linger_{0};
};

// --------------------------------------------------------------------------------------------------------------------------- Tripwire

// A member that is appended to a struct of the header has to be carried here as well: then these numbers stop being right.
static_assert(sizeof(void *) != 8 || sizeof(slipway_client_options) == 104, "ClientOptions: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_upload_request) == 48, "UploadRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_distribute_request) == 32, "DistributeRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_list_projects_request) == 16, "ProjectsRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_project_request) == 24, "ProjectRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_wait_for_build_request) == 48, "WaitRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_receive_webhook_request) == 40, "WebhookRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_result) == 64, "Outcome: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_progress) == 64, "Progress: carry the new member");

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_HPP
