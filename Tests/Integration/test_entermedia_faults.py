"""Answers of an EnterMedia server that are none, or none of its best: a clear status, exactly one completion, no record too many."""

from __future__ import annotations

import collections
import json
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Type

import pytest

import slipway
from emulator import request, wait_until
from entermedia_facts import fact
from entermedia_server import (
    Server, calls, certificate, conformance_table, media, process, real, server,
)  # fmt: skip
from slipway import abi, delivery

Errors = Tuple[Type[slipway.SlipwayError], ...]
PROTOCOL: Errors = (slipway.ProtocolError,)
NETWORK: Errors = (slipway.NetworkError,)

# What goes wrong with an answer of the server's services: what it is told as, with which word.
FAULTS: Dict[str, Tuple[str, Dict[str, Any], Errors, str]] = {
    "a page": ("html", {}, PROTOCOL, "web page"),
    "a page with 502": ("html", {"status": 502}, (slipway.ServerError,), "502"),
    "a page with 403": ("html", {"status": 403}, (slipway.UnauthorizedError,), "403"),
    "a page with 404": ("html", {"status": 404}, PROTOCOL, "404"),
    "nothing": ("empty", {}, PROTOCOL, "empty"),
    "no content": ("empty", {"status": 204}, PROTOCOL, "204"),
    "broken JSON": ("broken-json", {}, PROTOCOL, "JSON"),
    "another document": ("status", {"status": 200, "body": '{"hello":"world"}'}, PROTOCOL, "answer"),
    "an array": ("status", {"status": 200, "body": "[]"}, PROTOCOL, "JSON"),
    "a number": ("status", {"status": 200, "body": "42"}, PROTOCOL, "JSON"),
    "blank lines only": ("status", {"status": 200, "body": "\n\n \t\r\n"}, PROTOCOL, "answer"),
    "an error with 200": (
        "status", {"status": 200, "body": '{"response":{"status":"error","details":"the disk is full"}}'}, PROTOCOL, "the disk is full"),
    "wrong types": (
        "status", {"status": 200, "body": '{"response":{"id":[],"status":7},"data":7,"results":{},"presets":"x","urls":[],"assetid":{}}'},
        PROTOCOL, "answer"),
    "templates": (
        "status", {"status": 200, "body": '{"response":{"status":"ok","id":"$data.id","totalhits":"$x"},"data":{"id":"$data.id"}}'},
        PROTOCOL, "has no"),
    "deep nesting": ("status", {"status": 200, "body": '{"a":' * 100_000}, PROTOCOL, "JSON"),
    "a lone surrogate": ("status", {"status": 200, "body": '{"response":{"status":"ok","id":"\\ud800"}}'}, PROTOCOL, "JSON"),
    "a NUL": ("status", {"status": 200, "body": '{"response":{"status":"ok\\u0000","id":"a"}}'}, PROTOCOL, "answer"),
    "misspelt": (
        "status", {"status": 500, "body": '{"reponse":{"status":"error","path":"/x","details":"java.lang.Oops"}}'},
        (slipway.ServerError,), "java.lang.Oops"),
    "misspelt and broken": (
        "status", {"status": 500, "body": '{"reponse":{"status":"error","path":"a"b","details":"Oops"}}'}, (slipway.ServerError,), "500"),
    "unavailable": ("status", {"status": 503, "body": ""}, (slipway.ServerError,), "503"),
    "too many": ("status", {"status": 429, "body": ""}, (slipway.RateLimitedError,), "429"),
    "a teapot": ("status", {"status": 418, "body": ""}, PROTOCOL, "418"),
    "64 MB": ("oversized", {"bytes": 64 << 20}, PROTOCOL, "larger"),
    "endless": ("oversized", {"endless": True}, PROTOCOL, "larger"),
    "closed": ("close", {}, NETWORK, "closed"),
    "cut": ("truncate", {"bytes": 5}, NETWORK, "broke"),
    "too long a length": ("length", {"by": 1000}, NETWORK, "broke"),
    "too short a length": ("length", {"by": -10}, PROTOCOL, "JSON"),
    "redirect in a circle": ("redirect", {"location": "again", "status": 307}, PROTOCOL, "redirect"),
}  # fmt: skip


