"""How far an operation is."""

from __future__ import annotations

import dataclasses
import enum
from typing import Callable, Optional, Union


class Stage(enum.IntEnum):
    """What an operation is doing: the SLIPWAY_STAGE_... of slipway.h."""

    CHECKING = 1
    """What was given or made is looked at: a file, a link, an asset."""
    WAITING_TURN = 2
    """The service's rate limit: `Progress.wait` says for how long."""
    REQUESTING = 3
    """A request is on its way."""
    RETRYING = 4
    """An attempt failed (`Progress.message` says why); the next one comes after `Progress.wait`."""
    WAITING_BUILD = 5
    """The service works on the build: `Progress.state` and `Progress.service_state` say how far it is."""
    TRANSFERRING = 6
    """A file is on its way: `Progress.bytes_done` and its neighbours say how far it is."""
    MANY = 7
    """One request after another: `Progress.items_done` and its neighbours say how far it is."""


#: Progress.release_stage: the words of slipway.h, in the order of its SLIPWAY_RELEASE_..., which begin with 1.
RELEASE_STAGES = ("check", "host", "register", "wait", "distribute", "live", "remove")


@dataclasses.dataclass(frozen=True)
class Progress:
    """The latest news of an operation, as its on_progress gets it.

    stage             a Stage; a plain int when the library is newer than this package and knows more of them
    elapsed           seconds since the operation started
    wait              seconds from now in which nothing will happen, as far as is known; 0: something is happening
    state             the build's state in Slipway's words, or ""
    service_state     the service's own word for it, or ""
    message           one sentence for a person
    attempt           1 for the first attempt at the current request
    release_stage     where Client.release is: "check", "host", "register", "wait", "distribute", "live" or "remove"; None for any other
                      operation; the number, as text, when the library is newer than this package and knows more of them
    bytes_done        of the file that is being sent
    bytes_total       the file's size, or 0 when no file is being sent
    bytes_per_second  lately, or None while that is not known
    time_left         seconds for what is being sent, at that rate, or None while that is not known
    items_done        of Client.entermedia_distribution_create_many: those that have ended; of Client.store: the parts that the storage has,
    items_failed      those of them that failed,
    items_total       and all of them
    resume_from       what makes the same Client.release go on from here, in this process or in another one, or None. Keep the latest
    """

    stage: Union[Stage, int]
    elapsed: float
    wait: float
    state: str
    service_state: str
    message: str
    attempt: int
    release_stage: Optional[str] = None
    bytes_done: int = 0
    bytes_total: int = 0
    bytes_per_second: Optional[int] = None
    time_left: Optional[float] = None
    items_done: int = 0
    items_failed: int = 0
    items_total: int = 0
    resume_from: Optional[str] = None


OnProgress = Callable[[Progress], object]
