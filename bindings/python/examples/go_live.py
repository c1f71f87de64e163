#!/usr/bin/env python3
"""Brings a packaged build on the air: registers it, waits for the verdict, distributes it, waits until it is live.

    STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=... ./go_live.py 665a1c2e9b1d4f0012ab34cd https://downloads.example.com/MyGame-1.0.zip

Against the stand-in: start slipway-emulator and set STREAMPIXEL_BASE_URL, too, to what its ready line says.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import slipway


class Teller:
    """Prints news, each once."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._last = ""

    def say(self, text: str) -> None:
        if text != self._last:
            self._last = text
            print(f"{time.monotonic() - self._start:7.1f} s  {text}", flush=True)

    def progress(self, progress: slipway.Progress) -> None:
        self.say(f"  {progress.service_state or progress.message}")


def go_live(client: slipway.Client, project_id: str, file_url: str, interval: float, tell: Teller) -> str:
    upload = client.upload(project_id=project_id, file_url=file_url, auto_release=False, on_progress=tell.progress)
    tell.say(f"registered: {upload.upload_id}" + (" (the answer was lost; it was found among the builds)" if upload.recovered else ""))

    client.wait_for_build(project_id=project_id, upload_id=upload.upload_id, interval=interval, on_progress=tell.progress)
    tell.say("approved")

    client.distribute(project_id=project_id, upload_id=upload.upload_id, on_progress=tell.progress)
    tell.say("distribution triggered")

    client.wait_for_build(
        project_id=project_id, upload_id=upload.upload_id, until="live", interval=interval, max_interval=interval, on_progress=tell.progress
    )
    return upload.upload_id


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project_id")
    parser.add_argument("file_url", help="a direct link to the .zip")
    parser.add_argument("--interval", type=float, default=5.0, metavar="SECONDS", help="between two questions how far the build is")
    arguments = parser.parse_args()

    tell = Teller()
    service = slipway.Streampixel(base_url=os.environ.get("STREAMPIXEL_BASE_URL"))
    try:
        with slipway.Client(streampixel=service, user_agent="go_live") as client:
            upload_id = go_live(client, arguments.project_id, arguments.file_url, arguments.interval, tell)
    except slipway.RejectedError as error:
        print(f"rejected: {error}", file=sys.stderr)
        return 2
    except slipway.SlipwayError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what the service already got goes on", file=sys.stderr)
        return 130
    tell.say(f"live: {upload_id}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
