"""The answer of Client.store."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class StoredObject:
    """An object that is stored, or how far that came: of a store that failed it comes as the `result` of the exception.

    key             with the storage's key_prefix; None for a PutURL
    size            in bytes
    etag            as the storage has it
    url             the link, or None where none is made. Of a presigned one the query is a secret, so `repr()` does not show it
    url_expires_at  ISO 8601, or None for a link that stays
    bucket          of an S3
    path            of the file in a Directory
    parts           those of a multipart upload; 0 for one PUT
    parts_reused    those of them that were there already
    bytes_sent      repeated ones included
    skipped         the same was there, and nothing was sent
    upload_id       of the multipart upload; of one that failed, too, when it is still unfinished
    """

    key: Optional[str]
    size: Optional[int]
    etag: Optional[str]
    url: Optional[str] = dataclasses.field(repr=False)
    url_expires_at: Optional[str]
    bucket: Optional[str]
    path: Optional[str]
    parts: int
    parts_reused: int
    bytes_sent: int
    skipped: bool
    upload_id: Optional[str]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> StoredObject:
        return cls(
            key=document["key"],
            size=document.get("size"),
            etag=document.get("etag"),
            url=document.get("url"),
            url_expires_at=document.get("urlExpiresAt"),
            bucket=document.get("bucket"),
            path=document.get("path"),
            parts=document.get("parts") or 0,
            parts_reused=document.get("partsReused") or 0,
            bytes_sent=document.get("bytesSent") or 0,
            skipped=bool(document.get("skipped")),
            upload_id=document.get("uploadId"),
        )
