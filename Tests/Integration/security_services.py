"""Whom the library tells a secret, each by one call: for the tests that ask the same of all of them.

    for service in SERVICES: service.call(address, Scene(...), **options of the client)
"""

from __future__ import annotations

import dataclasses
import pathlib
import secrets as random_secrets
from typing import Any, Callable, List

import slipway
from emulator import Emulator
from recorder import Secrets


@dataclasses.dataclass
class Scene:
    """What calls need beside the address of their server. Secrets are new ones each time."""

    file: pathlib.Path
    """A small .zip."""
    emulator: Emulator
    secrets: Secrets

    def __post_init__(self) -> None:
        self.secret = self.secrets.add(f"a-secret-of-the-tests-{random_secrets.token_hex(12)}")
        self.project_id = self.emulator.project_id

    def client(self, **options: Any) -> slipway.Client:
        return slipway.Client(**{"max_attempts": 2, "retry_delay": 0.001, "deadline": 10.0, "proxy": "", **options})

    def streampixel(self, base_url: str, **options: Any) -> slipway.Client:
        settings = slipway.Streampixel(base_url=base_url, api_key=self.secret, user_id="a-user", rate_window=0.001)
        return self.client(streampixel=settings, **options)


Call = Callable[[str, Scene], object]


def _projects(address: str, scene: Scene, **options: Any) -> object:
    with scene.streampixel(f"{address}/pixelStripeApi", **options) as client:
        return client.projects()


def _upload(address: str, scene: Scene, **options: Any) -> object:
    with scene.streampixel(f"{address}/pixelStripeApi", **options) as client:
        return client.upload(project_id="a-project", file_url="https://downloads.example.com/MyGame.zip", check_url=False)


def _asset(address: str, scene: Scene, **options: Any) -> object:
    settings = slipway.EnterMedia(base_url=f"{address}/assets/mediadb", key=scene.secret)
    with scene.client(entermedia=settings, **options) as client:
        return client.entermedia_asset_get("an-asset")


def _login(address: str, scene: Scene, **options: Any) -> object:
    settings = slipway.EnterMedia(base_url=f"{address}/assets/mediadb", user="a-user", password=scene.secret)
    with scene.client(entermedia=settings, **options) as client:
        return client.entermedia_login()


def _asset_upload(address: str, scene: Scene, **options: Any) -> object:
    settings = slipway.EnterMedia(base_url=f"{address}/assets/mediadb", key=scene.secret)
    with scene.client(entermedia=settings, **options) as client:
        return client.entermedia_asset_upload(file_path=scene.file)


def bucket(address: str, scene: Scene, **changes: Any) -> slipway.S3:
    return slipway.S3(**{
        "bucket": "builds", "endpoint": address, "region": "us-east-1", "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": f"{scene.secret}-key", "session_token": scene.secret, **changes,
    })  # fmt: skip


def _store(address: str, scene: Scene, **options: Any) -> object:
    with scene.client(**options) as client:
        return client.store(scene.file, bucket(address, scene))


def _delete(address: str, scene: Scene, **options: Any) -> object:
    with scene.client(**options) as client:
        return client.storage_delete(bucket(address, scene), "MyGame.zip")


def _unfinished(address: str, scene: Scene, **options: Any) -> object:
    with scene.client(**options) as client:
        return client.storage_list_unfinished(bucket(address, scene))


def _put(address: str, scene: Scene, **options: Any) -> object:
    with scene.client(**options) as client:
        storage = slipway.PutURL(f"{address}/MyGame.zip?signature={scene.secret}", headers={"X-Ticket": scene.secret})
        return client.store(scene.file, storage, check_url=False)


def _link(address: str, scene: Scene, **options: Any) -> object:
    """The link of a build, which is read before it is registered. Its query is the secret."""
    emulator = scene.emulator
    settings = slipway.Streampixel(
        base_url=emulator.base_url, api_key=emulator.api_key, user_id=emulator.user_id, rate_window=0.001)  # fmt: skip
    with scene.client(streampixel=settings, **options) as client:
        return client.upload(project_id=scene.project_id, file_url=f"{address}/MyGame.zip?ticket={scene.secret}")


@dataclasses.dataclass(frozen=True)
class Service:
    name: str
    call: Any
    sends_key: bool = True
    """A key itself goes to the server: not so for S3, which gets a signature, nor for a link, which everybody may have."""


SERVICES: List[Service] = [
    Service("Streampixel", _projects), Service("Streampixel, a trigger", _upload),
    Service("EnterMedia", _asset), Service("EnterMedia, a login", _login), Service("EnterMedia, a file", _asset_upload),
    Service("S3", _store, False), Service("S3, a removal", _delete, False), Service("S3, a list", _unfinished, False),
    Service("a PUT URL", _put), Service("a link", _link, False),
]  # fmt: skip
