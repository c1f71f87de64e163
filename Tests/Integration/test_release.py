"""The whole way: a .zip in, a live build out; what it makes, what it tells on the way, and which builds it does not get there."""

from __future__ import annotations

import pathlib
import threading
import time
from typing import Callable, Dict, List, Optional

import pytest

import slipway
from emulator import make_build, request
from release_site import ASSET, ASSET_CREATE, CREATE, DELETE, NAME, Site, client, failure, file, reused, site, stages

STAGES = ["check", "host", "register", "wait", "distribute", "live", "remove"]


# The whole way


@pytest.mark.parametrize("remove", [False, True], ids=["keep", "remove"])
@pytest.mark.parametrize("auto", [True, False], ids=["automatic", "manual"])
def test_whole_way(site: Site, client: slipway.Client, file: pathlib.Path, auto: bool, remove: bool) -> None:
    began = time.monotonic()
    release = client.release(**site.arguments(file_path=file, auto_release=auto, remove_when_done=remove))
    took = time.monotonic() - began

    assert (release.stage, release.live, release.state, release.objection) == ("done", True, "approved", None)
    assert (release.resume_from, release.removed, release.findings) == (None, remove, ())
    assert (release.project_id, release.file_path, release.size) == (site.project_id, str(file), file.stat().st_size)
    name = release.asset_id
    assert name is not None and NAME.fullmatch(name) and name.startswith("MyGame-")
    assert release.distribution_id == name and release.file_url == site.link(name)
    (build,) = site.builds()
    assert (build["uploadId"], build["fileUrl"], build["autoRelease"]) == (release.upload_id, release.file_url, auto)
    assert site.customer.live() == release.upload_id

    expected = [stage for stage in STAGES if (not auto or stage not in ("distribute", "live")) and (remove or stage != "remove")]
    assert stages(release) == expected and reused(release) == []
    ends = [step.after + (step.took or 0) for step in release.timeline]
    assert all(ends[i] <= step.after + 0.002 for i, step in enumerate(release.timeline[1:])), "one after the other"
    assert all(step.took is not None and step.took >= 0 for step in release.timeline) and ends[-1] <= took + 0.002

    assert site.assets() == site.distributions() == ([] if remove else [name])
    answer = request("GET", release.file_url)
    assert (answer.status, answer.body) == (404, answer.body) if remove else (200, file.read_bytes())
    made = [f"POST {site.path(ASSET_CREATE)}", f"POST {site.path(CREATE)}", f"POST {site.path('upload-file')}"]
    made += [] if auto else [f"POST {site.path('distribute-file')}"]
    made += [f"DELETE {site.path(call)[:-1]}{name}" for call in (ASSET, DELETE)] if remove else []
    assert site.changes() == made, "each once, in this order"


def test_asset_is_called_as_the_build_is(site: Site, client: slipway.Client) -> None:
    release = client.release(**site.arguments(file_path=site.build("Game-1.0.2_final.ZIP")))
    (asset,) = site.emulator.media()["assets"]
    assert str(release.asset_id).startswith("Game-1.0.2_final-") and asset["name"] == asset["id"] == release.asset_id
    assert asset["sourcePath"] == f"slipway/{release.asset_id}"


@pytest.mark.parametrize("name", ["My Game (1) ü – 最終.zip", "-. .zip", "Größe'%20\"&+#?.zip", "x" * 200 + ".zip", ".zip", "build"])
def test_names_that_stand_in_no_link(site: Site, client: slipway.Client, name: str) -> None:
    release = client.release(**site.arguments(file_path=site.build(name)))
    assert release.live is True and release.asset_id is not None and NAME.fullmatch(release.asset_id) and release.asset_id[0].isalnum()
    assert len(release.asset_id) <= 128 and release.file_url == site.link(release.asset_id)


