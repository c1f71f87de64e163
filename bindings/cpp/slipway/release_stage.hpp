// Where a release is. Part of slipway.hpp.
#ifndef SLIPWAY_RELEASE_STAGE_HPP
#define SLIPWAY_RELEASE_STAGE_HPP

#include "mode.hpp"

#include <cstdint>
#include <string_view>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// Where Client::release is.
enum class ReleaseStage : std::int32_t {
    unknown = -2, ///< A word that this version does not know.
    done = -1,    ///< In the answer of a release that worked.
    none = 0,     ///< Not a release.
    checking = SLIPWAY_RELEASE_CHECKING,
    hosting = SLIPWAY_RELEASE_HOSTING,
    registering = SLIPWAY_RELEASE_REGISTERING,
    waiting = SLIPWAY_RELEASE_WAITING,
    distributing = SLIPWAY_RELEASE_DISTRIBUTING,
    going_live = SLIPWAY_RELEASE_GOING_LIVE,
    removing = SLIPWAY_RELEASE_REMOVING
};

/// Slipway's word for it, such as "host"; "" for none. Static.
inline const char *name(ReleaseStage stage) noexcept {
    switch (stage) {
    case ReleaseStage::unknown: return "unknown";
    case ReleaseStage::done: return "done";
    case ReleaseStage::none: return "";
    case ReleaseStage::checking: return "check";
    case ReleaseStage::hosting: return "host";
    case ReleaseStage::registering: return "register";
    case ReleaseStage::waiting: return "wait";
    case ReleaseStage::distributing: return "distribute";
    case ReleaseStage::going_live: return "live";
    case ReleaseStage::removing: return "remove";
    }
    return "unknown";
}

namespace detail {

inline ReleaseStage release_stage(std::string_view text) noexcept {
    if (text.empty()) return ReleaseStage::none;
    for (ReleaseStage stage : {ReleaseStage::checking, ReleaseStage::hosting, ReleaseStage::registering, ReleaseStage::waiting,
                               ReleaseStage::distributing, ReleaseStage::going_live, ReleaseStage::removing, ReleaseStage::done})
        if (text == name(stage)) return stage;
    return ReleaseStage::unknown;
}

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_RELEASE_STAGE_HPP
