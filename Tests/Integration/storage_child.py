"""Stores a file in a process of its own, to be ended by SIGKILL. Prints the answer as one line of JSON when it gets that far.

    storage_child.py FILE BUCKET ENDPOINT KEY [--part-size BYTES] [--parallel PARTS]

The credentials are in the environment, as AWS's own tools have them.
"""

from __future__ import annotations

import argparse
import dataclasses
import json

import slipway


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("file", "bucket", "endpoint", "key"):
        parser.add_argument(name)
    parser.add_argument("--part-size", type=int)
    parser.add_argument("--parallel", type=int)
    given = parser.parse_args()
    storage = slipway.S3(
        given.bucket, endpoint=given.endpoint, part_size=given.part_size, parallel_parts=given.parallel, link=slipway.Link.NONE
    )
    with slipway.Client(retry_delay=0.01) as client:
        print(json.dumps(dataclasses.asdict(client.store(given.file, storage, key=given.key))))


if __name__ == "__main__":
    main()
