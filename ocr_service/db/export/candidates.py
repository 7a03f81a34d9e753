"""Which documents an export would take, and why others stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Severity

_S = DocumentState


@dataclass(frozen=True, slots=True)
class Selection:
    """Which documents are meant; None and () = all.

    Attributes:
        batches: of these batches.
        since: taken in on this day of Japan's calendar or later.
        until: on this day or earlier.
        template: key of their form.
    """

    batches: tuple[BatchId, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    template: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the export's row and its manifest."""
        return {
            "batches": list(self.batches),
            "from": None if self.since is None else self.since.isoformat(),
            "to": None if self.until is None else self.until.isoformat(),
            "template": self.template,
        }


@dataclass(frozen=True, slots=True)
class LastOut:
    """What went out the last time.

    Attributes:
        template: the form the document was read as then.
        template_version: its version.
        readings_until: readings after this one were not there yet.
        at: when.
    """

    template: str
    template_version: str
    readings_until: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may go out.

    Attributes:
        document: its id.
        version: its version.
        state: approved, exported (in another profile) or discarded (after it was out).
        template: its form.
        template_version: its version.
        batch: the batch it belongs to.
        batch_name: for people.
        batch_opened_at: when.
        file_name: the file it is a page of.
        page: 1-based page in the file.
        created_at: when it was taken in.
        last_out: what this profile had of it before, None = never out.
    """

    document: DocumentId
    version: int
    state: DocumentState
    template: str | None
    template_version: str | None
    batch: BatchId
    batch_name: str
    batch_opened_at: dt.datetime
    file_name: str
    page: int
    created_at: dt.datetime
    last_out: LastOut | None


def candidates(
    uow: UnitOfWork, selection: Selection, profile: str, *, after: int = 0, limit: int = 500
) -> list[Candidate]:
    """Documents that this profile has not had as they are now, in order of intake.

    Approved ones; exported ones that this profile never had; and discarded ones of which this
    profile still holds a row.
    """
    d = t.documents.c
    gone_after_export = sa.and_(d.state == _S.DISCARDED, _was_out(profile))
    ready = d.state.in_((_S.APPROVED, _S.EXPORTED))
    query = _rows(selection).where(
        d.id > after, sa.or_(ready, gone_after_export), sa.not_(_is_out(profile))
    )
    rows = list(uow.connection.execute(query.order_by(d.id).limit(limit)).mappings())
    before = _last_out(uow, [row["id"] for row in rows], profile)
    return [_candidate(row, before.get(row["id"])) for row in rows]


def out_now(uow: UnitOfWork, profile: str, *, after: int = 0, limit: int = 500) -> list[Candidate]:
    """Documents that a profile has as they are, of all batches."""
    query = _rows(Selection()).where(t.documents.c.id > after, _is_out(profile))
    rows = uow.connection.execute(query.order_by(t.documents.c.id).limit(limit)).mappings()
    return [_candidate(row, None) for row in rows]


def any_state(
    uow: UnitOfWork, selection: Selection, *, after: int = 0, limit: int = 500
) -> list[Candidate]:
    """Documents as they stand, whatever their state but discarded; for previews."""
    d = t.documents.c
    query = _rows(selection, unread=True).where(d.id > after, d.state != _S.DISCARDED)
    rows = uow.connection.execute(query.order_by(d.id).limit(limit)).mappings()
    return [_candidate(row, None) for row in rows]


def state_counts(uow: UnitOfWork, selection: Selection) -> dict[DocumentState, int]:
    """Documents of the selection by state."""
    d = t.documents.c
    query = sa.select(d.state, sa.func.count()).group_by(d.state)
    found = uow.connection.execute(_narrowed(query, selection, unread=True))
    return {DocumentState(state): number for state, number in found}


def out_count(uow: UnitOfWork, selection: Selection, profile: str) -> int:
    """Documents of the selection that this profile has as they are."""
    query = sa.select(sa.func.count()).select_from(t.documents).where(_is_out(profile))
    return int(uow.connection.execute(_narrowed(query, selection)).scalar_one())


def templates_of(uow: UnitOfWork, selection: Selection, profile: str) -> list[tuple[str, str]]:
    """Key and version of the forms of the candidates."""
    d = t.documents.c
    query = (
        sa.select(d.template, d.template_version)
        .where(
            d.template.is_not(None),
            d.state.in_((_S.APPROVED, _S.EXPORTED)),
            sa.not_(_is_out(profile)),
        )
        .distinct()
    )
    found = uow.connection.execute(_narrowed(query, selection))
    return sorted((key, version) for key, version in found)


def newest_reading(uow: UnitOfWork) -> int:
    """Id of the newest reading there is; 0 = none."""
    return uow.connection.execute(sa.select(sa.func.max(t.readings.c.id))).scalar() or 0


def broken(uow: UnitOfWork, documents: Sequence[DocumentId]) -> list[DocumentId]:
    """Those of the documents that break a rule as they should not when they go out."""
    i = t.issues.c
    query = (
        sa.select(i.document_id)
        .where(i.document_id.in_(documents), i.severity == Severity.ERROR)
        .distinct()
        .order_by(i.document_id)
    )
    return [DocumentId(found) for found in uow.connection.execute(query).scalars()]


def _rows(selection: Selection, *, unread: bool = False) -> sa.Select[Any]:
    query = (
        sa.select(
            t.documents,
            t.files.c.name.label("file_name"),
            t.batches.c.name.label("batch_name"),
            t.batches.c.created_at.label("batch_opened_at"),
        )
        .join(t.files, t.files.c.id == t.documents.c.file_id)
        .join(t.batches, t.batches.c.id == t.documents.c.batch_id)
    )
    return _narrowed(query, selection, unread=unread)


def _narrowed(
    query: sa.Select[Any], selection: Selection, *, unread: bool = False
) -> sa.Select[Any]:
    d = t.documents.c
    if selection.batches:
        query = query.where(d.batch_id.in_(selection.batches))
    if selection.since is not None:
        query = query.where(d.created_at >= _midnight(selection.since))
    if selection.until is not None:
        query = query.where(d.created_at < _midnight(selection.until + dt.timedelta(days=1)))
    if selection.template is not None:
        same = d.template == selection.template
        query = query.where(sa.or_(same, d.template.is_(None)) if unread else same)
    return query


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), JAPAN)


def _item(profile: str) -> sa.Select[Any]:
    i = t.export_items.c
    return sa.select(sa.literal(1)).where(i.document_id == t.documents.c.id, i.profile == profile)


def _is_out(profile: str) -> sa.ColumnElement[bool]:
    return _item(profile).where(t.export_items.c.live).exists()


def _was_out(profile: str) -> sa.ColumnElement[bool]:
    return _item(profile).exists()


def _last_out(uow: UnitOfWork, documents: list[int], profile: str) -> dict[int, LastOut]:
    i, e = t.export_items.c, t.exports.c
    query = (
        sa.select(i.document_id, i.template, i.template_version, e.readings_until, e.created_at)
        .join(t.exports, e.id == i.export_id)
        .where(i.document_id.in_(documents), i.profile == profile)
        .order_by(i.id)
    )
    return {
        row.document_id: LastOut(
            row.template or "", row.template_version or "", row.readings_until, row.created_at
        )
        for row in uow.connection.execute(query)
    }


def _candidate(row: sa.RowMapping, last: LastOut | None) -> Candidate:
    return Candidate(
        document=DocumentId(row["id"]),
        version=row["version"],
        state=DocumentState(row["state"]),
        template=row["template"],
        template_version=row["template_version"],
        batch=BatchId(row["batch_id"]),
        batch_name=row["batch_name"],
        batch_opened_at=row["batch_opened_at"],
        file_name=row["file_name"],
        page=row["page_index"] + 1,
        created_at=row["created_at"],
        last_out=last,
    )


__all__ = [
    "Candidate",
    "LastOut",
    "Selection",
    "any_state",
    "broken",
    "candidates",
    "newest_reading",
    "out_count",
    "out_now",
    "state_counts",
    "templates_of",
]
