"""What a host that was compiled against a header has in itself: numbers, sizes, offsets, types. Facts(header) has one Fact for each."""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, NamedTuple, Set

from header import Header, Signature
from layout import Layout

# Macros that no host has in itself, or that change with every version.
NOT_RECORDED = re.compile(r"SLIPWAY_(H|API|VERSION_\w+|\w+_INIT)$")


class Fact(NamedTuple):
    kind: str
    name: str
    value: str


class Unread(AssertionError):
    """The header has something that would be missing in the record."""


class Facts(Dict[str, Fact]):
    """By name, in the order of the record."""

    def __init__(self, header: Header) -> None:
        super().__init__()
        self.version = ".".join(header.macros[f"SLIPWAY_VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH"))
        # Names that belong together: no two of them may have one value.
        self.enums: List[List[str]] = []
        # Those of slipway_status.
        self.statuses: Set[str] = set()
        # What is wrong in the header by itself, by the name of the fact.
        self.wrong: Dict[str, str] = {}
        _read_all(header)
        layout = Layout(header)
        for name, of in header.aliases.items():
            self._add("type", name, of)
        for name in re.findall(r"\btypedef struct (slipway_\w+) \1;", header.code):
            if name not in header.members:
                self._add("type", name, "opaque")
        for body in _enum_bodies(header):
            self.enums.append(re.findall(r"(\w+)\s*=", body))
        self.statuses = next((set(names) for names in self.enums if "SLIPWAY_OK" in names), set())
        for name, number in header.constants.items():
            self._add("constant", name, str(number))
        for name, text in header.macros.items():
            if not NOT_RECORDED.match(name):
                self._add("macro", name, text)
        for name, signature in header.callbacks.items():
            self._add("callback", name, _text(signature))
        for struct, members in header.members.items():
            self._add("struct", struct, f"{layout.sizes[struct]} bytes, {_use(struct, header)}")
            for name, of in members:
                offset, size = layout.members[struct][name]
                self._add("member", f"{struct}.{name}", f"{of} at {offset}, {size} bytes")
            if _use(struct, header) == PASSED_IN:
                self._add_initializer(struct, header)
        for name, signature in header.signatures.items():
            self._add("function", name, _text(signature))

    def _add(self, kind: str, name: str, value: str) -> None:
        assert name not in self, f"{name} is declared twice"
        self[name] = Fact(kind, name, value)

    def _add_initializer(self, struct: str, header: Header) -> None:
        name = f"{struct.upper()}_INIT"
        if name not in header.macros:
            return
        self._add("macro", name, f"makes a {struct}")
        values = [value.strip() for value in header.macros[name].strip("{} ").split(",")]
        members = header.members[struct]
        if len(values) != len(members):
            self.wrong[name] = f"has {len(values)} values for {len(members)} members"
        elif values[0] != f"sizeof({struct})" or set(values[1:]) - {"0", "NULL"}:
            self.wrong[name] = "is not the struct's size and zeros behind it"


PASSED_IN, TOLD, OF_ONE_SIZE = "passed in", "told", "of one size for ever"


def _use(struct: str, header: Header) -> str:
    if struct in dict(header.structs):
        return PASSED_IN
    return TOLD if header.members[struct][0].name == "struct_size" else OF_ONE_SIZE


def _text(signature: Signature) -> str:
    parameters = ", ".join(f"{of}{'' if of.endswith('*') else ' '}{name}" for name, of in signature.parameters)
    return f"{signature.result} ({parameters or 'void'})"


def _enum_bodies(header: Header) -> List[str]:
    return re.findall(r"\benum\s*\{(.*?)\}", header.code, flags=re.DOTALL)


def _read_all(header: Header) -> None:
    """Unread, when header.py does not understand all that stands there."""
    for body in _enum_bodies(header):
        for one in filter(None, map(str.strip, body.split(","))):
            if not re.fullmatch(r"SLIPWAY_\w+\s*=\s*-?\d+", one):
                raise Unread(f"a constant has to be written NAME = number, not `{one}`")
    rest = re.sub(r"^\s*#.*$", " ", header.code, flags=re.MULTILINE)
    for pattern in (
        r"^SLIPWAY_API\s+[^;{]*?\bslipway_\w+\([^)]*\)\s*;", r"\btypedef\s+[^;{]*?\(\*slipway_\w+\)\([^)]*\)\s*;",
        r"\btypedef struct (slipway_\w+)\s*\{[^{}]*\}\s*\1\s*;", r"\bstruct slipway_\w+\s*\{[^{}]*\}\s*;", r"\benum\s*\{[^{}]*\}\s*;",
        r"\btypedef u?int\d+_t slipway_\w+;", r"\btypedef struct (slipway_\w+) \1;", r'extern "C" \{', r"^\}",
    ):  # fmt: skip
        rest = re.sub(pattern, " ", rest, flags=re.MULTILINE | re.DOTALL)
    if rest.strip():
        raise Unread(f"header.py does not read `{' '.join(rest.split())[:120]}`: teach it, and facts.py")


def assertions(facts: Mapping[str, Fact]) -> str:
    """The same in C: a compiler refuses it with a header that has other facts."""
    lines = ["#include <slipway.h>", "", "#define SAME(what, of) _Static_assert(_Generic((what), of: 1, default: 0), #what)"]

    def expect(condition: str, name: str) -> None:
        lines.append(f'_Static_assert({condition}, "{name}");')

    for kind, name, value in facts.values():
        if kind == "type" and value == "opaque":
            lines.append(f"SAME(({name} *)0, struct {name} *);")
        elif kind == "type":
            lines.append(f"SAME(({name})0, {value});")
        elif kind == "constant" or (kind == "macro" and not name.endswith("_INIT")):
            expect(f"{name} == {value}", name)
        elif kind == "macro":
            struct = value.split()[-1]
            lines.append(f"extern const {struct} made_{struct}; const {struct} made_{struct} = {name};")
        elif kind == "struct":
            expect(f"sizeof({name}) == {value.split()[0]}", name)
        elif kind == "member":
            struct, member = name.split(".")
            of, offset, size = split_member(value)
            expect(f"offsetof({struct}, {member}) == {offset} && sizeof((({struct} *)0)->{member}) == {size}", name)
            lines.append(f"SAME(&(({struct} *)0)->{member}, {of}{'' if of.endswith('*') else ' '}*);")
        else:
            result, parameters = split_signature(value)
            what = f"({name})0" if kind == "callback" else f"&{name}"
            # Not SAME: the commas of the parameters would be the macro's.
            expect(f"_Generic(({what}), {result} (*)({', '.join(parameters)}): 1, default: 0)", name)
    return "\n".join([*lines, ""])


class MemberValue(NamedTuple):
    type: str
    offset: int
    size: int


def split_member(value: str) -> MemberValue:
    found = re.fullmatch(r"(.+) at (\d+), (\d+) bytes", value)
    assert found, value
    return MemberValue(found[1], int(found[2]), int(found[3]))


class SignatureValue(NamedTuple):
    result: str
    parameters: List[str]


def split_signature(value: str) -> SignatureValue:
    found = re.fullmatch(r"(.*?) \((.*)\)", value)
    assert found, value
    return SignatureValue(found[1], found[2].split(", "))
