// Storage's requests and answers. Part of slipway.hpp. In requests, a text that is optional is not given when it is empty.
#ifndef SLIPWAY_STORAGE_HPP
#define SLIPWAY_STORAGE_HPP

#include "arguments.hpp"
#include "progress.hpp"
#include "reader.hpp"
#include "time.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

// ------------------------------------------------------------------------------------------------------------------------------ Storage

/// How a URL names the bucket.
enum class Addressing : std::int32_t {
    automatic = SLIPWAY_ADDRESSING_AUTOMATIC,      ///< virtual_host for AWS, unless the bucket's name has a dot; path for all others.
    path = SLIPWAY_ADDRESSING_PATH,                ///< https://host/bucket/key
    virtual_host = SLIPWAY_ADDRESSING_VIRTUAL_HOST ///< https://bucket.host/key
};

/// What the storage is to compare, and keep, beyond what it needs.
enum class Checksum : std::int32_t {
    none = SLIPWAY_CHECKSUM_NONE, ///< Look-alikes refuse what they do not know.
    crc32 = SLIPWAY_CHECKSUM_CRC32,
    sha256 = SLIPWAY_CHECKSUM_SHA256
};

/// Which link to an object is made.
enum class Link : std::int32_t {
    automatic = SLIPWAY_LINK_AUTOMATIC, ///< See SLIPWAY_LINK_AUTOMATIC.
    public_ = SLIPWAY_LINK_PUBLIC,      ///< A clean URL: public_url with the key behind it, or else the storage's own URL of the object.
    presigned = SLIPWAY_LINK_PRESIGNED, ///< S3Storage only: a URL that lets anybody read the object for link_lifetime.
    none = SLIPWAY_LINK_NONE            ///< No link is made, and none is read.
};

/// A bucket of S3-compatible storage: AWS, Cloudflare R2, DigitalOcean Spaces, MinIO, Ceph and so on.
struct S3Storage {
    std::string bucket;            ///< Required. It must exist.
    std::string endpoint;          ///< Optional. Such as "https://minio.example.com:9000", without the bucket. Default: AWS in that region.
    std::string region;            ///< Optional. "auto" for R2. Default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, "us-east-1".
    std::string key_prefix;        ///< Optional. In front of every key, with a slash in between: "builds" makes "builds/MyGame.zip".
    std::string access_key_id;     ///< Optional, with secret_access_key. Default: AWS_ACCESS_KEY_ID and so on, then the profile.
    std::string secret_access_key; ///< Optional. See access_key_id.
    std::string session_token;     ///< Optional. Comes with temporary keys.
    std::string profile;           ///< Optional. In ~/.aws/credentials and ~/.aws/config. Default: AWS_PROFILE, "default".
    Addressing addressing = Addressing::automatic;

    std::string public_url; ///< Optional. What objects are read through, such as "https://builds.example.com": the key is put behind it.
    Link link = Link::automatic;
    std::chrono::hours link_lifetime{0}; ///< How long a presigned link works, at most a week, and as long as session_token. 0: 12 hours.

    std::string content_type;        ///< Optional. Default "application/zip" for a key that ends in .zip.
    std::string content_disposition; ///< Optional. Such as "attachment".
    std::string acl;                 ///< Optional. x-amz-acl, such as "public-read".
    std::string storage_class;       ///< Optional. x-amz-storage-class.
    std::string encryption;          ///< Optional. x-amz-server-side-encryption: "AES256" or "aws:kms".
    std::string encryption_key_id;   ///< Optional. x-amz-server-side-encryption-aws-kms-key-id.

    Checksum checksum = Checksum::none;
    bool sign_payload = false;          ///< The signature covers the content over https, too. It always does over http.
    std::uint64_t part_size = 0;        ///< In bytes, 5 MiB to 5 GiB. 0: 16 MiB, or more for large files.
    std::uint32_t parallel_parts = 0;   ///< Parts on their way at the same time, at most 64. 0: 8.
    bool abort_unfinished = false;      ///< A multipart upload that ends early is aborted, instead of being gone on with by the next store.
    std::uint64_t bytes_per_second = 0; ///< A limit on what is sent, all parts together. 0: none.
};

/// Any URL that takes a file by one HTTP PUT, such as a presigned one.
struct PutUrlStorage {
    std::string put_url;    ///< Required. Its query is a secret.
    std::string public_url; ///< Optional. The whole link to what was put there. Default: put_url without its query.
    Link link = Link::automatic;
    std::string content_type;             ///< Optional. Default: none is sent.
    std::string content_disposition;      ///< Optional. Such as "attachment".
    std::vector<std::string> put_headers; ///< Optional. At most 64 such as "x-ms-blob-type: BlockBlob". Their values are secrets.
    std::uint64_t bytes_per_second = 0;   ///< A limit on what is sent. 0: none.
};

/// A folder of this machine, which a web server of yours may serve.
struct DirectoryStorage {
    std::string directory;  ///< Required. It must exist.
    std::string key_prefix; ///< Optional. As in S3Storage: a folder in the folder.
    std::string public_url; ///< Optional. As in S3Storage. Without it there is no link.
    Link link = Link::automatic;
    std::uint64_t bytes_per_second = 0; ///< A limit on what is copied. 0: none.
};

