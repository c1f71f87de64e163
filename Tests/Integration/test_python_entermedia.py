"""The Python binding's methods for EnterMedia: what they decode, and what they raise."""

from __future__ import annotations

import io
import os
import pathlib
import pickle
import subprocess
from typing import Any, Callable, List

import pytest

import slipway
from conftest import Customer
from emulator import Emulator, make_build, request
from media_fixtures import Media, client, media, picture
from recorder import Secrets

Run = Callable[..., "subprocess.CompletedProcess[str]"]


# Settings


def test_settings_hide_their_secrets(media: Media) -> None:
    settings = slipway.EnterMedia(base_url=media.base_url, key=media.key, user="someone", password="a password of some length")
    assert repr(settings) == f"EnterMedia(base_url={media.base_url!r}, user='someone')"
    assert settings == slipway.EnterMedia(media.base_url, media.key, "someone", "a password of some length")


def test_settings_from_the_environment(run_script: Run, media: Media) -> None:
    done = run_script("print(slipway.Client().entermedia_login().user)", **media.environment())
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{media.user}\n", "")


def test_settings_that_are_missing_or_wrong(customer: Customer, media: Media) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match="(?i)entermedia"):
        customer.client().entermedia_login()
    with pytest.raises(slipway.InvalidArgumentError, match="(?i)entermedia"):
        customer.client(entermedia=slipway.EnterMedia(base_url="dam.example.com/mediadb"))


# Logging in


def test_login(customer: Customer, media: Media) -> None:
    client = customer.client(entermedia=slipway.EnterMedia(media.base_url, user=media.user, password=media.password))
    login = client.entermedia_login()
    assert (login.user, login.logged_in) == (media.user, True) and login.raw is not None
    assert media.key not in repr(login) + repr(login.raw)


def test_login_with_a_key_only_tries_it(client: slipway.Client, customer: Customer, media: Media) -> None:
    assert client.entermedia_login().logged_in is False
    assert media.posts("authentication/login") == []
    with pytest.raises(slipway.UnauthorizedError):
        customer.client(entermedia=media.settings(key=media.key[::-1])).entermedia_login()


def test_login_with_a_wrong_password(customer: Customer, media: Media, secrets: Secrets) -> None:
    wrong = secrets.add("wrong-password-0123456789")
    client = customer.client(entermedia=slipway.EnterMedia(media.base_url, user=media.user, password=wrong))
    with pytest.raises(slipway.UnauthorizedError) as caught:
        client.entermedia_login()
    assert caught.value.hint and wrong not in str(caught.value)


# Distributions


def test_distribution_create(client: slipway.Client, picture: str, media: Media) -> None:
    distribution = client.entermedia_distribution_create(asset_id=picture)
    assert distribution.asset_id == picture and distribution.verified is True
    assert distribution.original_url is None and distribution.allow_original is False
    assert distribution.links and all(request("GET", url).status == 200 for url in distribution.links.values())
    assert distribution.base_url is None or all(url.startswith(distribution.base_url) for url in distribution.links.values())
    assert media.distributions() == [distribution.id] and isinstance(distribution.raw, dict)
    assert distribution == pickle.loads(pickle.dumps(distribution))


def test_distribution_create_with_everything(client: slipway.Client, picture: str) -> None:
    distribution = client.entermedia_distribution_create(asset_id=picture, distribution_id="MyGame-1.0.zip", allow_original=True)
    assert (distribution.id, distribution.allow_original) == ("MyGame-1.0.zip", True)
    assert distribution.original_url is not None and distribution.original_url.endswith("/MyGame-1.0.zip")
    assert request("GET", distribution.original_url).body == b"not really one"


def test_distribution_create_without_looking(client: slipway.Client, picture: str, emulator: Emulator, media: Media) -> None:
    emulator.clear_journal()
    distribution = client.entermedia_distribution_create(asset_id=picture, verify=False)
    assert distribution.verified is None
    assert [entry["method"] for entry in emulator.journal()] == ["POST"]


def test_distribution_create_of_nothing(client: slipway.Client, media: Media) -> None:
    with pytest.raises(slipway.NotFoundError) as caught:
        client.entermedia_distribution_create(asset_id="missing")
    assert caught.value.hint and media.distributions() == []
    with pytest.raises(slipway.InvalidArgumentError):
        client.entermedia_distribution_create(asset_id="a b")


