"""What an EnterMediaDB server answers, fact by fact. test_emulator_entermedia.py asks the emulator, or a real server, for each of them.

A case is a row: the label of the exchange in which the fact was seen on a real server, the fact, and steps, each a request and
what is expected of its answer. In texts, `<image>`, `<text>` and `<zip>` are the ids of assets that are there, `<id>`, `<id2>` and
`<new>` are ids that only this case uses, `<last>` is the id in the last answer, `<key>`, `<user>`, `<password>` and `<limited>` (the
key of a user who may only log in) are the server's, `<path>` is the path of its base URL, `<services>` the whole URL of
its services, `<app>` the first part of the path, `<basic>` an Authorization.

An expectation has any of these members:
  status   200 unless it says otherwise
  type     the Content-Type without its parameters; text/json unless it says otherwise
  json     members that the body has, at least; a text that begins with ~ is a regular expression, ANY is any value, ABSENT is no
           member, and a list has as many elements as it says
  body     "empty"; "html"; "not json" (looks like it, and cannot be parsed); "jpeg"; "webp"; "image" and "zip" (the file,
           byte for byte); "partial" (the first four bytes of the zip); "blank lines" (JSON behind some); "none" (not looked at)
  has      a text that is in the body
  headers  like json, names in lower case; cookies: a text that is in one of the Set-Cookie headers, NO_KEY: none has a key

`python3 Tests/Integration/entermedia_cases.py` prints the table.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Dict, List, Optional, Sequence, Tuple

ABSENT = "~absent"
ANY = "~any"
NO_KEY = "~no key"
UUID = "~[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OWN = "~[A-Za-z0-9_-]{20}"
PUBLISHED = "distribution/published"
CREATE = "distribution/create/create"
EDIT = "distribution/edit/edit"
SEARCH = "distribution/search/search"
UPLOAD = "module/asset/create"
LOGIN = "authentication/login"
PRESETS = ["webplargeimage", "largeimage", "webpmediumimage", "webpthumbimage", "webpimagecrop"]
NOACCESS = "<path>/services/authentication/noaccess.json"

Step = Tuple[Dict[str, Any], Dict[str, Any]]


@dataclasses.dataclass
class Case:
    label: str
    fact: str
    steps: Sequence[Step]
    """Settings of the emulator, or nothing. A real server cannot be told to be another one: it skips the case."""
    settings: Optional[Dict[str, Any]] = None
    """Why a real server skips it."""
    only_emulator: str = ""


CASES: List[Case] = []


def case(label: str, fact: str, *steps: Step, settings: Optional[Dict[str, Any]] = None, only_emulator: str = "") -> None:
    CASES.append(Case(label, fact, steps, settings, only_emulator))


# Requests


def ask(method: str, path: str, document: Any = None, **more: Any) -> Dict[str, Any]:
    """more: auth (the headers that say who asks; None: nobody), headers, raw (the body as it is), form, files, whole (path is not below
    services/)."""
    return {"method": method, "path": path, "document": document, **more}


def post(path: str, document: Any = None, **more: Any) -> Dict[str, Any]:
    return ask("POST", path, document, **more)


def get(path: str, **more: Any) -> Dict[str, Any]:
    return ask("GET", path, **more)


def link(path: str, method: str = "GET", **more: Any) -> Dict[str, Any]:
    """A public link: nobody asks."""
    return ask(method, f"{PUBLISHED}/{path}", auth=None, **more)


def delete(path: str, **more: Any) -> Dict[str, Any]:
    return ask("DELETE", path, **more)


def upload(fields: Dict[str, Any], *files: Any, **more: Any) -> Dict[str, Any]:
    """fields: name to text, or to a document that is sent as JSON. files: (part, file name), with the picture as content."""
    return ask("POST", UPLOAD, form=fields, files=list(files or [("file", "sample.png")]), **more)


# Expectations


def expect(**members: Any) -> Dict[str, Any]:
    return members


def ok(**members: Any) -> Dict[str, Any]:
    return {"response": {"status": "ok", **members}}


NOT_FOUND = expect(status=404, type="text/html", body="html")
REFUSED = expect(status=302, type="text/json", body="empty", headers={"location": NOACCESS}, cookies=NO_KEY)
SENT_AWAY = {name: value for name, value in REFUSED.items() if name != "cookies"}
LINKS = [{"id": preset, "name": "~.+", "url": f"~.*/{PUBLISHED}/[^/]+/{preset}"} for preset in PRESETS]


def created(id: str, asset: Any = "<image>", presets: Any = LINKS, original: Any = ABSENT) -> Dict[str, Any]:
    return expect(json={**ok(id=id), "assetid": asset, "presets": presets, "originalUrl": original}, body="blank lines")


def junk(id: str) -> Dict[str, Any]:
    return created(id, ABSENT, ABSENT)


def failed(details: str, path: str = "~.*", body: str = "none") -> Dict[str, Any]:
    """The misspelt error. With body="not json" only its text can be looked at."""
    found: Dict[str, Any] = dict(status=500, has=details, headers={"connection": "close"}, body=body)
    if body == "none":
        found["json"] = {"reponse": {"status": "error", "path": path, "details": "~.*"}}
    return found


def searched(total: int, results: Any, **response: Any) -> Dict[str, Any]:
    return expect(json={**ok(totalhits=total, **response), "results": results})


def terms(field: str, value: str, operation: str = "operation", **more: str) -> Dict[str, Any]:
    return {"page": "1", "hitsperpage": "20", **more, "query": {"terms": [{"field": field, operation: "matches", "value": value}]}}


# Logging in

USER = {"user": "<user>"}
LOGGED_IN = {**ok(**USER), "results": {"id": "<user>", "userid": "<user>", "entermediakey": "<key>"}}
WRONG = {"response": {"status": ABSENT}, "results": {"status": "invalidlogin", "entermediakey": ABSENT}}

case("auth-01", "a login answers with a key, and sets it as a cookie named after the first part of the path",
     (post(LOGIN, {"id": "<user>", "password": "<password>"}, auth=None), expect(json=LOGGED_IN, cookies="entermedia.key<app>=<key>;")))
case("auth-02", "a wrong password is a 200 without a key",
     (post(LOGIN, {"id": "<user>", "password": "<new>"}, auth=None), expect(json=WRONG, cookies=NO_KEY)))
case("auth-03", "so is an unknown user", (post(LOGIN, {"id": "<new>", "password": "x"}, auth=None), expect(json=WRONG, cookies=NO_KEY)))
case("auth-04", "without a user there is a status as well",
     (post(LOGIN, {}, auth=None), expect(json={"response": {"status": "error"}, "results": {"status": "invalidlogin"}}, cookies=NO_KEY)))
case("auth-05", "without a password", (post(LOGIN, {"id": "<user>"}, auth=None), expect(json=WRONG, cookies=NO_KEY)))
case("auth-06", "a form will do", (post(LOGIN, form={"id": "<user>", "password": "<password>"}, auth=None), expect(json=LOGGED_IN)))
case("auth-07", ".json behind the path changes nothing",
     (post(LOGIN + ".json", {"id": "<user>", "password": "<password>"}, auth=None), expect(json=LOGGED_IN)))
case("auth-08", "getkey answers with the key and sets no cookie",
     (post("authentication/getkey", {"id": "<user>", "password": "<password>"}, auth=None),
      expect(json={**ok(**USER), "results": {"entermediakey": "<key>"}}, cookies=NO_KEY)))
case("auth-09", "getkey says ok for a wrong password, and leaves its template's text in the answer",
     (post("authentication/getkey", {"id": "<user>", "password": "<new>"}, auth=None),
      expect(json={**ok(user="${user.id}"), "results": {"status": "invalidlogin", "entermediakey": ABSENT}})))
case("auth-10", "the user can be called accountname",
     (post(LOGIN, {"accountname": "<user>", "password": "<password>"}, auth=None), expect(json=LOGGED_IN)))
case("auth-12", "a key logs in, too, and then there is no status",
     (post(LOGIN, {"entermedia.key": "<key>"}, auth=None),
      expect(json={"response": {"status": ABSENT}, "results": {"entermediakey": "<key>"}}, cookies="entermedia.key<app>=<key>;")))
case("auth-14", "a logout takes the cookies away",
     (post("authentication/logout", {}), expect(json={"response": {"status": "logout"}}, cookies="entermedia.key=none; Max-Age=0")))
case("dist-35b", "the key is as good as before after a logout",
     (post("authentication/logout", {}), expect()), (post(CREATE, {"assetid": "<image>", "id": "<id>"}), created("<id>")))

# Sending the key

for number, headers, what in [
    ("01", {"Cookie": "entermedia.key<app>=<key>"}, "the cookie named after the first part of the path"),
    ("02", {"X-entermedia.key": "<key>"}, "the header X-entermedia.key"),
    ("05", {"X-token": "<key>", "X-tokentype": "entermedia"}, "the headers X-token and X-tokentype"),
]:
    case(f"authx-{number}", f"{what} is taken, and sent back as a cookie",
         (post(CREATE, {"assetid": "<image>"}, auth=headers), {**created(UUID), "cookies": "entermedia.key<app>=<key>;"}))
case("authx-03", "the key is taken in the query",
     (post(f"{CREATE}?entermedia.key=<key>", {"assetid": "<image>"}, auth=None), created(UUID)))
case("authx-04", "the key is taken in the body",
     (post(CREATE, {"assetid": "<image>", "entermedia.key": "<key>"}, auth=None), created(UUID)))
for number, headers, what in [
    ("06", {"Authorization": "Bearer <key>"}, "Bearer is not taken"),
    ("07", {"Authorization": "<basic>"}, "Basic is not taken"),
    ("10", {"Cookie": "entermedia.key<new>=<key>"}, "a cookie named after another path is not taken"),
    ("12", {"Cookie": "emekey=<key>"}, "another cookie is not taken"),
]:
    case(f"authx-{number}", what, (post(CREATE, {"assetid": "<image>"}, auth=headers), REFUSED))
case("authx-09", "hello", (post("test/helloworld"), expect(json=ok(message="Hello World !"))))
case("authx-11", "OPTIONS is free, and empty", (ask("OPTIONS", CREATE, auth=None), expect(body="empty")))

case("dist-08", "without a key: 302 to noaccess.json, and nothing else", (post(CREATE, {"assetid": "<image>"}, auth=None), REFUSED))
for number, key in [("09", "<user>md542deadbeef"), ("10", "garbage")]:
    case(f"dist-{number}", f"a bad key ({key.replace('<user>', 'USER')}): the same, and the cookie is taken away",
         (post(CREATE, {"assetid": "<image>"}, auth={"Cookie": f"entermedia.key={key}"}),
          {**SENT_AWAY, "cookies": f"entermedia.key={key}; Max-Age=0"}))
case("dist-11", "a user without the permission: the same, though the key is known",
     (post(CREATE, {"assetid": "<image>"}, auth={"Cookie": "entermedia.key=<limited>"}),
      {**SENT_AWAY, "cookies": "entermedia.key<app>=<limited>;"}))
DENIED = expect(json={"errorcode": "403", "response": {"status": "error", "details": "No view permissions for action"}})
case("noaccess-01", "the page behind it says 403 with a 200, to a POST",
     (post("authentication/noaccess.json", {"assetid": "<image>"}, auth=None), DENIED))
case("noaccess-03", "and to a GET", (get("authentication/noaccess.json", auth=None), DENIED))
for label, request in [
    ("edit-08", ask("PUT", EDIT, {"id": "<id>", "assetid": "<image>"}, auth=None)),
    ("delete-05", delete("distribution/delete/<id>", auth=None)),
    ("search-06", post(SEARCH, {}, auth=None)),
    ("upload-06", upload({"jsonrequest": {"sourcepath": "conformance/"}}, auth=None)),
]:
    case(label, f"no key, no {label.split('-')[0]}", (request, REFUSED))
case("upload-07", "a user without the permission cannot upload",
     (upload({"jsonrequest": {"sourcepath": "conformance/"}}, auth={"Cookie": "entermedia.key=<limited>"}), SENT_AWAY))

# Creating distributions

case("dist-01", "a create makes a UUID and lists the presets behind blank lines", (post(CREATE, {"assetid": "<image>"}), created(UUID)))
case("dist-02", "an id of one's own", (post(CREATE, {"assetid": "<image>", "id": "<id>"}), created("<id>")))
case("dist-03", "the same id again overwrites without a word",
     (post(CREATE, {"assetid": "<text>", "id": "<id>"}), expect()), (post(CREATE, {"assetid": "<image>", "id": "<id>"}), created("<id>")),
     (post(SEARCH, terms("id", "<id>")), searched(1, [{"assetId": "<image>"}])))
case("dist-04", "no assetid: ok, and a junk record",
     (post(CREATE, {"id": "<id>"}), junk("<id>")),
     (post(SEARCH, terms("id", "<id>")), searched(1, [{"id": "<id>", "assetId": "$hit.assetid", "presets": []}])))
case("dist-05", "an empty object: ok, and an id", (post(CREATE, {}), junk(UUID)))
case("dist-06", "broken JSON: ok, and an id of another kind", (post(CREATE, raw='{"assetid":'), junk(OWN)))
case("dist-07", "an asset that does not exist: ok, without presets",
     (post(CREATE, {"assetid": "<new>"}), created(UUID, "<new>", [])))
for label, method in [("dist-12", "GET"), ("dist-13", "PUT")]:
    case(label, f"{method} is an invalid request, with 200",
         (ask(method, CREATE, {"assetid": "<image>"} if method == "PUT" else None),
             expect(json={"error": "Invalid request"}, body="blank lines")))
case("dist-14", "no body: ok, and a junk record", (post(CREATE), junk(OWN)))
case("dist-15", "alloworiginal adds originalUrl",
     (post(CREATE, {"assetid": "<image>", "id": "<id>", "alloworiginal": True}), created("<id>", original=f"~.*/{PUBLISHED}/<id>")))
case("dist-16", "also as a text",
     (post(CREATE, {"assetid": "<image>", "id": "<id>", "alloworiginal": "true"}), created("<id>", original=f"~.*/{PUBLISHED}/<id>")))
case("dist-17", "an assetid that is a number is taken", (post(CREATE, {"assetid": 101}), created(UUID, "101", ANY)))
case("dist-18", "an id that is a number is a 500",
     (post(CREATE, {"assetid": "<image>", "id": 5}), failed("java.lang.ClassCastException: class java.lang.Long cannot be cast")))
case("dist-19", "of a form only the id is taken", (post(CREATE, form={"assetid": "<image>", "id": "<id>"}), junk("<id>")))
case("dist-20", "unless the field is announced",
     (post(CREATE, form={"field": "assetid", "assetid.value": "<image>", "id": "<id>"}), created("<id>")))
case("dist-21", "an empty id is replaced by another kind of id", (post(CREATE, {"assetid": "<image>", "id": ""}), created(OWN)))
case("dist-22", "an id with a quote: the answer is no JSON, and neither are searches that find it",
     (post(CREATE, {"assetid": "<image>", "id": '<id>"b/c d'}), expect(body="not json", has='"id":"<id>"b/c d"')),
     (post(SEARCH, terms("id", '<id>"b/c d')), expect(body="not json")),
     # It would spoil the searches of the other cases.
     (delete("distribution/delete/delete?id=<id>%22b/c%20d"), expect(json=ok())))
case("dist-23", "unknown members are nothing", (post(CREATE, {"assetid": "<image>", "bogus": "x"}), created(UUID)))
case("dist-24", "text/plain will do",
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}, headers={"Content-Type": "text/plain"}), created("<id>")))
case("dist-25", "a charset will do, and an id that is not ASCII comes back as it is",
     (post(CREATE, {"assetid": "<image>", "id": "<id>é"}, headers={"Content-Type": "application/json; charset=utf-8"}),
      {**created("<id>é"), "has": f"{PUBLISHED}/<id>é/largeimage"}))
case("dist-26", "an array: ok, and a junk record", (post(CREATE, [1]), junk(OWN)))
for label, path in [("dist-27", "create.json"), ("dist-28", "anything"), ("dist-29", "")]:
    case(label, f"the path may end in create/{path}", (post(f"distribution/create/{path}", {"assetid": "<image>"}), created(UUID)))
case("dist-30", "an assetid may be an object", (post(CREATE, {"assetid": {"id": "<image>"}}), created(UUID)))
case("dist-31", "an asset without renditions has no presets",
     (post(CREATE, {"assetid": "<text>", "id": "<id>"}), created("<id>", "<text>", [])))
PROXY = "a proxy in front of a real server decides that"
case("dist-32", "a host without a port is taken for one with https",
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}, headers={"Host": "media.example.test"}),
      {**created("<id>"), "has": f"https://media.example.test<path>/services/{PUBLISHED}/<id>/largeimage"}), only_emulator=PROXY)
case("dist-33", "X-SiteRoot is what links begin with",
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}, headers={"X-SiteRoot": "https://media.example.test"}),
      {**created("<id>"), "has": f"https://media.example.test<path>/services/{PUBLISHED}/<id>/largeimage"}), only_emulator=PROXY)
case("dist-34", "X-Forwarded-Proto is the scheme of links",
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}, headers={"X-Forwarded-Proto": "https", "Host": "media.example.test"}),
      {**created("<id>"), "has": f"https://media.example.test<path>/services/{PUBLISHED}/<id>/largeimage"}), only_emulator=PROXY)
SLASH = (post(CREATE, {"assetid": "<image>", "id": "<id>/b"}), {**created("<id>/b", presets=ANY), "has": f"{PUBLISHED}/<id>/b/largeimage"})
case("dist-36", "an id with a slash is ok", SLASH)
case("dist-37", "its link is none", SLASH, (link("<id>/b/largeimage"), NOT_FOUND))
case("dist-38", "also when the slash is encoded", SLASH, (link("<id>%2Fb/largeimage"), expect(status=400, type="text/html", body="html")))
case("dist-39", "an id with a space is not encoded in its links",
     (post(CREATE, {"assetid": "<image>", "id": "<id> b"}), {**created("<id> b"), "has": f"{PUBLISHED}/<id> b/largeimage"}))
case("dist-40", "its link works when the client encodes it",
     (post(CREATE, {"assetid": "<image>", "id": "<id> b"}), expect()),
     (link("<id>%20b/largeimage"), expect(type="image/jpeg", body="jpeg")))
case("dist-42", "so does one with an id that is not ASCII",
     (post(CREATE, {"assetid": "<image>", "id": "<id>é"}), expect()),
     (link("<id>%C3%A9/largeimage"), expect(type="image/jpeg", body="jpeg")))
CDN = f"https://cdn.example.test<path>/services/{PUBLISHED}/<id>/largeimage"
case("cdn-06", "links can begin with another host", (post(CREATE, {"assetid": "<image>", "id": "<id>"}), {**created("<id>"), "has": CDN}),
     settings={"cdnPrefix": "https://cdn.example.test"})
case("cdn-07", "until that setting is deleted", (delete("lists/data/catalogsettings/cdn_prefix"), expect(json=ok())),
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}), {**created("<id>"), "has": f"<services>/{PUBLISHED}/<id>/largeimage"}),
     settings={"cdnPrefix": "https://cdn.example.test"})

# The shape of the vendor's guide

OLD = {"shape": "documented"}


def documented(id: str, asset: Any) -> Dict[str, Any]:
    urls = {"baseurl": f"~.*/{PUBLISHED}/[^/]+/", "largeimage": f"~.*/{PUBLISHED}/[^/]+/largeimage"}
    return expect(json={**ok(id=id), "data": {"id": id, "assetid": asset}, "urls": urls, "presets": ABSENT})


case("legacy-01", "data and urls instead of presets",
     (post(CREATE, {"assetid": "<image>"}), documented(UUID, {"id": "<image>", "name": ""})), settings=OLD)
case("legacy-02", "with an id of one's own",
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}), documented("<id>", {"id": "<image>"})), settings=OLD)
case("legacy-03", "an unknown asset has urls, too",
     (post(CREATE, {"assetid": "<new>"}), documented(UUID, {"id": "<new>", "name": ABSENT})), settings=OLD)
case("legacy-04", "so has none at all", (post(CREATE, {}), documented(UUID, ABSENT)), settings=OLD)
case("legacy-05", "no key, no distribution", (post(CREATE, {"assetid": "<image>"}, auth=None), REFUSED), settings=OLD)
HERE = (post(CREATE, {"assetid": "<image>", "id": "<id>"}), expect())
case("legacy-06", "largeimage is a link", HERE, (link("<id>/largeimage"), expect(type="image/jpeg", body="jpeg")), settings=OLD)
case("legacy-07", "baseurl is none", HERE, (link("<id>/"), {**NOT_FOUND, "has": "<id>/index.html/index.html"}), settings=OLD)

# Editing and reading


def record(id: str, asset: Any, **members: Any) -> Dict[str, Any]:
    return expect(json={**ok(id=id), "data": {"id": id, "assetid": asset, **members}})


case("edit-01", "a distribution can be read; whether it allows the original is a text",
     HERE, (get("distribution/edit/<id>"), record("<id>", {"id": "<image>", "name": ""}, alloworiginal="false")))
case("edit-02", "an edit answers with what it was told", HERE,
     (ask("PUT", EDIT, {"id": "<id>", "assetid": "<image>"}), record("<id>", {"id": "<image>"}, alloworiginal=ABSENT)))
case("edit-03", "an unknown id is created",
     (ask("PUT", EDIT, {"id": "<id>", "assetid": "<image>"}), record("<id>", {"id": "<image>"})),
     (get("distribution/edit/<id>"), record("<id>", {"id": "<image>"})))
case("edit-04", "so is one without an id", (ask("PUT", EDIT, {"assetid": "<image>"}), record(OWN, {"id": "<image>"})))
case("edit-05", "the id may be in the path", HERE,
     (ask("PUT", "distribution/edit/<id>", {"assetid": "<image>", "alloworiginal": "true"}),
      record("<id>", {"id": "<image>"}, alloworiginal="true")))
MISSING = expect(json={"response": {"status": "not found", "id": "$data.id"}, "data": {}})
case("edit-06", "an unknown one is 200, not found, and the template's text", (get("distribution/edit/<new>"), MISSING))
case("edit-07", "POST is sent away like a stranger", HERE, (post(EDIT, {"id": "<id>", "assetid": "<image>"}), SENT_AWAY))
case("edit-09", "an asset that does not exist is taken", HERE,
     (ask("PUT", EDIT, {"id": "<id>", "assetid": "<new>"}), record("<id>", {"id": "<new>", "name": ABSENT})))
ALLOWED = (post(CREATE, {"assetid": "<image>", "id": "<id>", "alloworiginal": True}), expect())
case("lists-02", "the general endpoint reads distributions, too",
     ALLOWED, (get("lists/data/distribution/<id>"), record("<id>", {"id": "<image>"}, alloworiginal="true")))

# Searching


def hit(id: str, asset: str, allowed: str, original: Any = ABSENT, presets: Any = LINKS) -> Dict[str, Any]:
    return {"id": id, "assetId": asset, "allowOrigin": allowed, "originalUrl": original, "presets": presets}


case("search-01", "by id: counts are numbers, allowOrigin is spelt so and a text", ALLOWED,
     (post(SEARCH, terms("id", "<id>")),
      searched(1, [hit("<id>", "<image>", "true", f"~.*/{PUBLISHED}/<id>")], hitsperpage=20, page=1, pages=1, searchtype="distribution",
               query={"friendly": "GUID:<id>", "search": "id:(<id>)"})))
case("search-02", "operator will do for operation; pages have a size",
     (post(CREATE, {"assetid": "<new>", "id": "<id>"}), expect()), (post(CREATE, {"assetid": "<new>", "id": "<id2>"}), expect()),
     (post(SEARCH, terms("assetid", "<new>", "operator", hitsperpage="1")),
      searched(2, [hit("~<id>|<id2>", "<new>", "false", presets=[])], hitsperpage=1, page=1, pages=2,
               query={"friendly": "Asset Id:<new>", "search": "assetid:(<new>)"})))
case("search-03", "a star finds all", HERE,
     (post(SEARCH, terms("id", "*")), expect(json={**ok(query={"friendly": "GUID:*"}), "results": ANY})))
case("search-04", "nothing is found with no pages", (post(SEARCH, terms("id", "<new>")), searched(0, [], pages=0)))
case("search-05", "without a body all are found, 36 to a page", HERE, (post(SEARCH), expect(json=ok(hitsperpage=36, page=1))))
case("search-07", "an empty object is a 500 that is no JSON, since its path is not escaped",
     (post(SEARCH, {}), failed('because "queries" is null', body="not json")))
case("search-08", "a junk record is found by the asset that it never had",
     (post(CREATE, {"assetid": "<new>", "id": "<id>"}), expect()),
     (post(SEARCH, terms("assetid", "<new>")), searched(1, [hit("<id>", "<new>", "false", presets=[])])))

# Deleting

GONE = expect(json={"response": {"status": "not found"}})
case("delete-01", "a delete is ok", HERE, (delete("distribution/delete/<id>"), expect(json=ok())))
case("delete-02", "the second one finds nothing, with 200", HERE, (delete("distribution/delete/<id>"), expect()),
     (delete("distribution/delete/<id>"), GONE))
case("delete-03", "neither does one of an unknown id", (delete("distribution/delete/<new>"), GONE))
FETCHED = (link("<id>/largeimage"), expect(type="image/jpeg", body="jpeg"))
DELETED = (delete("distribution/delete/<id>"), expect(json=ok()))
case("delete-04", "a link that was fetched before keeps working", HERE, FETCHED, DELETED, FETCHED)
case("delete-10", "so does a link that was never fetched, when another one of the same distribution was asked for in vain",
     HERE, (link("<id>"), NOT_FOUND), DELETED, FETCHED)
case("delete-06", "an id in the body is not looked at", HERE, (ask("DELETE", "distribution/delete/delete", {"id": "<id>"}), GONE))
case("delete-07", "an id in the query is", HERE, (delete("distribution/delete/delete?id=<id>"), expect(json=ok())))
case("delete-08", "GET finds nothing", HERE, (get("distribution/delete/<id>"), MISSING))
case("delete-09", "the misspelt path of the vendor's guide is none",
     (delete("ldistribution/delete/<id>"), expect(status=404, type="text/html", body="html")))
case("delete-11", "when no link was ever asked for, they are gone at once", HERE, DELETED, (link("<id>/largeimage"), NOT_FOUND))
case("lists-01", "the general endpoint deletes distributions, too", HERE, (delete("lists/data/distribution/<id>"), expect(json=ok())))
case("restart-01", "a restart ends what the cache kept", HERE, FETCHED, DELETED, (ask("RESTART", ""), expect()),
     (link("<id>/largeimage"), NOT_FOUND), only_emulator="a real server is not restarted by a test")
case("restart-02", "what is there stays", HERE, (ask("RESTART", ""), expect()), FETCHED,
     only_emulator="a real server is not restarted by a test")
case("restart-03", "keys stay good", (ask("RESTART", ""), expect()), (post(CREATE, {"assetid": "<image>", "id": "<id>"}), created("<id>")),
     only_emulator="a real server is not restarted by a test")

# Published links

for label, preset, kind in [
    ("pub-01", "largeimage", "jpeg"), ("pub-02", "webplargeimage", "webp"), ("pub-03", "webpthumbimage", "webp"),
        ("pub-04", "webpimagecrop", "webp"),
]:  # fmt: skip
    case(label, f"{preset} is a {kind}, for everyone", HERE,
         (link(f"<id>/{preset}"), expect(type=f"image/{kind}", body=kind, headers={"accept-ranges": "bytes", "content-length": "~[0-9]+"})))
FILE = {"content-disposition": 'attachment; filename="sample.png"', "accept-ranges": "bytes"}
case("pub-05", "the asset's own file, under an id that is no file name", ALLOWED,
     (link("<id>"), expect(type="application/octet-stream", body="image", headers=FILE)))
case("pub-06", "with a slash behind it: nothing", ALLOWED, (link("<id>/"), {**NOT_FOUND, "has": "<id>/index.html/index.html"}))
case("pub-07", "without alloworiginal: nothing", HERE, (link("<id>"), NOT_FOUND))
case("pub-08", "with a slash behind that: nothing", HERE, (link("<id>/"), NOT_FOUND))
for label, preset in [("pub-09", "nosuchpreset"), ("pub-14", "thumbimage"), ("pub-15", "video"), ("pub-20", "largeimage.jpg"),
    ("pub-21", "mediumimage")]:
    case(label, f"{preset} is no preset of an image", HERE, (link(f"<id>/{preset}"), {**NOT_FOUND, "has": f"<id>/{preset}"}))
case("pub-10", "an unknown distribution", (link("<new>/largeimage"), {**NOT_FOUND, "has": "<new>/largeimage"}))
case("pub-11", "one of an asset that does not exist",
     (post(CREATE, {"assetid": "<new>", "id": "<id>"}), expect()), (link("<id>/largeimage"), NOT_FOUND))
case("pub-12", "one of no asset", (post(CREATE, {"id": "<id>"}), expect()), (link("<id>/largeimage"), NOT_FOUND))
case("pub-13", "HEAD works, with the length", HERE,
     (link("<id>/largeimage", "HEAD"), expect(type="image/jpeg", body="empty", headers={"content-length": "~[1-9][0-9]*"})))
case("pub-16", "ranges work", HERE,
     (link("<id>/largeimage", headers={"Range": "bytes=0-3"}),
      expect(status=206, type="image/jpeg", headers={"content-length": "4", "content-range": "~bytes 0-3/[0-9]+"}, body="none")))
case("pub-17", "a 404 is HTML whatever is asked for", (link("<new>/largeimage", headers={"Accept": "application/json"}), NOT_FOUND))
case("pub-18", "the preset 0 is the asset's own file", ALLOWED,
     (link("<id>/0"), expect(type="application/octet-stream", body="image", headers=FILE)))
case("pub-19", "HEAD of nothing is 404", (link("<new>/largeimage", "HEAD"), expect(status=404, type="text/html", body="empty")))

case("cache-03", "that a link was not there is not remembered",
     (link("<id>/largeimage"), NOT_FOUND), HERE, FETCHED)
case("cache-05", "an edit re-points a link that was fetched at once", ALLOWED,
     (link("<id>/0"), expect(type="application/octet-stream", body="image")),
     (ask("PUT", EDIT, {"id": "<id>", "assetid": "<zip>", "alloworiginal": True}), expect()),
     (link("<id>/0"), expect(type="application/octet-stream", body="zip")))
case("cache-07", "a deleted link keeps what it pointed to last", ALLOWED, FETCHED,
     (ask("PUT", EDIT, {"id": "<id>", "assetid": "<zip>", "alloworiginal": True}), expect()),
     (link("<id>/0"), expect(type="application/octet-stream", body="zip")), DELETED,
     (link("<id>/0"), expect(type="application/octet-stream", body="zip")))

# Builds

ZIP = (post(CREATE, {"assetid": "<zip>", "id": "<id>.zip", "alloworiginal": True}),
       created("<id>.zip", "<zip>", [], original=f"~.*/{PUBLISHED}/<id>[.]zip"))
BUILD = {"content-disposition": 'attachment; filename="MyGame.zip"', "accept-ranges": "bytes", "content-length": "<zip bytes>"}
case("zip-01", "a distribution can be called like a file", ZIP)
case("zip-02", "then it is a direct link", ZIP, (link("<id>.zip", "HEAD"), expect(type="application/x-zip", body="empty", headers=BUILD)),
     (link("<id>.zip"), expect(type="application/x-zip", body="zip", headers=BUILD)))
case("zip-03", "with ranges", ZIP,
     (link("<id>.zip", headers={"Range": "bytes=0-3"}),
      expect(status=206, type="application/x-zip", body="partial", headers={"content-range": "bytes 0-3/<zip bytes>"})))
case("zip-04", "without alloworiginal there is nothing in it",
     (post(CREATE, {"assetid": "<zip>", "id": "<id>.zip"}), created("<id>.zip", "<zip>", [])))
case("zip-05", "and its link is none", (post(CREATE, {"assetid": "<zip>", "id": "<id>.zip"}), expect()),
     (link("<id>.zip", "HEAD"), expect(status=404, type="text/html", body="empty")))
case("zip-06", "the JSON of a delete has a zip's type", ZIP,
     (delete("distribution/delete/<id>.zip"), expect(type="application/x-zip", json=ok())))
case("zip-07", "the link of a build that was fetched survives its deletion", ZIP,
     (link("<id>.zip", "HEAD"), expect(type="application/x-zip", body="empty")),
     (delete("distribution/delete/<id>.zip"), expect(type="application/x-zip", json=ok())),
     (link("<id>.zip", "HEAD"), expect(type="application/x-zip", body="empty", headers=BUILD)))
case("zip-09", "an edit of an unknown id makes a link", (ask("PUT", EDIT, {"id": "<id>.zip", "assetid": "<zip>", "alloworiginal": True}),
     record("<id>.zip", {"id": "<zip>"}, alloworiginal="true")),
     (link("<id>.zip", "HEAD"), expect(type="application/x-zip", body="empty", headers=BUILD)))

# Assets

IMAGE = {"id": "<image>", "name": "sample.png", "fileformat": {"id": "png", "name": "PNG"}, "isfolder": "true", "primaryfile": "sample.png"}
case("asset-01", "an asset, with texts for numbers",
     (get("module/asset/data/<image>"), expect(json={**ok(id="<image>"), "data": {**IMAGE, "filesize": "<image bytes>"}})))
case("asset-02", "an unknown one is 200 and not found",
     (get("module/asset/data/<new>"), expect(json={"response": {"status": "not found"}, "data": ABSENT})))
case("asset-03", "a search by id", (post("module/asset/search", terms("id", "<image>")),
     searched(1, [IMAGE], searchtype="asset",
     query={"friendly": "Id:<image>", "terms": [{"id": "id", "operation": "matches", "value": "<image>"}]})))
case("asset-04", "a search that finds nothing", (post("module/asset/search", terms("id", "<new>")), searched(0, [], pages=0)))
case("asset-05", "details", (post("module/asset/assetdetails", {"assetid": "<image>"}),
     expect(json={**ok(id="<image>"), "data": {}, "original": "~.*/sample[.]png"})))
case("asset-06", "details of an unknown one: notfound in one word",
     (post("module/asset/assetdetails", {"assetid": "<new>"}), expect(json={"response": {"status": "notfound", "id": ""}})))
UPLOADED = (upload({"jsonrequest": {"id": "<id>", "sourcepath": "conformance/<id>/"}}), expect(json=ok(id="<id>")))
case("asset-07", "a title can be changed", UPLOADED, (ask("PUT", "module/asset/data/<id>", {"assettitle": "Changed"}),
     expect(json={**ok(id="<id>"), "data": {"id": "<id>", "assettitle": "Changed"}})))
case("asset-08", "deleting an unknown one leaves the template's text",
     (delete("module/asset/data/<new>"), expect(json={"response": {"status": "not found", "id": "$data.id"}})))
case("asset-12", "deleting one", UPLOADED, (delete("module/asset/data/<id>"), expect(json=ok(id="<id>"))),
     (get("module/asset/data/<id>"), expect(json={"response": {"status": "not found"}})))
case("asset-14", "its links die with it, also those that were fetched", UPLOADED,
     (post(CREATE, {"assetid": "<id>", "id": "<id2>", "alloworiginal": True}), expect()),
     (link("<id2>"), expect(type="application/octet-stream", body="image")), (delete("module/asset/data/<id>"), expect(json=ok())),
     (link("<id2>"), NOT_FOUND))
case("asset-15", "deleteassets", UPLOADED, (post("module/asset/deleteassets", {"assetid": "<id>"}), expect(json=ok(rowsedited="1"))),
     (get("module/asset/data/<id>"), expect(json={"response": {"status": "not found"}})))
case("asset-17", "deleteassets of an unknown one is a 500 that is no JSON",
     (post("module/asset/deleteassets", {"assetid": "<new>"}), failed('because "asset" is null', body="not json")))

# Uploads

NEW = {"id": "<id>", "name": "sample.png", "isfolder": "true", "sourcepath": "conformance/<id>", "primaryfile": "sample.png",
       "importstatus": {"id": "created", "name": "Created"}, "previewstatus": {"id": "0", "name": "Unknown"}, "owner": {"id": "<user>"}}
REQUEST = {"id": "<id>", "sourcepath": "conformance/<id>/"}
NO_PATH = failed("Required parameter not found sourcepath", "<path>/services/module/asset/create.json")


def uploaded(**members: Any) -> Dict[str, Any]:
    return expect(json={**ok(id=members.get("id", "<id>")), "data": {**NEW, **members}})


case("upload-01", "a field jsonrequest and a file",
     (upload({"jsonrequest": {**REQUEST, "assettitle": "Sample"}}), uploaded(assettitle="Sample")))
case("upload-02", "without a sourcepath: 500", (upload({"jsonrequest": {"id": "<id>"}}), NO_PATH))
case("upload-03", "without a request: 500", (upload({}), NO_PATH))
case("upload-04", "the sourcepath can be a field; the server makes an id",
     (upload({"sourcepath": "conformance/<id>/${filename}"}),
      uploaded(id=OWN, sourcepath="conformance/<id>/sample.png", isfolder="false", primaryfile=ABSENT)))
case("upload-05", "the server makes an id",
     (upload({"jsonrequest": {"sourcepath": "conformance/<id>/${filename}"}}),
      uploaded(id=OWN, sourcepath="conformance/<id>/sample.png", isfolder="false", primaryfile=ABSENT)))
case("upload-08", "JSON and no file is an asset, too",
     (post(UPLOAD, {"id": "<id>", "sourcepath": "conformance/<id>/x.jpg", "assettitle": "no file"}),
      expect(json={**ok(id="<id>"), "data": {"id": "<id>", "sourcepath": "conformance/<id>/x.jpg", "name": ABSENT,
          "importstatus": ABSENT}})))
case("upload-09", "a part called json is not looked at", (upload({"json": REQUEST}, ("asset", "sample.png")), NO_PATH))
case("upload-10", "jsonrequest needs no type of its own", (upload({"jsonrequest": {**REQUEST}}), uploaded()))
case("upload-11", "the request may come after the file", (upload({"jsonrequest": REQUEST}, fields_last=True), uploaded()))
case("upload-12", "the same id again replaces; the answer shows what was there",
     UPLOADED, (upload({"jsonrequest": REQUEST}, ("file", "other.jpg")),
                expect(json={**ok(id="<id>"),
                    "data": {"id": "<id>", "name": "sample.png", "importstatus": {"id": "modified", "name": "Modified"}}})))
case("upload-13", "any type of part, and a file name with spaces and umlauts",
     (upload({"jsonrequest": REQUEST}, ("file", "my photo ü.png")), uploaded(name="my photo ü.png", primaryfile="my photo ü.png")))
case("upload-14", "a text", (upload({"jsonrequest": REQUEST}, ("file", "notes.txt")),
     uploaded(name="notes.txt", primaryfile="notes.txt", fileformat={"id": "txt", "name": "TEXT"})))
case("upload-15", "what is no PDF is taken for one", (upload({"jsonrequest": REQUEST}, ("file", "qr.pdf")),
     uploaded(name="qr.pdf", primaryfile="qr.pdf", fileformat={"id": "pdf", "name": "PDF"})))
case("upload-16", "the vendor's json=@file: 500", (upload({"json": REQUEST}), NO_PATH))
case("upload-17", "the file may be called anything", (upload({"jsonrequest": REQUEST}, ("asset", "sample.png")), uploaded()))
case("upload-18", "json with a file name: 500", (upload({}, ("json", "request.json"), ("file", "sample.png")), NO_PATH))
case("upload-19", "an empty file", (upload({"jsonrequest": REQUEST}, ("file", "empty.png", b"")),
     uploaded(name="empty.png", primaryfile="empty.png")))
case("upload-20", "of two files the first counts",
     (upload({"jsonrequest": REQUEST}, ("file", "sample.png"), ("file", "other.jpg")), uploaded()))
case("upload-21", "${filename} in a request", (upload({"jsonrequest": {"id": "<id>", "sourcepath": "conformance/<id>/${filename}"}}),
     uploaded(sourcepath="conformance/<id>/sample.png", isfolder="false", primaryfile=ABSENT)))

# Other paths

case("misc-01", "an unknown endpoint: the web server's page", (post("nope/nothing", {}), expect(status=404, type="text/html", body="html")))
case("misc-02", "also for nobody", (post("nope/nothing", {}, auth=None), expect(status=404, type="text/html", body="html")))
ELSEWHERE = "where a real server has its applications is its own business"
case("misc-03", "the application that the others are made of has no catalog",
     (post("/mediadb/services/distribution/create/create", {"assetid": "<image>"}, whole=True),
      failed("Catalog id is not set for application. Add catalogid to .xconfs", "/mediadb/services/distribution/create/create.json")),
     only_emulator=ELSEWHERE)
case("misc-05", "an unknown application",
     (post("/nosuchsite/mediadb/services/distribution/create/create", {"assetid": "<image>"}, whole=True),
      expect(status=404, type="text/html", body="html")), only_emulator=ELSEWHERE)
case("misc-06", "the root has EnterMedia's own page",
     (get("/", whole=True, auth=None), {**NOT_FOUND, "has": "/themes/baseem/layouts/layout.html"}), only_emulator=ELSEWHERE)
case("misc-07", "who accepts gzip does not get it",
     (post(CREATE, {"assetid": "<image>", "id": "<id>"}, headers={"Accept-Encoding": "gzip"}),
     {**created("<id>"), "headers": {"content-encoding": ABSENT}}), only_emulator=PROXY)
case("redir-01", "a POST that lost its body on the way of a redirect is ok, and a junk record", (post(CREATE, raw=""), junk(OWN)))
case("redir-02", "a POST that became a GET is an invalid request",
     (get(CREATE), expect(json={"error": "Invalid request"}, body="blank lines")))


if __name__ == "__main__":
    for one in CASES:
        reason = one.only_emulator or (json.dumps(one.settings) if one.settings else "")
        print(f"{one.label:12} {one.fact}" + (f"  (emulator only: {reason})" if reason else ""))
    print(f"{len(CASES)} facts")
