"""The answer of Client.receive_webhook."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class WebhookEvent:
    """What somebody sent to your web server. Anybody can: act on `confirmed is True` only.

    event            such as "build.approved" or "webhook.test"
    confirmed        True: the service shows the build in the same state now. False: it does not. None: it was not asked
    confirmed_state  the state that the service shows, or None
    """

    event: str
    project_id: Optional[str]
    upload_id: Optional[str]
    file_url: Optional[str]
    state: Optional[str]
    service_state: Optional[str]
    objection: Optional[str]
    timestamp: Optional[str]
    confirmed: Optional[bool]
    confirmed_state: Optional[str]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> WebhookEvent:
        return cls(
            event=document["event"],
            project_id=document.get("projectId"),
            upload_id=document.get("uploadId"),
            file_url=document.get("fileUrl"),
            state=document.get("state"),
            service_state=document.get("serviceState"),
            objection=document.get("objection"),
            timestamp=document.get("timestamp"),
            confirmed=document.get("confirmed"),
            confirmed_state=document.get("confirmedState"),
            raw=document.get("raw"),
        )
