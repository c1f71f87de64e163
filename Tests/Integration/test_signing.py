"""The signer against botocore, the one that storages are tested with: the same requests, the same signatures.

Requests are generated with every awkward character, from a fixed seed, and go through a small program (Tests/SigningProbe) that signs them as
the library does. `build/signing-probe`, or $SLIPWAY_SIGNING_PROBE.
"""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import random
import shutil
import subprocess
from typing import Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import parse_qsl, quote, urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.session
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROBE = pathlib.Path(os.environ.get("SLIPWAY_SIGNING_PROBE", ROOT / "build" / "signing-probe"))
COUNT = 10_000

PLAIN = "ABCXYZabcxyz0189-._~"
PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
# Composed and decomposed, right to left, outside the basic plane, joined, invisible, what some take for white space or for a line's end.
WIDE = ["ü", "u\u0308", "ß", "İ", "Å", "Å", "ﬀ", "日本", "שלום", "😀", "👩‍🚀", "\u00a0", "\u2028", "\ufeff", "\ufffd", "𝒳"]
AWKWARD = ["+", "%", "%2F", "%20", "%zz", "&", "=", "==", "'", '"', " ", "  ", "~", "*", "(", ")", "!", "$", ",", ";", ":", "@", "?", "#", "[", "]",
           "{", "}", "\\", "^", "`", "|", "<", ">", "a+b", "a=b&c=d", "..", "...", ".hidden", "//"]