def test_folder_in_the_library(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    client.release(**site.arguments(file_path=file, source_path="builds/My Game/ü/"))
    (asset,) = site.emulator.media()["assets"]
    assert asset["sourcePath"] == "builds/My Game/ü"
    error = failure(slipway.InvalidArgumentError, client, site.arguments(file_path=file, source_path="../other"))
    assert "source_path" in error.message and len(site.assets()) == 1


def test_each_release_has_a_name_of_its_own(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    operations = [client.release(**site.arguments(file_path=file, wait=False)) for _ in range(3)]
    releases = [operation.result(20) for operation in operations]
    assert len({release.asset_id for release in releases}) == len({release.upload_id for release in releases}) == 3
    assert sorted(site.assets()) == sorted(str(release.asset_id) for release in releases)


@pytest.mark.parametrize("generation", ["current", "newer"])
@pytest.mark.parametrize("shape", ["current", "documented"])
@pytest.mark.parametrize("login", [False, True], ids=["key", "login"])
def test_servers_of_all_kinds(site: Site, file: pathlib.Path, shape: str, generation: str, login: bool) -> None:
    site.emulator.media_settings(shape=shape, generation=generation)
    server = site.emulator.entermedia
    media = site.media(key=None, user=server["user"], password=server["password"]) if login else site.media()
    release = site.client(media).release(**site.arguments(file_path=file, remove_when_done=True))
    assert (release.live, release.removed, release.file_url) == (True, True, site.link(str(release.asset_id)))
    assert site.assets() == site.distributions() == []


@pytest.mark.parametrize("order", ["distribute-first", "approve-first"])
@pytest.mark.parametrize("documents", ["new", "old"])
def test_services_of_all_kinds(site: Site, client: slipway.Client, file: pathlib.Path, documents: str, order: str) -> None:
    site.emulator.settings(documents=documents, order=order, uploadStatus=201, fileUrlRule="clean")
    assert client.release(**site.arguments(file_path=file)).live is True
    assert client.release(**site.arguments(file_path=file, auto_release=False)).live is True


# What it tells on the way


def test_progress(site: Site, client: slipway.Client) -> None:
    file = site.build(size=8 << 20)
    site.emulator.settings(stateMs=150)
    news: List[slipway.Progress] = []
    release = client.release(
        **site.arguments(file_path=file, auto_release=False, remove_when_done=True, on_progress=news.append))

    told = [progress.release_stage for progress in news]
    order = [stage for i, stage in enumerate(told) if i == 0 or told[i - 1] != stage]
    assert order == [stage for stage in stages(release) if stage in order] and {"host", "register", "wait"} <= set(order)
    assert [progress.elapsed for progress in news] == sorted(progress.elapsed for progress in news)
    assert all(progress.message for progress in news)
    names = [progress.resume_from for progress in news]
    assert list(dict.fromkeys(name for name in names if name)) == [release.file_url, release.upload_id]
    assert all((name is None) == (stage == "check") for name, stage in zip(names, told))
    states = list(dict.fromkeys(progress.state for progress in news if progress.state))
    assert states[-2:] == ["distributing", "approved"] or states[-1] == "distributing"
    assert set(states) <= {"pending", "downloading", "extracting", "saving", "approved", "distributing"}


def test_progress_of_the_file(site: Site, client: slipway.Client) -> None:
    """The server is slow to take it, so that there is something to tell."""
    file = site.build(size=4 << 20)
    site.fault("delay", ASSET_CREATE, delayMs=400)
    news: List[slipway.Progress] = []
    client.release(**site.arguments(file_path=file, on_progress=news.append))
    sent = [progress for progress in news if progress.bytes_total]
    assert sent and {progress.release_stage for progress in sent} == {"host"}
    assert {progress.stage for progress in sent} == {slipway.Stage.TRANSFERRING}
    assert {progress.bytes_total for progress in sent} == {file.stat().st_size}
    done = [progress.bytes_done for progress in sent]
    assert done == sorted(done) and done[-1] == file.stat().st_size
    assert all(progress.resume_from for progress in sent)


def test_the_name_comes_before_the_thing(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """on_progress is slow, and nothing is asked for meanwhile that would change anything."""
    seen: Dict[str, List[str]] = {}

    def on_progress(progress: slipway.Progress) -> None:
        if progress.resume_from is None or progress.resume_from in seen:
            return
        before = site.changes()
        time.sleep(0.15)
        assert site.changes() == before
        seen[progress.resume_from] = before

    release = client.release(**site.arguments(file_path=file, remove_when_done=True, on_progress=on_progress))
    assert list(seen) == [release.file_url, release.upload_id]
    link, upload_id = seen.values()
    assert link == [] and upload_id[-1] == f"POST {site.path('upload-file')}"
    assert not any(call.startswith("DELETE") for call in upload_id)


# Builds that the service does not take

OBJECTION = "Malformed package: there is no Engine folder next to the executable"


@pytest.mark.parametrize("remove", [False, True], ids=["keep", "remove"])
@pytest.mark.parametrize("auto", [True, False], ids=["automatic", "manual"])
def test_rejected(site: Site, client: slipway.Client, auto: bool, remove: bool) -> None:
    file = site.build(without=["engine"])
    arguments = site.arguments(file_path=file, auto_release=auto, remove_when_done=remove)
    error = failure(slipway.RejectedError, client, arguments)
    release = error.result
    assert error.message == release.objection == OBJECTION and error.hint and not error.retriable
    assert (release.stage, release.state, release.live, release.resume_from) == ("wait", "rejected", None, None)
    assert release.removed is remove and stages(release) == ["check", "host", "register", "wait"] + ["remove"] * remove
    assert release.upload_id == site.builds()[0]["uploadId"] and release.file_url == site.link(str(release.asset_id))
    assert site.assets() == site.distributions() == ([] if remove else [release.asset_id])

    again = failure(slipway.RejectedError, client, {**arguments, "resume_from": release.upload_id})
    assert again.message == OBJECTION and len(site.builds()) == 1, "it stays rejected"


def test_rejected_when_it_was_to_go_live(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    site.emulator.settings(distributionObjection="No machine could start it")
    error = failure(slipway.RejectedError, client, site.arguments(file_path=file, auto_release=False, remove_when_done=True))
    assert (error.message, error.result.stage, error.result.removed) == ("No machine could start it", "live", True)
    assert site.assets() == site.distributions() == []


def test_rejected_and_not_removed(site: Site) -> None:
    """The verdict is what counts. That the rest stays is told, too."""
    client = site.client(max_attempts=2)
    site.fault("status", ASSET, "DELETE", count=0, status=500)
    error = failure(
        slipway.RejectedError, client, site.arguments(file_path=site.build(without=["engine"]), remove_when_done=True))
    release = error.result
    assert (error.message, release.stage, release.removed) == (OBJECTION, "wait", False) and site.assets() == [release.asset_id]
    assert error.resume_from == release.upload_id, "there is something left to do"
    site.emulator.clear_faults()
    again = failure(slipway.RejectedError, client, site.arguments(resume_from=error.resume_from, remove_when_done=True))
    assert (again.message, again.result.removed, again.resume_from) == (OBJECTION, True, None)
    assert site.assets() == site.distributions() == []


# Packages


def test_package_with_an_error(site: Site, client: slipway.Client) -> None:
    file = site.build("NoExe.zip", without=["exe"])
    error = failure(slipway.FileError, client, site.arguments(file_path=file))
    (finding,) = [finding for finding in error.result.findings if finding.severity == "error"]
    assert finding.code == "no_executable" and finding.message in error.message and str(file) in error.message
    assert error.message.startswith("check: ") and "ignore_findings" in error.hint
    assert (error.result.stage, error.resume_from) == ("check", None) and site.requests() == []


def test_package_with_an_error_that_is_ignored(site: Site, client: slipway.Client) -> None:
    file = site.build("NoExe.zip", without=["exe"])
    error = failure(slipway.RejectedError, client, site.arguments(file_path=file, ignore_findings=True))
    assert error.message.startswith("Missing executable") and [finding.code for finding in error.result.findings] == ["no_executable"]


def test_package_with_a_warning(site: Site, client: slipway.Client) -> None:
    """The service has the last word."""
    file = site.build("NoContent.zip", without=["engine", "paks"])
    error = failure(slipway.RejectedError, client, site.arguments(file_path=file))
    assert [(finding.severity, finding.code) for finding in error.result.findings] == [("warning", "no_content")]


@pytest.mark.parametrize("ignore", [False, True])
@pytest.mark.parametrize("content", [b"", b"not a zip at all, but long enough for one", b"<!DOCTYPE html><html></html>", None])
def test_no_package(site: Site, client: slipway.Client, content: Optional[bytes], ignore: bool) -> None:
    file = site.folder / "Other.zip"
    if content is not None:
        file.write_bytes(content)
    error = failure(slipway.FileError, client, site.arguments(file_path=file, ignore_findings=ignore))
    assert error.message.startswith("check: ") and str(file) in error.message and error.hint
    assert (error.result.stage, error.resume_from, error.result.size) == ("check", None, None) and site.requests() == []


def change_length(file: pathlib.Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"more")


def change_content(file: pathlib.Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:2000] + b"x" + content[2001:])


def change_file(file: pathlib.Path) -> None:
    other = make_build(file.with_name("other.zip"), name="Other")
    other.replace(file)


@pytest.mark.parametrize("change", [change_length, change_content, change_file, pathlib.Path.unlink])
def test_package_that_changes_meanwhile(
    site: Site, client: slipway.Client, file: pathlib.Path, change: Callable[[pathlib.Path], object]
) -> None:
    changed = threading.Event()

    def on_progress(progress: slipway.Progress) -> None:
        if progress.release_stage == "host" and not changed.is_set() and not site.asked(ASSET_CREATE):
            changed.set()
            change(file)

    error = failure(slipway.FileError, client, site.arguments(file_path=file, on_progress=on_progress))
    assert error.result.stage == "host" and str(file) in error.message and site.is_empty()
