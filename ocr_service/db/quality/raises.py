"""Thresholds that a broken promise raised, and the stored values that fall below them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.group_review import cells
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import in_force
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import Source, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.quality import KindRate

ACTOR = "quality:"
"""Begins the actor of answers that were only given another status."""


@dataclass(frozen=True, slots=True)
class Raise:
    """A threshold that was raised.

    Attributes:
        id: number.
        kind: field kind.
        accept_at: smallest probability that needs no eyes since then.
        escaped: errors among the samples that showed the breach.
        judged: those samples.
        low: lower end of the error rate's interval.
        promise: what was promised.
        created_at: when.
        applied_at: when stored records had followed; None = not yet.
        undone_at: when an administrator took it back; None = in force.
        undone_by: who.
    """

    id: int
    kind: str
    accept_at: float
    escaped: int
    judged: int
    low: float
    promise: float
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    undone_by: str | None

    @property
    def actor(self) -> str:
        """Who gave the answers that follow from it."""
        return f"{ACTOR}{self.id}"


@dataclass(frozen=True, slots=True)
class Recall:
    """A batch whose exported documents hold values that are now below a threshold."""

    batch: BatchId
    name: str
    documents: int


def add(uow: UnitOfWork, breach: KindRate, *, accept_at: float) -> int:
    """Raise the threshold of a kind."""
    added = uow.connection.execute(
        sa.insert(t.quality_raises)
        .values(
            kind=breach.kind,
            accept_at=accept_at,
            escaped=breach.escaped,
            judged=breach.judged,
            low=breach.rate.low,
            promise=breach.promise,
            created_at=uow.now,
        )
        .returning(t.quality_raises.c.id)
    )
    return int(added.scalar_one())


def get(uow: UnitOfWork, number: int) -> Raise:
    """One of them.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(t.quality_raises).where(t.quality_raises.c.id == number)
    row = uow.connection.execute(query.with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no raised threshold {number}")
    return Raise(**row)


def everything(uow: UnitOfWork) -> list[Raise]:
    """All of them, the newest first."""
    query = sa.select(t.quality_raises).order_by(t.quality_raises.c.id.desc())
    return [Raise(**row) for row in uow.connection.execute(query).mappings()]


def unapplied(uow: UnitOfWork) -> list[Raise]:
    """Those that stored records have not followed yet."""
    q = t.quality_raises.c
    query = sa.select(t.quality_raises).where(q.applied_at.is_(None), q.undone_at.is_(None))
    return [Raise(**row) for row in uow.connection.execute(query).mappings()]


_FLOORS = (
    sa.select(t.quality_raises.c.kind, sa.func.max(t.quality_raises.c.accept_at))
    .where(t.quality_raises.c.undone_at.is_(None))
    .group_by(t.quality_raises.c.kind)
)


def floors(uow: UnitOfWork) -> dict[str, float]:
    """The threshold in force of every kind that has one."""
    found = uow.connection.execute(_FLOORS)
    return {kind: at for kind, at in found}  # noqa: C416 - rows are no tuples to mypy


def set_applied(uow: UnitOfWork, number: int) -> None:
    """Stored records have followed."""
    _set(uow, number, applied_at=uow.now)


def set_undone(uow: UnitOfWork, number: int, *, by: str) -> None:
    """Take it back."""
    _set(uow, number, undone_at=uow.now, undone_by=by)


def affected(
    uow: UnitOfWork,
    raised: Raise,
    keys: Collection[tuple[str, str, str]],
    *,
    after: int,
    limit: int,
) -> list[DocumentId]:
    """Documents before export that hold accepted values of ``keys`` below the threshold.

    Args:
        uow: open unit of work.
        raised: the threshold.
        keys: (template, version, key) of the fields of its kind.
        after: only documents with a greater number.
        limit: how many at most.
    """
    open_states = (DocumentState.NEEDS_REVIEW, DocumentState.APPROVED)
    below = _below(raised, keys).where(t.documents.c.state.in_(open_states)).subquery()
    found = below.c.document_id
    query = sa.select(found).where(found > after).distinct().order_by(found).limit(limit)
    return [DocumentId(number) for number in uow.connection.execute(query).scalars()]


def recalls(uow: UnitOfWork, raised: Raise, keys: Collection[tuple[str, str, str]]) -> list[Recall]:
    """Batches whose exported documents hold such values, with how many documents."""
    exported = _below(raised, keys).where(t.documents.c.state == DocumentState.EXPORTED).subquery()
    query = (
        sa.select(
            t.batches.c.id, t.batches.c.name, sa.func.count(exported.c.document_id.distinct())
        )
        .join(exported, exported.c.batch_id == t.batches.c.id)
        .group_by(t.batches.c.id, t.batches.c.name)
        .order_by(t.batches.c.id)
    )
    return [Recall(BatchId(id_), name, n) for id_, name, n in uow.connection.execute(query)]


def answer_again(
    uow: UnitOfWork,
    document: Document,
    readings: Collection[int],
    *,
    status: Status,
    actor: str,
) -> None:
    """Repeat a machine's answers with another status; the old ones stay, nothing else differs."""
    r = t.readings.c
    kept = [column for column in t.readings.columns if column.name not in {"id", "status", "actor"}]
    chosen = sa.select(*kept, sa.literal(status.value), sa.literal(actor)).where(
        r.document_id == document.id, r.id.in_(list(readings))
    )
    names = [*(column.name for column in kept), "status", "actor"]
    uow.connection.execute(sa.insert(t.readings).from_select(names, chosen.order_by(r.id)))
    cells.repeat(uow, document.id, readings, actor=actor)


def answered_by(uow: UnitOfWork, actor: str) -> list[tuple[DocumentId, int, float]]:
    """Answers in force by a raised threshold: (document, reading, probability)."""
    current = _current().where(t.readings.c.actor == actor).subquery()
    query = sa.select(current.c.document_id, current.c.id, current.c.probability)
    rows = uow.connection.execute(query.order_by(current.c.id))
    return [(DocumentId(document), id_, chance) for document, id_, chance in rows]


def _below(raised: Raise, keys: Collection[tuple[str, str, str]]) -> sa.Select[tuple[object, ...]]:
    r = t.readings.c
    named = sa.tuple_(r.template, r.template_version, r.key).in_(list(keys))
    return _current().where(named, r.probability < raised.accept_at, r.status == Status.ACCEPTED)


def _current() -> sa.Select[tuple[object, ...]]:
    """Machine answers that are in force: nothing newer by a machine, nothing by a person."""
    r, d = t.readings.c, t.documents.c
    later = t.readings.alias()
    overtaken = (
        sa.select(later.c.id)
        .where(
            later.c.document_id == r.document_id,
            later.c.key == r.key,
            later.c.template == r.template,
            later.c.template_version == r.template_version,
            sa.or_(later.c.source == Source.HUMAN, later.c.id > r.id),
            in_force(later),
        )
        .exists()
    )
    return (
        sa.select(r.id, r.document_id, r.probability, d.batch_id)
        .join(t.documents, d.id == r.document_id)
        .where(
            r.source == Source.MACHINE,
            r.template == d.template,
            r.template_version == d.template_version,
            ~overtaken,
        )
    )


def _set(uow: UnitOfWork, number: int, **values: object) -> None:
    uow.connection.execute(
        sa.update(t.quality_raises).where(t.quality_raises.c.id == number).values(**values)
    )


__all__ = [
    "ACTOR",
    "Raise",
    "Recall",
    "add",
    "affected",
    "answer_again",
    "answered_by",
    "everything",
    "floors",
    "get",
    "recalls",
    "set_applied",
    "set_undone",
    "unapplied",
]
