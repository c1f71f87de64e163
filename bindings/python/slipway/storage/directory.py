"""Settings of a folder of this machine."""

from __future__ import annotations

import ctypes
import dataclasses
from typing import Optional

from .. import abi
from ..arguments import Path, constant, count, optional_text, path
from .link import Link
from .storage import Storage


@dataclasses.dataclass(frozen=True, repr=False)
class Directory(Storage):
    """A folder of this machine, which a web server of yours serves. Objects come into it under their final name only when they are whole
    and on the disk.

    path              it must exist
    key_prefix        in front of every key, with a slash in between: a folder in the folder
    public_url        what objects are read through, such as "https://builds.example.com": the key is put behind it, percent-encoded.
                      Without it there is no link
    bytes_per_second  a limit on what is copied. Default: none
    """

    path: Path
    key_prefix: Optional[str] = None
    public_url: Optional[str] = None
    link: Link = Link.AUTOMATIC
    bytes_per_second: Optional[int] = None

    def _struct(self) -> abi.Storage:
        return abi.Storage(
            struct_size=ctypes.sizeof(abi.Storage),
            directory=path("storage.path", self.path),
            key_prefix=optional_text("storage.key_prefix", self.key_prefix),
            public_url=optional_text("storage.public_url", self.public_url),
            link=constant("storage.link", self.link, Link),
            bytes_per_second=count("storage.bytes_per_second", self.bytes_per_second, 2**64 - 1),
        )
