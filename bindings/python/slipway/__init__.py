"""Slipway: a packaged Unreal Engine build, on the air.

    import slipway

    with slipway.Client() as client:  # keys: STREAMPIXEL_API_KEY, STREAMPIXEL_USER_ID
        upload = client.upload(project_id="665a1c2e9b1d4f0012ab34cd", file_url="https://downloads.example.com/MyGame-1.0.zip")
        verdict = client.wait_for_build(project_id=upload.project_id, upload_id=upload.upload_id, until="live")
        print(verdict.state, verdict.live)

A thin, typed layer over libslipway, by ctypes: it needs nothing but the standard library and that one file. What each call does, and
what it promises, is told by `slipway.h`; what is different in Python is told by the README of this package.
"""

from .client import Client
from .errors import (
    CancelledError,
    ClosedError,
    DeadlineExceededError,
    FileError,
    ForbiddenError,
    InsecureError,
    InternalError,
    InvalidArgumentError,
    LibraryError,
    MissingLibraryError,
    NetworkError,
    NotFoundError,
    NotReadyError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    ServerError,
    SlipwayError,
    TLSError,
    UnauthorizedError,
    UnsupportedOptionError,
    WouldDeadlockError,
)
from .log import set_log
from .operation import Operation
from .progress import Progress, Stage
from .results import (
    Build,
    BuildVerdict,
    DistributionTrigger,
    Project,
    ProjectList,
    ProjectStats,
    ProjectSummary,
    TimelineEntry,
    Upload,
    WebhookEvent,
    WebhookTest,
)
from .status import Status
from .streampixel import Streampixel
from .version import __version__, library_version

__all__ = [
    "Build",
    "BuildVerdict",
    "CancelledError",
    "Client",
    "ClosedError",
    "DeadlineExceededError",
    "DistributionTrigger",
    "FileError",
    "ForbiddenError",
    "InsecureError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryError",
    "MissingLibraryError",
    "NetworkError",
    "NotFoundError",
    "NotReadyError",
    "Operation",
    "Progress",
    "Project",
    "ProjectList",
    "ProjectStats",
    "ProjectSummary",
    "ProtocolError",
    "RateLimitedError",
    "RejectedError",
    "ServerError",
    "SlipwayError",
    "Stage",
    "Status",
    "Streampixel",
    "TLSError",
    "TimelineEntry",
    "UnauthorizedError",
    "UnsupportedOptionError",
    "Upload",
    "WebhookEvent",
    "WebhookTest",
    "WouldDeadlockError",
    "__version__",
    "library_version",
    "set_log",
]
