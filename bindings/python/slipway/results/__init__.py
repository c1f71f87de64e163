"""The answers of operations. What a service answered is kept in `.raw`: its own document, without secrets. None: it does not tell."""

from .asset import Asset
from .asset_deletion import AssetDeletion
from .asset_upload import AssetUpload
from .build import Build
from .build_verdict import BuildVerdict, TimelineEntry
from .distribution import Distribution
from .distribution_deletion import DistributionDeletion
from .distribution_list import DistributionList
from .distribution_trigger import DistributionTrigger
from .distributions_created import DistributionFailure, DistributionsCreated
from .login import Login
from .package import Finding, Package
from .project import Project
from .project_list import ProjectList, ProjectSummary
from .project_stats import ProjectStats
from .release import Release, ReleaseStep
from .storage_deletion import StorageDeletion
from .stored_object import StoredObject
from .unfinished_upload import UnfinishedUpload
from .unfinished_upload_list import UnfinishedUploadList
from .upload import Upload
from .uploads_aborted import UploadsAborted
from .webhook_event import WebhookEvent
from .webhook_test import WebhookTest

__all__ = [
    "Asset",
    "AssetDeletion",
    "AssetUpload",
    "Build",
    "BuildVerdict",
    "Distribution",
    "DistributionDeletion",
    "DistributionFailure",
    "DistributionList",
    "DistributionTrigger",
    "DistributionsCreated",
    "Finding",
    "Login",
    "Package",
    "Project",
    "ProjectList",
    "ProjectStats",
    "ProjectSummary",
    "Release",
    "ReleaseStep",
    "StorageDeletion",
    "StoredObject",
    "TimelineEntry",
    "UnfinishedUpload",
    "UnfinishedUploadList",
    "Upload",
    "UploadsAborted",
    "WebhookEvent",
    "WebhookTest",
]
