"""Python values as slipway.h wants them. What C would cut off, wrap around or read as "default" is refused here, by name."""

from __future__ import annotations

import enum
import math
import os
from typing import Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union

#: A file: what `open` takes, but for descriptors and bytes.
Path = Union[str, "os.PathLike[str]"]
#: Conditions of a search: (field, value), (field, match, value), or a mapping from field to value.
Terms = Union[Mapping[str, str], Iterable[Union[Tuple[str, str], Tuple[str, str, str]]]]

T = TypeVar("T")

FOREVER = 0xFFFFFFFF  # SLIPWAY_FOREVER
_LONGEST = FOREVER - 1


def text(name: str, value: str) -> bytes:
    """A text as the UTF-8 that ctypes ends with NUL."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise ValueError(f"{name} contains a NUL character")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as error:
        # `from None`: the original shows the whole text, which may be a key.
        raise ValueError(f"{name} is not valid Unicode: a lone surrogate at index {error.start}") from None


def optional_text(name: str, value: Optional[str]) -> Optional[bytes]:
    return None if value is None else text(name, value)


def path(name: str, value: Path) -> bytes:
    """A file's name. Paths that are no Unicode cannot be told to the library, which takes UTF-8 only."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a str or an os.PathLike, not {type(value).__name__}")
    return text(name, os.fspath(value))


def optional_path(name: str, value: Optional[Path]) -> Optional[bytes]:
    return None if value is None else path(name, value)


def texts(name: str, values: Iterable[str], maximum: int) -> List[bytes]:
    """Several texts, at least one."""
    found = [text(f"{name}[{index}]", value) for index, value in enumerate(_several(name, values, maximum))]
    if not found:
        raise ValueError(f"{name} is empty")
    return found


def optional_texts(name: str, values: Iterable[Optional[str]], maximum: int) -> List[Optional[bytes]]:
    return [optional_text(f"{name}[{index}]", value) for index, value in enumerate(_several(name, values, maximum))]


def terms(name: str, values: Optional[Terms], maximum: int) -> List[Tuple[bytes, Optional[bytes], bytes]]:
    """Conditions of a search as (field, match, value); a match of None is the default."""
    if values is None:
        return []
    given: Iterable[object] = values.items() if isinstance(values, Mapping) else values
    found: List[Tuple[bytes, Optional[bytes], bytes]] = []
    for index, term in enumerate(_several(name, given, maximum)):
        if not isinstance(term, Sequence) or isinstance(term, (str, bytes)) or len(term) not in (2, 3):
            raise TypeError(f"{name}[{index}] must be (field, value) or (field, match, value)")
        match = text(f"{name}[{index}]: match", term[1]) if len(term) == 3 else None
        found.append((text(f"{name}[{index}]: field", term[0]), match, text(f"{name}[{index}]: value", term[-1])))
    return found


def pairs(name: str, values: Optional[Mapping[str, str]], maximum: int) -> List[Tuple[bytes, bytes]]:
    """Texts under names."""
    if values is None:
        return []
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a mapping, such as a dict, not {type(values).__name__}")
    return [
        (text(f"{name}: a name", given), text(f"{name}[{given!r}]", value)) for given, value in _several(name, values.items(), maximum)
    ]


def header_lines(name: str, values: Optional[Mapping[str, str]], maximum: int) -> List[bytes]:
    """Fields of an HTTP header, each as a line "Name: value"."""
    found = pairs(name, values, maximum)
    for field, _ in found:
        if b":" in field:
            # The library would end the name there. What is behind it may be a secret.
            raise ValueError(f"{name}: a name contains a colon, behind {field.partition(b':')[0].decode()!r}")
    return [field + b": " + value for field, value in found]


def _several(name: str, values: Iterable[T], maximum: int) -> Iterator[T]:
    # A single str would be taken for its characters, which is not what anybody means; and some iterables have no end.
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be several of them, such as a list, not {type(values).__name__}")
    for index, value in enumerate(values):
        if index == maximum:
            raise ValueError(f"{name} may have {maximum} at the most")
        yield value


def optional_callable(name: str, value: Optional[T]) -> Optional[T]:
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be callable, not {type(value).__name__}")
    return value


def constant(name: str, value: enum.IntEnum, kind: Type[enum.IntEnum]) -> int:
    """One of the constants of `kind`."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__}, not {type(value).__name__}")
    return int(value)


def milliseconds(name: str, seconds: Optional[float], *, endless: bool = False) -> int:
    """Seconds as milliseconds, rounded up; None is 0, the default; math.inf is SLIPWAY_FOREVER where `endless` allows it."""
    if seconds is None:
        return 0
    if endless and seconds == math.inf:
        return FOREVER
    return math.ceil(_seconds(name, seconds, _LONGEST / 1000, " (math.inf: never)" if endless else "") * 1000)


def minutes(name: str, seconds: Optional[float]) -> int:
    """Seconds as minutes, rounded up; None is 0, the default."""
    return 0 if seconds is None else math.ceil(_seconds(name, seconds, _LONGEST * 60) / 60)


def _seconds(name: str, seconds: float, most: float, otherwise: str = "") -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}")
    if not 0 < seconds <= most:
        raise ValueError(f"{name} must be more than 0 and at most {int(most)} seconds{otherwise}, not {seconds!r}")
    return seconds


def count(name: str, value: Optional[int], maximum: int = _LONGEST) -> int:
    """A number of at least 1; None is 0, the default."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 1 <= value <= maximum:
        raise ValueError(f"{name} must be from 1 to {maximum}, not {value}")
    return value