/// Where objects are stored: one of the three, with what that one can do.
using Storage = std::variant<S3Storage, PutUrlStorage, DirectoryStorage>;

namespace detail {

inline slipway_storage to_c(const Storage &storage, Arguments &arguments) {
    slipway_storage c = SLIPWAY_STORAGE_INIT;
    if (const S3Storage *s3 = std::get_if<S3Storage>(&storage)) {
        c.bucket = arguments(s3->bucket);
        c.endpoint = arguments.unless_empty(s3->endpoint);
        c.region = arguments.unless_empty(s3->region);
        c.key_prefix = arguments.unless_empty(s3->key_prefix);
        c.access_key_id = arguments.unless_empty(s3->access_key_id);
        c.secret_access_key = arguments.unless_empty(s3->secret_access_key);
        c.session_token = arguments.unless_empty(s3->session_token);
        c.profile = arguments.unless_empty(s3->profile);
        c.addressing = static_cast<std::int32_t>(s3->addressing);
        c.public_url = arguments.unless_empty(s3->public_url);
        c.link = static_cast<std::int32_t>(s3->link);
        c.link_hours = setting(s3->link_lifetime);
        c.content_type = arguments.unless_empty(s3->content_type);
        c.content_disposition = arguments.unless_empty(s3->content_disposition);
        c.acl = arguments.unless_empty(s3->acl);
        c.storage_class = arguments.unless_empty(s3->storage_class);
        c.encryption = arguments.unless_empty(s3->encryption);
        c.encryption_key_id = arguments.unless_empty(s3->encryption_key_id);
        c.checksum = static_cast<std::int32_t>(s3->checksum);
        c.sign_payload = s3->sign_payload;
        c.part_size = s3->part_size;
        c.parallel_parts = s3->parallel_parts;
        c.abort_unfinished = s3->abort_unfinished;
        c.bytes_per_second = s3->bytes_per_second;
    } else if (const PutUrlStorage *put = std::get_if<PutUrlStorage>(&storage)) {
        c.put_url = arguments(put->put_url);
        c.public_url = arguments.unless_empty(put->public_url);
        c.link = static_cast<std::int32_t>(put->link);
        c.content_type = arguments.unless_empty(put->content_type);
        c.content_disposition = arguments.unless_empty(put->content_disposition);
        c.put_headers = arguments(put->put_headers);
        c.put_header_count = put->put_headers.size();
        c.bytes_per_second = put->bytes_per_second;
    } else if (const DirectoryStorage *folder = std::get_if<DirectoryStorage>(&storage)) {
        c.directory = arguments(folder->directory);
        c.key_prefix = arguments.unless_empty(folder->key_prefix);
        c.public_url = arguments.unless_empty(folder->public_url);
        c.link = static_cast<std::int32_t>(folder->link);
        c.bytes_per_second = folder->bytes_per_second;
    }
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_storage) == 200, "S3Storage and its neighbours: carry the new member");

/// The storage of a request, for as long as `arguments` live.
inline const slipway_storage *lent(const Storage &storage, Arguments &arguments) { return arguments.keep(to_c(storage, arguments)); }

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------------- Store

/// What Client::store stores.
struct StoreRequest {
    Storage storage;       ///< Required. Such as an S3Storage.
    std::string file_path; ///< Required. A file of this machine; it must not change while it is sent.
    std::string key;       ///< Optional. The object's name below key_prefix. Default: the file's name. Not for a PutUrlStorage.
    /// Optional. S3Storage only. At most 64, by names without "x-amz-meta-".
    std::map<std::string, std::string> metadata;
    bool always_send = false;    ///< Send also what is there already, instead of skipping it.
    bool skip_url_check = false; ///< Do not read the link.
    Milliseconds deadline{0};    ///< 0: none, whatever the client's.
    OnProgress on_progress = nullptr;
};

/// An object that was stored. When storing failed there is as much as was known.
struct StoredObject {
    std::string key;                  ///< With key_prefix, as every key in an answer.
    std::optional<std::int64_t> size; ///< In bytes.
    std::string etag;
    std::string url;            ///< The link, or empty for Link::none. Who has a presigned one can read the object.
    std::string url_expires_at; ///< ISO 8601, or empty for a link that stays.
    std::string bucket;
    std::string path;              ///< The file's in a directory, or empty.
    std::int64_t parts = 0;        ///< Of a multipart upload; 0 for one PUT.
    std::int64_t parts_reused = 0; ///< Those of them that an earlier Client::store had sent.
    std::int64_t bytes_sent = 0;   ///< Repeated ones included.
    bool skipped = false;          ///< The same was there.
    std::string upload_id;         ///< Of the multipart upload, which is still unfinished when this failed; or empty.
};

