#!/usr/bin/env python3
"""The controlled release: builds that were uploaded with auto_release=False go on the air as soon as Streampixel has approved them.

    STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=... ./controlled_release.py 665a1c2e9b1d4f0012ab34cd --listen 0.0.0.0:8080

Then enter http://<this machine>:8080/webhook as the project's webhook in the dashboard. Behind a path that nobody can guess (--path),
it gets less noise; it does not have to rely on that, for this is what it makes of a webhook:

- It is answered at once. The service gives up after ten seconds and never tries again, and a distribution may wait its turn for minutes.
- It is believed only as far as the service confirms it: events are not signed.
- It may be lost. So the project itself is read at the start, and then every few minutes: what is approved and was not distributed is
  distributed. Webhooks make it fast; this makes it certain.
- It may come twice. So each distribution is noted in a ledger, before and after. That is the only state kept here, and it cannot be
  avoided: the service shows "Approved" for a build that waits as for one that is on the air. If the ledger says "began" and no more,
  the process ended in between: the distribution is triggered again, which does no harm to the same build.

What is approved before there is any ledger is left alone: somebody decided about it without this program.
"""

from __future__ import annotations

import argparse
import hmac
import http.server
import os
import pathlib
import queue
import signal
import sys
import threading
import time
from typing import Any, Dict, Optional, Tuple

import slipway

LARGEST_EVENT = 64 * 1024


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Ledger:
    """Which builds were distributed: a file of lines "<mark> <id>", each on the disk before anything is done about it."""

    def __init__(self, path: pathlib.Path) -> None:
        self._marks: Dict[str, str] = {}
        self._file = open(path, "a+", encoding="utf-8")
        self._file.seek(0)
        complete, _, cut_off = self._file.read().rpartition("\n")
        for line in complete.splitlines():
            mark, _, name = line.partition(" ")
            self._marks[name] = mark
        if cut_off:
            # A crash in the middle of a line: what it announces had not begun.
            self._file.write("\n")

    def is_settled(self, name: str) -> bool:
        return self._marks.get(name) in ("distributed", "left-alone", "begun-with")

    def note(self, mark: str, name: str) -> None:
        self._file.write(f"{mark} {name}\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._marks[name] = mark


class Controller:
    """Decides and acts, on one thread: nothing here happens twice at a time."""

    def __init__(self, client: slipway.Client, project_id: str, ledger: Ledger, reconcile_every: float) -> None:
        self._client = client
        self._project_id = project_id
        self._ledger = ledger
        self._reconcile_every = reconcile_every
        # Bounded: what does not fit is dropped, since the next reconciliation sees it anyway.
        self._inbox: "queue.Queue[bytes]" = queue.Queue(maxsize=100)

    def put(self, body: bytes) -> None:
        """Called by the web server. Never blocks."""
        try:
            self._inbox.put_nowait(body)
        except queue.Full:
            pass

    def begin(self) -> None:
        """Before any webhook can come: with a new ledger, leaves alone what is approved already."""
        if self._ledger.is_settled(self._project_id):
            return
        for build in self._client.project(self._project_id).builds:
            if build.state == "approved":
                self._ledger.note("left-alone", build.upload_id)
                say(f"left alone: {build.upload_id} was approved before this program began")
        self._ledger.note("begun-with", self._project_id)

    def run(self) -> None:
        due = time.monotonic()
        while True:
            try:
                body: Optional[bytes] = self._inbox.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                body = None
            try:
                if body is not None:
                    self._hear(body)
                if time.monotonic() >= due:
                    due = time.monotonic() + self._reconcile_every
                    self._reconcile()
            except slipway.CancelledError:
                raise
            except slipway.SlipwayError as error:
                # Whatever it was: the next reconciliation tries again.
                say(f"failed: {error}")

    def _hear(self, body: bytes) -> None:
        try:
            event = self._client.receive_webhook(body)  # also wakes the wait for a build that is on its way to the air
        except slipway.ProtocolError:
            return
        if event.event != "build.approved" or event.project_id != self._project_id or event.upload_id is None:
            return
        if self._ledger.is_settled(event.upload_id):
            return
        if self._client.receive_webhook(body, confirm=True).confirmed is True:
            self._distribute(event.upload_id)
        else:
            say(f"not confirmed: {event.upload_id}")

    def _reconcile(self) -> None:
        for build in self._client.project(self._project_id).builds:
            if build.state == "approved" and not self._ledger.is_settled(build.upload_id):
                self._distribute(build.upload_id)

    def _distribute(self, upload_id: str) -> None:
        self._ledger.note("began", upload_id)
        # Waits its turn at the service's limit of one in two minutes; webhooks that come meanwhile wait in the inbox.
        self._client.distribute(project_id=self._project_id, upload_id=upload_id)
        self._ledger.note("distributed", upload_id)
        say(f"distributed: {upload_id}")
        waiting = self._client.wait_for_build(project_id=self._project_id, upload_id=upload_id, until="live", wait=False)
        waiting.add_done_callback(self._tell_the_end)

    @staticmethod
    def _tell_the_end(operation: "slipway.Operation[slipway.BuildVerdict]") -> None:
        error = operation.exception()
        if error is None:
            say(f"live: {operation.result().upload_id}")
        elif not isinstance(error, slipway.CancelledError):
            say(f"not live: {error}")


def make_server(address: Tuple[str, int], path: str, controller: Controller) -> http.server.ThreadingHTTPServer:
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10  # seconds for whoever sends nothing
        server_version = "controlled_release"

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not hmac.compare_digest(self.path.encode(), path.encode()):
                self._answer(404)
            elif not length.isdigit():
                self._answer(411)
            elif int(length) > LARGEST_EVENT:
                self._answer(413)
            else:
                controller.put(self.rfile.read(int(length)))
                self._answer(202)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(address, Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="webhooks", daemon=True).start()
    return server


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project_id")
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="ADDRESS:PORT", help="port 0: one that is free")
    parser.add_argument("--path", default="/webhook", help="the webhook's path on this server")
    parser.add_argument("--ledger", type=pathlib.Path, default=pathlib.Path("controlled_release.ledger"), metavar="FILE")
    parser.add_argument("--reconcile", type=float, default=300.0, metavar="SECONDS", help="between two looks at the project")
    parser.add_argument("--rate-window", type=float, metavar="SECONDS", help="the service's limit; for a stand-in only")
    arguments = parser.parse_args()
    host, _, port = arguments.listen.rpartition(":")

    # On the main thread, which waits in Python: it takes effect at once, whatever goes on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    service = slipway.Streampixel(base_url=os.environ.get("STREAMPIXEL_BASE_URL"), rate_window=arguments.rate_window)
    try:
        with slipway.Client(streampixel=service, user_agent="controlled_release") as client:
            controller = Controller(client, arguments.project_id, Ledger(arguments.ledger), arguments.reconcile)
            controller.begin()
            server = make_server((host, int(port)), arguments.path, controller)
            say(f"listening: http://{host}:{server.server_address[1]}")  # the path may be a secret
            controller.run()
    except slipway.SlipwayError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
