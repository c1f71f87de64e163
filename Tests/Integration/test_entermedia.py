"""What Slipway makes of each thing that an EnterMediaDB server was seen to do: the conformance table of entermedia_facts.py.

All of it runs against the emulator in each of its forms, and most of it against a real server: see test_emulator_entermedia.py.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List

import pytest

import entermedia_facts
import slipway
from emulator import Emulator, request
from entermedia_cases import PRESETS
from entermedia_facts import fact
from entermedia_server import (
    Server, calls, certificate, conformance_table, media, process, real, server,
)  # fmt: skip
from entermedia_target import FILES

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_every_fact_has_its_test() -> None:
    proven = {row.label for row in entermedia_facts.rows()}
    assert sorted(set(entermedia_facts.LABELS) - proven) == []
    assert len(set(entermedia_facts.LABELS)) == len(entermedia_facts.LABELS)
    assert "auth-02      a wrong password" in "\n".join(entermedia_facts.table({}))


# Logging in, and being let in


@fact("auth-01", "OK, with the user whom the server names; the key stays inside")
@fact("newer-01", "OK: the key is found there, too")
def test_login(server: Server) -> None:
    client = server.client(server.login())
    login = client.entermedia_login()
    assert (login.user, login.logged_in) == (server.user, True)
    assert server.key not in repr(login.raw)
    assert client.entermedia_asset_get(server.zip).id == server.zip


@fact("auth-02", "UNAUTHORIZED, after one attempt")
@fact("auth-03", "UNAUTHORIZED: the two are not told apart")
@pytest.mark.parametrize("wrong", [{"password": "a-wrong-password-0123456789"}, {"user": "nobody-of-this-name"}])
def test_wrong_password(server: Server, wrong: Dict[str, str]) -> None:
    if "password" in wrong:
        server.secret(wrong["password"])
    client = server.client(server.login(**wrong))
    for call in (client.entermedia_login, lambda: client.entermedia_asset_get(server.zip)):
        with pytest.raises(slipway.UnauthorizedError) as caught:
            call()
        assert (caught.value.http_status, caught.value.attempts, caught.value.retriable) == (200, 1, False)
        assert "password" in caught.value.hint


@fact("auth-09", "never asked: a login counts only with a key in the answer")
def test_getkey_is_never_asked(server: Server) -> None:
    client = server.client(server.login())
    for call in calls(server).values():
        call(client).exception(30)
    with pytest.raises(slipway.UnauthorizedError):
        server.client(server.login(password=server.secret("a-wrong-password-0123456789"))).entermedia_login()
    assert server.emulator.journal() and server.journal(call="authentication/getkey*") == []


@fact("authx-01", "sent as the cookie that the guide documents,")
@fact("authx-02", "and as this header")
@fact("newer-02", "the header is enough there")
@fact("authx-06", "never sent")
@fact("authx-07", "never sent")
def test_the_key_goes_as_cookie_and_as_header(server: Server) -> None:
    client = server.client()
    for name, call in calls(server).items():
        assert call(client).exception(30) is None, name
    public = f"{server.path}/services/distribution/published/"
    asked = [entry for entry in server.journal() if not entry["path"].startswith(public)]
    assert {entry["method"] for entry in asked} == {"GET", "POST", "PUT", "DELETE"}
    for entry in asked:
        headers = entry["headers"]
        assert headers["cookie"] == f"entermedia.key={server.key}" and headers["x-entermedia.key"] == server.key
        assert "authorization" not in headers
    links = [entry["headers"] for entry in server.journal() if entry["path"].startswith(public)]
    assert links and not any("cookie" in headers or "x-entermedia.key" in headers for headers in links), "as everybody asks"


@fact("dist-08", "INVALID_ARGUMENT, and nothing is sent: the options that are missing are named")
@fact("legacy-05", "the same")
def test_no_key(server: Server) -> None:
    client = server.client(slipway.EnterMedia(base_url=server.base_url))
    for name, call in calls(server, prepare=False).items():
        error = call(client).exception(30)
        assert isinstance(error, slipway.InvalidArgumentError), name
        assert "entermedia_key" in error.message and "ENTERMEDIA_KEY" in error.hint and error.attempts == 0
    if not server.is_real:
        assert server.journal() == []


@fact("dist-09", "UNAUTHORIZED")
@fact("dist-10", "UNAUTHORIZED")
@fact("noaccess-01", "not followed: one request, which is not repeated")
@fact("newer-03", "UNAUTHORIZED")
@pytest.mark.parametrize("key", ["adminmd542deadbeefdeadbeef", "garbage-0123456789"])
def test_bad_key(server: Server, key: str) -> None:
    client = server.client(server.settings(key=server.secret(key)))
    before = 0 if server.is_real else len(server.journal())
    for name, call in calls(server, prepare=False).items():
        error = refusal(call(client))
        assert isinstance(error, slipway.UnauthorizedError), name
        assert error.http_status in (302, 403) and not error.retriable and "key" in error.hint
    if not server.is_real:
        assert server.journal(call="authentication/*") == []
        assert len(server.journal()) - before == len(calls(server, prepare=False)), "one request each"


@fact("dist-11", "UNAUTHORIZED: the server does not tell it from a bad key")
def test_user_without_the_permission(server: Server) -> None:
    if server.limited is None:
        pytest.skip("SLIPWAY_TEST_ENTERMEDIA_LIMITED_KEY is not set")
    client = server.client(server.settings(key=server.limited))
    for name, call in calls(server, prepare=False).items():
        error = refusal(call(client))
        assert isinstance(error, slipway.UnauthorizedError) and "permission" in error.hint, name


def refusal(operation: "slipway.Operation[Any]") -> Any:
    """How an operation ended; of create_many how its one item did."""
    error = operation.exception(30)
    if error is None and isinstance(operation.result(), slipway.DistributionsCreated):
        (failure,) = operation.result().failures
        kind = {"UNAUTHORIZED": slipway.UnauthorizedError}[failure.status]
        return kind(failure.message, hint=failure.hint, http_status=302)
    return error


@fact("noaccess-02", "UNAUTHORIZED")
@fact("noaccess-03", "UNAUTHORIZED: the page is known, should something on the way have followed to it")
def test_someone_followed_to_noaccess(server: Server) -> None:
    page = server.ask("GET", "authentication/noaccess.json", auth=None)
    server.fault("status", count=0, status=page.status, body=page.body.decode())
    client = server.client()
    for name, call in calls(server, prepare=False).items():
        assert isinstance(refusal(call(client)), slipway.UnauthorizedError), name


@fact("restart-03", "OK, with the same key")
def test_restart(server: Server) -> None:
    client = server.client()
    assert client.entermedia_login().logged_in is False
    server.emulator.admin("POST", "entermedia/restart")
    assert client.entermedia_asset_get(server.zip).id == server.zip and server.logins() == 0


# Making distributions


@fact("dist-01", "OK: the id is a UUID of Slipway's, so that the request may be repeated; blank lines are nothing")
@fact("legacy-01", "OK, in the same form")
@fact("pub-01", "verified: it is a picture")
@fact("pub-06", "baseUrl, which is no link, and not asked for")
def test_create(server: Server) -> None:
    made = server.client().entermedia_distribution_create(asset_id=server.image)
    assert re.fullmatch(UUID, made.id)
    assert (made.asset_id, made.allow_original, made.original_url, made.verified) == (server.image, False, None, True)
    assert made.base_url is not None and made.base_url.endswith(f"/services/distribution/published/{made.id}/")
    assert set(made.links) in ({*PRESETS}, {"largeimage"}) and made.base_url not in made.links.values()
    for preset, url in made.links.items():
        assert url == made.base_url + preset
        answer = request("GET", url)
        assert answer.status == 200 and answer.headers["content-type"].startswith("image/")
    assert request("GET", made.base_url).status == 404
    assert server.records("id", made.id) == [made.id] and isinstance(made.raw, dict)


@fact("dist-02", "OK, with that id")
@fact("legacy-02", "OK, in the same form")
@fact("dist-15", "OK: originalUrl is the link to the file")
def test_create_with_an_id(server: Server) -> None:
    id = server.new_id()
    made = server.client().entermedia_distribution_create(asset_id=server.image, distribution_id=id, allow_original=True)
    assert (made.id, made.allow_original, made.verified) == (id, True, True)
    assert made.original_url is not None and made.base_url == made.original_url + "/"
    assert request("GET", made.original_url).body == FILES["image"]


@fact("dist-03", "OK, so a create is repeated when its answer is lost")
def test_the_same_id_again(server: Server) -> None:
    client, id = server.client(), server.new_id()
    for asset in (server.text, server.image):
        made = client.entermedia_distribution_create(asset_id=asset, distribution_id=id, allow_original=True)
        assert (made.id, made.asset_id, made.verified) == (id, asset, True)
    assert server.records("id", id) == [id]
    assert request("GET", str(made.original_url)).body == FILES["image"]


@fact("dist-07", "NOT_FOUND, and no record: the asset is looked for before")
@fact("legacy-03", "NOT_FOUND, and no record")
@pytest.mark.parametrize("allow_original", [False, True])
def test_unknown_asset(server: Server, allow_original: bool) -> None:
    unknown = server.new_id()
    for id in (None, server.new_id()):
        with pytest.raises(slipway.NotFoundError, match=unknown) as caught:
            server.client().entermedia_distribution_create(asset_id=unknown, distribution_id=id, allow_original=allow_original)
        assert caught.value.hint and not caught.value.retriable
    assert server.records("assetid", unknown) == []


@fact("dist-31", "NOT_READY with a hint; a record with an id of Slipway's is removed again, one with yours stays")
def test_asset_without_renditions(server: Server) -> None:
    client, id, before = server.client(max_attempts=2), server.new_id(), server.records("assetid", server.text)
    for mine in (None, id):
        with pytest.raises(slipway.NotReadyError, match=server.text) as caught:
            client.entermedia_distribution_create(asset_id=server.text, distribution_id=mine)
        assert "allow_original" in caught.value.hint and caught.value.retriable
    assert server.records("assetid", server.text) == [*before, id]
    made = client.entermedia_distribution_create(asset_id=server.text, distribution_id=id, allow_original=True)
    assert request("GET", str(made.original_url)).body == b"a text"


@fact("dist-18", "an id of digits is sent as a text: OK")
def test_an_id_of_digits(server: Server) -> None:
    id = server.note(str(int(server.new_id()[-14:], 16)))
    assert server.client().entermedia_distribution_create(asset_id=server.image, distribution_id=id).id == id


@fact("cdn-06", "OK: links are the server's, whatever they begin with")
def test_links_of_another_host(server: Server) -> None:
    port = server.base_url.split(":")[2].split("/")[0]
    server.emulator.media_settings(cdnPrefix=f"http://localhost:{port}")
    made = server.client().entermedia_distribution_create(asset_id=server.image, allow_original=True)
    assert made.verified is True
    for url in (made.base_url, made.original_url, *made.links.values()):
        assert str(url).startswith(f"http://localhost:{port}{server.path}/services/distribution/published/{made.id}")
    server.emulator.media_settings(cdnPrefix="http://127.0.0.1:9")
    with pytest.raises(slipway.NetworkError) as caught:
        server.client(max_attempts=1).entermedia_distribution_create(asset_id=server.image)
    assert "127.0.0.1:9" in caught.value.message
    unseen = server.client().entermedia_distribution_create(asset_id=server.image, verify=False)
    assert unseen.verified is None and str(unseen.base_url).startswith("http://127.0.0.1:9/")


# Builds


@fact("zip-01", "OK")
@fact("zip-02", "verified by HEAD; a direct link that Streampixel takes")
@fact("zip-03", "the same link: it gives ranges")
def test_direct_link_of_a_build(server: Server) -> None:
    id = server.new_id("-MyGame-1.0.zip")
    made = server.client().entermedia_distribution_create(asset_id=server.zip, distribution_id=id, allow_original=True)
    assert (made.id, made.verified, made.allow_original) == (id, True, True)
    link = str(made.original_url)
    assert link.endswith(f"/services/distribution/published/{id}")
    head = request("HEAD", link)
    assert (head.status, head.headers["content-length"]) == (200, str(len(FILES["zip"])))
    assert request("GET", link, headers={"Range": "bytes=0-3"}).body == b"PK\3\4"
    if not server.is_real:
        emulator = server.emulator
        streampixel = slipway.Streampixel(server.secret(emulator.api_key), emulator.user_id, emulator.base_url, rate_window=0.001)
        client = server.client(streampixel=streampixel)
        upload = client.upload(project_id=emulator.project_id, file_url=link, expected_size=len(FILES["zip"]))
        assert emulator.build(upload.upload_id)["fileUrl"] == link


@fact("zip-05", "NOT_READY: a .zip has no renditions")
@fact("pub-07", "originalUrl is null")
def test_build_without_its_original(server: Server) -> None:
    before = server.records("assetid", server.zip)
    with pytest.raises(slipway.NotReadyError) as caught:
        server.client(max_attempts=2).entermedia_distribution_create(asset_id=server.zip)
    assert "allow_original" in caught.value.hint
    assert server.records("assetid", server.zip) == before
    assert server.client().entermedia_distribution_create(asset_id=server.image).original_url is None


@fact("pub-13", "asked first")
@fact("pub-16", "asked where HEAD is refused")
@pytest.mark.parametrize("status", [403, 405, 501])
def test_verification_where_head_is_refused(server: Server, status: int) -> None:
    server.fault("status", "distribution/published/*", method="HEAD", count=0, status=status)
    made = server.client().entermedia_distribution_create(asset_id=server.image, allow_original=True)
    assert made.verified is True
    asked = server.journal(call="distribution/published/*")
    assert [(entry["method"], entry["headers"].get("range")) for entry in asked] == [("HEAD", None), ("GET", "bytes=0-3")]


# Reading, editing


@fact("edit-01", "OK: texts are truth values")
def test_get(server: Server) -> None:
    client = server.client()
    for allow_original in (True, False):
        made = client.entermedia_distribution_create(asset_id=server.image, allow_original=allow_original)
        read = client.entermedia_distribution_get(made.id)
        assert (read.id, read.asset_id, read.allow_original, read.original_url, read.base_url, read.verified) == (
            made.id, server.image, allow_original, made.original_url, made.base_url, None)
        assert set(read.links) >= set(made.links) and all(read.links[preset] == url for preset, url in made.links.items())


@fact("edit-06", "NOT_FOUND; the template's text is no value")
def test_get_of_nothing(server: Server) -> None:
    with pytest.raises(slipway.NotFoundError) as caught:
        server.client().entermedia_distribution_get(server.new_id())
    assert "$" not in caught.value.message and (caught.value.http_status, caught.value.attempts) in ((200, 1), (None, 1))


@fact("edit-03", "NOT_FOUND, and nothing is made: it is read before")
def test_edit_of_nothing(server: Server) -> None:
    for changes in ({"asset_id": server.image}, {}, {"original": True}, {"asset_id": server.image, "verify": False}):
        id = server.new_id()
        with pytest.raises(slipway.NotFoundError, match=id):
            server.client().entermedia_distribution_edit(distribution_id=id, **changes)
        assert server.records("id", id) == []


@fact("edit-09", "NOT_FOUND, and nothing is changed")
def test_edit_to_an_unknown_asset(server: Server) -> None:
    id, unknown = server.new_record(server.image), server.new_id()
    with pytest.raises(slipway.NotFoundError, match=unknown):
        server.client().entermedia_distribution_edit(distribution_id=id, asset_id=unknown)
    assert server.records("assetid", unknown) == [] and server.published(id).body == FILES["image"]


@fact("cache-05", "OK: a stable id is a channel")
@fact("edit-07", "never sent: an edit is a PUT")
def test_edit(server: Server) -> None:
    client, id = server.client(), server.new_id("-latest.zip")
    made = client.entermedia_distribution_create(asset_id=server.image, distribution_id=id, allow_original=True)
    assert request("GET", str(made.original_url)).body == FILES["image"]
    edited = client.entermedia_distribution_edit(distribution_id=id, asset_id=server.zip)
    assert (edited.id, edited.asset_id, edited.allow_original, edited.verified) == (id, server.zip, True, True)
    assert edited.original_url == made.original_url and request("GET", str(made.original_url)).body == FILES["zip"]
    if not server.is_real:
        assert {entry["method"] for entry in server.journal(call="distribution/edit/edit")} == {"PUT"}


@fact("edit-02", "what is not said is sent as it was: an edit of one thing changes one thing")
def test_edit_of_one_thing(server: Server) -> None:
    client = server.client()
    id = server.new_record(server.image, allow_original=True)
    denied = client.entermedia_distribution_edit(distribution_id=id, original=False)
    assert (denied.asset_id, denied.allow_original, denied.original_url) == (server.image, False, None)
    assert client.entermedia_distribution_get(id).allow_original is False
    allowed = client.entermedia_distribution_edit(distribution_id=id, original=True)
    assert (allowed.asset_id, allowed.allow_original) == (server.image, True)
    assert request("GET", str(allowed.original_url)).body == FILES["image"]
    moved = client.entermedia_distribution_edit(distribution_id=id, asset_id=server.text)
    assert (moved.asset_id, moved.allow_original) == (server.text, True)


# Searching


@fact("search-01", "OK, in the form of all distributions: texts are truth values")
def test_search_by_id(server: Server) -> None:
    allowed, denied = server.new_record(server.image), server.new_record(server.image, allow_original=False)
    for id, original in ((allowed, True), (denied, False)):
        found = server.client().entermedia_distribution_search({"id": id})
        assert (found.total, found.pages, found.page, found.complete) == (1, 1, None, True)
        assert (found[0].id, found[0].asset_id, found[0].allow_original) == (id, server.image, original)
        assert (found[0].original_url is not None) is original and list(found[0].links) == PRESETS


@fact("search-02", "pages are counted from 1, and all of them are read unless one is asked for; the word is \"operation\"")
def test_search_in_pages(server: Server) -> None:
    asset = server.new_asset("zip", "MyGame.zip")
    ids = {server.new_record(asset) for _ in range(5)}
    client = server.client()
    every = client.entermedia_distribution_search({"assetid": asset}, page_size=2)
    assert ({found.id for found in every}, every.total, every.pages, every.page, every.complete) == (ids, 5, 3, None, True)
    pages = [client.entermedia_distribution_search([("assetid", "matches", asset)], page=number, page_size=2) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0] and {found.id for page in pages for found in page} == ids
    assert [(page.page, page.complete, page.total) for page in pages] == [(number, False, 5) for number in (1, 2, 3, 4)]
    if not server.is_real:
        asked = [json.loads(entry["body"]) for entry in server.journal(call="distribution/search/*")]
        assert [document["page"] for document in asked] == ["1", "2", "3", "1", "2", "3", "4"]
        term = {"field": "assetid", "operation": "matches", "value": asset}
        assert all(document["hitsperpage"] == "2" and document["query"] == {"terms": [term]} for document in asked)


@fact("search-03", "what no terms mean")
@fact("search-07", "never sent: without terms everything is asked for by a star")
def test_search_for_everything(server: Server) -> None:
    id = server.new_record(server.image)
    every = server.client().entermedia_distribution_search()
    assert id in [found.id for found in every]
    assert not every.complete or len(every) == every.total
    if not server.is_real:
        (asked,) = [json.loads(entry["body"]) for entry in server.journal(call="distribution/search/*")]
        assert asked["query"]["terms"] == [{"field": "id", "operation": "matches", "value": "*"}]


@fact("search-04", "OK, with none")
def test_search_for_nothing(server: Server) -> None:
    nothing = server.client().entermedia_distribution_search({"id": server.new_id()})
    assert (list(nothing), nothing.total, nothing.complete) == ([], 0, True)


@fact("search-08", "found as it is: its asset's id is no text of a template")
@fact("dist-04", "never made by Slipway; when it is found, assetId is null")
def test_search_that_finds_junk(server: Server) -> None:
    unknown, id = server.new_id(), server.new_id()
    server.new_record(unknown)
    server.ask("POST", "distribution/create/create", {"id": id})
    client = server.client()
    assert [found.asset_id for found in client.entermedia_distribution_search({"assetid": unknown})] == [unknown]
    (junk,) = client.entermedia_distribution_search({"id": id})
    assert (junk.id, junk.asset_id, dict(junk.links)) == (id, None, {})
    assert client.entermedia_distribution_get(id).asset_id is None
    with pytest.raises(slipway.SlipwayError) as caught:
        client.entermedia_distribution_edit(distribution_id=id, original=True)
    assert "assetid" in caught.value.message
    assert client.entermedia_distribution_edit(distribution_id=id, asset_id=server.image).asset_id == server.image
    assert client.entermedia_distribution_delete(id).deleted is True


# Deleting


@fact("delete-01", "OK")
@fact("delete-02", "NOT_FOUND")
@fact("delete-11", "cached is false")
def test_delete(server: Server) -> None:
    client, id = server.client(), server.new_record(server.image)
    deletion = client.entermedia_distribution_delete(id)
    assert (deletion.id, deletion.deleted, deletion.cached) == (id, True, False)
    assert server.records("id", id) == [] and server.published(id).status == 404
    with pytest.raises(slipway.NotFoundError, match=id):
        client.entermedia_distribution_delete(id)


@fact("delete-03", "NOT_FOUND")
def test_delete_of_nothing(server: Server) -> None:
    id = server.new_id()
    with pytest.raises(slipway.NotFoundError, match=id) as caught:
        server.client().entermedia_distribution_delete(id)
    assert caught.value.hint and not caught.value.retriable


@fact("delete-04", "OK, and cached is true: no more is claimed")
@fact("zip-06", "OK: the Content-Type says nothing")
@fact("zip-07", "OK, and cached is true")
@pytest.mark.parametrize("end", ["", "-MyGame.zip"])
def test_delete_of_what_was_fetched(server: Server, end: str) -> None:
    client, id = server.client(), server.new_id(end)
    made = client.entermedia_distribution_create(asset_id=server.zip, distribution_id=id, allow_original=True)
    deletion = client.entermedia_distribution_delete(id)
    assert (deletion.deleted, deletion.cached) == (True, True)
    assert request("GET", str(made.original_url)).status == 200 and server.records("id", id) == []


@fact("search-07", "others' broken answers are PROTOCOL, never half a list")
@fact("dist-22", "never made by Slipway; where it is, a search that finds it is PROTOCOL, and nothing else suffers")
def test_record_that_spoils_searches(server: Server) -> None:
    emulator: Emulator = server.emulator
    server.ask("POST", "distribution/create/create", {"assetid": server.image, "id": 'a"quote'})
    client = server.client(max_attempts=2)
    with pytest.raises(slipway.ProtocolError, match="JSON"):
        client.entermedia_distribution_search()
    made = client.entermedia_distribution_create(asset_id=server.image)
    assert client.entermedia_distribution_get(made.id).id == made.id
    assert len(client.entermedia_distribution_search({"id": made.id})) == 1
    assert len(emulator.media()["distributions"]) >= 2


# Assets


@fact("asset-01", "OK: texts are numbers; what is not known is null")
def test_asset(server: Server) -> None:
    client = server.client()
    asset = client.entermedia_asset_get(server.image)
    assert (asset.id, asset.name, asset.title, asset.format) == (server.image, "sample.png", "Sample", "png")
    assert asset.size == len(FILES["image"]) and str(asset.source_path).startswith("conformance/")
    assert asset.import_status is not None and isinstance(asset.raw, dict)
    assert client.entermedia_asset_get(server.zip).size == len(FILES["zip"])


@fact("asset-02", "NOT_FOUND")
@fact("asset-08", "NOT_FOUND: it is read before")
def test_asset_that_is_not_there(server: Server) -> None:
    client, id = server.client(), server.new_id()
    calls: List[Any] = [client.entermedia_asset_get, client.entermedia_asset_delete]
    for call in calls:
        with pytest.raises(slipway.NotFoundError, match=id) as caught:
            call(id)
        assert caught.value.hint and "$" not in caught.value.message


@fact("asset-12", "OK")
@fact("asset-14", "OK: an asset is what to delete to be sure")
def test_asset_delete(server: Server) -> None:
    client, id = server.client(), server.new_asset("zip", "MyGame.zip")
    link = client.entermedia_distribution_create(asset_id=id, allow_original=True).original_url
    assert request("GET", str(link)).status == 200
    deletion = client.entermedia_asset_delete(id)
    assert (deletion.id, deletion.deleted) == (id, True)
    assert request("GET", str(link)).status == 404 and not server.has_asset(id)


# What no server answers to


@fact("misc-01", "PROTOCOL, with the base URL in the hint: no asset is missing because of it")
def test_base_url_that_is_none(server: Server) -> None:
    client = server.client(server.settings(base_url=server.base_url + "/nope"))
    for name, call in calls(server, prepare=False).items():
        error = call(client).exception(30)
        if name != "create_many":
            assert isinstance(error, slipway.ProtocolError), name
            assert error.http_status == 404 and "base URL" in error.hint
