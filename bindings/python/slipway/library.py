"""Finding and loading libslipway: next to this package, then by SLIPWAY_LIBRARY, then by the system."""

from __future__ import annotations

import ctypes
import os
import pathlib
import sys
import threading
from typing import Any, Callable, List, Optional

from . import abi
from .errors import LibraryError

_OLDEST = (0, 1, 0)  # the header that abi.py was written after
_NAMES = {"darwin": "libslipway.0.dylib", "win32": "slipway.dll"}
NAME = _NAMES.get(sys.platform, "libslipway.so.0")

Function = Callable[..., Any]


class Library:
    """The loaded library: the functions of slipway.h without their prefix."""

    set_log: Function
    client_create: Function
    client_release: Function
    client_poll: Function
    client_wait: Function
    cancel: Function
    result_json: Function
    upload: Function
    distribute: Function
    list_projects: Function
    get_project: Function
    get_project_stats: Function
    test_webhook: Function
    wait_for_build: Function
    receive_webhook: Function
    entermedia_login: Function
    entermedia_distribution_create: Function
    entermedia_distribution_edit: Function
    entermedia_distribution_get: Function
    entermedia_distribution_delete: Function
    entermedia_distribution_search: Function
    entermedia_distribution_create_many: Function
    entermedia_asset_upload: Function
    entermedia_asset_get: Function
    entermedia_asset_delete: Function
    store: Function
    storage_delete: Function
    storage_list_unfinished: Function
    storage_abort_unfinished: Function
    check_package: Function
    release: Function

    def __init__(self, path: str) -> None:
        """`path` is a file, or a bare name that the system's loader looks for. OSError when there is no such thing."""
        self.path = path
        releasing, holding = ctypes.CDLL(path), ctypes.PyDLL(path)
        self._check_version(releasing)
        for name, signature in abi.FUNCTIONS.items():
            function = self._symbol(releasing if signature.blocks else holding, name)
            function.restype, function.argtypes = signature.result, signature.arguments
            setattr(self, name[len("slipway_") :], function)

    def _symbol(self, loaded: ctypes.CDLL, name: str) -> Any:
        try:
            return getattr(loaded, name)
        except AttributeError:
            raise LibraryError(f"{self.path} is not a libslipway that fits this package: it has no {name}.") from None

    def _check_version(self, loaded: ctypes.CDLL) -> None:
        number = self._symbol(loaded, "slipway_version_number")
        number.restype = ctypes.c_uint32
        packed: int = number()
        version = (packed // 1_000_000, packed // 1_000 % 1_000, packed % 1_000)
        self.version = ".".join(map(str, version))
        if version[0] != _OLDEST[0] or version < _OLDEST:
            wanted = ".".join(map(str, _OLDEST))
            raise LibraryError(
                f"{self.path} is libslipway {self.version}; this package needs {wanted} or a later {_OLDEST[0]}.x. "
                f"Install a library and a package of the same version."
            )


_lock = threading.Lock()
_library: Optional[Library] = None


def load() -> Library:
    """The library, found and loaded on the first call. LibraryError tells where it was looked for."""
    global _library
    if _library is None:
        with _lock:
            if _library is None:
                _library = _find()
    return _library


def _find() -> Library:
    package = pathlib.Path(__file__).resolve().parent
    beside = package / NAME
    if beside.exists():
        return _open(str(beside), "It lies next to the package.")

    named = os.environ.get("SLIPWAY_LIBRARY")
    if named:
        # A path without a slash would be a name for the system's loader to look for, somewhere else.
        return _open(os.path.abspath(named), "SLIPWAY_LIBRARY names it.")

    tried: List[str] = [f"{beside}: not there", "SLIPWAY_LIBRARY: not set"]
    try:
        return Library(NAME)
    except OSError as error:
        tried.append(f"the system's loader: {error}")
    raise LibraryError(
        "libslipway was not found. Build it (make lib) and set SLIPWAY_LIBRARY to the path of "
        f"{NAME}, or install it (make install, then ldconfig). Looked for: " + "; ".join(tried) + "."
    )


def _open(path: str, why: str) -> Library:
    try:
        return Library(path)
    except OSError as error:
        raise LibraryError(f"{path} cannot be loaded: {error}. {why}") from None
