"""What slipway.h promises of a request that goes wrong, as rules: the fault matrix expects what follows from them, and nothing is written
down by cell.

A request is of a kind, and a kind says how the operation ends by a fault (or that it goes on without the answer), and after which
faults the request is made again. The rest follows by walking through the operation's requests from the one that is struck: see `walk`.

1.  No answer, or part of one, is NETWORK, 429 is RATE_LIMITED, 5xx is SERVER. Where repeating is safe these are asked for again: struck
    once it is as if nothing had been (slipway.h, STATUS and max_attempts).
2.  A refusal is told at once: 400 INVALID_ARGUMENT, 401 UNAUTHORIZED, 403 FORBIDDEN, 404 NOT_FOUND. EnterMedia does not tell 401 from
    403 (slipway.h, ENTERMEDIA), and says "not found" with 200, so that its 404 is somebody else's: PROTOCOL.
3.  What is no answer of the service, a page, half a document, nothing, more than 8 MiB, a redirect to another server, is PROTOCOL, at
    once; but the page and the nothing that an EnterMedia server gives while it starts are survived as long as attempts last.
4.  A link is FILE when it does not give the file, whatever reason its server has, and NETWORK when there is none. It is read once more
    after what may pass. A HEAD may be refused: the first bytes decide then.
5.  A registration is made again only when the builds show that it did not arrive, never twice; a trigger when no answer came, or the
    limit was hit.
6.  A look whose answer is not needed, at an object that will be written anyway, at a link that has died, ends nothing by what it is
    told.
7.  A wait for a build survives all but the service's own refusals, until its deadline.
8.  Any yes is believed of a server that may be any (put_url), and of one that has nothing to say (S3's 204); but not a page in its
    place.
"""

from __future__ import annotations

import dataclasses
from typing import Callable, FrozenSet, Optional, Sequence, Tuple

from matrix_faults import Effect, Form
from slipway.status import Status

Told = Optional[Tuple[Status, Optional[int]]]
"""How an operation ends by an answer: status and HTTP status, None where the true answer has it. None: it goes on."""

ATTEMPTS = 2
"""At a request: the least that tells a failure that passes from one that stays."""

PASSING = frozenset({429, 500, 502, 503})
REFUSALS = {400: Status.INVALID_ARGUMENT, 401: Status.UNAUTHORIZED, 403: Status.FORBIDDEN, 404: Status.NOT_FOUND, 409: Status.PROTOCOL,
            429: Status.RATE_LIMITED, 500: Status.SERVER, 502: Status.SERVER, 503: Status.SERVER}  # fmt: skip
NO_ANSWER = frozenset({Effect.PAGE, Effect.BROKEN, Effect.NOTHING, Effect.OVERSIZED, Effect.REDIRECTED})


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    tells: Callable[[Form], Told]
    again: Callable[[Form], bool]
    """It is made again, so that struck once it is as if nothing had been."""
    goes_on: bool = False
    """It is made again until the operation's deadline, not just so many times."""
    is_patient: bool = False
    """Its server may take ten times as long: it has got a whole file, or has to look at one."""


@dataclasses.dataclass(frozen=True)
class Expectation:
    status: Status
    http: Optional[int] = None
    """None: nothing decided."""
    last: int = 0
    """The request that it ended at; beyond all of them when it is OK."""


def may_pass(form: Form) -> bool:
    return form.effect == Effect.LOST or form.http in PASSING


# What an answer is told as


def streampixel(form: Form) -> Told:
    if form.effect == Effect.SLOW:
        return None
    if form.effect == Effect.LOST:
        return Status.NETWORK, 0
    return (REFUSALS[form.http] if form.effect == Effect.REFUSED else Status.PROTOCOL), form.http


def entermedia(form: Form) -> Told:
    if form.effect == Effect.REFUSED and form.http in (401, 403):
        return Status.UNAUTHORIZED, form.http
    if form.effect == Effect.REFUSED and form.http == 404:
        return Status.PROTOCOL, form.http
    return streampixel(form)


