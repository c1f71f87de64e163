"""EnterMedia's share of the benchmarks: a large file against `curl -F`, a large collection against a C loop."""

from __future__ import annotations

import functools
import json
import pathlib
import shutil
import uuid
from typing import Callable

from measurement import OUTPUT, YARDSTICK, Result, cpu_of, fail, goal, median, print_load, print_table, ratio, run_json, say, spread
from measurement import take_turns
from media_sink import MediaSink
from sink import Sink

FILE_SIZE = 3 << 30
UPLOAD_GOAL = 0.95  # of the throughput of curl -F
UPLOAD_MEMORY_GOAL = 40  # MB, for the process as a whole
KEY = "benchmark-key"

ITEMS = 100_000
PARALLEL = 64
FAULT_EVERY = 50
CREATE_MANY_GOAL = 0.85  # of the C loop's rate
GROWTH_GOAL = 0.05  # of resident memory, from 20 % of the items to all of them

# ---------------------------------------------------------------------------------------------------------------------------- upload


def make_file(path: pathlib.Path) -> None:
    """A sparse file, read once, so that it is in the page cache: no disk is measured."""
    with open(path, "wb") as file:
        file.truncate(FILE_SIZE)
    with open(path, "rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass


def upload_with(command: Callable[[str], list[str]], sink: MediaSink) -> Result:
    """One upload in a process of its own; the sink must have got every byte of it."""
    before = sink.counts()
    result = run_json([str(OUTPUT / "process"), *command(str(uuid.uuid4()))])
    after = sink.counts()
    got = {key: after[key] - before[key] for key in ("uploads", "file_bytes", "malformed")}
    if got != {"uploads": 1, "file_bytes": FILE_SIZE, "malformed": 0}:
        raise fail(f"{command('ID')[0]} did not upload one file of {FILE_SIZE} bytes: the sink got {got}")
    result["mb_per_s"] = FILE_SIZE / 1e6 / result["wall_s"]
    result["cpu_s"] = result["user_s"] + result["system_s"]
    result["sink_cpu_s"] = after["cpu_s"] - before["cpu_s"]
    return result


def measure_upload(rounds: int) -> Result:
    curl = shutil.which("curl")
    if curl is None:
        raise fail("curl is not installed. Install it (Debian: apt-get install curl) and run this again.")
    say(f"5. An asset's file of {FILE_SIZE / 1e9:.2f} GB to a sink that discards it, against curl -F: {rounds} rounds")
    say("   A process each, from its start to its end. The file is sparse and in the page cache, so no disk is measured. sendfile has no")
    say("   HTTP library and copies nothing: it is what the sink could take. Memory is the most that any of the processes had resident.")
    say()
    path = OUTPUT / "sparse.zip"
    try:
        make_file(path)
        with MediaSink() as sink:
            url = sink.base_url

            def slipway(asset: str) -> list[str]:
                return [str(OUTPUT / "slipway_asset_upload"), "--base-url", url, "--file", str(path), "--asset-id", asset]

            def curl_form(asset: str) -> list[str]:
                form = "jsonrequest=" + json.dumps({"id": asset, "sourcepath": f"slipway/{asset}"})
                options = ["-q", "--silent", "--show-error", "--fail", "--noproxy", "*", "--output", "/dev/null"]
                key = ["--cookie", f"entermedia.key={KEY}", "--header", f"X-entermedia.key: {KEY}"]
                return [curl, *options, *key, "-F", form, "-F", f"file=@{path}", f"{url}/services/module/asset/create"]

            def sendfile(asset: str) -> list[str]:
                return [str(OUTPUT / "c_sendfile"), "--port", str(sink.port), "--file", str(path), "--asset-id", asset]

            rivals = {"Slipway": slipway, "curl -F": curl_form, "sendfile": sendfile}
            turns = {name: functools.partial(upload_with, command, sink) for name, command in rivals.items()}
            results = take_turns(turns, rounds)
    finally:
        path.unlink(missing_ok=True)
    rows = [
        [
            name,
            f"{median(taken, 'mb_per_s'):,.0f}",
            spread(taken, "mb_per_s", ",.0f"),
            f"{median(taken, 'wall_s'):.2f}",
            f"{median(taken, 'user_s'):.2f}",
            f"{median(taken, 'system_s'):.2f}",
            f"{median(taken, 'sink_cpu_s'):.2f}",
            f"{max(result['peak_mb'] for result in taken):.1f}",
            f"{ratio(taken, results['curl -F'], 'mb_per_s'):.2f}",
            f"{ratio(taken, results['curl -F'], 'cpu_s'):.2f}",
        ]
        for name, taken in results.items()
    ]
    headings = ["one file", "MB/s", "[low..high]", "s", "user s", "system s", "sink's CPU s", "peak MB", "MB/s ratio", "CPU ratio"]
    print_table(headings, rows)
    reached = ratio(results["Slipway"], results["curl -F"], "mb_per_s")
    goal(f"upload of {FILE_SIZE / 1e9:.2f} GB: {reached:.2f} of curl -F, goal {UPLOAD_GOAL}", reached >= UPLOAD_GOAL)
    peak = max(result["peak_mb"] for result in results["Slipway"])
    goal(f"memory of a process that uploads it: {peak:.1f} MB at the most, goal under {UPLOAD_MEMORY_GOAL}", peak < UPLOAD_MEMORY_GOAL)
    return results


# ----------------------------------------------------------------------------------------------------------------------- create_many


def compare_sinks(nginx: Sink, sink: MediaSink, rounds: int) -> dict[str, list[Result]]:
    """The same POSTs, without JSON, to nginx and to media_sink: whether what answers create_many is as fast as nginx."""

    def load(root: str, process: int) -> Result:
        before = cpu_of(process)
        program = [str(OUTPUT / "c_loop"), "--engine", "socket-lazy", "--no-json", "--in-flight", str(PARALLEL)]
        result = run_json([*program, "--base-url", root, "--seconds", "1", "--warm-up", "0"])
        result["server_us"] = (cpu_of(process) - before) * 1e6 / result["calls"]
        return result

    rivals = {
        "nginx": functools.partial(load, nginx.base_url, nginx.process),
        "media_sink": functools.partial(load, sink.root, sink.process),
    }
    results = take_turns(rivals, rounds)
    rows = [
        [
            name,
            f"{median(taken, 'rate'):,.0f}",
            spread(taken, "rate", ",.0f"),
            f"{median(taken, 'server_us'):.1f}",
            f"{ratio(taken, results['nginx'], 'rate'):.2f}",
        ]
        for name, taken in results.items()
    ]
    print_table(["the server alone", "POST/s", "[low..high]", "its CPU us/call", "rate ratio"], rows)
    return results


def create_many(sink: MediaSink, *options: str) -> Result:
    program = [str(OUTPUT / "slipway_create_many"), "--base-url", sink.base_url, "--items", str(ITEMS)]
    result = run_json([*program, "--in-flight", str(PARALLEL), *options])
    result["growth"] = result["samples_mb"][-1] / result["samples_mb"][1] - 1
    return result


def c_loop(sink: MediaSink, engine: str) -> Result:
    program = [str(OUTPUT / "c_loop"), "--engine", engine, "--in-flight", str(PARALLEL), "--distributions", str(ITEMS)]
    return run_json([*program, "--base-url", sink.base_url])


def with_faults(attempts: int) -> Result:
    """One run in which every 50th answer is a 500: the numbers of both sides, and whether they are each other's."""
    with MediaSink(fault_every=FAULT_EVERY) as sink:
        result = create_many(sink, "--max-attempts", str(attempts), "--fill-queue")
        counts = sink.counts()
    lost = counts["faults"] if attempts == 1 else 0
    result["attempts"] = attempts
    result["counts"] = counts
    result["exact"] = (
        counts["malformed"] == 0
        and counts["faults"] == counts["creates"] // FAULT_EVERY
        and counts["creates"] == ITEMS + (0 if attempts == 1 else counts["faults"])
        and counts["published"] == counts["assets"] == ITEMS - lost
        and result["failures"] == lost
    )
    return result


def print_memory(runs: dict[str, Result]) -> None:
    say("   Results that the host has not taken yet wait, so many at the most; whether they do depends on who gets the cores. So here the")
    say("   first callback returns only when nothing moves any more: the queue is 'full', and from then on memory must be flat. What fails")
    say("   for good is told in the answer, the first 1,000 of it: the second run has those to keep, and is no part of the goal.")
    say()
    rows = []
    for name, run in runs.items():
        samples = [run["before_mb"], run["full_mb"], *run["samples_mb"], run["peak_mb"]]
        rows.append([name, *(f"{sample:.1f}" for sample in samples), f"{run['growth']:+.1%}"])
    tenths = [f"{tenth}0 %" for tenth in range(1, 11)]
    print_table(["resident MB at", "0 %", "full", *tenths, "peak", "20..100 %"], rows)


def print_faults(runs: list[Result]) -> None:
    rows = [
        [
            f"{run['attempts']} attempt{'s' if run['attempts'] > 1 else ''}",
            f"{run['calls'] - run['failures']:,}",
            f"{run['failures']:,}",
            f"{run['counts']['creates']:,}",
            f"{run['counts']['faults']:,}",
            f"{run['counts']['assets']:,}",
            "yes" if run["exact"] else "NO",
        ]
        for run in runs
    ]
    headings = [f"1 of {FAULT_EVERY} a 500", "succeeded", "failed", "sink: POSTs", "sink: faults", "sink: assets published", "exact"]
    print_table(headings, rows)


def measure_create_many(nginx: Sink, rounds: int) -> Result:
    say(f"6. {ITEMS:,} assets published by one call, {PARALLEL} at a time, against a C loop on the same libcurl: {rounds} rounds")
    say("   The answers have the request's ids, so media_sink.c gives them; first, what it and nginx give to the fastest C loop.")
    say()
    with MediaSink() as sink:
        sinks = compare_sinks(nginx, sink, rounds)
        rivals = {
            "Slipway, create_many": functools.partial(create_many, sink),
            YARDSTICK: functools.partial(c_loop, sink, "poll"),
            "C loop: socket_action, kept registered": functools.partial(c_loop, sink, "socket-lazy"),
        }
        results = take_turns(rivals, rounds)
    print_load(PARALLEL, results, YARDSTICK)
    ours = results["Slipway, create_many"]
    with MediaSink() as sink:
        full = create_many(sink, "--fill-queue")
    once, repeated = with_faults(1), with_faults(5)
    runs = {"no faults": full, "faults, one attempt": once, "faults, five attempts": repeated}
    print_memory(runs)
    print_faults([once, repeated])
    reached = ratio(ours, results[YARDSTICK], "rate")
    goal(f"create_many at {PARALLEL}: {reached:.2f} of the C loop, goal {CREATE_MANY_GOAL}", reached >= CREATE_MANY_GOAL)
    growth = max(float(run["growth"]) for run in (full, repeated))
    goal(f"create_many's memory from 20 % to 100 %: {growth:+.1%} at the most, goal under {GROWTH_GOAL:.0%}", growth < GROWTH_GOAL)
    goal(f"create_many's counts with 1 fault in {FAULT_EVERY}: exact", once["exact"] and repeated["exact"])
    return {"sinks": sinks, "loads": results, "memory": runs}
