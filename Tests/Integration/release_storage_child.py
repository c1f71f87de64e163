"""release_child.py with a bucket as the host of the build: a release in a process of its own, to be ended by SIGKILL.

    release_storage_child.py PROJECT_ID FILE BUCKET ENDPOINT PREFIX PART_SIZE
        [--resume-from PLACE_OR_ID] [--manual] [--remove] [--hold MOMENT]

What it prints and where it stands still is as there. The credentials are in the environment, as AWS's own tools have them.
"""

from __future__ import annotations

import argparse
import os

import slipway
from release_child import Diary


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("project_id", "file", "bucket", "endpoint", "prefix"):
        parser.add_argument(name)
    parser.add_argument("part_size", type=int)
    parser.add_argument("--resume-from")
    parser.add_argument("--manual", action="store_true")
    parser.add_argument("--remove", action="store_true")
    parser.add_argument("--hold")
    given = parser.parse_args()
    storage = slipway.S3(
        given.bucket, endpoint=given.endpoint, key_prefix=given.prefix, part_size=given.part_size, parallel_parts=1)  # fmt: skip
    service = slipway.Streampixel(base_url=os.environ["STREAMPIXEL_BASE_URL"], rate_window=0.001)
    with slipway.Client(streampixel=service, retry_delay=0.01) as client:
        client.release(
            project_id=given.project_id, file_path=given.file, resume_from=given.resume_from, storage=storage,
            auto_release=not given.manual, remove_when_done=given.remove, interval=0.01, max_interval=0.02, settle=0.3, deadline=120.0,
            on_progress=Diary(given.hold))  # fmt: skip


if __name__ == "__main__":
    main()
