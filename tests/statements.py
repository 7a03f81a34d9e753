"""Counts what a database is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa


@dataclass
class Asked:
    """What was asked in a while.

    Attributes:
        statements: their texts, in order; a list of rows for one statement counts once.
        transactions: how many were begun.
    """

    statements: list[str] = field(default_factory=list)
    transactions: int = 0

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)

    def _begin(self, _connection: object) -> None:
        self.transactions += 1


@contextmanager
def counting(engine: sa.Engine) -> Iterator[Asked]:
    """What ``engine`` is asked meanwhile, by all threads."""
    asked = Asked()
    handlers: dict[str, Callable[..., None]] = {
        "before_cursor_execute": asked._note,
        "begin": asked._begin,
    }
    for name, handler in handlers.items():
        sa.event.listen(engine, name, handler)
    try:
        yield asked
    finally:
        for name, handler in handlers.items():
            sa.event.remove(engine, name, handler)


__all__ = ["Asked", "counting"]
