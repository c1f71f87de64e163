"""What the Python package knows of the header, by importing it. It needs no library for that."""

from __future__ import annotations

import ctypes
import importlib
import inspect
import logging
import pathlib
import re
import sys
from typing import Any, Dict, List, Optional

from header import Header, Signature
from layout import Layout

# Methods that have another name than the function.
METHODS = {"get_project": "project", "get_project_stats": "project_stats", "list_projects": "projects"}

# Parameters that have another name than the member, or the opposite meaning. None: there is none, since the value says it.
PARAMETERS: Dict[str, Optional[str]] = {
    "struct_size": None, "reserved": None, "asset_count": None, "term_count": None, "body_size": None, "metadata_count": None,
    "manual_release": "auto_release", "skip_url_check": "check_url", "skip_verify": "verify", "hosted": "remove_when_done",
    "metadata_names": "metadata", "metadata_values": "metadata", "min_age_minutes": "min_age",
}  # fmt: skip
# Settings of the kinds of storage, the same way.
STORAGE: Dict[str, Optional[str]] = {
    "struct_size": None, "put_header_count": None, "put_url": "url", "directory": "path", "put_headers": "headers",
}  # fmt: skip
# Client options that Client sets by itself: its callbacks come on a thread that polls.
OWN_OPTIONS = {"struct_size", "delivery", "on_closed", "on_closed_user_data"}
# Fields of Progress that have another name than the member; None: the Operation that it comes with says it.
PROGRESS: Dict[str, Optional[str]] = {
    "struct_size": None, "operation": None, "elapsed_ms": "elapsed", "wait_ms": "wait", "time_left_ms": "time_left",
}  # fmt: skip

# Functions that Python needs none of: ctypes makes structs, the package has JSON of its own, and waits for a thread of its own.
DOES_WITHOUT = re.compile(
    r"slipway_\w+_init|slipway_result_(?:type|string|integer|number|boolean|count|name)"
    r"|slipway_client_close|slipway_client_poll_fd|slipway_operation_wait"
)
NOT_ASKED_FOR = re.compile(r"SLIPWAY_JSON_\w+|SLIPWAY_DELIVERY_THREAD")

# The package's enumerations of a storage's settings.
STORAGE_ENUMS = {"ADDRESSING": "Addressing", "CHECKSUM": "Checksum", "LINK": "Link"}

LEVELS = {
    "SLIPWAY_LOG_OFF": logging.CRITICAL + 1, "SLIPWAY_LOG_ERROR": logging.ERROR, "SLIPWAY_LOG_WARNING": logging.WARNING,
    "SLIPWAY_LOG_INFO": logging.INFO, "SLIPWAY_LOG_DEBUG": logging.DEBUG,
}  # fmt: skip
CALLBACK: Any = ctypes._CFuncPtr  # type: ignore[attr-defined]  # what all of CFUNCTYPE's types are
INTEGERS = {"int32_t": "i", "uint32_t": "I", "uint64_t": "L", "size_t": "L", "int": "i", "int64_t": "l", "double": "d"}


