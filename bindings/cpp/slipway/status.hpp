// What became of a call. Part of slipway.hpp.
#ifndef SLIPWAY_STATUS_HPP
#define SLIPWAY_STATUS_HPP

#include "mode.hpp"

#include <string_view>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// What became of a call or an operation: the SLIPWAY_... constants of the header, where each is explained. Later versions may add more.
enum class Status : slipway_status {
    ok = SLIPWAY_OK,
    invalid_argument = SLIPWAY_INVALID_ARGUMENT,
    unsupported_option = SLIPWAY_UNSUPPORTED_OPTION,
    would_deadlock = SLIPWAY_WOULD_DEADLOCK,
    closed = SLIPWAY_CLOSED,
    cancelled = SLIPWAY_CANCELLED,
    deadline_exceeded = SLIPWAY_DEADLINE_EXCEEDED,
    forked = SLIPWAY_FORKED,
    unauthorized = SLIPWAY_UNAUTHORIZED,
    forbidden = SLIPWAY_FORBIDDEN,
    not_found = SLIPWAY_NOT_FOUND,
    not_ready = SLIPWAY_NOT_READY,
    rate_limited = SLIPWAY_RATE_LIMITED,
    rejected = SLIPWAY_REJECTED,
    server = SLIPWAY_SERVER,
    network = SLIPWAY_NETWORK,
    tls = SLIPWAY_TLS,
    protocol = SLIPWAY_PROTOCOL,
    insecure = SLIPWAY_INSECURE,
    file = SLIPWAY_FILE,
    missing_library = SLIPWAY_MISSING_LIBRARY,
    internal = SLIPWAY_INTERNAL
};

/// The constant's name in C without its prefix, such as "RATE_LIMITED". Static.
inline const char *name(Status status) noexcept { return slipway_status_name(static_cast<slipway_status>(status)); }

namespace detail {

/// The status of that name; internal for one that this version does not know.
inline Status status(std::string_view text) noexcept {
    for (Status status : {Status::ok, Status::invalid_argument, Status::unsupported_option, Status::would_deadlock, Status::closed,
                          Status::cancelled, Status::deadline_exceeded, Status::forked, Status::unauthorized, Status::forbidden,
                          Status::not_found, Status::not_ready, Status::rate_limited, Status::rejected, Status::server, Status::network,
                          Status::tls, Status::protocol, Status::insecure, Status::file, Status::missing_library})
        if (text == name(status)) return status;
    return Status::internal;
}

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_STATUS_HPP