def survey(form: Form) -> Told:
    """A project that cannot be read cannot be registered with either; a reading that merely failed must not stop it."""
    told = streampixel(form)
    return None if may_pass(form) or form.effect in (Effect.PAGE, Effect.BROKEN, Effect.NOTHING) else told


def link(form: Form) -> Told:
    """To bytes that are read."""
    told = streampixel(form)
    return told if told is None or form.effect == Effect.LOST else (Status.FILE, None if form.action == "length" else form.http)


def without_body(tells: Callable[[Form], Told]) -> Callable[[Form], Told]:
    """An answer that has none, to a HEAD for one: what is wrong with a body is nothing."""
    return lambda form: None if form.action in ("truncate", "length", "drip") else tells(form)


def link_head(form: Form) -> Told:
    """What says yes says yes."""
    if form.effect in (Effect.PAGE, Effect.BROKEN, Effect.NOTHING, Effect.OVERSIZED) or form.http in (400, 401, 403):
        return None
    return link(form)


def sized_head(form: Form) -> Told:
    """The length that it tells is compared."""
    has_length = form.effect in (Effect.PAGE, Effect.BROKEN, Effect.OVERSIZED) or form.name.startswith("empty")
    if form.action == "length" or has_length:
        # What is endless has no length that could be compared.
        return None if form.members.get("endless") else (Status.FILE, form.http or 200)
    return link_head(form)


def tail(form: Form) -> Told:
    """The end of the file, compared with what is here; a server that gives no parts of files cannot be asked."""
    if form.effect in (Effect.PAGE, Effect.NOTHING, Effect.OVERSIZED) or form.name.startswith("broken"):
        return None
    return link(form)


def published(form: Form) -> Told:
    """A public link of EnterMedia: any answer is one. It is PROTOCOL when there is none, since the server said that there is."""
    if form.effect in (Effect.PAGE, Effect.BROKEN, Effect.NOTHING, Effect.OVERSIZED):
        return None
    told = streampixel(form)
    return told if told is None or form.effect == Effect.LOST else (Status.PROTOCOL, form.http)


def storage(form: Form) -> Told:
    """S3 without a word: 409 is that something else was in the way."""
    if form.http == 409:
        return Status.SERVER, 409
    return streampixel(form)


def after_a_yes(tells: Callable[[Form], Told]) -> Callable[[Form], Told]:
    """An answer that says nothing but yes."""
    return lambda form: None if form.effect == Effect.NOTHING else without_body(tells)(form)


def put(form: Form) -> Told:
    """An answer without an ETag is looked behind: what decides then is the look."""
    told = without_body(storage)(form)
    return (Status.PROTOCOL, None) if form.effect in (Effect.PAGE, Effect.BROKEN, Effect.NOTHING) and told else told


def put_url(form: Form) -> Told:
    """Any server may be asked, and each has its own words for yes."""
    return None if form.effect in (Effect.PAGE, Effect.BROKEN, Effect.NOTHING) else without_body(storage)(form)


def first_look(form: Form) -> Told:
    return storage(form) if may_pass(form) or form.http == 409 else None


def last_look(form: Form) -> Told:
    """Refused it is not needed: the answer before has said that the object is there. What it shows must be right."""
    told = storage(form)
    if told is None or form.http in (400, 401, 403, 302):
        return None
    return (Status.PROTOCOL, form.http) if form.http == 404 or form.effect in NO_ANSWER else told


def complete(form: Form) -> Told:
    """When its answer is damaged the storage is asked for the parts: it has none any more, and that is an answer which is damaged, too."""
    return (Status.NOT_FOUND, 404) if form.action == "length" else storage(form)


def uploads(form: Form) -> Told:
    """Who may write need not be allowed to look for what is unfinished."""
    return None if form.http == 403 else storage(form)


