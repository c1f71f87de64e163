"""The answer of Client.projects."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple, Union, overload


@dataclasses.dataclass(frozen=True)
class ProjectSummary:
    """A project as the list shows it.

    active  True, False, or None where the service does not tell
    status  the service's own word for it, as text
    """

    id: str
    name: Optional[str]
    active: Optional[bool]
    status: Optional[str]
    region: Optional[str]
    subscription_status: Optional[str]
    created_at: Optional[str]
    updated_at: Optional[str]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> ProjectSummary:
        return cls(
            id=document["id"],
            name=document.get("name"),
            active=document.get("active"),
            status=document.get("status"),
            region=document.get("region"),
            subscription_status=document.get("subscriptionStatus"),
            created_at=document.get("createdAt"),
            updated_at=document.get("updatedAt"),
        )


@dataclasses.dataclass(frozen=True)
class ProjectList(Sequence[ProjectSummary]):
    """All projects of the user, from all pages. A sequence of ProjectSummary.

    total  how many there are, in the service's words
    raw    one document a page
    """

    projects: Tuple[ProjectSummary, ...]
    total: Optional[int]
    raw: Any = dataclasses.field(repr=False)

    def __len__(self) -> int:
        return len(self.projects)

    def __iter__(self) -> Iterator[ProjectSummary]:
        return iter(self.projects)

    @overload
    def __getitem__(self, index: int) -> ProjectSummary: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[ProjectSummary]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[ProjectSummary, Sequence[ProjectSummary]]:
        return self.projects[index]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> ProjectList:
        projects = tuple(ProjectSummary.from_document(project) for project in document["projects"])
        return cls(projects=projects, total=document.get("total"), raw=document.get("raw"))
