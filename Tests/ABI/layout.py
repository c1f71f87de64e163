"""Where a C compiler puts the members of the header's structs."""

from __future__ import annotations

import hashlib
import pathlib
import shutil
import subprocess
import tempfile
from typing import Dict, Tuple

from header import Header

KNOWN = pathlib.Path(__file__).resolve().parents[2] / ".build-tests" / "abi"


class Layout:
    """Sizes of structs; offsets and sizes of their members."""

    def __init__(self, header: Header) -> None:
        compiler = shutil.which("cc") or shutil.which("clang")
        assert compiler, "a C compiler is needed: cc or clang"
        lines = ['#include "slipway.h"', "#include <stdio.h>", "int main(void) {"]
        for struct, members in header.members.items():
            lines.append(f'printf("{struct} {struct} 0 %zu\\n", sizeof({struct}));')
            for name, _ in members:
                lines.append(f'printf("{struct} {name} %zu %zu\\n", offsetof({struct}, {name}), sizeof((({struct} *)0)->{name}));')
        told = self._told(compiler, header.text, "\n".join([*lines, "return 0; }", ""]))
        self.sizes: Dict[str, int] = {}
        self.members: Dict[str, Dict[str, Tuple[int, int]]] = {struct: {} for struct in header.members}
        for struct, name, offset, size in map(str.split, told.splitlines()):
            if name == struct:
                self.sizes[struct] = int(size)
            else:
                self.members[struct][name] = (int(offset), int(size))

    @staticmethod
    def _told(compiler: str, header: str, program: str) -> str:
        """What the program prints. It is run once for each header."""
        known = KNOWN / f"layout-{hashlib.sha256((compiler + header + program).encode()).hexdigest()[:16]}"
        if known.exists():
            return known.read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            source, executable = pathlib.Path(folder, "layout.c"), pathlib.Path(folder, "layout")
            pathlib.Path(folder, "slipway.h").write_text(header, "utf-8")
            source.write_text(program, "utf-8")
            subprocess.run([compiler, "-std=c17", source, "-o", executable], check=True)
            told = subprocess.run([executable], check=True, capture_output=True, text=True).stdout
        KNOWN.mkdir(parents=True, exist_ok=True)
        known.write_text(told, "utf-8")
        return told
