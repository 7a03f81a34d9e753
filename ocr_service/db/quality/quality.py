"""Samples of accepted fields: the plan, what is counted and drawn, what people saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import field_of_row, in_force
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import FieldValue, Source, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.quality import Look, Stratum, Verdict

_DONE = (DocumentState.APPROVED, DocumentState.EXPORTED)
_JUDGED = (Verdict.RIGHT, Verdict.ESCAPED)
_WAITING = (Verdict.OPEN, Verdict.DISPUTED)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which fields are drawn."""

    seed: str
    share: float


@dataclass(frozen=True, slots=True)
class AcceptedField:
    """A machine's answer that nobody looked at, with the number of its row."""

    reading: int
    field: FieldValue


@dataclass(frozen=True, slots=True)
class NewSample:
    """A field that is drawn."""

    document: DocumentId
    batch: BatchId
    reading: int
    key: str
    kind: str
    band: int
    promise: float


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn field; what the machine read is looked up apart, where it is needed."""

    id: int
    document: DocumentId
    key: str
    verdict: Verdict


def plan(uow: UnitOfWork) -> Plan | None:
    """The plan in force; None = none was made yet."""
    p = t.quality_plans.c
    row = uow.connection.execute(
        sa.select(p.seed, p.share).order_by(p.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Plan(*row)


def set_plan(uow: UnitOfWork, new: Plan, *, actor: str) -> None:
    """Draw by this plan from now on; what was drawn stays."""
    uow.connection.execute(
        sa.insert(t.quality_plans).values(
            seed=new.seed, share=new.share, actor=actor, created_at=uow.now
        )
    )


def unframed(uow: UnitOfWork, *, limit: int) -> list[DocumentId]:
    """Finished documents whose fields were not counted yet, oldest first."""
    d = t.documents.c
    framed = sa.select(t.quality_frames.c.document_id)
    query = (
        sa.select(d.id)
        .where(d.state.in_(_DONE), d.template.is_not(None), d.id.not_in(framed))
        .order_by(d.id)
        .limit(limit)
    )
    return [DocumentId(found) for found in uow.connection.execute(query).scalars()]


def claim_frame(uow: UnitOfWork, document: DocumentId) -> bool:
    """Whether the caller is the one who counts this document."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    done = uow.connection.execute(
        dialect.insert(t.quality_frames)
        .values(document_id=document, created_at=uow.now)
        .on_conflict_do_nothing(index_elements=["document_id"])
        .returning(t.quality_frames.c.id)
    )
    return done.scalar_one_or_none() is not None


def accepted(uow: UnitOfWork, document: Document) -> list[AcceptedField]:
    """The values in force that a machine read, that were accepted, and that nobody looked at."""
    r = t.readings.c
    rank = sa.func.row_number().over(
        partition_by=r.key, order_by=(sa.case((r.source == Source.HUMAN, 0), else_=1), r.id.desc())
    )
    ranked = (
        sa.select(t.readings, rank.label("rank"))
        .where(
            r.document_id == document.id,
            r.template == document.template,
            r.template_version == document.template_version,
            in_force(t.readings),
        )
        .subquery()
    )
    query = (
        sa.select(ranked)
        .where(
            ranked.c.rank == 1,
            ranked.c.source == Source.MACHINE,
            ranked.c.status == Status.ACCEPTED,
        )
        .order_by(ranked.c.id)
    )
    rows = uow.connection.execute(query).mappings()
    return [AcceptedField(row["id"], field_of_row(row)) for row in rows]


