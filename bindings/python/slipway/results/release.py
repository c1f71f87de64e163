"""The answer of Client.release."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from .package import Finding


@dataclasses.dataclass(frozen=True)
class ReleaseStep:
    """A stage of a release: when it began, seconds after the release did, and how long it took.

    took    None of the stage in which a release failed, where that is not known
    reused  an earlier run had done it
    """

    stage: str
    after: float
    took: Optional[float]
    reused: bool

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> ReleaseStep:
        took = document.get("tookMs")
        return cls(
            stage=document["stage"],
            after=(document.get("afterMs") or 0) / 1000,
            took=None if took is None else took / 1000,
            reused=bool(document.get("reused")),
        )


@dataclasses.dataclass(frozen=True)
class Release:
    """How far a release came. Of one that did not get to its end it comes as the `result` of the exception.

    stage        "done", or the one that it was in: "check", "host", "register", "wait", "distribute", "live" or "remove"
    resume_from  what makes the same call go on from there, or None when there is nothing to go on with
    size         of the .zip, in bytes
    key          of the object in a storage; None on EnterMedia
    file_url     the direct link under which the build is (to be) hosted; as the ids, None until it is known
    state        as in Build
    live         True, or None while that is not known
    objection    why it was rejected
    removed      what was hosted is gone again
    findings     those of check_package
    timeline     its stages, in their order
    """

    stage: str
    resume_from: Optional[str]
    project_id: Optional[str]
    file_path: Optional[str]
    size: Optional[int]
    asset_id: Optional[str]
    distribution_id: Optional[str]
    key: Optional[str]
    file_url: Optional[str]
    upload_id: Optional[str]
    state: Optional[str]
    live: Optional[bool]
    objection: Optional[str]
    removed: bool
    findings: Tuple[Finding, ...]
    timeline: Tuple[ReleaseStep, ...]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Release:
        return cls(
            stage=document["stage"],
            resume_from=document.get("resumeFrom"),
            project_id=document.get("projectId"),
            file_path=document.get("filePath"),
            size=document.get("size"),
            asset_id=document.get("assetId"),
            distribution_id=document.get("distributionId"),
            key=document.get("key"),
            file_url=document.get("fileUrl"),
            upload_id=document.get("uploadId"),
            state=document.get("state"),
            live=document.get("live"),
            objection=document.get("objection"),
            removed=bool(document.get("removed")),
            findings=tuple(Finding.from_document(finding) for finding in document.get("findings") or ()),
            timeline=tuple(ReleaseStep.from_document(step) for step in document.get("timeline") or ()),
        )
