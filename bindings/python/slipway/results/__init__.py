"""The answers of operations. Each keeps `.raw`: the service's own document, without secrets. None: the service does not tell."""

from .build import Build
from .build_verdict import BuildVerdict, TimelineEntry
from .distribution_trigger import DistributionTrigger
from .project import Project
from .project_list import ProjectList, ProjectSummary
from .project_stats import ProjectStats
from .upload import Upload
from .webhook_event import WebhookEvent
from .webhook_test import WebhookTest

__all__ = [
    "Build",
    "BuildVerdict",
    "DistributionTrigger",
    "Project",
    "ProjectList",
    "ProjectStats",
    "ProjectSummary",
    "TimelineEntry",
    "Upload",
    "WebhookEvent",
    "WebhookTest",
]