@pytest.fixture
def completions(monkeypatch: pytest.MonkeyPatch) -> Iterator["collections.Counter[int]"]:
    """How often the library has called on_complete, by the user_data of the call."""
    counter: "collections.Counter[int]" = collections.Counter()

    def on_complete(result: int, key: int) -> None:
        counter[key] += 1
        delivery._on_complete(result, key)

    callback = abi.CompleteFunction(on_complete)
    monkeypatch.setattr(delivery, "on_complete", callback)
    yield counter
    # No callback may come after the test: its function would be gone.
    wait_until(lambda: not delivery._operations, what="the end of all operations")


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("name", FAULTS)
def test_fault(media: Server, completions: "collections.Counter[int]", name: str, skip: int) -> None:
    """Each operation, with a fault in all of its requests but the first `skip` ones. Those to public links are left alone."""
    action, members, errors, word = FAULTS[name]
    client = media.client(max_attempts=2)
    prepared = calls(media)
    # Of two faults the older one strikes: links come late, and that is all.
    media.fault("delay", "distribution/published/*", count=0, delayMs=1)
    for call, start in prepared.items():
        fault = media.fault(action, count=0, skip=skip, **members)
        operation = start(client)
        error: Any = operation.exception(20)
        media.emulator.admin("DELETE", f"faults/{fault}")
        if error is None:
            result = operation.result()
            if isinstance(result, slipway.DistributionsCreated) and result.failed:
                error = result.failures[0]
                assert error.status in {slipway.Status(kind.status).name for kind in errors}, (call, error)
                assert error.hint and word.lower() in error.message.lower(), (call, error.message)
            else:
                # It has asked for less, or has not needed more: a page of a search, a record that says enough.
                assert skip > 0 or (call, name) in LEARNS_ENOUGH, f"{call} is OK"
            continue
        assert isinstance(error, errors), f"{call}: {error!r}"
        assert word.lower() in error.message.lower(), f"{call}: {error.message}"
        assert error.hint and "\n" not in error.message and len(error.message) < 1000
    assert sorted(set(completions.values())) == [1] and len(completions) == len(prepared)
    media.emulator.clear_faults()
    assert client.entermedia_asset_get(media.zip).id == media.zip, "the next one is as good as ever"


#: Operations to which an answer says enough that is none to the others.
LEARNS_ENOUGH = {("login", "templates")}


def test_client_survives_all_of_it(media: Server, completions: "collections.Counter[int]") -> None:
    """On one client, all at once."""
    client = media.client(max_attempts=1)
    for action, members, _, _ in FAULTS.values():
        if not members.get("endless"):
            media.fault(action, "module/asset/*", count=3, **members)
    operations = [client.entermedia_asset_get(media.zip, wait=False) for _ in range(3 * len(FAULTS))]
    failures = [operation.exception(20) for operation in operations]
    assert all(failure is None or isinstance(failure, slipway.SlipwayError) for failure in failures)
    assert sum(failure is not None for failure in failures) >= 3 * (len(FAULTS) - 2) - 18
    assert set(completions.values()) == {1} and len(completions) == len(operations)


# What passes


@fact("starting", "PROTOCOL, retriable; an operation survives it as long as its attempts last")
def test_server_that_starts(media: Server) -> None:
    media.emulator.media_settings(starting=True)
    with pytest.raises(slipway.ProtocolError, match="web page") as caught:
        media.client(max_attempts=2).entermedia_asset_get(media.zip)
    assert caught.value.retriable and caught.value.attempts == 2 and "starting" in caught.value.hint
    for settings in (media.settings(), media.login()):
        media.emulator.media_settings(starting=True)
        media.emulator.clear_journal()
        operation = media.client(settings, max_attempts=500).entermedia_distribution_create(asset_id=media.image, wait=False)
        wait_until(lambda: len(media.journal()) >= 3, what="three attempts")
        media.emulator.media_settings(starting=False)
        assert operation.result(20).verified is True


