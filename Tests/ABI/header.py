"""What slipway.h declares, read from its text."""

from __future__ import annotations

import re
from typing import Dict, List, Tuple

from toolchain import HEADER

TEXT = HEADER.read_text("utf-8")
# Without comments, and on one line each: what a compiler sees.
CODE = re.sub(r"\\\n", " ", re.sub(r"/\*.*?\*/", " ", TEXT, flags=re.DOTALL))

FUNCTIONS: List[str] = re.findall(r"^SLIPWAY_API\s+[^;{]*?\b(slipway_\w+)\(", CODE, flags=re.MULTILINE)
MACROS: Dict[str, str] = dict(re.findall(r"^#define\s+(SLIPWAY_\w+)\s+(\S.*?)\s*$", CODE, flags=re.MULTILINE))
CONSTANTS: Dict[str, int] = {
    name: int(value)
    for body in re.findall(r"\benum\s*\{(.*?)\}", CODE, flags=re.DOTALL)
    for name, value in re.findall(r"(\w+)\s*=\s*(-?\d+)", body)
}
# struct name, macro name, of each struct that is passed in
STRUCTS: List[Tuple[str, str]] = [
    (name, f"{name.upper()}_INIT") for name in re.findall(r"typedef struct (slipway_\w+)\s*\{", CODE) if f"{name}_init" in FUNCTIONS
]


def getting_started() -> str:
    """The program in the header's first comment."""
    comment = TEXT[TEXT.index("GETTING STARTED") : TEXT.index("*/")]
    lines = [line[len(" *     ") :] for line in comment.splitlines()[1:] if line.startswith(" *     ")]
    return "\n".join(lines) + "\n"
