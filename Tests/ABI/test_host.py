"""The library in hosts that make it hard: with functions of the same names, with another malloc, without its libraries; and
what it leaves alone."""

from __future__ import annotations

import concurrent.futures
import pathlib
import platform
import urllib.parse
from typing import Callable, Dict, Iterator, List, Tuple

import pytest

from emulator import Emulator
from programs import Told, environment, run_host
from toolchain import C17, HERE, OUTPUT, Variant, compile_program, compilers, run

HOST = HERE / "host"
# What a host may carry copies of, as Unreal does on Linux.
CARRIED = {
    "curl": "libcurl.so.4", "jansson": "libjansson.so.4", "ssl": "libssl.so.3", "crypto": "libcrypto.so.3", "expat": "libexpat.so.1",
    "z": "libz.so.1",
}  # fmt: skip


# Calls trap with the text at 1.
TRAP = {"x86_64": "    leaq 1f(%rip), %rdi\n    jmp trap@PLT\n", "aarch64": "    adr x0, 1f\n    b trap\n"}


def host(name: str, variant: Variant, *flags: str, linked: bool = False, extra: Tuple[pathlib.Path, ...] = ()) -> pathlib.Path:
    """Compiles Tests/ABI/host/<name>.c. Not linked, it loads the library by itself."""
    return compile_program(
        "gcc", [HOST / f"{name}.c", *extra], [*C17, *flags, *(["-DLINKED"] if linked else [])], ["-ldl"],
        inputs=[HOST / "host.h"], variant=variant if linked else None,
    )  # fmt: skip


def resolve(soname: str) -> pathlib.Path:
    """Where the loader finds a library."""
    for line in run(["/sbin/ldconfig", "-p"]).stdout.splitlines():
        if line.split()[:1] == [soname]:
            return pathlib.Path(line.split("=>")[1].strip())
    raise AssertionError(f"{soname} is not installed")


