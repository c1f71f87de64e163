// slipway.hpp against a folder that the emulator serves: objects, unfinished uploads, a release from there. Part of program.cpp.
#ifndef STORAGE_HPP
#define STORAGE_HPP

#include "check.hpp"
#include "release.hpp"

#include <sys/stat.h>

#include <utility>

namespace {

slipway::DirectoryStorage some_folder() {
    slipway::DirectoryStorage folder;
    folder.directory = setting("SLIPWAY_TEST_STORAGE");
    folder.public_url = setting("SLIPWAY_TEST_STORAGE_URL");
    return folder;
}

slipway::StoreRequest store_in(const slipway::Storage &storage, const std::string &key) {
    slipway::StoreRequest request;
    request.storage = storage;
    request.file_path = setting("SLIPWAY_TEST_BUILD");
    request.key = key;
    return request;
}

slipway::StorageObjectRequest object_in(const slipway::Storage &storage, const std::string &key) {
    slipway::StorageObjectRequest request;
    request.storage = storage;
    request.key = key;
    return request;
}

std::int64_t size_of(const std::string &path) {
    struct stat about;
    return stat(path.c_str(), &about) == 0 ? static_cast<std::int64_t>(about.st_size) : -1;
}

void objects(slipway::Client &client) {
    slipway::DirectoryStorage folder = some_folder();
    folder.key_prefix = "builds of today";
    slipway::StoreRequest request = store_in(folder, "MyGame-1.0.zip");
    const std::string path = folder.directory + "/builds of today/MyGame-1.0.zip";
    const std::int64_t size = size_of(request.file_path);
    std::atomic<int> news{0};
    request.on_progress = [&](const slipway::Progress &progress) {
        CHECK(progress.bytes_done <= progress.bytes_total && progress.items_done <= progress.items_total);
        CHECK(progress.release_stage == slipway::ReleaseStage::none && !progress.message.empty());
        ++news;
    };
    const slipway::Result<slipway::StoredObject> stored = client.store(request).get();
    CHECK(stored.ok() && stored.answer.url == folder.public_url + "/builds%20of%20today/MyGame-1.0.zip");
    CHECK(stored.answer.path == path && size_of(path) == size && news > 0);
    CHECK(stored.answer.size == size && stored.answer.bytes_sent == size && !stored.answer.skipped);
    CHECK(stored.answer.url_expires_at.empty() && stored.answer.bucket.empty() && stored.answer.upload_id.empty());
    CHECK(stored.answer.parts == 0 && stored.answer.parts_reused == 0);

    const slipway::Result<slipway::StoredObject> again = client.store(request).get();
    CHECK(again.ok() && again.answer.skipped && again.answer.bytes_sent == 0 && again.answer.url == stored.answer.url);
    request.always_send = true;
    CHECK(client.store(request).get().answer.bytes_sent == size);

    folder.link = slipway::Link::none;
    request = store_in(folder, "");
    const slipway::Result<slipway::StoredObject> named = client.store(request).get(); // After the file.
    CHECK(named.ok() && named.answer.url.empty() && named.answer.path == folder.directory + "/builds of today/MyGame.zip");

    const slipway::Result<slipway::StorageDeletion> removed = client.storage_delete(object_in(folder, "MyGame-1.0.zip")).get();
    CHECK(removed.ok() && removed.answer.deleted && removed.answer.path == path && size_of(path) == -1);
    CHECK(removed.answer.key == "builds of today/MyGame-1.0.zip"); // With its prefix.
    CHECK(client.storage_delete(object_in(folder, "")).get().status == slipway::Status::invalid_argument);
}

void unfinished(slipway::Client &client) {
    const slipway::Result<slipway::UnfinishedUploads> found = client.storage_list_unfinished(object_in(some_folder(), "")).get();
    CHECK(found.ok() && found.answer.uploads.empty() && found.answer.complete);
    slipway::StorageAbortRequest request;
    request.storage = some_folder();
    request.min_age = std::chrono::hours(1);
    const slipway::Result<slipway::AbortedUploads> aborted = client.storage_abort_unfinished(request).get();
    CHECK(aborted.ok() && aborted.answer.aborted.empty() && aborted.answer.younger == 0 && aborted.answer.complete);
    request.upload_id = "an-upload";
    CHECK(client.storage_abort_unfinished(request).get().status == slipway::Status::not_found);
}

// Each of the four in its other form, and the copies that it takes along.
void with_callbacks(slipway::Client &client) {
    slipway::Result<slipway::StoredObject> stored;
    slipway::Result<slipway::StorageDeletion> removed;
    slipway::Result<slipway::UnfinishedUploads> found;
    slipway::Result<slipway::AbortedUploads> aborted;
    slipway::Operation operation = client.store(store_in(some_folder(), "called.zip"), [&](const auto &result) { stored = result; });
    CHECK(operation.wait() == slipway::Status::ok && stored.ok() && stored.operation == operation.id());
    operation = client.storage_delete(object_in(some_folder(), "called.zip"), [&](const auto &result) { removed = result; });
    CHECK(operation.wait() == slipway::Status::ok && removed.ok() && removed.answer.key == "called.zip");
    operation = client.storage_list_unfinished(object_in(some_folder(), "called.zip"), [&](const auto &result) { found = result; });
    CHECK(operation.wait() == slipway::Status::ok && found.ok());
    slipway::StorageAbortRequest request;
    request.storage = some_folder();
    operation = client.storage_abort_unfinished(request, [&](const auto &result) { aborted = result; });
    CHECK(operation.wait() == slipway::Status::ok && aborted.ok());
}

// What C would not take whole, or not at all, wherever it stands; and what it takes, and the library does not.
void refusals(slipway::Client &client) {
    const std::string with_nul("a\0b", 3);
    slipway::S3Storage s3;
    s3.bucket = "builds";
    for (std::string *text : {&s3.bucket, &s3.endpoint, &s3.region, &s3.key_prefix, &s3.access_key_id, &s3.secret_access_key,
                              &s3.session_token, &s3.profile, &s3.public_url, &s3.content_type, &s3.content_disposition, &s3.acl,
                              &s3.storage_class, &s3.encryption, &s3.encryption_key_id}) {
        for (const std::string &wrong : {with_nul, std::string("\xFF"), std::string(70000, 'a')}) {
            const std::string before = std::exchange(*text, wrong);
            const slipway::Result<slipway::StoredObject> refused = client.store(store_in(s3, "MyGame.zip")).get();
            CHECK(refused.status == slipway::Status::invalid_argument && refused.operation == 0 && !refused.message.empty());
            *text = before;
        }
    }
    slipway::PutUrlStorage put;
    put.put_url = "https://127.0.0.1/MyGame.zip";
    put.put_headers = {"Name: value", "Name: " + with_nul};
    CHECK(client.store(store_in(put, "")).get().operation == 0);
    put.put_headers.assign(65, "Name: value");
    CHECK(client.store(store_in(put, "")).get().operation == 0);

    slipway::StoreRequest request = store_in(some_folder(), "MyGame.zip");
    request.metadata = {{"name", with_nul}};
    CHECK(client.store(request).get().operation == 0);
    request.metadata = {{with_nul, "value"}};
    CHECK(client.store(request).get().operation == 0);
    request.metadata.clear();
    for (int number = 0; number < 65; ++number) request.metadata["name-" + std::to_string(number)] = "value";
    CHECK(client.store(request).get().operation == 0);

    const slipway::Result<slipway::StoredObject> nowhere = client.store(store_in(slipway::Storage(), "MyGame.zip")).get();
    CHECK(nowhere.status == slipway::Status::invalid_argument && nowhere.operation != 0); // This one is the library's answer.
    slipway::DirectoryStorage missing;
    missing.directory = "/nowhere";
    CHECK(client.store(store_in(missing, "MyGame.zip")).get().status == slipway::Status::file);
    put.put_headers.clear();
    CHECK(client.storage_delete(object_in(put, "MyGame.zip")).get().status == slipway::Status::invalid_argument);
}

void released(slipway::Client &client) {
    slipway::ReleaseRequest request = release_of(setting("SLIPWAY_TEST_BUILD"));
    request.storage = some_folder();
    slipway::Result<slipway::Release> release = client.release(request).get();
    CHECK(release.ok() && release.answer.live == std::optional<bool>(true));
    CHECK(release.answer.asset_id.empty() && release.answer.distribution_id.empty() && !release.answer.removed);
    CHECK(!release.answer.key.empty() && release.answer.file_url == setting("SLIPWAY_TEST_STORAGE_URL") + "/" + release.answer.key);
    CHECK(size_of(setting("SLIPWAY_TEST_STORAGE") + "/" + release.answer.key) == release.answer.size);

    request.hosted = slipway::Hosted::remove_when_done;
    release = client.release(request).get();
    CHECK(release.ok() && release.answer.removed && !release.answer.key.empty());
    CHECK(size_of(setting("SLIPWAY_TEST_STORAGE") + "/" + release.answer.key) == -1);
}

void storage() {
    slipway::Client client = open_client();
    objects(client);
    unfinished(client);
    with_callbacks(client);
    refusals(client);
    released(client);
    CHECK(client.close() == slipway::Status::ok);
}

} // namespace

#endif // STORAGE_HPP
