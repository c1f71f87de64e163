"""`make fuzz SECONDS=n`: looks for inputs that break a reader of foreign bytes, or the C functions, with libFuzzer and AddressSanitizer.

    python3 Tests/Fuzz/fuzz.py [--seconds 10] [--merge] [target ...]
    python3 Tests/Fuzz/fuzz.py --coverage

The targets: each parser of Parsers/ (Swift, one process for each), calls.c and answers.c (through the library). What breaks one is written to
crashes/<target>/, stays there, and is run by `make test` from then on. --merge puts what was found, minimised, into corpus/<target>/.
--coverage builds once more and tells which lines of the readers the corpora reach. 1 when something broke.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Dict, List, Optional, Sequence

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".build-fuzz"
CORPUS = HERE / "corpus"
CRASHES = HERE / "crashes"
PROGRAMS = ("answers", "calls")
# What is found beyond it is not worth its place in the repository.
LARGEST_CORPUS = 32_000

SANITIZE = ["--sanitize=address", "-Xswiftc", "-use-ld=lld"]
# Optimized, as nobody waits for a debugger here; in a debug build nevertheless, which tests may look into.
COUNT = ["-Xswiftc", "-O", "-Xswiftc", "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp"]
QUIET = {
    # Threads end with their process here: leaks are looked for elsewhere.
    "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=16",
    "SWIFT_BACKTRACE": "enable=no",
}

# What the readers are in, below Sources.
READERS = """
    SlipwayJSON/JSON+Parsing SlipwayJSON/JSON+Pointer SlipwayJSON/JSON+Reading SlipwayHTTP/URL SlipwayHTTP/Redaction SlipwayHTTP/Redaction+JSON
    SlipwayHTTP/Request SlipwayHTTP/Retry Slipway/Streampixel/WaitingTime Slipway/Streampixel/Project Slipway/Streampixel/Build
    Slipway/Streampixel/BuildState Slipway/Streampixel/Webhook Slipway/EnterMedia/EnterMedia+Answer Slipway/EnterMedia/Asset
    Slipway/EnterMedia/Distribution Slipway/Storage/XMLDocument Slipway/Storage/XMLTreeBuilder Slipway/Storage/S3Error
    Slipway/Storage/S3Error+Meaning Slipway/Storage/ETag Slipway/Storage/Timestamp Slipway/Storage/PercentEncoding Slipway/Storage/ProfileFile
    Slipway/Storage/HiddenName Slipway/Storage/HeaderField Slipway/Storage/S3Key Slipway/Storage/S3Endpoint Slipway/Package/Package
    Slipway/Package/PackageFile Slipway/Package/PackageSurvey Slipway/Package/ZipDirectory Slipway/Package/ZipEnd Slipway/Package/ZipEntry
    Slipway/Package/EntryPath Slipway/Package/EntryName
