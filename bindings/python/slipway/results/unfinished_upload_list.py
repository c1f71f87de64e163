"""The answer of Client.storage_list_unfinished."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple, Union, overload

from .unfinished_upload import UnfinishedUpload


@dataclasses.dataclass(frozen=True)
class UnfinishedUploadList(Sequence[UnfinishedUpload]):
    """What uploads have left unfinished. A sequence of UnfinishedUpload.

    bucket    of an S3
    prefix    that was looked below
    complete  False: there are more than 10,000, which are not here
    """

    uploads: Tuple[UnfinishedUpload, ...]
    bucket: Optional[str]
    prefix: Optional[str]
    complete: bool

    def __len__(self) -> int:
        return len(self.uploads)

    def __iter__(self) -> Iterator[UnfinishedUpload]:
        return iter(self.uploads)

    @overload
    def __getitem__(self, index: int) -> UnfinishedUpload: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[UnfinishedUpload]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[UnfinishedUpload, Sequence[UnfinishedUpload]]:
        return self.uploads[index]

    @classmethod
    def from_document(cls, document: Dict[str, Any]) -> UnfinishedUploadList:
        return cls(
            uploads=tuple(UnfinishedUpload.from_document(upload) for upload in document["uploads"]),
            bucket=document.get("bucket"),
            prefix=document.get("prefix"),
            complete=bool(document.get("complete")),
        )