namespace detail {

inline slipway_store_request to_c(const StoreRequest &request, Arguments &arguments) {
    slipway_store_request c = SLIPWAY_STORE_REQUEST_INIT;
    c.storage = lent(request.storage, arguments);
    c.file_path = arguments(request.file_path);
    c.key = arguments.unless_empty(request.key);
    c.metadata_names = arguments.names(request.metadata);
    c.metadata_values = arguments.values(request.metadata);
    c.metadata_count = request.metadata.size();
    c.always_send = request.always_send;
    c.skip_url_check = request.skip_url_check;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_store_request) == 72, "StoreRequest: carry the new member");

inline void read(const Reader &reader, StoredObject &object) {
    object.key = reader.text("key");
    object.size = reader.integer("size");
    object.etag = reader.text("etag");
    object.url = reader.text("url");
    object.url_expires_at = reader.text("urlExpiresAt");
    object.bucket = reader.text("bucket");
    object.path = reader.text("path");
    object.parts = reader.integer("parts").value_or(0);
    object.parts_reused = reader.integer("partsReused").value_or(0);
    object.bytes_sent = reader.integer("bytesSent").value_or(0);
    object.skipped = reader.boolean("skipped").value_or(false);
    object.upload_id = reader.text("uploadId");
}

} // namespace detail

// -------------------------------------------------------------------------------------------------------- Deletion, unfinished uploads

/// What Client::storage_delete and Client::storage_list_unfinished take.
struct StorageObjectRequest {
    Storage storage; ///< Required. Not a PutUrlStorage.
    /// The object's name below key_prefix. Required to delete; without it a list has all below key_prefix.
    std::string key;
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// An object that is not there any more. S3 does not tell whether it was.
struct StorageDeletion {
    std::string key;
    std::string bucket;
    std::string path; ///< The file's in a directory, or empty.
    bool deleted = false;
};

/// An upload that was begun, and that nobody has completed.
struct UnfinishedUpload {
    std::string key;
    std::string upload_id;
    std::string started_at;    ///< ISO 8601.
    std::string storage_class; ///< Empty where the storage does not tell.
};

/// The uploads that nobody has completed.
struct UnfinishedUploads {
    std::string bucket;
    std::string prefix;
    std::vector<UnfinishedUpload> uploads;
    bool complete = false; ///< There are no more than these; at most 10,000 are told.
};

/// What Client::storage_abort_unfinished aborts.
struct StorageAbortRequest {
    Storage storage;                 ///< Required. Not a PutUrlStorage.
    std::string key;                 ///< Optional. The object's name below key_prefix. Default: all below key_prefix.
    std::string upload_id;           ///< Optional. This one, whatever its age; with key it is not looked for in the list.
    std::chrono::minutes min_age{0}; ///< Younger ones stay: they may be under way. 0: a day.
    Milliseconds deadline{0};        ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// The uploads that were aborted; those before a failure are there, too.
struct AbortedUploads {
    std::string bucket;
    std::string prefix;
    std::vector<UnfinishedUpload> aborted; ///< Without their storage_class.
    std::int64_t younger = 0;              ///< Those that stay.
    bool complete = false;                 ///< There are no more than these.
};

namespace detail {

inline slipway_storage_object_request to_c(const StorageObjectRequest &request, Arguments &arguments) {
    slipway_storage_object_request c = SLIPWAY_STORAGE_OBJECT_REQUEST_INIT;
    c.storage = lent(request.storage, arguments);
    c.key = arguments.unless_empty(request.key);
    return c;
}

inline slipway_storage_abort_request to_c(const StorageAbortRequest &request, Arguments &arguments) {
    slipway_storage_abort_request c = SLIPWAY_STORAGE_ABORT_REQUEST_INIT;
    c.storage = lent(request.storage, arguments);
    c.key = arguments.unless_empty(request.key);
    c.upload_id = arguments.unless_empty(request.upload_id);
    c.min_age_minutes = setting(request.min_age);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_storage_object_request) == 32, "StorageObjectRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_storage_abort_request) == 48, "StorageAbortRequest: carry the new member");

inline void read(const Reader &reader, StorageDeletion &deletion) {
    deletion.key = reader.text("key");
    deletion.bucket = reader.text("bucket");
    deletion.path = reader.text("path");
    deletion.deleted = reader.boolean("deleted").value_or(false);
}

inline void read(const Reader &reader, UnfinishedUpload &upload) {
    upload.key = reader.text("key");
    upload.upload_id = reader.text("uploadId");
    upload.started_at = reader.text("startedAt");
    upload.storage_class = reader.text("storageClass");
}

inline void read(const Reader &reader, UnfinishedUploads &found) {
    found.bucket = reader.text("bucket");
    found.prefix = reader.text("prefix");
    found.uploads = reader.elements<UnfinishedUpload>("uploads");
    found.complete = reader.boolean("complete").value_or(false);
}

inline void read(const Reader &reader, AbortedUploads &found) {
    found.bucket = reader.text("bucket");
    found.prefix = reader.text("prefix");
    found.aborted = reader.elements<UnfinishedUpload>("aborted");
    found.younger = reader.integer("younger").value_or(0);
    found.complete = reader.boolean("complete").value_or(false);
}

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_STORAGE_HPP
