"""The answer of Client.entermedia_distribution_search."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple, Union, overload

from .distribution import Distribution


@dataclasses.dataclass(frozen=True)
class DistributionList(Sequence[Distribution]):
    """The distributions that were found. A sequence of Distribution.

    total     how many there are, in the server's words
    page      the one that was asked for, or None
    pages     how many there are
    complete  False: there are more than these
    raw       one document a page
    """

    distributions: Tuple[Distribution, ...]
    total: Optional[int]
    page: Optional[int]
    pages: Optional[int]
    complete: bool
    raw: Any = dataclasses.field(repr=False)

    def __len__(self) -> int:
        return len(self.distributions)

    def __iter__(self) -> Iterator[Distribution]:
        return iter(self.distributions)

    @overload
    def __getitem__(self, index: int) -> Distribution: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Distribution]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Distribution, Sequence[Distribution]]:
        return self.distributions[index]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> DistributionList:
        return cls(
            distributions=tuple(Distribution.from_document(distribution) for distribution in document["distributions"]),
            total=document.get("total"),
            page=document.get("page"),
            pages=document.get("pages"),
            complete=bool(document.get("complete")),
            raw=document.get("raw"),
        )
