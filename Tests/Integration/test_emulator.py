"""The emulator as a process: its start, its end, many connections, TLS, the journal, the admin endpoints."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
from typing import Any

import pytest

from emulator import Emulator, binary, make_build, request, wait_until
from emulator_fixtures import Served, emulator, process

LIST = "/pixelStripeApi/projects/projects-status"
FILE = "http://127.0.0.1:9/never.zip"


def ends(pid: int) -> bool:
    """There is no such process any more, or only what its parent has not collected yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


# Start


def test_the_ready_line(tmp_path: pathlib.Path) -> None:
    with Emulator(files=tmp_path) as emulator:
        ready = emulator.ready
        assert set(ready) == {"ready", "pid", "streampixel", "entermedia", "files", "admin"}
        assert ready["ready"] is True and ready["pid"] == emulator.process.pid
        streampixel = ready["streampixel"]
        assert set(streampixel) == {"baseUrl", "apiKey", "userId", "projectIds", "users"}
        address = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/pixelStripeApi", emulator.base_url)
        assert address and emulator.files_url == address[1] + "/files" and emulator.admin_url == address[1] + "/_emulator"
        assert len(emulator.users) == 2 and all(len(user["projectIds"]) == 2 for user in emulator.users)
        ids = [user["userId"] for user in emulator.users] + sum((user["projectIds"] for user in emulator.users), [])
        assert len(set(ids)) == 6 and all(re.fullmatch("[0-9a-f]{24}", id) for id in ids)
        assert emulator.users[0]["apiKey"] == emulator.api_key != emulator.users[1]["apiKey"]


