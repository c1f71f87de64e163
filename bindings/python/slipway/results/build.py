"""A build in a project's history."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class Build:
    """One build of a Project.

    state          "pending", "downloading", "extracting", "saving", "distributing", "approved", "rejected", or "unknown"
    service_state  the service's own word for it
    objection      why it was rejected
    """

    upload_id: str
    file_url: Optional[str]
    state: str
    service_state: Optional[str]
    date: Optional[str]
    objection: Optional[str]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Build:
        return cls(
            upload_id=document["uploadId"],
            file_url=document.get("fileUrl"),
            state=document.get("state") or "unknown",
            service_state=document.get("serviceState"),
            date=document.get("date"),
            objection=document.get("objection"),
        )
