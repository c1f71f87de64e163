"""The answer of Client.wait_for_build."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple


@dataclasses.dataclass(frozen=True)
class TimelineEntry:
    """A state of the build, and when it was first seen: seconds after the wait began."""

    state: str
    service_state: Optional[str]
    after: float

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> TimelineEntry:
        return cls(
            state=document.get("state") or "unknown",
            service_state=document.get("serviceState"),
            after=(document.get("afterMs") or 0) / 1000,
        )


@dataclasses.dataclass(frozen=True)
class BuildVerdict:
    """What the service decided. Of a rejected build it comes as the `result` of the RejectedError.

    state      as in Build
    live       True, or None while that is not known
    objection  why it was rejected
    timeline   the states in the order in which they were seen
    """

    project_id: str
    upload_id: str
    file_url: Optional[str]
    state: str
    service_state: Optional[str]
    live: Optional[bool]
    objection: Optional[str]
    date: Optional[str]
    timeline: Tuple[TimelineEntry, ...]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> BuildVerdict:
        return cls(
            project_id=document["projectId"],
            upload_id=document["uploadId"],
            file_url=document.get("fileUrl"),
            state=document.get("state") or "unknown",
            service_state=document.get("serviceState"),
            live=document.get("live"),
            objection=document.get("objection"),
            date=document.get("date"),
            timeline=tuple(TimelineEntry.from_document(entry) for entry in document.get("timeline") or ()),
            raw=document.get("raw"),
        )
