"""Client.check_package and Client.release, and the example of the whole way."""

from __future__ import annotations

import asyncio
import logging
import pathlib
import pickle
import signal
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List

import pytest

import slipway
from conftest import ROOT, Customer
from emulator import Emulator, wait_until
from media_fixtures import Media, client, media
from recorder import Recorder

Run = Callable[..., "subprocess.CompletedProcess[str]"]


# Packages


def test_check_package(client: slipway.Client, files: pathlib.Path) -> None:
    path = files / "MyGame.zip"
    package = client.check_package(path)
    assert (package.file_path, package.size, package.executable) == (str(path), path.stat().st_size, "MyGame.exe")
    assert package.entries >= 3 and package.uncompressed_size > 64 * 1024 and package.zip64 is False
    assert package.findings == ()


def test_check_package_with_findings(client: slipway.Client, files: pathlib.Path) -> None:
    package = client.check_package(str(files / "NoExe.zip"))
    assert package.executable is None
    (finding,) = [finding for finding in package.findings if finding.code == "no_executable"]
    assert finding.severity in ("error", "warning") and finding.message


def test_check_package_of_no_zip(client: slipway.Client, files: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for path in (files / "page.zip", files / "empty.zip", tmp_path / "missing.zip"):
        with pytest.raises(slipway.FileError) as caught:
            client.check_package(path)
        assert str(path) in caught.value.message


# The whole way


def released(customer: Customer, **changes: Any) -> Dict[str, Any]:
    """The arguments of a release in which nothing is slow."""
    return {"project_id": customer.project_id, "interval": 0.01, "max_interval": 0.02, "settle": 0.3, **changes}


@pytest.mark.parametrize("auto_release", [True, False])
def test_release(
    client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path, auto_release: bool
) -> None:
    path = files / "MyGame.zip"
    news: List[slipway.Progress] = []
    release = client.release(
        **released(customer, file_path=path, source_path="builds", auto_release=auto_release, on_progress=news.append))

    assert (release.stage, release.live, release.resume_from, release.objection) == ("done", True, None, None)
    assert (release.project_id, release.file_path, release.size) == (customer.project_id, str(path), path.stat().st_size)
    assert (release.asset_id, release.distribution_id) == (media.assets()[0], media.distributions()[0])
    assert release.upload_id == customer.live() and release.removed is False and release.findings == ()
    (build,) = customer.builds()
    assert build["autoRelease"] is auto_release and build["fileUrl"] == release.file_url

    stages = [step.stage for step in release.timeline]
    assert stages == ["check", "host", "register", "wait"] + ([] if auto_release else ["distribute", "live"])
    assert all(step.reused is False and step.took is not None and step.took >= 0 for step in release.timeline)
    assert [step.after for step in release.timeline] == sorted(step.after for step in release.timeline)

    seen = [progress.release_stage for progress in news]
    assert None not in seen and set(seen) <= set(stages) and seen == sorted(seen, key=lambda stage: stages.index(str(stage)))
    told = list(dict.fromkeys(progress.resume_from for progress in news if progress.resume_from))
    assert told == [release.file_url, release.upload_id], "the link first, then the upload id"


def test_release_removes_what_it_made(client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path) -> None:
    release = client.release(**released(customer, file_path=files / "MyGame.zip", remove_when_done=True))
    assert (release.live, release.removed) == (True, True)
    assert media.assets() == [] and media.distributions() == []
    assert release.timeline[-1].stage == "remove"


def test_nothing_is_made_before_it_is_told_how_to_resume(
    client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path
) -> None:
    """The name comes before the thing: while on_progress runs, nothing happens on the servers."""
    made: Dict[str, Any] = {}

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is not None and progress.resume_from not in made:
            time.sleep(0.2)  # long enough for whatever would not wait
            made[progress.resume_from] = (media.assets(), media.distributions(), len(customer.builds()))

    release = client.release(**released(customer, file_path=files / "MyGame.zip", on_progress=on_progress))
    assert made[str(release.file_url)] == ([], [], 0)
    assert list(made) == [release.file_url, release.upload_id]


def test_release_of_a_build_that_is_rejected(
    client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path
) -> None:
    with pytest.raises(slipway.RejectedError, match="Missing executable") as caught:
        client.release(**released(customer, file_path=files / "NoExe.zip", ignore_findings=True))
    release = caught.value.result
    assert isinstance(release, slipway.Release)
    assert (release.stage, release.state, release.live) == ("wait", "rejected", None)
    assert release.objection == caught.value.message and release.upload_id == customer.builds()[0]["uploadId"]
    assert [finding.code for finding in release.findings] == ["no_executable"]
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.result == release and copy.resume_from == caught.value.resume_from == release.resume_from


def test_release_of_a_package_with_findings(
    client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path
) -> None:
    with pytest.raises(slipway.FileError) as caught:
        client.release(**released(customer, file_path=files / "NoExe.zip"))
    release = caught.value.result
    assert isinstance(release, slipway.Release) and release.stage == "check" and caught.value.resume_from is None
    assert [finding.code for finding in release.findings] == ["no_executable"]
    assert media.assets() == [] and customer.builds() == []


def test_release_that_is_cancelled_and_taken_up_again(
    client: slipway.Client, customer: Customer, emulator: Emulator, media: Media, files: pathlib.Path
) -> None:
    emulator.fault("delay", path="/pixelStripeApi/projects/upload-file", delayMs=60_000)
    operation: "slipway.Operation[slipway.Release]" = client.release(**released(customer, file_path=files / "MyGame.zip", wait=False))
    wait_until(lambda: customer.posts("upload-file"), what="the registration")
    operation.cancel()
    error = operation.exception(10)
    assert isinstance(error, slipway.CancelledError) and isinstance(error.result, slipway.Release)
    assert error.result.stage == "register" and error.resume_from is not None and error.resume_from == error.result.file_url
    emulator.clear_faults()

    release = client.release(**released(customer, file_path=files / "MyGame.zip", resume_from=error.resume_from))
    assert release.live is True and release.file_url == error.resume_from and release.asset_id == error.result.asset_id
    assert [step.stage for step in release.timeline if step.reused] == ["host"]
    assert len(customer.builds()) == 1 and len(media.assets()) == 1, "nothing twice"

    again = client.release(**released(customer, resume_from=release.upload_id))
    assert (again.upload_id, again.live) == (release.upload_id, True) and len(customer.builds()) == 1


def test_release_of_no_file(client: slipway.Client, customer: Customer, tmp_path: pathlib.Path, media: Media) -> None:
    with pytest.raises(slipway.FileError) as caught:
        client.release(**released(customer, file_path=tmp_path / "missing.zip"))
    assert caught.value.resume_from is None and media.assets() == [] and customer.builds() == []
    with pytest.raises(slipway.InvalidArgumentError):
        client.release(project_id="", file_path=tmp_path / "missing.zip")
    with pytest.raises(slipway.InvalidArgumentError):
        client.release(project_id=customer.project_id)


def test_release_in_asyncio(client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path) -> None:
    async def main() -> None:
        package, release = await asyncio.gather(
            client.check_package(files / "MyGame.zip", wait=False),
            client.release(**released(customer, file_path=files / "MyGame.zip", wait=False)),
        )
        assert package.size == release.size and release.live is True
        with pytest.raises(slipway.NotFoundError):
            await client.entermedia_asset_get("missing", wait=False)
        created = await client.entermedia_distribution_create_many([release.asset_id], allow_original=True, wait=False)
        assert created.succeeded == 1

    asyncio.run(main())


def test_cancelling_the_task_cancels_the_release(
    client: slipway.Client, customer: Customer, emulator: Emulator, media: Media, files: pathlib.Path
) -> None:
    emulator.fault("delay", path=f"{media.path}/*", count=0, delayMs=60_000)

    async def main() -> None:
        operation = client.release(**released(customer, file_path=files / "MyGame.zip", wait=False))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(operation, 0.2)
        assert isinstance(await asyncio.get_running_loop().run_in_executor(None, operation.exception, 10), slipway.CancelledError)

    asyncio.run(main())


def test_on_progress_of_a_release_may_do_what_any_may(
    client: slipway.Client, customer: Customer, media: Media, files: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where it is called from inside the library: it starts operations, is refused to block, and fails; and it ends the client."""
    others: List[object] = []

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is not None and not others:
            with pytest.raises(slipway.WouldDeadlockError):
                client.project(customer.project_id)
            client.project(customer.project_id, wait=False).add_done_callback(lambda done: others.append(done.exception()))
            raise ValueError("on purpose")

    assert client.release(**released(customer, file_path=files / "MyGame.zip", on_progress=on_progress)).live is True
    assert set(others) == {None}
    assert any("on_progress" in record.getMessage() for record in caplog.records if record.levelno == logging.ERROR)

    def close_when_named(progress: slipway.Progress) -> None:
        if progress.resume_from:
            client.close(wait=False)

    before = len(media.assets())
    with pytest.raises(slipway.CancelledError):
        client.release(**released(customer, file_path=files / "MyGame.zip", on_progress=close_when_named))
    assert len(media.assets()) == before
    client.close(10)


def test_a_mistaken_release_starts_nothing(customer: Customer, media: Media) -> None:
    client = customer.client(entermedia=media.settings())
    release: Any = client.release
    for arguments, named in (((), {}), (("p",), {}), ((), {"file_path": "a.zip"}), ((), {"wait": False})):
        with pytest.raises(TypeError):
            release(*arguments, **named)
    assert client.entermedia_login().logged_in is False, "a mistake ends nothing"
    client.close(wait=False)
    client.close(wait=False)
    client.close(5)
    with pytest.raises(slipway.ClosedError):
        client.check_package("a.zip")


def test_process_that_ends_inside_of_on_progress(run_script: Run, media: Media, files: pathlib.Path) -> None:
    """The one callback that runs inside the library does not return, and the process ends all the same."""
    done = run_script("""
from slipway import shutdown
shutdown.PATIENCE = 0.3
client = make_client()
inside = threading.Event()
def on_progress(progress):
    if progress.resume_from is not None:
        inside.set()
        time.sleep(60)
client.release(project_id=PROJECT, file_path=os.environ["FILE"], on_progress=on_progress, wait=False)
assert inside.wait(10)
""", FILE=str(files / "MyGame.zip"), **media.environment())
    assert (done.returncode, done.stderr) == (0, "")
    assert media.assets() == []


# The example


EXAMPLE = ROOT / "bindings" / "python" / "examples" / "release.py"


def example(customer: Customer, media: Media, *arguments: object) -> "subprocess.Popen[str]":
    media.emulator.settings(stateMs=120)  # so that no state is missed, which would take a minute to be sure of
    command = [sys.executable, str(EXAMPLE), customer.project_id, *map(str, arguments), "--interval", "0.02"]
    return subprocess.Popen(
        command, env=customer.environment(**media.environment()), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: "subprocess.Popen[str]", recorder: Recorder) -> Any:
    try:
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    recorder.note("release", process.returncode, out, err)
    assert "Traceback" not in err
    return process.returncode, out.splitlines(), err


def test_example(customer: Customer, media: Media, recorder: Recorder, files: pathlib.Path) -> None:
    code, lines, err = ended(example(customer, media, files / "MyGame.zip"), recorder)
    assert (code, err) == (0, "")
    assert lines[-1].endswith(f"live: {customer.live()}") and customer.live() is not None
    assert any("--resume-from http" in line for line in lines)


def test_example_interrupted_and_taken_up_again(
    customer: Customer, media: Media, emulator: Emulator, recorder: Recorder, files: pathlib.Path
) -> None:
    emulator.fault("delay", path="/pixelStripeApi/projects/upload-file", delayMs=60_000)
    process = example(customer, media, files / "MyGame.zip", "--remove-when-done")
    wait_until(lambda: customer.posts("upload-file"), what="the registration")
    process.send_signal(signal.SIGINT)
    code, lines, err = ended(process, recorder)
    assert code == 130 and err.startswith("interrupted\nto go on: --resume-from ")
    resume_from = err.split()[-1]
    assert any(line.endswith(f"--resume-from {resume_from}") for line in lines)
    emulator.clear_faults()
    code, lines, err = ended(
        example(customer, media, files / "MyGame.zip", "--remove-when-done", "--resume-from", resume_from), recorder)
    assert (code, err) == (0, "")
    assert any("(done before)" in line for line in lines) and len(customer.builds()) == 1
    assert media.assets() == []


def test_example_with_a_build_that_is_no_good(customer: Customer, media: Media, recorder: Recorder, files: pathlib.Path) -> None:
    code, _, err = ended(example(customer, media, files / "NoExe.zip"), recorder)
    assert code == 1 and err.startswith("failed: ") and media.assets() == []
    # As it is: the service itself looks at what nobody else has.
    link = media.emulator.file_url("NoExe.zip")
    code, _, err = ended(example(customer, media, "--resume-from", link), recorder)
    assert code == 2 and err.startswith("rejected: ")


def test_example_without_a_file(customer: Customer, media: Media, recorder: Recorder, tmp_path: pathlib.Path) -> None:
    code, _, err = ended(example(customer, media, tmp_path / "missing.zip"), recorder)
    assert code == 1 and err.startswith("failed: ") and "to go on" not in err
