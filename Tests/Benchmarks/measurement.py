"""How the benchmarks run their rivals, what they make of the figures, and how they print them."""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
from typing import Any, Callable, Mapping

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUTPUT = ROOT / "build" / "benchmarks"
YARDSTICK = "C loop: perform, poll"

Result = dict[str, Any]
goals: list[tuple[str, bool]] = []


def say(text: str = "") -> None:
    print(text, flush=True)


def fail(text: str) -> SystemExit:
    return SystemExit(f"bench: {text}")


# ---------------------------------------------------------------------------------------------------------------------------- running


def run_json(command: list[str], environment: dict[str, str] | None = None) -> Result:
    """Runs one measurement in a process of its own and reads what it prints: a JSON object a line, of which the last word counts."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise fail(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    result: Result = {}
    for line in done.stdout.strip().splitlines():
        result.update(json.loads(line))
    return result


def cpu_of(process: int) -> float:
    """Seconds of CPU, user and system, that a running process has used, in steps of 10 ms."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def take_turns(rivals: Mapping[str, Callable[[], Result]], rounds: int) -> dict[str, list[Result]]:
    """Every rival once per round; who begins changes, since the first one finds the machine cooler."""
    results: dict[str, list[Result]] = {name: [] for name in rivals}
    names = list(rivals)
    for number in range(rounds):
        order = names[number % len(names) :] + names[: number % len(names)]
        for name in order if number % 2 == 0 else reversed(order):
            results[name].append(rivals[name]())
    return results


# ---------------------------------------------------------------------------------------------------------------------------- figures


def median(results: list[Result], key: str) -> float:
    return float(statistics.median(result[key] for result in results))


def spread(results: list[Result], key: str, form: str) -> str:
    values = [result[key] for result in results]
    return f"{min(values):{form}}..{max(values):{form}}"


def ratio(results: list[Result], yardstick: list[Result], key: str) -> float:
    return float(statistics.median(ours[key] / theirs[key] for ours, theirs in zip(results, yardstick)))


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        say("  " + "  ".join(cells).rstrip())
        if row is headings:
            say("  " + "  ".join("-" * width for width in widths))
    say()


def print_load(in_flight: int, results: dict[str, list[Result]], yardstick: str) -> None:
    rows = []
    for name, rounds in results.items():
        rows.append(
            [
                name,
                f"{median(rounds, 'rate'):,.0f}",
                spread(rounds, "rate", ",.0f"),
                f"{median(rounds, 'cpu_us'):.1f}",
                spread(rounds, "cpu_us", ".1f"),
                f"{ratio(rounds, results[yardstick], 'rate'):.2f}",
                f"{ratio(rounds, results[yardstick], 'cpu_us'):.2f}",
            ]
        )
    print_table([f"{in_flight} in flight", "POST/s", "[low..high]", "CPU us/call", "[low..high]", "rate ratio", "CPU ratio"], rows)


def goal(text: str, met: bool) -> None:
    goals.append((text, met))
