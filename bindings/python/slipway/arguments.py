"""Python values as slipway.h wants them. What C would cut off, wrap around or read as "default" is refused here, by name."""

from __future__ import annotations

import math
from typing import Optional

FOREVER = 0xFFFFFFFF  # SLIPWAY_FOREVER
_LONGEST = FOREVER - 1


def text(name: str, value: str) -> bytes:
    """A text as the UTF-8 that ctypes ends with NUL."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise ValueError(f"{name} contains a NUL character")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as error:
        # `from None`: the original shows the whole text, which may be a key.
        raise ValueError(f"{name} is not valid Unicode: a lone surrogate at index {error.start}") from None


def optional_text(name: str, value: Optional[str]) -> Optional[bytes]:
    return None if value is None else text(name, value)


def milliseconds(name: str, seconds: Optional[float], *, endless: bool = False) -> int:
    """Seconds as milliseconds, rounded up; None is 0, the default; math.inf is SLIPWAY_FOREVER where `endless` allows it."""
    if seconds is None:
        return 0
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}")
    if endless and seconds == math.inf:
        return FOREVER
    if not 0 < seconds <= _LONGEST / 1000:
        never = " (math.inf: never)" if endless else ""
        raise ValueError(f"{name} must be more than 0 and at most {_LONGEST // 1000} seconds{never}, not {seconds!r}")
    return math.ceil(seconds * 1000)


def count(name: str, value: Optional[int], maximum: int = _LONGEST) -> int:
    """A number of at least 1; None is 0, the default."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 1 <= value <= maximum:
        raise ValueError(f"{name} must be from 1 to {maximum}, not {value}")
    return value
