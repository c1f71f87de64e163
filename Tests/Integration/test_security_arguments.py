"""No text that a host passes on, from a user, a file name or a service, becomes anything else than what it stands for: no line of a
header, no second request, no step to another folder. For every text of every operation and of a client's options."""

from __future__ import annotations

import contextlib
import logging
import os
import pathlib
import urllib.parse
from ctypes import c_char_p
from typing import Any, Dict, Iterator, List, Tuple

import pytest

import slipway
from conftest import Customer
from media_fixtures import Media, media  # noqa: F401
from recorder import Recorder
from security_peers import Heard, Peer, Relay, split
from security_requests import OPERATIONS, Bucket, Place, Text, evil, kinds_of, malformed, texts_of
from slipway import abi

EVIL = [value.encode() for value in (
    "a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n\r\nGET /evil HTTP/1.1\r\nX-Evil: 1\r\n\r\n", '"\r\nX-Evil: 1\r\n"',
    "\r\nX-Evil: 1", "a\r\n X-Evil: 1", "a\x01b", "a\x1b[2Jb", "a\tb", "a\x7fb", "a\u0085X-Evil: 1", "a\u2028X-Evil: 1",
    "a%0d%0aX-Evil:%201", "a%00b", "\u560d\u560aX-Evil: 1",
)]  # fmt: skip


class Surroundings:
    """The emulator behind a relay, a bucket, a folder, and a client of all of them. `streams` is what was sent."""

    def __init__(self, customer: Customer, media: Media, files: pathlib.Path, tmp_path: pathlib.Path, stack: contextlib.ExitStack) -> None:
        emulator = customer.emulator
        self.customer, self.media = customer, media
        self.relay = stack.enter_context(Relay(emulator.base_url))
        self.bucket = stack.enter_context(Peer(Bucket()))
        self.folder = tmp_path / "storages" / "one"
        self.folder.mkdir(parents=True)
        emulator.add_asset(id="picture", name="sample.png", content="not really one")
        self.place = Place(
            str(files / "MyGame.zip"), emulator.file_url("MyGame.zip"), customer.project_id, customer.add_build(), self.bucket.url,
            str(self.folder))  # fmt: skip
        self.client = self.new_client(stack)

    def new_client(self, stack: contextlib.ExitStack, **changes: Any) -> slipway.Client:
        settings: Dict[str, Any] = {"base_url": f"{self.relay.url}/pixelStripeApi"}
        settings.update({name[12:]: changes.pop(name) for name in list(changes) if name.startswith("streampixel_")})
        medium: Dict[str, Any] = {"base_url": f"{self.relay.url}{self.media.path}"}
        medium.update({name[11:]: changes.pop(name) for name in list(changes) if name.startswith("entermedia_")})
        return stack.enter_context(slipway.Client(
            streampixel=self.customer.streampixel(**settings), entermedia=self.media.settings(**medium),
            **{"max_attempts": 1, "deadline": 10.0, "proxy": "", **changes}))  # fmt: skip

    def start(self, function: str, *arguments: Any, **named: Any) -> Any:
        """The operation."""
        request = self.place.request(function, *arguments, **named)
        return self.client._start(function.partition("_")[2], request, dict, None, False)

    @property
    def streams(self) -> List[bytes]:
        return [bytes(stream) for stream in self.relay.streams] + [self.bucket.heard]

    def requests(self) -> List[Heard]:
        """All that were sent, each of them well-formed."""
        found = []
        for stream in [*self.relay.streams, *self.bucket._streams]:
            requests, rest = split(bytes(stream))
            assert rest == b"", rest[:1000]
            found += requests
        for request in found:
            assert malformed(request) is None, malformed(request)
        return found


