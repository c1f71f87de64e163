"""A storage that wishes us ill: what it answers costs little time and memory, and gets nowhere but into our own words about it."""

from __future__ import annotations

import hashlib
import pathlib
import re
import time
import urllib.parse
from typing import Any, Callable, Dict, Iterable, Iterator, List

import pytest

import slipway
from security_peers import Answer, Heard, Peer, answer
from security_requests import evil, malformed
from storage_fixtures import PART, NewFile, client, home, new_file  # noqa: F401

SECONDS = 10.0
MEMORY = 96 << 20


def operation(request: Heard) -> str:
    """What S3 calls it, more or less."""
    query = {name for name, _ in urllib.parse.parse_qsl(request.query, keep_blank_values=True)}
    if "uploads" in query:
        return "create" if request.method == "POST" else "list"
    if "uploadId" in query:
        return {"GET": "parts", "PUT": "part", "POST": "complete", "DELETE": "abort"}[request.method]
    return {"GET": "get", "PUT": "put", "HEAD": "head", "DELETE": "delete"}[request.method]


class Storage:
    """An S3 server that says what S3 says, but for `instead`: answers by the names of operations."""

    def __init__(self, instead: Dict[str, Callable[[Heard], Answer]]) -> None:
        self._instead = instead

    def __call__(self, request: Heard) -> Answer:
        name = operation(request)
        if name in self._instead:
            return self._instead[name](request)
        etag = f'"{hashlib.md5(request.body).hexdigest()}"'
        return {
            "list": lambda: answer(200, b"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"),
            "create": lambda: answer(200, b"<InitiateMultipartUploadResult><UploadId>an-id</UploadId></InitiateMultipartUploadResult>"),
            "parts": lambda: answer(200, b"<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>"),
            "complete": lambda: answer(200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"),
            "part": lambda: answer(200, ETag=etag), "put": lambda: answer(200, ETag=etag), "get": lambda: answer(404),
            "abort": lambda: answer(204), "delete": lambda: answer(204), "head": lambda: answer(404),
        }[name]()  # fmt: skip


def settings(peer: Peer, **changes: Any) -> slipway.S3:
    return slipway.S3(**{
        "bucket": "builds", "endpoint": peer.url, "region": "us-east-1", "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "a-secret-of-no-bucket", "part_size": PART, "parallel_parts": 2, "link": slipway.Link.NONE, **changes,
    })  # fmt: skip


# What asks for which answers.
ASKING: Dict[str, Callable[[slipway.Client, pathlib.Path, slipway.S3], "slipway.Operation[Any]"]] = {
    "list": lambda client, file, storage: client.storage_list_unfinished(storage, wait=False),
    "abort": lambda client, file, storage: client.storage_abort_unfinished(storage, wait=False),
    "store": lambda client, file, storage: client.store(file, storage, key="a.zip", deadline=6, wait=False),
    "delete": lambda client, file, storage: client.storage_delete(storage, "a.zip", wait=False),
}  # fmt: skip


class Memory:
    """How much more than at the start this process has needed at its worst."""

    def __init__(self) -> None:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        self._start = self._peak()

    @staticmethod
    def _peak() -> int:
        found = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path("/proc/self/status").read_text())
        assert found is not None
        return int(found[1]) << 10

    def more(self) -> int:
        return self._peak() - self._start


@pytest.fixture
def bounds() -> Iterator[None]:
    """Neither long nor large."""
    memory, start = Memory(), time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS and memory.more() < MEMORY


