"""What may become of the facts that hosts have in themselves: differences(old, new) says what has, and which rule it broke."""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from facts import OF_ONE_SIZE, Fact, Facts, MemberValue, split_member, split_signature


class Difference(NamedTuple):
    """`rule` is "" for what may be: something new in a right place, or a parameter that has another name."""

    name: str
    what: str
    rule: str
    remedy: str = ""


KEPT = "what hosts may use stays"
NUMBERS = "a constant keeps its number: hosts have it compiled in"
TYPES = "a type stays what it is: hosts have it compiled in"
SIGNATURES = "a function keeps its result and its parameters"
CALLBACKS = "a callback keeps its result and its parameters: hosts have functions of that form"
PLACES = "a member keeps its place and its type, and new ones are only appended"
FIXED = "a struct without struct_size never grows: hosts have arrays of it"
BEHIND = "a new member lies behind the struct as it was: what an older host has in its padding is garbage"
DISTINCT = "a new constant has a number of its own among its neighbours"
NEGATIVE = "a status that is not SLIPWAY_OK is negative"
INITIALIZERS = "an INIT macro has the struct's size, and then a zero for each member"


# The name of a member that has to be zero: its place may get a name, since no older host has anything else there.
RESERVED = "reserved"


def differences(old: Mapping[str, Fact], new: Facts) -> List[Difference]:
    found = [one for fact in old.values() for one in _of_known(fact, new)]
    found += [one for name, fact in new.items() if name not in old for one in _of_new(fact, old, new)]
    return found + [Difference(name, what, INITIALIZERS, "write them all") for name, what in new.wrong.items()]


def _of_known(old: Fact, facts: Facts) -> Iterator[Difference]:
    new = facts.get(old.name)
    struct, _, member = old.name.partition(".")
    if new is None and member == RESERVED and struct in facts and _has_member_at(split_member(old.value), struct, facts):
        yield Difference(old.name, "its place has got a name", "")
    elif new is None or new.kind != old.kind:
        what = f"{old.kind} is gone" if new is None else f"was a {old.kind}, is a {new.kind}"
        yield Difference(old.name, what, KEPT, "put it back; what should not be used any more is deprecated in its comment, and works")
    elif new.value != old.value:
        yield from CHANGED[old.kind](old, new)


def _has_member_at(place: MemberValue, struct: str, facts: Facts) -> bool:
    members = [fact for fact in facts.values() if fact.kind == "member" and fact.name.startswith(f"{struct}.")]
    return any(split_member(fact.value)[1:] == place[1:] for fact in members)


def _differs(old: Fact, new: Fact, rule: str, remedy: str) -> Difference:
    return Difference(old.name, f"was {old.value}, is {new.value}", rule, remedy)


def _number(old: Fact, new: Fact) -> Iterator[Difference]:
    yield _differs(old, new, NUMBERS, "put the number back; another meaning is another constant")


def _type(old: Fact, new: Fact) -> Iterator[Difference]:
    yield _differs(old, new, TYPES, "put it back; another type has another name")


def _types(parameters: List[str]) -> Tuple[List[str], List[str]]:
    pairs = [re.fullmatch(r"(.*?)(\w+)", one) for one in parameters]
    return [pair[1].strip() for pair in pairs if pair], [pair[2] for pair in pairs if pair]


def _signature(old: Fact, new: Fact) -> Iterator[Difference]:
    rule, of = (SIGNATURES, "function") if old.kind == "function" else (CALLBACKS, "callback")
    remedy = f"put it back; what needs more is a {of} of another name, or a member of a struct"
    (old_result, old_parameters), (new_result, new_parameters) = split_signature(old.value), split_signature(new.value)
    (old_types, old_names), (new_types, new_names) = _types(old_parameters), _types(new_parameters)
    if old_result != new_result:
        yield Difference(old.name, f"gave {old_result}, gives {new_result}", rule, remedy)
    if old_types != new_types:
        yield Difference(old.name, f"had ({', '.join(old_parameters)}), has ({', '.join(new_parameters)})", rule, remedy)
    elif sorted(old_names) == sorted(new_names) and old_names != new_names:
        yield Difference(old.name, f"had {', '.join(old_names)} in this order, has {', '.join(new_names)}", rule, remedy)
    elif old_names != new_names:
        yield Difference(old.name, f"had {', '.join(old_names)}, has {', '.join(new_names)}: other names, the same calls", "")


