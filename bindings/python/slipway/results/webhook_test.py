"""The answer of Client.test_webhook."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class WebhookTest:
    """What became of the service's test event.

    delivered    whether your server answered it
    status_code  what your server answered, or None
    """

    project_id: str
    delivered: Optional[bool]
    status_code: Optional[int]
    message: Optional[str]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> WebhookTest:
        return cls(
            project_id=document["projectId"],
            delivered=document.get("delivered"),
            status_code=document.get("statusCode"),
            message=document.get("message"),
            raw=document.get("raw"),
        )
