"""The pytest fixtures that the emulator's own tests share: one process for each file of tests, set back before each test."""

from __future__ import annotations

import pathlib
from typing import Iterator

import pytest

from emulator import Emulator


class Served(Emulator):
    """An emulator together with the folder that it serves."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(["--state-ms", "10", "--rate-window-ms", "0"], files=folder)
        self.folder = folder


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("files")) as emulator:
        yield emulator  # type: ignore[misc]


@pytest.fixture
def emulator(process: Served) -> Served:
    process.reset()
    return process
