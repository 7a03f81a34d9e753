"""What the machine read cell by cell, and what people said of single cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.bulk import insert_rows
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import CellReading
from ocr_service.domain.geometry import BoxMm


def append(uow: UnitOfWork, read: Iterable[tuple[int, Sequence[CellReading]]]) -> None:
    """Keep the cells of readings just stored, by the readings' ids."""
    rows = [
        {
            "reading_id": reading,
            "cell": cell.position,
            "text": cell.text,
            "probability": cell.probability,
            "x": cell.box.x,
            "y": cell.box.y,
            "w": cell.box.w,
            "h": cell.box.h,
        }
        for reading, cells in read
        for cell in cells
    ]
    insert_rows(uow, t.reading_cells, rows)


def repeat(uow: UnitOfWork, document: DocumentId, readings: Collection[int], *, actor: str) -> None:
    """Give the cells of readings to those that ``actor`` just repeated them by."""
    if not readings:
        return
    old, new, c = t.readings.alias("old"), t.readings.alias("new"), t.reading_cells.c
    kept = [column for column in t.reading_cells.columns if column.name != "reading_id"]
    chosen = (
        sa.select(new.c.id, *kept)
        .join_from(
            old, new, sa.and_(new.c.document_id == old.c.document_id, new.c.key == old.c.key)
        )
        .join(t.reading_cells, c.reading_id == old.c.id)
        .where(
            old.c.document_id == document,
            old.c.id.in_(list(readings)),
            new.c.id > max(readings),
            new.c.actor == actor,
        )
    )
    names = ["reading_id", *(column.name for column in kept)]
    uow.connection.execute(sa.insert(t.reading_cells).from_select(names, chosen))


def of_reading(uow: UnitOfWork, reading: int) -> tuple[CellReading, ...]:
    """The cells of a reading, in order; empty where it has none."""
    c = t.reading_cells.c
    query = sa.select(t.reading_cells).where(c.reading_id == reading).order_by(c.cell)
    return tuple(
        CellReading(
            position=row["cell"],
            text=row["text"],
            probability=row["probability"],
            box=BoxMm(row["x"], row["y"], row["w"], row["h"]),
        )
        for row in uow.connection.execute(query).mappings()
    )


def check(uow: UnitOfWork, confirmation: int, reading: int, said: Mapping[int, str]) -> None:
    """Keep what a person said of cells of a reading that nobody has said anything of yet.

    Args:
        uow: open unit of work.
        confirmation: the stroke of Enter that says so.
        reading: whose cells.
        said: the text by cell.
    """
    rows = [
        {
            "confirmation_id": confirmation,
            "reading_id": reading,
            "cell": cell,
            "text": text,
            "live": True,
        }
        for cell, text in said.items()
    ]
    if rows:
        uow.connection.execute(sa.insert(t.cell_checks), rows)


def checked(uow: UnitOfWork, reading: int) -> dict[int, str]:
    """What people said of the cells of a reading, by cell."""
    c = t.cell_checks.c
    query = sa.select(c.cell, c.text).where(c.reading_id == reading, c.live)
    return {row.cell: row.text for row in uow.connection.execute(query)}


def readings_checked_in(uow: UnitOfWork, confirmation: int) -> list[int]:
    """Ids of the readings of which a confirmation checked cells that still count."""
    c = t.cell_checks.c
    query = (
        sa.select(c.reading_id)
        .where(c.confirmation_id == confirmation, c.live)
        .distinct()
        .order_by(c.reading_id)
    )
    return list(uow.connection.execute(query).scalars())


def uncheck(uow: UnitOfWork, confirmation: int, reading: int) -> None:
    """Take back what a confirmation said of cells of a reading."""
    c = t.cell_checks.c
    uow.connection.execute(
        sa.update(t.cell_checks)
        .where(c.confirmation_id == confirmation, c.reading_id == reading, c.live)
        .values(live=False)
    )


__all__ = ["append", "check", "checked", "of_reading", "readings_checked_in", "repeat", "uncheck"]