SUBRESOURCES = ["uploads", "acl", "tagging", "location", "versioning"]
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "auto", "RegionOne", "ap-southeast-2"]
ENDPOINTS = [None, "https://s3.eu-central-1.amazonaws.com", "https://minio.example.com:9000", "https://Storage.EXAMPLE.com:443/", "http://127.0.0.1:8080",
             "http://[::1]:9000", "https://gateway.example.com/storage/v1/s3", "http://objects.example.com:80"]


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, most: int) -> str:
        pools: List[Any] = [PLAIN, PRINTABLE, WIDE, AWKWARD]
        return "".join(self.random.choice(self.random.choice(pools)) for _ in range(self.random.randint(0, most)))

    def key(self) -> str:
        """Any but those that are refused: with steps of dots, with a slash in front, empty, too long."""
        while True:
            key = "/".join(self.text(12) for _ in range(self.random.randint(1, 4)))
            if self.random.random() < 0.01:
                key = (key + "x" * 1024).encode()[:1024].decode(errors="ignore")
            if key and not key.startswith("/") and not {".", ".."} & set(key.split("/")) and len(key.encode()) <= 1024:
                return key

    def query(self, repeats: bool) -> List[Tuple[str, Optional[str]]]:
        parts: List[Tuple[str, Optional[str]]] = []
        if self.random.random() < 0.3:
            parts.append((self.random.choice(SUBRESOURCES), None))
        if self.random.random() < 0.3:
            parts += [("partNumber", str(self.random.randint(1, 10_000))), ("uploadId", self.text(10) or "id")]
        # Names of which one begins another, and values that are equal, order differently with their "=" than without.
        for _ in range(self.random.randint(0, 3)):
            parts.append((self.random.choice(["prefix", "prefix-", "prefix.", "Prefix", "a", "a-b", "a%b", self.text(5) or "x"]), self.text(8)))
        if repeats and parts and self.random.random() < 0.4:
            parts += [(name, self.random.choice([value, self.text(3)])) for name, value in parts]
        self.random.shuffle(parts)
        return parts if repeats else list(dict(parts).items())

    def headers(self) -> List[Tuple[str, str]]:
        names = ["Content-Type", "content-MD5", "x-amz-meta-Build", "X-AMZ-META-note", "x-amz-acl", "x-amz-storage-class", "Content-Disposition",
                 "x-amz-server-side-encryption", "User-Agent", "Expect", "x-amz-meta-build"]
        headers = []
        for name in self.random.sample(names, self.random.randint(0, 5)):
            # What Python alone takes for white space is not for a header.
            value = self.text(10).replace("\u00a0", "").replace("\u2028", "")
            headers.append((name, self.random.choice(["", " ", "\t "]) + value + self.random.choice(["", "  "])))
        return headers

    def request(self, presigned: bool) -> Dict[str, Any]:
        endpoint = self.random.choice(ENDPOINTS)
        bucket = self.random.choice(["builds", "my-builds.example", "a1b"])
        is_address = endpoint is not None and ("127" in endpoint or "::1" in endpoint)
        return {
            "endpoint": endpoint, "region": self.random.choice(REGIONS), "bucket": bucket,
            "addressing": self.random.choice(["path", "automatic"] + ["virtualHost"] * (not is_address)), "key": self.key(),
            "query": self.query(repeats=not presigned), "method": self.random.choice(["GET", "PUT", "POST", "HEAD", "DELETE"]),
            "headers": self.headers() if not presigned or self.random.random() < 0.3 else [],
            "payload": self.random.choice(["UNSIGNED", "EMPTY", self.text(20) or "body"]),
            "expires": self.random.choice([1, 60, 43_200, 604_800]) if presigned else None,
            # 1990 to 2100: leap days, ends of years and the year 2038 are in there.
            "time": self.random.choice([self.random.randint(631_152_000, 4_102_444_800), 951_782_400, 2_147_483_648, 1_735_689_599]),
            "accessKey": self.random.choice(["AKIDEXAMPLE", "test:tester", "AUTH_a:b:c", "a+b/c=", "üser"]),
            "secret": self.random.choice(["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "testing", "p ß 密 %+"]),
            "token": self.random.choice([None, None, "FwoGZXIvYXdzE+/=="]),
        }


def host_and_base(request: Dict[str, Any]) -> Tuple[str, str, str]:
    """Scheme, authority and what stands in front of the key: as the contract says, independently of the library."""
    region, bucket = request["region"], request["bucket"]
    suffix = ".cn" if region.startswith("cn-") else ""
    endpoint = urlsplit(request["endpoint"] or f"https://s3.{region.lower()}.amazonaws.com{suffix}")
    host = f"[{endpoint.hostname}]" if ":" in (endpoint.hostname or "") else str(endpoint.hostname)
    port = {"https": 443, "http": 80}[endpoint.scheme]
    authority = host if endpoint.port in (None, port) else f"{host}:{endpoint.port}"
    automatic = host.endswith((".amazonaws.com", ".amazonaws.com.cn")) and "." not in bucket
    base = endpoint.path.rstrip("/")
    if request["addressing"] == "virtualHost" or (request["addressing"] == "automatic" and automatic):
        return endpoint.scheme, f"{bucket}.{authority}", f"{base}/"
    return endpoint.scheme, authority, f"{base}/{bucket}/"


def url_of(request: Dict[str, Any]) -> str:
    scheme, authority, base = host_and_base(request)
    query = "&".join(
        quote(name, safe="-_.~") if value is None else f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in request["query"])
    return f"{scheme}://{authority}{base}{quote(request['key'], safe='/~')}" + (f"?{query}" if query else "")


def credentials_of(request: Dict[str, Any]) -> botocore.credentials.Credentials:
    return botocore.credentials.Credentials(request["accessKey"], request["secret"], request["token"])


def aws_request(request: Dict[str, Any]) -> botocore.awsrequest.AWSRequest:
    # A presigned URL says nothing of a body.
    is_empty = request["expires"] is not None or request["payload"] in ("UNSIGNED", "EMPTY")
    body = b"" if is_empty else request["payload"].encode()
    made = botocore.awsrequest.AWSRequest(method=request["method"], url=url_of(request), data=body)
    for name, value in request["headers"]:
        made.headers[name] = value
    signs = request["payload"] != "UNSIGNED"
    made.context["client_config"] = botocore.config.Config(s3={"payload_signing_enabled": signs})
    return made


class Clock:
    """What botocore takes for the time."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self, remove_tzinfo: bool = True) -> datetime.datetime:
        moment = datetime.datetime.fromtimestamp(self.seconds, datetime.timezone.utc)
        return moment.replace(tzinfo=None) if remove_tzinfo else moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(botocore.auth, "get_current_datetime", clock)
    yield clock


def sign(requests: List[Dict[str, Any]], **environment: str) -> List[Dict[str, Any]]:
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    result = subprocess.run([PROBE], input=lines.encode(), stdout=subprocess.PIPE, timeout=120, check=True, env={**os.environ, **environment})
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(requests)
    return answers


def test_headers(clock: Clock) -> None:
    generator = Generator(seed=4)
    requests = [generator.request(presigned=False) for _ in range(COUNT * 6 // 10)]
    for request, answer in zip(requests, sign(requests)):
        assert answer.get("url") == url_of(request), (request, answer)
        expected = aws_request(request)
        clock.seconds = request["time"]
        botocore.auth.S3SigV4Auth(credentials_of(request), "s3", request["region"]).add_auth(expected)

        ours = [line.split(": ", 1) if ": " in line else [line.rstrip(";"), ""] for line in answer["headers"]]
        for name in ["Authorization", "X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token"]:
            found = [value for header, value in ours if header.lower() == name.lower()]
            assert found == ([expected.headers[name]] if name in expected.headers else []), (name, request, answer)
        sent = [(name, value.strip(" \t")) for name, value in request["headers"]]
        assert [(name, value) for name, value in ours][: len(sent)] == sent


def test_presigned_urls(clock: Clock) -> None:
    generator = Generator(seed=8)
    requests = [generator.request(presigned=True) for _ in range(COUNT * 4 // 10)]
    for request, answer in zip(requests, sign(requests)):
        expected = aws_request(request)
        clock.seconds = request["time"]
        botocore.auth.S3SigV4QueryAuth(credentials_of(request), "s3", request["region"], request["expires"]).add_auth(expected)
        ours, theirs = urlsplit(answer.get("url", "")), urlsplit(expected.url)
        assert ours[:3] == theirs[:3], (request, answer)
        assert sorted(parse_qsl(ours.query, keep_blank_values=True)) == sorted(parse_qsl(theirs.query, keep_blank_values=True)), (request, answer)
        assert answer["url"].startswith(url_of(request)), (request, answer)


def test_presigned_urls_with_repeated_names() -> None:
    """botocore's own presigning knows one value per name; what it computes of a finished URL knows all of them."""
    generator = Generator(seed=15)
    requests = [dict(generator.request(presigned=True), query=generator.query(repeats=True)) for _ in range(COUNT // 20)]
    for request, answer in zip(requests, sign(requests)):
        url, signature = answer["url"].split("&X-Amz-Signature=")
        auth = botocore.auth.S3SigV4QueryAuth(credentials_of(request), "s3", request["region"])
        expected = aws_request(request)
        expected.url = url
        expected.context["timestamp"] = dict(parse_qsl(urlsplit(url).query))["X-Amz-Date"]
        text = auth.string_to_sign(expected, auth.canonical_request(expected))
        assert auth.signature(text, expected) == signature, (request, answer)


def test_links_of_a_whole_client(clock: Clock) -> None:
    """From bucket and key to the link, as a program on botocore makes it."""
    generator = Generator(seed=16)
    session = botocore.session.Session()
    client = session.create_client(
        "s3", region_name="eu-central-1", endpoint_url="https://minio.example.com:9000", aws_access_key_id="test:tester", aws_secret_access_key="testing",
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    clock.seconds = 1_700_000_000
    requests = [
        {"endpoint": "https://minio.example.com:9000", "region": "eu-central-1", "bucket": "builds", "addressing": "path", "key": generator.key(),
         "query": [], "method": "GET", "headers": [], "expires": 43_200, "time": clock.seconds, "accessKey": "test:tester", "secret": "testing",
         "token": None}
        for _ in range(COUNT // 50)
    ]
    for request, answer in zip(requests, sign(requests)):
        link = client.generate_presigned_url("get_object", Params={"Bucket": "builds", "Key": request["key"]}, ExpiresIn=43_200)
        assert answer.get("url") == link, request


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_without_libcrypto(tmp_path: pathlib.Path) -> None:
    """libcurl has one of its own here; what is missing is the one that storage opens, at the first signature."""
    hide = tmp_path / "hide.so"
    subprocess.run(["cc", "-shared", "-fPIC", ROOT / "Tests" / "ABI" / "host" / "hide.c", "-o", hide, "-ldl"], check=True)
    request = dict(Generator(seed=23).request(presigned=False), payload="EMPTY")
    (answer,) = sign([request], LD_PRELOAD=str(hide), HIDDEN_LIBRARY="libcrypto")
    assert answer["status"] == -40  # SLIPWAY_MISSING_LIBRARY
    assert "libcrypto.so.3 could not be loaded" in answer["message"] and "apt-get install libssl3" in answer["message"]
    assert answer["hint"]
    assert "url" in sign([request])[0]


def test_what_is_not_signed() -> None:
    """A refusal has a status and says what to do, also across this small program."""
    good = Generator(seed=42).request(presigned=True)
    for change, words in [({"key": ""}, "is empty"), ({"key": "/a"}, "slash"), ({"key": "a/../b"}, "step"), ({"key": "x" * 1025}, "1025 bytes"),
                          ({"bucket": "My_Builds"}, "bucket"), ({"endpoint": "ftp://x"}, "endpoint"), ({"expires": 604_801}, "604801"),
                          ({"headers": [["a", "b\r\nc: d"]]}, "control character"), ({"secret": "x\n"}, "secret access key")]:
        (answer,) = sign([{**good, **change}])
        assert answer["status"] == -1 and words in answer["message"] and answer["hint"], answer
