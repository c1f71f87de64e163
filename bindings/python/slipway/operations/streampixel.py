"""Client's methods for Streampixel."""

from __future__ import annotations

from typing import Literal, Optional, Union, overload

from .. import abi
from ..arguments import count, milliseconds, text
from ..operation import Operation
from ..progress import OnProgress
from ..results import (
    BuildVerdict,
    DistributionTrigger,
    Project,
    ProjectList,
    ProjectStats,
    Upload,
    WebhookEvent,
    WebhookTest,
)
from .starter import Starter

_UNTIL = {"approved": 0, "live": 1}


class StreampixelOperations(Starter):
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

    def _of(self, project_id: str, deadline: Optional[float], on_progress: Optional[OnProgress]) -> abi.ProjectRequest:
        return abi.ProjectRequest(*self._header(abi.ProjectRequest, deadline, on_progress), text("project_id", project_id))
