"""OpenStack Swift with its s3api, the whole of it in one process: proxy, account, container and object server, one device, one replica.

    python swift_s3.py FOLDER ACCESS_KEY_ID SECRET_ACCESS_KEY [SECONDS]

prints one line, {"port": ...}, when it serves, and ends at the end of its standard input. `s3_server.py` starts it; nothing is imported
from here. What the servers do is Swift's own code behind Swift's own configuration files; only the way in which they are started is ours,
because Swift's way needs a process for each server and ports that are known beforehand. Its clock is SECONDS ahead of the machine's.

FOLDER must be on a file system with extended attributes: ext4, xfs, btrfs, or tmpfs of Linux 6.6.
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import sys
import time
import warnings
from typing import Any, Dict, Tuple

monotonic = time.monotonic
# Names are looked up nowhere, and its resolver takes longer to load than all of Swift.
os.environ["EVENTLET_NO_GREENDNS"] = "yes"
warnings.simplefilter("ignore")
import eventlet  # noqa: E402

threading = eventlet.patcher.original("threading")
# Before anything else imports what is patched, as Swift's own programs have it.
eventlet.monkey_patch()

# Before Swift is, which keeps what it has imported. Nobody counts on its files when the machine has lost its power.
os.fsync = os.fdatasync = lambda descriptor: None
if len(sys.argv) > 4:
    machine_time, ahead = time.time, float(sys.argv[4])
    time.time = lambda: machine_time() + ahead

import eventlet.green.socket as socket  # noqa: E402
import eventlet.wsgi  # noqa: E402

import swift.common.utils as swift_utils  # noqa: E402
from swift.common import constraints, wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

MAX_PARTS = 10_000
"""As Amazon has it. Swift's own default is a thousand."""

SERVER = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
# A disk that is almost full is full for others.
fallocate_reserve = 0
disable_fallocate = true
log_name = {name}
log_level = WARNING
log_custom_handlers = __main__.log_to_error_output
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

PROXY = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
log_name = proxy
log_level = WARNING
log_custom_handlers = __main__.log_to_error_output
[pipeline:main]
pipeline = catch_errors gatekeeper cache bulk s3api tempauth copy slo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
paste.filter_factory = __main__:cache
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
# Requests may name their bucket in the host: BUCKET.localhost.
storage_domain = localhost
max_upload_part_num = {max_parts}
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
max_manifest_segments = {max_parts}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""

SWIFT = """\
[swift-hash]
swift_hash_path_suffix = slipway
[swift-constraints]
# A part is kept under the key, the id of its upload, and its number.
max_object_name_length = 1080
"""


class Cache:
    """What Swift uses of memcached, which is no part of this suite: without one it asks for account and bucket with each request."""

    def __init__(self) -> None:
        self._entries: Dict[str, Tuple[float, Any]] = {}

    def get(self, key: str, **_: object) -> Any:
        end, value = self._entries.get(key, (0.0, None))
        return value if end > monotonic() else None

    def set(self, key: str, value: Any, time: float = 0, **_: object) -> None:
        # As if it had gone over the wire.
        self._entries[key] = monotonic() + (time or 3600), json.loads(json.dumps(value))

    def delete(self, key: str, **_: object) -> None:
        self._entries.pop(key, None)


def cache(*_: object, **__: object) -> Any:
    """A filter for Swift's pipeline, as paste wants it."""
    shared = Cache()

    def make(application: Any) -> Any:
        def call(environment: Dict[str, Any], start: Any) -> Any:
            environment["swift.cache"] = shared
            return application(environment, start)

        return call

    return make


def log_to_error_output(*arguments: Any) -> None:
    """Called by Swift for each of its loggers, which would otherwise look for a syslog."""
    arguments[5].handlers[:] = [logging.StreamHandler(sys.__stderr__)]


def listen() -> "socket.socket":
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.listen(256)
    return listener


def serve(listener: "socket.socket", application: Any) -> None:
    """As Swift's own run_server does, which begins with a new hub: there can only be one of it in a process."""
    eventlet.wsgi.server(
        listener, application, wsgi.NullLogger(), custom_pool=eventlet.GreenPool(256), protocol=wsgi.SwiftHttpProtocol, socket_timeout=60,
        # Clients look for ETag, and would be told Etag.
        capitalize_response_headers=False,
        url_length_limit=constraints.MAX_REQUEST_LINE,
    )  # fmt: skip


def end_with_input() -> None:
    """On a thread that eventlet knows nothing of."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def make_ring(folder: pathlib.Path, name: str, port: int) -> None:
    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    builder.add_dev({
        "id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port, "device": "disk", "meta": "",
        "replication_ip": "127.0.0.1", "replication_port": port,
    })  # fmt: skip
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{name}.ring.gz"))


def main(place: str, access_key_id: str, secret_access_key: str, _: str = "") -> None:
    folder = pathlib.Path(place).resolve()
    (folder / "devices" / "disk").mkdir(parents=True)
    account, _, user = access_key_id.partition(":")
    listeners: Dict[str, "socket.socket"] = {name: listen() for name in ("account", "container", "object", "proxy")}
    ports: Dict[str, int] = {name: listener.getsockname()[1] for name, listener in listeners.items()}

    (folder / "swift.conf").write_text(SWIFT)
    for name in ("account", "container", "object"):
        make_ring(folder, name, ports[name])
        (folder / f"{name}-server.conf").write_text(SERVER.format(name=name, port=ports[name], folder=folder))
    (folder / "proxy-server.conf").write_text(PROXY.format(
        port=ports["proxy"], folder=folder, account=account, user=user, secret=secret_access_key, max_parts=MAX_PARTS))  # fmt: skip

    # Instead of /etc/swift, where Swift has looked when it was imported.
    swift_utils.set_swift_dir(str(folder))
    swift_utils.validate_hash_conf()
    constraints.reload_constraints()

    for name, listener in listeners.items():
        application = wsgi.loadapp(str(folder / f"{name}-server.conf"), global_conf={"log_name": name})
        eventlet.spawn(serve, listener, application)
    print(json.dumps({"port": ports["proxy"]}), flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    eventlet.event.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
