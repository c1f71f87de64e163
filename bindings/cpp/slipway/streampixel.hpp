// Streampixel's requests and answers. Part of slipway.hpp.
#ifndef SLIPWAY_STREAMPIXEL_HPP
#define SLIPWAY_STREAMPIXEL_HPP

#include "arguments.hpp"
#include "progress.hpp"
#include "reader.hpp"
#include "time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

// ------------------------------------------------------------------------------------------------------------------------------ Upload

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

inline slipway_upload_request to_c(const UploadRequest &request, Arguments &arguments) {
    slipway_upload_request c = SLIPWAY_UPLOAD_REQUEST_INIT;
    c.project_id = arguments(request.project_id);
    c.file_url = arguments(request.file_url);
    c.manual_release = request.manual_release;
    c.skip_url_check = request.skip_url_check;
    c.expected_size = request.expected_size;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_upload_request) == 48, "UploadRequest: carry the new member");

inline void read(const Reader &reader, Upload &upload) {
    upload.upload_id = reader.text("uploadId");
    upload.project_id = reader.text("projectId");
    upload.file_url = reader.text("fileUrl");
    upload.message = reader.text("message");
    upload.recovered = reader.boolean("recovered").value_or(false);
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------ Distribution

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

inline slipway_distribute_request to_c(const DistributeRequest &request, Arguments &arguments) {
    slipway_distribute_request c = SLIPWAY_DISTRIBUTE_REQUEST_INIT;
    c.project_id = arguments(request.project_id);
    c.upload_id = arguments(request.upload_id);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_distribute_request) == 32, "DistributeRequest: carry the new member");

inline void read(const Reader &reader, Distribution &distribution) {
    distribution.upload_id = reader.text("uploadId");
    distribution.project_id = reader.text("projectId");
    distribution.region = reader.text("region");
    distribution.message = reader.text("message");
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------------- Build

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

// ---------------------------------------------------------------------------------------------------------------------------- Projects

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

inline slipway_list_projects_request to_c(const ProjectsRequest &, Arguments &) {
    return SLIPWAY_LIST_PROJECTS_REQUEST_INIT;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_list_projects_request) == 16, "ProjectsRequest: carry the new member");

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

// ----------------------------------------------------------------------------------------------------------------------------- Project

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

inline slipway_project_request to_c(const ProjectRequest &request, Arguments &arguments) {
    slipway_project_request c = SLIPWAY_PROJECT_REQUEST_INIT;
    c.project_id = arguments(request.project_id);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_project_request) == 24, "ProjectRequest: carry the new member");

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

// ----------------------------------------------------------------------------------------------------------------------------- Waiting

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

inline slipway_wait_for_build_request to_c(const WaitRequest &request, Arguments &arguments) {
    slipway_wait_for_build_request c = SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT;
    c.project_id = arguments(request.project_id);
    c.upload_id = arguments(request.upload_id);
    c.until = static_cast<std::int32_t>(request.until);
    c.interval_ms = setting(request.interval);
    c.max_interval_ms = setting(request.max_interval);
    c.settle_ms = setting(request.settle);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_wait_for_build_request) == 48, "WaitRequest: carry the new member");

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

// ---------------------------------------------------------------------------------------------------------------------------- Webhooks

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

inline slipway_receive_webhook_request to_c(const WebhookRequest &request, Arguments &) {
    slipway_receive_webhook_request c = SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT;
    c.body = request.body.data();
    c.body_size = request.body.size();
    c.confirm = request.confirm;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_receive_webhook_request) == 40, "WebhookRequest: carry the new member");

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

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_STREAMPIXEL_HPP
