"""What slipway.hpp and the files that it includes know of the header, read from their text."""

from __future__ import annotations

import pathlib
import re
from typing import Dict, List, Tuple

from header import Header
from layout import Layout

# Methods that have another name than the function.
METHODS = {"get_project": "project", "get_project_stats": "project_stats", "list_projects": "projects"}

# Functions that C++ needs none of: a macro does what the init functions do; the version is a text, and no answer has a fraction.
DOES_WITHOUT = re.compile(r"slipway_\w+_init|slipway_version_number|slipway_result_number")
# Constants: its reader asks for what it is going to read.
NOT_ASKED_FOR = re.compile(r"SLIPWAY_JSON_\w+")
# Members: the macro sets the size, nobody may set what is reserved, and a document is for the readers.
NOT_CARRIED = {"struct_size", "reserved", "document"}
# Members that are set where the callbacks are, not where a request is translated.
CALLBACKS = {"on_closed", "on_closed_user_data", "on_item", "on_progress"}

GROUPS = re.compile(r"SLIPWAY_(?:(?:LOG|DELIVERY|STAGE|RELEASE|UNTIL|ORIGINAL|ADDRESSING|CHECKSUM|LINK|JSON)_)?")
# Words of the language, which no enumerator can be.
RESERVED = {"public"}


class CppBinding:
    column = "C++"

    def __init__(self, header: Header, layout: Layout, folder: pathlib.Path) -> None:
        self.header, self.layout = header, layout
        files = [folder / "slipway.hpp", *sorted((folder / "slipway").glob("*.hpp"))]
        self.code = "\n".join(re.sub(r"//[^\n]*|/\*.*?\*/", " ", path.read_text("utf-8"), flags=re.DOTALL) for path in files)
        self.code = re.sub(r"^\s*#include[^\n]*", "", self.code, flags=re.MULTILINE)
        # struct name: the body of the function that makes one
        self.translations: Dict[str, str] = dict(
            re.findall(r"\binline (slipway_\w+) to_c\([^{]*\)\s*\{(.*?)\n\}", self.code, flags=re.DOTALL)
        )
        self.enumerators: Dict[str, Tuple[str, str]] = {
            value: (enum, name)
            for enum, body in re.findall(r"\benum class (\w+)[^{;]*\{(.*?)\}", self.code, flags=re.DOTALL)
            for name, value in re.findall(r"(\w+)\s*=\s*(\w+)", body)
        }
        self.tripwires = dict(re.findall(r"\bsizeof\((slipway_\w+)\) == (\d+)", self.code))

    def _uses(self, name: str) -> bool:
        return re.search(rf"\b{name}\b", self.code) is not None

    def function(self, name: str) -> str:
        if DOES_WITHOUT.fullmatch(name):
            return "-" if not self._uses(name) else "is called, though DOES_WITHOUT has it"
        if not self._uses(name):
            return "is not called"
        if name not in self.header.operations():
            return "yes"
        method = METHODS.get(name[len("slipway_") :], name[len("slipway_") :])
        request = r"\w+Request request(?: = \{\})?"
        for way in (rf"Pending<\w+> {method}\({request}\)", rf"Operation {method}\({request},\s*OnComplete<\w+> on_complete\)"):
            body = re.search(rf"{way}\s*\{{([^{{}}]*)\}}", self.code)
            if not body or not re.search(rf"\b{name}\b", body[1]):
                return f"is not what Client::{method} starts, with a callback and without"
        return "yes"

    def struct(self, name: str) -> str:
        if name == "slipway_entermedia_term":
            return ""  # It never grows.
        size = str(self.layout.sizes[name])
        if name not in self.tripwires:
            return "has no static_assert of its size"
        return "yes" if self.tripwires[name] == size else f"has {self.tripwires[name]} bytes, and {size} in C"

    def member(self, struct: str, place: int) -> str:
        member = self.header.members[struct][place].name
        if member in NOT_CARRIED:
            return "-"
        if struct == "slipway_progress":
            return "yes" if re.search(rf"\bfrom\.{member}\b", self.code) else "is not read"
        if struct == "slipway_result":
            return "yes" if re.search(rf"\bfrom->{member}\b", self.code) else "is not read"
        if struct == "slipway_entermedia_term":
            return "yes" if re.search(rf"\(term\.{member}\)", self.code) else "is not set"
        if struct not in self.translations:
            return "is in a struct that nothing makes"
        everywhere = member in CALLBACKS or (member == "deadline_ms" and struct != "slipway_client_options")
        where = self.code if everywhere else self.translations[struct]
        return "yes" if re.search(rf"\bc(?:\.|->){member}\s*=[^=]", where) else "is not set"

    def constant(self, name: str) -> str:
        if NOT_ASKED_FOR.fullmatch(name):
            return "-"
        if name == "SLIPWAY_FOREVER":
            return "yes" if self._uses(name) else "is not used"
        if name not in self.enumerators:
            return "is the value of no enumerator"
        enum, enumerator = self.enumerators[name]
        wanted = GROUPS.sub("", name).lower()
        wanted += "_" if wanted in RESERVED else ""
        return "yes" if enumerator == wanted else f"is {enum}::{enumerator}, not {wanted}"

    def beyond(self) -> List[str]:
        known = {*self.header.functions, *self.header.members, *self.header.callbacks, *self.header.aliases, "slipway_client"}
        return sorted(set(re.findall(r"\bslipway_\w+", self.code)) - known)
