"""Client's methods for storages: storing a file under a link, and what goes with that."""

from __future__ import annotations

from ctypes import c_char_p
from typing import Literal, Mapping, Optional, Union, overload

from .. import abi
from ..arguments import Path, minutes, optional_text, pairs, path, text
from ..operation import Operation
from ..progress import OnProgress
from ..results import StorageDeletion, StoredObject, UnfinishedUploadList, UploadsAborted
from ..storage import S3, Directory, Storage
from .starter import Starter

_MOST_METADATA = 64


class StorageOperations(Starter):
    @overload
    def store(
        self,
        file_path: Path,
        storage: Storage,
        *,
        key: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
        always_send: bool = False,
        check_url: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> StoredObject: ...

    @overload
    def store(
        self,
        file_path: Path,
        storage: Storage,
        *,
        key: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
        always_send: bool = False,
        check_url: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[StoredObject]: ...

    def store(
        self,
        file_path: Path,
        storage: Storage,
        *,
        key: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None,
        always_send: bool = False,
        check_url: bool = True,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[StoredObject, Operation[StoredObject]]:
        """Stores a file of any size as an object, and makes a link to it that is then read as Streampixel will read it.

        file_path    it must not change while it is sent
        storage      an S3, a PutURL or a Directory
        key          the object's name below key_prefix, at most 1,024 bytes with it. Default: the file's name. Not for a PutURL
        metadata     what the object shall carry: names, without "x-amz-meta-", of letters, digits and "-". At most 64. S3 only
        always_send  sends also what is there already with the same content
        check_url    reads the link
        deadline     default: none, whatever the client's

        A small file goes by one PUT, a large one in parts, several at a time; memory does not grow with the file. An upload that ended
        early goes on from what has arrived, in any process on any machine: the same call again does that. on_progress is told of bytes,
        and of parts as items.

        FileError: the file cannot be read, or changed while it was sent, and the object is not made then; or the folder's disk is full; or
        the link does not give the file. RejectedError: the storage will not have it, and its words are in the message. An exception's
        `result` is the StoredObject as far as it came, with the upload_id of what is unfinished.
        """
        pointer, carried = self._storage(storage), pairs("metadata", metadata, _MOST_METADATA)
        request = abi.StoreRequest(
            *self._header(abi.StoreRequest, deadline, on_progress),
            storage=pointer,
            file_path=path("file_path", file_path),
            key=optional_text("key", key),
            metadata_names=(c_char_p * len(carried))(*(name for name, _ in carried)),
            metadata_values=(c_char_p * len(carried))(*(value for _, value in carried)),
            metadata_count=len(carried),
            always_send=bool(always_send),
            skip_url_check=not check_url,
        )
        return self._start("store", request, StoredObject.from_document, on_progress, wait)

    @overload
    def storage_delete(
        self,
        storage: Union[S3, Directory],
        key: str,
        *,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> StorageDeletion: ...

    @overload
    def storage_delete(
        self,
        storage: Union[S3, Directory],
        key: str,
        *,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[StorageDeletion]: ...

    def storage_delete(
        self,
        storage: Union[S3, Directory],
        key: str,
        *,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[StorageDeletion, Operation[StorageDeletion]]:
        """Removes an object, or a file of a directory. It works also when there was none: S3 does not tell.

        key  below key_prefix. A bucket with versions keeps the old ones
        """
        request = abi.StorageObjectRequest(
            *self._header(abi.StorageObjectRequest, deadline, on_progress), self._storage(storage), text("key", key)
        )
        return self._start("storage_delete", request, StorageDeletion.from_document, on_progress, wait)

    @overload
    def storage_list_unfinished(
        self,
        storage: Union[S3, Directory],
        *,
        key: Optional[str] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> UnfinishedUploadList: ...

    @overload
    def storage_list_unfinished(
        self,
        storage: Union[S3, Directory],
        *,
        key: Optional[str] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[UnfinishedUploadList]: ...

    def storage_list_unfinished(
        self,
        storage: Union[S3, Directory],
        *,
        key: Optional[str] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[UnfinishedUploadList, Operation[UnfinishedUploadList]]:
        """Lists what uploads have left unfinished, and what the provider charges for: multipart uploads of a bucket; in a directory the
        hidden files of copies that were broken off.

        key  below key_prefix. Default: all below key_prefix
        """
        request = abi.StorageObjectRequest(
            *self._header(abi.StorageObjectRequest, deadline, on_progress), self._storage(storage), optional_text("key", key)
        )
        return self._start("storage_list_unfinished", request, UnfinishedUploadList.from_document, on_progress, wait)

    @overload
    def storage_abort_unfinished(
        self,
        storage: Union[S3, Directory],
        *,
        key: Optional[str] = None,
        upload_id: Optional[str] = None,
        min_age: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> UploadsAborted: ...

    @overload
    def storage_abort_unfinished(
        self,
        storage: Union[S3, Directory],
        *,
        key: Optional[str] = None,
        upload_id: Optional[str] = None,
        min_age: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[UploadsAborted]: ...

    def storage_abort_unfinished(
        self,
        storage: Union[S3, Directory],
        *,
        key: Optional[str] = None,
        upload_id: Optional[str] = None,
        min_age: Optional[float] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[UploadsAborted, Operation[UploadsAborted]]:
        """Aborts unfinished uploads: their parts are thrown away. One that is under way somewhere fails by it.

        key        below key_prefix. Default: all below key_prefix
        upload_id  with key: this one, whatever its age
        min_age    seconds, rounded up to minutes. Younger ones stay: they may be under way. Default: a day

        When it fails, those that were aborted before are in the exception's `result`.
        """
        request = abi.StorageAbortRequest(
            *self._header(abi.StorageAbortRequest, deadline, on_progress),
            self._storage(storage),
            optional_text("key", key),
            optional_text("upload_id", upload_id),
            minutes("min_age", min_age),
        )
        return self._start("storage_abort_unfinished", request, UploadsAborted.from_document, on_progress, wait)
