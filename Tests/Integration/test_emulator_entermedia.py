"""EnterMedia: every fact of entermedia_cases.py, asked of the emulator or, with SLIPWAY_TEST_ENTERMEDIA, of a real server. What only the
emulator can be asked is in test_emulator_media.py.

    SLIPWAY_TEST_ENTERMEDIA=https://dam.example.com/assets/mediadb SLIPWAY_TEST_ENTERMEDIA_USER=... SLIPWAY_TEST_ENTERMEDIA_PASSWORD=... \\
        pytest Tests/Integration/test_emulator_entermedia.py

SLIPWAY_TEST_ENTERMEDIA_LIMITED_KEY is the key of a user who may log in and nothing else. What the tests make begins with slipway-test-
and is removed at their end.
"""

from __future__ import annotations

import json
import os
import re
import struct
from typing import Any, Dict, Iterator

import pytest

from emulator import Answer, request
from entermedia_cases import ABSENT, ANY, CASES, NO_KEY, Case
from entermedia_target import FILES, REAL, Target, fresh, new_emulator, target_of, with_assets


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """The server that is asked for facts, with the three assets that they are about."""
    if REAL:
        user, password = os.environ["SLIPWAY_TEST_ENTERMEDIA_USER"], os.environ["SLIPWAY_TEST_ENTERMEDIA_PASSWORD"]
        body = json.dumps({"id": user, "password": password})
        login = request("POST", f"{REAL}/services/authentication/login", body, {"Content-Type": "application/json"})
        key = login.json.get("entermediakey") or login.json["results"]["entermediakey"]
        server = Target(REAL, user, password, key, os.environ.get("SLIPWAY_TEST_ENTERMEDIA_LIMITED_KEY"))
        with_assets(server)
        yield server
        server.clean_up()
        return
    with new_emulator() as emulator:
        server = target_of(emulator)
        with_assets(server)
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_fact(target: Target, case: Case) -> None:
    if REAL and (case.only_emulator or case.settings):
        pytest.skip(case.only_emulator or f"the server would have to be another one: {case.settings}")
    if "limited" not in target.names and "<limited>" in repr(case.steps):
        pytest.skip("SLIPWAY_TEST_ENTERMEDIA_LIMITED_KEY is not set")
    names = {**target.names, "id": fresh(), "id2": fresh(), "new": fresh()}
    emulator = target.emulator
    before = emulator.media_settings() if emulator else {}
    if emulator and case.settings:
        emulator.media_settings(**case.settings)
    try:
        for asked, expected in case.steps:
            if asked["method"] == "RESTART":
                assert emulator is not None
                emulator.admin("POST", "entermedia/restart")
                continue
            asked, expected = target.filled(asked, names), target.filled(expected, names)
            answer = target.send(asked)
            try:
                check(answer, expected)
            except AssertionError as error:
                seen = f"{answer.status} {answer.headers}\n{answer.body[:3000]!r}"
                raise AssertionError(f"{case.label}: {case.fact}\n{asked}\n{seen}\n{error}") from None
    finally:
        if emulator and case.settings:
            emulator.media_settings(**before)


def check(answer: Answer, expected: Dict[str, Any]) -> None:
    assert answer.status == expected.get("status", 200), "status"
    kind = answer.headers.get("content-type", "").split(";")[0].strip()
    assert kind == expected.get("type", "text/json"), f"Content-Type {kind}"
    check_body(answer.body, expected.get("body", "json" if "json" in expected else "none"))
    if "json" in expected:
        match(answer.json, expected["json"], "")
    if "has" in expected:
        text = answer.body.decode()
        assert expected["has"] in text or expected["has"].replace("/", "\\/") in text, f"has {expected['has']}"
    match(answer.headers, expected.get("headers", {}), "headers")
    cookies = expected.get("cookies")
    if cookies == NO_KEY:
        assert not any(cookie.startswith("entermedia.key") for cookie in answer.cookies), answer.cookies
    elif cookies is not None:
        assert any(cookies in cookie for cookie in answer.cookies), (cookies, answer.cookies)


def check_body(body: bytes, kind: str) -> None:
    if kind == "json":
        json.loads(body)
    elif kind == "blank lines":
        assert body.startswith(b"\n") and isinstance(json.loads(body), dict), "blank lines, then JSON"
    elif kind == "not json":
        assert body.strip().startswith(b"{"), "looks like JSON"
        with pytest.raises(ValueError):
            json.loads(body)
    elif kind == "empty":
        assert body == b"", "empty"
    elif kind == "html":
        assert body.lstrip().lower().startswith((b"<html", b"<!doctype html")), "html"
    elif kind == "jpeg":
        assert body.startswith(b"\xff\xd8\xff") and body.endswith(b"\xff\xd9"), "a JPEG"
    elif kind == "webp":
        assert body[:4] == b"RIFF" and body[8:12] == b"WEBP" and struct.unpack("<I", body[4:8])[0] == len(body) - 8, "a WebP"
    elif kind in FILES:
        assert body == FILES[kind], f"the {kind}, byte for byte"
    elif kind == "partial":
        assert body == FILES["zip"][:4], "the beginning of the zip"
    else:
        assert kind == "none", kind


def match(value: Any, pattern: Any, where: str) -> None:
    """The value has what the pattern says; more members are allowed, more elements are not."""
    if pattern == ANY:
        return
    if isinstance(pattern, dict):
        assert isinstance(value, dict), f"{where} is {value!r}"
        for name, member in pattern.items():
            if member == ABSENT:
                assert name not in value, f"{where}/{name} is {value[name]!r}"
            else:
                assert name in value, f"{where}/{name} is missing in {value!r}"
                match(value[name], member, f"{where}/{name}")
    elif isinstance(pattern, list):
        assert isinstance(value, list) and len(value) == len(pattern), f"{where} is {value!r}"
        for index, (element, wanted) in enumerate(zip(value, pattern)):
            match(element, wanted, f"{where}/{index}")
    elif isinstance(pattern, str) and pattern.startswith("~"):
        assert isinstance(value, str) and re.fullmatch(pattern[1:], value), f"{where} is {value!r}, not {pattern}"
    else:
        assert type(value) is type(pattern) and value == pattern, f"{where} is {value!r}, not {pattern!r}"


def test_the_table() -> None:
    labels = [case.label for case in CASES]
    assert len(set(labels)) == len(labels) and len(labels) > 150
    assert all(case.fact and case.steps for case in CASES)