@pytest.mark.parametrize(("name", "after"), [
    ("unavailable", "arrival"), ("too many", "arrival"), ("misspelt and broken", "arrival"), ("misspelt and broken", "processing"),
    ("closed", "arrival"), ("closed", "processing"), ("cut", "processing"), ("too long a length", "processing"), ("a page", "processing"),
    ("nothing", "processing"),
])
def test_failures_that_pass(media: Server, name: str, after: str) -> None:
    """Whatever an operation asks for may be asked for again, also when the server had done it: one record, one asset."""
    action, members, _, _ = FAULTS[name]
    client = media.client(max_attempts=3)
    when = {} if action in ("truncate", "length") else {"after": after}
    for call, start in calls(media).items():
        media.emulator.clear_faults()
        # Of each request of an operation two attempts fail. A fault counts those only that no older one has struck.
        for skip in range(5):
            media.fault(action, skip=skip, count=2, **when, **members)
        before = media.emulator.media()
        operation = start(client)
        assert operation.exception(20) is None, f"{call}: {operation.exception()}"
        if call == "create_many":
            assert operation.result().failures == (), call
        now = media.emulator.media()
        made = {kind: len(now[kind]) - len(before[kind]) for kind in ("assets", "distributions")}
        assert made["assets"] == {"asset_delete": -1, "upload": 1}.get(call, 0), call
        assert made["distributions"] == {"delete": -1, "create": 1, "create_many": 1}.get(call, 0), call


@pytest.mark.parametrize("action", ["close", "empty", "html"])
def test_create_whose_answer_is_lost(media: Server, action: str) -> None:
    media.fault(action, "distribution/create/create", after="processing")
    for id in (None, media.new_id()):
        made = media.client().entermedia_distribution_create(asset_id=media.image, distribution_id=id)
        assert made.verified is True and media.records("id", made.id) == [made.id]
    assert len({json.loads(entry["body"])["id"] for entry in media.journal("POST", "distribution/create/create")}) == 2


@pytest.mark.parametrize("action", ["close", "empty", "html"])
def test_delete_whose_answer_is_lost(media: Server, action: str) -> None:
    """The second attempt finds nothing: it is gone, which is what was wanted."""
    client, id, asset = media.client(), media.new_record(media.image), media.new_asset("zip", "a.zip")
    media.fault(action, "distribution/delete/*", after="processing")
    assert client.entermedia_distribution_delete(id).deleted is True
    media.fault(action, "module/asset/data/*", method="DELETE", after="processing")
    assert client.entermedia_asset_delete(asset).deleted is True
    assert media.records("id", id) == [] and not media.has_asset(asset)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(media: Server, status: int) -> None:
    media.fault("status", "module/asset/*", status=status, headers={"Retry-After": "1"}, body="")
    start = time.monotonic()
    assert media.client().entermedia_asset_get(media.zip).id == media.zip
    assert 0.95 < time.monotonic() - start < 3
    media.fault("status", "module/asset/*", count=0, status=status, headers={"Retry-After": "100"}, body="")
    start = time.monotonic()
    with pytest.raises(slipway.SlipwayError) as caught:
        media.client().entermedia_asset_get(media.zip, deadline=5)
    assert time.monotonic() - start < 1, "there is no point in waiting for longer than there is time"
    error = caught.value
    assert (error.status, error.retry_after) == ({429: slipway.Status.RATE_LIMITED, 503: slipway.Status.SERVER}[status], 100.0)


def test_server_that_is_not_there(media: Server) -> None:
    client = media.client(media.settings(base_url="http://127.0.0.1:9/assets/mediadb"), max_attempts=2)
    for name, start in calls(media, prepare=False).items():
        error: Any = start(client).exception(20)
        if name == "create_many":
            continue
        assert isinstance(error, slipway.NetworkError) and (error.attempts, error.http_status, error.retriable) == (2, None, True), name


def test_answer_that_stalls(media: Server) -> None:
    media.fault("drip", "module/asset/*", count=0, bytes=1, intervalMs=60_000)
    with pytest.raises(slipway.NetworkError, match="no byte"):
        media.client(idle_timeout=1.0, max_attempts=1).entermedia_asset_get(media.zip)


