"""A release in a process of its own, to be ended by SIGKILL: prints what it can be taken up again from, and nothing else.

    release_child.py PROJECT_ID FILE [--resume-from LINK_OR_ID] [--manual] [--remove] [--hold MOMENT]

Each new resume_from is one line on standard output, there before on_progress returns. Where the services are is in the environment.

--hold makes it stand still inside on_progress for ever, after a last line that says so:

    start      at the first news, when there is nothing to resume from yet
    link       when it is told the link, before it prints that
    link-told  when it has printed the link
    id         when it is told the upload id, before it prints that
    id-told    when it has printed the upload id
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Optional

import slipway

HOLDING = "holding"


class Diary:
    """Writes down what to resume from, and stands still where it is told to."""

    def __init__(self, hold: Optional[str]) -> None:
        self.hold = hold
        self.written: Optional[str] = None

    def __call__(self, progress: slipway.Progress) -> None:
        self.reach("start")
        if progress.resume_from is None or progress.resume_from == self.written:
            return
        kind = "link" if "://" in progress.resume_from else "id"
        self.reach(kind)
        print(progress.resume_from, flush=True)
        self.written = progress.resume_from
        self.reach(f"{kind}-told")

    def reach(self, moment: str) -> None:
        if moment != self.hold:
            return
        print(HOLDING, flush=True)
        sys.stdin.read()  # ends with whoever was to kill us
        os._exit(1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("project_id")
    parser.add_argument("file")
    parser.add_argument("--resume-from")
    parser.add_argument("--manual", action="store_true")
    parser.add_argument("--remove", action="store_true")
    parser.add_argument("--hold")
    given = parser.parse_args()
    service = slipway.Streampixel(base_url=os.environ["STREAMPIXEL_BASE_URL"], rate_window=0.001)
    with slipway.Client(streampixel=service, retry_delay=0.01) as client:
        client.release(
            project_id=given.project_id, file_path=given.file, resume_from=given.resume_from, auto_release=not given.manual,
            remove_when_done=given.remove, interval=0.01, max_interval=0.02, settle=0.3, deadline=120.0, on_progress=Diary(given.hold))


if __name__ == "__main__":
    main()
