"""Both services as one customer sees them, for tests of the whole way: what releases need, what they ask for, and what they leave."""

from __future__ import annotations

import os
import pathlib
import re
from typing import Any, Dict, List, Optional, Type

import pytest

import slipway
from conftest import Customer
from emulator import make_build, wait_until
from recorder import Secrets

# What a release asks EnterMedia for, behind services/; * is the release's name.
ASSET = "module/asset/data/*"
ASSET_CREATE = "module/asset/create"
CREATE = "distribution/create/create"
PUBLISHED = "distribution/published/*"
DELETE = "distribution/delete/*"
SEARCH = "distribution/search/search"
LOGIN = "authentication/login"

NAME = re.compile(r"(.*-)?[0-9a-f]{32}\.zip")
"""Of asset and distribution: what cannot be guessed, and what it is of."""

FOREVER = 600_000
"""Milliseconds: longer than any test. A request that is held for so long has no effect in it, and its connection ends with the emulator."""


class Site:
    def __init__(self, customer: Customer, folder: pathlib.Path) -> None:
        self.customer = customer
        self.folder = folder
        self.emulator = customer.emulator
        self.project_id = customer.project_id
        self.project_path = f"/pixelStripeApi/projects/{customer.project_id}"
        self.base_url: str = self.emulator.entermedia["baseUrl"]
        self.key: str = self.emulator.entermedia["key"]

    # Where things are

    def path(self, call: str) -> str:
        """Of a request, as journal and faults have it."""
        if call in ("upload-file", "distribute-file"):
            return f"/pixelStripeApi/projects/{call}"
        if call == "project":
            return self.project_path
        return f"{self.base_url[self.base_url.index('/', 8) :]}/services/{call}"

    def link(self, name: str) -> str:
        """Under which a distribution of that name is published."""
        return f"{self.base_url}/services/distribution/published/{name}"

    # What a release needs

    def build(self, file_name: str = "MyGame.zip", **members: Any) -> pathlib.Path:
        """A package on this machine, that nobody serves."""
        return make_build(self.folder / file_name, **members)

    def media(self, **changes: Any) -> slipway.EnterMedia:
        return slipway.EnterMedia(**{"base_url": self.base_url, "key": self.key, **changes})

    def client(self, media: Optional[slipway.EnterMedia] = None, **options: Any) -> slipway.Client:
        """A client that is closed when the test ends."""
        return self.customer.client(entermedia=media or self.media(), **options)

    def arguments(self, **changes: Any) -> Dict[str, Any]:
        """Of a release in which nothing is slow."""
        return {"project_id": self.project_id, "interval": 0.01, "max_interval": 0.02, "settle": 0.3, **changes}

    def environment(self, **changes: str) -> Dict[str, str]:
        """For a process of its own."""
        return self.customer.environment(**{"ENTERMEDIA_BASE_URL": self.base_url, "ENTERMEDIA_KEY": self.key, **changes})

    # What there is

    def assets(self) -> List[str]:
        return [asset["id"] for asset in self.emulator.media()["assets"]]

    def distributions(self) -> List[str]:
        return [distribution["id"] for distribution in self.emulator.media()["distributions"]]

    def builds(self) -> List[Dict[str, Any]]:
        return self.customer.builds()

    def is_empty(self) -> bool:
        """Nothing was made anywhere."""
        return not self.assets() and not self.distributions() and not self.builds()

    # What was asked for

    def requests(self, since: int = 0, **filters: Any) -> List[Dict[str, Any]]:
        """The library's own ones: a build's download is the service's."""
        entries = self.emulator.journal(since=since, **filters)
        return [entry for entry in entries if entry["headers"].get("user-agent", "").startswith("Slipway/")]

    def asked(self, call: str, method: str = "*") -> List[Dict[str, Any]]:
        entries = self.requests(path=self.path(call))
        return [entry for entry in entries if method in ("*", entry["method"])]

    def changes(self) -> List[str]:
        """The requests that change something, in their order."""
        entries = [entry for entry in self.requests() if entry["method"] not in ("GET", "HEAD")]
        return [f"{entry['method']} {entry['path']}" for entry in entries if not entry["path"].endswith((SEARCH, LOGIN))]

    # What goes wrong

    def fault(self, action: str, call: str, method: str = "*", **members: Any) -> int:
        return self.emulator.fault(action, path=self.path(call), method=method, **members)

    def hold(self, call: str, method: str = "*", **members: Any) -> int:
        """The next such request gets no answer: it has no effect, or, with after="processing", it has. Returns the fault's id."""
        return self.fault("delay", call, method, delayMs=FOREVER, **members)

    def is_hit(self, fault: int) -> bool:
        return any(entry["id"] == fault and entry["hits"] for entry in self.emulator.faults())

    def wait_for_hit(self, fault: int) -> None:
        wait_until(lambda: self.is_hit(fault), what=f"fault {fault}")


@pytest.fixture
def site(customer: Customer, tmp_path: pathlib.Path, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> Site:
    for variable in [name for name in os.environ if name.startswith("ENTERMEDIA_")]:
        monkeypatch.delenv(variable)
    for user in customer.emulator.entermedia["users"]:
        secrets.add(user["key"])
    return Site(customer, tmp_path)


@pytest.fixture
def client(site: Site) -> slipway.Client:
    return site.client()


@pytest.fixture
def file(site: Site) -> pathlib.Path:
    return site.build()


def failure(kind: Type[slipway.SlipwayError], client: slipway.Client, arguments: Dict[str, Any]) -> slipway.SlipwayError:
    """Of a release that must end so. Its answer is there, and says the same."""
    with pytest.raises(kind) as caught:
        client.release(**arguments)
    error = caught.value
    assert type(error) is kind and isinstance(error.result, slipway.Release)
    assert error.result.live is not True or error.result.stage == "remove"
    return error


def stages(release: slipway.Release) -> List[str]:
    return [step.stage for step in release.timeline]


def reused(release: slipway.Release) -> List[str]:
    return [step.stage for step in release.timeline if step.reused]
