// Times: all are milliseconds. Part of slipway.hpp.
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

/// A timeout: negative is over already.
inline std::uint32_t timeout(Milliseconds time) noexcept {
    if (time.count() <= 0) return 0;
    return time.count() >= static_cast<Milliseconds::rep>(SLIPWAY_FOREVER) ? SLIPWAY_FOREVER : static_cast<std::uint32_t>(time.count());
}

/// A setting, in which 0 stands for the default: a negative one must not turn into it, so it becomes the shortest.
inline std::uint32_t setting(Milliseconds time) noexcept { return time.count() < 0 ? 1 : timeout(time); }

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_TIME_HPP
