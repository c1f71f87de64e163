"""What slipway.h declares, read from its text. Header(path) reads any file; the names of this module are those of the repository's."""

from __future__ import annotations

import pathlib
import re
from typing import Dict, List, NamedTuple, Tuple

HEADER = pathlib.Path(__file__).resolve().parents[2] / "include" / "slipway.h"


class Variable(NamedTuple):
    """A member of a struct, or a parameter. The type as C has it, such as "const char *const *"."""

    name: str
    type: str


class Signature(NamedTuple):
    result: str
    parameters: List[Variable]


def _variable(text: str) -> Variable:
    found = re.fullmatch(r"(.*?)(\w+)", " ".join(text.split()))
    assert found, f"neither a member nor a parameter: {text}"
    return Variable(found[2], found[1].strip())


def _parameters(text: str) -> List[Variable]:
    return [] if text.strip() == "void" else [_variable(one) for one in text.split(",")]


class Header:
    """The declarations of one file."""

    def __init__(self, path: pathlib.Path) -> None:
        self.text = path.read_text("utf-8")
        # Without comments, and on one line each: what a compiler sees.
        self.code = re.sub(r"\\\n", " ", re.sub(r"//[^\n]*|/\*.*?\*/", " ", self.text, flags=re.DOTALL))
        functions = re.findall(r"^SLIPWAY_API\s+([^;{]*?)\b(slipway_\w+)\(([^)]*)\)\s*;", self.code, flags=re.MULTILINE)
        callbacks = re.findall(r"\btypedef\s+([^;{]*?)\(\*(slipway_\w+)\)\(([^)]*)\)\s*;", self.code)
        structs = re.findall(r"\bstruct (slipway_\w+)\s*\{(.*?)\}", self.code, flags=re.DOTALL)

        self.functions: List[str] = [name for _, name, _ in functions]
        self.signatures: Dict[str, Signature] = {name: Signature(result.strip(), _parameters(text)) for result, name, text in functions}
        self.callbacks: Dict[str, Signature] = {name: Signature(result.strip(), _parameters(text)) for result, name, text in callbacks}
        self.macros: Dict[str, str] = dict(re.findall(r"^#define\s+(SLIPWAY_\w+)\s+(\S.*?)\s*$", self.code, flags=re.MULTILINE))
        self.constants: Dict[str, int] = {
            name: int(value)
            for body in re.findall(r"\benum\s*\{(.*?)\}", self.code, flags=re.DOTALL)
            for name, value in re.findall(r"(\w+)\s*=\s*(-?\d+)", body)
        }
        # Names of other types.
        self.aliases: Dict[str, str] = {name: of for of, name in re.findall(r"\btypedef (u?int\d+_t) (slipway_\w+);", self.code)}
        self.members: Dict[str, List[Variable]] = {
            name: [_variable(member) for member in body.split(";") if member.strip()] for name, body in structs
        }
        # struct name, macro name, of each struct that is passed in
        self.structs: List[Tuple[str, str]] = [
            (name, f"{name.upper()}_INIT") for name in self.members if f"{name}_init" in self.functions
        ]

    def operations(self) -> List[str]:
        """The functions that start one."""
        last = [Variable("operation", "slipway_operation *")]
        return [name for name, signature in self.signatures.items() if signature.parameters[-1:] == last]

    def request_of(self, operation: str) -> str:
        """The struct that an operation takes."""
        return self._pointee(self.signatures[operation].parameters[1])

    def nested(self, struct: str) -> Dict[str, str]:
        """The structs with a size of their own that a struct points to, by the member that does."""
        sized = dict(self.structs)
        return {member.name: self._pointee(member) for member in self.members[struct] if self._pointee(member) in sized}

    @staticmethod
    def _pointee(variable: Variable) -> str:
        return variable.type.replace("const", "").replace("*", "").strip()


_header = Header(HEADER)
TEXT, CODE = _header.text, _header.code
FUNCTIONS, MACROS, CONSTANTS, STRUCTS, MEMBERS = _header.functions, _header.macros, _header.constants, _header.structs, _header.members
REQUESTS = sorted({_header.request_of(name) for name in _header.operations()})


def getting_started() -> str:
    """The program in the header's first comment."""
    comment = TEXT[TEXT.index("GETTING STARTED") : TEXT.index("*/")]
    lines = [line[len(" *     ") :] for line in comment.splitlines()[1:] if line.startswith(" *     ")]
    return "\n".join(lines) + "\n"
