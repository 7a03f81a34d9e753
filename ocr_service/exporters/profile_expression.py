"""The small language of sources: names, facts, constants and calls; nothing is ever executed.

::

    birth_date                              a record key
    @scan_date                              a fact about the record
    "1"                                     a constant
    date(birth_date, "YYYYMMDD")            a call
    birth_date | date("YYYYMMDD")           the same: what stands left is the first argument
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ocr_service.domain.errors import InvalidRequest

MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Constant:
    """Text as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """The value of a record key."""

    name: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about the record."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of other expressions."""

    function: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = "Constant | Key | Fact | Call"


class ExpressionError(InvalidRequest):
    """A source that cannot be read."""

    code = "profile.expression"


_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\[\"\\])*\")|(?P<number>\d+)|(?P<fact>@[a-z_]+)"
    r"|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[(),|]))",
    re.ASCII,
)


def parse_expression(text: str) -> Expression:
    """The expression that ``text`` writes.

    Raises:
        ExpressionError: it is none; the message says where.
    """
    parser = _Parser(text)
    found = parser.pipe(0)
    parser.expect_end()
    return found


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all it is made of."""
    yield expression
    if isinstance(expression, Call):
        for argument in expression.arguments:
            yield from walk(argument)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split())
        self._at = 0

    def _split(self) -> Iterator[tuple[str, str, int]]:
        place = 0
        end = len(self._text.rstrip())
        while place < end:
            match = _TOKEN.match(self._text, place)
            if match is None:
                raise self._error(place, "this sign means nothing here")
            kind = match.lastgroup or ""
            yield kind, match[kind], match.start(kind)
            place = match.end()

    def _error(self, place: int, what: str) -> ExpressionError:
        return ExpressionError(f"character {place + 1} of the expression: {what}")

    def _peek(self) -> tuple[str, str, int]:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return "end", "", len(self._text)

    def _take(self) -> tuple[str, str, int]:
        token = self._peek()
        self._at += 1
        return token

    def _takes(self, sign: str) -> bool:
        kind, text, _ = self._peek()
        if kind == "sign" and text == sign:
            self._at += 1
            return True
        return False

    def expect_end(self) -> None:
        """Nothing may follow."""
        kind, _, place = self._peek()
        if kind != "end":
            raise self._error(place, "the expression should end here")

    def pipe(self, depth: int) -> Expression:
        """A term, and the calls it is handed through."""
        if depth > MAX_DEPTH:
            raise self._error(self._peek()[2], f"more than {MAX_DEPTH} calls in each other")
        left = self._term(depth)
        while self._takes("|"):
            kind, name, place = self._take()
            if kind != "name":
                raise self._error(place, "the name of a function should follow |")
            rest = self._arguments(depth) if self._takes("(") else ()
            left = Call(name, (left, *rest))
        return left

    def _term(self, depth: int) -> Expression:
        kind, text, place = self._take()
        match kind:
            case "text":
                return Constant(text[1:-1].replace('\\"', '"').replace("\\\\", "\\"))
            case "number":
                return Constant(text)
            case "fact":
                return Fact(text[1:])
            case "name":
                return Call(text, self._arguments(depth)) if self._takes("(") else Key(text)
        raise self._error(place, 'a field, @fact, "constant" or function should stand here')

    def _arguments(self, depth: int) -> tuple[Expression, ...]:
        if self._takes(")"):
            return ()
        found = [self.pipe(depth + 1)]
        while self._takes(","):
            found.append(self.pipe(depth + 1))
        if not self._takes(")"):
            raise self._error(self._peek()[2], "a ) is missing")
        return tuple(found)


__all__ = [
    "Call",
    "Constant",
    "Expression",
    "ExpressionError",
    "Fact",
    "Key",
    "parse_expression",
    "walk",
]
