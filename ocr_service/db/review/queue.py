"""What waits for people: documents to review, and those that no record could be made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.review.postponements import READY
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState

WAITING = (DocumentState.NEEDS_REVIEW, DocumentState.UNMATCHED, DocumentState.FAILED)
"""States in which only a person can go on."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which documents of the queue are shown; None = all.

    Attributes:
        batch: only of this batch.
        template: only read as this form (its key).
        rule: only those that break this rule.
        state: only in this state, one of ``WAITING``.
    """

    batch: BatchId | None = None
    template: str | None = None
    rule: str | None = None
    state: DocumentState | None = None


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """How much waits, and what can be filtered by.

    Attributes:
        counts: documents by state.
        oldest: when the one that waits longest came in; None where nothing waits.
        batches: id and name of batches with documents that wait.
        templates: keys of forms among them.
        rules: rules broken among them.
    """

    counts: dict[DocumentState, int]
    oldest: datetime | None
    batches: tuple[tuple[BatchId, str], ...]
    templates: tuple[str, ...]
    rules: tuple[str, ...]


def page(
    uow: UnitOfWork, wanted: QueueFilter, *, offset: int = 0, limit: int = 50
) -> list[Document]:
    """Documents that wait, in the order in which they are given out."""
    d, b = t.documents.c, t.batches.c
    p = t.postponements.c
    put_off = sa.select(1).where(p.document_id == d.id, p.key != READY).exists()
    query = (
        sa.select(d.id)
        .join(t.batches, b.id == d.batch_id)
        .where(*_conditions(wanted))
        .order_by(sa.case((put_off, 1), else_=0), b.priority, d.id)
        .offset(offset)
        .limit(limit)
    )
    found = [DocumentId(each) for each in uow.connection.execute(query).scalars()]
    by_id = {document.id: document for document in documents.get_many(uow, found)}
    return [by_id[each] for each in found]


def count(uow: UnitOfWork, wanted: QueueFilter) -> int:
    """How many there are."""
    query = sa.select(sa.func.count()).select_from(t.documents).where(*_conditions(wanted))
    return uow.connection.execute(query).scalar_one()


def summary(uow: UnitOfWork) -> QueueSummary:
    """How much waits in the whole installation."""
    d = t.documents.c
    waits = d.state.in_(WAITING)
    counts = dict.fromkeys(WAITING, 0)
    by_state = sa.select(d.state, sa.func.count()).where(waits).group_by(d.state)
    for state, number in uow.connection.execute(by_state):
        counts[DocumentState(state)] = number
    oldest = uow.connection.execute(
        sa.select(d.created_at).where(waits).order_by(d.created_at).limit(1)
    ).scalar_one_or_none()
    batches = (
        sa.select(t.batches.c.id, t.batches.c.name)
        .where(sa.select(1).where(d.batch_id == t.batches.c.id, waits).exists())
        .order_by(t.batches.c.id.desc())
    )
    templates = sa.select(d.template).where(waits, d.template.is_not(None)).distinct()
    rules = (
        sa.select(t.issues.c.rule)
        .join(t.documents, d.id == t.issues.c.document_id)
        .where(waits)
        .distinct()
    )
    return QueueSummary(
        counts=counts,
        oldest=oldest,
        batches=tuple((BatchId(i), name) for i, name in uow.connection.execute(batches)),
        templates=tuple(sorted(uow.connection.execute(templates).scalars())),
        rules=tuple(sorted(uow.connection.execute(rules).scalars())),
    )


def _conditions(wanted: QueueFilter) -> list[sa.ColumnElement[bool]]:
    d = t.documents.c
    found: list[sa.ColumnElement[bool]] = [
        d.state.in_(WAITING) if wanted.state is None else d.state == wanted.state
    ]
    if wanted.batch is not None:
        found.append(d.batch_id == wanted.batch)
    if wanted.template is not None:
        found.append(d.template == wanted.template)
    if wanted.rule is not None:
        i = t.issues.c
        found.append(sa.select(1).where(i.document_id == d.id, i.rule == wanted.rule).exists())
    return found


__all__ = ["WAITING", "QueueFilter", "QueueSummary", "count", "page", "summary"]
