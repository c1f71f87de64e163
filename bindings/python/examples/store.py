#!/usr/bin/env python3
"""Stores a file of any size, and prints a link to it: on S3-compatible storage, behind a URL that takes a PUT, or in a folder.

    export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
    ./store.py Saved/MyGame-1.0.zip --bucket my-builds --region eu-central-1
    ./store.py Saved/MyGame-1.0.zip --bucket my-builds --endpoint https://<account>.r2.cloudflarestorage.com --region auto \\
        --public-url https://builds.example.com
    ./store.py Saved/MyGame-1.0.zip --put-url "https://storage.example.com/MyGame-1.0.zip?signature=..."
    ./store.py Saved/MyGame-1.0.zip --directory /srv/www/builds --public-url https://www.example.com/builds

It may be interrupted at any time: what is there already is not sent again by the same command, nor are the parts of it that a bucket has.
The link is the only line of the standard output; everything else is told on the other one.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time

import slipway


class Teller:
    """Prints news, each once."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._last = ""

    def say(self, text: str, key: str = "") -> None:
        if (key or text) != self._last:
            self._last = key or text
            print(f"{time.monotonic() - self._start:7.1f} s  {text}", file=sys.stderr, flush=True)

    def progress(self, progress: slipway.Progress) -> None:
        if progress.stage != slipway.Stage.TRANSFERRING or not progress.bytes_total:
            self.say(f"  {progress.message}")
            return
        percent = f"{100 * progress.bytes_done // progress.bytes_total} %"
        text = f"  {percent} of {progress.bytes_total / 1e6:,.1f} MB"
        if progress.items_total:
            text += f", {progress.items_done} of {progress.items_total} parts"
        if progress.bytes_per_second is not None:
            text += f", {progress.bytes_per_second / 1e6:,.1f} MB/s"
        if progress.time_left is not None:
            minutes, seconds = divmod(round(progress.time_left), 60)
            text += f", {minutes}:{seconds:02} left"
        self.say(text, key=percent)


def storage_of(arguments: argparse.Namespace) -> slipway.Storage:
    if arguments.put_url is not None:
        return slipway.PutURL(arguments.put_url, public_url=arguments.public_url)
    if arguments.directory is not None:
        return slipway.Directory(arguments.directory, public_url=arguments.public_url)
    return slipway.S3(arguments.bucket, endpoint=arguments.endpoint, region=arguments.region, public_url=arguments.public_url)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--bucket", help="of S3-compatible storage; the keys are those of the environment, or of a profile")
    where.add_argument("--put-url", metavar="URL", help="takes the file by one PUT")
    where.add_argument("--directory", type=pathlib.Path, metavar="FOLDER", help="a folder of this machine")
    parser.add_argument("--endpoint", metavar="URL", help="of the storage that the bucket is on; none for AWS")
    parser.add_argument("--region", help='of the bucket; "auto" for R2')
    parser.add_argument("--key", help="the object's name; the file's, if it is not given")
    parser.add_argument("--public-url", metavar="URL", help="what objects are read through; with --put-url: the whole link")
    arguments = parser.parse_args()
    if arguments.bucket is None and (arguments.endpoint is not None or arguments.region is not None):
        parser.error("--endpoint and --region go with --bucket")

    tell = Teller()
    try:
        with slipway.Client(user_agent="store") as client:
            stored = client.store(arguments.file, storage_of(arguments), key=arguments.key, on_progress=tell.progress)
    except slipway.SlipwayError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    tell.say("was there already" if stored.skipped else f"stored: {stored.bytes_sent:,} bytes sent, {stored.parts_reused} parts reused")
    if stored.url is None:
        print(stored.path)
        return 0
    if stored.url_expires_at is not None:
        tell.say(f"anybody who has this link can read the file until {stored.url_expires_at}")
    print(stored.url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