@pytest.fixture
def around(customer: Customer, media: Media, files: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[Surroundings]:  # noqa: F811
    with contextlib.ExitStack() as stack:
        yield Surroundings(customer, media, files, tmp_path, stack)


@pytest.fixture
def lines(recorder: Recorder) -> Iterator[List[str]]:
    """The lines of the log that the test makes."""
    found: List[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = Handler()
    recorder.logger.addHandler(handler)
    yield found
    recorder.logger.removeHandler(handler)


def controls(text: str) -> bool:
    return any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text)


def outcome(operation: "slipway.Operation[Any]") -> Tuple[int, str, str]:
    """Its status, message and hint. What did not start has no words but those of the log."""
    error = operation.exception(30)
    if error is None:
        return 0, "", ""
    assert isinstance(error, slipway.SlipwayError), error
    return error.status, error.message, error.hint


def test_every_operation_is_here() -> None:
    assert set(OPERATIONS) == {name for name, signature in abi.FUNCTIONS.items() if signature is abi._START}
    assert len(OPERATIONS) >= 24 and sum(len(texts_of(function)) for function in OPERATIONS) > 100


def test_the_search_finds() -> None:
    right = b"POST /a%0d%0aX-Evil:1 HTTP/1.1\r\nHost: a\r\nX-A: a X-Evil: 1\r\nContent-Length: 2\r\n\r\n{}"
    assert evil([right]) is None and [malformed(request) for request in split(right)[0]] == [None]
    for line in (b"X-Evil: 1", b" X-Evil: 1", b"GET /evil HTTP/1.1"):
        for end in (b"\r\n", b"\n", b"\r"):
            assert evil([right.replace(b"X-A: a", b"X-A: a" + end + line)])
    for old, new in ((b"Host: a", b"Host: a\r\nHost: b"), (b"X-A: a", b"X-A: a\nX-B: b"), (b"X-A: a", b"X-A: \x01"), (b"X-A", b"X A"),
                     (b"/a", b"/a b"), (b"POST", b"PO\tST")):  # fmt: skip
        assert [request for request in split(right.replace(old, new))[0] if malformed(request)], new
    assert split(right + b"GET / HTTP/1.1\r\n\r\nmore")[1] == b"more"


@pytest.mark.parametrize("function", OPERATIONS)
def test_what_is_right_is_sent(around: Surroundings, function: str) -> None:
    """Without which the tests below would show nothing."""
    if "storage" in function:
        return
    status, message, _ = outcome(around.start(function, kind=kinds_of(function)[0]))
    # Nobody has a webhook, and there is no such distribution.
    allowed = {"slipway_test_webhook": -12, "slipway_entermedia_distribution_edit": -12, "slipway_entermedia_distribution_get": -12,
               "slipway_entermedia_distribution_delete": -12, "slipway_receive_webhook": -12}  # fmt: skip
    assert status in (0, allowed.get(function, 0)), message
    assert around.requests() or function == "slipway_check_package"


def _some(values: List[bytes], function: str, text: Text, kind: str) -> List[bytes]:
    """All of them; but of a storage, which all operations take as slipway_store does, a few. A release goes on until a build is live."""
    if function == "slipway_store" or text[0] != "storage":
        return values
    return values[:3] if kind == "bucket" and function != "slipway_release" else values[:1] if kind != "put_url" else []


@pytest.mark.parametrize("function", OPERATIONS)
def test_lines_of_a_header(around: Surroundings, recorder: Recorder, lines: List[str], function: str) -> None:
    started: List[Tuple[Text, bytes, Any]] = []
    for text in texts_of(function):
        for kind in kinds_of(function):
            if text[0] == "storage" and not kind:
                continue
            for value in _some(EVIL, function, text, kind):
                for after in (False, True) if around.place.has(function, text, kind) else (False,):
                    with contextlib.suppress(slipway.InvalidArgumentError):
                        started.append((text, value, around.start(function, text, value, kind, after)))
    said = [(text, value, *outcome(operation)) for text, value, operation in started]
    assert evil(around.streams) is None, evil(around.streams)
    around.requests()
    assert not any(status == slipway.Status.INTERNAL for _, _, status, _, _ in said), said
    recorder.text()
    assert [line for line in lines if controls(line)][:3] == [], "a line of the log is one line"
    told = {text: message for text, _, _, message, hint in said if controls(message + hint)}
    assert told == {}, "nor does a message become several when a host prints it"


# What leads elsewhere. Not for URLs, folders and files: which they are is the host's own decision.
STEPS = [
    b"..", b".", b"../other", b"../../other", b"a/../../../other", b"a/..", b"%2e%2e/other", b"%2e%2e%2fother", b"..%2fother", b"..\\other",
    b"a\\..\\..\\other", b"/other", b"//other", b"/etc/passwd", b"..;/other", b"....//other", "\uff0e\uff0e/other".encode(),
    "\u2025/other".encode(), b"C:\\other", b"?other", b"#other", b"@other", b"~/other", b"../other\xc2\xa0",
]  # fmt: skip
HOSTS_OWN = {"file_path", "file_url", "resume_from", "body", "put_url", "endpoint", "public_url", "directory", "profile", "put_headers"}


@pytest.mark.parametrize("function", OPERATIONS)
def test_steps_to_another_place(around: Surroundings, tmp_path: pathlib.Path, function: str) -> None:
    (around.folder.parent / "other").mkdir()
    (around.folder.parent / "other" / "MyGame.zip").write_bytes(b"somebody's")
    (around.folder.parent / "MyGame.zip").write_bytes(b"somebody's")
    before = _tree(tmp_path, around.folder)
    started = []
    for text in texts_of(function):
        if text[-1] in HOSTS_OWN:
            continue
        for kind in kinds_of(function):
            if text[0] == "storage" and not kind:
                continue
            for value in _some(STEPS, function, text, kind):
                with contextlib.suppress(slipway.InvalidArgumentError):
                    started.append((text, value, around.start(function, text, value, kind)))
    for text, value, operation in started:
        status, message, _ = outcome(operation)
        assert status != slipway.Status.INTERNAL, (text, value, message)
    assert _tree(tmp_path, around.folder) == before
    for request in around.requests():
        steps = [urllib.parse.unquote(step) for step in request.path.split("/")]
        assert not {".", ".."} & set(steps), request.target
        of_bucket = request.path == "/builds" or request.path.startswith(("/builds/", "/put/", "/served/"))
        assert of_bucket or request.path.startswith(("/pixelStripeApi/", f"{around.media.path}/services/")), request.target
        assert "/other" not in request.path or of_bucket or "published" in request.path, request.target


def _tree(path: pathlib.Path, but: pathlib.Path) -> Dict[str, bytes]:
    """All files with their content, and links with their target, outside one folder."""
    return {
        str(found): os.readlink(found).encode() if found.is_symlink() else found.read_bytes()
        for found in sorted(path.rglob("*")) if but not in found.parents and (found.is_symlink() or found.is_file())
    }  # fmt: skip


# The client's options, and what stands in for them in the environment

OPTIONS = [field[0] for field in abi.ClientOptions._fields_ if field[1] is c_char_p]
VARIABLES = [
    "STREAMPIXEL_API_KEY", "STREAMPIXEL_USER_ID", "ENTERMEDIA_BASE_URL", "ENTERMEDIA_KEY", "ENTERMEDIA_USER", "ENTERMEDIA_PASSWORD",
]  # fmt: skip


def _use(around: Surroundings, lines: List[str], **options: Any) -> None:
    """Operations of both services, with such a client, if there can be one. What they say goes to `lines`."""
    with contextlib.ExitStack() as stack:
        try:
            client = around.new_client(stack, **options)
        except slipway.SlipwayError as error:
            assert isinstance(error, (slipway.InvalidArgumentError, slipway.UnsupportedOptionError)), (options, error)
            lines.append(f"{error} {error.hint}")
            return
        calls: List[Any] = [
            client.projects(wait=False), client.project(around.customer.project_id, wait=False), client.entermedia_login(wait=False),
            client.distribute(project_id=around.customer.project_id, upload_id="a", wait=False),
            client.entermedia_asset_get("picture", wait=False),
            client.entermedia_asset_upload(file_path=around.place.file, wait=False),
        ]  # fmt: skip
        for call in calls:
            lines.append(" ".join(outcome(call)[1:]))


@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_a_client(around: Surroundings, lines: List[str], recorder: Recorder, option: str) -> None:
    right = {"streampixel_base_url": f"{around.relay.url}/pixelStripeApi", "entermedia_base_url": f"{around.relay.url}{around.media.path}",
             "proxy": around.relay.url, "user_agent": "me"}  # fmt: skip
    for value in EVIL:
        text = value.decode()
        _use(around, lines, **{option: text})
        _use(around, lines, **{option: right.get(option, "a") + text})
        if option in ("entermedia_user", "entermedia_password"):
            _use(around, lines, **{"entermedia_key": None, "entermedia_user": "u", "entermedia_password": "p", option: text})
    assert evil(around.streams) is None, evil(around.streams)
    around.requests()
    recorder.text()
    assert [line for line in lines if controls(line)][:3] == []


@pytest.mark.parametrize("variable", VARIABLES)
def test_variables_of_the_environment(
    around: Surroundings, lines: List[str], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in EVIL:
        monkeypatch.setenv(variable, value.decode())
        _use(around, lines, streampixel_api_key=None, streampixel_user_id=None, entermedia_base_url=None, entermedia_key=None)
    assert evil(around.streams) is None
    around.requests()
    assert [line for line in lines if controls(line)][:3] == []


AWS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]


@pytest.mark.parametrize("variable", AWS)
@pytest.mark.parametrize("by", ["the environment", "a file"])
def test_credentials_from_elsewhere(
    around: Surroundings, tmp_path: pathlib.Path, variable: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    storage = slipway.S3(bucket="builds", endpoint=around.bucket.url)
    for value in EVIL:
        values = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "a-secret-key", "AWS_REGION": "us-east-1", variable: value.decode()}
        if by == "the environment":
            for name, text in values.items():
                monkeypatch.setenv(name, text)
        else:
            (tmp_path / ".aws").mkdir(exist_ok=True)
            body = "".join(f"{name.lower()} = {text}\n" for name, text in values.items() if name not in ("AWS_REGION", "AWS_PROFILE"))
            (tmp_path / ".aws" / "credentials").write_bytes(f"[default]\n{body}".encode())
            (tmp_path / ".aws" / "config").write_bytes(f"[default]\nregion = {values['AWS_REGION']}\n".encode())
        try:
            around.client.store(around.place.file, storage, key="MyGame.zip")
        except slipway.SlipwayError as error:
            assert isinstance(error, slipway.InvalidArgumentError), error
            assert not controls(f"{error} {error.hint}"), error
    assert evil(around.streams) is None
    around.requests()
