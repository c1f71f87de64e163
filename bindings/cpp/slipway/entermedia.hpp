// EnterMedia's requests and answers. Part of slipway.hpp. In requests, a text that is optional is not given when it is empty.
#ifndef SLIPWAY_ENTERMEDIA_HPP
#define SLIPWAY_ENTERMEDIA_HPP

#include "arguments.hpp"
#include "call.hpp"
#include "progress.hpp"
#include "reader.hpp"
#include "result.hpp"
#include "status.hpp"
#include "time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

// ------------------------------------------------------------------------------------------------------------------------------- Login

/// What Client::entermedia_login takes.
struct EnterMediaLoginRequest {
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// That the server accepts the client's user or key.
struct EnterMediaLogin {
    std::string user;       ///< Whom the server says it is, or empty.
    bool logged_in = false; ///< False when only the key was tried.
};

namespace detail {

inline slipway_entermedia_login_request to_c(const EnterMediaLoginRequest &, Arguments &) {
    return SLIPWAY_ENTERMEDIA_LOGIN_REQUEST_INIT;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_login_request) == 16, "EnterMediaLoginRequest: carry the new member");

inline void read(const Reader &reader, EnterMediaLogin &login) {
    login.user = reader.text("user");
    login.logged_in = reader.boolean("loggedIn").value_or(false);
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------ Distribution

/// What Client::entermedia_distribution_create publishes.
struct EnterMediaDistributionCreateRequest {
    std::string asset_id;        ///< Required.
    std::string distribution_id; ///< Optional. Default: a UUID. One that exists already is overwritten.
    bool allow_original = false; ///< There is a link to the asset's own file, for everybody.
    bool skip_verify = false;    ///< Look neither for the asset before nor at the link after.
    Milliseconds deadline{0};    ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// What an edit does to the link to the asset's own file.
enum class Original : std::int32_t {
    unchanged = SLIPWAY_ORIGINAL_UNCHANGED,
    allowed = SLIPWAY_ORIGINAL_ALLOWED,
    denied = SLIPWAY_ORIGINAL_DENIED
};

/// What Client::entermedia_distribution_edit changes.
struct EnterMediaDistributionEditRequest {
    std::string distribution_id; ///< Required.
    std::string asset_id;        ///< Optional. Default: the asset that it has.
    Original original = Original::unchanged;
    bool skip_verify = false; ///< As in EnterMediaDistributionCreateRequest.
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// What Client::entermedia_distribution_get and Client::entermedia_distribution_delete take.
struct EnterMediaDistributionRequest {
    std::string distribution_id; ///< Required.
    Milliseconds deadline{0};    ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// Public links to an asset.
struct EnterMediaDistribution {
    std::string id;
    std::string asset_id;
    std::optional<bool> allow_original;
    std::string base_url;                     ///< What the links to renditions begin with; no link itself.
    std::string original_url;                 ///< The link to the asset's own file, or empty when that is not allowed.
    std::map<std::string, std::string> links; ///< To renditions, by preset, such as "largeimage".
    std::optional<bool> verified;             ///< True: asset and link were looked at. Empty: they were not.
};

/// A distribution that was removed.
struct EnterMediaDistributionDeletion {
    std::string id;
    bool deleted = false;
    std::optional<bool> cached; ///< Whether a link of it still answered, from the server's cache; empty when none was known.
};

namespace detail {

inline slipway_entermedia_distribution_create_request to_c(const EnterMediaDistributionCreateRequest &request, Arguments &arguments) {
    slipway_entermedia_distribution_create_request c = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_REQUEST_INIT;
    c.asset_id = arguments(request.asset_id);
    c.distribution_id = arguments.unless_empty(request.distribution_id);
    c.allow_original = request.allow_original;
    c.skip_verify = request.skip_verify;
    return c;
}

inline slipway_entermedia_distribution_edit_request to_c(const EnterMediaDistributionEditRequest &request, Arguments &arguments) {
    slipway_entermedia_distribution_edit_request c = SLIPWAY_ENTERMEDIA_DISTRIBUTION_EDIT_REQUEST_INIT;
    c.distribution_id = arguments(request.distribution_id);
    c.asset_id = arguments.unless_empty(request.asset_id);
    c.original = static_cast<std::int32_t>(request.original);
    c.skip_verify = request.skip_verify;
    return c;
}

inline slipway_entermedia_distribution_request to_c(const EnterMediaDistributionRequest &request, Arguments &arguments) {
    slipway_entermedia_distribution_request c = SLIPWAY_ENTERMEDIA_DISTRIBUTION_REQUEST_INIT;
    c.distribution_id = arguments(request.distribution_id);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_distribution_create_request) == 40,
              "EnterMediaDistributionCreateRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_distribution_edit_request) == 40,
              "EnterMediaDistributionEditRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_distribution_request) == 24,
              "EnterMediaDistributionRequest: carry the new member");

inline void read(const Reader &reader, EnterMediaDistribution &distribution) {
    distribution.id = reader.text("id");
    distribution.asset_id = reader.text("assetId");
    distribution.allow_original = reader.boolean("allowOriginal");
    distribution.base_url = reader.text("baseUrl");
    distribution.original_url = reader.text("originalUrl");
    distribution.links = reader.members("links");
    distribution.verified = reader.boolean("verified");
}

inline void read(const Reader &reader, EnterMediaDistributionDeletion &deletion) {
    deletion.id = reader.text("id");
    deletion.deleted = reader.boolean("deleted").value_or(false);
    deletion.cached = reader.boolean("cached");
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------------ Search

/// One condition of a search.
struct EnterMediaTerm {
    std::string field; ///< Required. Such as "id" or "assetid".
    std::string match; ///< Optional. The server's word for how to compare. Default "matches".
    std::string value; ///< Required. "*" is anything.
};

/// What Client::entermedia_distribution_search looks for.
struct EnterMediaDistributionSearchRequest {
    std::vector<EnterMediaTerm> terms; ///< Optional. At most 64, of which all must hold. Default: every distribution.
    std::uint32_t page = 0;            ///< One page, from 1. 0: all pages, up to 10,000 distributions.
    std::uint32_t page_size = 0;       ///< Distributions a page, at most 1,000. 0: 100.
    Milliseconds deadline{0};          ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// The distributions that were found.
struct EnterMediaDistributions {
    std::vector<EnterMediaDistribution> distributions;
    std::optional<std::int64_t> total; ///< How many there are.
    std::optional<std::int64_t> page;  ///< The one that was asked for; empty for all.
    std::optional<std::int64_t> pages;
    bool complete = false; ///< There are no more than these.
};

namespace detail {

inline slipway_entermedia_distribution_search_request to_c(const EnterMediaDistributionSearchRequest &request, Arguments &arguments) {
    std::vector<slipway_entermedia_term> terms;
    terms.reserve(request.terms.size());
    for (const EnterMediaTerm &term : request.terms)
        terms.push_back({arguments(term.field), arguments.unless_empty(term.match), arguments(term.value)});
    slipway_entermedia_distribution_search_request c = SLIPWAY_ENTERMEDIA_DISTRIBUTION_SEARCH_REQUEST_INIT;
    c.terms = arguments.keep(std::move(terms));
    c.term_count = request.terms.size();
    c.page = request.page;
    c.page_size = request.page_size;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_distribution_search_request) == 40,
              "EnterMediaDistributionSearchRequest: carry the new member");

inline void read(const Reader &reader, EnterMediaDistributions &found) {
    found.distributions = reader.elements<EnterMediaDistribution>("distributions");
    found.total = reader.integer("total");
    found.page = reader.integer("page");
    found.pages = reader.integer("pages");
    found.complete = reader.boolean("complete").value_or(false);
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------ Many distributions

/// Gets the end of one of many: `index` counts from 0 in the order of the request.
using OnItem = std::function<void(std::size_t index, Result<EnterMediaDistribution>)>;

/// What Client::entermedia_distribution_create_many publishes.
struct EnterMediaDistributionCreateManyRequest {
    std::vector<std::string> asset_ids; ///< Required. 1 to 1,000,000.
    /// Optional. As many as asset_ids; an empty one is a UUID. Default: UUIDs.
    std::vector<std::string> distribution_ids;
    /// Optional. Called once for each of them, in the order in which they end, before the operation's own callback. It is kept until then.
    OnItem on_item = nullptr;
    bool allow_original = false;    ///< As in EnterMediaDistributionCreateRequest.
    bool skip_verify = false;       ///< As in EnterMediaDistributionCreateRequest.
    std::uint32_t max_parallel = 0; ///< So many at a time. 0: 16.
    Milliseconds deadline{0};       ///< For all of them. 0: none, whatever the client's.
    OnProgress on_progress = nullptr;
};

/// What became of many. Also there when it was cancelled: those that were not tried are in neither number.
struct EnterMediaDistributionsCreated {
    struct Failure {
        std::int64_t index = 0; ///< From 0, in the order of the request.
        std::string asset_id;
        std::string id;
        Status status = Status::internal;
        std::string message;
        std::string hint;
    };

    std::int64_t total = 0;
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::vector<Failure> failures; ///< The first 1,000, in the order in which they ended.
};

namespace detail {

/// The one call that calls back for its items, too.
struct CallOfMany final : Call<EnterMediaDistributionsCreated> {
    OnItem on_item;

    /// slipway_item_fn. The user_data is the one of all of its callbacks: a pointer to the base.
    static void ended(std::size_t index, const slipway_result *result, void *user_data) noexcept {
        const CallOfMany *call = static_cast<const CallOfMany *>(static_cast<const Call *>(user_data));
        call->host->call([&] { call->on_item(index, received<EnterMediaDistribution>(result)); });
    }
};

inline std::unique_ptr<Call<EnterMediaDistributionsCreated>> call_for(const OnComplete<EnterMediaDistributionsCreated> &,
                                                                      EnterMediaDistributionCreateManyRequest &request) {
    auto call = std::make_unique<CallOfMany>();
    call->on_item = std::move(request.on_item);
    return call;
}

inline slipway_entermedia_distribution_create_many_request to_c(const EnterMediaDistributionCreateManyRequest &request,
                                                                Arguments &arguments) {
    arguments.require(request.distribution_ids.empty() || request.distribution_ids.size() == request.asset_ids.size());
    slipway_entermedia_distribution_create_many_request c = SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT;
    c.asset_ids = arguments(request.asset_ids);
    c.asset_count = request.asset_ids.size();
    c.distribution_ids = arguments.unless_empty(request.distribution_ids);
    c.on_item = request.on_item ? CallOfMany::ended : nullptr;
    c.allow_original = request.allow_original;
    c.skip_verify = request.skip_verify;
    c.max_parallel = request.max_parallel;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_distribution_create_many_request) == 64,
              "EnterMediaDistributionCreateManyRequest: carry the new member");

inline void read(const Reader &reader, EnterMediaDistributionsCreated::Failure &failure) {
    failure.index = reader.integer("index").value_or(0);
    failure.asset_id = reader.text("assetId");
    failure.id = reader.text("id");
    failure.status = status(reader.text("status"));
    failure.message = reader.text("message");
    failure.hint = reader.text("hint");
}

inline void read(const Reader &reader, EnterMediaDistributionsCreated &created) {
    created.total = reader.integer("total").value_or(0);
    created.succeeded = reader.integer("succeeded").value_or(0);
    created.failed = reader.integer("failed").value_or(0);
    created.failures = reader.elements<EnterMediaDistributionsCreated::Failure>("failures");
}

} // namespace detail

// ------------------------------------------------------------------------------------------------------------------------------- Asset

/// What Client::entermedia_asset_upload sends.
struct EnterMediaAssetUploadRequest {
    std::string file_path;    ///< Required. A file of this machine; it must not change while it is sent.
    std::string asset_id;     ///< Optional. Default: a UUID. An asset that exists already is replaced, file and all.
    std::string source_path;  ///< Optional. The folder in the library. Default "slipway/<asset id>".
    std::string name;         ///< Optional. The file's name in the library. Default: that of file_path.
    Milliseconds deadline{0}; ///< 0: none, whatever the client's.
    OnProgress on_progress = nullptr;
};

/// What Client::entermedia_asset_get and Client::entermedia_asset_delete take.
struct EnterMediaAssetRequest {
    std::string asset_id;     ///< Required.
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// An asset that was sent.
struct EnterMediaAssetUpload {
    std::string id;
    std::string name;
    std::string source_path;
    std::int64_t size = 0; ///< In bytes, as sent.
};

/// An asset as the server knows it. Empty is what it has not found out yet.
struct EnterMediaAsset {
    std::string id;
    std::string name;
    std::string title;
    std::string source_path;
    std::optional<std::int64_t> size; ///< In bytes.
    std::string format;
    std::string md5;
    std::string import_status;
    std::string preview_status;
    std::string created_at;
    std::string modified_at;
    std::vector<std::string> renditions; ///< The presets.
};

/// An asset that was removed, with its file and all links to it.
struct EnterMediaAssetDeletion {
    std::string id;
    bool deleted = false;
};

namespace detail {

inline slipway_entermedia_asset_upload_request to_c(const EnterMediaAssetUploadRequest &request, Arguments &arguments) {
    slipway_entermedia_asset_upload_request c = SLIPWAY_ENTERMEDIA_ASSET_UPLOAD_REQUEST_INIT;
    c.file_path = arguments(request.file_path);
    c.asset_id = arguments.unless_empty(request.asset_id);
    c.source_path = arguments.unless_empty(request.source_path);
    c.name = arguments.unless_empty(request.name);
    return c;
}

inline slipway_entermedia_asset_request to_c(const EnterMediaAssetRequest &request, Arguments &arguments) {
    slipway_entermedia_asset_request c = SLIPWAY_ENTERMEDIA_ASSET_REQUEST_INIT;
    c.asset_id = arguments(request.asset_id);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_asset_upload_request) == 48,
              "EnterMediaAssetUploadRequest: carry the new member");
static_assert(sizeof(void *) != 8 || sizeof(slipway_entermedia_asset_request) == 24, "EnterMediaAssetRequest: carry the new member");

inline void read(const Reader &reader, EnterMediaAssetUpload &upload) {
    upload.id = reader.text("id");
    upload.name = reader.text("name");
    upload.source_path = reader.text("sourcePath");
    upload.size = reader.integer("size").value_or(0);
}

inline void read(const Reader &reader, EnterMediaAsset &asset) {
    asset.id = reader.text("id");
    asset.name = reader.text("name");
    asset.title = reader.text("title");
    asset.source_path = reader.text("sourcePath");
    asset.size = reader.integer("size");
    asset.format = reader.text("format");
    asset.md5 = reader.text("md5");
    asset.import_status = reader.text("importStatus");
    asset.preview_status = reader.text("previewStatus");
    asset.created_at = reader.text("createdAt");
    asset.modified_at = reader.text("modifiedAt");
    asset.renditions = reader.texts("renditions");
}

inline void read(const Reader &reader, EnterMediaAssetDeletion &deletion) {
    deletion.id = reader.text("id");
    deletion.deleted = reader.boolean("deleted").value_or(false);
}

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_ENTERMEDIA_HPP
