#!/usr/bin/env python3
"""Releases a packaged build: a .zip in, a live build out. It may be interrupted at any time, and goes on where it was.

    export STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=...
    export ENTERMEDIA_BASE_URL=https://dam.example.com/assets/mediadb ENTERMEDIA_USER=... ENTERMEDIA_PASSWORD=...
    ./release.py 665a1c2e9b1d4f0012ab34cd Saved/MyGame-1.0.zip

Against the stand-in: start slipway-emulator and set these, and STREAMPIXEL_BASE_URL, too, to what its ready line says.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import time
from typing import Optional

import slipway


class Teller:
    """Prints news, each once, and keeps what to resume from."""

    def __init__(self) -> None:
        self.resume_from: Optional[str] = None
        self._start = time.monotonic()
        self._last = ""

    def say(self, text: str, key: str = "") -> None:
        if (key or text) != self._last:
            self._last = key or text
            print(f"{time.monotonic() - self._start:7.1f} s  {text}", flush=True)

    def progress(self, progress: slipway.Progress) -> None:
        if progress.resume_from is not None and progress.resume_from != self.resume_from:
            # Nothing is made before this returns: whatever happens to this program, what it leaves behind can be found.
            self.resume_from = progress.resume_from
            self.say(f"if this is interrupted: --resume-from {self.resume_from}")
        if progress.stage == slipway.Stage.TRANSFERRING and progress.bytes_total:
            percent = 100 * progress.bytes_done // progress.bytes_total
            self.say(f"  {progress.release_stage}: {percent} % of {self._transfer(progress)}", key=f"{percent} %")
        else:
            self.say(f"  {progress.release_stage}: {progress.service_state or progress.message}")

    @staticmethod
    def _transfer(progress: slipway.Progress) -> str:
        text = f"{progress.bytes_total / 1e6:,.1f} MB"
        if progress.bytes_per_second is not None:
            text += f", {progress.bytes_per_second / 1e6:,.1f} MB/s"
        if progress.time_left is not None:
            minutes, seconds = divmod(round(progress.time_left), 60)
            text += f", {minutes}:{seconds:02} left"
        return text


def how_to_go_on(resume_from: Optional[str]) -> str:
    return "" if resume_from is None else f"\nto go on: --resume-from {resume_from}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project_id")
    parser.add_argument("file_path", type=pathlib.Path, nargs="?", help="the .zip; may be left out to go on with a build that is hosted")
    parser.add_argument("--resume-from", metavar="WHAT", help="goes on with a release that was interrupted")
    parser.add_argument("--remove-when-done", action="store_true", help="leave nothing on the EnterMedia server")
    parser.add_argument("--interval", type=float, default=5.0, metavar="SECONDS", help="between two questions how far the build is")
    arguments = parser.parse_args()

    tell = Teller()
    service = slipway.Streampixel(base_url=os.environ.get("STREAMPIXEL_BASE_URL"))
    try:
        with slipway.Client(streampixel=service, user_agent="release") as client:
            release = client.release(
                project_id=arguments.project_id,
                file_path=arguments.file_path,
                resume_from=arguments.resume_from,
                remove_when_done=arguments.remove_when_done,
                interval=arguments.interval,
                on_progress=tell.progress,
            )
    except slipway.RejectedError as error:
        print(f"rejected: {error}", file=sys.stderr)
        return 2
    except slipway.SlipwayError as error:
        print(f"failed: {error}{how_to_go_on(error.resume_from)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"interrupted{how_to_go_on(tell.resume_from)}", file=sys.stderr)
        return 130
    for step in release.timeline:
        tell.say(f"  {step.stage:10}  {step.took or 0:7.1f} s" + ("  (done before)" if step.reused else ""))
    tell.say(f"live: {release.upload_id}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
