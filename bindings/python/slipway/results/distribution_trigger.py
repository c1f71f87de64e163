"""The answer of Client.distribute."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class DistributionTrigger:
    """A distribution that was triggered, not finished: `Client.wait_for_build(until="live")` says when it is."""

    upload_id: str
    project_id: str
    region: Optional[str]
    message: Optional[str]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> DistributionTrigger:
        return cls(
            upload_id=document["uploadId"],
            project_id=document["projectId"],
            region=document.get("region"),
            message=document.get("message"),
            raw=document.get("raw"),
        )
