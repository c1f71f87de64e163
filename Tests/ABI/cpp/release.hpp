// slipway.hpp against the emulator: packages and releases. Part of program.cpp.
#ifndef RELEASE_HPP
#define RELEASE_HPP

#include "check.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace {

slipway::ReleaseRequest release_of(const std::string &file) {
    slipway::ReleaseRequest request;
    request.project_id = setting("SLIPWAY_TEST_PROJECT_ID");
    request.file_path = file;
    request.interval = slipway::Milliseconds(10);
    request.max_interval = slipway::Milliseconds(50);
    request.settle = slipway::Milliseconds(300);
    return request;
}

void packages(slipway::Client &client) {
    slipway::CheckPackageRequest request;
    request.file_path = setting("SLIPWAY_TEST_BUILD");
    slipway::Result<slipway::Package> package = client.check_package(request).get();
    CHECK(package.ok());
    CHECK(package.answer.executable == "MyGame.exe");
    CHECK(package.answer.entries == 4 && package.answer.size > 64 * 1024 && package.answer.uncompressed_size > 64 * 1024);
    CHECK(!package.answer.zip64 && package.answer.findings.empty());

    request.file_path = setting("SLIPWAY_TEST_REJECTED_BUILD");
    package = client.check_package(request).get();
    CHECK(package.ok()); // The service has the last word.
    CHECK(!package.answer.findings.empty());
    if (!package.answer.findings.empty()) {
        CHECK(package.answer.findings[0].code == "no_executable" && !package.answer.findings[0].message.empty());
        CHECK(package.answer.findings[0].severity == slipway::Finding::Severity::error);
    }

    request.file_path = "/dev/null";
    CHECK(client.check_package(request).get().status == slipway::Status::file);
}

void whole_way(slipway::Client &client) {
    slipway::ReleaseRequest request = release_of(setting("SLIPWAY_TEST_BUILD"));
    std::mutex mutex;
    std::vector<slipway::ReleaseStage> stages;
    std::string resume_from;
    request.on_progress = [&](const slipway::Progress &progress) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (stages.empty() || stages.back() != progress.release_stage) stages.push_back(progress.release_stage);
        if (!progress.resume_from.empty()) resume_from = progress.resume_from;
        CHECK(std::string(name(progress.release_stage)) != "unknown");
    };
    slipway::Result<slipway::Release> release = client.release(request).get();
    CHECK(release.ok());
    CHECK(release.answer.stage == slipway::ReleaseStage::done);
    CHECK(release.answer.live == std::optional<bool>(true));
    CHECK(!release.answer.upload_id.empty() && !release.answer.file_url.empty());
    CHECK(!release.answer.asset_id.empty() && !release.answer.distribution_id.empty() && !release.answer.removed);
    CHECK(release.answer.project_id == request.project_id && release.answer.file_path == request.file_path);
    CHECK(release.answer.size > 64 * 1024);
    CHECK(release.answer.state == slipway::BuildState::approved && release.answer.objection.empty());
    CHECK(release.answer.timeline.size() >= 4 && release.answer.timeline[0].stage == slipway::ReleaseStage::checking);
    for (const slipway::Release::Step &step : release.answer.timeline) CHECK(!step.reused);
    CHECK(!stages.empty() && std::is_sorted(stages.begin(), stages.end()) && stages.front() >= slipway::ReleaseStage::checking);
    CHECK(!resume_from.empty());

    // The same again, from the upload id: nothing is sent, nothing is registered.
    slipway::ReleaseRequest again = release_of("");
    again.resume_from = release.answer.upload_id;
    slipway::Result<slipway::Release> same = client.release(again).get();
    CHECK(same.ok());
    CHECK(same.answer.upload_id == release.answer.upload_id && same.answer.stage == slipway::ReleaseStage::done);
}

// Ended as soon as there is something to go on with, and taken up again from what the result says.
void resumed(slipway::Client &client) {
    slipway::ReleaseRequest request = release_of(setting("SLIPWAY_TEST_BUILD"));
    request.on_progress = [&](const slipway::Progress &progress) {
        if (!progress.resume_from.empty()) client.cancel(progress.operation);
    };
    slipway::Result<slipway::Release> ended = client.release(request).get();
    CHECK(ended.status == slipway::Status::cancelled);
    CHECK(!ended.answer.resume_from.empty());
    CHECK(ended.answer.stage >= slipway::ReleaseStage::checking);

    request.on_progress = nullptr;
    request.resume_from = ended.answer.resume_from;
    slipway::Result<slipway::Release> release = client.release(request).get();
    CHECK(release.ok() && release.answer.live == std::optional<bool>(true));
}

void rejected(slipway::Client &client) {
    slipway::ReleaseRequest request = release_of(setting("SLIPWAY_TEST_REJECTED_BUILD"));
    slipway::Result<slipway::Release> refused = client.release(request).get();
    CHECK(refused.status == slipway::Status::file && refused.answer.stage == slipway::ReleaseStage::checking);
    CHECK(!refused.answer.findings.empty() && refused.answer.asset_id.empty());

    request.ignore_findings = true;
    request.hosted = slipway::Hosted::remove_when_done;
    slipway::Result<slipway::Release> release = client.release(request).get();
    CHECK(release.status == slipway::Status::rejected);
    CHECK(!release.message.empty() && !release.answer.objection.empty());
    CHECK(release.answer.state == slipway::BuildState::rejected);
    CHECK(!release.answer.upload_id.empty() && !release.answer.findings.empty());
    CHECK(release.answer.removed);
#if SLIPWAY_HPP_EXCEPTIONS
    try {
        static_cast<void>(release.value());
        CHECK(!"value() of a failure returned");
    } catch (const slipway::ErrorOf<slipway::Release> &error) {
        CHECK(error.status() == slipway::Status::rejected);
        CHECK(error.answer().upload_id == release.answer.upload_id);
    }
    try {
        client.release(release_of("/nowhere/MyGame.zip")).get().value();
        CHECK(!"value() of a failure returned");
    } catch (const slipway::Error &error) {
        CHECK(error.status() == slipway::Status::file);
        const auto *told = dynamic_cast<const slipway::ErrorOf<slipway::Release> *>(&error);
        CHECK(told && told->answer().stage == slipway::ReleaseStage::checking && told->answer().resume_from.empty());
    }
#endif
}

void releases() {
    slipway::Client client = open_client();
    packages(client);
    whole_way(client);
    resumed(client);
    rejected(client);
    CHECK(client.close() == slipway::Status::ok);
}

} // namespace

#endif // RELEASE_HPP
