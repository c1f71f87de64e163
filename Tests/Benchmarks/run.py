#!/usr/bin/env python3
"""Measures Slipway against what a careful programmer would write without it, and prints tables. `make bench` runs it.

    run.py [--library build/libslipway.so.0] [--only posts,upload] [--rounds 7] [--seconds 1] [--json FILE] [--strict]

The parts are posts, python, memory, first, upload and create_many. All clients of a part talk to the same server on 127.0.0.1: nginx, or
media_sink.c where an answer must have what the request had. Machines are noisy, so the rivals take turns, round by round, in changing
order; a figure is the median of its rounds, and [low..high] is what they were spread over. A ratio is the median of the ratios within a
round: a neighbour who slows a round down slows both sides of it. CPU is that of the client's process, user and system, all threads.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import time

from entermedia import measure_create_many, measure_upload
from measurement import HERE, OUTPUT, ROOT, YARDSTICK, Result, fail, goal, goals, median, print_load, print_table, ratio, run_json, say
from measurement import spread, take_turns
from sink import Sink, find_nginx

PARTS = ("posts", "python", "memory", "first", "upload", "create_many")
IN_FLIGHT = (1, 64, 1024)
RATIO_GOAL = 0.9  # of the C loop's rate, at 64 in flight
MEMORY_GOAL = 2048  # bytes per queued operation


# ------------------------------------------------------------------------------------------------------------------------ preparation


def build(library: pathlib.Path) -> None:
    """Compiles the C programs into build/benchmarks."""
    compiler = os.environ.get("CC") or next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if compiler is None:
        raise fail("no C compiler found. Install one (Debian: apt-get install gcc) or set CC.")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", f"-I{ROOT / 'include'}"]
    slipway = [str(library), f"-Wl,-rpath,{library.parent}", "-pthread"]
    programs = {
        "c_loop": ["-lcurl", "-ljansson"],
        "c_first": ["-lcurl", "-ljansson"],
        "slipway_loop": slipway,
        "slipway_queue": slipway,
        "slipway_first": ["-ldl"],
        "media_sink": [],
        "process": [],
        "c_sendfile": [],
        "slipway_asset_upload": slipway,
        "slipway_create_many": slipway,
    }
    for name, libraries in programs.items():
        command = [*compiler.split(), *flags, str(HERE / f"{name}.c"), "-o", str(OUTPUT / name), *libraries]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            say(done.stderr)
            raise fail(f"{name}.c does not compile. It needs libcurl4-openssl-dev and libjansson-dev (Debian), or their like.")


def lacks_peers() -> str:
    """What this Python lacks of the packages that Slipway is compared with; "" when they are there."""
    done = subprocess.run([sys.executable, "-c", "import aiohttp, requests"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def allow_descriptors() -> None:
    """1,024 connections are as many descriptors in the client, and again in nginx."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < 2048:
        raise fail(f"1,024 connections need more than the {wanted} descriptors that are allowed here: ulimit -Hn")


def first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return f"{command[0]}: not found"
    return ((done.stdout or done.stderr).strip().splitlines() or [f"{command[0]}: says nothing"])[0]


def print_machine(library: pathlib.Path) -> None:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    say(f"{time.strftime('%Y-%m-%d %H:%M')}, {processor}, {os.cpu_count()} cores, Linux {platform.release()}, load {load:.1f}")
    curl = " ".join(first_line("curl", "--version").split()[:3])
    say(f"{first_line(find_nginx(), '-v')}; {curl}; Python {platform.python_version()}")
    say(f"{library}: {library.stat().st_size / 1e6:.1f} MB")
    if load > 1:
        say(f"Others are at work on this machine (load {load:.1f}, {os.cpu_count()} cores): figures are low, their spread is wide,")
        say("and what has more threads gets more of what is left. Measure again when it is quiet before you believe a ratio.")
    say()


# ----------------------------------------------------------------------------------------------------------------------- measurements


def load_arguments(sink: Sink, in_flight: int, seconds: float) -> list[str]:
    # 1,024 connections take their time to stand.
    warm_up = 1.0 if in_flight > 256 else 0.4
    return ["--base-url", sink.base_url, "--in-flight", str(in_flight), "--seconds", str(seconds), "--warm-up", str(warm_up)]


def measure_posts(sink: Sink, rounds: int, seconds: float) -> Result:
    say(f"1. POSTs through the C ABI, against a C loop on the same libcurl: {rounds} rounds of {seconds:g} s")
    say("   Ratios are to the first C loop. Of the C loops, 'no JSON' does less than the job: it is the cost of the transport.")
    say()
    rivals = {
        "Slipway": ["slipway_loop"],
        "Slipway, polled": ["slipway_loop", "--polled"],
        YARDSTICK: ["c_loop"],
        "C loop: socket_action, epoll": ["c_loop", "--engine", "socket"],
        "C loop: the same, kept registered": ["c_loop", "--engine", "socket-lazy"],
        "C loop: perform, poll, no JSON": ["c_loop", "--no-json"],
    }
    everything: Result = {}
    for in_flight in IN_FLIGHT:
        arguments = load_arguments(sink, in_flight, seconds)
        commands = {name: [str(OUTPUT / command[0]), *command[1:], *arguments] for name, command in rivals.items()}
        results = take_turns({name: functools.partial(run_json, command) for name, command in commands.items()}, rounds)
        print_load(in_flight, results, YARDSTICK)
        everything[str(in_flight)] = results
        if in_flight == 64:
            reached = ratio(results["Slipway"], results[YARDSTICK], "rate")
            goal(f"POST/s at 64 in flight: {reached:.2f} of the C loop, goal {RATIO_GOAL}", reached >= RATIO_GOAL)
    return everything