def test_distribution_create_without_a_link(client: slipway.Client, files: pathlib.Path, media: Media) -> None:
    asset = client.entermedia_asset_upload(file_path=files / "MyGame.zip")
    with pytest.raises(slipway.NotReadyError):
        client.entermedia_distribution_create(asset_id=asset.id)
    assert media.distributions() == [], "one with an id of Slipway's making is removed again"


def test_distribution_edit(client: slipway.Client, picture: str, emulator: Emulator) -> None:
    other = emulator.add_asset(id="other", name="other.png", content="the other one")
    before = client.entermedia_distribution_create(asset_id=picture, distribution_id="channel", allow_original=True)
    edited = client.entermedia_distribution_edit(distribution_id="channel", asset_id=other)
    assert (edited.id, edited.asset_id, edited.original_url) == ("channel", other, before.original_url)
    assert request("GET", str(edited.original_url)).body == b"the other one", "original=None: as it is"
    denied = client.entermedia_distribution_edit(distribution_id="channel", original=False)
    assert (denied.asset_id, denied.allow_original, denied.original_url) == (other, False, None)
    assert client.entermedia_distribution_edit(distribution_id="channel", original=True).original_url == before.original_url


def test_distribution_edit_of_nothing(client: slipway.Client, picture: str, media: Media) -> None:
    with pytest.raises(slipway.NotFoundError):
        client.entermedia_distribution_edit(distribution_id="missing", asset_id=picture)
    assert media.distributions() == []
    for original in ("yes", 1, 0):
        with pytest.raises(TypeError, match="^original "):
            client.entermedia_distribution_edit(distribution_id="d", original=original)  # type: ignore[call-overload]


def test_distribution_get_and_delete(client: slipway.Client, picture: str, media: Media) -> None:
    created = client.entermedia_distribution_create(asset_id=picture, allow_original=True)
    read = client.entermedia_distribution_get(created.id)
    assert (read.id, read.asset_id, read.original_url) == (created.id, picture, created.original_url)
    assert dict(read.links) == dict(created.links)
    deletion = client.entermedia_distribution_delete(created.id)
    assert (deletion.id, deletion.deleted, deletion.cached) == (created.id, True, True), "its link was asked for when it was made"
    assert media.distributions() == []
    for call in (client.entermedia_distribution_get, client.entermedia_distribution_delete):
        with pytest.raises(slipway.NotFoundError):
            call(created.id)


def test_distribution_search(client: slipway.Client, picture: str, emulator: Emulator) -> None:
    other = emulator.add_asset(id="other", name="other.png", content="the other one")
    for number in range(3):
        client.entermedia_distribution_create(asset_id=picture, distribution_id=f"d-{number}", verify=False)
    client.entermedia_distribution_create(asset_id=other, distribution_id="last", verify=False)

    every = client.entermedia_distribution_search()
    assert [found.id for found in every] == ["d-0", "d-1", "d-2", "last"]
    assert (len(every), every.total, every.page, every.complete) == (4, 4, None, True)
    assert every[0].asset_id == picture and every[0].links and every[0].raw is None and every[1:] == every.distributions[1:]
    assert isinstance(every.raw, list) and len(every.raw) == every.pages == 1

    for terms in ({"assetid": other}, [("assetid", other)], [("assetid", "matches", other)], iter([("assetid", other), ("id", "*")])):
        assert [found.id for found in client.entermedia_distribution_search(terms)] == ["last"], "of each kind"
    page = client.entermedia_distribution_search(page=2, page_size=3)
    assert ([found.id for found in page], page.page, page.pages, page.total, page.complete) == (["last"], 2, 2, 4, False)
    nothing = client.entermedia_distribution_search({"id": "missing"})
    assert (list(nothing), nothing.total, nothing.complete) == ([], 0, True)


@pytest.mark.parametrize("terms", ["assetid", b"assetid", 7, ["assetid"], [("assetid",)], [("a", "b", "c", "d")], [("assetid", 7)],
                                   [(7, "a")], [("a", None, "b")], {"assetid": 7}, [None]])
