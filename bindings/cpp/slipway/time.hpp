// Times: milliseconds, unless they say otherwise. Part of slipway.hpp.
#ifndef SLIPWAY_TIME_HPP
#define SLIPWAY_TIME_HPP

#include "mode.hpp"

#include <chrono>
#include <cstdint>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

using Milliseconds = std::chrono::milliseconds;

/// A timeout or deadline that never ends. So is any that is longer than 49 days, which is what the library can count to.
inline constexpr Milliseconds forever = (Milliseconds::max)();

namespace detail {

/// In the time's own unit; negative is 0.
template <class Count, class Unit> std::uint32_t units(std::chrono::duration<Count, Unit> time) noexcept {
    const auto count = static_cast<std::int64_t>(time.count());
    if (count <= 0) return 0;
    return count >= static_cast<std::int64_t>(SLIPWAY_FOREVER) ? SLIPWAY_FOREVER : static_cast<std::uint32_t>(count);
}

/// A timeout: negative is over already.
inline std::uint32_t timeout(Milliseconds time) noexcept { return units(time); }

/// A setting, in which 0 stands for the default: a negative one must not turn into it, so it becomes the shortest.
template <class Count, class Unit> std::uint32_t setting(std::chrono::duration<Count, Unit> time) noexcept {
    return time.count() < 0 ? 1 : units(time);
}

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_TIME_HPP
