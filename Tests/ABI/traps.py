"""Assembler for hosts that carry the same names as what Slipway uses: libcurl, jansson, OpenSSL, expat, zlib, and Swift's runtime, which
is inside Slipway. And for hosts that call Slipway's functions by their names although they load it by dlopen.

Assembler, since the compiler knows some of these names and has its own opinion of their types, and since a name such as $sSSN, the
metadata of Swift's String, is none in C.
"""

from __future__ import annotations

import pathlib
import platform
import re
from typing import List, Sequence, Set, Tuple

from toolchain import OUTPUT, run, swift_libraries

# What a host may carry copies of, as Unreal does on Linux.
CARRIED = {
    "curl": "libcurl.so.4", "jansson": "libjansson.so.4", "ssl": "libssl.so.3", "crypto": "libcrypto.so.3", "expat": "libexpat.so.1",
    "z": "libz.so.1",
}  # fmt: skip
# What a host has that is written in Swift, or uses another library that is.
SWIFT = (
    "libswiftCore.so", "libswift_Concurrency.so", "libswiftSynchronization.so", "libswiftGlibc.so", "libdispatch.so",
    "libBlocksRuntime.so",
)  # fmt: skip
# But for the compiler's helpers, C++'s templates and the linker's marks, which these libraries have as well.
SWIFT_NAME = re.compile(r"_?swift|\$s|_ZNK?5swift|concurrency|_?dispatch_|_?os_|_Block_|_NSConcrete")

# One of each family. They must be among the traps, and tests look into some of them.
FUNCTIONS = (
    "curl_easy_init", "curl_multi_perform", "json_loads", "SSL_new", "SSL_CTX_new", "EVP_DigestInit_ex", "CRYPTO_malloc", "XML_Parse",
    "crc32", "swift_retain", "swift_task_create", "swift_once", "_swift_stdlib_strtod_clocale", "$sSS6appendyySSF", "dispatch_async_f",
)  # fmt: skip
# Swift's metadata: of String, of Array, and of what Concurrency has as a task.
VARIABLES = ("$sSSN", "$sSaMn", "$sScTMn")

# A trap calls trap with the text at 1; a function of Slipway goes where its place in `reached` says.
TRAP = {"x86_64": "    leaq 1f(%rip), %rdi\n    jmp trap@PLT\n", "aarch64": "    adr x0, 1f\n    b trap\n"}
REACH = {
    "x86_64": "    jmp *reached+{place}(%rip)\n",
    "aarch64": "    adrp x16, reached+{place}\n    ldr x16, [x16, :lo12:reached+{place}]\n    br x16\n",
}
END = '    .section .note.GNU-stack,"",@progbits\n'


def resolve(soname: str) -> pathlib.Path:
    """Where the loader finds a library."""
    for line in run(["/sbin/ldconfig", "-p"]).stdout.splitlines():
        if line.split()[:1] == [soname]:
            return pathlib.Path(line.split("=>")[1].strip())
    raise AssertionError(f"{soname} is not installed")


def exports(library: pathlib.Path) -> "Tuple[Set[str], Set[str]]":
    """The functions and the variables that a library shows to others."""
    done = run(["nm", "--dynamic", "--defined-only", "--format=posix", library])
    assert done.returncode == 0, done.stderr
    found = [line.split()[:2] for line in done.stdout.splitlines()]
    functions, variables = ({name.split("@")[0] for name, kind in found if kind in kinds} for kinds in ("T", "DBR"))
    return functions, variables


def traps() -> pathlib.Path:
    """A source that defines every function of those libraries, and every variable of Swift's. See host/traps.h for what comes of it."""
    functions: Set[str] = set()
    variables: Set[str] = set()
    for soname in CARRIED.values():
        functions |= exports(resolve(soname))[0]
    for name in SWIFT:
        both = exports(swift_libraries() / name)
        functions |= set(filter(SWIFT_NAME.match, both[0]))
        variables |= set(filter(SWIFT_NAME.match, both[1]))
    functions -= {"main", "_init", "_fini"}
    assert functions.issuperset(FUNCTIONS), sorted(set(FUNCTIONS) - functions)
    assert variables.issuperset(VARIABLES), sorted(set(VARIABLES) - variables)
    trap = TRAP[platform.machine()]
    lines = ["    .text\n"]
    for name in sorted(functions):
        lines.append(f'    .globl "{name}"\n    .type "{name}", %function\n"{name}":\n{trap}1:  .asciz "{name}"\n    .balign 4\n')
    lines.append('    .section .trap,"aw",@nobits\n    .balign 65536\n    .globl trap_page\n    .hidden trap_page\ntrap_page:\n')
    lines += [f'    .globl "{name}"\n    .type "{name}", %object\n    .size "{name}", 8\n"{name}":\n' for name in sorted(variables)]
    return _source("traps.s", [*lines, "    .zero 65536\n"])


def reached(library: pathlib.Path) -> pathlib.Path:
    """A source that defines every function of Slipway, for the program alone: each goes on to the one that was found in the library."""
    names = sorted(exports(library)[0])
    assert names and all(name.startswith("slipway_") for name in names), names
    lines = ["    .text\n"]
    for number, name in enumerate(names):
        jump = REACH[platform.machine()].format(place=16 * number + 8)
        lines.append(f"    .globl {name}\n    .hidden {name}\n    .type {name}, %function\n{name}:\n{jump}")
    lines.append("    .data\n    .balign 16\n    .globl reached\n    .hidden reached\nreached:\n")
    lines += [f"    .quad name_{number}, 0\n" for number, _ in enumerate(names)]
    lines.append("    .quad 0, 0\n")
    lines += [f'name_{number}: .asciz "{name}"\n' for number, name in enumerate(names)]
    return _source("reached.s", lines)


def _source(name: str, lines: Sequence[str]) -> pathlib.Path:
    text = "".join([*lines, END])
    path = OUTPUT / name
    OUTPUT.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path
