"""The version of this package, and that of the library that it found."""

from __future__ import annotations

from .library import load

__version__ = "0.1.0"


def library_version() -> str:
    """The version of the libslipway in use, such as "0.1.0". Loads it, and raises LibraryError when there is none."""
    return load().version
