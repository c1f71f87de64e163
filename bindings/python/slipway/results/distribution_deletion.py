"""The answer of Client.entermedia_distribution_delete."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class DistributionDeletion:
    """A distribution that is gone.

    cached  True: a link of it still answered after the delete, from the server's cache. False: it did not. None: no link was known
    """

    id: str
    deleted: bool
    cached: Optional[bool]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> DistributionDeletion:
        return cls(
            id=document["id"],
            deleted=bool(document.get("deleted")),
            cached=document.get("cached"),
            raw=document.get("raw"),
        )
