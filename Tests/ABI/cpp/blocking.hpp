// slipway.hpp against the emulator: Pending, futures, typed answers, refusals. Part of program.cpp.
#ifndef BLOCKING_HPP
#define BLOCKING_HPP

#include "check.hpp"

namespace {

slipway::ProjectRequest about(const std::string &project) {
    slipway::ProjectRequest request;
    request.project_id = project;
    return request;
}

void creation() {
    slipway::ClientOptions options = client_options();
    options.streampixel_base_url = "no URL";
    slipway::Result<slipway::Client> refused = slipway::Client::create(options);
    CHECK(refused.status == slipway::Status::invalid_argument);
    CHECK(!refused.message.empty());
    CHECK(!refused.answer);

    options.streampixel_base_url = std::string("http://127.0.0.1/\0x", 19);
    CHECK(slipway::Client::create(options).status == slipway::Status::invalid_argument);

    slipway::Client nobody; // No client: everything is refused, nothing crashes.
    CHECK(nobody.project(about("x")).get().status == slipway::Status::invalid_argument);
    CHECK(nobody.close() == slipway::Status::invalid_argument);
    CHECK(nobody.poll() == slipway::Status::invalid_argument);
    CHECK(nobody.poll_fd() == -1);

    slipway::Client first = open_client();
    slipway::Client second(std::move(first));
    CHECK(!first && second); // NOLINT: what a moved-from client is, is the question.
    first = std::move(second);
    CHECK(first && !second);
    CHECK(first.project_stats(about(setting("SLIPWAY_TEST_PROJECT_ID"))).get().ok());
    CHECK(first.poll() == slipway::Status::invalid_argument); // Not polled.
}

void answers(slipway::Client &client) {
    const std::string project = setting("SLIPWAY_TEST_PROJECT_ID");

    slipway::UploadRequest upload_request;
    upload_request.project_id = project;
    upload_request.file_url = setting("SLIPWAY_TEST_FILE_URL");
    upload_request.manual_release = true;
    slipway::Result<slipway::Upload> upload = client.upload(upload_request).get();
    CHECK(upload.ok());
    CHECK(!upload.answer.upload_id.empty());
    CHECK(upload.answer.project_id == project);
    CHECK(upload.answer.file_url == upload_request.file_url);
    CHECK(!upload.answer.recovered);
    CHECK(upload.http_status >= 200 && upload.http_status < 300);
    CHECK(upload.attempts >= 1);
    CHECK(upload.operation != 0);
    CHECK(upload.json.find("\"raw\"") != std::string::npos);

    slipway::WaitRequest wait;
    wait.project_id = project;
    wait.upload_id = upload.answer.upload_id;
    wait.interval = slipway::Milliseconds(10);
    std::atomic<int> news{0};
    wait.on_progress = [&](const slipway::Progress &progress) {
        CHECK(progress.stage == slipway::Stage::waiting_build || progress.stage == slipway::Stage::requesting);
        CHECK(!progress.message.empty());
        ++news;
    };
    slipway::Result<slipway::WaitedBuild> approved = client.wait_for_build(wait).get();
    CHECK(approved.ok());
    CHECK(approved.answer.state == slipway::BuildState::approved);
    CHECK(approved.answer.service_state == "Approved");
    CHECK(!approved.answer.timeline.empty() && approved.answer.timeline.back().state == slipway::BuildState::approved);
    CHECK(news > 0);

    slipway::DistributeRequest distribute;
    distribute.project_id = project;
    distribute.upload_id = upload.answer.upload_id;
    slipway::Result<slipway::Distribution> distributed = client.distribute(distribute).get();
    CHECK(distributed.ok());
    CHECK(distributed.answer.upload_id == upload.answer.upload_id);

    wait.until = slipway::Until::live;
    wait.settle = slipway::Milliseconds(300);
    slipway::Result<slipway::WaitedBuild> live = client.wait_for_build(wait).get();
    CHECK(live.ok());
    CHECK(live.answer.live == std::optional<bool>(true));

    slipway::Result<slipway::Projects> projects = client.projects().get();
    CHECK(projects.ok());
    CHECK(!projects.answer.projects.empty());
    CHECK(projects.answer.total == static_cast<std::int64_t>(projects.answer.projects.size()));

    slipway::Result<slipway::Project> read = client.project(about(project)).get();
    CHECK(read.ok());
    CHECK(read.answer.id == project);
    CHECK(!read.answer.builds.empty() && read.answer.builds.back().upload_id == upload.answer.upload_id);
    CHECK(read.answer.builds.back().state == slipway::BuildState::approved);

    slipway::Result<slipway::ProjectStats> stats = client.project_stats(about(project)).get();
    CHECK(stats.ok() && stats.answer.live_users && stats.answer.users_in_queue);

    slipway::Result<slipway::WebhookTest> test = client.test_webhook(about(project)).get();
    CHECK(test.status == slipway::Status::not_found);
    CHECK(!test.message.empty() && !test.hint.empty());

    slipway::WebhookRequest event;
    event.body = "{\"event\":\"build.approved\",\"projectId\":\"" + project + "\",\"uploadId\":\"" + upload.answer.upload_id +
                 "\",\"fileUrl\":null,\"status\":\"Approved\",\"objection\":null,\"timestamp\":\"2026-01-01T00:00:00Z\"}";
    event.confirm = true;
    slipway::Result<slipway::WebhookEvent> confirmed = client.receive_webhook(event).get();
    CHECK(confirmed.ok());
    CHECK(confirmed.answer.event == "build.approved");
    CHECK(confirmed.answer.confirmed == std::optional<bool>(true));
    CHECK(confirmed.answer.confirmed_state == slipway::BuildState::approved);
    event.confirm = false;
    CHECK(!client.receive_webhook(event).get().answer.confirmed.has_value());
}

void pendings(slipway::Client &client) {
    const std::string project = setting("SLIPWAY_TEST_PROJECT_ID");
    slipway::Pending<slipway::ProjectStats> pending = client.project_stats(about(project));
    CHECK(pending.operation() && pending.operation().id() != 0);
    CHECK(pending.wait() == slipway::Status::ok);
    CHECK(pending.ready());
    CHECK(pending.get().ok());
    CHECK(pending.get().status == slipway::Status::invalid_argument); // It was taken.

    slipway::Pending<slipway::WaitedBuild> endless = client.wait_for_build(endless_wait());
    CHECK(!endless.ready());
    CHECK(endless.wait(slipway::Milliseconds(30)) == slipway::Status::deadline_exceeded);
    CHECK(endless.cancel() == slipway::Status::ok);
    CHECK(endless.get().status == slipway::Status::cancelled);

    std::future<slipway::Result<slipway::ProjectStats>> future = client.project_stats(about(project)).future();
    CHECK(future.get().ok());

    // Texts that C would not take whole, or not at all: no operation starts, and the result says so.
    slipway::Result<slipway::ProjectStats> refused = client.project_stats(about(std::string("a\0b", 3))).get();
    CHECK(refused.status == slipway::Status::invalid_argument);
    CHECK(refused.operation == 0 && !refused.message.empty());
    CHECK(client.project_stats(about("\xFF")).get().status == slipway::Status::invalid_argument);
    CHECK(client.project_stats(about(std::string(70000, 'a'))).get().status == slipway::Status::invalid_argument);
    CHECK(client.project_stats(about("")).get().status == slipway::Status::invalid_argument); // This one is the library's answer.
    bool called = false;
    slipway::Operation operation = client.project_stats(about("\xFF"), [&](const auto &) { called = true; });
    CHECK(!operation && operation.status() == slipway::Status::invalid_argument && operation.id() == 0);
    CHECK(operation.wait() == slipway::Status::invalid_argument && operation.cancel() == slipway::Status::invalid_argument);

    // Deadlines: 0 is the default, a negative one is over.
    slipway::WaitRequest late = endless_wait();
    late.deadline = slipway::Milliseconds(-5);
    CHECK(client.wait_for_build(late).get().status == slipway::Status::deadline_exceeded);

    // A future outlives its client.
    slipway::Client other = open_client();
    slipway::Pending<slipway::WaitedBuild> orphan = other.wait_for_build(endless_wait());
    other = slipway::Client();
    CHECK(orphan.get().status == slipway::Status::cancelled);

    CHECK(client.close() == slipway::Status::ok);
    CHECK(client.project_stats(about(project)).get().status == slipway::Status::closed);
    CHECK(!called);
}

void blocking() {
    CHECK(slipway::version() == SLIPWAY_VERSION_STRING);
    CHECK(std::string(slipway::name(slipway::Status::rate_limited)) == "RATE_LIMITED");
    creation();
    slipway::Client client = open_client();
    answers(client);
    pendings(client);
}

} // namespace

#endif // BLOCKING_HPP
