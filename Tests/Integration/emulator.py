"""Starts slipway-emulator for tests and talks to its admin endpoints. Standard library only.

    with Emulator(files=folder, options=["--state-ms", "20"]) as emulator:
        make_build(folder / "MyGame.zip")
        status, answer = emulator.post("upload-file", projectId=emulator.project_id, fileUrl=emulator.file_url("MyGame.zip"))
        emulator.wait_for_build(answer["uploadId"], "Approved")

The emulator always ends with the test: it is terminated on the way out of the `with` block, and it ends by itself when this
process dies, because it runs with --exit-with-parent and holds the reading end of a pipe that dies with us.
"""

from __future__ import annotations

import http.client
import http.server
import json
import os
import pathlib
import random
import select
import ssl
import subprocess
import threading
import time
import urllib.parse
import zipfile
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence, Tuple, Union

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary() -> pathlib.Path:
    """The emulator's executable: $SLIPWAY_EMULATOR, or build/slipway-emulator in the repository."""
    return pathlib.Path(os.environ.get("SLIPWAY_EMULATOR") or ROOT / "build" / "slipway-emulator")


def wait_until(condition: Callable[[], Any], timeout: float = 10.0, what: str = "the condition") -> Any:
    """Asks `condition` every 5 ms until its answer is true, and returns that answer. TimeoutError names `what`."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {timeout} s")
        time.sleep(0.005)


class Answer:
    """One HTTP answer, read to its end. `cookies` are its Set-Cookie headers, of which `headers` has only the last."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, cookies: Sequence[str] = ()) -> None:
        self.status = status
        self.cookies = list(cookies)
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(
    method: str,
    url: str,
    body: Union[bytes, str, None] = None,
    headers: Optional[Mapping[str, str]] = None,
    timeout: float = 30.0,
    tls: Optional[ssl.SSLContext] = None,
) -> Answer:
    """One request on a connection of its own; the URL's path goes out exactly as written, redirects are not followed. `tls`: what https
    trusts; by default what the system does."""
    parts = urllib.parse.urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=timeout, context=tls)
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        data = body.encode() if isinstance(body, str) else body
        connection.request(method, target or "/", body=data, headers=dict(headers or {}))
        response = connection.getresponse()
        cookies = response.headers.get_all("Set-Cookie", [])
        return Answer(response.status, dict(response.getheaders()), response.read(), cookies)
    finally:
        connection.close()