# Documents. {} is where the answer's own element would be.

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCUMENTS: Dict[str, Callable[[str], bytes]] = {
    "a billion laughs": lambda url: f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a><UploadId>&l9;</UploadId></a>'.encode(),
    "a quadratic one": lambda url: f'<!DOCTYPE a [<!ENTITY b "{"b" * 50_000}">]><a><UploadId>{"&b;" * 5_000}</UploadId></a>'.encode(),
    "an entity of a file": lambda url: b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a><UploadId>&f;</UploadId></a>',
    "an entity of a server": lambda url: f'<!DOCTYPE a [<!ENTITY f SYSTEM "{url}/f">]><a><UploadId>&f;</UploadId></a>'.encode(),
    "a parameter entity": lambda url: f'<!DOCTYPE a [<!ENTITY % f SYSTEM "{url}/f"> %f;]><a/>'.encode(),
    "a DTD of a server": lambda url: f'<!DOCTYPE a SYSTEM "{url}/a.dtd"><a><UploadId>x</UploadId></a>'.encode(),
    "an empty DOCTYPE": lambda url: b"<!DOCTYPE a []><a><UploadId>x</UploadId></a>",
    "an inclusion": lambda url: f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}/i"/></a>'.encode(),
    "deep": lambda url: b"<a>" * 200_000,
    "deep and closed": lambda url: b"<a>" * 100_000 + b"</a>" * 100_000,
    "wide": lambda url: b"<a>" + b"<b/>" * 400_000 + b"</a>",
    "attributes": lambda url: b"<a " + b" ".join(b'a%d="x"' % n for n in range(100_000)) + b"/>",
    "a long name": lambda url: b"<" + b"a" * 1_000_000 + b"/>",
    "a long text": lambda url: b"<Error><Code>" + b"a" * 1_500_000 + b"</Code></Error>",
    "another charset": lambda url: '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-8"),
    "UTF-16": lambda url: '<?xml version="1.0" encoding="utf-16"?><a><UploadId>\u0d0a</UploadId></a>'.encode("utf-16"),
    "UTF-7": lambda url: b'<?xml version="1.0" encoding="utf-7"?><a>+AA0ACg-X-Evil: 1</a>',
    "a charset that is none": lambda url: b'<?xml version="1.0" encoding="../../etc/passwd"?><a/>',
    "no Unicode": lambda url: b"<a>\xff\xfe\xc3</a>",
    "NULs": lambda url: b"<a>\0\0</a>\0",
    "half of one": lambda url: b"<ListMultipartUploadsResult><Upload><Key>a",
    "two": lambda url: b"<a/><a/>",
    "control characters": lambda url: b"<Error><Code>&#27;[2J&#13;&#10;X</Code><Message>a&#10;b&#x9b;c</Message></Error>",
    "nothing": lambda url: b"",
    "JSON": lambda url: b'{"UploadId":"x"}',
}  # fmt: skip


# What is answered so, and who reads it.
ASKED = [("list", ["list", "abort"]), ("create", ["store"]), ("complete", ["store"])]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents(document: str, client: slipway.Client, new_file: NewFile, bounds: None, recorder: Any) -> None:  # noqa: F811
    file = new_file(PART + 1)
    with Peer(lambda request: answer(200, b"<!ENTITY x 'y'>")) as other:
        body = DOCUMENTS[document](other.url)
        for status in (200, 403):

            def say(request: Heard) -> bytes:
                return answer(status, body, Content_Type="application/xml")

            for names, calls in ASKED if status == 200 else [("list create parts complete put delete", ["list", "store", "delete"])]:
                with Peer(Storage(dict.fromkeys(names.split(), say))) as peer:
                    for call in calls:
                        error = ASKING[call](client, file, settings(peer)).exception(SECONDS)
                        if error is not None:
                            assert isinstance(error, slipway.SlipwayError) and not isinstance(error, slipway.InternalError), error
                            said = f"{error.message}{error.hint}"
                            assert len(said) < 4000 and not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in said), said
                            assert "root:" not in said and "lollol" not in said
                        else:
                            assert call != "store", "nothing that this storage says shows that it has the file"
                    assert evil([peer.heard]) is None
                    assert not any(map(malformed, peer.requests))
        assert other.connections == 0, "nothing that a document names is asked for"


# Answers without an end

CHUNK = b"x" * (1 << 20)


def endless(sent: List[int], head: bytes, piece: bytes = CHUNK) -> Callable[[Heard], Iterable[bytes]]:
    def say(request: Heard) -> Iterator[bytes]:
        yield head
        for _ in range(1 << 10):
            sent[0] += len(piece)
            yield piece

    return say


