"""The answer of Client.storage_abort_unfinished."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from .unfinished_upload import UnfinishedUpload


@dataclasses.dataclass(frozen=True)
class UploadsAborted:
    """What became of the unfinished uploads. When it failed on the way, it comes as the `result` of the exception.

    bucket    of an S3
    prefix    that was looked below
    aborted   those that are gone
    younger   how many stay, since they are younger than min_age
    complete  False: there are more than 10,000; the same call again looks at what is left
    """

    bucket: Optional[str]
    prefix: Optional[str]
    aborted: Tuple[UnfinishedUpload, ...]
    younger: int
    complete: bool

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> UploadsAborted:
        return cls(
            bucket=document.get("bucket"),
            prefix=document.get("prefix"),
            aborted=tuple(UnfinishedUpload.from_document(upload) for upload in document["aborted"]),
            younger=document.get("younger") or 0,
            complete=bool(document.get("complete")),
        )
