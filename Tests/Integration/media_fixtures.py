"""The pytest fixtures that the Python tests of EnterMedia and releases share: the emulated server, and a client of it."""

from __future__ import annotations

import os
import secrets as random_secrets
from typing import Any, Dict, List

import pytest

import slipway
from conftest import Customer
from emulator import Emulator
from recorder import Secrets


class Media:
    """The emulated EnterMedia, and settings for it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.base_url: str = emulator.entermedia["baseUrl"]
        # Not the emulator's own password: that is the user's name as well, and short.
        user = emulator.set_media_password(emulator.entermedia["user"], f"password-{random_secrets.token_hex(8)}")
        self.user, self.password, self.key = user["user"], user["password"], user["key"]
        self.path = self.base_url[self.base_url.index("/", 8) :]

    def settings(self, **changes: Any) -> slipway.EnterMedia:
        return slipway.EnterMedia(**{"base_url": self.base_url, "key": self.key, **changes})

    def environment(self) -> Dict[str, str]:
        return {"ENTERMEDIA_BASE_URL": self.base_url, "ENTERMEDIA_USER": self.user, "ENTERMEDIA_PASSWORD": self.password}

    def posts(self, call: str) -> List[Dict[str, Any]]:
        return self.emulator.journal(method="POST", path=f"{self.path}/services/{call}")

    def distributions(self) -> List[str]:
        return [distribution["id"] for distribution in self.emulator.media()["distributions"]]

    def assets(self) -> List[str]:
        return [asset["id"] for asset in self.emulator.media()["assets"]]


@pytest.fixture
def media(emulator: Emulator, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> Media:
    for variable in [name for name in os.environ if name.startswith("ENTERMEDIA_")]:
        monkeypatch.delenv(variable)
    emulator.media_settings(conversionMs=0)
    media = Media(emulator)
    secrets.add(media.password)
    secrets.add(media.key)
    return media


@pytest.fixture
def client(customer: Customer, media: Media) -> slipway.Client:
    return customer.client(entermedia=media.settings())


@pytest.fixture
def picture(emulator: Emulator, media: Media) -> str:
    """The id of an asset that has renditions."""
    return emulator.add_asset(id="picture", name="sample.png", content="not really one")