""".split()


def swift_build(scratch: pathlib.Path, *arguments: str) -> pathlib.Path:
    """Builds for fuzzing; gives the folder with what was built."""
    command = ["swift", "build", "--scratch-path", str(scratch), *arguments]
    environment = {**os.environ, "SLIPWAY_FUZZ": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    shown = subprocess.run([*command, "--show-bin-path"], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(shown.stdout.strip())


def fuzzer_library() -> str:
    """libFuzzer without a main, of the toolchain."""
    shown = subprocess.run(["clang", "-print-resource-dir"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    found = sorted(pathlib.Path(shown).glob("lib/*/libclang_rt.fuzzer_no_main*"))
    machine = os.uname().machine
    for path in found:
        if machine in path.name or path.parent.name.startswith(machine):
            return str(path)
    raise SystemExit(f"there is no libFuzzer for {machine} in {shown}")


def build_parsers() -> pathlib.Path:
    print("building the parsers for fuzzing", flush=True)
    link = ["-Xlinker", fuzzer_library(), "-Xlinker", "-lstdc++"]
    return swift_build(BUILD, "--product", "slipway-fuzz", *SANITIZE, *COUNT, *link) / "slipway-fuzz"


def build_programs(names: Sequence[str]) -> Dict[str, pathlib.Path]:
    print("building the library for fuzzing", flush=True)
    built = swift_build(BUILD, "--product", "slipway", *SANITIZE, *COUNT)
    # The name that programs ask for.
    folder = BUILD / "library"
    folder.mkdir(exist_ok=True)
    library = folder / "libslipway.so.0"
    library.unlink(missing_ok=True)
    library.symlink_to(built / "libslipway.so")
    programs = {}
    for name in names:
        programs[name] = BUILD / f"fuzz-{name}"
        flags = ["-std=c17", "-g", "-O1", "-pthread", f"-I{ROOT / 'include'}", f"-I{ROOT / 'Tests' / 'ABI'}"]
        link = ["-fuse-ld=lld", "-fsanitize=fuzzer,address", str(library), f"-Wl,-rpath,{folder}", "-o", str(programs[name])]
        subprocess.run(["clang", *flags, str(HERE / f"{name}.c"), *link], check=True)
    return programs


@dataclasses.dataclass
class Run:
    """What came of one target."""

    target: str
    executions: int = 0
    per_second: int = 0
    edges: int = 0
    crashes: int = 0
    said: str = ""

    @property
    def row(self) -> str:
        return f"{self.target:20} {self.executions:>12,} {self.per_second:>10,} {self.edges:>8,} {self.crashes:>8}"


HEADING = f"{'target':20} {'executions':>12} {'a second':>10} {'edges':>8} {'crashes':>8}"


# An input that takes so long, in seconds, is a crash as well.
OPTIONS = ["-detect_leaks=0", "-timeout=30", "-max_len=4096"]


def fuzz(target: str, command: List[str], seconds: int, found: pathlib.Path) -> Run:
    """Runs a target; what it finds worth keeping goes to `found`."""
    crashes = CRASHES / target
    crashes.mkdir(parents=True, exist_ok=True)
    folders = [folder for folder in (CORPUS / target, crashes) if folder.is_dir()]
    arguments = [f"-max_total_time={seconds}", "-print_final_stats=1", f"-artifact_prefix={crashes}/", *OPTIONS]
    before = set(crashes.iterdir())
    done = subprocess.run(
        [*command, *arguments, str(found), *map(str, folders)],
        env={**os.environ, **QUIET}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        timeout=seconds + 600,
    )  # fmt: skip
    said = done.stdout.decode("utf-8", "replace")
    new = set(crashes.iterdir()) - before
    if not any(crashes.iterdir()):
        crashes.rmdir()
    edges = [int(number) for number in re.findall(r"\bcov: (\d+)", said)]
    statistic = {name: int(number) for name, number in re.findall(r"stat::(\w+):\s+(\d+)", said)}
    crashed = max(len(new), 0 if done.returncode == 0 else 1)
    return Run(
        target, statistic.get("number_of_executed_units", 0), statistic.get("average_exec_per_sec", 0), max(edges, default=0), crashed, said)


def merge(target: str, command: List[str], found: pathlib.Path) -> None:
    """Makes the corpus anew, of what it has and what was found: the fewest inputs that reach the same places."""
    with tempfile.TemporaryDirectory() as folder:
        old = CORPUS / target
        subprocess.run(
            [*command, "-set_cover_merge=1", "-use_counters=0", *OPTIONS, folder, str(found), *([str(old)] if old.is_dir() else [])],
            env={**os.environ, **QUIET}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        shutil.rmtree(old, ignore_errors=True)
        old.mkdir(parents=True)
        size = 0
        for path in sorted(pathlib.Path(folder).iterdir(), key=lambda path: (path.stat().st_size, path.name)):
            size += path.stat().st_size
            if size > LARGEST_CORPUS:
                break
            shutil.copy(path, old / path.name[:16])


def commands(wanted: Sequence[str]) -> Dict[str, List[str]]:
    """How each target is started."""
    parsers = build_parsers()
    names = subprocess.run([str(parsers)], check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **QUIET}).stdout.split()
    unknown = set(wanted) - set(names) - set(PROGRAMS)
    if unknown:
        raise SystemExit(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join([*names, *PROGRAMS])}")
    all_commands = {name: [str(parsers), name] for name in names if not wanted or name in wanted}
    programs = [name for name in PROGRAMS if not wanted or name in wanted]
    if programs:
        all_commands.update({name: [str(path)] for name, path in build_programs(programs).items()})
    return all_commands


def coverage() -> int:
    """Which lines of the readers the corpora reach, from the tests that read them."""
    scratch = ROOT / ".build-fuzz-coverage"
    command = ["swift", "test", "--scratch-path", str(scratch), "--disable-xctest", "--enable-code-coverage", "--filter", "CorpusTests"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    shown = subprocess.run([*command[:4], "--show-codecov-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    files = json.loads(pathlib.Path(shown).read_text())["data"][0]["files"]
    lines = {str(pathlib.Path(file["filename"])): file["summary"]["lines"] for file in files}
    print(f"{'file':48} {'lines':>6} {'reached':>8}")
    total = reached = 0
    for reader in READERS:
        found = lines.get(str(ROOT / "Sources" / f"{reader}.swift"))
        if found is None:
            print(f"{reader:48} is not there")
            return 1
        total += found["count"]
        reached += found["covered"]
        print(f"{reader:48} {found['count']:>6} {found['percent']:>7.1f}%")
    print(f"{'all of them':48} {total:>6} {100 * reached / max(1, total):>7.1f}%")
    return 0


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--merge", action="store_true", help="put what was found into the corpora")
    parser.add_argument("--coverage", action="store_true", help="tell which lines the corpora reach, instead of fuzzing")
    parser.add_argument("targets", nargs="*")
    given = parser.parse_args(arguments)
    if given.coverage:
        return coverage()
    runs: List[Run] = []
    starts = commands(given.targets)
    print(HEADING, flush=True)
    for target, command in starts.items():
        with tempfile.TemporaryDirectory(prefix=f"slipway-fuzz-{target}-") as folder:
            run = fuzz(target, command, given.seconds, pathlib.Path(folder))
            print(run.row, flush=True)
            if run.crashes:
                print("\n".join(line for line in run.said.splitlines()[-60:] if not re.match(r'^(#\d|".* # Uses)', line)), flush=True)
            elif given.merge:
                merge(target, command, pathlib.Path(folder))
            runs.append(run)
    crashes = sum(run.crashes for run in runs)
    print(f"{sum(run.executions for run in runs):,} executions, {crashes} crashes" + (f": see {CRASHES}" if crashes else ""))
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