def test_deadline_and_cancel(media: Server, completions: "collections.Counter[int]") -> None:
    prepared = calls(media)
    media.fault("delay", count=0, delayMs=60_000)
    client = media.client()
    many: Callable[..., Any] = client.entermedia_distribution_create_many
    with pytest.raises(slipway.DeadlineExceededError):
        client.entermedia_distribution_create(asset_id=media.image, deadline=0.05)
    with pytest.raises(slipway.DeadlineExceededError) as caught:
        many([media.image], deadline=0.05)
    assert caught.value.result is not None and caught.value.result.succeeded == 0
    operations = {name: start(client) for name, start in prepared.items()}
    for operation in operations.values():
        operation.cancel()
    for name, operation in operations.items():
        assert isinstance(operation.exception(10), slipway.CancelledError), name
    assert set(completions.values()) == {1} and len(completions) == len(prepared) + 2
    media.emulator.clear_faults()
    assert client.entermedia_login().logged_in is False


# What is not so


@fact("dist-12", "never sent; from something on the way that makes a GET of a POST: PROTOCOL, with those words")
@fact("dist-13", "the same")
@fact("search-07", "SERVER: an error that is no JSON is one all the same")
def test_invalid_request(media: Server) -> None:
    answer = media.ask("GET", "distribution/create/create")
    media.fault("status", "distribution/create/create", count=0, status=answer.status, body=answer.body.decode())
    for verify in (True, False):
        with pytest.raises(slipway.ProtocolError, match="Invalid request"):
            media.client(max_attempts=2).entermedia_distribution_create(asset_id=media.image, verify=verify)
    broken = media.ask("POST", "distribution/search/search", {})
    assert broken.status == 500
    media.fault("status", "distribution/search/search", count=0, status=500, body=broken.body.decode())
    with pytest.raises(slipway.ServerError, match="500") as caught:
        media.client(max_attempts=2).entermedia_distribution_search()
    assert caught.value.attempts == 2


ABOUT = '{"response":{"id":"%s","status":"ok"},"assetid":"1","presets":[{"name":"x","id":"largeimage","url":"%s"}]}'


def test_answer_about_another_distribution(media: Server) -> None:
    """A cache on the way, say."""
    body = ABOUT % ("another-one", f"{media.base_url}/services/distribution/published/another-one/largeimage")
    media.fault("status", "distribution/create/create", count=0, status=200, body=body)
    with pytest.raises(slipway.ProtocolError, match="another-one instead of mine"):
        media.client(max_attempts=2).entermedia_distribution_create(asset_id=media.image, distribution_id="mine")


