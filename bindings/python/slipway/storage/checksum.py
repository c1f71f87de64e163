"""What a storage compares a file's content with."""

from __future__ import annotations

import enum


class Checksum(enum.IntEnum):
    """What a storage compares a file's content with, and keeps: the SLIPWAY_CHECKSUM_... of slipway.h."""

    NONE = 0
    """None beyond what the storage needs: look-alikes refuse what they do not know. Over plain http the signature covers the content, over
    https TLS does."""
    CRC32 = 1
    """x-amz-checksum-crc32"""
    SHA256 = 2
    """x-amz-checksum-sha256"""
