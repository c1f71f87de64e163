"""A limit to how fast bytes pass, for all connections together."""

from __future__ import annotations

import threading
import time
from typing import Optional

from http_message import CHUNK


class Pace:
    def __init__(self) -> None:
        self._rate: Optional[float] = None
        self._free = 0.0
        """When the bytes that were let through will have passed."""
        self._changed = threading.Condition()

    def set(self, rate: Optional[float]) -> None:
        """Bytes a second; None for no limit. Who waits, waits by the new one."""
        with self._changed:
            self._rate = rate
            self._free = time.monotonic()
            self._changed.notify_all()

    @property
    def chunk(self) -> int:
        """So much should pass at a time: what takes a fiftieth of a second."""
        rate = self._rate
        return CHUNK if rate is None else max(512, min(CHUNK, int(rate / 50)))

    def wait(self, count: int) -> None:
        """Returns when `count` bytes have had the time that they need."""
        if self._rate is None:
            return
        with self._changed:
            rate = self._rate
            if rate is None:
                return
            # What was slept too long is made up for.
            self._free = until = max(self._free, time.monotonic() - 0.02) + count / rate
            while self._rate == rate and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
