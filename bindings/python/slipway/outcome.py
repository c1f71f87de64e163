"""How an operation ended, as it was copied out of the callback."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, TypeVar, Union

from .errors import InternalError, SlipwayError, error_for

T = TypeVar("T")

_decode = json.JSONDecoder().decode  # json.loads would look for the encoding first


class Outcome:
    """A copied slipway_result. The answer stays text until somebody asks for it."""

    __slots__ = ("status", "json", "http_status", "attempts", "retriable", "retry_after_ms", "message", "hint")

    def __init__(self, status: int, document: bytes) -> None:
        self.status = status
        self.json = document
        self.http_status = 0
        self.attempts = 0
        self.retriable = 0
        self.retry_after_ms = 0
        self.message = ""
        self.hint = ""

    def answer(self, parse: Callable[[Dict[str, Any]], Any]) -> Any:
        try:
            return parse(_decode(self.json.decode()))
        except (ValueError, KeyError, TypeError) as error:
            raise InternalError(f"The library's answer is not what slipway.h documents: {type(error).__name__}: {error}.") from error

    def either(self, parse: Callable[[Dict[str, Any]], T]) -> Union[T, SlipwayError]:
        """The answer, or why there is none, as a value."""
        if self.status:
            return self.error(parse)
        try:
            answer: T = self.answer(parse)
            return answer
        except InternalError as error:
            return error

    def error(self, parse: Callable[[Dict[str, Any]], Any]) -> SlipwayError:
        try:
            result = None if self.json == b"null" else self.answer(parse)
        except InternalError:
            result = None  # the failure is what the caller has to know
        return error_for(
            self.status,
            self.message,
            hint=self.hint,
            http_status=self.http_status or None,
            retriable=self.retriable != 0,
            retry_after=self.retry_after_ms / 1000 if self.retry_after_ms else None,
            attempts=self.attempts,
            result=result,
        )
