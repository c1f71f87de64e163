"""The answer of Client.entermedia_distribution_create_many."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple


@dataclasses.dataclass(frozen=True)
class DistributionFailure:
    """One of many that failed.

    index   from 0, in the order of asset_ids
    id      of the distribution
    status  the name of a Status, such as "NOT_FOUND"
    """

    index: int
    asset_id: str
    id: Optional[str]
    status: str
    message: str
    hint: str

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> DistributionFailure:
        return cls(
            index=document["index"],
            asset_id=document["assetId"],
            id=document.get("id"),
            status=document["status"],
            message=document.get("message") or "",
            hint=document.get("hint") or "",
        )


@dataclasses.dataclass(frozen=True)
class DistributionsCreated:
    """What became of many. When it was cancelled, or out of time, it comes as the `result` of the exception.

    total      how many were asked for; those that were not tried are in neither number
    failures   the first 1,000, by the order in which they ended; on_item gets all of them
    """

    total: int
    succeeded: int
    failed: int
    failures: Tuple[DistributionFailure, ...]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> DistributionsCreated:
        return cls(
            total=document["total"],
            succeeded=document["succeeded"],
            failed=document["failed"],
            failures=tuple(DistributionFailure.from_document(failure) for failure in document.get("failures") or ()),
        )
