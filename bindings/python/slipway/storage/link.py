"""What kind of link leads to an object."""

from __future__ import annotations

import enum


class Link(enum.IntEnum):
    """What kind of link leads to an object: the SLIPWAY_LINK_... of slipway.h."""

    AUTOMATIC = 0
    """PUBLIC with a public_url, an acl that begins with "public-read", or a PutURL; NONE for a Directory without a public_url; else
    PRESIGNED."""
    PUBLIC = 1
    """A clean URL: public_url with the key behind it, or else the storage's own URL of the object."""
    PRESIGNED = 2
    """S3 only: a URL that lets anybody read the object for link_hours."""
    NONE = 3
    """No link is made, and none is read."""
