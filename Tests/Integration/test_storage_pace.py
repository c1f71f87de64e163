"""A bandwidth limit holds, and progress tells how far a file is: bytes and parts that only grow, up to the last one."""

from __future__ import annotations

import pathlib
import time
from typing import Callable, List, Tuple

import pytest

import slipway
from s3_fixtures import S3, s3, s3_servers, swift
from storage_fixtures import PART, MiB, NewFile, client, content, holds, home, new_file, read, settings, store_parts
from web_server import WebServer
from wire_faults import Answer

# The limit

Made = Tuple[slipway.Storage, int]
"""A storage with a limit, and the size of the file for it."""
Make = Callable[[S3, pathlib.Path, str], Made]
RATE = 8 * MiB


def in_parts(s3: S3, folder: pathlib.Path, url: str) -> Made:
    return settings(s3, part_size=PART, parallel_parts=8, bytes_per_second=RATE, link=slipway.Link.NONE), 3 * RATE


def whole(s3: S3, folder: pathlib.Path, url: str) -> Made:
    return settings(s3, part_size=4 * RATE, bytes_per_second=RATE, link=slipway.Link.NONE), RATE


def by_put(s3: S3, folder: pathlib.Path, url: str) -> Made:
    return slipway.PutURL(f"{url}/a.bin", bytes_per_second=RATE, link=slipway.Link.NONE), RATE


def into_a_folder(s3: S3, folder: pathlib.Path, url: str) -> Made:
    return slipway.Directory(folder, bytes_per_second=RATE), RATE


@pytest.mark.parametrize("make", [in_parts, whole, by_put, into_a_folder], ids=lambda make: make.__name__.replace("_", " "))
def test_the_limit(swift: S3, client: slipway.Client, new_file: NewFile, tmp_path: pathlib.Path, make: Make) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    with WebServer(folder) as server:
        storage, size = make(swift, folder, server.url)
        file = new_file(size)
        # On a busy machine it may take longer once; it may never take less.
        for attempt in range(3):
            started = time.monotonic()
            client.store(file, storage, always_send=True)
            seconds = time.monotonic() - started
            assert seconds >= 0.9 * size / RATE - 0.1, "the limit, but for what goes in one portion"
            if seconds <= 1.1 * size / RATE + 0.2:
                return
    pytest.fail(f"{size} bytes took {seconds:.2f} s, three times")


# Progress


def watch(
    client: slipway.Client, file: pathlib.Path, storage: slipway.Storage
) -> Tuple[List[slipway.Progress], slipway.StoredObject, float]:
    """Stores it. What was told, the answer, and the seconds that it took."""
    news: List[slipway.Progress] = []
    started = time.monotonic()
    stored = client.store(file, storage, always_send=True, on_progress=news.append)
    return news, stored, time.monotonic() - started


def transfers(news: List[slipway.Progress]) -> List[slipway.Progress]:
    """Those that tell how far the file is."""
    return [progress for progress in news if progress.bytes_total]


def grows(values: List[int]) -> bool:
    return all(before <= after for before, after in zip(values, values[1:]))


def test_progress_of_parts(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    size = 3 * PART + 1
    storage = settings(s3, part_size=PART, parallel_parts=2, bytes_per_second=16 * MiB, link=slipway.Link.NONE)
    news, stored, seconds = watch(client, new_file(size), storage)
    sending = transfers(news)
    assert {(progress.bytes_total, progress.items_total, progress.items_failed) for progress in sending} == {(size, 4, 0)}
    assert grows([progress.bytes_done for progress in sending]) and grows([progress.items_done for progress in sending])
    assert (sending[-1].bytes_done, sending[-1].items_done) == (size, 4)
    assert grows([round(progress.elapsed * 1000) for progress in news])
    # At most ten a second, and what is told at once: another stage, the beginning and the end.
    assert 5 <= len(news) <= 10 * seconds + 10
    rates = [progress.bytes_per_second for progress in sending if progress.bytes_per_second is not None]
    assert rates and all(0 < rate < 32 * MiB for rate in rates)
    assert any(progress.time_left is not None and 0 <= progress.time_left < 30 for progress in sending)
    assert sending[0].stage == slipway.Stage.TRANSFERRING and news[0].stage == slipway.Stage.CHECKING


def test_progress_of_one_put(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    news, stored, _ = watch(client, new_file(4 * MiB), settings(s3, bytes_per_second=8 * MiB, link=slipway.Link.NONE))
    sending = transfers(news)
    assert {(progress.bytes_total, progress.items_total) for progress in sending} == {(4 * MiB, 0)}
    assert grows([progress.bytes_done for progress in sending]) and sending[-1].bytes_done == 4 * MiB
    assert 0 < sending[1].bytes_done < 4 * MiB


@pytest.mark.parametrize("size", [0, 1])
def test_progress_of_next_to_nothing(s3: S3, client: slipway.Client, new_file: NewFile, size: int) -> None:
    news, _, _ = watch(client, new_file(size), settings(s3, link=slipway.Link.NONE))
    assert news[-1].stage == slipway.Stage.TRANSFERRING and news[-1].bytes_done == news[-1].bytes_total == size


def test_progress_of_what_is_there(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    """Parts that came before count, at once, and are not the rate's."""
    file = new_file(3 * PART)
    store_parts(s3, client, file, 2)
    news, stored, _ = watch(client, file, settings(s3, part_size=PART, bytes_per_second=8 * MiB, link=slipway.Link.NONE))
    sending = transfers(news)
    assert stored.parts_reused == 2 and (sending[-1].bytes_done, sending[-1].items_done, sending[-1].items_total) == (3 * PART, 3, 3)
    assert grows([progress.bytes_done for progress in sending]) and grows([progress.items_done for progress in sending])
    rates = [progress.bytes_per_second for progress in sending if progress.bytes_per_second is not None]
    assert all(rate < 16 * MiB for rate in rates), "nobody sent 10 MiB"


def test_progress_of_what_is_sent_again(swift: S3, client: slipway.Client, new_file: NewFile) -> None:
    """What has to come again was not done, and counts once; and why it comes again is told."""
    proxy = swift.proxy()
    fault = proxy.fault(Answer.error(503, "SlowDown", headers={"retry-after": "1"}), on="UploadPart", nth=2)
    size = 2 * PART
    news, stored, _ = watch(client, new_file(size), settings(swift, proxy, part_size=PART, parallel_parts=1, link=slipway.Link.NONE))
    sending = transfers(news)
    assert fault.hits == 1 and stored.bytes_sent == size + PART and holds(swift, "MyGame.bin", new_file(size))
    assert all(progress.bytes_done <= size for progress in sending) and grows([progress.items_done for progress in sending])
    assert (sending[-1].bytes_done, sending[-1].items_done) == (size, 2)
    (retry,) = [progress for progress in news if progress.stage == slipway.Stage.RETRYING]
    assert "SlowDown" in retry.message and "part 2" in retry.message and retry.attempt == 2 and 0.5 < retry.wait < 2


def test_a_progress_that_raises_is_nobodys_end(s3: S3, client: slipway.Client, new_file: NewFile) -> None:
    def on_progress(progress: slipway.Progress) -> None:
        raise ValueError("a test's own")

    stored = client.store(new_file(PART + 1), settings(s3, part_size=PART), on_progress=on_progress)
    assert stored.parts == 2 and read(stored.url) == content(PART + 1)
