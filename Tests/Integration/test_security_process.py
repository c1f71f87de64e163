"""What the process of a host shows of its secrets to others on the machine, and what the library starts: nothing, and nothing."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

from conftest import Customer
from media_fixtures import Media, media  # noqa: F401
from recorder import Secrets
from security_peers import Peer
from security_requests import Bucket

# Everything is given by options, after the interpreter has started: whatever of it turns up in what others can read was put there.
SCRIPT = """\
import ctypes, json, os, resource, sys, threading
given = json.load(sys.stdin)
libc = ctypes.CDLL(None)
assert libc.prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER: whatever is left by children becomes a child of this process
libc.environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
def environment():
    found = []
    while libc.environ[len(found)] is not None:
        found.append(libc.environ[len(found)])
    return found
def files(*names):
    found = b""
    for name in names:
        for path in (f"/proc/self/{name}", *(f"/proc/self/task/{task}/{name}" for task in os.listdir("/proc/self/task"))):
            try:
                with open(path, "rb") as file:
                    found += file.read() + b"\\n"
            except (FileNotFoundError, ProcessLookupError):
                pass
    return found
import slipway
before = environment()
streampixel = slipway.Streampixel(base_url=given["streampixel"], api_key=given["key"], user_id=given["user"], rate_window=0.001)
entermedia = slipway.EnterMedia(base_url=given["entermedia"], user=given["media_user"], password=given["password"])
bucket = slipway.S3(bucket="builds", endpoint=given["bucket"], access_key_id="AKIDEXAMPLE", secret_access_key=given["secret"],
                    session_token=given["token"])
seen, children, done = b"", set(), threading.Event()
def watch():
    global seen
    while not done.wait(0.002):
        seen = files("cmdline", "environ", "comm")
        for task in os.listdir("/proc/self/task"):
            try:
                children.update(open(f"/proc/self/task/{task}/children").read().split())
            except (FileNotFoundError, ProcessLookupError):
                pass
watcher = threading.Thread(target=watch)
watcher.start()
with slipway.Client(streampixel=streampixel, entermedia=entermedia, proxy="", retry_delay=0.01) as client:
    client.projects()
    client.entermedia_login()
    client.store(given["file"], bucket, key="MyGame.zip")
    client.store(given["file"], slipway.PutURL(given["bucket"] + "/put.zip?signature=" + given["token"]))
    client.store(given["file"], slipway.Directory(given["folder"]))
    client.storage_list_unfinished(bucket)
    client.check_package(given["file"])
    client.release(project_id=given["project"], file_path=given["file"], interval=0.01, settle=0.05)
    client.release(project_id=given["project"], file_path=given["file"], interval=0.01, settle=0.05, storage=bucket)
    done.set()
    watcher.join()
    seen += files("cmdline", "environ", "comm")
try:
    children.update(map(str, os.waitpid(-1, os.WNOHANG)))
except ChildProcessError:
    pass
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "told": [name for name in ("key", "password", "secret", "token") if given[name].encode() in seen], "seen": len(seen),
    "children": sorted(children), "waited for": usage.ru_maxrss + usage.ru_minflt,
    "same environment": environment() == before, "arguments": sys.argv,
}))
"""


def test_nothing_is_shown_and_nothing_is_started(
    customer: Customer, media: Media, files: pathlib.Path, tmp_path: pathlib.Path, secrets: Secrets  # noqa: F811
) -> None:
    (tmp_path / "folder").mkdir()
    with Peer(Bucket()) as peer:
        given = {
            "streampixel": customer.base_url, "key": customer.api_key, "user": customer.user_id, "project": customer.project_id,
            "entermedia": media.base_url, "media_user": media.user, "password": media.password, "bucket": peer.url,
            "secret": secrets.add("a-secret-key-of-no-bucket-0123456789"), "token": secrets.add("a-token-of-no-bucket-0123456789"),
            "file": str(files / "MyGame.zip"), "folder": str(tmp_path / "folder"),
        }  # fmt: skip
        environment = customer.environment(HOME=str(tmp_path))
        for name in [name for name in environment if name.startswith("STREAMPIXEL_")]:
            del environment[name]
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, input=json.dumps(given), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found = json.loads(done.stdout)
    assert found.pop("seen") > 100, "without which the rest shows nothing"
    assert found == {"told": [], "children": [], "waited for": 0, "same environment": True, "arguments": ["-c"]}


def test_such_a_script_would_notice() -> None:
    """That a child was started, and a secret put where others can read it."""
    script = """\
import json, os, resource, subprocess, sys
os.environ["A_KEY"] = "x"
subprocess.run(["/bin/true"])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_maxrss + usage.ru_minflt)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert int(done.stdout) > 0


def test_connections_are_not_inherited(customer: Customer) -> None:
    """A program that the host starts meanwhile gets neither a connection nor a file: it could read, or answer."""
    script = """\
import os, slipway
settings = slipway.Streampixel(base_url=os.environ["STREAMPIXEL_BASE_URL"], rate_window=0.001)
with slipway.Client(streampixel=settings, proxy="") as client:
    client.projects()
    waiting = client.wait_for_build(project_id=os.environ["PROJECT_ID"], upload_id="none", interval=1, wait=False)
    connections = {line.split()[9] for line in read("/proc/self/net/tcp")[1:]}
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            continue
        # What libcurl wakes itself with is a pair of sockets of its own making, which nobody else is at the other end of.
        if int(name) > 2 and (target[0] == "/" or target[8:-1] in connections):
            found += [int(line.split()[1], 8) & 0o2000000 for line in read(f"/proc/self/fdinfo/{name}") if line.startswith("flags")]
    print(len(found), found.count(0))
    waiting.cancel()
"""
    head = "def read(path):\n    try:\n        return open(path).readlines()\n    except FileNotFoundError:\n        return []\n"
    done = subprocess.run(
        [sys.executable, "-c", head + script], env=customer.environment(), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    count, inherited = map(int, done.stdout.split())
    assert count >= 1 and inherited == 0, "each of them is closed by exec"
