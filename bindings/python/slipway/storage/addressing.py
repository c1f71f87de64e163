"""Where a bucket's name stands in URLs."""

from __future__ import annotations

import enum


class Addressing(enum.IntEnum):
    """Where a bucket's name stands in URLs: the SLIPWAY_ADDRESSING_... of slipway.h."""

    AUTOMATIC = 0
    """VIRTUAL_HOST for AWS, unless the bucket's name has a dot; PATH for all others."""
    PATH = 1
    """https://host/bucket/key"""
    VIRTUAL_HOST = 2
    """https://bucket.host/key"""
