"""What never reaches an EnterMedia server: odd ids, keys on the wrong way. And who is let in: one login for all, redirects, settings."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Callable, Dict, List, Optional

import pytest

import slipway
from emulator import Emulator, wait_until
from entermedia_facts import fact
from entermedia_server import (
    PASSWORD, Server, Wire, calls, certificate, conformance_table, media, process, real, server, wire,
)  # fmt: skip
from slipway import abi
from slipway.delivery import NO_PROGRESS
from slipway.results import Asset, AssetUpload, Distribution

# Ids

IDS = {
    "empty": "", "too long": "x" * 129, "a slash": "a/b", "a slash at the end": "a/", "encoded": "a%2Fb", "a backslash": "a\\b",
    "a quote": 'a"b', "an apostrophe": "a'b", "a space": "a b", "a space behind": "a ", "a line": "a\nb", "not ASCII": "größe",
    "full-width": "ａｂｃ", "a step": ".", "a step back": "..", "a query": "a?b", "a fragment": "a#b", "a parameter": "a;b",
    "a template": "${id}", "a star": "*", "a tab": "a\tb", "DEL": "a\x7fb", "an emoji": "👾", "a combining mark": "e\u0301",
}  # fmt: skip


def _create(client: slipway.Client, field: str, id: Optional[str], file: pathlib.Path) -> object:
    ids: Dict[str, Any] = {"asset_id": "picture", field: id}
    return client.entermedia_distribution_create(**ids)


def _create_unverified(client: slipway.Client, field: str, id: Optional[str], file: pathlib.Path) -> object:
    ids: Dict[str, Any] = {"asset_id": "picture", field: id}
    return client.entermedia_distribution_create(**ids, verify=False)


def _edit(client: slipway.Client, field: str, id: Optional[str], file: pathlib.Path) -> object:
    ids: Dict[str, Any] = {"distribution_id": "channel", field: id}
    return client.entermedia_distribution_edit(**ids)


ID_CALLS: List[Any] = [
    (_create, "asset_id"), (_create, "distribution_id"), (_create_unverified, "asset_id"), (_create_unverified, "distribution_id"),
    (_edit, "distribution_id"), (_edit, "asset_id"),
    (lambda client, field, id, file: client.entermedia_distribution_get(id), "distribution_id"),
    (lambda client, field, id, file: client.entermedia_distribution_delete(id), "distribution_id"),
    (lambda client, field, id, file: client.entermedia_asset_get(id), "asset_id"),
    (lambda client, field, id, file: client.entermedia_asset_delete(id), "asset_id"),
    (lambda client, field, id, file: client.entermedia_asset_upload(file_path=file, asset_id=id), "asset_id"),
]  # fmt: skip


@fact("dist-21", "INVALID_ARGUMENT for an empty id, and nothing is sent")
@fact("dist-22", "INVALID_ARGUMENT, and nothing is sent")
@fact("dist-36", "INVALID_ARGUMENT, and nothing is sent")
@fact("dist-37", "INVALID_ARGUMENT: no link is made that is none")
@fact("dist-38", "INVALID_ARGUMENT: the encoded one, too")
@fact("dist-39", "INVALID_ARGUMENT for a space")
@fact("dist-42", "INVALID_ARGUMENT for what is not ASCII")
@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_odd_id(media: Server, tmp_path: pathlib.Path, id: str) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"PK")
    client = media.client(media.login())
    for call, field in ID_CALLS:
        with pytest.raises(slipway.InvalidArgumentError) as caught:
            call(client, field, id, file)
        assert caught.value.message.startswith(field) and caught.value.hint, (call, field)
        assert (caught.value.attempts, caught.value.http_status, caught.value.retriable) == (0, None, False)
    if not media.is_real:
        assert media.emulator.journal() == [], "not even a login"


@fact("dist-04", "INVALID_ARGUMENT without an asset id, and nothing is sent")
@fact("dist-06", "never sent: a body is always one that the server can read")
@fact("legacy-04", "INVALID_ARGUMENT, and nothing is sent")
def test_missing_id(media: Server) -> None:
    """NULL, as a host in C passes it."""
    client = media.client()
    requests: List[Any] = [
        ("distribution_create", abi.DistributionCreateRequest(), Distribution, "asset_id"),
        ("distribution_edit", abi.DistributionEditRequest(), Distribution, "distribution_id"),
        ("distribution_get", abi.DistributionRequest(), Distribution, "distribution_id"),
        ("distribution_delete", abi.DistributionRequest(), Distribution, "distribution_id"),
        ("asset_get", abi.AssetRequest(), Asset, "asset_id"),
        ("asset_delete", abi.AssetRequest(), Asset, "asset_id"),
        ("asset_upload", abi.AssetUploadRequest(), AssetUpload, "file_path"),
    ]
    for function, request, parse, field in requests:
        request.struct_size, request.on_progress = client._header(type(request), None, None)[0], NO_PROGRESS
        with pytest.raises(slipway.InvalidArgumentError, match=f"^{field} is missing") as caught:
            client._start(f"entermedia_{function}", request, parse.from_document, None, True)
        assert field in caught.value.hint
    if not media.is_real:
        assert media.emulator.journal() == []


def test_many_with_odd_ids(media: Server) -> None:
    """Each of them fails by itself, and the others are made."""
    assets = [media.zip, *IDS.values(), media.zip]
    own, client = media.new_id(".zip"), media.client()
    ids = [None] * (len(assets) - 1) + [own]
    made = client.entermedia_distribution_create_many(assets, distribution_ids=ids, allow_original=True)
    assert (made.total, made.succeeded, made.failed) == (len(assets), 2, len(IDS))
    assert {failure.status for failure in made.failures} == {"INVALID_ARGUMENT"}
    assert sorted(failure.index for failure in made.failures) == list(range(1, len(IDS) + 1))
    for failure in made.failures:
        assert failure.message.startswith(f"asset_ids[{failure.index}]") and failure.asset_id == assets[failure.index]
    made = client.entermedia_distribution_create_many([media.zip] * len(IDS), distribution_ids=IDS.values(), allow_original=True)
    assert (made.succeeded, made.failed) == (0, len(IDS))
    assert {failure.message.split("[")[0] for failure in made.failures} == {"distribution_ids"}
    assert media.records("id", own) == [own] and not set(IDS.values()) & set(media.records("assetid", media.zip))


def test_ids_at_the_limit(media: Server) -> None:
    client = media.client()
    for id in ("A", "0" * 128, "..a", "a..", "-", "_", "a.b_c-D9", "..."):
        made = client.entermedia_distribution_create(asset_id=media.zip, distribution_id=media.note(id), allow_original=True)
        assert (made.id, made.verified) == (id, True)
        assert client.entermedia_distribution_delete(id).id == id


@pytest.mark.parametrize("terms", [[("", "x")], [("id", "")], [("id", "matches", "x"), ("", "matches", "x")]])
def test_terms_without_a_field_or_a_value(media: Server, terms: Any) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match=r"^terms\[\d\]\.(field|value) is missing"):
        media.client().entermedia_distribution_search(terms)
    with pytest.raises(slipway.InvalidArgumentError, match="^page_size is 1001"):
        media.client().entermedia_distribution_search(page_size=1001)
    if not media.is_real:
        assert media.emulator.journal() == []


@pytest.mark.parametrize("value", ['a"b', "größe", "a\\b", "${id}", "a\nb", "</script>"])
def test_terms_are_data(media: Server, value: str) -> None:
    """Whatever they hold goes to the server as it is; where it repeats them unescaped, that is told."""
    error: Any = media.client(max_attempts=1).entermedia_distribution_search({"id": value}, wait=False).exception(20)
    assert error is None or isinstance(error, slipway.ProtocolError) and "JSON" in error.message
    if not media.is_real:
        assert json.loads(media.journal()[-1]["body"])["query"]["terms"][0]["value"] == value


# One login for all

COUNT = 50


def gets(client: slipway.Client, media: Server) -> "List[slipway.Operation[Asset]]":
    return [client.entermedia_asset_get(media.zip, wait=False) for _ in range(COUNT)]


@pytest.mark.parametrize("delay", [0, 100])
def test_many_operations_log_in_once(media: Server, delay: int) -> None:
    if delay:
        media.fault("delay", "authentication/login", count=0, delayMs=delay)
    client = media.client(media.login())
    assert [operation.result(20).id for operation in gets(client, media)] == [media.zip] * COUNT
    assert media.logins() == 1
    assert [operation.result(20).id for operation in gets(client, media)] == [media.zip] * COUNT
    assert media.logins() == 1


@pytest.mark.parametrize("delay", [0, 100])
def test_key_that_is_refused(media: Server, delay: int) -> None:
    """All of them find out, and one of them logs in."""
    if delay:
        media.fault("delay", "authentication/login", count=0, delayMs=delay)
    client = media.client(media.login(key=media.secret("a-key-of-yesterday-0123456789")))
    assert [operation.result(20).id for operation in gets(client, media)] == [media.zip] * COUNT
    assert media.logins() == 1
    assert all(operation.result(20) for operation in gets(client, media)) and media.logins() == 1


def test_key_that_dies_with_a_password(media: Server) -> None:
    """A client that knows the next password goes on when the old one ends."""
    new = media.secret("the-next-password-0123456789")
    client = media.client(media.login(key=media.key, password=new))
    assert all(operation.result(20) for operation in gets(client, media)) and media.logins() == 0
    media.secret(media.emulator.set_media_password(media.user, new)["key"])
    assert all(operation.result(20) for operation in gets(client, media)) and media.logins() == 1
    assert client.entermedia_distribution_create(asset_id=media.image).verified is True
    assert client.entermedia_asset_upload(file_path=__file__, asset_id=media.new_id()).size > 0
    assert media.logins() == 1


def test_upload_logs_in_before_it_sends(media: Server) -> None:
    """Gigabytes are not sent to a server that does not let them in."""
    client = media.client(media.login(key=media.secret("a-key-of-yesterday-0123456789")))
    client.entermedia_asset_upload(file_path=__file__, asset_id=media.new_id())
    assert len(media.journal("POST", "module/asset/create")) == 1 and media.logins() == 1


def test_wrong_password_is_tried_once(media: Server) -> None:
    """A server may lock the account of whoever tries fifty times."""
    wrong = media.secret("a-wrong-password-0123456789")
    media.fault("delay", "authentication/login", count=0, delayMs=300)
    for settings in (media.login(password=wrong), media.login(password=wrong, key=media.secret("a-key-of-yesterday-0123456789"))):
        media.emulator.clear_journal()
        errors = [operation.exception(20) for operation in gets(media.client(settings), media)]
        assert {type(error) for error in errors} == {slipway.UnauthorizedError}
        assert all(wrong not in str(error) for error in errors)
        assert media.logins() == 1


def test_user_without_the_permission_logs_in_once(media: Server) -> None:
    """The key is good, the user may not: another login would give the same."""
    password = media.secret("a-password-of-the-limited-0123456789")
    media.secret(media.emulator.set_media_password("limited", password)["key"])
    media.fault("delay", "authentication/login", count=0, delayMs=300)
    client = media.client(media.login(user="limited", password=password))
    assert client.entermedia_login().user == "limited", "that much is allowed"
    media.emulator.clear_journal()
    errors = [operation.exception(20) for operation in gets(client, media)]
    assert {type(error) for error in errors} == {slipway.UnauthorizedError} and media.logins() == 1
    for _ in range(3):
        error: Any = client.entermedia_distribution_create(asset_id=media.zip, wait=False).exception(20)
        assert isinstance(error, slipway.UnauthorizedError) and error.attempts == 1
    made = client.entermedia_distribution_create_many([media.zip] * COUNT)
    assert made.failed == COUNT and media.logins() == 1, "nor does each of many"


def test_key_only_that_is_refused(media: Server) -> None:
    client = media.client(media.settings(key=media.secret("a-key-of-yesterday-0123456789")))
    errors = [operation.exception(20) for operation in gets(client, media)]
    assert {type(error) for error in errors} == {slipway.UnauthorizedError} and media.logins() == 0
    assert len(media.journal()) == COUNT


def test_cancelled_login_is_taken_over(media: Server) -> None:
    media.fault("delay", "authentication/login", delayMs=60_000)
    client = media.client(media.login())
    first = client.entermedia_asset_get(media.zip, wait=False)
    wait_until(media.logins, what="the login")
    others = gets(client, media)
    first.cancel()
    assert isinstance(first.exception(10), slipway.CancelledError)
    assert all(operation.result(20) for operation in others) and media.logins() == 2


def test_login_that_fails_otherwise(media: Server) -> None:
    """Not a wrong password: it is tried again, and told as what it is."""
    media.fault("status", "authentication/login", count=2, status=503, body="")
    assert media.client(media.login()).entermedia_login().logged_in is True
    media.fault("status", "authentication/login", count=0, status=503, body="")
    with pytest.raises(slipway.ServerError, match="authentication/login"):
        media.client(media.login(), max_attempts=2).entermedia_asset_get(media.zip)
    media.emulator.clear_faults()
    for key in ('""', '"a b"', '"a\\r\\nX-Evil: 1"', '"' + "k" * 5000 + '"', "7", "null", '"$key"', "[]"):
        media.fault("status", "authentication/login", status=200, body='{"response":{"status":"ok"},"results":{"entermediakey":%s}}' % key)
        with pytest.raises(slipway.UnauthorizedError):
            media.client(media.login(), max_attempts=1).entermedia_asset_get(media.zip)
    assert not any("x-evil" in entry["headers"] for entry in media.journal())


def test_login_never_tells_the_key(media: Server, recorder: Any) -> None:
    """Neither the log of its answer, nor an answer that repeats it: what the search at the end looks for."""
    media.secret("a-new-key-of-the-server-0123456789")
    body = {"response": {"status": "ok", "user": media.user}, "entermediakey": "a-new-key-of-the-server-0123456789",
            "results": {"entermediakey": "a-new-key-of-the-server-0123456789"}}
    media.fault("status", "authentication/login", status=200, body=json.dumps(body))
    media.fault("status", "module/asset/*", status=200, body=json.dumps(
        {"response": {"status": "ok"}, "data": {"id": "a", "name": f"{PASSWORD} a-new-key-of-the-server-0123456789"}}))
    asset = media.client(media.login()).entermedia_asset_get("a")
    assert asset.name == "[redacted] [redacted]"
    assert "authentication/login" in recorder.text()


@pytest.mark.parametrize("status", [200, 418, 500])
def test_server_that_repeats_secrets(media: Server, status: int) -> None:
    """Key and password, in whatever it says."""
    token = media.secret("a-token-in-a-link-0123456789")
    words = f"{media.key} and {media.password} of https://me:{media.password}@dam.example.com/x?token={token}"
    documents: List[Any] = [
        {"response": {"status": "error", "details": words}}, {"reponse": {"status": "error", "details": words, "path": words}},
        {"error": words},
        {"response": {"status": "ok", "id": words, "user": words}, "data": {"id": words, "name": words, "assetid": {"id": words}},
         "results": [{"id": words, "assetId": words, "originalUrl": words}], "presets": [{"id": words, "url": words}],
         "entermediakey": media.key},
    ]  # fmt: skip
    prepared = calls(media)
    for body in (*map(json.dumps, documents), f"<html>{words}</html>", words):
        media.emulator.clear_faults()
        media.fault("status", count=0, status=status, body=body)
        client = media.client(media.login(key=media.key), max_attempts=1)
        for name, call in prepared.items():
            operation = call(client)
            error: Any = operation.exception(20)
            told = repr(operation.result()) + repr(getattr(operation.result(), "raw", None)) if error is None else f"{error} {error.hint}"
            for secret in (media.key, media.password, token):
                assert secret not in told, name


# Redirects


@fact("redir-01", "method and body are repeated: OK, and one record")
@fact("redir-02", "never sent: a POST stays one")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_http_to_https(server: Server, certificate: pathlib.Path, status: int) -> None:
    prepared = calls(server)
    server.emulator.media_settings(redirectStatus=status)
    client = server.client(server.login(), ca_bundle=str(certificate / "cert.pem"))
    for name, call in prepared.items():
        error = call(client).exception(20)
        assert error is None, f"{name}: {error}"
    entries = server.journal()
    plain = [entry for entry in entries if not entry["tls"]]
    over_tls = [entry for entry in entries if entry["tls"]]
    assert {entry["status"] for entry in plain} == {status} and {entry["method"] for entry in plain} >= {"GET", "POST", "PUT", "DELETE"}
    for entry in plain:
        assert any(other["method"] == entry["method"] and other["target"] == entry["target"] and _sent(other) == _sent(entry)
                   for other in over_tls), entry["target"]
    (upload,) = [entry for entry in over_tls if entry["path"].endswith("module/asset/create")]
    assert len(upload["body"]) > pathlib.Path(__file__).with_name("entermedia_server.py").stat().st_size
    assert server.logins() == 2, "one, and where it was sent to"


def _sent(entry: Dict[str, Any]) -> str:
    """The body; of a form, whose boundary is a new one each time, its length."""
    return str(len(entry["body"])) if entry["headers"].get("content-type", "").startswith("multipart/") else entry["body"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_server_never_sees_the_key(media: Server, wire: Wire, status: int, host: str) -> None:
    """Another name, or another port. Not the password either."""
    prepared = calls(media)
    stranger = wire.stranger()
    location = f"http://{host}:{stranger.port}{media.path}/services/distribution/create/create"
    media.fault("redirect", count=0, status=status, location=location)
    for settings in (media.settings(), media.login()):
        client = media.client(settings, max_attempts=2)
        for name, call in prepared.items():
            if name == "create_many":
                continue
            error = call(client).exception(20)
            assert isinstance(error, slipway.ProtocolError) and "redirect" in error.message and error.hint, name
    assert stranger.heard == b""
    if host == "localhost":
        media.emulator.clear_faults()
        port = media.base_url.split(":")[2].split("/")[0]
        media.fault("redirect", status=status, location=f"http://localhost:{port}{media.path}/services/module/asset/data/{media.zip}")
        with pytest.raises(slipway.ProtocolError, match="localhost"):
            media.client().entermedia_asset_get(media.zip)


@pytest.mark.parametrize("location", ["gopher://127.0.0.1/", "http://", "http://user:pw-0123456789@127.0.0.1/", "//[", "\\\\x"])
def test_redirect_to_nowhere(media: Server, location: str) -> None:
    media.fault("redirect", count=0, location=location)
    with pytest.raises(slipway.SlipwayError) as caught:
        media.client(max_attempts=2).entermedia_asset_get(media.zip)
    assert isinstance(caught.value, (slipway.ProtocolError, slipway.UnauthorizedError)) and caught.value.hint


def test_https_to_http_is_refused(media: Server, certificate: pathlib.Path) -> None:
    secure = media.settings(base_url=media.emulator.entermedia["tlsBaseUrl"])
    client = media.client(secure, ca_bundle=str(certificate / "cert.pem"))
    assert client.entermedia_asset_get(media.zip).id == media.zip
    media.fault("redirect", count=0, status=301, location=f"{media.base_url}/services/module/asset/data/{media.zip}")
    media.emulator.clear_journal()
    with pytest.raises(slipway.ProtocolError, match="https to http"):
        client.entermedia_asset_get(media.zip)
    assert [entry["tls"] for entry in media.emulator.journal()] == [True]


def test_certificate_that_is_not_trusted(media: Server) -> None:
    client = media.client(media.settings(base_url=media.emulator.entermedia["tlsBaseUrl"]), max_attempts=2)
    with pytest.raises(slipway.TLSError) as caught:
        client.entermedia_asset_get(media.zip)
    assert "ca_bundle" in caught.value.hint and media.emulator.journal() == []


def test_redirects_in_a_row(media: Server) -> None:
    location = f"{media.path}/services/module/asset/data/{media.zip}"
    media.fault("redirect", count=5, location=location)
    assert media.client().entermedia_asset_get(media.zip).id == media.zip
    assert [entry["status"] for entry in media.journal()] == [302] * 5 + [200]
    media.emulator.clear_journal()
    media.fault("redirect", count=0, location=location)
    with pytest.raises(slipway.ProtocolError, match="more than 5 redirects"):
        media.client(max_attempts=2).entermedia_asset_get(media.zip)
    assert len(media.journal()) == 6


def test_redirect_of_the_path(media: Server) -> None:
    """A server that has moved its application: the same host, another path; the body comes along."""
    id = media.new_id()
    media.fault("redirect", "distribution/create/create", status=301, location=f"{media.path}/services/distribution/create/anything")
    made = media.client().entermedia_distribution_create(asset_id=media.image, distribution_id=id)
    assert (made.id, made.verified) == (id, True)
    first, second = media.journal("POST", "distribution/create/*")
    assert first["body"] == second["body"] and media.records("id", id) == [id]


# Settings


def test_plain_http_to_another_machine(media: Server) -> None:
    far = "http://dam.example.com/assets/mediadb"
    client = media.client(media.settings(base_url=far), proxy="http://127.0.0.1:9", max_attempts=1)
    for name, call in calls(media, prepare=False).items():
        error = call(client).exception(20)
        assert isinstance(error, slipway.InsecureError), name
        assert "dam.example.com" in error.message and "allow_insecure" in error.hint and error.attempts == 0
    with pytest.raises(slipway.InsecureError):
        media.client(media.login(base_url=far), proxy="http://127.0.0.1:9").entermedia_login()
    with pytest.raises(slipway.NetworkError):
        media.client(media.settings(base_url=far), proxy="http://127.0.0.1:9", max_attempts=1, allow_insecure=True).entermedia_login()


def test_settings_from_the_environment(media: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = slipway.EnterMedia()
    monkeypatch.setenv("ENTERMEDIA_BASE_URL", media.base_url + "/")
    monkeypatch.setenv("ENTERMEDIA_USER", media.user)
    monkeypatch.setenv("ENTERMEDIA_PASSWORD", media.password)
    assert media.client(nothing).entermedia_login().logged_in is True
    monkeypatch.setenv("ENTERMEDIA_KEY", media.secret("a-key-of-yesterday-0123456789"))
    assert media.client(nothing).entermedia_asset_get(media.zip).id == media.zip, "the key first, then the password"
    monkeypatch.setenv("ENTERMEDIA_PASSWORD", media.secret("a-wrong-password-0123456789"))
    with pytest.raises(slipway.UnauthorizedError):
        media.client(nothing).entermedia_login()
    monkeypatch.setenv("ENTERMEDIA_KEY", media.key)
    assert media.client(nothing).entermedia_asset_get(media.zip).id == media.zip
    monkeypatch.setenv("ENTERMEDIA_BASE_URL", "http://127.0.0.1:9/assets/mediadb")
    assert media.client(media.settings()).entermedia_asset_get(media.zip).id == media.zip, "what is given counts more"


@pytest.mark.parametrize(("settings", "option", "variable"), [
    ({"key": "a-key-0123456789"}, "entermedia_base_url", "ENTERMEDIA_BASE_URL"),
    ({"base_url": "", "key": "a-key-0123456789"}, "entermedia_base_url", "ENTERMEDIA_BASE_URL"),
    ({"base_url": "http://127.0.0.1:9/assets/mediadb"}, "entermedia_key", "ENTERMEDIA_KEY"),
    ({"base_url": "http://127.0.0.1:9/assets/mediadb", "key": ""}, "entermedia_key", "ENTERMEDIA_KEY"),
    ({"base_url": "http://127.0.0.1:9/assets/mediadb", "user": "me"}, "entermedia_password", "ENTERMEDIA_PASSWORD"),
    ({"base_url": "http://127.0.0.1:9/assets/mediadb", "password": "a-password-0123456789"}, "entermedia_user", "ENTERMEDIA_USER"),
])
def test_settings_that_are_missing(media: Server, settings: Dict[str, str], option: str, variable: str) -> None:
    """Told by each operation, not when the client is made: it may be for Streampixel only."""
    client = media.client(slipway.EnterMedia(**settings))
    for name, call in calls(media, prepare=False).items():
        error = call(client).exception(20)
        assert isinstance(error, slipway.InvalidArgumentError), name
        assert option in error.message and option in error.hint + error.message and variable in error.hint, name


@pytest.mark.parametrize("base_url", [
    "dam.example.com/assets/mediadb", "ftp://dam.example.com/mediadb", "https://", "https:///mediadb", "https://[::1/mediadb", "///",
    "https://dam.example.com:99999/mediadb", "https://dam.example.com/mediadb?a=b", "https://me:pw-0123456789@dam.example.com/mediadb",
    "https://dam.example.com/media db", "https://dam.example.com/mediadb\r\nX-Evil: 1",
])
def test_base_url_that_is_malformed(base_url: str) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match="entermedia_base_url") as caught:
        slipway.Client(entermedia=slipway.EnterMedia(base_url=base_url))
    assert "pw-0123456789" not in str(caught.value)


@pytest.mark.parametrize("key", ["a b", "a\r\nX-Evil: 1", "a;b", 'a"b', "größe-0123456789", "k" * 5000])
def test_key_that_is_malformed(media: Server, key: str) -> None:
    with pytest.raises(slipway.InvalidArgumentError, match="entermedia_key") as caught:
        slipway.Client(entermedia=media.settings(key=key))
    assert key not in str(caught.value)


@pytest.mark.parametrize("password", [
    'quote"and\\backslash/slash-0123456789', "ünïcödé-päßwörd-€-0123456789", " spaces and\ttabs 0123456789 ",
])
def test_passwords_that_are_written_differently(media: Server, password: str) -> None:
    emulator: Emulator = media.emulator
    media.secret(emulator.set_media_password(media.user, media.secret(password))["key"])
    assert media.client(media.login(password=password)).entermedia_login().user == media.user
    assert json.loads(media.journal("POST", "authentication/login")[-1]["body"]) == {"id": media.user, "password": password}


# Names of what is uploaded


@pytest.mark.parametrize("source_path", [
    "/etc", "../up", "a/../b", "a//b", "a\\b", "${user.id}", 'a"b', "a\nb", "a:b", "./a", "a/.", "/", "x" * 513, "a|b", "a*", "a?b", "<a>",
])
def test_source_path_that_is_none(media: Server, tmp_path: pathlib.Path, source_path: str) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"PK")
    with pytest.raises(slipway.InvalidArgumentError, match="^source_path") as caught:
        media.client().entermedia_asset_upload(file_path=file, source_path=source_path)
    assert caught.value.hint
    if not media.is_real:
        assert media.emulator.journal() == []


@pytest.mark.parametrize("name", ["a/b", "..", ".", "a\\b", "${filename}", 'a"b', "a\r\nX: y", "x" * 256, "a:b", "a*b", "\x7f"])
def test_name_that_is_none(media: Server, tmp_path: pathlib.Path, name: str) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"PK")
    with pytest.raises(slipway.InvalidArgumentError, match="^name") as caught:
        media.client().entermedia_asset_upload(file_path=file, name=name)
    assert caught.value.hint
    if "/" not in name and name not in (".", "..") and len(name) < 256:
        odd = tmp_path / name
        odd.write_bytes(b"PK")
        with pytest.raises(slipway.InvalidArgumentError, match="file_path"):
            media.client().entermedia_asset_upload(file_path=odd)
    if not media.is_real:
        assert media.emulator.journal() == []
