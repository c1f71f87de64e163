"""The answer of Client.entermedia_asset_delete."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict


@dataclasses.dataclass(frozen=True)
class AssetDeletion:
    """An asset that is gone, with its file and all its links."""

    id: str
    deleted: bool
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> AssetDeletion:
        return cls(id=document["id"], deleted=bool(document.get("deleted")), raw=document.get("raw"))
