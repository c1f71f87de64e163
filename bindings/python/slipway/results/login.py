"""The answer of Client.entermedia_login."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional


@dataclasses.dataclass(frozen=True)
class Login:
    """The server accepts who we are.

    user       whom the server says it is, or None
    logged_in  False when only the client's key was tried
    """

    user: Optional[str]
    logged_in: bool
    raw: Any = dataclasses.field(repr=False)

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Login:
        return cls(user=document.get("user"), logged_in=bool(document.get("loggedIn")), raw=document.get("raw"))
