"""The examples of the C and C++ bindings, as a person runs them."""

from __future__ import annotations

import pathlib
import re
import signal
import subprocess
import sys
import time
from typing import Dict, List

import pytest

from emulator import Emulator, wait_until
from programs import environment, run_host
from toolchain import CPP, ROOT, STRICT, Variant, compile_program

Examples = Dict[str, pathlib.Path]


@pytest.fixture(scope="module")
def examples(release: Variant) -> Examples:
    bindings = ROOT / "bindings"
    return {
        "c": compile_program("gcc", [bindings / "c" / "examples" / "go_live.c"], ["-std=c11", *STRICT, "-O1"], variant=release),
        "cpp": compile_program(
            "g++", [bindings / "cpp" / "examples" / "go_live.cpp"], ["-std=c++17", *STRICT, f"-I{CPP}", "-pthread"],
            inputs=[CPP / "slipway.hpp"], variant=release,
        ),
    }  # fmt: skip


def arguments(example: str, emulator: Emulator, file_url: str) -> List[str]:
    if example == "c":
        return ["--base-url", emulator.base_url, "--interval", "20", "--settle", "500", file_url, emulator.project_id]
    return [file_url, emulator.project_id, emulator.base_url, "200"]


@pytest.mark.parametrize("example", ["c", "cpp"])
def test_goes_live(example: str, examples: Examples, emulator: Emulator) -> None:
    emulator.settings(stateMs=100)
    told = run_host(examples[example], arguments(example, emulator, emulator.file_url("MyGame.zip")), environment(emulator))
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    live = re.fullmatch(r"live: ([0-9a-f]{24})", lines[-1])
    assert live and emulator.project()["live"] == live[1]
    assert len(emulator.builds()) == 1
    assert all(re.match(r" +\d+\.\d s  \S", line) for line in lines[:-1]), told.stdout
    for state in ("downloading", "approved"):
        assert any(state in line for line in lines), told.stdout
    print(told.stdout)


@pytest.mark.parametrize("example", ["c", "cpp"])
def test_says_what_is_wrong_and_what_to_do(example: str, examples: Examples, emulator: Emulator) -> None:
    told = run_host(examples[example], arguments(example, emulator, emulator.file_url("Missing.zip")), environment(emulator))
    assert told.returncode == 1
    assert "404" in told.stderr and len(told.stderr.splitlines()) == 2, told.stderr
    assert "live:" not in told.stdout
    assert emulator.builds() == []

    wrong = {**environment(emulator), "STREAMPIXEL_API_KEY": "this-key-was-rotated"}
    told = run_host(examples[example], arguments(example, emulator, emulator.file_url("MyGame.zip")), wrong)
    assert told.returncode == 1
    assert "Invalid API Key" in told.stderr and "dashboard" in told.stderr, told.stderr
    assert "this-key-was" not in told.stderr + told.stdout


def test_usage(examples: Examples, emulator: Emulator) -> None:
    told = run_host(examples["c"], [], environment(emulator))
    assert told.returncode == 2 and told.stderr.startswith("usage: ")


def test_control_c_cancels(examples: Examples, emulator: Emulator) -> None:
    emulator.settings(stateMs=60_000)
    with subprocess.Popen(
        [str(examples["c"]), *arguments("c", emulator, emulator.file_url("MyGame.zip"))],
        env=environment(emulator), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            wait_until(lambda: emulator.builds(), what="the build's registration")
            time.sleep(0.3)  # Now it waits for the build; were it still uploading, the answer would be the same.
            asked = time.monotonic()
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=20)
        finally:
            process.kill()
    assert time.monotonic() - asked < 5
    assert process.returncode == 1
    assert "CANCELLED" in stderr and "live:" not in stdout


def test_readme_snippets_compile(release: Variant, tmp_path: pathlib.Path) -> None:
    """What readers copy from the READMEs: each block that has a main is a program."""
    compiled = 0
    for language, compiler, flags in (("c", "gcc", ["-std=c11"]), ("cpp", "g++", ["-std=c++17", f"-I{CPP}", "-pthread"])):
        text = (ROOT / "bindings" / language / "README.md").read_text("utf-8")
        for index, block in enumerate(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)):
            if "int main(" not in block:
                continue
            path = tmp_path / f"readme{index}.{language}"
            path.write_text(block)
            compile_program(compiler, [path], [*flags, *STRICT, "-Wno-unused-parameter"], variant=release)
            compiled += 1
    assert compiled >= 2, sys.version
