// How far the service is with a build. Part of slipway.hpp.
#ifndef SLIPWAY_BUILD_STATE_HPP
#define SLIPWAY_BUILD_STATE_HPP

#include "mode.hpp"

#include <string_view>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

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

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_BUILD_STATE_HPP
