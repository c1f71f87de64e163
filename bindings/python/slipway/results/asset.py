"""The answer of Client.entermedia_asset_get."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple


@dataclasses.dataclass(frozen=True)
class Asset:
    """A file that the server keeps. None is what it has not found out yet.

    size        in bytes
    renditions  presets, such as "largeimage"
    """

    id: str
    name: Optional[str]
    title: Optional[str]
    source_path: Optional[str]
    size: Optional[int]
    format: Optional[str]
    md5: Optional[str]
    import_status: Optional[str]
    preview_status: Optional[str]
    created_at: Optional[str]
    modified_at: Optional[str]
    renditions: Tuple[str, ...]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Asset:
        return cls(
            id=document["id"],
            name=document.get("name"),
            title=document.get("title"),
            source_path=document.get("sourcePath"),
            size=document.get("size"),
            format=document.get("format"),
            md5=document.get("md5"),
            import_status=document.get("importStatus"),
            preview_status=document.get("previewStatus"),
            created_at=document.get("createdAt"),
            modified_at=document.get("modifiedAt"),
            renditions=tuple(document.get("renditions") or ()),
            raw=document.get("raw"),
        )
