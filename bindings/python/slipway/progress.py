"""How far an operation is."""

from __future__ import annotations

import dataclasses
import enum
from typing import Union


class Stage(enum.IntEnum):
    """What an operation is doing: the SLIPWAY_STAGE_... of slipway.h."""

    CHECKING = 1
    """The build's link is read as the service will read it."""
    WAITING_TURN = 2
    """The service's rate limit: `Progress.wait` says for how long."""
    REQUESTING = 3
    """A request is on its way."""
    RETRYING = 4
    """An attempt failed (`Progress.message` says why); the next one comes after `Progress.wait`."""
    WAITING_BUILD = 5
    """The service works on the build: `Progress.state` and `Progress.service_state` say how far it is."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """The latest news of an operation, as its on_progress gets it.

    stage          a Stage; a plain int when the library is newer than this package and knows more of them
    elapsed        seconds since the operation started
    wait           seconds from now in which nothing will happen, as far as is known; 0: something is happening
    state          the build's state in Slipway's words, or ""
    service_state  the service's own word for it, or ""
    message        one sentence for a person
    attempt        1 for the first attempt at the current request
    """

    stage: Union[Stage, int]
    elapsed: float
    wait: float
    state: str
    service_state: str
    message: str
    attempt: int
