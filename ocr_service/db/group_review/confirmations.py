"""Strokes of Enter over many crops, and what they appended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.readings import in_force
from ocr_service.db.rows import one_row
from ocr_service.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One of them.

    Attributes:
        id: its id.
        template: template key of its fields.
        version: the template's version.
        actor: user name.
        created_at: when.
        undone_at: when it was taken back, None while it stands.
    """

    id: int
    template: str
    version: str
    actor: str
    created_at: datetime
    undone_at: datetime | None


def insert(uow: UnitOfWork, *, template: str, version: str, actor: str) -> int:
    """A new confirmation, of nothing yet; its id."""
    added = uow.connection.execute(
        sa.insert(t.confirmations)
        .values(template=template, template_version=version, actor=actor, created_at=uow.now)
        .returning(t.confirmations.c.id)
    )
    return int(added.scalar_one())


def get(uow: UnitOfWork, confirmation: int) -> Confirmation:
    """One confirmation.

    Raises:
        NotFound: there is none.
    """
    row = one_row(uow, t.confirmations, confirmation, what="confirmation")
    return Confirmation(
        id=row["id"],
        template=row["template"],
        version=row["template_version"],
        actor=row["actor"],
        created_at=row["created_at"],
        undone_at=row["undone_at"],
    )


def set_undone(uow: UnitOfWork, confirmation: int) -> None:
    """Note that it was taken back."""
    uow.connection.execute(
        sa.update(t.confirmations)
        .where(t.confirmations.c.id == confirmation)
        .values(undone_at=uow.now)
    )


def add_answers(uow: UnitOfWork, confirmation: int, readings: list[int]) -> None:
    """Note which answers it appended."""
    rows = [{"confirmation_id": confirmation, "reading_id": reading} for reading in readings]
    if rows:
        uow.connection.execute(sa.insert(t.confirmation_answers), rows)


def answers(uow: UnitOfWork, confirmation: int) -> dict[DocumentId, list[int]]:
    """Ids of the answers it appended and that were not taken back, by document, in id order."""
    r, a = t.readings.c, t.confirmation_answers.c
    query = (
        sa.select(r.document_id, r.id)
        .join_from(t.confirmation_answers, t.readings, r.id == a.reading_id)
        .where(a.confirmation_id == confirmation, in_force(t.readings))
        .order_by(r.document_id, r.id)
    )
    found: dict[DocumentId, list[int]] = {}
    for document, reading in uow.connection.execute(query):
        found.setdefault(DocumentId(document), []).append(reading)
    return found


def outranked(uow: UnitOfWork, reading: int) -> bool:
    """Whether somebody answered the field again after this answer."""
    r, later = t.readings.c, t.readings.alias("later")
    query = (
        sa.select(later.c.id)
        .join_from(
            t.readings,
            later,
            sa.and_(later.c.document_id == r.document_id, later.c.key == r.key),
        )
        .where(r.id == reading, later.c.id > reading, in_force(later))
        .limit(1)
    )
    return uow.connection.execute(query).first() is not None


__all__ = [
    "Confirmation",
    "add_answers",
    "answers",
    "get",
    "insert",
    "outranked",
    "set_undone",
]
