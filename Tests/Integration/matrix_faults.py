"""What goes wrong in the fault matrix: each action that the emulator knows, in the forms that make a difference to a client.

A form is set at the emulator as it is, and before a storage, which is a real server behind a `FaultProxy`, by what comes to the same on the
wire. `effect` says what a client sees of it: of forms with one effect the rules (matrix_rules.py) expect the same, but for the HTTP status.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from typing import Any, Dict, List, Optional

from emulator import Emulator, request
from http_message import Response
from wire_faults import Action, Answer, Cut, Delay, Edit, Stall

ELSEWHERE = "http://127.0.0.1:9/elsewhere"
"""Another server, as far as a client can know."""

FOREVER = 3_600_000
PAGE = b"<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"


class Effect(enum.Enum):
    SLOW = "the answer is late, and whole"
    LOST = "no answer, or only the beginning of one"
    REFUSED = "a status that says no, without a word"
    NOTHING = "a status that says yes, and nothing else"
    PAGE = "a web page instead of the answer"
    BROKEN = "half a document instead of the answer"
    OVERSIZED = "more than any answer has"
    REDIRECTED = "to another server"


@dataclasses.dataclass(frozen=True)
class Form:
    """One column of the matrix, three positions wide."""

    name: str
    action: str
    effect: Effect
    http: int = 0
    """Of the answer that is given instead of the true one."""
    members: Dict[str, Any] = dataclasses.field(default_factory=dict)
    is_after: bool = False
    """The request has its effect; the others have none, unless the true answer is what suffers."""
    stalls: bool = False

    @property
    def delivers(self) -> bool:
        """The true answer suffers on its way: the request has had its effect."""
        return self.action in ("delay", "truncate", "length", "drip")

    @property
    def lets_through(self) -> bool:
        return self.is_after or self.delivers

    def beside(self, server: str) -> "Form":
        """What it comes to before a storage: an answer may break off within its head, where one without a body has all that it has."""
        if server != "storage":
            return self
        if self.effect == Effect.LOST and self.delivers:
            return dataclasses.replace(self, action="close", is_after=True)
        return dataclasses.replace(self, members={}) if self.effect == Effect.OVERSIZED else self

    def document(self) -> Dict[str, Any]:
        """For the emulator."""
        after = {} if self.delivers else {"after": "processing" if self.is_after else "arrival"}
        return {"action": self.action, **self.members, **after}

    def on_the_wire(self, answer_bytes: int) -> Action:
        """For a proxy; `answer_bytes`: the size of the true answer with its head."""
        if self.action == "delay":
            return Delay(self.members["delayMs"] / 1000, "response")
        if self.action == "close":
            return Cut("response" if self.is_after else "request")
        if self.action == "truncate":
            return Cut("response", after=answer_bytes // 2)
        if self.name == "length +1000":
            # Announced and never sent: some byte at the end is missing.
            return Cut("response", after=answer_bytes - 3)
        if self.action == "drip":
            return Stall("response", after=answer_bytes // 2) if self.stalls else Delay(0.02, "response")
        if self.action == "length":
            return Edit(self._shorten)
        if self.is_after:
            return Edit(self._replace)
        answer = self._answer
        return Answer(answer.status, answer.headers, answer.body)

    def _shorten(self, response: Response) -> None:
        by = -int(self.members["by"])
        response.body = response.body[:-by]
        if "content-length" in response.headers:
            response.headers["content-length"] = str(max(0, int(response.headers["content-length"]) - by))

    def _replace(self, response: Response) -> None:
        answer = self._answer
        response.status, response.headers, response.body = answer.status, dict(answer.headers), answer.body

    @property
    def _answer(self) -> Response:
        """As the emulator gives it."""
        headers, body = {} if self.http == 204 else {"content-length": "0"}, b""
        if self.effect == Effect.PAGE:
            headers, body = {"content-type": "text/html; charset=utf-8"}, PAGE
        elif self.effect == Effect.BROKEN:
            headers, body = {"content-type": "application/json"}, b'{"message":"Build queued for proc'
        elif self.effect == Effect.OVERSIZED:
            headers, body = {"content-type": "application/json"}, b" " * int(self.members.get("bytes", OVERSIZE))
        elif self.effect == Effect.REDIRECTED:
            headers["location"] = ELSEWHERE
        if body:
            headers["content-length"] = str(len(body))
        return Response(self.http, "Fault", headers, body)


OVERSIZE = 9 << 20
"""An answer may have 8 MiB."""


def _status(number: int) -> Form:
    effect = Effect.NOTHING if number < 300 else Effect.REFUSED
    return Form(f"status {number}", "status", effect, number, {"status": number})


_FORMS = [
    Form("delay", "delay", Effect.SLOW, members={"delayMs": 30}),
    Form("close", "close", Effect.LOST),
    *map(_status, (204, 400, 401, 403, 404, 409, 429, 500, 503)),
    Form("truncate", "truncate", Effect.LOST),
    Form("length +1000", "length", Effect.LOST, members={"by": 1000}),
    Form("length -20", "length", Effect.BROKEN, 200, {"by": -20}),
    Form("drip", "drip", Effect.SLOW, members={"bytes": 256, "intervalMs": 1}),
    Form("drip, stalls", "drip", Effect.LOST, members={"bytes": 1, "intervalMs": FOREVER}, stalls=True),
    Form("html", "html", Effect.PAGE, 200, {"status": 200}),
    Form("html 502", "html", Effect.REFUSED, 502, {"status": 502}),
    Form("broken-json", "broken-json", Effect.BROKEN, 200, {"status": 200}),
    Form("redirect", "redirect", Effect.REDIRECTED, 302, {"location": ELSEWHERE, "status": 302}),
    Form("oversized", "oversized", Effect.OVERSIZED, 200, {"bytes": OVERSIZE}),
    Form("endless", "oversized", Effect.OVERSIZED, 200, {"endless": True}),
    Form("empty", "empty", Effect.NOTHING, 200, {"status": 200}),
]

FORMS: List[Form] = [
    made for form in _FORMS
    for made in ([form] if form.delivers else [form, dataclasses.replace(form, name=f"{form.name} after", is_after=True)])
]  # fmt: skip
"""Each of them on arrival and, where the true answer is not what is given, after processing."""


ACTIONS = list(dict.fromkeys(form.action for form in FORMS))


def emulator_actions(emulator: Emulator) -> List[str]:
    """In its own words: of an action that it does not have it tells which ones it has."""
    refusal = request("POST", f"{emulator.admin_url}/faults", '{"action":"none of them"}', {"Content-Type": "application/json"})
    found: Optional["re.Match[str]"] = re.search(r"action must be one of ([a-z, -]+)", refusal.json["message"])
    assert refusal.status == 400 and found is not None, refusal.body
    return found.group(1).split(", ")
