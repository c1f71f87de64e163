"""What an upload that ended early has left in a storage."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class UnfinishedUpload:
    """A multipart upload of a bucket, or the hidden file of a copy that was broken off.

    key            with the storage's key_prefix
    started_at     ISO 8601
    storage_class  None where the storage does not tell, and of one that was aborted
    """

    key: str
    upload_id: Optional[str]
    started_at: Optional[str]
    storage_class: Optional[str]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> UnfinishedUpload:
        return cls(
            key=document["key"],
            upload_id=document.get("uploadId"),
            started_at=document.get("startedAt"),
            storage_class=document.get("storageClass"),
        )
