"""Slipway: a packaged Unreal Engine build, on the air.

    import slipway

    # STREAMPIXEL_API_KEY, STREAMPIXEL_USER_ID; ENTERMEDIA_BASE_URL, ENTERMEDIA_USER, ENTERMEDIA_PASSWORD
    with slipway.Client() as client:
        release = client.release(project_id="665a1c2e9b1d4f0012ab34cd", file_path="Saved/MyGame-1.0.zip")
        print(release.upload_id, release.live)

A thin, typed layer over libslipway, by ctypes: it needs nothing but the standard library and that one file. What each call does, and
what it promises, is told by `slipway.h`; what is different in Python is told by the README of this package.
"""

from .client import Client
from .entermedia import EnterMedia
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
    Asset,
    AssetDeletion,
    AssetUpload,
    Build,
    BuildVerdict,
    Distribution,
    DistributionDeletion,
    DistributionFailure,
    DistributionList,
    DistributionTrigger,
    DistributionsCreated,
    Finding,
    Login,
    Package,
    Project,
    ProjectList,
    ProjectStats,
    ProjectSummary,
    Release,
    ReleaseStep,
    StorageDeletion,
    StoredObject,
    TimelineEntry,
    UnfinishedUpload,
    UnfinishedUploadList,
    Upload,
    UploadsAborted,
    WebhookEvent,
    WebhookTest,
)
from .status import Status
from .storage import S3, Addressing, Checksum, Directory, Link, PutURL, Storage
from .streampixel import Streampixel
from .version import __version__, library_version

__all__ = [
    "Addressing",
    "Asset",
    "AssetDeletion",
    "AssetUpload",
    "Build",
    "BuildVerdict",
    "CancelledError",
    "Checksum",
    "Client",
    "ClosedError",
    "DeadlineExceededError",
    "Directory",
    "Distribution",
    "DistributionDeletion",
    "DistributionFailure",
    "DistributionList",
    "DistributionTrigger",
    "DistributionsCreated",
    "EnterMedia",
    "FileError",
    "Finding",
    "ForbiddenError",
    "InsecureError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryError",
    "Link",
    "Login",
    "MissingLibraryError",
    "NetworkError",
    "NotFoundError",
    "NotReadyError",
    "Operation",
    "Package",
    "Progress",
    "Project",
    "ProjectList",
    "ProjectStats",
    "ProjectSummary",
    "ProtocolError",
    "PutURL",
    "RateLimitedError",
    "RejectedError",
    "Release",
    "ReleaseStep",
    "S3",
    "ServerError",
    "SlipwayError",
    "Stage",
    "Status",
    "Storage",
    "StorageDeletion",
    "StoredObject",
    "Streampixel",
    "TLSError",
    "TimelineEntry",
    "UnauthorizedError",
    "UnfinishedUpload",
    "UnfinishedUploadList",
    "UnsupportedOptionError",
    "Upload",
    "UploadsAborted",
    "WebhookEvent",
    "WebhookTest",
    "WouldDeadlockError",
    "__version__",
    "library_version",
    "set_log",
]
