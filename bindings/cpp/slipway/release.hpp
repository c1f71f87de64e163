// A release's requests and answers. Part of slipway.hpp. In requests, a text that is optional is not given when it is empty.
#ifndef SLIPWAY_RELEASE_HPP
#define SLIPWAY_RELEASE_HPP

#include "arguments.hpp"
#include "build_state.hpp"
#include "progress.hpp"
#include "reader.hpp"
#include "release_stage.hpp"
#include "storage.hpp"
#include "time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

// ----------------------------------------------------------------------------------------------------------------------------- Package

/// What Client::check_package reads.
struct CheckPackageRequest {
    std::string file_path;    ///< Required. The .zip, on this machine.
    Milliseconds deadline{0}; ///< 0: the client's.
    OnProgress on_progress = nullptr;
};

/// What the service will probably object to, or should be looked at.
struct Finding {
    enum class Severity { unknown, warning, error };

    Severity severity = Severity::unknown;
    std::string code; ///< Such as "no_executable": see slipway_check_package.
    std::string message;
};

/// A packaged build, as its table of contents shows it.
struct Package {
    std::string file_path;
    std::int64_t size = 0; ///< In bytes.
    std::int64_t entries = 0;
    std::int64_t uncompressed_size = 0;
    std::string executable; ///< The path of the build's .exe inside the package, or empty.
    bool zip64 = false;
    std::vector<Finding> findings;
};

namespace detail {

inline slipway_check_package_request to_c(const CheckPackageRequest &request, Arguments &arguments) {
    slipway_check_package_request c = SLIPWAY_CHECK_PACKAGE_REQUEST_INIT;
    c.file_path = arguments(request.file_path);
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_check_package_request) == 24, "CheckPackageRequest: carry the new member");

inline Finding::Severity severity(std::string_view text) noexcept {
    if (text == "error") return Finding::Severity::error;
    return text == "warning" ? Finding::Severity::warning : Finding::Severity::unknown;
}

inline void read(const Reader &reader, Finding &finding) {
    finding.severity = severity(reader.text("severity"));
    finding.code = reader.text("code");
    finding.message = reader.text("message");
}

inline void read(const Reader &reader, Package &package) {
    package.file_path = reader.text("filePath");
    package.size = reader.integer("size").value_or(0);
    package.entries = reader.integer("entries").value_or(0);
    package.uncompressed_size = reader.integer("uncompressedSize").value_or(0);
    package.executable = reader.text("executable");
    package.zip64 = reader.boolean("zip64").value_or(false);
    package.findings = reader.elements<Finding>("findings");
}

} // namespace detail

// ----------------------------------------------------------------------------------------------------------------------------- Release

/// What becomes of the asset and the distribution that a release makes, or of the object.
enum class Hosted : std::int32_t {
    keep = SLIPWAY_KEEP,
    remove_when_done = SLIPWAY_REMOVE_WHEN_DONE ///< They are removed once the build is live, or was rejected. Not for a PutUrlStorage.
};

/// What Client::release takes. 0 is the default of slipway_release_request in every time.
struct ReleaseRequest {
    std::string project_id; ///< Required.
    std::string file_path;  ///< Required, unless resume_from is given. The .zip, on this machine; it must not change meanwhile.
    /// Optional. Goes on with a release that ended early: the latest Progress::resume_from, or Release::resume_from.
    std::string resume_from;
    /// Optional. Where the build is hosted, as Client::store does it. Default: the client's EnterMedia server. There has to be a link.
    std::optional<Storage> storage = std::nullopt;
    std::string source_path;      ///< Optional. The folder in the EnterMedia library. Default "slipway/<asset id>".
    bool manual_release = false;  ///< Register with manual_release, and distribute when it is approved.
    bool ignore_findings = false; ///< Go on with a package that Client::check_package finds errors in.
    Hosted hosted = Hosted::keep;
    Milliseconds interval{0};     ///< As in WaitRequest.
    Milliseconds max_interval{0}; ///< As in WaitRequest.
    Milliseconds settle{0};       ///< As in WaitRequest.
    Milliseconds deadline{0};     ///< 0: four hours, whatever the client's.
    OnProgress on_progress = nullptr;
};

/// How far a release came; also there when it failed.
struct Release {
    /// A stage that was reached, and when.
    struct Step {
        ReleaseStage stage = ReleaseStage::none;
        Milliseconds after{0}; ///< Since the start of the operation.
        Milliseconds took{0};
        bool reused = false; ///< An earlier run had done it.
    };

    ReleaseStage stage = ReleaseStage::none; ///< The one that it was in, or done.
    std::string resume_from;                 ///< For ReleaseRequest::resume_from; empty when there is nothing to go on with.
    std::string project_id;
    std::string file_path;
    std::optional<std::int64_t> size; ///< In bytes.
    std::string asset_id;             ///< Empty until it is known, as the next four are.
    std::string distribution_id;
    std::string key; ///< The object's, in a storage.
    std::string file_url;
    std::string upload_id;
    BuildState state = BuildState::none;
    std::optional<bool> live; ///< True, or empty while it is not known.
    std::string objection;    ///< Why the build was rejected, or empty.
    bool removed = false;     ///< What was hosted is gone again.
    std::vector<Finding> findings;
    std::vector<Step> timeline;
};

namespace detail {

inline slipway_release_request to_c(const ReleaseRequest &request, Arguments &arguments) {
    slipway_release_request c = SLIPWAY_RELEASE_REQUEST_INIT;
    c.project_id = arguments(request.project_id);
    c.file_path = arguments.unless_empty(request.file_path);
    c.resume_from = arguments.unless_empty(request.resume_from);
    c.source_path = arguments.unless_empty(request.source_path);
    c.manual_release = request.manual_release;
    c.hosted = static_cast<std::int32_t>(request.hosted);
    c.interval_ms = setting(request.interval);
    c.max_interval_ms = setting(request.max_interval);
    c.settle_ms = setting(request.settle);
    c.ignore_findings = request.ignore_findings;
    c.storage = request.storage ? lent(*request.storage, arguments) : nullptr;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_release_request) == 80, "ReleaseRequest: carry the new member");

inline void read(const Reader &reader, Release::Step &step) {
    step.stage = release_stage(reader.text("stage"));
    step.after = Milliseconds(reader.integer("afterMs").value_or(0));
    step.took = Milliseconds(reader.integer("tookMs").value_or(0));
    step.reused = reader.boolean("reused").value_or(false);
}

inline void read(const Reader &reader, Release &release) {
    release.stage = release_stage(reader.text("stage"));
    release.resume_from = reader.text("resumeFrom");
    release.project_id = reader.text("projectId");
    release.file_path = reader.text("filePath");
    release.size = reader.integer("size");
    release.asset_id = reader.text("assetId");
    release.distribution_id = reader.text("distributionId");
    release.key = reader.text("key");
    release.file_url = reader.text("fileUrl");
    release.upload_id = reader.text("uploadId");
    release.state = build_state(reader.text("state"));
    release.live = reader.boolean("live");
    release.objection = reader.text("objection");
    release.removed = reader.boolean("removed").value_or(false);
    release.findings = reader.elements<Finding>("findings");
    release.timeline = reader.elements<Release::Step>("timeline");
}

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_RELEASE_HPP