@pytest.fixture(scope="module")
def traps() -> pathlib.Path:
    """A source that defines every function of libcurl, jansson, OpenSSL, expat and zlib: each one ends the process, and says its name."""
    names = set()
    for soname in CARRIED.values():
        done = run(["nm", "--dynamic", "--defined-only", "--format=posix", resolve(soname)])
        assert done.returncode == 0, done.stderr
        found = [line.split()[:2] for line in done.stdout.splitlines()]
        names |= {name.split("@")[0] for name, kind in found if kind == "T"}
    names -= {"main", "_init", "_fini"}
    for needed in ("curl_easy_init", "curl_multi_perform", "json_loads", "SSL_new", "SSL_CTX_new", "EVP_DigestInit_ex", "CRYPTO_malloc", "XML_Parse", "crc32"):
        assert needed in names
    # Assembler: the compiler knows some of these names, and would have its own opinion of their types.
    lines = ['    .text\n']
    for name in sorted(names):
        lines.append(f'    .globl {name}\n    .type {name}, %function\n{name}:\n{TRAP[platform.machine()]}1:  .asciz "{name}"\n    .balign 4\n')
    lines.append('    .section .note.GNU-stack,"",@progbits\n')
    path = OUTPUT / "traps.s"
    text = "".join(lines)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    trap = OUTPUT / "trap.c"
    trap.write_text(
        '#include <stdio.h>\n#include <stdlib.h>\nvoid trap(const char *name);\n'
        'void trap(const char *name) {\n    fprintf(stderr, "the host\'s %s was called\\n", name);\n    abort();\n}\n'
    )
    return path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tuple[pathlib.Path, pathlib.Path]:
    """A certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    done = run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def secure(files: pathlib.Path, certificate: Tuple[pathlib.Path, pathlib.Path]) -> Iterator[Emulator]:
    """An emulator that also speaks TLS."""
    cert, key = certificate
    options = ["--state-ms", "10", "--rate-window-ms", "0", "--tls-cert", str(cert), "--tls-key", str(key)]
    with Emulator(files=files, options=options) as emulator:
        yield emulator


@pytest.fixture
def settings(secure: Emulator, certificate: Tuple[pathlib.Path, pathlib.Path], files: pathlib.Path) -> Dict[str, str]:
    """For a host that does everything over https."""
    secure.reset()
    assert secure.tls_base_url is not None and secure.tls_base_url.startswith("https://")
    assert secure.tls_files_url is not None and secure.tls_files_url.startswith("https://")
    assert secure.entermedia["tlsBaseUrl"].startswith("https://")
    # The emulated Streampixel knows nothing of this certificate: it gets its links by http.
    base = urllib.parse.urlsplit(secure.entermedia["baseUrl"])
    secure.media_settings(cdnPrefix=f"{base.scheme}://{base.netloc}")
    return environment(
        secure,
        {
            "SLIPWAY_TEST_BASE_URL": secure.tls_base_url,
            "ENTERMEDIA_BASE_URL": secure.entermedia["tlsBaseUrl"],
            "SLIPWAY_TEST_FILE_URL": f"{secure.tls_files_url}/MyGame.zip",
            "SLIPWAY_TEST_PACKAGE": str(files / "MyGame.zip"),
            "SLIPWAY_TEST_CA_BUNDLE": str(certificate[0]),
        },
    )


def silent(told: Told) -> None:
    assert told.returncode == 0 and told.stderr == "" and told.stdout == "", f"{told.returncode}\n{told.stdout}{told.stderr}"


each_way = pytest.mark.parametrize("linked", [False, True], ids=["loaded", "linked"])
JEMALLOC = "libjemalloc.so.2"


@each_way
@pytest.mark.parametrize("allocator", ["malloc", "jemalloc"])
def test_host_with_the_same_names(
    linked: bool, allocator: str, traps: pathlib.Path, release: Variant, library: pathlib.Path, settings: Dict[str, str], secure: Emulator
) -> None:
    """The host exports every function of the libraries that are loaded, and each one aborts; what goes over https works all the same."""
    executable = host("uploads", release, "-rdynamic", linked=linked, extra=(OUTPUT / "trap.c", traps))
    exported = run(["nm", "--dynamic", "--defined-only", executable]).stdout
    assert " T curl_easy_init" in exported and " T SSL_new" in exported and " T json_loads" in exported
    silent(run_host(executable, [library], settings, preload=resolve(JEMALLOC) if allocator == "jemalloc" else None))
    assert len(secure.builds()) == 2


@each_way
def test_host_with_another_malloc(linked: bool, release: Variant, library: pathlib.Path, settings: Dict[str, str], secure: Emulator) -> None:
    silent(run_host(host("uploads", release, linked=linked), [library], settings, preload=resolve(JEMALLOC)))
    assert len(secure.builds()) == 2


def test_certificate_is_checked(release: Variant, library: pathlib.Path, settings: Dict[str, str], secure: Emulator) -> None:
    """The https of the tests above means something: without the CA bundle it does not work."""
    without = {name: value for name, value in settings.items() if name != "SLIPWAY_TEST_CA_BUNDLE"}
    told = run_host(host("uploads", release), [library], without)
    assert told.returncode == 1 and "-21:" in told.stderr, told.stderr  # SLIPWAY_TLS
    assert secure.builds() == []


@each_way
def test_leaves_the_process_alone(linked: bool, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    """Signal handlers, signal mask, environment, working directory, locale, umask; descriptors and threads; standard output and error."""
    silent(run_host(host("quiet", release, linked=linked), [library], settings))


def test_dlclose_is_harmless(release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    silent(run_host(host("unloads", release), [library], settings))


@each_way
def test_host_may_end_at_any_time(linked: bool, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    executable = host("leaves", release, linked=linked)
    for _ in range(15):
        told = run_host(executable, [library], settings)
        assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("hidden, package", [("libcurl", "libcurl4"), ("libjansson", "libjansson4")])
def test_missing_library(hidden: str, package: str, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    hide = compile_program("gcc", [HOST / "hide.c"], [*C17, "-shared", "-fPIC"], ["-ldl"])
    told = run_host(host("without", release), [library], {**settings, "HIDDEN_LIBRARY": hidden}, preload=hide)
    assert told.returncode == 0, told.stderr
    status, message = told.stdout.split("\n", 1)
    assert status == "-40", told.stdout  # SLIPWAY_MISSING_LIBRARY
    assert package in message, message
    assert told.stderr == ""


@pytest.mark.parametrize("hidden, package", [("libcrypto", "libssl3"), ("libexpat", "libexpat1"), ("libz", "zlib1g")])
def test_missing_library_of_storage(hidden: str, package: str, release: Variant, library: pathlib.Path, settings: Dict[str, str]) -> None:
    """There is a client, since it is only storage that needs them; the operation says what is missing."""
    hide = compile_program("gcc", [HOST / "hide.c"], [*C17, "-shared", "-fPIC"], ["-ldl"])
    told = run_host(host("stores", release), [library], {**settings, "HIDDEN_LIBRARY": hidden}, preload=hide)
    assert told.returncode == 0, told.stderr
    status, message = told.stdout.split("\n", 1)
    assert status == "-40", told.stdout  # SLIPWAY_MISSING_LIBRARY
    assert package in message, message
    assert told.stderr == ""
