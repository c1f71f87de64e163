"""The answer of Client.check_package."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something about a package that Streampixel will probably object to.

    severity  "error" or "warning"
    code      "no_executable", "no_content", "unsafe_path", "encrypted", "too_large" or "not_a_package"
    message   one sentence for a person
    """

    severity: str
    code: str
    message: str

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Finding:
        return cls(severity=document["severity"], code=document["code"], message=document["message"])


@dataclasses.dataclass(frozen=True)
class Package:
    """A packaged build, as its table of contents shows it.

    size               of the .zip, in bytes
    entries            how many there are in it
    uncompressed_size  of all of them, in bytes
    executable         the path of the build's .exe, at the root or one folder down, or None
    zip64              whether it is a zip of the form for large files
    """

    file_path: str
    size: int
    entries: int
    uncompressed_size: int
    executable: Optional[str]
    zip64: bool
    findings: Tuple[Finding, ...]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> Package:
        return cls(
            file_path=document["filePath"],
            size=document["size"],
            entries=document["entries"],
            uncompressed_size=document["uncompressedSize"],
            executable=document.get("executable"),
            zip64=bool(document.get("zip64")),
            findings=tuple(Finding.from_document(finding) for finding in document.get("findings") or ()),
        )
