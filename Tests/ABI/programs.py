"""Runs the programs in Tests/ABI/programs: each against an emulator of its own, with everything that it says recorded and
searched for secrets."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import tempfile
from typing import Callable, Dict, List, Mapping, Optional, Sequence

from emulator import Emulator, request
from toolchain import C17, HERE, ROOT, Variant, compile_program

FOLDER = HERE / "programs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.c"))
PARTS = ["check", "operations", "arrays"]

# A signed link, as hosts have them: its query is a secret.
SIGNATURE = "X-Amz-Signature=5ecre7f1e1d5ecre7f1e1d"
# EnterMedia's default one is too short to be searched for.
PASSWORD = "5ecre7-passw0rd-0f-the-abi-te5ts"


def record_folder() -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("SLIPWAY_TEST_RECORD_DIR") or ROOT / ".build-test-records")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def build(name: str, variant: Variant) -> pathlib.Path:
    """The executable of a program."""
    return compile_program("clang", [FOLDER / f"{name}.c"], C17, inputs=[HERE / f"{part}.h" for part in PARTS], variant=variant)


def environment(emulator: Emulator, more: Mapping[str, str] = {}) -> Dict[str, str]:
    """What a program is told about the emulator. Nothing of the machine's own settings gets through."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "SLIPWAY_STORM_ACTIONS", "SLIPWAY_STORM_SEED")
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    return {
        **inherited,
        "STREAMPIXEL_API_KEY": emulator.api_key,
        "STREAMPIXEL_USER_ID": emulator.user_id,
        "ENTERMEDIA_BASE_URL": emulator.entermedia["baseUrl"],
        "ENTERMEDIA_KEY": emulator.entermedia["key"],
        "ENTERMEDIA_USER": emulator.entermedia["user"],
        "ENTERMEDIA_PASSWORD": emulator.entermedia["password"],
        "SLIPWAY_TEST_BASE_URL": emulator.base_url,
        "SLIPWAY_TEST_PROJECT_ID": emulator.project_id,
        "SLIPWAY_TEST_RECORD_DIR": str(record_folder()),
        **more,
    }


def fail_statistics(emulator: Emulator) -> None:
    """For progress.c: a call that is tried again and again."""
    emulator.fault("status", path="/pixelStripeApi/projects/userStats/*", count=0, status=503, body='{"message":"busy"}')


def publish_picture(emulator: Emulator) -> None:
    """The asset and the distribution that operations.h counts on."""
    emulator.add_asset(id="picture", name="picture.jpg", content="not much of a picture")
    url = f"{emulator.entermedia['baseUrl']}/services/distribution/create/create"
    document = json.dumps({"assetid": "picture", "id": "shown", "alloworiginal": True})
    answer = request("POST", url, document, {"X-entermedia.key": emulator.entermedia["key"], "Content-Type": "application/json"})
    assert answer.status == 200 and answer.json["response"]["status"] == "ok", answer.body
    emulator.clear_journal()


def nothing_more_arrived(emulator: Emulator) -> None:
    """For invalid_ids.c: of all that it tried, the emulator got the two requests with ids as they should be, and one login."""
    arrived = [f"{entry['method']} {entry['path'].split('/services/')[-1].split('/projects/')[-1]}" for entry in emulator.journal()]
    project = emulator.project_id
    assert [call.replace(project, "PROJECT") for call in arrived] == [
        "GET userStats/PROJECT", "POST authentication/login", "GET module/asset/data/picture"]  # fmt: skip


SETUPS: Dict[str, Callable[[Emulator], None]] = {"progress": fail_statistics}
CHECKS: Dict[str, Callable[[Emulator], None]] = {"invalid_ids": nothing_more_arrived}


def run_program(name: str, variant: Variant, files: pathlib.Path, timeout: float = 120.0) -> None:
    """Builds a program and runs it, as run_executable does."""
    run_executable(name, build(name, variant), variant, files, timeout)


def run_executable(name: str, executable: pathlib.Path, variant: Variant, files: pathlib.Path, timeout: float = 120.0) -> None:
    """Runs a program. AssertionError with what it said when it fails, hangs, or tells a secret."""
    options = ["--state-ms", "10", "--rate-window-ms", "0", "--entermedia-password", PASSWORD]
    with Emulator(files=files, options=options) as emulator:
        publish_picture(emulator)
        project = emulator.project_id
        storage = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-{variant.name}-", dir=files))
        builds = {
            "SLIPWAY_TEST_FILE_URL": f"{emulator.file_url('MyGame.zip')}?{SIGNATURE}",
            "SLIPWAY_TEST_PACKAGE": str(files / "MyGame.zip"),
            "SLIPWAY_TEST_STORAGE": str(storage),
            "SLIPWAY_TEST_STORAGE_URL": emulator.file_url(storage.name),
            "SLIPWAY_TEST_PENDING_BUILD": emulator.add_build(projectId=project, fileUrl=emulator.file_url("MyGame.zip"), status="pending"),
            "SLIPWAY_TEST_APPROVED_BUILD": emulator.add_build(projectId=project, fileUrl=emulator.file_url("MyGame.zip"), status="Approved"),
        }
        if name in SETUPS:
            SETUPS[name](emulator)
        command = [str(executable)]
        told = _run(command, environment(emulator, {**builds, **dict(variant.environment)}), timeout)
        secrets = [emulator.api_key, emulator.entermedia["key"], PASSWORD, SIGNATURE.split("=")[1]]
        if told.returncode != 0:
            raise AssertionError(f"{name} ({variant.name}) ended with {told.returncode}:\n{told.stderr}")
        if name in CHECKS:
            CHECKS[name](emulator)
    assert told.stdout == "", f"{name} ({variant.name}) printed:\n{told.stdout}"
    search([record_folder() / f"abi-{name}-{told.pid}.log"], secrets, told.stderr)


class Told:
    """What a process said."""

    def __init__(self, pid: int, returncode: int, stdout: str, stderr: str) -> None:
        self.pid, self.returncode, self.stdout, self.stderr = pid, returncode, stdout, stderr


def _run(command: Sequence[str], environment: Mapping[str, str], timeout: float) -> Told:
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            raise AssertionError(f"{command[0]} did not end within {timeout} s; it said:\n{stdout}{stderr}") from None
        return Told(process.pid, process.returncode, stdout, stderr)


def search(records: Sequence[pathlib.Path], secrets: Sequence[str], also: str = "", must_exist: bool = True) -> None:
    """Fails when any of the secrets, or half of one, stands in a record."""
    for path in records:
        if not path.exists() and not must_exist:
            continue
        told: List[str] = path.read_text("utf-8", "replace").splitlines() + also.splitlines()
        for secret in secrets:
            for line in told:
                assert secret[:12] not in line, f"{path.name} tells a secret: {line.replace(secret[:12], '<THE SECRET>')[:300]}"


def run_host(
    executable: pathlib.Path,
    arguments: Sequence[object],
    environment: Mapping[str, str],
    timeout: float = 60.0,
    preload: Optional[pathlib.Path] = None,
) -> Told:
    """Runs a host program (Tests/ABI/host)."""
    more = {"LD_PRELOAD": str(preload)} if preload is not None else {}
    return _run([str(executable), *map(str, arguments)], {**environment, **more}, timeout)
