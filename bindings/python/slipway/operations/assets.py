"""Client's methods for EnterMedia's assets, which are files."""

from __future__ import annotations

from typing import Literal, Optional, Union, overload

from .. import abi
from ..arguments import Path, optional_text, path, text
from ..operation import Operation
from ..progress import OnProgress
from ..results import Asset, AssetDeletion, AssetUpload
from .starter import Starter


class AssetOperations(Starter):
    @overload
    def entermedia_asset_upload(
        self,
        *,
        file_path: Path,
        asset_id: Optional[str] = None,
        source_path: Optional[str] = None,
        name: Optional[str] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[True] = True,
    ) -> AssetUpload: ...

    @overload
    def entermedia_asset_upload(
        self,
        *,
        file_path: Path,
        asset_id: Optional[str] = None,
        source_path: Optional[str] = None,
        name: Optional[str] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: Literal[False],
    ) -> Operation[AssetUpload]: ...

    def entermedia_asset_upload(
        self,
        *,
        file_path: Path,
        asset_id: Optional[str] = None,
        source_path: Optional[str] = None,
        name: Optional[str] = None,
        deadline: Optional[float] = None,
        on_progress: Optional[OnProgress] = None,
        wait: bool = True,
    ) -> Union[AssetUpload, Operation[AssetUpload]]:
        """Sends a file of any size, from the disk as it goes. There is no resume: after a failure that may pass, all of it is sent again.

        file_path    it must not change while it is sent
        asset_id     default: a UUID. An asset that exists already is replaced, file and all
        source_path  the folder in the library, such as "builds/MyGame". Default "slipway/<asset id>"
        name         the file's name in the library. Default: that of file_path
        deadline     default: none, whatever the client's

        FileError: it cannot be read, or it changed while it was sent; the server has got no whole file then.
        """
        request = abi.AssetUploadRequest(
            *self._header(abi.AssetUploadRequest, deadline, on_progress),
            path("file_path", file_path),
            optional_text("asset_id", asset_id),
            optional_text("source_path", source_path),
            optional_text("name", name),
        )
        return self._start("entermedia_asset_upload", request, AssetUpload.from_document, on_progress, wait)

    @overload
    def entermedia_asset_get(
        self, asset_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> Asset: ...

    @overload
    def entermedia_asset_get(
        self, asset_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[Asset]: ...

    def entermedia_asset_get(
        self, asset_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[Asset, Operation[Asset]]:
        """Reads an asset. NotFoundError: there is none with this id."""
        request = self._of_asset(asset_id, deadline, on_progress)
        return self._start("entermedia_asset_get", request, Asset.from_document, on_progress, wait)

    @overload
    def entermedia_asset_delete(
        self, asset_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[True] = True
    ) -> AssetDeletion: ...

    @overload
    def entermedia_asset_delete(
        self, asset_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: Literal[False]
    ) -> Operation[AssetDeletion]: ...

    def entermedia_asset_delete(
        self, asset_id: str, *, deadline: Optional[float] = None, on_progress: Optional[OnProgress] = None, wait: bool = True
    ) -> Union[AssetDeletion, Operation[AssetDeletion]]:
        """Removes an asset, with its file. All its links die at once. NotFoundError: there is none with this id."""
        request = self._of_asset(asset_id, deadline, on_progress)
        return self._start("entermedia_asset_delete", request, AssetDeletion.from_document, on_progress, wait)

    def _of_asset(self, asset_id: str, deadline: Optional[float], on_progress: Optional[OnProgress]) -> abi.AssetRequest:
        return abi.AssetRequest(*self._header(abi.AssetRequest, deadline, on_progress), text("asset_id", asset_id))
