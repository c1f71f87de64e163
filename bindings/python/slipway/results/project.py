"""The answer of Client.project."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from .build import Build


@dataclasses.dataclass(frozen=True)
class Project:
    """A project with its builds, newest last: the history that a rollback chooses from.

    active  True, False, or None where the service does not tell
    status  the service's own word for it, as text
    """

    id: str
    name: Optional[str]
    active: Optional[bool]
    status: Optional[str]
    region: Optional[str]
    subscription_status: Optional[str]
    custom_domain: Optional[str]
    webhook_url: Optional[str]
    webhook_events: Tuple[str, ...]
    live_users: Optional[int]
    users_in_queue: Optional[int]
    created_at: Optional[str]
    updated_at: Optional[str]
    builds: Tuple[Build, ...]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Project:
        return cls(
            id=document["id"],
            name=document.get("name"),
            active=document.get("active"),
            status=document.get("status"),
            region=document.get("region"),
            subscription_status=document.get("subscriptionStatus"),
            custom_domain=document.get("customDomain"),
            webhook_url=document.get("webhookUrl"),
            webhook_events=tuple(document.get("webhookEvents") or ()),
            live_users=document.get("liveUsers"),
            users_in_queue=document.get("usersInQueue"),
            created_at=document.get("createdAt"),
            updated_at=document.get("updatedAt"),
            builds=tuple(Build.from_document(build) for build in document.get("builds") or ()),
            raw=document.get("raw"),
        )

    def build(self, upload_id: str) -> Optional[Build]:
        """The build with that id, or None."""
        return next((build for build in self.builds if build.upload_id == upload_id), None)