def count(uow: UnitOfWork, batch: BatchId, sizes: Mapping[tuple[str, int], int]) -> None:
    """Add accepted fields, by kind and band, to those of a batch."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    for (kind, band), fields in sorted(sizes.items()):
        new = dialect.insert(t.quality_populations).values(
            batch_id=batch, kind=kind, band=band, fields=fields
        )
        more = {"fields": t.quality_populations.c.fields + new.excluded.fields}
        keys = ["batch_id", "kind", "band"]
        uow.connection.execute(new.on_conflict_do_update(index_elements=keys, set_=more))


def add_samples(uow: UnitOfWork, samples: Iterable[NewSample]) -> int:
    """Keep drawn fields; how many."""
    rows = [
        {
            "document_id": new.document,
            "batch_id": new.batch,
            "reading_id": new.reading,
            "key": new.key,
            "kind": new.kind,
            "band": new.band,
            "promise": new.promise,
            "verdict": Verdict.OPEN,
            "created_at": uow.now,
        }
        for new in samples
    ]
    if rows:
        uow.connection.execute(sa.insert(t.quality_samples), rows)
    return len(rows)


def next_for(uow: UnitOfWork, actor: str, *, alone: bool) -> Sample | None:
    """A sample that this person may look at: disputed ones first, none twice.

    Args:
        uow: open unit of work.
        actor: who looks.
        alone: there is nobody else who could; then one may look at one's own dispute again.
    """
    s, k = t.quality_samples.c, t.quality_looks.c
    mine = sa.select(k.sample_id).where(k.actor == actor)
    query = sa.select(t.quality_samples).where(s.verdict.in_(_WAITING))
    if not alone:
        query = query.where(s.id.not_in(mine))
    disputed = sa.case((s.verdict == Verdict.DISPUTED, 0), else_=1)
    # Alone, what one disputed oneself comes last, when one has forgotten it.
    own = sa.case((s.id.in_(mine), 1), else_=0)
    row = uow.connection.execute(query.order_by(own, disputed, s.id).limit(1)).mappings()
    found = row.one_or_none()
    return None if found is None else _sample(found)


def lock_sample(uow: UnitOfWork, sample: int) -> Sample | None:
    """A sample, which nobody else judges until this unit ends."""
    query = sa.select(t.quality_samples).where(t.quality_samples.c.id == sample)
    row = uow.connection.execute(query.with_for_update()).mappings().one_or_none()
    return None if row is None else _sample(row)


def machine_field(uow: UnitOfWork, sample: int) -> FieldValue:
    """What the machine read in a sampled field."""
    s = t.quality_samples.c
    query = (sa.select(t.readings).join(t.quality_samples, s.reading_id == t.readings.c.id)).where(
        s.id == sample
    )
    return field_of_row(uow.connection.execute(query).mappings().one())


def template_of(uow: UnitOfWork, sample: int) -> str:
    """``KEY@VERSION`` under which a sampled field was read."""
    s, r = t.quality_samples.c, t.readings.c
    query = sa.select(r.template, r.template_version).join(t.quality_samples, s.reading_id == r.id)
    key, version = uow.connection.execute(query.where(s.id == sample)).one()
    return f"{key}@{version}"


def add_look(uow: UnitOfWork, sample: int, look: Look, *, actor: str, agrees: bool) -> None:
    """Keep what somebody saw."""
    uow.connection.execute(
        sa.insert(t.quality_looks).values(
            sample_id=sample,
            value=list(look.value) if isinstance(look.value, tuple) else look.value,
            illegible=look.illegible,
            agrees=agrees,
            actor=actor,
            created_at=uow.now,
        )
    )


def looks(uow: UnitOfWork, sample: int) -> list[tuple[str, Look]]:
    """Who saw what, oldest first."""
    k = t.quality_looks.c
    query = sa.select(k.actor, k.value, k.illegible).where(k.sample_id == sample).order_by(k.id)
    return [
        (actor, Look(tuple(value) if isinstance(value, list) else value, illegible))
        for actor, value, illegible in uow.connection.execute(query)
    ]


def settle(uow: UnitOfWork, sample: int, verdict: Verdict) -> None:
    """What follows from the looks so far."""
    settled_at = None if verdict in _WAITING else uow.now
    uow.connection.execute(
        sa.update(t.quality_samples)
        .where(t.quality_samples.c.id == sample)
        .values(verdict=verdict, settled_at=settled_at)
    )


def strata(uow: UnitOfWork, batch: BatchId | None = None) -> list[Stratum]:
    """All strata with their sizes and what is known of them, by kind and band."""
    s, p = t.quality_samples.c, t.quality_populations.c
    sizes = sa.select(p.kind, p.band, sa.func.sum(p.fields)).group_by(p.kind, p.band)
    escaped = sa.func.sum(sa.case((s.verdict == Verdict.ESCAPED, 1), else_=0))
    judged = sa.func.sum(sa.case((s.verdict.in_(_JUDGED), 1), else_=0))
    known = sa.select(s.kind, s.band, judged, escaped, sa.func.max(s.promise)).group_by(
        s.kind, s.band
    )
    if batch is not None:
        sizes, known = sizes.where(p.batch_id == batch), known.where(s.batch_id == batch)
    found = {(kind, band): rest for kind, band, *rest in uow.connection.execute(known)}
    fields = {(kind, band): n for kind, band, n in uow.connection.execute(sizes)}
    return [
        Stratum(kind, band, fields.get((kind, band), 0), *found.get((kind, band), (0, 0, 0.0)))
        for kind, band in sorted({*found, *fields})
    ]


def verdicts(uow: UnitOfWork, *, since: datetime | None = None) -> Counter[Verdict]:
    """How many samples stand where."""
    s = t.quality_samples.c
    query = sa.select(s.verdict, sa.func.count()).group_by(s.verdict)
    if since is not None:
        query = query.where(s.created_at >= since)
    found = {Verdict(name): number for name, number in uow.connection.execute(query)}
    return Counter(found)


def waiting_for(uow: UnitOfWork, actor: str) -> int:
    """How many samples this person could look at."""
    s, k = t.quality_samples.c, t.quality_looks.c
    mine = sa.select(k.sample_id).where(k.actor == actor)
    query = sa.select(sa.func.count()).where(s.verdict.in_(_WAITING), s.id.not_in(mine))
    return uow.connection.execute(query).scalar_one()


def _sample(row: sa.RowMapping) -> Sample:
    return Sample(row["id"], DocumentId(row["document_id"]), row["key"], Verdict(row["verdict"]))


__all__ = [
    "AcceptedField",
    "NewSample",
    "Plan",
    "Sample",
    "accepted",
    "add_look",
    "add_samples",
    "claim_frame",
    "count",
    "lock_sample",
    "looks",
    "machine_field",
    "next_for",
    "plan",
    "set_plan",
    "settle",
    "strata",
    "template_of",
    "unframed",
    "verdicts",
    "waiting_for",
]
