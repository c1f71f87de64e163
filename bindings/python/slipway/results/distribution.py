"""The answer of Client.entermedia_distribution_create, _edit and _get."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Mapping, Optional


@dataclasses.dataclass(frozen=True)
class Distribution:
    """An asset that is published: public links to it. The URLs are the server's own; host and path need not be those of the base URL.

    asset_id        None of a record that belongs to no asset
    allow_original  None where the server does not tell
    base_url        what the links begin with, no link itself
    original_url    the link to the asset's own file, or None when that is not allowed
    links           to its renditions, by preset, such as "largeimage" and "webpthumbimage"
    verified        True: the asset was found before, and a link answered after. None: that was not looked at
    raw             the server's own document; None of one that a search found, since the pages are kept there
    """

    id: str
    asset_id: Optional[str]
    allow_original: Optional[bool]
    base_url: Optional[str]
    original_url: Optional[str]
    links: Mapping[str, str]
    verified: Optional[bool]
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Distribution:
        return cls(
            id=document["id"],
            asset_id=document.get("assetId"),
            allow_original=document.get("allowOriginal"),
            base_url=document.get("baseUrl"),
            original_url=document.get("originalUrl"),
            links=dict(document.get("links") or {}),
            verified=document.get("verified"),
            raw=document.get("raw"),
        )
