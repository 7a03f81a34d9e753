"""Chips: single fields that several people key without seeing anything else of the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.rows import lock_row, one_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.entry import WAITING, EntryState
from ocr_service.domain.errors import NotFound
from ocr_service.domain.lifecycle import DocumentState


@dataclass(frozen=True, slots=True)
class Chip:
    """One of them.

    Attributes:
        id: its id.
        document: whose field it is.
        template: template key of the document when the chip was made.
        version: the template's version.
        key: record key.
        people: how many key it.
        state: where its keying stands.
        claimed_by: who has it before his eyes.
        claimed_until: until when nobody else gets it.
    """

    id: int
    document: DocumentId
    template: str
    version: str
    key: str
    people: int
    state: EntryState
    claimed_by: str | None
    claimed_until: datetime | None


def insert_missing(uow: UnitOfWork, document: Document, wanted: Mapping[str, int]) -> int:
    """Chips for the fields of a document that have none yet.

    Args:
        uow: open unit of work.
        document: locked by this unit; it has a template.
        wanted: number of people by key; a chip that is not settled is raised to it.

    Returns:
        How many were made or raised.
    """
    c = t.chips.c
    mine = _of(document)
    there = {
        row.key: row
        for row in uow.connection.execute(sa.select(c.id, c.key, c.people, c.state).where(*mine))
    }
    rows = [
        {
            "document_id": document.id,
            "template": document.template,
            "template_version": document.template_version,
            "key": key,
            "people": people,
            "state": EntryState.EMPTY,
            "created_at": uow.now,
        }
        for key, people in wanted.items()
        if key not in there
    ]
    if rows:
        uow.connection.execute(sa.insert(t.chips), rows)
    raised = [
        row
        for key, row in there.items()
        if row.people < wanted.get(key, 0) and row.state != EntryState.SETTLED
    ]
    for row in raised:
        uow.connection.execute(
            sa.update(t.chips).where(c.id == row.id).values(people=wanted[row.key])
        )
    return len(rows) + len(raised)


def claim(
    uow: UnitOfWork,
    *,
    person: str,
    batch: BatchId | None,
    until: datetime,
    skipped: int | None = None,
) -> Chip | None:
    """The next chip that this person may key, kept for him; the one he has comes first.

    A person never gets a field that he keyed before. Fields of one kind come after one another,
    so that the hand stays at one task and the eye sees no record.
    """
    c, d, b, e = t.chips.c, t.documents.c, t.batches.c, t.entries.c
    keyed = sa.select(e.id).where(e.chip_id == c.id, e.actor == person).exists()
    free = sa.or_(c.claimed_until.is_(None), c.claimed_until <= uow.now, c.claimed_by == person)
    query = (
        sa.select(c.id)
        .join_from(t.chips, t.documents, d.id == c.document_id)
        .join(t.batches, b.id == d.batch_id)
        .where(c.state.in_(WAITING), free, ~keyed, *_alive())
        .order_by(
            sa.case((c.id == (skipped or 0), 2), (c.claimed_by == person, 0), else_=1),
            b.priority,
            c.key,
            c.id,
        )
        .limit(1)
        .with_for_update(skip_locked=True, of=t.chips)
    )
    if batch is not None:
        query = query.where(d.batch_id == batch)
    found = uow.connection.execute(query).scalar_one_or_none()
    if found is None:
        return None
    uow.connection.execute(
        sa.update(t.chips).where(c.id == found).values(claimed_by=person, claimed_until=until)
    )
    return get(uow, found)


def get(uow: UnitOfWork, chip: int) -> Chip:
    """One chip.

    Raises:
        NotFound: there is none.
    """
    return _chip(one_row(uow, t.chips, chip, what="chip"))


def lock(uow: UnitOfWork, chip: int) -> Chip:
    """One chip, which nobody else changes until this unit ends.

    Raises:
        NotFound: there is none.
    """
    lock_row(uow, t.chips, chip)
    return get(uow, chip)


def set_state(uow: UnitOfWork, chip: Chip, state: EntryState) -> None:
    """Move a chip on; nobody holds it any more."""
    settled_at = uow.now if state is EntryState.SETTLED else None
    values = {"state": state, "settled_at": settled_at, "claimed_by": None, "claimed_until": None}
    uow.connection.execute(sa.update(t.chips).where(t.chips.c.id == chip.id).values(**values))


def release(uow: UnitOfWork, chip: Chip) -> None:
    """Let others have a chip."""
    uow.connection.execute(
        sa.update(t.chips)
        .where(t.chips.c.id == chip.id)
        .values(claimed_by=None, claimed_until=None)
    )


def of_field(uow: UnitOfWork, document: DocumentId, key: str) -> list[Chip]:
    """All chips that a field ever had, oldest first: one for each template it was read with."""
    c = t.chips.c
    query = sa.select(t.chips).where(c.document_id == document, c.key == key).order_by(c.id)
    return [_chip(row) for row in uow.connection.execute(query).mappings()]


def open_keys(uow: UnitOfWork, document: Document) -> list[str]:
    """Fields of a document that are still being keyed, under its present template."""
    c = t.chips.c
    query = sa.select(c.key).where(*_of(document), c.state != EntryState.SETTLED).order_by(c.key)
    return list(uow.connection.execute(query).scalars())


def deadlocked(uow: UnitOfWork, *, batch: BatchId | None = None) -> list[Chip]:
    """Fields that only an approver can settle, oldest first."""
    c, d = t.chips.c, t.documents.c
    query = (
        sa.select(t.chips)
        .join(t.documents, d.id == c.document_id)
        .where(c.state == EntryState.DEADLOCKED, *_alive())
        .order_by(c.id)
    )
    if batch is not None:
        query = query.where(d.batch_id == batch)
    return [_chip(row) for row in uow.connection.execute(query).mappings()]


def progress(uow: UnitOfWork) -> dict[BatchId, dict[EntryState, int]]:
    """Chips by state of every batch that has any whose page is not put away."""
    c, d = t.chips.c, t.documents.c
    query = (
        sa.select(d.batch_id, c.state, sa.func.count())
        .join_from(t.chips, t.documents, d.id == c.document_id)
        .where(
            d.state != DocumentState.DISCARDED,
            c.template == d.template,
            c.template_version == d.template_version,
        )
        .group_by(d.batch_id, c.state)
    )
    found: dict[BatchId, dict[EntryState, int]] = {}
    for batch, state, number in uow.connection.execute(query):
        counts = found.setdefault(BatchId(batch), dict.fromkeys(EntryState, 0))
        counts[EntryState(state)] = number
    return found


def people_of_batch(uow: UnitOfWork, batch: BatchId) -> int:
    """How many people at least key each field of a batch; 1 = as the forms say."""
    query = sa.select(t.batches.c.entry).where(t.batches.c.id == batch)
    return uow.connection.execute(query).scalar_one()


_WITH_PEOPLE = (
    sa.select(t.documents, t.files.c.name.label("file_name"), t.batches.c.entry)
    .join(t.files, t.files.c.id == t.documents.c.file_id)
    .join(t.batches, t.batches.c.id == t.documents.c.batch_id)
    .where(t.documents.c.id == sa.bindparam("document"))
)


def document_with_people(uow: UnitOfWork, document: DocumentId) -> tuple[Document, int]:
    """A document, and how many people at least key each field of its batch.

    Raises:
        NotFound: there is none.
    """
    row = uow.connection.execute(_WITH_PEOPLE, {"document": document}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no document {document}")
    return documents.of_row(row), row["entry"]


def set_people_of_batch(uow: UnitOfWork, batch: BatchId, people: int) -> None:
    """Say how many people at least key each field of a batch."""
    uow.connection.execute(sa.update(t.batches).where(t.batches.c.id == batch).values(entry=people))


def chipped() -> sa.ColumnElement[bool]:
    """Whether a row of the readings table is of a field that several people key."""
    c, r = t.chips.c, t.readings.c
    return (
        sa.select(c.id)
        .where(
            c.document_id == r.document_id,
            c.key == r.key,
            c.template == r.template,
            c.template_version == r.template_version,
        )
        .exists()
    )


def _of(document: Document) -> tuple[sa.ColumnElement[bool], ...]:
    c = t.chips.c
    return (
        c.document_id == document.id,
        c.template == document.template,
        c.template_version == document.template_version,
    )


def _alive() -> tuple[sa.ColumnElement[bool], ...]:
    """The document is under review with the template that the chip was made for."""
    c, d = t.chips.c, t.documents.c
    return (
        d.state == DocumentState.NEEDS_REVIEW,
        c.template == d.template,
        c.template_version == d.template_version,
    )


def _chip(row: Any) -> Chip:
    return Chip(
        id=row["id"],
        document=DocumentId(row["document_id"]),
        template=row["template"],
        version=row["template_version"],
        key=row["key"],
        people=row["people"],
        state=EntryState(row["state"]),
        claimed_by=row["claimed_by"],
        claimed_until=row["claimed_until"],
    )


__all__ = [
    "Chip",
    "chipped",
    "claim",
    "deadlocked",
    "get",
    "insert_missing",
    "lock",
    "of_field",
    "open_keys",
    "people_of_batch",
    "progress",
    "release",
    "set_people_of_batch",
    "set_state",
]
