"""The client: settings, connections and running operations."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any, Callable, Dict, Literal, Optional, Tuple, TypeVar, Union, overload

from . import abi, shutdown
from .arguments import count, milliseconds, optional_text, text
from .delivery import NO_PROGRESS, Delivery, on_progress as progress_callback
from .errors import WouldDeadlockError
from .library import load
from .operation import Operation
from .progress import Progress
from .results import (
    BuildVerdict,
    DistributionTrigger,
    Project,
    ProjectList,
    ProjectStats,
    Upload,
    WebhookEvent,
    WebhookTest,
)
from .streampixel import Streampixel

T = TypeVar("T")
OnProgress = Callable[[Progress], object]

_UNTIL = {"approved": 0, "live": 1}
_SIZES = {kind: ctypes.sizeof(kind) for kind in abi.STRUCTS.values()}


class Client:
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

        proxy            such as "http://proxy.example.com:3128"; None: the usual environment variables; "": none
        ca_bundle        a file of PEM certificates to trust instead of the system's
        user_agent       added to "Slipway/<version>": name your tool
        connect_timeout  for a connection to stand, TLS included. Default 15
        idle_timeout     a transfer with no byte for so long is broken off and, where that is safe, tried again. Default 60
        deadline         for an operation as a whole, when it is given none; math.inf: none. Default 600; wait_for_build: 3 hours
        max_attempts     attempts at a request in all, where repeating it is safe. Default 5
        retry_delay      the longest pause before the second attempt; later ones are longer. Default 0.5
        max_connections  at the same time, at most 4096. Default 64
        allow_insecure   keys may be sent over plain http to other machines; loopback needs no permission

        LibraryError: no libslipway. InvalidArgumentError: the library objects to an option. MissingLibraryError: no libcurl or jansson.
        """
        shutdown.check()
        service = streampixel or Streampixel()
        options = abi.ClientOptions(
            streampixel_base_url=optional_text("streampixel.base_url", service.base_url),
            streampixel_api_key=optional_text("streampixel.api_key", service.api_key),
            streampixel_user_id=optional_text("streampixel.user_id", service.user_id),
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

    # Streampixel

    @overload
    def upload(
        self,
        *,
        project_id: str,
        file_url: str,
        auto_release: bool = True,
        check_url: bool = True,
        expected_size: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> Upload: ...

    @overload
    def upload(
        self,
        *,
        project_id: str,
        file_url: str,
        auto_release: bool = True,
        check_url: bool = True,
        expected_size: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[Upload]: ...

    def upload(
        self,
        *,
        project_id: str,
        file_url: str,
        auto_release: bool = True,
        check_url: bool = True,
        expected_size: Optional[int] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[Upload, Operation[Upload]]:
        """Registers a build: Streampixel will download it from `file_url`, a direct link to a .zip.

        auto_release   False: an approved build waits for `distribute`. True: it goes on the air by itself
        check_url      first reads the link as the service will, and raises FileError when there is no zip
        expected_size  in bytes: the link must answer the same

        Waits its turn: the service takes one upload per user in two minutes. Never registers twice. An Upload means queued, not live.
        """
        request = abi.UploadRequest(
            *self._header(abi.UploadRequest, deadline, on_progress),
            text("project_id", project_id),
            text("file_url", file_url),
            not auto_release,
            not check_url,
            count("expected_size", expected_size, 2**64 - 1),
        )
        return self._start("upload", request, Upload.from_document, on_progress, wait)

    @overload
    def distribute(
        self,
        *,
        project_id: str,
        upload_id: str,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> DistributionTrigger: ...

    @overload
    def distribute(
        self,
        *,
        project_id: str,
        upload_id: str,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[DistributionTrigger]: ...

    def distribute(
        self,
        *,
        project_id: str,
        upload_id: str,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[DistributionTrigger, Operation[DistributionTrigger]]:
        """Puts an approved build on the streaming servers; with an older build's id it rolls back.

        Waits its turn, as `upload` does. Triggered, not finished: `wait_for_build`. NotReadyError: it is still being processed.
        """
        request = abi.DistributeRequest(
            *self._header(abi.DistributeRequest, deadline, on_progress), text("project_id", project_id), text("upload_id", upload_id)
        )
        return self._start("distribute", request, DistributionTrigger.from_document, on_progress, wait)

    @overload
    def wait_for_build(
        self,
        *,
        project_id: str,
        upload_id: str,
        until: Literal["approved", "live"] = "approved",
        interval: Optional[float] = None,
        max_interval: Optional[float] = None,
        settle: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> BuildVerdict: ...

    @overload
    def wait_for_build(
        self,
        *,
        project_id: str,
        upload_id: str,
        until: Literal["approved", "live"] = "approved",
        interval: Optional[float] = None,
        max_interval: Optional[float] = None,
        settle: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[BuildVerdict]: ...

    def wait_for_build(
        self,
        *,
        project_id: str,
        upload_id: str,
        until: Literal["approved", "live"] = "approved",
        interval: Optional[float] = None,
        max_interval: Optional[float] = None,
        settle: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[BuildVerdict, Operation[BuildVerdict]]:
        """Waits for the verdict on a build, by asking the service, and at once when `receive_webhook` has news of it.

        until         "approved": the service has accepted it. "live": and it went to the streaming servers
        interval      between two questions, while things move. Default 5
        max_interval  while nothing moves, it grows to this. Default 60
        settle        the moment of distribution can be missed: approved for so long counts as live. Default 60
        deadline      default: three hours, whatever the client's

        RejectedError: its message is the service's objection, its result a BuildVerdict.
        """
        if until not in _UNTIL:
            raise ValueError(f'until must be "approved" or "live", not {until!r}')
        request = abi.WaitForBuildRequest(
            *self._header(abi.WaitForBuildRequest, deadline, on_progress),
            text("project_id", project_id),
            text("upload_id", upload_id),
            _UNTIL[until],
            milliseconds("interval", interval),
            milliseconds("max_interval", max_interval),
            milliseconds("settle", settle),
        )
        return self._start("wait_for_build", request, BuildVerdict.from_document, on_progress, wait)

    @overload
    def projects(
        self, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> ProjectList: ...

    @overload
    def projects(
        self, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[ProjectList]: ...

    def projects(
        self, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[ProjectList, Operation[ProjectList]]:
        """Lists all projects of the user, from all pages."""
        request = abi.ListProjectsRequest(*self._header(abi.ListProjectsRequest, deadline, on_progress))
        return self._start("list_projects", request, ProjectList.from_document, on_progress, wait)

    @overload
    def project(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> Project: ...

    @overload
    def project(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[Project]: ...

    def project(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[Project, Operation[Project]]:
        """Reads a project with its builds, newest last: the history that a rollback chooses from."""
        return self._start("get_project", self._of(project_id, deadline, on_progress), Project.from_document, on_progress, wait)

    @overload
    def project_stats(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> ProjectStats: ...

    @overload
    def project_stats(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[ProjectStats]: ...

    def project_stats(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[ProjectStats, Operation[ProjectStats]]:
        """Reads how many people play and wait."""
        return self._start("get_project_stats", self._of(project_id, deadline, on_progress), ProjectStats.from_document, on_progress, wait)

    @overload
    def test_webhook(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> WebhookTest: ...

    @overload
    def test_webhook(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[WebhookTest]: ...

    def test_webhook(
        self, project_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[WebhookTest, Operation[WebhookTest]]:
        """Asks the service to send its test event to the project's webhook: `delivered` says whether your server answered it.

        NotFoundError: no webhook URL is configured in the dashboard.
        """
        return self._start("test_webhook", self._of(project_id, deadline, on_progress), WebhookTest.from_document, on_progress, wait)

    @overload
    def receive_webhook(
        self,
        body: Union[bytes, bytearray, memoryview],
        *,
        confirm: bool = False,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> WebhookEvent: ...

    @overload
    def receive_webhook(
        self,
        body: Union[bytes, bytearray, memoryview],
        *,
        confirm: bool = False,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[WebhookEvent]: ...

    def receive_webhook(
        self,
        body: Union[bytes, bytearray, memoryview],
        *,
        confirm: bool = False,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[WebhookEvent, Operation[WebhookEvent]]:
        """Reads an event that came to your web server, and wakes this client's waits for that build.

        Anybody can send one: with `confirm` the service is asked whether it agrees. Act on `confirmed is True` only.
        ProtocolError: the body is not an event.
        """
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise TypeError(f"body must be bytes, as the web server got it, not {type(body).__name__}")
        copied = bytes(body)
        request = abi.ReceiveWebhookRequest(
            *self._header(abi.ReceiveWebhookRequest, deadline, on_progress), copied, len(copied), bool(confirm)
        )
        return self._start("receive_webhook", request, WebhookEvent.from_document, on_progress, wait)

    # Its end

    def release(self) -> None:
        """Ends the client without blocking: what runs completes as cancelled, and nothing new starts. Harmless when repeated."""
        self._delivery.release()

    def close(self, timeout: Optional[float] = None) -> None:
        """Releases the client and blocks until its last callback has returned. Harmless when repeated.

        TimeoutError: that took longer than `timeout` seconds; it is still closing. WouldDeadlockError: called from inside a callback.
        """
        self._delivery.release()
        if self._delivery.in_callback():
            raise WouldDeadlockError("A client was closed inside a callback of its own.", hint="Call release() there.")
        if not self._delivery.finished.wait(timeout):
            raise TimeoutError(f"The client has not closed within {timeout} seconds. It is still closing.")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<slipway.Client {'closed' if self._delivery.finished.is_set() else 'open'}>"

    # What all operations have in common

    @staticmethod
    def _header(kind: type, deadline: Optional[float], on_progress: Optional[OnProgress]) -> Tuple[int, int, Any]:
        if on_progress is not None and not callable(on_progress):
            raise TypeError(f"on_progress must be callable, not {type(on_progress).__name__}")
        callback = NO_PROGRESS if on_progress is None else progress_callback
        return _SIZES[kind], milliseconds("deadline", deadline, endless=True), callback

    def _of(self, project_id: str, deadline: Optional[float], on_progress: Optional[OnProgress]) -> abi.ProjectRequest:
        return abi.ProjectRequest(*self._header(abi.ProjectRequest, deadline, on_progress), text("project_id", project_id))

    def _start(
        self,
        function: str,
        request: Any,
        parse: Callable[[Dict[str, Any]], T],
        on_progress: Optional[OnProgress],
        wait: bool,
    ) -> Union[T, Operation[T]]:
        operation: Operation[T] = Operation(self, parse, on_progress)
        if not wait:
            self._delivery.start(function, request, operation)
            return operation
        if self._delivery.in_callback():
            raise WouldDeadlockError(
                "A call that blocks was made inside a callback of the same client.", hint="Pass wait=False there and add a callback."
            )
        try:
            self._delivery.start(function, request, operation)
            return operation.result()
        except BaseException:
            # Ctrl-C, or something else that was thrown into this thread: nobody waits for it any more. Harmless when it has ended.
            if operation.id:
                operation.cancel()
            raise