def _struct(old: Fact, new: Fact) -> Iterator[Difference]:
    (old_bytes, old_use), (new_bytes, new_use) = (one.value.split(" bytes, ") for one in (old, new))
    if old_use != new_use:
        yield Difference(old.name, f"was {old_use}, is {new_use}", KEPT, "put back its struct_size, its INIT macro and its init function")
    elif old_use == OF_ONE_SIZE:
        yield _differs(old, new, FIXED, "put it back; more needs a struct of another name")
    else:  # Which of its members that comes from is told of them.
        yield Difference(old.name, f"had {old_bytes} bytes, has {new_bytes}", "")


def _member(old: Fact, new: Fact) -> Iterator[Difference]:
    was, now = split_member(old.value), split_member(new.value)
    if was.offset != now.offset:
        remedy = "put it back; what was put in, taken out or changed before it comes at the end"
        yield Difference(old.name, f"was at {was.offset}, is at {now.offset}", PLACES, remedy)
    if was.size != now.size:
        yield Difference(old.name, f"had {was.size} bytes, has {now.size}", PLACES, "put its type back; another one is another member")
    elif was.type != now.type:
        yield Difference(old.name, f"was {was.type}, is {now.type}", PLACES, "put its type back; another one is another member")


CHANGED: Dict[str, Callable[[Fact, Fact], Iterator[Difference]]] = {
    "constant": _number, "macro": _number, "type": _type, "function": _signature, "callback": _signature, "struct": _struct,
    "member": _member,
}  # fmt: skip


def _of_new(new: Fact, old: Mapping[str, Fact], facts: Facts) -> Iterator[Difference]:
    found = _of_new_member(new, old) if new.kind == "member" else _of_new_constant(new, facts) if new.kind == "constant" else None
    yield found or Difference(new.name, f"{new.kind} is new", "")


def _of_new_constant(new: Fact, facts: Facts) -> Optional[Difference]:
    neighbours = next((names for names in facts.enums if new.name in names), [])
    same = [name for name in neighbours if name != new.name and facts[name].value == new.value]
    if same:
        return Difference(new.name, f"constant is new, and {new.value}, as {same[0]} is", DISTINCT, "give it a number of its own")
    if new.name in facts.statuses and int(new.value) > 0:
        return Difference(new.name, f"constant is new, and {new.value}", NEGATIVE, "give it a negative number")
    return None


def _of_new_member(new: Fact, old: Mapping[str, Fact]) -> Optional[Difference]:
    """None for one that is appended, or whose struct is new, too."""
    name, place = new.name.split(".")[0], split_member(new.value)
    before = [split_member(fact.value) for fact in old.values() if fact.kind == "member" and fact.name.startswith(f"{name}.")]
    # What a compiler makes of these members, whatever came behind them since then.
    word = max((one.size for one in before), default=1)
    size = -(-max((one.offset + one.size for one in before), default=0) // word) * word
    if place.offset >= size:
        return None
    reserved = old.get(f"{name}.{RESERVED}")
    if reserved is not None and split_member(reserved.value)[1:] == place[1:]:
        return Difference(new.name, f"member is new, in the place of {RESERVED}", "")
    taken = any(one.offset < place.offset + place.size and place.offset < one.offset + one.size for one in before)
    what = f"member is new, at {place.offset} of a struct that had {size} bytes"
    return Difference(new.name, what, PLACES if taken else BEHIND, "put it behind all others")
