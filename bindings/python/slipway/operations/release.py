"""Client's methods for the whole way, from a .zip to a live build."""

from __future__ import annotations

from typing import Literal, Optional, Union, overload

from .. import abi
from ..arguments import Path, milliseconds, optional_path, optional_text, path, text
from ..operation import Operation
from ..progress import OnProgress
from ..results import Package, Release
from ..storage import Storage
from .starter import Starter


class ReleaseOperations(Starter):
    @overload
    def release(
        self,
        *,
        project_id: str,
        file_path: Optional[Path] = None,
        resume_from: Optional[str] = None,
        storage: Optional[Storage] = None,
        source_path: Optional[str] = None,
        auto_release: bool = True,
        remove_when_done: bool = False,
        ignore_findings: bool = False,
        interval: Optional[float] = None,
        max_interval: Optional[float] = None,
        settle: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> Release: ...

    @overload
    def release(
        self,
        *,
        project_id: str,
        file_path: Optional[Path] = None,
        resume_from: Optional[str] = None,
        storage: Optional[Storage] = None,
        source_path: Optional[str] = None,
        auto_release: bool = True,
        remove_when_done: bool = False,
        ignore_findings: bool = False,
        interval: Optional[float] = None,
        max_interval: Optional[float] = None,
        settle: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[Release]: ...

    def release(
        self,
        *,
        project_id: str,
        file_path: Optional[Path] = None,
        resume_from: Optional[str] = None,
        storage: Optional[Storage] = None,
        source_path: Optional[str] = None,
        auto_release: bool = True,
        remove_when_done: bool = False,
        ignore_findings: bool = False,
        interval: Optional[float] = None,
        max_interval: Optional[float] = None,
        settle: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[Release, Operation[Release]]:
        """The whole way: a .zip in, a live build out.

        Checks the package, uploads it to EnterMedia, or stores it in a storage, under a direct link that nobody can guess, registers that
        link with Streampixel, waits for the verdict, and waits until the build is live.

        file_path         the .zip; it must not change meanwhile. Not needed with resume_from: a link is then taken as it is
        resume_from       goes on with a release that ended early: what its progress, its answer or its exception named as resume_from; or
                          the upload id of a build that is registered; or any other direct link, which is registered as it is
                          (and with a query is not told back, since that may be secret)
        storage           where the build is hosted, as `store` does it. Default: the client's EnterMedia server. A Directory needs a
                          public_url
        source_path       the folder in the EnterMedia library. Default "slipway/<asset id>"
        auto_release      as in `upload`. False: an approved build is distributed by a request of its own
        remove_when_done  asset and distribution, or the object, are removed once the build is live, or was rejected. Not for a PutURL
        ignore_findings   goes on with a package in which `check_package` finds errors
        interval, max_interval, settle
                          as in `wait_for_build`
        deadline          default: four hours, whatever the client's

        It can be ended at any moment, by whatever means, and taken up again. Nothing is made before on_progress has returned from telling
        the resume_from that leads to it: print it, and nothing is left behind that cannot be found.

        FileError: the package has a finding of severity "error". RejectedError: its message is the service's objection. Every exception has
        `resume_from` and, as its `result`, the Release so far.
        """
        request = abi.ReleaseRequest(
            *self._header(abi.ReleaseRequest, deadline, on_progress),
            project_id=text("project_id", project_id),
            file_path=optional_path("file_path", file_path),
            resume_from=optional_text("resume_from", resume_from),
            source_path=optional_text("source_path", source_path),
            manual_release=not auto_release,
            hosted=abi.REMOVE_WHEN_DONE if remove_when_done else abi.KEEP,
            interval_ms=milliseconds("interval", interval),
            max_interval_ms=milliseconds("max_interval", max_interval),
            settle_ms=milliseconds("settle", settle),
            ignore_findings=bool(ignore_findings),
            storage=None if storage is None else self._storage(storage),
        )
        return self._start("release", request, Release.from_document, on_progress, wait)

    @overload
    def check_package(
        self, file_path: Path, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> Package: ...

    @overload
    def check_package(
        self, file_path: Path, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[Package]: ...

    def check_package(
        self, file_path: Path, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[Package, Operation[Package]]:
        """Reads the table of contents of a packaged build, on this machine, without unpacking it.

        What Streampixel will probably object to is in `findings`; the service has the last word. FileError: not a .zip that can be read.
        """
        request = abi.CheckPackageRequest(*self._header(abi.CheckPackageRequest, deadline, on_progress), path("file_path", file_path))
        return self._start("check_package", request, Package.from_document, on_progress, wait)
