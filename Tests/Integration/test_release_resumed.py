"""A release that is taken up again: by its link, by its upload id, by a link of somebody else, by nothing that makes sense."""

from __future__ import annotations

import pathlib
from typing import List

import pytest

import slipway
from emulator import request
from recorder import Recorder, Secrets
from release_site import ASSET_CREATE, Site, client, failure, file, reused, site, stages

# By what it was told


def test_again_after_the_end(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """By its link, and by its upload id, with and without the file: there is nothing left to do, and nothing is done."""
    first = client.release(**site.arguments(file_path=file))
    changes = site.changes()
    for arguments in (
        {"resume_from": first.file_url, "file_path": file}, {"resume_from": first.file_url},
        {"resume_from": first.upload_id, "file_path": file}, {"resume_from": first.upload_id},
    ):
        again = client.release(**site.arguments(**arguments))
        assert (again.stage, again.live, again.upload_id, again.file_url) == ("done", True, first.upload_id, first.file_url)
        if arguments["resume_from"] == first.file_url:
            assert (again.asset_id, again.distribution_id) == (first.asset_id, first.asset_id)
            assert reused(again)[-1:] == ["register"] and ("file_path" not in arguments or "host" in reused(again))
    assert site.changes() == changes


def test_link_without_the_file(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """The machine that has the file need not be the one that goes on."""
    error = cut_off(site, client, file)
    file.unlink()
    done = client.release(**site.arguments(resume_from=error.resume_from, remove_when_done=True))
    assert (done.live, done.removed, done.file_url, done.size) == (True, True, error.resume_from, None)
    assert stages(done) == ["register", "wait", "remove"] and len(site.builds()) == 1
    assert site.assets() == site.distributions() == []


def cut_off(site: Site, client: slipway.Client, file: pathlib.Path) -> slipway.SlipwayError:
    """A release that is hosted and not registered."""
    site.fault("status", "upload-file", status=403)
    error = failure(slipway.ForbiddenError, client, site.arguments(file_path=file))
    assert site.builds() == [] and len(site.assets()) == 1
    return error


def test_link_that_is_gone_without_the_file(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    error = cut_off(site, client, file)
    client.entermedia_asset_delete(site.assets()[0])
    again = failure(slipway.FileError, client, site.arguments(resume_from=error.resume_from))
    assert again.message.startswith("register: ") and "not there" in again.message and again.resume_from == error.resume_from
    assert site.builds() == []


@pytest.mark.parametrize("lost", ["distribution", "asset", "both"])
def test_part_of_it_is_gone(site: Site, client: slipway.Client, file: pathlib.Path, lost: str) -> None:
    """It is made again under the same name, and what is there is not sent again."""
    error = cut_off(site, client, file)
    (name,) = site.assets()
    if lost != "asset":
        client.entermedia_distribution_delete(name)
    if lost != "distribution":
        client.entermedia_asset_delete(name)
    done = client.release(**site.arguments(file_path=file, resume_from=error.resume_from))
    assert (done.live, done.file_url) == (True, error.resume_from)
    assert site.assets() == site.distributions() == [name]
    assert len(site.asked(ASSET_CREATE)) == (1 if lost == "distribution" else 2)
    assert request("GET", str(done.file_url)).body == file.read_bytes()


@pytest.mark.parametrize("same_size", [True, False])
def test_link_gives_another_file(site: Site, client: slipway.Client, file: pathlib.Path, same_size: bool) -> None:
    """Somebody has packaged anew: the link is to give what is released now."""
    error = cut_off(site, client, file)
    (name,) = site.assets()
    size = file.stat().st_size
    if not same_size:
        site.build(size=80 * 1024)
    else:
        # Other checksums in the table of contents, and nothing else.
        content = bytearray(file.read_bytes())
        content[content.rindex(b"PK\x01\x02") + 16] ^= 1
        file.write_bytes(content)
    assert (file.stat().st_size == size) is same_size
    done = client.release(**site.arguments(file_path=file, resume_from=error.resume_from))
    assert (done.live, reused(done)) == (True, []) and site.assets() == site.distributions() == [name]
    assert request("GET", str(done.file_url)).body == file.read_bytes()


def test_link_gives_another_file_than_the_one_that_was_registered(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """Going on with the build that is there would call the old one live: nothing is overwritten, and the way out is told."""
    content = file.read_bytes()
    first = client.release(**site.arguments(file_path=file))
    changes = site.changes()
    site.build(size=80 * 1024)
    error = failure(slipway.FileError, client, site.arguments(file_path=file, resume_from=first.file_url))
    assert error.message.startswith("host: ") and str(first.upload_id) in error.message and "without resume_from" in error.hint
    assert site.changes() == changes and request("GET", str(first.file_url)).body == content and len(site.builds()) == 1


def test_foreign_link(site: Site, client: slipway.Client) -> None:
    """Somebody else hosts it: it is registered, and nothing is hosted. EnterMedia is not needed for that."""
    url = site.emulator.file_url("MyGame.zip")
    for number, releasing in enumerate((client, site.customer.client()), 1):
        done = releasing.release(**site.arguments(resume_from=url))
        assert (done.live, done.file_url, done.asset_id, done.distribution_id) == (True, url, None, None)
        assert stages(done) == ["register", "wait"] and reused(done) == []
        assert len(site.builds()) == number, "people put each build at the same address"
    assert site.assets() == site.distributions() == []


def test_foreign_link_with_the_file(site: Site, client: slipway.Client, files: pathlib.Path) -> None:
    """The file is compared with what the link gives."""
    url = site.emulator.file_url("MyGame.zip")
    done = client.release(**site.arguments(resume_from=url, file_path=files / "MyGame.zip"))
    assert done.live is True and stages(done) == ["check", "register", "wait"] and site.assets() == []
    error = failure(slipway.FileError, client, site.arguments(resume_from=url, file_path=site.build(size=80 * 1024)))
    assert "bytes" in error.message and len(site.builds()) == 1


def test_foreign_link_that_gives_nothing(site: Site, client: slipway.Client) -> None:
    error = failure(slipway.FileError, client, site.arguments(resume_from=site.emulator.file_url("page.zip")))
    assert error.message.startswith("register: ") and "web page" in error.message and site.builds() == []
    assert error.resume_from == site.emulator.file_url("page.zip")


def test_foreign_link_has_a_secret(site: Site, client: slipway.Client, recorder: Recorder, secrets: Secrets) -> None:
    """The query of a signed link is a password of its own: it goes to the service and is told to nobody."""
    secret = secrets.add("signature-0123456789abcdef")
    link = f"{site.emulator.file_url('MyGame.zip')}?X-Signature={secret}"
    news: List[slipway.Progress] = []
    done = client.release(**site.arguments(resume_from=link, on_progress=news.append))
    assert done.live is True and site.builds()[0]["fileUrl"] == link and secret not in repr(done) + repr(news)
    broken = f"{site.emulator.file_url('page.zip')}?X-Signature={secret}"
    error = failure(slipway.FileError, client, site.arguments(resume_from=broken, on_progress=news.append))
    assert secret not in str(error) + repr(error.result) + repr(news)
    assert error.resume_from is None, "half a link is nothing to go on with"
    assert secret not in recorder.text()


def test_foreign_link_cannot_be_removed(site: Site, client: slipway.Client) -> None:
    """Known before anything is registered."""
    url = site.emulator.file_url("MyGame.zip")
    error = failure(slipway.InvalidArgumentError, client, site.arguments(resume_from=url, remove_when_done=True))
    assert "resume_from" in error.message and error.hint and site.builds() == []


def test_channel_is_left_alone(site: Site, client: slipway.Client, file: pathlib.Path) -> None:
    """A distribution whose name is not of Slipway's making may be anybody's: it is taken as it is, never overwritten, never removed."""
    client.entermedia_asset_upload(file_path=file, asset_id="latest")
    channel = client.entermedia_distribution_create(asset_id="latest", distribution_id="latest.zip", allow_original=True)
    site.emulator.clear_journal()
    done = client.release(**site.arguments(resume_from=channel.original_url))
    assert (done.live, done.file_url, done.asset_id) == (True, channel.original_url, None)
    other = site.build("Other.zip", name="Other")
    error = failure(slipway.FileError, client, site.arguments(resume_from=channel.original_url, file_path=other))
    assert error.result.stage == "register" and len(site.builds()) == 1
    failure(slipway.InvalidArgumentError, client, site.arguments(resume_from=channel.original_url, remove_when_done=True))
    late = failure(slipway.NotFoundError, client, site.arguments(resume_from=done.upload_id, remove_when_done=True))
    assert (late.result.stage, late.result.live, late.result.removed) == ("remove", True, False)
    assert site.assets() == ["latest"] and site.distributions() == ["latest.zip"]
    assert site.changes() == [f"POST {site.path('upload-file')}"]
    assert request("GET", str(channel.original_url)).body == file.read_bytes()


@pytest.mark.parametrize(
    "garbage",
    [
        "not an id", "a/b", "../..", "x" * 129, "ftp://example.com/a.zip", "http://", "https://u:p@example.com/a.zip",
        "http://example.com/page",
    ],
)
def test_garbage(site: Site, client: slipway.Client, file: pathlib.Path, garbage: str) -> None:
    error = failure(slipway.InvalidArgumentError, client, site.arguments(file_path=file, resume_from=garbage))
    assert "resume_from" in error.message and site.requests() == [] and error.result.timeline == ()


def test_nothing_to_release(site: Site, client: slipway.Client) -> None:
    for arguments in ({}, {"file_path": ""}):
        error = failure(slipway.InvalidArgumentError, client, site.arguments(**arguments))
        assert "file_path" in error.message and site.requests() == [] and error.resume_from is None


# A server that knows itself by another address


@pytest.mark.parametrize("end", ["same run", "upload id", "its own link"])
def test_server_behind_another_address(site: Site, client: slipway.Client, file: pathlib.Path, end: str) -> None:
    """A proxy, or a host for downloads: links are the server's own, and what they lead to is found and removed all the same."""
    own = site.base_url.replace("127.0.0.1", "localhost")
    site.emulator.media_settings(cdnPrefix=own[: own.index("/", 8)])
    if end == "same run":
        done = client.release(**site.arguments(file_path=file, remove_when_done=True))
    else:
        first = client.release(**site.arguments(file_path=file))
        assert first.file_url == f"{own}/services/distribution/published/{first.asset_id}"
        resume_from = first.upload_id if end == "upload id" else first.file_url
        done = client.release(**site.arguments(resume_from=resume_from, remove_when_done=True))
    assert (done.live, done.removed) == (True, True)
    assert len(site.builds()) == 1 and site.assets() == site.distributions() == []