class Emulator:
    """One running slipway-emulator.

    `options` are command line options as strings. `files` is a folder to serve. After `start`:

    ready         the ready line, as a dictionary
    base_url      Streampixel's base URL, ends in /pixelStripeApi (tls_base_url: the same over TLS, with --tls-cert)
    api_key, user_id, project_ids, project_id   of the first user; `users` has all of them
    files_url     base URL of the served folder (tls_files_url over TLS)
    admin_url     base URL of the admin endpoints
    entermedia    EnterMedia's baseUrl, tlsBaseUrl, user, password, key, users
    """

    def __init__(self, options: Sequence[str] = (), files: Union[str, os.PathLike[str], None] = None) -> None:
        self._options = list(options)
        if files is not None:
            self._options += ["--files", os.fspath(files)]
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.ready: dict[str, Any] = {}

    # Life

    def start(self, timeout: float = 20.0) -> "Emulator":
        """Starts the process and returns when it is ready to serve. RuntimeError when it ends, or says nothing in time."""
        process = subprocess.Popen(
            [str(binary()), "--exit-with-parent", *self._options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._process = process
        try:
            line = self._first_line(process, timeout)
            self.ready = json.loads(line)
        except BaseException:
            self.stop()
            raise
        streampixel = self.ready["streampixel"]
        self.base_url: str = streampixel["baseUrl"]
        self.tls_base_url: Optional[str] = streampixel.get("tlsBaseUrl")
        self.api_key: str = streampixel["apiKey"]
        self.user_id: str = streampixel["userId"]
        self.project_ids: list[str] = streampixel["projectIds"]
        self.project_id: str = self.project_ids[0]
        self.users: list[dict[str, Any]] = streampixel["users"]
        self.files_url: Optional[str] = self.ready.get("files", {}).get("baseUrl")
        self.tls_files_url: Optional[str] = self.ready.get("files", {}).get("tlsBaseUrl")
        self.admin_url: str = self.ready["admin"]["baseUrl"]
        self.entermedia: dict[str, Any] = self.ready["entermedia"]
        return self

    @staticmethod
    def _first_line(process: subprocess.Popen[bytes], timeout: float) -> bytes:
        assert process.stdout is not None
        deadline = time.monotonic() + timeout
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise RuntimeError(f"slipway-emulator said nothing within {timeout} s")
            some = os.read(process.stdout.fileno(), 65536)
            if not some:
                raise RuntimeError(f"slipway-emulator ended before it was ready, with code {process.wait(5)}")
            line += some
        return line

    def stop(self, timeout: float = 10.0) -> int:
        """Asks the process to end (SIGTERM), waits, and returns its exit code. It is killed if it does not end in time."""
        process = self._process
        if process is None:
            return 0
        self._process = None
        process.terminate()
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait(timeout)
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the emulator is not running"
        return self._process

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Streampixel, by plain HTTP

    def post(self, call: str, **members: Any) -> Tuple[int, Any]:
        """POST /projects/<call> as the first user; members that are None are left out. Returns (status, document)."""
        document = {"apiKey": self.api_key, "userId": self.user_id, **members}
        document = {name: value for name, value in document.items() if value is not None}
        answer = request(
            "POST", f"{self.base_url}/projects/{call}", json.dumps(document), {"Content-Type": "application/json"}
        )
        return answer.status, answer.json

    def get(self, path: str, **query: Any) -> Tuple[int, Any]:
        """GET <base>/<path> as the first user; query members that are None are left out. Returns (status, document)."""
        members = {"userId": self.user_id, "apikey": self.api_key, **query}
        encoded = urllib.parse.urlencode({name: value for name, value in members.items() if value is not None})
        answer = request("GET", f"{self.base_url}/{path}?{encoded}")
        return answer.status, answer.json

    def upload(self, file_url: str, project_id: Optional[str] = None, auto_release: Optional[bool] = None) -> str:
        """Registers a build and returns its uploadId; AssertionError when the emulator refuses it."""
        status, answer = self.post(
            "upload-file", projectId=project_id or self.project_id, fileUrl=file_url, autoRelease=auto_release
        )
        assert status in (200, 201), (status, answer)
        return str(answer["uploadId"])

    def file_url(self, name: str) -> str:
        """The URL of a file in the served folder."""
        assert self.files_url is not None, "started without files="
        return f"{self.files_url}/{urllib.parse.quote(name)}"

    # Admin endpoints

    def admin(self, method: str, path: str, document: Any = None) -> Any:
        """One admin request; returns the document. AssertionError with the emulator's own words when it refuses."""
        body = None if document is None else json.dumps(document)
        answer = request(method, f"{self.admin_url}/{path}", body, {"Content-Type": "application/json"})
        assert answer.status in (200, 201), (answer.status, answer.body.decode("utf-8", "replace"))
        return answer.json

    def fault(self, action: str, path: str = "*", method: str = "*", count: int = 1, **members: Any) -> int:
        """The next `count` requests that match get this fault (0: all, until cleared). Returns the fault's id.

        `path` is a whole path, or a prefix that ends in `*`. Actions and their members (all of them also take `skip`, how many
        matching requests pass first; `delayMs`; and `after`: "arrival" or "processing", see `slipway-emulator --help`):

        delay         delayMs
        status        status, headers={...}, body="..."
        close         (connection closed without an answer; after="processing" for the lost answer)
        truncate      bytes (of the body that are sent before the connection closes; default half)
        length        by (how much Content-Length is too large, or, negative, too small)
        drip          bytes, intervalMs
        html          status
        broken-json   status
        redirect      location, status
        oversized     bytes, or endless=True
        empty         status
        """
        document = {"action": action, "path": path, "method": method, "count": count, **members}
        return int(self.admin("POST", "faults", document)["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are set, with how often each one was applied (`hits`)."""
        return list(self.admin("GET", "faults")["faults"])

    def clear_faults(self) -> None:
        self.admin("DELETE", "faults")

    def journal(self, **filters: Any) -> list[dict[str, Any]]:
        """What the emulator received, oldest first. Filters: method, path (exact, or a prefix that ends in `*`), status, since (id)."""
        return list(self.admin("GET", "journal?" + urllib.parse.urlencode(filters))["entries"])

    def clear_journal(self) -> None:
        self.admin("DELETE", "journal")

    def state(self) -> dict[str, Any]:
        """Users, projects and builds, with what only the emulator knows: which build is live, and each build's history."""
        return dict(self.admin("GET", "state"))

    def project(self, project_id: Optional[str] = None) -> dict[str, Any]:
        """One project out of `state()`: `live` (uploadId or None) and `builds`, oldest first."""
        wanted = project_id or self.project_id
        return next(project for project in self.state()["projects"] if project["projectId"] == wanted)

    def builds(self, project_id: Optional[str] = None) -> list[dict[str, Any]]:
        return list(self.project(project_id)["builds"])

    def build(self, upload_id: str) -> dict[str, Any]:
        """One build out of `state()`."""
        return next(
            build for project in self.state()["projects"] for build in project["builds"] if build["uploadId"] == upload_id
        )

    def wait_for_build(self, upload_id: str, status: str, timeout: float = 10.0) -> dict[str, Any]:
        """Waits for a build's raw status and returns the build; for "Approved" it also has to be live or to need no release."""

        def there() -> Optional[dict[str, Any]]:
            build = self.build(upload_id)
            done = build["status"] == status and not (status == "Approved" and build["moving"])
            return build if done else None

        return dict(wait_until(there, timeout, f"status {status!r} of build {upload_id}"))

    def reset(self) -> None:
        """Back to how the process started: users, projects, settings; no builds, faults, journal or rate limits."""
        self.admin("POST", "reset", {})

    def settings(self, **members: Any) -> dict[str, Any]:
        """Changes settings at run time (rateWindowMs, stateMs, documents, ...) and returns all of them."""
        return dict(self.admin("PATCH", "settings", members) if members else self.admin("GET", "settings"))

    def add_user(self, **members: Any) -> dict[str, Any]:
        """Adds a user: userId, apiKey, projects (how many); all optional. Returns userId, apiKey, projectIds."""
        return dict(self.admin("POST", "users", members))

    def set_user(self, user_id: str, **members: Any) -> dict[str, Any]:
        """Changes a user: apiKey (a rotated key: the old one is refused from now on)."""
        return dict(self.admin("PATCH", f"users/{user_id}", members))

    def add_project(self, **members: Any) -> str:
        """Adds a project and returns its id. Members as in `set_project`, and projectId, userId."""
        return str(self.admin("POST", "projects", members)["projectId"])

    def set_project(self, project_id: str, **members: Any) -> dict[str, Any]:
        """Changes a project: name, region, enabled, subscriptionStatus, webhookUrl, webhookEvents, customDomain, liveUsers,
        usersInQueue."""
        return dict(self.admin("PATCH", f"projects/{project_id}", members))

    def add_build(self, **members: Any) -> str:
        """Adds a build without any pipeline: projectId, fileUrl, status, objection, live. Returns its uploadId."""
        return str(self.admin("POST", "builds", members)["uploadId"])

    def set_build(self, upload_id: str, **members: Any) -> dict[str, Any]:
        """Sets a build's status, objection, live by hand; the pipeline lets go of it. notify=True also posts the webhook."""
        return dict(self.admin("PATCH", f"builds/{upload_id}", members))

    def send_webhook(self, **members: Any) -> dict[str, Any]:
        """Posts a webhook now: projectId and event or body; uploadId, status, objection. Returns delivered, statusCode."""
        return dict(self.admin("POST", "webhooks", members))

    # EnterMedia's admin endpoints

    def media(self) -> dict[str, Any]:
        """What the emulated EnterMedia knows: users, assets, distributions (in the order of their creation), settings."""
        return dict(self.admin("GET", "entermedia"))

    def media_settings(self, **members: Any) -> dict[str, Any]:
        """Changes EnterMedia's settings (generation, shape, conversionMs, starting, redirectStatus, cdnPrefix) and returns all of them."""
        return dict(self.admin("PATCH", "entermedia/settings", members) if members else self.admin("GET", "entermedia/settings"))

    def add_asset(self, **members: Any) -> str:
        """Adds an asset whose renditions are there: id, name, title, content or bytes (a size); count adds ID-1 to ID-count. Returns
        the (first) id."""
        return str(self.admin("POST", "entermedia/assets", members)["id"])

    def set_media_password(self, user: str, password: str) -> dict[str, Any]:
        """A new password; the old key is refused from now on. Returns user, password, key."""
        return dict(self.admin("PATCH", f"entermedia/users/{user}", {"password": password}))

    def webhooks(self) -> list[dict[str, Any]]:
        """The webhooks that the emulator sent (or lost on purpose), oldest first."""
        return list(self.admin("GET", "webhooks")["webhooks"])


class WebhookReceiver:
    """A small server that takes webhooks: `events` has the parsed bodies in the order of their arrival."""

    def __init__(self, status: int = 200, delay: float = 0.0) -> None:
        self.status = status
        self.bodies: list[bytes] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with receiver._lock:
                    receiver.bodies.append(body)
                if delay:
                    time.sleep(delay)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhook"

    @property
    def events(self) -> list[dict[str, Any]]:
        with self._lock:
            return [json.loads(body) for body in self.bodies]

    @property
    def names(self) -> list[str]:
        return [event["event"] for event in self.events]

    def __enter__(self) -> "WebhookReceiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def make_build(
    path: Union[str, os.PathLike[str]],
    name: str = "MyGame",
    size: int = 64 * 1024,
    *,
    folder: str = "",
    iostore: bool = False,
    without: Iterable[str] = (),
    extra: Optional[Mapping[str, bytes]] = None,
    compression: int = zipfile.ZIP_STORED,
) -> pathlib.Path:
    """Writes a zip that looks like a packaged Windows build and returns its path.

    `size` is the size of the container file in Content/Paks (about the size of the zip); its bytes depend on `name` only. `folder`
    puts everything one folder down. `iostore` writes .ucas and .utoc instead of .pak. `without` leaves out "exe", "engine" or
    "paks". `extra` adds entries by their exact names.
    """
    missing = set(without)
    root = f"{folder}/" if folder else ""
    entries: list[Tuple[str, Union[bytes, int]]] = []
    if "exe" not in missing:
        entries.append((f"{root}{name}.exe", b"MZ" + bytes(1022)))
    entries.append((f"{root}{name}/Binaries/Win64/{name}-Win64-Shipping.exe", b"MZ" + bytes(4094)))
    if "engine" not in missing:
        entries.append((f"{root}Engine/Binaries/ThirdParty/PhysX3/Win64/PhysX3_x64.dll", b"MZ" + bytes(510)))
    if "paks" not in missing:
        paks = f"{root}{name}/Content/Paks/{name}-Windows"
        if iostore:
            entries += [(f"{paks}.ucas", size), (f"{paks}.utoc", 512)]
        else:
            entries.append((f"{paks}.pak", size))
    entries += list((extra or {}).items())

    chunk = random.Random(name).randbytes(1 << 16)
    target = pathlib.Path(path)
    with zipfile.ZipFile(target, "w", compression) as archive:
        for entry, content in entries:
            information = zipfile.ZipInfo(entry)
            information.compress_type = compression
            with archive.open(information, "w", force_zip64=isinstance(content, int) and content >= 1 << 31) as stream:
                if isinstance(content, bytes):
                    stream.write(content)
                else:
                    for offset in range(0, content, len(chunk)):
                        stream.write(chunk[: content - offset])
    return target