def closing(lines: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nConnection: close\r\n{lines}\r\n\r\n<a/>...".encode()


ENDLESS: Dict[str, Callable[[List[int]], Callable[[Heard], Answer]]] = {
    "a gigabyte": lambda sent: endless(sent, answer(200, length=1 << 30)),
    "no length": lambda sent: endless(sent, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    "a refusal of a gigabyte": lambda sent: endless(sent, answer(403, length=1 << 30)),
    "chunks": lambda sent: endless(
        sent, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK)),
    "XML that goes on": lambda sent: endless(sent, answer(200, b"<a>", length=1 << 30), b"<b/>" * (1 << 18)),
    "headers": lambda sent: endless(sent, b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * (1 << 15)),
    "one header": lambda sent: endless(sent, b"HTTP/1.1 200 OK\r\nX-A: "),
    "answers to come": lambda sent: endless(sent, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * (1 << 13)),
    "a length that is none": lambda sent: lambda request: closing("Content-Length: 99999999999999999999999"),
    "two lengths": lambda sent: lambda request: closing("Content-Length: 5\r\nContent-Length: 7"),
    "a negative length": lambda sent: lambda request: closing("Content-Length: -1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENDLESS)
def test_answers_without_an_end(kind: str, new_file: NewFile, bounds: None) -> None:  # noqa: F811
    file, sent = new_file(PART + 1), [0]
    say = ENDLESS[kind](sent)
    with slipway.Client(max_attempts=1, deadline=6.0, idle_timeout=2.0, proxy="") as client:
        for name in ("list", "create", "delete"):
            with Peer(Storage({name: say})) as peer:
                for asking in ("list", "store", "delete"):
                    error = ASKING[asking](client, file, settings(peer)).exception(SECONDS)
                    assert not isinstance(error, slipway.DeadlineExceededError), (name, asking, error)
                    assert error is None or not isinstance(error, slipway.InternalError), error
    # Some of it is on its way when the library has had enough, and the storage hears it late.
    assert sent[0] < 256 << 20


# What comes back to it in later requests

TRICKS = [
    "a\r\nX-Evil: 1", "a\r\n\r\nGET /evil HTTP/1.1\r\n", 'a"b', "a&partNumber=7&x=", "../../other/x?y", "a#b", "a%0d%0ab", "a b",
    "\u0085", "\u202e", "x" * 5000, "ü", "'\"><Evil/>", "]]>", "\t",
]  # fmt: skip  # fmt: skip


def xml(text: str) -> str:
    return "".join(character if character.isalnum() else f"&#{ord(character)};" for character in text)


def _in_place(peer: Peer, prefix: str = "/builds") -> None:
    assert evil([peer.heard]) is None, evil([peer.heard])
    for request in peer.requests:
        assert malformed(request) is None, malformed(request)
        steps = [urllib.parse.unquote(step) for step in request.path.split("/")]
        assert (request.path == "/builds" or request.path.startswith(prefix)) and not {"..", "."} & set(steps), request.target


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: repr(trick)[:24])
def test_ids_of_uploads(trick: str, client: slipway.Client, new_file: NewFile) -> None:  # noqa: F811
    created = f"<InitiateMultipartUploadResult><UploadId>{xml(trick)}</UploadId></InitiateMultipartUploadResult>".encode()
    with Peer(Storage({"create": lambda request: answer(200, created)})) as peer:
        error = ASKING["store"](client, new_file(PART + 1), settings(peer, abort_unfinished=True)).exception(SECONDS)
        assert isinstance(error, slipway.SlipwayError), "this storage never shows what it got"
        _in_place(peer, "/builds/a.zip")
        for request in peer.requests:
            # It is one value, however it looks.
            query = urllib.parse.parse_qs(request.query, keep_blank_values=True)
            assert set(query) <= {"uploads", "prefix", "uploadId", "partNumber", "key-marker", "max-uploads", "encoding-type"}
            assert query.get("uploadId", [trick]) == [trick]


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: repr(trick)[:24])
def test_names_and_markers_of_lists(trick: str, client: slipway.Client, new_file: NewFile) -> None:  # noqa: F811
    """What a list has is aborted where it belongs; what does not belong to the prefix is left alone, whatever the list says."""
    entries = "".join(
        f"<Upload><Key>{xml(key)}</Key><UploadId>{xml(trick)}</UploadId><Initiated>2020-01-01T00:00:00Z</Initiated></Upload>"
        for key in (trick, f"prefix/{trick}", f"prefix/../{trick}", "../../other/a.zip", "else/a.zip", "", "prefix/", "prefix", "/",
                    "prefixed/a"))  # fmt: skip

    def pages(request: Heard) -> bytes:
        rest = "key-marker" in request.query
        return answer(200, f"""<ListMultipartUploadsResult><IsTruncated>{"false" if rest else "true"}</IsTruncated>
            <NextKeyMarker>{xml(trick)}</NextKeyMarker><NextUploadIdMarker>{xml(trick)}</NextUploadIdMarker>{entries}
            </ListMultipartUploadsResult>""".encode())

    with Peer(Storage({"list": pages})) as peer:
        for asking in ("list", "abort"):
            error = ASKING[asking](client, new_file(), settings(peer, key_prefix="prefix")).exception(SECONDS)
            assert error is None or isinstance(error, (slipway.ProtocolError, slipway.InvalidArgumentError)), error
        for request in peer.requests:
            if request.method == "DELETE":
                assert request.path.startswith("/builds/prefix/"), request.target
        _in_place(peer)


@pytest.mark.parametrize("trick", [*TRICKS, "", '"', 'W/"a"', '""""', "&lt;a&gt;", "</ETag><Evil/>"], ids=lambda trick: repr(trick)[:24])
def test_etags(trick: str, client: slipway.Client, new_file: NewFile) -> None:  # noqa: F811
    """They are put into the document that puts the parts together."""
    line = re.sub(r"[\r\n\t]", " ", trick).encode("utf-8").decode("latin-1")
    documents: List[bytes] = []

    def complete(request: Heard) -> bytes:
        documents.append(request.body)
        return answer(200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")

    with Peer(Storage({"part": lambda request: answer(200, ETag=line), "complete": complete})) as peer:
        error = ASKING["store"](client, new_file(PART + 1), settings(peer)).exception(SECONDS)
        assert isinstance(error, slipway.SlipwayError), error
        _in_place(peer)
    for document in documents:
        assert b"<Evil" not in document and document.count(b"<ETag>") == 2 == document.count(b"</ETag>"), document


# Lists without an end

def _same(number: int) -> str:
    return "the same"


def _new(number: int) -> str:
    return f"marker-{number:09}"


def _turns(number: int) -> str:
    return "AB"[number % 2]


def _none(number: int) -> str:
    return ""


@pytest.mark.parametrize("uploads", [0, 200])
@pytest.mark.parametrize("marker", [_same, _new, _turns, _none], ids=["the same marker", "new markers", "two in turns", "no marker"])
@pytest.mark.parametrize("asking", ["list", "abort", "store"])
def test_lists_without_an_end(
    asking: str, marker: Callable[[int], str], uploads: int, new_file: NewFile, bounds: None  # noqa: F811
) -> None:
    count = [0]

    def pages(request: Heard) -> bytes:
        count[0] += 1
        entries = "".join(
            f"<Upload><Key>a.zip</Key><UploadId>{count[0]}-{n}</UploadId><Initiated>2999-01-01T00:00:00Z</Initiated></Upload>"
            for n in range(uploads))  # fmt: skip
        return answer(200, f"""<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>{marker(count[0])}</NextKeyMarker>
            <NextUploadIdMarker>{marker(count[0])}</NextUploadIdMarker>{entries}</ListMultipartUploadsResult>""".encode())

    with Peer(Storage({"list": pages})) as peer, slipway.Client(max_attempts=1, retry_delay=0.01, deadline=4.0, proxy="") as client:
        error = ASKING[asking](client, new_file(PART + 1), settings(peer)).exception(SECONDS)
        assert not isinstance(error, slipway.DeadlineExceededError), f"{count[0]} pages, and no end"
        allowed = (slipway.ProtocolError, slipway.NotFoundError, slipway.FileError, slipway.ServerError)
        assert error is None or isinstance(error, allowed), error
        _in_place(peer)


@pytest.mark.parametrize("number", [1, 0, -1, 2**70, 10_001, ""])
def test_lists_of_parts_without_an_end(number: Any, new_file: NewFile, bounds: None) -> None:  # noqa: F811
    """Each page ends with this marker and brings this part; or, where that is nothing, brings a hundred new ones."""
    count = [0]
    upload = b"""<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>a.zip</Key><UploadId>an-id</UploadId>
        <Initiated>2020-01-01T00:00:00Z</Initiated></Upload></ListMultipartUploadsResult>"""

    def pages(request: Heard) -> bytes:
        count[0] += 1
        new = range(100 * count[0], 100 * count[0] + 100)
        parts = "".join(f'<Part><PartNumber>{part}</PartNumber><ETag>"x"</ETag><Size>{2**63 + part}</Size></Part>'
                        for part in (new if number == "" else [number]))  # fmt: skip
        marker = new[-1] if number == "" else number
        return answer(200, f"""<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>{marker}</NextPartNumberMarker>{parts}
            </ListPartsResult>""".encode())

    with Peer(Storage({"list": lambda request: answer(200, upload), "parts": pages})) as peer:
        with slipway.Client(max_attempts=1, retry_delay=0.01, deadline=4.0, proxy="") as client:
            error = ASKING["store"](client, new_file(PART + 1), settings(peer)).exception(SECONDS)
            assert isinstance(error, slipway.SlipwayError)
            assert not isinstance(error, slipway.DeadlineExceededError), f"{count[0]} pages, and no end"
        assert 0 < count[0] < 250
        _in_place(peer)