def measure_python(sink: Sink, library: pathlib.Path, rounds: int, seconds: float) -> Result:
    lacks = lacks_peers()
    if lacks:
        say(f"2. Python: not measured: {lacks}. `make bench` installs it; by hand: pip install -r Tests/Benchmarks/requirements.txt")
        say()
        return {}
    say(f"2. POSTs from Python, against aiohttp and requests: {rounds} rounds of {seconds:g} s")
    say("   Ratios are to aiohttp. requests has a thread per call in flight, so it is left out at 1,024.")
    say()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "bindings" / "python"), "SLIPWAY_LIBRARY": str(library)}
    everything: Result = {}
    for in_flight in IN_FLIGHT:
        clients = {"Slipway, callbacks": "slipway", "Slipway, await": "slipway-await", "aiohttp": "aiohttp"}
        if in_flight <= 64:
            clients["requests"] = "requests"
        base = [sys.executable, str(HERE / "python_load.py"), *load_arguments(sink, in_flight, seconds)]
        commands = {name: [*base, "--client", client] for name, client in clients.items()}
        turns = {name: functools.partial(run_json, command, environment) for name, command in commands.items()}
        results = take_turns(turns, rounds)
        print_load(in_flight, results, "aiohttp")
        everything[str(in_flight)] = results
    return everything


def measure_memory() -> Result:
    say("3. Memory of an operation that waits for a connection: 100,000 of them behind 4 connections, 3 processes")
    say()
    results = [run_json([str(OUTPUT / "slipway_queue")]) for _ in range(3)]
    each = median(results, "bytes")
    rows = [
        [
            f"{each:,.0f}",
            spread(results, "bytes", ",.0f"),
            f"{median(results, 'before_mb'):.1f} MB",
            f"{median(results, 'after_mb'):.1f} MB",
            f"{median(results, 'start_us'):.1f} us",
            f"{median(results, 'cpu_us'):.1f} us",
            f"{median(results, 'close_ms'):,.0f} ms",
        ]
    ]
    print_table(["bytes each", "[low..high]", "resident before", "after", "to start one", "CPU for one", "to cancel all"], rows)
    goal(f"memory of a queued operation: {each:,.0f} bytes, goal under {MEMORY_GOAL:,}", each < MEMORY_GOAL)
    return {"slipway": results}


def measure_first(sink: Sink, library: pathlib.Path, processes: int) -> Result:
    say(f"4. The first completed call of a fresh process, files in the page cache: {processes} processes each")
    say()
    slipway = [str(OUTPUT / "slipway_first"), "--library", str(library), "--base-url", sink.base_url]
    linked = [str(OUTPUT / "c_first"), "--base-url", sink.base_url]

    def started(command: list[str]) -> Result:
        return run_json([*command, "--started", f"{time.monotonic():.9f}"])

    results = take_turns({"Slipway, by dlopen": lambda: started(slipway), "C, linked": lambda: started(linked)}, processes)
    rows = [
        [
            name,
            f"{median(taken, 'first_ms'):.1f}",
            spread(taken, "first_ms", ".1f"),
            *(f"{median(taken, key):.1f}" for key in ("load_ms", "create_ms", "call_ms")),
            f"{median(taken, 'process_ms'):.1f}",
            f"{median(taken, 'cpu_ms'):.1f}",
        ]
        for name, taken in results.items()
    ]
    headings = ["ms", "from dlopen (C: main)", "[low..high]", "dlopen", "to create", "to call", "from exec", "CPU in all"]
    print_table(headings, rows)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures Slipway against hand-written C, aiohttp and requests.")
    parser.add_argument("--library", type=pathlib.Path, default=ROOT / "build" / "libslipway.so.0")
    parser.add_argument("--only", default=",".join(PARTS), help=f"a comma-separated choice of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long one measurement takes")
    parser.add_argument("--json", type=pathlib.Path, help="a file for every single result")
    parser.add_argument("--strict", action="store_true", help="end with status 1 when a goal is missed")
    arguments = parser.parse_args()
    chosen = set(arguments.only.split(","))
    if not chosen <= set(PARTS) or arguments.rounds < 1:
        parser.error(f"--only takes {', '.join(PARTS)}; --rounds at least 1")
    library = arguments.library.resolve()
    if not library.exists():
        raise fail(f"{library} is not there: make lib")
    allow_descriptors()
    build(library)
    print_machine(library)

    results: Result = {}
    with Sink() as sink:
        if "posts" in chosen:
            results["posts"] = measure_posts(sink, arguments.rounds, arguments.seconds)
        if "python" in chosen:
            results["python"] = measure_python(sink, library, max(1, arguments.rounds // 2), arguments.seconds)
        if "memory" in chosen:
            results["memory"] = measure_memory()
        if "first" in chosen:
            results["first"] = measure_first(sink, library, 20)
        if "upload" in chosen:
            results["upload"] = measure_upload(arguments.rounds)
        if "create_many" in chosen:
            results["create_many"] = measure_create_many(sink, arguments.rounds)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))
    for text, met in goals:
        say(f"{'met   ' if met else 'MISSED'}  {text}")
    return 1 if arguments.strict and not all(met for _, met in goals) else 0


if __name__ == "__main__":
    raise SystemExit(main())
