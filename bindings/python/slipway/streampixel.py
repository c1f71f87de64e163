"""Settings of the Streampixel service."""

from __future__ import annotations

import dataclasses
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Streampixel:
    """How to reach Streampixel. Everything is optional; `repr()` does not show the key.

    api_key      default: the environment variable STREAMPIXEL_API_KEY
    user_id      default: the environment variable STREAMPIXEL_USER_ID
    base_url     default: "https://api.streampixel.io/pixelStripeApi"
    rate_window  seconds; the service takes one upload and one distribute per user in so long. Default 120; change it for a stand-in only
    """

    api_key: Optional[str] = dataclasses.field(default=None, repr=False)
    user_id: Optional[str] = None
    base_url: Optional[str] = None
    rate_window: Optional[float] = None
