"""`make test`: runs every part of the suite and closes with one line, "N passed, N failed". Called by the Makefile, which has built the
library and the emulator. Three lanes run at a time: what needs the sanitizers' builds, which come first there; what goes to storage, which waits
for servers most of the time; and the rest. What a part said is printed when it has ended.

The parts: the Swift tests of the rooms (under AddressSanitizer), and pytest for all that goes through the front door: the header, the exported
functions in hostile and friendly hosts, C programs in plain, AddressSanitizer and ThreadSanitizer builds, C++, Python, and the emulator.
"""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
REPORTS = ROOT / "build" / "reports"
RECORDS = ROOT / "build" / "records"
# Not among the records, which are searched for what is in them.
SECRETS = ROOT / "build" / "secrets"

# Of Tests/Integration: what needs S3 servers.
STORAGE = re.compile("storage|s3_servers|fault_proxy|fault_matrix")

# What failed and why, in a few words: said once more at the end, where whoever looks at the log looks first.
failures: list[str] = []

printing = threading.Lock()


def run(command: list[str], environment: dict[str, str]) -> int:
    """Runs a part of the suite, and prints what it said as a whole."""
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False)
        output.seek(0)
        with printing:
            sys.stdout.flush()
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()
    return done.returncode


def build_sanitizers() -> tuple[int, int, int]:
    """The library and the rooms' tests with AddressSanitizer, and the library with ThreadSanitizer. A build that fails is a failure."""
    status = run(["make", "--no-print-directory", "asan-tests", "tsan"], dict(os.environ))
    if status != 0:
        failures.append(f"make asan-tests tsan: ended with {status}")
    return 0, 1 if status else 0, 0


def swift_tests() -> tuple[int, int, int]:
    """The tests of the rooms, with AddressSanitizer. Passed, failed, skipped."""
    report = REPORTS / "swift.xml"
    # Leaks are looked for in the C programs, whose exit is ours; here the frameworks' own would be found.
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", SWIFT_BACKTRACE="enable=no")
    command = ["swift", "test", "--skip-build", "--scratch-path", ".build-asan", "--sanitize=address", "-Xswiftc", "-use-ld=lld"]
    status = run([*command, "--disable-xctest", "--xunit-output", str(report)], environment)
    reports = [path for path in (report, report.with_name("swift-swift-testing.xml")) if path.exists()]
    return verdict("the Swift tests", status, reports)


def python_tests(name: str, *arguments: str) -> tuple[int, int, int]:
    """What pytest finds by these arguments. Passed, failed, skipped."""
    report = REPORTS / f"{name}.xml"
    environment = dict(
        os.environ, SLIPWAY_TEST_RECORD_DIR=str(RECORDS / name), SLIPWAY_TEST_SECRETS=str(SECRETS / name), SWIFT_BACKTRACE="enable=no",
        PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments]
    return verdict(name, run(command, environment), [report])


def verdict(part: str, status: int, reports: list[pathlib.Path]) -> tuple[int, int, int]:
    """Passed, failed, skipped. A part that fails as a whole, for one because a secret was found in what it recorded, is a failure although
    each of its tests passed."""
    passed, failed, skipped = count(reports)
    if status != 0 and failed == 0:
        failures.append(f"{part}: each test passed, but the whole ended with {status}")
        failed = 1
    return passed, failed, skipped


def count(reports: list[pathlib.Path]) -> tuple[int, int, int]:
    """Sums up JUnit reports. None at all is a failure: nothing ran."""
    passed = failed = skipped = 0
    for report in reports:
        try:
            document = ElementTree.parse(report)
        except (OSError, ElementTree.ParseError) as error:  # Missing, or cut short: the tests that write it have crashed.
            failures.append(f"{report.name}: {error}")
            failed += 1
            continue
        for case in document.iter("testcase"):
            trouble = case.find("failure")
            if trouble is None:
                trouble = case.find("error")
            if trouble is not None:
                lines = (trouble.get("message") or trouble.text or "").strip().splitlines() or ["no reason told"]
                failures.append(f"{case.get('classname')}.{case.get('name')} ({case.get('time')} s): {lines[0][:300]}")
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    if passed + failed + skipped == 0:
        failures.append(f"no test ran: {', '.join(report.name for report in reports) or 'there is no report'}")
        failed = 1
    return passed, failed, skipped


def main() -> int:
    for folder in (REPORTS, RECORDS, SECRETS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    start = time.monotonic()
    storage = [str(path) for path in sorted(ROOT.glob("Tests/Integration/test_*.py")) if STORAGE.search(path.name)]
    rest = [f"--ignore={path}" for path in storage]
    with concurrent.futures.ThreadPoolExecutor(3) as lanes:
        running = [
            lanes.submit(lambda: [build_sanitizers(), swift_tests(), python_tests("ABI", "Tests/Loading", "Tests/ABI")]),
            lanes.submit(lambda: [python_tests("storage", *storage)]),
            lanes.submit(lambda: [python_tests("Integration", "Tests/Integration", *rest)]),
        ]
        results = [result for lane in running for result in lane.result()]
    passed, failed, skipped = (sum(column) for column in zip(*results))
    # Each part has searched what it recorded; now that all have ended, the secrets of one are searched for in what the others recorded.
    command = [sys.executable, "Tests/Integration/recorder.py", str(RECORDS), *map(str, SECRETS.iterdir())]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        failures.append("a secret was told: see above")
        failed += 1
    print(f"the tests took {time.monotonic() - start:.0f} s")
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