def test_after_the_ready_line_it_is_quiet() -> None:
    running = subprocess.Popen(
        [str(binary()), "--state-ms", "1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    ready = json.loads(running.stdout.readline())
    base = ready["streampixel"]["baseUrl"]
    request("GET", base + "/projects")
    request("POST", base + "/projects/upload-file", b"\xff")
    request("POST", ready["admin"]["baseUrl"] + "/faults", b'{"action":"close"}')
    with pytest.raises(http.client.RemoteDisconnected):
        request("GET", base)
    running.terminate()
    assert running.communicate(timeout=5) == (b"", b"") and running.returncode == 0


def test_ids_and_keys_by_option() -> None:
    options = ["--user-id", "me", "--api-key", "secret", "--project-id", "a", "--project-id", "b", "--project-id", "c"]
    with Emulator([*options, "--users", "3", "--projects", "1", "--region", "europe"]) as emulator:
        assert (emulator.user_id, emulator.api_key, emulator.project_ids) == ("me", "secret", ["a", "b", "c"])
        assert [len(user["projectIds"]) for user in emulator.users] == [3, 1, 1]
        assert emulator.get("projects/b")[1]["region"] == "europe"


def test_it_is_the_same_in_every_run() -> None:
    with Emulator() as one, Emulator() as two:
        assert one.users == two.users and one.base_url != two.base_url


def test_the_options_are_the_settings() -> None:
    options = {
        "--documents": "old", "--rate-window-ms": "5", "--rate-limit-text": "seconds", "--state-ms": "6", "--upload-status": "201",
        "--file-url-rule": "clean", "--order": "approve-first", "--max-build-bytes": "7", "--lose-webhook": "a",
        "--double-webhook": "b", "--webhook-timeout-ms": "8",
    }  # fmt: skip
    with Emulator([*sum(options.items(), ()), "--retry-after", "--swap-webhooks"]) as emulator:
        settings = emulator.settings()
        assert settings == {
            "documents": "old", "rateWindowMs": 5, "rateLimitText": "seconds", "retryAfter": True, "stateMs": 6, "uploadStatus": 201,
            "fileUrlRule": "clean", "order": "approve-first", "maximumBuildBytes": 7, "distributionObjection": "",
            "loseWebhooks": ["a"], "doubleWebhooks": ["b"], "swapWebhooks": True, "webhookTimeoutMs": 8,
        }  # fmt: skip
        emulator.settings(rateWindowMs=1, documents="new")
        emulator.reset()
        assert emulator.settings() == settings


@pytest.mark.parametrize(
    "options, text",
    [
        (["--files", "/no/such/folder"], "--files /no/such/folder: there is no such folder"),
        (["--files", "/etc/passwd"], "--files /etc/passwd: there is no such folder"),
        (["--tls-cert", "/etc/passwd"], "--tls-cert and --tls-key belong together"),
        (["--tls-cert", "/etc/passwd", "--tls-key", "/nothing"], "--tls-key /nothing: No such file"),
        (["--tls-cert", "/etc/passwd", "--tls-key", "/etc/passwd"], "the certificate and the key are not a pair of PEM files"),
        (["--listen", "localhost"], "cannot listen on localhost: it is not a numeric"),
        (["--users", "0"], "--users must be from 1"),
        (["--state-ms", "-1"], "--state-ms"),
        (["--upload-status", "204"], "--upload-status must be 200 or 201"),
        (["--documents", "ancient"], "--documents"),
        (["--port", "65536"], "--port"),
        (["--project-id", "a", "--project-id", "a"], "no two projects can have the same id"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_options_that_cannot_be(options: list[str], text: str) -> None:
    done = subprocess.run([str(binary()), *options], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert done.returncode != 0 and done.stdout == "" and text in done.stderr, done.stderr


def test_a_port_that_is_taken() -> None:
    with Emulator() as emulator:
        port = str(urllib.parse.urlsplit(emulator.base_url).port)
        done = subprocess.run([str(binary()), "--port", port], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.strip() == f"Error: cannot listen on 127.0.0.1: port {port} is in use"


def test_help() -> None:
    done = subprocess.run([str(binary()), "--help"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0
    for word in ("--files", "--exit-with-parent", "PATCH builds/ID", "broken-json", "after"):
        assert word in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_only_on_loopback(emulator: Served) -> None:
    port = urllib.parse.urlsplit(emulator.base_url).port
    tables = "".join(pathlib.Path(f"/proc/net/{table}").read_text() for table in ("tcp", "tcp6"))
    listening = [line.split()[1] for line in tables.splitlines() if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"]


@pytest.mark.skipif(not pathlib.Path("/proc/net/if_inet6").exists(), reason="there is no IPv6 here")
def test_ipv6() -> None:
    with Emulator(["--listen", "::1"]) as emulator:
        assert emulator.base_url.startswith("http://[::1]:")
        assert emulator.get("projects/projects-status")[0] == 200


# End


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_on_a_signal(number: signal.Signals) -> None:
    with Emulator() as emulator:
        emulator.process.send_signal(number)
        assert emulator.process.wait(5) == 0


def test_it_stops_in_the_middle_of_everything(tmp_path: pathlib.Path) -> None:
    """A long delay, a slow body, an endless body, a download, a webhook, a build in a state: nothing is waited for."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=16)
    address = f"http://127.0.0.1:{silent.getsockname()[1]}"
    with Emulator(["--state-ms", "60000", "--webhook-url", address], files=tmp_path) as emulator:
        base = urllib.parse.urlsplit(emulator.base_url)
        faults: list[dict[str, Any]] = [
            {"action": "delay", "delayMs": 600_000},
            {"action": "drip", "intervalMs": 600_000},
            {"action": "oversized", "endless": True},
        ]
        connections = []
        for number, fault in enumerate(faults):
            emulator.fault(path=LIST, **fault)
            connection = socket.create_connection((base.hostname, base.port))
            connection.sendall(f"GET {LIST} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            connections.append(connection)
            wait_until(lambda: len(emulator.journal(path=LIST)) == number + 1)
        connections.append(socket.create_connection((base.hostname, base.port)))
        connections[-1].sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
        emulator.upload(address + "/build.zip")
        emulator.settings(stateMs=0, rateWindowMs=0)
        emulator.set_project(emulator.project_ids[1], webhookUrl=None)
        other = emulator.upload(address + "/build.zip", project_id=emulator.project_ids[1])
        wait_until(lambda: emulator.build(other)["status"] == "Downloading Files")
        start = time.monotonic()
        assert emulator.stop() == 0
        assert time.monotonic() - start < 3
        for connection in connections:
            connection.close()
    silent.close()


def test_it_stops_when_standard_input_is_closed() -> None:
    with Emulator() as emulator:
        assert emulator.process.stdin is not None
        emulator.process.stdin.close()
        assert emulator.process.wait(5) == 0


def test_without_the_option_standard_input_does_not_matter() -> None:
    running = subprocess.Popen([str(binary())], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert running.stdout is not None
    ready = json.loads(running.stdout.readline())
    try:
        assert request("GET", ready["admin"]["baseUrl"] + "/state").status == 200
        assert running.poll() is None
    finally:
        running.terminate()
        assert running.wait(5) == 0


def test_no_orphan_is_left_by_a_test_that_is_killed() -> None:
    program = "from emulator import *; import time; e = Emulator().start(); print(e.process.pid, flush=True); time.sleep(600)"
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=pathlib.Path(__file__).parent)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not ends(child)
    parent.kill()
    parent.wait(5)
    wait_until(lambda: ends(child), 5, "the end of the emulator")


# Many connections, large bodies


def test_many_connections_at_once(emulator: Served) -> None:
    """200 requests are in the middle of their delay at the same time, and all get their answer."""
    count = 200
    emulator.fault("delay", path=LIST, delayMs=500, count=count)
    members = urllib.parse.urlencode({"userId": emulator.user_id, "apikey": emulator.api_key})
    url = f"{emulator.base_url}/projects/projects-status?{members}"
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        statuses = [answer.status for answer in pool.map(lambda _: request("GET", url), range(count))]
    assert statuses == [200] * count
    assert time.monotonic() - start < 10, "one after the other they would have needed 100 s"
    assert len({entry["connection"] for entry in emulator.journal(path=LIST)}) == count


def test_many_uploads_at_once(emulator: Served) -> None:
    """With a limit, of many uploads at once exactly one is accepted."""
    emulator.settings(rateWindowMs=60_000, stateMs=60_000)
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        statuses = list(
            pool.map(lambda _: emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)[0], range(64))
        )
    assert sorted(statuses) == [200] + [429] * 63
    assert len(emulator.builds()) == 1


def test_a_connection_carries_many_requests(emulator: Served) -> None:
    address = urllib.parse.urlsplit(emulator.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    for number in range(50):
        connection.request("POST", f"/pixelStripeApi/{number}", b"x" * number)
        response = connection.getresponse()
        assert response.status == 404 and response.read()
    connection.close()
    entries = emulator.journal()
    assert [entry["body"] for entry in entries] == ["x" * number for number in range(50)]
    assert len({entry["connection"] for entry in entries}) == 1


def test_large_bodies_do_not_fill_the_memory(emulator: Served) -> None:
    body = b"x" * (32 << 20)
    for _ in range(4):
        assert request("POST", emulator.base_url + "/projects/upload-file", body).status == 413
    entry = emulator.journal()[-1]
    assert len(entry["body"]) == 1 << 20 and entry["bodyIsCut"] is True and entry["status"] == 413


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 1000, b"GET / HTTP/9.9\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /%zz%%%?%=&&=&a HTTP/1.1\r\nHost: a\r\n\r\n", b"GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", b"GET * HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    ],
)  # fmt: skip
def test_what_is_no_request(emulator: Served, data: bytes) -> None:
    address = urllib.parse.urlsplit(emulator.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(data)
        with contextlib.suppress(OSError):  # It may have been shut from the other side.
            connection.shutdown(socket.SHUT_WR)
        try:
            while connection.recv(65536):
                pass
        except ConnectionResetError:
            pass
    assert emulator.get("projects/projects-status")[0] == 200


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("certificate")
    paths = str(folder / "certificate.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return paths


def test_tls(certificate: tuple[str, str], tmp_path: pathlib.Path) -> None:
    make_build(tmp_path / "good.zip")
    options = ["--tls-cert", certificate[0], "--tls-key", certificate[1], "--ca-bundle", certificate[0], "--state-ms", "10"]
    with Emulator([*options, "--rate-window-ms", "0"], files=tmp_path) as emulator:
        assert emulator.tls_base_url is not None and emulator.tls_files_url is not None
        address = urllib.parse.urlsplit(emulator.tls_base_url)
        assert (address.scheme, address.hostname, address.path) == ("https", "127.0.0.1", "/pixelStripeApi")
        assert address.port != urllib.parse.urlsplit(emulator.base_url).port
        trust = ssl.create_default_context(cafile=certificate[0])
        connection = http.client.HTTPSConnection("127.0.0.1", address.port, context=trust, timeout=5)
        connection.request("GET", f"{LIST}?userId={emulator.user_id}&apikey={emulator.api_key}")
        response = connection.getresponse()
        assert response.status == 200 and json.loads(response.read())["totalProjects"] == 2
        connection.close()
        assert [entry["tls"] for entry in emulator.journal()] == [True]
        # The emulator itself downloads over TLS, and believes nobody.
        build = emulator.wait_for_build(emulator.upload(f"{emulator.tls_files_url}/good.zip"), "Approved")
        assert build["live"]
    with Emulator(options[:4] + options[6:], files=tmp_path) as emulator:
        build = emulator.wait_for_build(emulator.upload(f"{emulator.tls_files_url}/good.zip"), "Reject")
        assert build["objection"].startswith("File not downloadable: SSL")


# Journal


def test_the_journal(emulator: Served) -> None:
    before = int(time.time() * 1000) - 1
    request("POST", emulator.base_url + "/projects/upload-file?a=1&b=%20+%2B&a=2", "Grüße", {"X-Thing": "some thing"})
    emulator.get("projects/projects-status", page=3)
    first, second = emulator.journal()
    assert (first["method"], first["path"], first["status"], first["fault"]) == ("POST", LIST.replace("projects-status", "upload-file"), 400, None)
    assert first["target"].endswith("/projects/upload-file?a=1&b=%20+%2B&a=2")
    assert first["query"] == {"a": "2", "b": "  +"} and first["body"] == "Grüße" and first["bodyIsCut"] is False
    assert first["headers"]["x-thing"] == "some thing" and first["headers"]["content-length"] == "7"
    assert before <= first["at"] <= second["at"] <= time.time() * 1000 + 1
    assert second["query"] == {"userId": emulator.user_id, "apikey": emulator.api_key, "page": "3"}
    assert first["connection"] != second["connection"] and first["id"] < second["id"]


def test_the_journal_can_be_filtered(emulator: Served) -> None:
    emulator.post("upload-file", projectId=emulator.project_id, fileUrl=FILE)
    emulator.post("upload-file", projectId=emulator.project_id)
    emulator.get("projects/projects-status")
    fault = emulator.fault("close", path=LIST)
    with pytest.raises(http.client.RemoteDisconnected):
        emulator.get("projects/projects-status")
    ids = [entry["id"] for entry in emulator.journal()]
    assert len(ids) == 4

    def found(**filters: Any) -> list[int]:
        return [ids.index(entry["id"]) for entry in emulator.journal(**filters)]

    assert found(method="POST") == [0, 1]
    assert found(method="get") == [2, 3]
    assert found(path=LIST) == [2, 3]
    assert found(path="/pixelStripeApi/projects/u*") == [0, 1]
    assert found(status=400) == [1]
    assert found(since=ids[1]) == [2, 3]
    assert found(limit=1) == [3] and found(limit=0) == []
    assert found(method="GET", status=200) == [2]
    last = emulator.journal()[-1]
    assert last["status"] is None and last["fault"] == fault
    emulator.clear_journal()
    assert emulator.journal() == []
    answer = request("GET", emulator.admin_url + "/journal?colour=red")
    assert answer.status == 400 and "colour=red is no filter" in answer.json["message"]


def test_the_journal_forgets_the_oldest(emulator: Served) -> None:
    address = urllib.parse.urlsplit(emulator.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    for _ in range(80):
        connection.request("POST", "/nothing", b"x" * (1 << 20))
        connection.getresponse().read()
    connection.close()
    entries = emulator.journal()
    assert 60 <= len(entries) <= 64 and entries[-1]["id"] - entries[0]["id"] == len(entries) - 1


# State by hand


def test_users_and_projects_by_hand(emulator: Served) -> None:
    user = emulator.add_user(projects=3)
    assert len(user["projectIds"]) == 3
    assert emulator.get("projects/projects-status", userId=user["userId"], apikey=user["apiKey"])[1]["totalProjects"] == 3
    project = emulator.add_project(userId=user["userId"], name="Mine", region="us-east-1", liveUsers=4)
    status, answer = emulator.get(f"projects/{project}", userId=user["userId"], apikey=user["apiKey"])
    assert status == 200 and (answer["name"], answer["region"], answer["liveUsers"]) == ("Mine", "us-east-1", 4)
    emulator.set_project(project, webhookUrl="http://127.0.0.1:9/", customDomain="a.example")
    changed = emulator.set_project(project, webhookUrl=None, name="Yours")
    assert (changed["webhookUrl"], changed["customDomain"], changed["name"]) == (None, "a.example", "Yours")
    emulator.reset()
    assert len(emulator.state()["users"]) == 2 and len(emulator.state()["projects"]) == 4


@pytest.mark.parametrize(
    "method, path, document, status, text",
    [
        ("PATCH", "settings", {"stateMs": -1}, 400, "stateMs must be an integer from 0"),
        ("PATCH", "settings", {"documents": "ancient"}, 400, "documents must be one of new, old"),
        ("PATCH", "settings", {"stateMs": 5, "rateWindow": 1}, 400, "Unknown: rateWindow"),
        ("PATCH", "settings", {"loseWebhooks": "a"}, 400, "loseWebhooks must be an array of strings"),
        ("PATCH", "settings", [], 400, "The body must be a JSON object"),
        ("PATCH", "projects/nothing", {"name": "a"}, 404, "There is no project nothing"),
        ("PATCH", "builds/nothing", {"status": "a"}, 404, "There is no build nothing"),
        ("PATCH", "users/nothing", {"apiKey": "a"}, 404, "There is no user nothing"),
        ("POST", "projects", {"userId": "nothing"}, 404, "There is no user nothing"),
        ("POST", "builds", {"projectId": "nothing"}, 404, "There is no project nothing"),
        ("POST", "builds", {}, 400, "projectId is missing"),
        ("POST", "webhooks", {"projectId": "nothing", "event": "a"}, 404, "The project nothing has no webhookUrl"),
        ("DELETE", "faults/7777", None, 404, "There is no fault 7777"),
        ("GET", "nothing", None, 404, "There is nothing at /_emulator/nothing"),
        ("PUT", "settings", {}, 405, "PUT is not possible here; GET, PATCH is"),
    ],
)
def test_admin_requests_that_cannot_be(
    emulator: Served, method: str, path: str, document: Any, status: int, text: str
) -> None:
    before = emulator.state()
    body = None if document is None else json.dumps(document)
    answer = request(method, f"{emulator.admin_url}/{path}", body)
    assert answer.status == status and answer.json["message"].startswith(text), answer.body
    assert emulator.state() == before, "a refused request changes nothing"


def test_the_same_twice_is_refused(emulator: Served) -> None:
    for path, document in (
        ("users", {"apiKey": emulator.api_key}),
        ("users", {"userId": emulator.user_id}),
        ("projects", {"projectId": emulator.project_id}),
        ("builds", {"projectId": emulator.project_id, "uploadId": emulator.add_build(projectId=emulator.project_id)}),
    ):
        assert request("POST", f"{emulator.admin_url}/{path}", json.dumps(document)).status == 409
    answer = request("PATCH", f"{emulator.admin_url}/users/{emulator.users[1]['userId']}", json.dumps({"apiKey": emulator.api_key}))
    assert answer.status == 409
