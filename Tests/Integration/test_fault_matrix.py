"""Every operation with every fault of the emulator: see fault_matrix.py. A run closes with the table; it is in build/fault-matrix.txt, too.

With SLIPWAY_TEST_LONG set all cells are played, and rounds of them whose memory is measured; otherwise those of `short_cells`.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import re
from typing import Callable, Iterator, List

import pytest

import slipway
from emulator import make_build, wait_until
from fault_matrix import Left, Player, noting, resident
from matrix_cells import all_cells, short_cells
from matrix_faults import FORMS, emulator_actions
from matrix_operations import ROWS
from matrix_sites import Site, sites
from matrix_table import empty, figures, lines
from recorder import Recorder, Secrets
from s3_fixtures import s3_servers  # noqa: F401
from s3_server import S3Server
from slipway import abi, delivery
from storage_fixtures import PART, content

ROOT = pathlib.Path(__file__).resolve().parents[2]
IS_LONG = bool(os.environ.get("SLIPWAY_TEST_LONG"))
PLAYERS = 12
"""At the same time: most of what takes long is waiting."""

M_MMAP_THRESHOLD = -3

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, s3_servers: Callable[[str], S3Server], secrets: Secrets) -> Iterator[List[Site]]:
    folder = tmp_path_factory.mktemp("matrix")
    package, large = make_build(folder / "MyGame.zip"), folder / "large.zip"
    large.write_bytes(b"PK\x03\x04" + content(PART + 100_000))
    # The quicker server: no cell is about a server, and a slow one would stall by itself. The stricter one is in test_storage_faults*.py.
    with sites(PLAYERS, folder, package, large, s3_servers("rclone")) as made:
        for site in made:
            secrets.add(site.emulator.api_key)
            secrets.add(site.emulator.entermedia["key"])
        yield made


@pytest.fixture(scope="module")
def player(request: pytest.FixtureRequest, places: List[Site]) -> Iterator[Player]:
    """All cells of the tests that run have been played."""
    player = Player(places)
    wanted = {item.name for item in request.session.items}
    original, delivery.on_complete = delivery.on_complete, noting
    try:
        rows = [row for row in ROWS if f"test_operation[{row.name}]" in wanted]
        player.explore(rows)
        player.before = settled(places)
        player.play(cell for cell in (all_cells() if IS_LONG else short_cells()) if cell.row in rows and cell.same_as is None)
        yield player
    finally:
        delivery.on_complete = original
    if not player.played:
        return
    table = "\n".join(lines(player.played))
    (ROOT / "build" / "fault-matrix.txt").write_text(f"{table}\n{figures(player.played)}\n", encoding="utf-8")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"{table}\n" if IS_LONG else "\nthe fault matrix is in build/fault-matrix.txt:", figures(player.played))


def settled(places: List[Site]) -> Left:
    """What there is when nothing is under way: a proxy's connections end a moment after those of clients; the tests' own are closed."""
    places[0].s3.client.close()
    seen: List[Left] = []

    def is_settled() -> bool:
        seen.append(Left.now())
        return len(seen) > 20 and len(set(seen[-20:])) == 1

    wait_until(is_settled, 30, "an end of threads and descriptors that come and go")
    return seen[-1]


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_operation(player: Player, name: str) -> None:
    wrong = player.wrong[name]
    assert not wrong, "\n".join([f"{len(wrong)} cells", *wrong[:20]])
    assert any(row == name for row, _, _, _ in player.played)


def test_nothing_is_left(player: Player, places: List[Site]) -> None:
    """Of thousands of clients that were closed: no thread, no descriptor."""
    assert settled(places) == player.before


def test_no_cell_is_empty(player: Player) -> None:
    assert empty(player.played) == []


def test_every_fault_is_there(places: List[Site]) -> None:
    """Those that the emulator has by its own words, and all numbers that services answer with."""
    assert {form.action for form in FORMS} == set(emulator_actions(places[0].emulator))
    numbers = {form.http for form in FORMS if form.action == "status"}
    assert numbers == {204, 400, 401, 403, 404, 409, 429, 500, 503}


def test_every_operation_is_there() -> None:
    """Those of slipway.h: what takes an on_complete starts one."""
    header = (ROOT / "include" / "slipway.h").read_text(encoding="utf-8")
    declared = set(re.findall(r"slipway_(\w+)\(\s*slipway_client \*client,[^;]*?slipway_complete_fn on_complete", header))
    started = {name.removeprefix("slipway_") for name, signature in abi.FUNCTIONS.items() if signature is abi._START}
    assert declared == started == {row.function for row in ROWS}


@pytest.mark.skipif(not IS_LONG, reason="takes a minute")
def test_memory(player: Player, places: List[Site], recorder: Recorder) -> None:
    """The same cells, again and again: what they need is given back."""
    names = ("upload", "distribution_create", "asset_upload", "store, S3, one PUT", "release, directory")
    rounds = Player(places)
    rounds.explore(row for row in ROWS if row.name in names)
    cells = [cell for cell in all_cells() if cell.row.name in names and cell.same_as is None and not cell.form.stalls][::3]
    sizes: List[int] = []
    # Pytest keeps all lines of a test's log; and glibc, for each thread, what large answers once needed, unless it is told not to.
    slipway.set_log(None)
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 17)
    try:
        for _ in range(6):
            rounds.play(cells)
            sizes.append(resident())
    finally:
        recorder.listen()
    print(f"\nresident after each of {len(sizes)} rounds of {len(cells)} cells: {', '.join(f'{size / 1e6:.1f}' for size in sizes)} MB")
    assert not rounds.wrong, dict(rounds.wrong)
    assert sizes[-1] < 1.05 * sizes[1]