class PythonBinding:
    column = "Python"

    def __init__(self, header: Header, layout: Layout, folder: pathlib.Path) -> None:
        self.header, self.layout = header, layout
        sys.path.insert(0, str(folder))
        self.package = importlib.import_module("slipway")
        assert pathlib.Path(str(self.package.__file__)).is_relative_to(folder), f"{self.package.__file__} is not the package in {folder}"
        self.abi = importlib.import_module("slipway.abi")
        # The words of the release's stages stand in the header's comments.
        self.words: Dict[str, str] = dict(re.findall(r'(SLIPWAY_RELEASE_\w+) = \d+,?\s*/\*\*< "(\w+)"', header.text))

    def _method(self, operation: str) -> str:
        name = operation[len("slipway_") :]
        return METHODS.get(name, name)

    # Types

    def _callback_differs(self, kind: Any, signature: Signature) -> bool:
        arguments = kind._argtypes_
        return len(arguments) != len(signature.parameters) or any(
            self._differs(one, parameter.type) for one, parameter in zip(arguments, signature.parameters)
        )

    def _differs(self, kind: Any, declared: str) -> bool:
        """Whether a type of ctypes is another one than a type of C."""
        declared = self.header.aliases.get(declared, declared)
        pointer = declared.endswith("*") or declared in self.header.callbacks
        if kind is None:
            return declared != "void"
        if kind is ctypes.c_void_p:
            return not pointer
        if kind is ctypes.c_char_p:
            return declared not in ("const char *", "char *", "const void *")
        if issubclass(kind, CALLBACK):
            return declared not in self.header.callbacks or self._callback_differs(kind, self.header.callbacks[declared])
        if issubclass(kind, ctypes._Pointer):
            target = kind._type_
            if target is ctypes.c_char_p:
                return declared != "const char *const *"
            if target is ctypes.c_void_p:
                return not re.fullmatch(r"\w+ \*\*", declared)
            return bool(self.abi.STRUCTS.get(declared.replace("const ", "").rstrip(" *")) is not target)
        return bool(INTEGERS.get(declared) != kind._type_)

    # Rows

    def function(self, name: str) -> str:
        if DOES_WITHOUT.fullmatch(name):
            return "-" if name not in self.abi.FUNCTIONS else "is declared, though DOES_WITHOUT has it"
        if name not in self.abi.FUNCTIONS:
            return "is not declared"
        declared, signature = self.abi.FUNCTIONS[name], self.header.signatures[name]
        if self._differs(declared.result, signature.result):
            return f"gives {signature.result}, not {declared.result.__name__}"
        if len(declared.arguments) != len(signature.parameters):
            return f"takes {len(signature.parameters)} arguments, not {len(declared.arguments)}"
        for kind, parameter in zip(declared.arguments, signature.parameters):
            if self._differs(kind, parameter.type):
                return f"has {parameter.type} {parameter.name}, not {kind.__name__}"
        if name not in self.header.operations():
            return "yes"
        method = getattr(self.package.Client, self._method(name), None)
        if method is None:
            return f"has no Client.{self._method(name)}"
        return "yes" if f'"{name[len("slipway_"):]}"' in self._source(name) else f"is not what Client.{self._method(name)} starts"

    def _implementation(self, operation: str) -> Any:
        """The function behind a method; `release` is two methods, and hands on."""
        method = getattr(self.package.Client, self._method(operation), None)
        return getattr(self.package.Client, f"_{self._method(operation)}", method)

    def _source(self, operation: str) -> str:
        return inspect.getsource(self._implementation(operation))

    def struct(self, name: str) -> str:
        if name not in self.abi.STRUCTS:
            return "is not declared"
        size = ctypes.sizeof(self.abi.STRUCTS[name])
        return "yes" if size == self.layout.sizes[name] else f"has {size} bytes, and {self.layout.sizes[name]} in C"

    def member(self, struct: str, place: int) -> str:
        member = self.header.members[struct][place]
        fields = getattr(self.abi.STRUCTS.get(struct), "_fields_", [])
        if place >= len(fields):
            return "is not declared"
        name, kind = fields[place][:2]
        if name != member.name:
            return f"has {name} in its place"
        field = getattr(self.abi.STRUCTS[struct], name)
        offset, size = self.layout.members[struct][name]
        if (field.offset, field.size) != (offset, size):
            return f"has {field.size} bytes at {field.offset}, and {size} at {offset} in C"
        if self._differs(kind, member.type):
            return f"is {member.type} in C, not {kind.__name__}"
        return self._reachable(struct, member.name)

    def _reachable(self, struct: str, member: str) -> str:
        """Whether there is something in the package's own words that sets, or tells, the member."""
        plain = re.sub(r"_ms$", "", member)
        if struct == "slipway_progress":
            wanted = PROGRESS.get(member, member)
            there = wanted is None or wanted in inspect.signature(self.package.Progress).parameters
            return "yes" if there else f"is no Progress.{wanted}"
        if struct == "slipway_client_options":
            if member in OWN_OPTIONS:
                return "yes"
            service, _, setting = plain.partition("_")
            of = {"streampixel": self.package.Streampixel, "entermedia": self.package.EnterMedia}.get(service)
            wanted = plain if of is None else setting
            return "yes" if wanted in inspect.signature(of or self.package.Client).parameters else f"cannot be set: {wanted} is no setting"
        if struct == "slipway_storage":
            return self._settable(member)
        parameter = PARAMETERS.get(member, plain)
        if parameter is None:
            return "yes"
        for operation in self.header.operations():
            if self.header.request_of(operation) == struct:
                implementation = self._implementation(operation)
                if implementation is None or parameter not in inspect.signature(implementation).parameters:
                    return f"cannot be set: Client.{self._method(operation)} takes no {parameter}"
        return "yes"

    def _settable(self, member: str) -> str:
        """Whether a kind of storage has a setting for the member, and all that have one hand it on."""
        wanted = STORAGE.get(member, member)
        if wanted is None:
            return "yes"
        kinds = [self.package.S3, self.package.PutURL, self.package.Directory]
        having = [kind for kind in kinds if wanted in inspect.signature(kind).parameters]
        if not having:
            return f"cannot be set: no storage has a setting {wanted}"
        without = [kind.__name__ for kind in having if f" {member}=" not in inspect.getsource(kind._struct)]
        return "yes" if not without else f"is not set by {', '.join(without)}"

    def constant(self, name: str) -> str:
        if NOT_ASKED_FOR.fullmatch(name):
            return "-"
        value = 0xFFFFFFFF if name == "SLIPWAY_FOREVER" else self.header.constants[name]
        try:
            has = self._value(name)
        except (AttributeError, KeyError, ValueError):
            return "is not known"
        return "yes" if has == value else f"is {has}, and {value} in C"

    def _value(self, name: str) -> int:
        group, _, rest = name[len("SLIPWAY_") :].partition("_")
        if group == "FOREVER":
            return int(importlib.import_module("slipway.arguments").FOREVER)
        if group == "STAGE":
            return int(self.package.Stage[rest])
        if group == "RELEASE":
            return int(importlib.import_module("slipway.progress").RELEASE_STAGES.index(self.words[name])) + 1
        if group == "LOG":
            return int(importlib.import_module("slipway.log")._LEVELS.index(LEVELS[name]))
        if group == "UNTIL":
            return int(importlib.import_module("slipway.operations.streampixel")._UNTIL[rest.lower()])
        if group in STORAGE_ENUMS:
            return int(getattr(self.package, STORAGE_ENUMS[group])[rest])
        if group in ("DELIVERY", "ORIGINAL", "KEEP") or name == "SLIPWAY_REMOVE_WHEN_DONE":
            return int(getattr(self.abi, name[len("SLIPWAY_") :]))
        return int(self.package.Status[name[len("SLIPWAY_") :]])

    def beyond(self) -> List[str]:
        constants = {f"SLIPWAY_{status.name}" for status in self.package.Status}
        constants |= {f"SLIPWAY_STAGE_{stage.name}" for stage in self.package.Stage}
        for group, kind in STORAGE_ENUMS.items():
            constants |= {f"SLIPWAY_{group}_{constant.name}" for constant in getattr(self.package, kind)}
        found = (set(self.abi.FUNCTIONS) - set(self.header.functions)) | (set(self.abi.STRUCTS) - set(self.header.members))
        for name, struct in self.abi.STRUCTS.items():
            found |= {f"{name}.{field[0]}" for field in struct._fields_[len(self.header.members.get(name, [])) :]}
        words = importlib.import_module("slipway.progress").RELEASE_STAGES
        found |= {f'the release\'s stage "{word}"' for word in words if word not in self.words.values()}
        return sorted(found | (constants - set(self.header.constants)))
