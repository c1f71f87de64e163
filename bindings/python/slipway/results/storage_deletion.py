"""The answer of Client.storage_delete."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class StorageDeletion:
    """An object that is not there any more, or never was.

    key     with the storage's key_prefix
    bucket  of an S3
    path    of the file in a Directory
    """

    key: str
    bucket: Optional[str]
    path: Optional[str]
    deleted: bool

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> StorageDeletion:
        return cls(
            key=document["key"],
            bucket=document.get("bucket"),
            path=document.get("path"),
            deleted=bool(document.get("deleted")),
        )
