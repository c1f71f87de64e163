"""What became of a call or an operation."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """The numbers of `slipway_status` in slipway.h. Each failure has an exception class of its own in `slipway.errors`."""

    OK = 0
    INVALID_ARGUMENT = -1
    UNSUPPORTED_OPTION = -2
    WOULD_DEADLOCK = -3
    CLOSED = -4
    CANCELLED = -5
    DEADLINE_EXCEEDED = -6
    FORKED = -7
    UNAUTHORIZED = -10
    FORBIDDEN = -11
    NOT_FOUND = -12
    NOT_READY = -13
    RATE_LIMITED = -14
    REJECTED = -15
    SERVER = -16
    NETWORK = -20
    TLS = -21
    PROTOCOL = -22
    INSECURE = -23
    FILE = -30
    MISSING_LIBRARY = -40
    INTERNAL = -41
