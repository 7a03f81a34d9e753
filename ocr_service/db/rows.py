"""Single rows by their number: fetched, or locked until the unit of work ends."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound


def one_row(uow: UnitOfWork, table: sa.Table, number: int, *, what: str) -> sa.RowMapping:
    """The row of ``table`` with this number.

    Args:
        uow: open unit of work.
        table: has a column ``id``.
        number: its value.
        what: how messages name such a row.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(table).where(table.c.id == number)
    row = uow.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no {what} {number}")
    return row


def lock_row(uow: UnitOfWork, table: sa.Table, number: int) -> None:
    """Let nobody else change the row until this unit ends; nothing where there is none."""
    c = table.c
    uow.connection.execute(sa.select(c.id).where(c.id == number).with_for_update())


__all__ = ["lock_row", "one_row"]
