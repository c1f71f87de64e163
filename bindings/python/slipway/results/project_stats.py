"""The answer of Client.project_stats."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class ProjectStats:
    """How many people play and wait."""

    project_id: str
    live_users: Optional[int]
    users_in_queue: Optional[int]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> ProjectStats:
        return cls(
            project_id=document["projectId"],
            live_users=document.get("liveUsers"),
            users_in_queue=document.get("usersInQueue"),
            raw=document.get("raw"),
        )
