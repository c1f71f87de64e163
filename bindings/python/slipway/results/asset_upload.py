"""The answer of Client.entermedia_asset_upload."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class AssetUpload:
    """A file that the server has got. It makes renditions of it afterwards.

    source_path  the folder in the library
    size         in bytes, as sent
    """

    id: str
    name: Optional[str]
    source_path: Optional[str]
    size: int
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> AssetUpload:
        return cls(
            id=document["id"],
            name=document.get("name"),
            source_path=document.get("sourcePath"),
            size=document["size"],
            raw=document.get("raw"),
        )