def test_terms_that_are_none(client: slipway.Client, terms: Any) -> None:
    with pytest.raises(TypeError, match="^terms"):
        client.entermedia_distribution_search(terms)


def test_terms_that_are_too_many(client: slipway.Client) -> None:
    with pytest.raises(ValueError, match="^terms may have 64 at the most$"):
        client.entermedia_distribution_search([("id", "*")] * 65)


# Assets


def test_asset_upload(client: slipway.Client, tmp_path: pathlib.Path, media: Media) -> None:
    build = make_build(tmp_path / "MyGame größer.zip", size=24 << 20)
    size = build.stat().st_size
    news: List[slipway.Progress] = []
    upload = client.entermedia_asset_upload(
        file_path=build, asset_id="my-asset", source_path="builds/MyGame", name="MyGame-1.0.zip", on_progress=news.append)
    assert (upload.id, upload.name, upload.size) == ("my-asset", "MyGame-1.0.zip", size)
    assert upload.source_path is not None and upload.source_path.startswith("builds/MyGame")
    assert isinstance(upload.raw, dict)

    transfers = [progress for progress in news if progress.bytes_total]
    assert transfers and {progress.bytes_total for progress in transfers} == {size}
    assert {progress.stage for progress in transfers} == {slipway.Stage.TRANSFERRING}
    assert [progress.bytes_done for progress in transfers] == sorted(progress.bytes_done for progress in transfers)
    assert transfers[-1].bytes_done == size, "the last news always"
    for progress in news:
        assert 0 <= progress.bytes_done <= size
        assert progress.bytes_per_second is None or progress.bytes_per_second > 0
        assert progress.time_left is None or isinstance(progress.time_left, float)
        assert (progress.release_stage, progress.resume_from, progress.items_total) == (None, None, 0)

    asset = client.entermedia_asset_get("my-asset")
    assert (asset.id, asset.name) == ("my-asset", "MyGame-1.0.zip")
    assert asset.size in (None, size) and isinstance(asset.renditions, tuple) and isinstance(asset.raw, dict)


def test_asset_upload_of_a_text_path(client: slipway.Client, files: pathlib.Path, media: Media) -> None:
    upload = client.entermedia_asset_upload(file_path=str(files / "MyGame.zip"))
    assert len(upload.id) == 36 and upload.name == "MyGame.zip" and upload.source_path is not None
    assert media.assets() == [upload.id]


def test_asset_upload_of_no_file(client: slipway.Client, tmp_path: pathlib.Path, media: Media) -> None:
    for path in (tmp_path / "missing.zip", tmp_path):
        with pytest.raises(slipway.FileError) as caught:
            client.entermedia_asset_upload(file_path=path)
        assert str(path) in caught.value.message and caught.value.hint
    assert media.assets() == []


def test_asset_get_and_delete(client: slipway.Client, picture: str, media: Media) -> None:
    asset = client.entermedia_asset_get(picture)
    assert (asset.id, asset.name) == (picture, "sample.png")
    link = next(iter(client.entermedia_distribution_create(asset_id=picture).links.values()))
    deletion = client.entermedia_asset_delete(picture)
    assert (deletion.id, deletion.deleted) == (picture, True)
    assert request("GET", link).status == 404 and media.assets() == []
    for call in (client.entermedia_asset_get, client.entermedia_asset_delete):
        with pytest.raises(slipway.NotFoundError):
            call(picture)


@pytest.mark.parametrize("path", [b"MyGame.zip", 7, io.StringIO("MyGame.zip"), None])
def test_paths_that_are_none(client: slipway.Client, path: Any) -> None:
    calls: List[Callable[[], object]] = [
        lambda: client.entermedia_asset_upload(file_path=path),
        lambda: client.check_package(path),
    ]
    if path is not None:
        calls.append(lambda: client.release(project_id="p", file_path=path))
    for call in calls:
        with pytest.raises(TypeError, match="^file_path "):
            call()


def test_paths_that_are_no_unicode(client: slipway.Client) -> None:
    for path in (pathlib.Path(os.fsdecode(b"\xff.zip")), "a\0.zip"):
        with pytest.raises(ValueError, match="^file_path "):
            client.check_package(path)