# What may be made again


def never(form: Form) -> bool:
    return False


def starting(form: Form) -> bool:
    """A server of EnterMedia answers so while it starts."""
    return may_pass(form) or form.effect in (Effect.PAGE, Effect.NOTHING)


def unanswered(form: Form) -> bool:
    return form.effect == Effect.LOST or form.http == 429


def unless_refused(form: Form) -> bool:
    return form.effect != Effect.REFUSED or may_pass(form)


def unless_said(form: Form) -> bool:
    """All but the service's own no."""
    return form.http not in (400, 401, 403, 404)


def storage_again(form: Form) -> bool:
    return may_pass(form) or form.http == 409


# Requests


ASK = Kind("ask", streampixel, may_pass)
TRIGGER = Kind("trigger", streampixel, unanswered)
SURVEY = Kind("read the builds before", survey, may_pass)
REGISTER = Kind("register", streampixel, unless_refused)
POLL = Kind("poll", streampixel, unless_said, goes_on=True)
LINK_HEAD = Kind("link", without_body(link_head), may_pass)
SIZED_HEAD = Kind(
    "link, size", lambda form: None if form.action in ("truncate", "drip") else sized_head(form),
    lambda form: may_pass(form) and form.action != "length")
# A link that is signed for a GET refuses a HEAD; what is wrong with the length of a refusal is nothing.
SIGNED_HEAD = Kind("signed link", lambda form: None if form.action in ("length", "drip") else sized_head(form), may_pass)
FIRST_BYTES = Kind("link, first bytes", link, may_pass)
TAIL = Kind("link, last bytes", tail, may_pass)
MEDIA = Kind("ask EnterMedia", entermedia, starting)
# A key that is refused is made anew.
KEYED = Kind("ask EnterMedia, logged in", entermedia, lambda form: starting(form) or form.http in (401, 403))
PUBLISHED = Kind("published link", without_body(published), lambda form: form.effect in (Effect.LOST, Effect.REFUSED))
ALIVE = Kind("link of what is gone", lambda form: None, never)
FIRST_LOOK = Kind("look for the object", first_look, storage_again, is_patient=True)
LAST_LOOK = Kind("look at the object", last_look, lambda form: form.effect != Effect.REDIRECTED, is_patient=True)
UPLOADS = Kind("list uploads", uploads, storage_again)
LISTING = Kind("list uploads, asked for", storage, storage_again)
CREATE = Kind("begin an upload", storage, storage_again)
PART = Kind("part", without_body(storage), storage_again)
PUT = Kind(
    "put", put, lambda form: storage_again(form) or form.is_after and form.effect in (Effect.PAGE, Effect.BROKEN, Effect.NOTHING))
COMPLETE = Kind("complete", complete, lambda form: storage_again(form) or form.effect in NO_ANSWER, is_patient=True)
SEND = dataclasses.replace(MEDIA, name="send to EnterMedia", is_patient=True)
PUT_URL = Kind("put to a URL", put_url, storage_again, is_patient=True)
DELETE = Kind("delete, abort", after_a_yes(storage), storage_again)


def walk(kinds: Sequence[Kind], form: Form, position: int, stays: bool, only: FrozenSet[int] = frozenset()) -> Expectation:
    """How an operation ends whose requests are of these kinds, when the one at `position`, and with `stays` all that come after it, are
    struck; `only`: of those that come after it, none but these."""
    struck = range(position, len(kinds)) if stays else [position]
    for index in struck:
        if only and index not in only:
            continue
        kind, told = kinds[index], kinds[index].tells(form)
        if told is None or not stays and kind.again(form):
            continue
        if stays and kind.goes_on and kind.again(form):
            return Expectation(Status.DEADLINE_EXCEEDED, None, index)
        return Expectation(*told, index)
    return Expectation(Status.OK, None, len(kinds) + 1)
