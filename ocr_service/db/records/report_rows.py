"""Which documents a list or report is about, and what was found on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Severity

MOST_DOCUMENTS = 5000
"""A report over more documents is cut off and says so."""


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which documents; None = all.

    Attributes:
        batch: of this batch.
        day: vaccinated on this day.
        first: vaccinated on or after.
        last: vaccinated on or before.
        institution: of this institution; "" = of those whose code is not known.
    """

    batch: BatchId | None = None
    day: dt.date | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    institution: str | None = None


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """One document of a report."""

    id: DocumentId
    batch: BatchId
    institution: str
    vaccinated_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a rule found on a document and nobody has waived.

    Attributes:
        document: on which.
        rule: its code.
        severity: what it does.
        fields: record keys concerned.
        message_ja: for people.
        message_en: the same in English.
    """

    document: DocumentId
    rule: str
    severity: Severity
    fields: tuple[str, ...]
    message_ja: str
    message_en: str


def documents_of(
    uow: UnitOfWork, wanted: ReportFilter, *, limit: int = MOST_DOCUMENTS
) -> list[ReportDocument]:
    """The documents that were read as a form and are not discarded, in order of intake."""
    d, f = t.documents.c, t.record_facts.c
    query = (
        sa.select(d.id, d.batch_id, f.institution, f.vaccinated_on)
        .select_from(t.documents)
        .outerjoin(t.record_facts, f.document_id == d.id)
        .where(d.template.is_not(None), d.state != DocumentState.DISCARDED)
        .order_by(d.id)
        .limit(limit)
    )
    if wanted.batch is not None:
        query = query.where(d.batch_id == wanted.batch)
    if wanted.day is not None:
        query = query.where(f.vaccinated_on == wanted.day)
    if wanted.first is not None:
        query = query.where(f.vaccinated_on >= wanted.first)
    if wanted.last is not None:
        query = query.where(f.vaccinated_on <= wanted.last)
    if wanted.institution is not None:
        code = wanted.institution
        query = query.where(f.institution == code if code else f.institution.is_(None))
    return [
        ReportDocument(
            DocumentId(row.id), BatchId(row.batch_id), row.institution or "", row.vaccinated_on
        )
        for row in uow.connection.execute(query)
    ]


def findings_of(uow: UnitOfWork, documents: Sequence[DocumentId]) -> list[Finding]:
    """What stands open on these documents: notes and waived issues are left out."""
    found: list[Finding] = []
    for start in range(0, len(documents), _CHUNK):
        chunk = documents[start : start + _CHUNK]
        waived = _waived(uow, chunk)
        i = t.issues.c
        query = (
            sa.select(t.issues)
            .where(i.document_id.in_(chunk), i.severity != Severity.INFO)
            .order_by(i.document_id, i.id)
        )
        found += [
            _finding(row)
            for row in uow.connection.execute(query).mappings()
            if (row["document_id"], row["rule"], tuple(row["fields"])) not in waived
        ]
    return found


def batches_named(uow: UnitOfWork, *, limit: int = 100) -> list[tuple[BatchId, str]]:
    """The newest batches, to choose from."""
    b = t.batches.c
    query = sa.select(b.id, b.name).order_by(b.id.desc()).limit(limit)
    return [(BatchId(row.id), row.name or str(row.id)) for row in uow.connection.execute(query)]


def institutions_seen(uow: UnitOfWork, *, limit: int = 500) -> list[str]:
    """Codes that records bear, to choose from."""
    f = t.record_facts.c
    query = (
        sa.select(f.institution)
        .where(f.institution.is_not(None))
        .distinct()
        .order_by(f.institution)
        .limit(limit)
    )
    return list(uow.connection.execute(query).scalars())


def _finding(row: sa.RowMapping) -> Finding:
    return Finding(
        document=DocumentId(row["document_id"]),
        rule=row["rule"],
        severity=Severity(row["severity"]),
        fields=tuple(row["fields"]),
        message_ja=row["message_ja"],
        message_en=row["message_en"],
    )


def _waived(
    uow: UnitOfWork, documents: Sequence[DocumentId]
) -> set[tuple[int, str, tuple[str, ...]]]:
    w = t.issue_waivers.c
    query = sa.select(w.document_id, w.rule, w.fields).where(
        w.document_id.in_(documents), w.withdrawn_at.is_(None)
    )
    return {(row.document_id, row.rule, tuple(row.fields)) for row in uow.connection.execute(query)}


_CHUNK = 500

__all__ = [
    "MOST_DOCUMENTS",
    "Finding",
    "ReportDocument",
    "ReportFilter",
    "batches_named",
    "documents_of",
    "findings_of",
    "institutions_seen",
]
