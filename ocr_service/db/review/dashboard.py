"""Counts for the dashboard: by day as a clock in Japan has it, and by batch; never by person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import Source, Status
from ocr_service.domain.lifecycle import DocumentState

_DAY = "day_in_japan"
_BY_DAY = sa.text(_DAY)  # by name: PostgreSQL takes two expressions with parameters for different


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted.

    Attributes:
        since: from this moment on.
        batch: only of this batch; None = of all.
    """

    since: datetime
    batch: BatchId | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """What a machine read.

    Attributes:
        pages: pages.
        read: values on them.
        accepted: those that needed no eyes.
    """

    pages: int = 0
    read: int = 0
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """One batch in figures.

    Attributes:
        batch: its id.
        name: its name.
        pages: its documents, without those put away.
        done: approved or exported ones.
        values: read in it.
        ms: spent reviewing it.
        corrected: answers that changed a value.
    """

    batch: BatchId
    name: str
    pages: int
    done: int
    values: Values
    ms: int
    corrected: int


def approved_by_day(uow: UnitOfWork, scope: Scope) -> dict[str, int]:
    """Documents that people approved, by day."""
    a = t.audit.c
    day = _day(uow, a.at).label(_DAY)
    query = (
        sa.select(day, sa.func.count())
        .join(t.documents, t.documents.c.id == a.subject_id)
        .where(a.subject == "document", a.action == "document.approved", a.at >= scope.since)
        .where(*_within(scope))
        .group_by(_BY_DAY)
    )
    return {str(day): number for day, number in uow.connection.execute(query)}


def values_by_day(uow: UnitOfWork, scope: Scope) -> dict[str, Values]:
    """Values that a machine read, by day."""
    r = t.readings.c
    day = _day(uow, r.created_at).label(_DAY)
    accepted = sa.func.sum(sa.case((r.status == Status.ACCEPTED, 1), else_=0))
    # Answers repeated with another status have a sender that is no worker.
    query = (
        sa.select(day, sa.func.count(r.document_id.distinct()), sa.func.count(), accepted)
        .join(t.documents, t.documents.c.id == r.document_id)
        .where(
            r.source == Source.MACHINE,
            r.actor.not_like("quality:%"),
            r.created_at >= scope.since,
        )
        .where(*_within(scope))
        .group_by(_BY_DAY)
    )
    rows = uow.connection.execute(query)
    return {str(day): Values(pages, read, accepted) for day, pages, read, accepted in rows}


def waiting(uow: UnitOfWork, batch: BatchId | None) -> tuple[int, datetime | None]:
    """Documents that wait for eyes, and when the oldest of them came in."""
    d = t.documents.c
    query = sa.select(sa.func.count(), sa.func.min(d.created_at)).where(
        d.state == DocumentState.NEEDS_REVIEW
    )
    if batch is not None:
        query = query.where(d.batch_id == batch)
    number, oldest = uow.connection.execute(query).one()
    return number, oldest


def newest_batches(uow: UnitOfWork, scope: Scope, *, limit: int) -> list[BatchCounts]:
    """The newest batches in figures."""
    b, d, r, a = t.batches.c, t.documents.c, t.readings.c, t.review_actions.c
    query = sa.select(b.id, b.name).where(b.created_at >= scope.since)
    if scope.batch is not None:
        query = sa.select(b.id, b.name).where(b.id == scope.batch)
    newest = uow.connection.execute(query.order_by(b.id.desc()).limit(limit))
    names = {batch: name for batch, name in newest}  # noqa: C416 - rows are no tuples to mypy
    done = sa.case((d.state.in_((DocumentState.APPROVED, DocumentState.EXPORTED)), 1), else_=0)
    pages = _by_batch(
        uow,
        sa.select(d.batch_id, sa.func.count(), sa.func.sum(done)).where(
            d.state != DocumentState.DISCARDED
        ),
        names,
    )
    accepted = sa.case((r.status == Status.ACCEPTED, 1), else_=0)
    values = _by_batch(
        uow,
        sa.select(
            d.batch_id, sa.func.count(d.id.distinct()), sa.func.count(), sa.func.sum(accepted)
        )
        .join(t.readings, r.document_id == d.id)
        .where(r.source == Source.MACHINE, r.actor.not_like("quality:%")),
        names,
    )
    corrected = sa.case((a.corrected, 1), else_=0)
    effort = _by_batch(
        uow,
        sa.select(d.batch_id, sa.func.sum(a.ms), sa.func.sum(corrected)).join(
            t.review_actions, a.document_id == d.id
        ),
        names,
    )
    return [
        _counted(
            BatchId(batch),
            name,
            pages.get(batch, [0, 0]),
            values.get(batch, []),
            effort.get(batch, [0, 0]),
        )
        for batch, name in names.items()
    ]


def _counted(
    batch: BatchId, name: str, pages: list[int], values: list[int], effort: list[int]
) -> BatchCounts:
    (number, done), (ms, corrected) = pages, effort
    return BatchCounts(batch, name, number, done, Values(*values), ms, corrected)


def _by_batch(
    uow: UnitOfWork, query: sa.Select[Any], names: Mapping[int, str]
) -> dict[int, list[int]]:
    d = t.documents.c
    grouped = query.where(d.batch_id.in_(list(names))).group_by(d.batch_id)
    return {batch: figures for batch, *figures in uow.connection.execute(grouped)}


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    return [] if scope.batch is None else [t.documents.c.batch_id == scope.batch]


def _day(uow: UnitOfWork, moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[str]:
    """The day in Japan, which has no summer time."""
    if uow.connection.dialect.name == "postgresql":
        there = sa.func.timezone("Asia/Tokyo", moment)
        return sa.func.to_char(there, "YYYY-MM-DD")
    return sa.func.date(moment, "+9 hours")


__all__ = [
    "BatchCounts",
    "Scope",
    "Values",
    "approved_by_day",
    "newest_batches",
    "values_by_day",
    "waiting",
]
