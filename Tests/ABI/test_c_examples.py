"""The examples of the C and C++ bindings, as a person runs them."""

from __future__ import annotations

import http.server
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Dict, List

import pytest

from emulator import Emulator, make_build, request, wait_until
from programs import Told, environment, run_host
from toolchain import CPP, ROOT, STRICT, Variant, compile_program

Examples = Dict[str, pathlib.Path]


each_language = pytest.mark.parametrize("language", ["c", "cpp"])
ASSET_CREATE = "/assets/mediadb/services/module/asset/create"


def compiled(name: str, release: Variant) -> Examples:
    """The example of that name, in both languages."""
    bindings = ROOT / "bindings"
    return {
        "c": compile_program("gcc", [bindings / "c" / "examples" / f"{name}.c"], ["-std=c11", *STRICT, "-O1"], variant=release),
        "cpp": compile_program(
            "g++", [bindings / "cpp" / "examples" / f"{name}.cpp"], ["-std=c++17", *STRICT, f"-I{CPP}", "-pthread"],
            inputs=sorted(CPP.rglob("*.hpp")), variant=release,
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def examples(release: Variant) -> Examples:
    return compiled("go_live", release)


def arguments(language: str, emulator: Emulator, file_url: str) -> List[str]:
    if language == "c":
        return ["--base-url", emulator.base_url, "--interval", "20", "--settle", "500", file_url, emulator.project_id]
    return [file_url, emulator.project_id, emulator.base_url, "200"]


@each_language
def test_goes_live(language: str, examples: Examples, emulator: Emulator) -> None:
    emulator.settings(stateMs=100)
    told = run_host(examples[language], arguments(language, emulator, emulator.file_url("MyGame.zip")), environment(emulator))
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


@each_language
def test_says_what_is_wrong_and_what_to_do(language: str, examples: Examples, emulator: Emulator) -> None:
    told = run_host(examples[language], arguments(language, emulator, emulator.file_url("Missing.zip")), environment(emulator))
    assert told.returncode == 1
    assert "404" in told.stderr and len(told.stderr.splitlines()) == 2, told.stderr
    assert "live:" not in told.stdout
    assert emulator.builds() == []

    wrong = {**environment(emulator), "STREAMPIXEL_API_KEY": "this-key-was-rotated"}
    told = run_host(examples[language], arguments(language, emulator, emulator.file_url("MyGame.zip")), wrong)
    assert told.returncode == 1
    assert "Invalid API Key" in told.stderr and "dashboard" in told.stderr, told.stderr
    assert "this-key-was" not in told.stderr + told.stdout


def test_usage_of_go_live(examples: Examples, emulator: Emulator) -> None:
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


# Releases


@pytest.fixture(scope="module")
def releases(release: Variant) -> Examples:
    return compiled("release", release)


@pytest.fixture
def package(tmp_path: pathlib.Path) -> pathlib.Path:
    return make_build(tmp_path / "MyGame-1.0.zip", size=4_000_000)


def settings(emulator: Emulator, **more: str) -> Dict[str, str]:
    return {**environment(emulator), "STREAMPIXEL_BASE_URL": emulator.base_url, "RELEASE_PACE_MS": "200", **more}


def killed_at(words: str, program: pathlib.Path, arguments: List[object], emulator: Emulator) -> str:
    """Runs the example until a line has these words, kills it, and returns what it said last to resume from."""
    command = [str(program), *map(str, arguments)]
    resume_from = ""
    with subprocess.Popen(command, env=settings(emulator), stdout=subprocess.PIPE, text=True) as process:
        timer = threading.Timer(30, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("resume from: "):
                    resume_from = line.split(": ", 1)[1].strip()
                if words in line:
                    return resume_from
        finally:
            timer.cancel()
            process.kill()
    raise AssertionError(f"{program.name} ended, or took too long, before it said {words!r}")


def is_live(told: Told, emulator: Emulator) -> str:
    """The upload id of a release that worked, having made one of each."""
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    live = re.fullmatch(r"live: ([0-9a-f]{24})", told.stdout.splitlines()[-1])
    assert live and emulator.project()["live"] == live[1], told.stdout
    assert len(emulator.builds()) == 1
    assert len(emulator.media()["assets"]) == 1 and len(emulator.media()["distributions"]) == 1
    return live[1]


@each_language
def test_releases(language: str, releases: Examples, emulator: Emulator, package: pathlib.Path) -> None:
    emulator.settings(stateMs=100)
    emulator.fault("delay", path=ASSET_CREATE, delayMs=400)  # The last news of the transfer stays for long enough to be told.
    told = run_host(releases[language], [package, emulator.project_id], settings(emulator))
    live = is_live(told, emulator)
    (distribution,) = emulator.media()["distributions"]
    assert distribution["id"].endswith(".zip") and emulator.build(live)["fileUrl"].endswith("/" + distribution["id"])
    assert re.search(rf"^ +\d+\.\d s  host +\d+ % of {package.stat().st_size / 1e6:.1f} MB", told.stdout, re.MULTILINE), told.stdout
    assert re.search(r"^ +\d+\.\d s  wait +\S", told.stdout, re.MULTILINE), told.stdout
    resumes = re.findall(r"^resume from: (.*)", told.stdout, re.MULTILINE)
    assert resumes[0].endswith(distribution["id"]) and resumes[-1] == live
    print(told.stdout)


@each_language
def test_a_release_that_was_killed_goes_on(language: str, releases: Examples, emulator: Emulator, package: pathlib.Path) -> None:
    """Twice: while the file is sent, and while the service looks at the build."""
    emulator.fault("delay", path=ASSET_CREATE, delayMs=60_000)
    link = killed_at(" % of ", releases[language], [package, emulator.project_id], emulator)
    assert link.startswith(emulator.entermedia["baseUrl"]) and link.endswith(".zip")

    emulator.clear_faults()
    emulator.settings(stateMs=60_000)
    upload_id = killed_at("  wait  ", releases[language], [package, emulator.project_id, link], emulator)
    assert [build["uploadId"] for build in emulator.builds()] == [upload_id]
    assert emulator.build(upload_id)["fileUrl"] == link

    emulator.set_build(upload_id, status="Approved", live=True)
    told = run_host(releases[language], [package, emulator.project_id, upload_id], settings(emulator))
    assert is_live(told, emulator) == upload_id


@each_language
def test_a_release_says_what_is_wrong_and_what_to_do(
    language: str, releases: Examples, emulator: Emulator, package: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    def fails(file: pathlib.Path, **more: str) -> List[str]:
        told = run_host(releases[language], [file, emulator.project_id], settings(emulator, **more))
        assert told.returncode == 1 and "live:" not in told.stdout
        assert "this-password" not in told.stderr + told.stdout
        return told.stderr.splitlines()

    lines = fails(tmp_path / "Missing.zip")
    assert len(lines) == 2 and lines[0].startswith("release check: ") and "Missing.zip" in lines[0]
    lines = fails(make_build(tmp_path / "NoExe.zip", without=["exe"]))
    assert len(lines) == 2 and lines[0].startswith("release check: ") and ".exe" in lines[0]
    assert emulator.media()["assets"] == [], "nothing was sent"

    lines = fails(package, ENTERMEDIA_KEY="", ENTERMEDIA_PASSWORD="this-password-is-wrong")
    assert lines[0].startswith("release host: ") and lines[2].startswith("resume from: http")
    lines = fails(package, ENTERMEDIA_BASE_URL="no URL")
    assert len(lines) == 1 and "entermedia_base_url" in lines[0]
    assert emulator.builds() == []


@each_language
def test_a_release_that_is_rejected(language: str, releases: Examples, emulator: Emulator, package: pathlib.Path) -> None:
    emulator.settings(maximumBuildBytes=1000)
    told = run_host(releases[language], [package, emulator.project_id], settings(emulator))
    assert told.returncode == 1
    (build,) = emulator.builds()
    lines = told.stderr.splitlines()
    assert lines[0].startswith("release wait: ") and build["objection"] in lines[0] and len(lines) == 2, told.stderr


@each_language
def test_usage(language: str, releases: Examples, emulator: Emulator) -> None:
    told = run_host(releases[language], [], environment(emulator))
    assert told.returncode == 2 and told.stderr.startswith("usage: release ")


# Storage


@pytest.fixture(scope="module")
def stores(release: Variant) -> Examples:
    return compiled("store", release)


@pytest.fixture
def folder(files: pathlib.Path) -> pathlib.Path:
    """One that the emulator serves."""
    return pathlib.Path(tempfile.mkdtemp(prefix="store-", dir=files))


@each_language
def test_stores_in_a_folder(language: str, stores: Examples, emulator: Emulator, folder: pathlib.Path, package: pathlib.Path) -> None:
    public = {**environment(emulator), "STORE_PUBLIC_URL": emulator.file_url(folder.name)}
    told = run_host(stores[language], [package, folder, "builds/MyGame 1.0.zip"], public)
    assert (told.returncode, told.stderr) == (0, ""), told.stderr
    link = emulator.file_url(folder.name) + "/builds/MyGame%201.0.zip"
    assert told.stdout.splitlines()[-1] == f"link: {link}"
    assert all(re.match(r" +\d+\.\d s  \S", line) for line in told.stdout.splitlines()[:-1]), told.stdout
    assert (folder / "builds" / "MyGame 1.0.zip").read_bytes() == package.read_bytes()
    assert request("GET", link).body == package.read_bytes()

    told = run_host(stores[language], [package, folder, "builds/MyGame 1.0.zip"], public)
    assert told.stdout.splitlines()[-2:] == ["The same was there already.", f"link: {link}"]

    told = run_host(stores[language], [package, folder], environment(emulator))  # Nobody has said what it is served as.
    assert told.returncode == 0 and told.stdout.splitlines()[-1] == f"stored: {folder / package.name}"


class PutHandler(http.server.BaseHTTPRequestHandler):
    """Takes files, as a URL does that somebody else has signed."""

    folder: pathlib.Path

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        (self.folder / self.path.split("?")[0].lstrip("/")).write_bytes(body)
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@each_language
def test_stores_by_a_put(language: str, stores: Examples, emulator: Emulator, folder: pathlib.Path, package: pathlib.Path) -> None:
    public = {**environment(emulator), "STORE_PUBLIC_URL": emulator.file_url(f"{folder.name}/MyGame.zip")}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (PutHandler,), {"folder": folder})) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            put_url = f"http://127.0.0.1:{server.server_port}/MyGame.zip?signature=5ecre7-5ignature"
            told = run_host(stores[language], [package, put_url], public)
        finally:
            server.shutdown()
    assert (told.returncode, told.stderr) == (0, ""), told.stderr
    assert told.stdout.splitlines()[-1] == f"link: {emulator.file_url(f'{folder.name}/MyGame.zip')}"
    assert "5ecre7" not in told.stdout
    assert (folder / "MyGame.zip").read_bytes() == package.read_bytes()


@each_language
def test_storing_says_what_is_wrong_and_what_to_do(
    language: str, stores: Examples, emulator: Emulator, folder: pathlib.Path, package: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    def fails(*arguments: object, **more: str) -> str:
        told = run_host(stores[language], arguments, {**environment(emulator), **more})
        assert told.returncode == 1 and "link:" not in told.stdout and "stored:" not in told.stdout
        assert len(told.stderr.splitlines()) == 2, told.stderr
        return told.stderr

    assert "Missing.zip" in fails(tmp_path / "Missing.zip", folder)
    assert "no-folder" in fails(package, tmp_path / "no-folder")
    assert fails(package, folder, "../MyGame.zip").startswith("INVALID_ARGUMENT: ")
    assert list(folder.iterdir()) == []
    told = fails(package, folder, STORE_PUBLIC_URL=emulator.file_url("elsewhere"))
    assert told.startswith("FILE: ") and "404" in told, "it is stored, but not what the link gives"
    no_keys = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HOME": str(tmp_path)}
    assert "AWS_ACCESS_KEY_ID" in fails(package, "s3://bucket/prefix", **no_keys)


@each_language
def test_usage_of_store(language: str, stores: Examples, emulator: Emulator) -> None:
    told = run_host(stores[language], [], environment(emulator))
    assert told.returncode == 2 and told.stderr.startswith("usage: store ")


# READMEs


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
