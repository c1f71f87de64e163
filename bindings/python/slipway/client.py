"""The client: settings, connections and running operations."""

from __future__ import annotations

import weakref
from typing import Optional

from . import abi, shutdown
from .arguments import count, milliseconds, optional_text
from .delivery import Delivery
from .entermedia import EnterMedia
from .errors import WouldDeadlockError
from .library import load
from .operations import AssetOperations, DistributionOperations, ReleaseOperations, StorageOperations, StreampixelOperations
from .streampixel import Streampixel


class Client(ReleaseOperations, StreampixelOperations, StorageOperations, DistributionOperations, AssetOperations):
    """A process needs one for each account, and may have any number. It may be used from any threads at the same time.

    Each operation is a method. Plainly called it blocks and returns the answer or raises a SlipwayError; Ctrl-C works at once and cancels
    it. With wait=False it returns an Operation at once. All of them take:

    deadline     seconds for the operation as a whole; math.inf: none. Default: the client's
    on_progress  called with a Progress now and then, on the client's thread, at most ten times a second. What it raises is logged
    """

    def __init__(
        self,
        *,
        streampixel: Optional[Streampixel] = None,
        entermedia: Optional[EnterMedia] = None,
        proxy: Optional[str] = None,
        ca_bundle: Optional[str] = None,
        user_agent: Optional[str] = None,
        connect_timeout: Optional[float] = None,
        idle_timeout: Optional[float] = None,
        deadline: Optional[float] = None,
        max_attempts: Optional[int] = None,
        retry_delay: Optional[float] = None,
        max_connections: Optional[int] = None,
        allow_insecure: bool = False,
    ) -> None:
        """Connects nowhere. All times are seconds; None is the default everywhere.

        streampixel      how to reach Streampixel; None: the environment says it
        entermedia       how to reach EnterMedia; None: the environment says it
        proxy            such as "http://proxy.example.com:3128"; None: the usual environment variables; "": none
        ca_bundle        a file of PEM certificates to trust instead of the system's
        user_agent       added to "Slipway/<version>": name your tool
        connect_timeout  for a connection to stand, TLS included. Default 15
        idle_timeout     a transfer with no byte for so long is broken off and, where that is safe, tried again. Default 60
        deadline         for an operation as a whole, when it is given none; math.inf: none. Default 600; where an operation
                         has a default of its own, that stands in its description
        max_attempts     attempts at a request in all, where repeating it is safe. Default 5
        retry_delay      the longest pause before the second attempt; later ones are longer. Default 0.5
        max_connections  at the same time, at most 4096. Default 64, or a quarter of the descriptors that the process may have where that
                         is less
        allow_insecure   keys may be sent over plain http to other machines; loopback needs no permission

        LibraryError: no libslipway. InvalidArgumentError: the library objects to an option. MissingLibraryError: no libcurl or jansson.
        """
        shutdown.check()
        service = streampixel or Streampixel()
        media = entermedia or EnterMedia()
        options = abi.ClientOptions(
            streampixel_base_url=optional_text("streampixel.base_url", service.base_url),
            streampixel_api_key=optional_text("streampixel.api_key", service.api_key),
            streampixel_user_id=optional_text("streampixel.user_id", service.user_id),
            entermedia_base_url=optional_text("entermedia.base_url", media.base_url),
            entermedia_key=optional_text("entermedia.key", media.key),
            entermedia_user=optional_text("entermedia.user", media.user),
            entermedia_password=optional_text("entermedia.password", media.password),
            proxy=optional_text("proxy", proxy),
            ca_bundle=optional_text("ca_bundle", ca_bundle),
            user_agent=optional_text("user_agent", user_agent),
            connect_timeout_ms=milliseconds("connect_timeout", connect_timeout),
            idle_timeout_ms=milliseconds("idle_timeout", idle_timeout),
            deadline_ms=milliseconds("deadline", deadline, endless=True),
            max_attempts=count("max_attempts", max_attempts),
            retry_delay_ms=milliseconds("retry_delay", retry_delay),
            max_connections=count("max_connections", max_connections, 4096),
            streampixel_rate_window_ms=milliseconds("streampixel.rate_window", service.rate_window),
            allow_insecure=bool(allow_insecure),
        )
        self._delivery = Delivery(load(), options)
        # A client that is forgotten, with nothing running, ends by itself. `shutdown` does what is needed at exit.
        weakref.finalize(self, self._delivery.release).atexit = False

    # Its end

    def close(self, timeout: Optional[float] = None, *, wait: bool = True) -> None:
        """Ends the client: what runs completes as cancelled, and nothing new starts. Harmless when repeated.

        Blocks until its last callback has returned; with wait=False it does not, and may be called from inside a callback.
        TimeoutError: that took longer than `timeout` seconds; it is still closing. WouldDeadlockError: called from inside a callback.
        """
        self._delivery.release()
        if not wait:
            return
        if self._delivery.in_callback():
            raise WouldDeadlockError("A client was closed inside a callback of its own.", hint="Call close(wait=False) there.")
        if not self._delivery.finished.wait(timeout):
            raise TimeoutError(f"The client has not closed within {timeout} seconds. It is still closing.")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<slipway.Client {'closed' if self._delivery.finished.is_set() else 'open'}>"
