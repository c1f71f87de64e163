"""What all storages have in common."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any

from .. import abi


class Storage(abc.ABC):
    """Where objects are stored, who asks, and how. An S3, a PutURL or a Directory: this class only says what they have in common.

    One may be given to any number of calls. `repr()` shows what is set, but for the secrets.
    """

    @abc.abstractmethod
    def _struct(self) -> abi.Storage:
        """The struct of slipway.h. It keeps alive what it points to."""

    def __repr__(self) -> str:
        fields: Any = dataclasses.fields(self)  # type: ignore[arg-type]  # each kind of storage is a dataclass
        shown = [(field.name, getattr(self, field.name)) for field in fields if field.repr and getattr(self, field.name) != field.default]
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown)})"
