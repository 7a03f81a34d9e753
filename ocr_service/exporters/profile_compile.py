"""Expressions as functions of a record, put together once and called for every row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ocr_service.domain.field import Value
from ocr_service.exporters.profile_entry import Entry
from ocr_service.exporters.profile_expression import (
    Call,
    Constant,
    Expression,
    ExpressionError,
    Fact,
    Key,
    parse_expression,
    walk,
)
from ocr_service.exporters.profile_functions import FUNCTIONS, Codes

Compiled: TypeAlias = Callable[[Entry], Value]


def compile_source(source: str, codes: Codes) -> Compiled:
    """A source as a function that gives its value for a record.

    Raises:
        ExpressionError: it cannot be read, names no function or table, or has too few arguments.
    """
    return _compiled(parse_expression(source), codes)


def keys_of(source: str) -> frozenset[str]:
    """The record keys that a source asks for.

    Raises:
        ExpressionError: it cannot be read.
    """
    return frozenset(part.name for part in walk(parse_expression(source)) if isinstance(part, Key))


def _compiled(expression: Expression, codes: Codes) -> Compiled:
    match expression:
        case Constant(text):
            return lambda _entry: text
        case Key(name):
            return lambda entry: entry.values.get(name)
        case Fact(name):
            return lambda entry: entry.meta.get(name)
        case Call():
            return _call(expression, codes)


def _call(call: Call, codes: Codes) -> Compiled:
    function = FUNCTIONS.get(call.function)
    if function is None:
        known = ", ".join(FUNCTIONS)
        raise ExpressionError(f"no function {call.function}; known: {known}")
    if not function.least <= len(call.arguments) <= function.most:
        raise ExpressionError(
            f"{call.function} takes {function.least} to {function.most} arguments,"
            f" not {len(call.arguments)}"
        )
    if call.function == "map":
        _check_table(call, codes)
    parts = tuple(_compiled(argument, codes) for argument in call.arguments)
    apply = function.apply
    return lambda entry: apply([part(entry) for part in parts], codes)


def _check_table(call: Call, codes: Codes) -> None:
    table = call.arguments[1]
    if not isinstance(table, Constant):
        raise ExpressionError("map takes the name of a code table as a constant")
    if table.text not in codes:
        known = ", ".join(codes) or "none"
        raise ExpressionError(f"no code table {table.text}; known: {known}")


__all__ = ["Compiled", "compile_source", "keys_of"]
