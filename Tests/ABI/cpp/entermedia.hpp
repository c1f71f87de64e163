// slipway.hpp against the emulator: EnterMedia's assets and distributions. Part of program.cpp.
#ifndef ENTERMEDIA_HPP
#define ENTERMEDIA_HPP

#include "check.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace {

// What test_cpp.py has given the emulator: a picture with renditions, and so many more.
constexpr std::size_t PICTURES = 40;

std::string picture() { return setting("SLIPWAY_TEST_PICTURE"); }
std::string picture(std::size_t index) { return setting("SLIPWAY_TEST_MANY") + "-" + std::to_string(index + 1); }

slipway::EnterMediaDistributionRequest about_distribution(const std::string &id) {
    slipway::EnterMediaDistributionRequest request;
    request.distribution_id = id;
    return request;
}

slipway::EnterMediaAssetRequest about_asset(const std::string &id) {
    slipway::EnterMediaAssetRequest request;
    request.asset_id = id;
    return request;
}

bool ends_with(const std::string &text, const std::string &end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void logins(slipway::Client &client) {
    slipway::Result<slipway::EnterMediaLogin> login = client.entermedia_login().get();
    CHECK(login.ok());
    CHECK(login.answer.logged_in);
    CHECK(login.answer.user == setting("ENTERMEDIA_USER"));

    slipway::ClientOptions options = client_options();
    options.entermedia_base_url = setting("ENTERMEDIA_BASE_URL");
    options.entermedia_user = setting("ENTERMEDIA_USER");
    options.entermedia_password = "not the password";
    slipway::Result<slipway::EnterMediaLogin> refused = open_client(options).entermedia_login().get();
    CHECK(refused.status == slipway::Status::unauthorized);
    CHECK(!refused.hint.empty() && !refused.answer.logged_in);

    options.entermedia_base_url = "no URL";
    CHECK(slipway::Client::create(options).status == slipway::Status::invalid_argument);
    options.entermedia_base_url = setting("ENTERMEDIA_BASE_URL");
    options.entermedia_password = std::string("a\0b", 3);
    CHECK(slipway::Client::create(options).status == slipway::Status::invalid_argument);
}

void assets(slipway::Client &client) {
    slipway::EnterMediaAssetUploadRequest upload;
    upload.file_path = setting("SLIPWAY_TEST_BUILD");
    upload.asset_id = "cpp-build";
    upload.source_path = "builds/cpp";
    upload.name = "Renamed.zip";
    std::atomic<std::uint64_t> total{0};
    upload.on_progress = [&](const slipway::Progress &progress) {
        CHECK(progress.bytes_done <= progress.bytes_total);
        CHECK(progress.release_stage == slipway::ReleaseStage::none && progress.resume_from.empty());
        if (progress.stage == slipway::Stage::transferring) total = progress.bytes_total;
    };
    slipway::Result<slipway::EnterMediaAssetUpload> sent = client.entermedia_asset_upload(upload).get();
    CHECK(sent.ok());
    CHECK(sent.answer.id == "cpp-build");
    CHECK(sent.answer.name == "Renamed.zip");
    CHECK(sent.answer.source_path.find("builds/cpp") == 0);
    CHECK(sent.answer.size > 64 * 1024);
    CHECK(total == 0 || static_cast<std::int64_t>(total) == sent.answer.size); // Small files may be there before there is news of them.

    slipway::Result<slipway::EnterMediaAsset> read = client.entermedia_asset_get(about_asset("cpp-build")).get();
    CHECK(read.ok());
    CHECK(read.answer.id == "cpp-build" && read.answer.name == "Renamed.zip");
    CHECK(read.answer.renditions.empty()); // A .zip has none.
    CHECK(client.entermedia_asset_get(about_asset("cpp-nothing")).get().status == slipway::Status::not_found);
    CHECK(!client.entermedia_asset_get(about_asset(picture())).get().answer.renditions.empty());

    upload.file_path = setting("SLIPWAY_TEST_BUILD") + ".missing";
    slipway::Result<slipway::EnterMediaAssetUpload> missing = client.entermedia_asset_upload(upload).get();
    CHECK(missing.status == slipway::Status::file);
    CHECK(missing.answer.id.empty() || missing.answer.id == "cpp-build");
}

void distributions(slipway::Client &client) {
    slipway::EnterMediaDistributionCreateRequest create;
    create.asset_id = picture();
    create.distribution_id = "cpp-picture";
    slipway::Result<slipway::EnterMediaDistribution> created = client.entermedia_distribution_create(create).get();
    CHECK(created.ok());
    CHECK(created.answer.id == "cpp-picture" && created.answer.asset_id == picture());
    CHECK(created.answer.verified == std::optional<bool>(true));
    CHECK(created.answer.original_url.empty());
    CHECK(created.answer.links.count("largeimage") == 1);
    for (const auto &[preset, url] : created.answer.links) CHECK(ends_with(url, "/cpp-picture/" + preset));

    create.distribution_id.clear(); // A UUID.
    create.skip_verify = true;
    created = client.entermedia_distribution_create(create).get();
    CHECK(created.ok() && created.answer.id.size() == 36 && !created.answer.verified.has_value());

    create.skip_verify = false;
    create.asset_id = "cpp-build";
    CHECK(client.entermedia_distribution_create(create).get().status == slipway::Status::not_ready); // No renditions, no original.
    create.asset_id = "cpp-nothing";
    CHECK(client.entermedia_distribution_create(create).get().status == slipway::Status::not_found);
    create.asset_id = "a/b";
    CHECK(client.entermedia_distribution_create(create).get().status == slipway::Status::invalid_argument);

    slipway::EnterMediaDistributionEditRequest edit;
    edit.distribution_id = "cpp-picture";
    edit.asset_id = "cpp-build";
    edit.original = slipway::Original::allowed;
    slipway::Result<slipway::EnterMediaDistribution> edited = client.entermedia_distribution_edit(edit).get();
    CHECK(edited.ok());
    CHECK(edited.answer.asset_id == "cpp-build");
    CHECK(ends_with(edited.answer.original_url, "/cpp-picture"));
    edit.distribution_id = "cpp-nothing";
    CHECK(client.entermedia_distribution_edit(edit).get().status == slipway::Status::not_found);

    slipway::Result<slipway::EnterMediaDistribution> read = client.entermedia_distribution_get(about_distribution("cpp-picture")).get();
    CHECK(read.ok());
    CHECK(read.answer.id == "cpp-picture" && read.answer.asset_id == "cpp-build");

    slipway::EnterMediaDistributionSearchRequest search;
    search.terms.push_back({"assetid", "", "cpp-build"});
    slipway::Result<slipway::EnterMediaDistributions> found = client.entermedia_distribution_search(search).get();
    CHECK(found.ok());
    CHECK(found.answer.distributions.size() == 1 && found.answer.distributions.front().id == "cpp-picture");
    CHECK(found.answer.complete && !found.answer.page.has_value());
    search.terms.front().value = std::string("a\0b", 3);
    CHECK(client.entermedia_distribution_search(search).get().status == slipway::Status::invalid_argument);
    search.terms.clear();
    search.page = 1;
    search.page_size = 1;
    found = client.entermedia_distribution_search(search).get();
    CHECK(found.ok() && found.answer.distributions.size() == 1);
    CHECK(found.answer.total > 1 && !found.answer.complete && found.answer.page == 1);

    slipway::Result<slipway::EnterMediaDistributionDeletion> deleted =
        client.entermedia_distribution_delete(about_distribution("cpp-picture")).get();
    CHECK(deleted.ok() && deleted.answer.deleted && deleted.answer.id == "cpp-picture");
    CHECK(client.entermedia_distribution_delete(about_distribution("cpp-picture")).get().status == slipway::Status::not_found);
    CHECK(client.entermedia_distribution_get(about_distribution("cpp-picture")).get().status == slipway::Status::not_found);

    slipway::Result<slipway::EnterMediaAssetDeletion> gone = client.entermedia_asset_delete(about_asset("cpp-build")).get();
    CHECK(gone.ok() && gone.answer.deleted && gone.answer.id == "cpp-build");
    CHECK(client.entermedia_asset_delete(about_asset("cpp-build")).get().status == slipway::Status::not_found);
}

slipway::EnterMediaDistributionCreateManyRequest many() {
    slipway::EnterMediaDistributionCreateManyRequest request;
    for (std::size_t index = 0; index < PICTURES; ++index) request.asset_ids.push_back(picture(index));
    return request;
}

void many_distributions() {
    slipway::ClientOptions options = client_options();
#if SLIPWAY_HPP_EXCEPTIONS
    std::atomic<std::size_t> told{0};
    options.on_exception = [&](std::exception_ptr) { ++told; };
#endif
    slipway::Client client = open_client(options);

    slipway::EnterMediaDistributionCreateManyRequest request = many();
    request.asset_ids[5] = "cpp-nothing";
    request.distribution_ids.resize(PICTURES); // Empty: UUIDs,
    request.distribution_ids[3] = "cpp-third"; // but for one.
    request.max_parallel = 4;
    std::vector<int> ended(PICTURES);
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> alive = held;
    request.on_item = [&ended, held](std::size_t index, const slipway::Result<slipway::EnterMediaDistribution> &item) {
        CHECK(index < PICTURES);
        if (index >= PICTURES) return;
        ++ended[index]; // The callbacks of one client never run in parallel.
        CHECK(item.status == (index == 5 ? slipway::Status::not_found : slipway::Status::ok));
        if (index == 5) CHECK(!item.message.empty() && !item.hint.empty());
        if (index != 5) CHECK(item.answer.asset_id == picture(index));
        if (index == 3) CHECK(item.answer.id == "cpp-third");
        if (index == 7) CHECK(item.answer.id.size() == 36 && item.answer.links.count("largeimage") == 1);
#if SLIPWAY_HPP_EXCEPTIONS
        if (index % 10 == 0) throw 5; // It ends here: the others come all the same.
#endif
    };
    std::atomic<std::uint64_t> done{0}, total{0};
    request.on_progress = [&](const slipway::Progress &progress) {
        CHECK(progress.items_done <= progress.items_total && progress.items_failed <= progress.items_done);
        if (progress.stage != slipway::Stage::many) return;
        done = progress.items_done;
        total = progress.items_total;
    };
    held.reset();
    bool completed = false;
    slipway::Operation operation = client.entermedia_distribution_create_many(
        std::move(request), [&](const slipway::Result<slipway::EnterMediaDistributionsCreated> &result) {
            CHECK(result.ok());
            CHECK(std::count(ended.begin(), ended.end(), 1) == static_cast<std::ptrdiff_t>(PICTURES)); // All of them came before.
            CHECK(!alive.expired()); // What is called for the items lives until here,
            CHECK(result.answer.total == static_cast<std::int64_t>(PICTURES));
            CHECK(result.answer.succeeded == static_cast<std::int64_t>(PICTURES) - 1);
            CHECK(result.answer.failed == 1 && result.answer.failures.size() == 1);
            if (result.answer.failures.size() != 1) return;
            CHECK(result.answer.failures[0].index == 5 && result.answer.failures[0].asset_id == "cpp-nothing");
            CHECK(result.answer.failures[0].status == slipway::Status::not_found);
            CHECK(!result.answer.failures[0].message.empty());
            completed = true;
        });
    request = {};
    CHECK(operation);
    CHECK(operation.wait() == slipway::Status::ok);
    CHECK(client.close() == slipway::Status::ok);
    CHECK(completed);
    CHECK(alive.expired()); // and no longer.
    CHECK(total == PICTURES && done > 0); // It took long enough for news: test_cpp.py has seen to that.
#if SLIPWAY_HPP_EXCEPTIONS
    CHECK(told == PICTURES / 10);
#endif
}

void many_refused(slipway::Client &client) {
    slipway::EnterMediaDistributionCreateManyRequest request = many();
    request.distribution_ids = {"one-only"};
    bool called = false;
    request.on_item = [&](std::size_t, const auto &) { called = true; };
    slipway::Operation operation = client.entermedia_distribution_create_many(request, [&](const auto &) { called = true; });
    CHECK(!operation && operation.status() == slipway::Status::invalid_argument && operation.id() == 0);
    slipway::Result<slipway::EnterMediaDistributionsCreated> refused = client.entermedia_distribution_create_many(request).get();
    CHECK(refused.status == slipway::Status::invalid_argument && !refused.message.empty());
    request.distribution_ids.clear();
    request.asset_ids[1] = std::string("a\0b", 3);
    CHECK(client.entermedia_distribution_create_many(request).get().status == slipway::Status::invalid_argument);
    request.asset_ids.clear();
    CHECK(client.entermedia_distribution_create_many(request).get().status == slipway::Status::invalid_argument);
    CHECK(!called);
}

// Polled: items come inside run_until, on this thread, and a cancelled operation stops giving them.
void many_polled() {
    slipway::ClientOptions options = client_options();
    options.delivery = slipway::Delivery::polled;
    slipway::Client client = open_client(options);
    slipway::EnterMediaDistributionCreateManyRequest request = many();
    request.max_parallel = 1;
    std::size_t items = 0;
    std::optional<slipway::Result<slipway::EnterMediaDistributionsCreated>> end;
    slipway::Operation operation;
    request.on_item = [&](std::size_t, const slipway::Result<slipway::EnterMediaDistribution> &) {
        if (++items == 2) CHECK(operation.cancel() == slipway::Status::ok);
    };
    operation = client.entermedia_distribution_create_many(std::move(request), [&](auto result) { end = std::move(result); });
    CHECK(client.run_until([&] { return end.has_value(); }, std::chrono::seconds(60)) == slipway::Status::ok);
    if (!end) return;
    CHECK(items >= 2);
    // It may have been faster than this thread, which had 40 items to deliver by then.
    CHECK(end->status == slipway::Status::cancelled || items == PICTURES);
    CHECK(end->answer.succeeded + end->answer.failed == static_cast<std::int64_t>(items));
}

void entermedia() {
    slipway::Client client = open_client();
    logins(client);
    assets(client);
    distributions(client);
    many_refused(client);
    many_distributions();
    many_polled();
    CHECK(client.close() == slipway::Status::ok);
}

} // namespace

#endif // ENTERMEDIA_HPP