@pytest.mark.parametrize("url", [
    "", "published/mine/largeimage", "javascript:alert(1)", "http://", "file:///etc/passwd", "http://[::1/x", "x y",
    "http://127.0.0.1:9/größe",
])
def test_link_that_is_none(media: Server, url: str) -> None:
    media.fault("status", "distribution/create/create", count=0, status=200, body=ABOUT % ("mine", url))
    with pytest.raises(slipway.SlipwayError) as caught:
        media.client(max_attempts=2).entermedia_distribution_create(asset_id=media.image, distribution_id="mine")
    assert isinstance(caught.value, (slipway.ProtocolError, slipway.NetworkError, slipway.NotReadyError)), repr(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(("action", "members", "errors"), [
    ("html", {"status": 200}, PROTOCOL), ("html", {"status": 404}, (slipway.NotReadyError,)),
    ("status", {"status": 500, "body": ""}, PROTOCOL), ("close", {}, NETWORK),
    ("status", {"status": 200, "headers": {"Content-Type": "text/json"}, "body": "{}"}, PROTOCOL),
    ("redirect", {"location": "http://127.0.0.1:9/"}, PROTOCOL), ("status", {"status": 302, "body": ""}, PROTOCOL),
])
def test_link_that_does_not_work(media: Server, action: str, members: Dict[str, Any], errors: Errors) -> None:
    """OK would be a lie. With an id of Slipway's the record goes again: nobody knows of it."""
    media.fault(action, "distribution/published/*", count=0, **members)
    before = media.records("assetid", media.image)
    with pytest.raises(slipway.SlipwayError) as caught:
        media.client(max_attempts=2).entermedia_distribution_create(asset_id=media.image)
    assert isinstance(caught.value, errors), repr(caught.value)
    assert caught.value.hint and caught.value.retriable is (action != "redirect")
    assert media.records("assetid", media.image) == before
    mine = media.new_id()
    with pytest.raises(slipway.SlipwayError):
        media.client(max_attempts=2).entermedia_distribution_create(asset_id=media.image, distribution_id=mine)
    assert media.records("id", mine) == [mine], "one of yours stays: you know its name"


def test_rendition_that_is_not_ready_yet(media: Server) -> None:
    """The link is asked for again until it is there; when that takes too long: not ready."""
    media.fault("html", "distribution/published/*", count=4, status=404)
    assert media.client(max_attempts=5).entermedia_distribution_create(asset_id=media.image).verified is True
    media.emulator.media_settings(conversionMs=60_000)
    asset = media.new_asset("image", "new.png")
    with pytest.raises(slipway.NotReadyError, match=asset) as caught:
        media.client(max_attempts=2).entermedia_distribution_create(asset_id=asset)
    assert caught.value.retriable and caught.value.http_status == 404
    assert media.records("assetid", asset) == []
    assert media.client().entermedia_distribution_create(asset_id=asset, allow_original=True).verified is True


@pytest.mark.parametrize("kind", ["text/html", "application/x-zip", "image/png", "", "text/json;charset=klingon"])
def test_content_type_says_nothing(server: Server, kind: str) -> None:
    """Of services; of a picture it has to say that it is one."""
    true = server.ask("GET", f"module/asset/data/{server.image}")
    server.fault("status", "module/asset/*", status=200, headers={"Content-Type": kind} if kind else {}, body=true.body.decode())
    assert server.client().entermedia_asset_get(server.image).id == server.image


@pytest.mark.parametrize("before", ["", "\n\n\n", "\r\n\t ", "\n" * 5000])
def test_blank_lines(media: Server, before: str) -> None:
    true = media.ask("GET", f"module/asset/data/{media.image}").body.decode().strip()
    media.fault("status", "module/asset/*", status=200, body=before + true + before)
    assert media.client().entermedia_asset_get(media.image).id == media.image


@pytest.mark.parametrize("status", ["not found", "notfound", "Not Found"])
def test_not_found_in_all_spellings(media: Server, status: str) -> None:
    media.fault("status", count=0, status=200, body=json.dumps({"response": {"status": status, "id": "$data.id"}, "data": {}}))
    client = media.client()
    calls: List[Any] = [client.entermedia_asset_get, client.entermedia_asset_delete, client.entermedia_distribution_get,
                        client.entermedia_distribution_delete]
    for call in calls:
        with pytest.raises(slipway.NotFoundError):
            call("a")


def test_search_that_never_ends(media: Server) -> None:
    """A server that counts wrong: pages without end, pages that are empty, totals that are none."""
    page = {"response": {"status": "ok", "totalhits": 10**12, "pages": 10**9}, "results": [{"id": f"d-{number}"} for number in range(1000)]}
    media.fault("status", "distribution/search/*", count=0, status=200, body=json.dumps(page))
    every = media.client().entermedia_distribution_search(page_size=1000)
    assert (len(every), every.complete, every.total) == (10_000, False, 10**12)
    media.emulator.clear_faults()
    media.fault("status", "distribution/search/*", count=0, status=200, body=json.dumps({**page, "results": []}))
    nothing = media.client().entermedia_distribution_search()
    assert (len(nothing), nothing.complete) == (0, False)
    media.emulator.clear_faults()
    odd = {"response": {"status": "ok", "totalhits": "many", "pages": None}, "results": [{"id": "a"}, {}, 7, None, {"id": "$hit.id"}]}
    media.fault("status", "distribution/search/*", count=0, status=200, body=json.dumps(odd))
    assert [found.id for found in media.client().entermedia_distribution_search()] == ["a"]


def test_links_are_public(media: Server) -> None:
    """What the library made is there for everybody, without a key: that is what verified means."""
    made = media.client().entermedia_distribution_create(asset_id=media.image, allow_original=True)
    links: List[Optional[str]] = [made.original_url, *made.links.values()]
    assert len(links) == 6 and all(request("GET", str(link)).status == 200 for link in links)
