"""The answer of Client.upload."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class Upload:
    """A build that is registered: queued, not live.

    file_url   without its query
    message    the service's own words
    recovered  the service's answer was lost, and the build was found among the project's builds
    """

    upload_id: str
    project_id: str
    file_url: Optional[str]
    message: Optional[str]
    recovered: bool
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Upload:
        return cls(
            upload_id=document["uploadId"],
            project_id=document["projectId"],
            file_url=document.get("fileUrl"),
            message=document.get("message"),
            recovered=bool(document.get("recovered")),
            raw=document.get("raw"),
        )
