"""Settings of a URL that takes a file."""

from __future__ import annotations

import ctypes
import dataclasses
from ctypes import c_char_p
from typing import Mapping, Optional

from .. import abi
from ..arguments import constant, count, header_lines, optional_text, text
from .link import Link
from .storage import Storage

_MOST_HEADERS = 64


@dataclasses.dataclass(frozen=True, repr=False)
class PutURL(Storage):
    """A URL of any HTTP server that takes a file by one PUT, such as a presigned one. It is the name of one object, so there are no keys.

    url                  its query is a secret: `repr()` does not show it
    headers              what the server wants, such as {"x-ms-blob-type": "BlockBlob"}, at most 64. Secrets, too
    public_url           the whole link under which the file can be read then. Default: url without its query
    content_type         default: none is sent
    content_disposition  such as "attachment"
    bytes_per_second     a limit on what is sent. Default: none
    """

    url: str = dataclasses.field(repr=False)
    headers: Optional[Mapping[str, str]] = dataclasses.field(default=None, repr=False, hash=False)
    public_url: Optional[str] = dataclasses.field(default=None, repr=False)
    link: Link = Link.AUTOMATIC
    content_type: Optional[str] = None
    content_disposition: Optional[str] = None
    bytes_per_second: Optional[int] = None

    def _struct(self) -> abi.Storage:
        headers = header_lines("storage.headers", self.headers, _MOST_HEADERS)
        return abi.Storage(
            struct_size=ctypes.sizeof(abi.Storage),
            put_url=text("storage.url", self.url),
            public_url=optional_text("storage.public_url", self.public_url),
            link=constant("storage.link", self.link, Link),
            content_type=optional_text("storage.content_type", self.content_type),
            content_disposition=optional_text("storage.content_disposition", self.content_disposition),
            put_headers=(c_char_p * len(headers))(*headers),
            put_header_count=len(headers),
            bytes_per_second=count("storage.bytes_per_second", self.bytes_per_second, 2**64 - 1),
        )
