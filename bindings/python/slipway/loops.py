"""The way of news from a client's thread into an asyncio event loop."""

from __future__ import annotations

import asyncio
import collections
import weakref
from typing import Deque


class Mailbox:
    """One for each event loop. It wakes the loop once for a burst of completions, since a wake-up is a system call."""

    _of_loop: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Mailbox]" = weakref.WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Weak: the value of a WeakKeyDictionary must not keep its own key alive.
        self._loop = weakref.ref(loop)
        self._ready: "Deque[asyncio.Future[None]]" = collections.deque()
        self._awake = False

    @classmethod
    def of_running_loop(cls) -> "Mailbox":
        loop = asyncio.get_running_loop()
        mailbox = cls._of_loop.get(loop)
        if mailbox is None:
            # No race: only the thread that runs the loop gets here.
            mailbox = cls._of_loop[loop] = cls(loop)
        return mailbox

    def future(self) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().create_future()

    def put(self, future: "asyncio.Future[None]") -> None:
        """Has the loop finish `future` soon. From any thread."""
        loop = self._loop()
        if loop is None or loop.is_closed():
            self._ready.clear()  # nobody waits in it any more, and futures would keep it alive
            return
        self._ready.append(future)
        # `_awake` is taken back before the queue is emptied: whoever finds it set knows that its future will still be seen.
        if self._awake:
            return
        self._awake = True
        try:
            loop.call_soon_threadsafe(self._empty)
        except RuntimeError:
            self._ready.clear()  # closed just now

    def _empty(self) -> None:
        self._awake = False
        while self._ready:
            future = self._ready.popleft()
            if not future.done():
                future.set_result(None)
