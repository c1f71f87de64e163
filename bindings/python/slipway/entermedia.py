"""Settings of an EnterMediaDB server."""

from __future__ import annotations

import dataclasses
from typing import Optional


@dataclasses.dataclass(frozen=True)
class EnterMedia:
    """How to reach an EnterMediaDB server. It takes a base URL, and a key or a user with a password; `repr()` shows neither secret.

    base_url  up to and with "/mediadb", such as "https://dam.example.com/assets/mediadb". Default: the environment variable
              ENTERMEDIA_BASE_URL
    key       of a user. Default: the environment variable ENTERMEDIA_KEY. Without one the client logs in
    user      the client logs in on first use when it has no key, and again when the key is refused. Default: the environment
              variable ENTERMEDIA_USER
    password  default: the environment variable ENTERMEDIA_PASSWORD
    """

    base_url: Optional[str] = None
    key: Optional[str] = dataclasses.field(default=None, repr=False)
    user: Optional[str] = None
    password: Optional[str] = dataclasses.field(default=None, repr=False)
