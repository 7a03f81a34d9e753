"""Documents: one scanned page each, with where it stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.review.postponements import READY
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.entry import EntryState
from ocr_service.domain.errors import NotFound, StaleVersion
from ocr_service.domain.lifecycle import DocumentState


@dataclass(frozen=True, slots=True)
class Document:
    """One page of one file.

    Attributes:
        id: its id.
        batch: the batch it belongs to.
        file: the file it is a page of.
        file_name: that file's name.
        page: 1-based page number in the file.
        state: where it stands.
        version: rises with every change; what ``If-Match`` compares.
        wanted_template: ``KEY[@VERSION]`` a person or the batch asked for.
        template: the template it was read against, None = none fits.
        template_version: its version.
        failure_code: why it has no record.
        failure_message: what the operator can do.
        claimed_by: who reviews it.
        claimed_until: until when nobody else gets it.
        view_sha256: the page for people, in the blob store.
        view_px_per_mm: its scale; 0.0 = the scan as it is.
        created_at: when it was taken in.
        updated_at: last change.
        sheet: 1-based sheet of paper in the file; two pages share one in duplex batches.
    """

    id: DocumentId
    batch: BatchId
    file: FileId
    file_name: str
    page: int
    state: DocumentState
    version: int
    wanted_template: str | None
    template: str | None
    template_version: str | None
    failure_code: str | None
    failure_message: str | None
    claimed_by: str | None
    claimed_until: datetime | None
    view_sha256: str | None
    view_px_per_mm: float
    created_at: datetime
    updated_at: datetime
    sheet: int = 1


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents a listing shows; None = all."""

    batch: BatchId | None = None
    state: DocumentState | None = None
    template: str | None = None


def insert_missing(
    uow: UnitOfWork,
    file: FileId,
    *,
    batch: BatchId,
    pages: range,
    template: str | None,
    duplex: bool = False,
) -> list[DocumentId]:
    """Documents for those of ``pages`` (0-based) that have none yet; their ids in order."""
    d = t.documents.c
    there = set(uow.connection.execute(sa.select(d.page_index).where(d.file_id == file)).scalars())
    rows = [
        {
            "batch_id": batch,
            "file_id": file,
            "page_index": index,
            "sheet": index // 2 + 1 if duplex else index + 1,
            "state": DocumentState.QUEUED,
            "version": 1,
            "wanted_template": template,
            "view_px_per_mm": 0.0,
            "created_at": uow.now,
            "updated_at": uow.now,
        }
        for index in pages
        if index not in there
    ]
    if not rows:
        return []
    insert = sa.insert(t.documents).returning(d.id, sort_by_parameter_order=True)
    return [DocumentId(found) for found in uow.connection.execute(insert, rows).scalars()]


def get(uow: UnitOfWork, document: DocumentId) -> Document:
    """One document.

    Raises:
        NotFound: there is none.
    """
    row = uow.connection.execute(_BY_ID, {"document": document}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no document {document}")
    return of_row(row)


def get_many(uow: UnitOfWork, wanted: Sequence[DocumentId]) -> list[Document]:
    """Those of these documents that there are, by id."""
    d = t.documents.c
    query = _select().where(d.id.in_(wanted)).order_by(d.id)
    return [of_row(row) for row in uow.connection.execute(query).mappings()]


def lock(uow: UnitOfWork, document: DocumentId) -> Document:
    """One document, which nobody else changes until this unit ends.

    Raises:
        NotFound: there is none.
    """
    found = _lock(uow, _LOCKED, document)
    if found is None:
        raise NotFound(f"no document {document}")
    return found


def lock_if_free(uow: UnitOfWork, document: DocumentId) -> Document | None:
    """As ``lock``, but None where somebody else is just changing it, or there is none.

    For those who have locked a job already: its document comes first where both are needed, so to
    wait for it could mean to wait for each other.
    """
    return _lock(uow, _LOCKED_IF_FREE, document)


def page(
    uow: UnitOfWork, wanted: DocumentFilter, *, after: int = 0, limit: int = 100
) -> list[Document]:
    """Documents in order of intake, with an id above ``after``."""
    d = t.documents.c
    query = _select().where(d.id > after).order_by(d.id).limit(limit)
    if wanted.batch is not None:
        query = query.where(d.batch_id == wanted.batch)
    if wanted.state is not None:
        query = query.where(d.state == wanted.state)
    if wanted.template is not None:
        query = query.where(d.template == wanted.template)
    return [of_row(row) for row in uow.connection.execute(query).mappings()]


def of_file(uow: UnitOfWork, file: FileId) -> list[Document]:
    """All pages of a file, in order."""
    d = t.documents.c
    query = _select().where(d.file_id == file).order_by(d.page_index)
    return [of_row(row) for row in uow.connection.execute(query).mappings()]


def update(uow: UnitOfWork, seen: Document, **values: Any) -> None:
    """Change columns of the document as ``seen``; its version rises.

    Raises:
        StaleVersion: somebody changed it since.
    """
    given = {"version": seen.version + 1, "updated_at": uow.now, **values}
    done = uow.connection.execute(
        _UPDATE, {"seen_id": seen.id, "seen_version": seen.version, **given}
    )
    if done.rowcount != 1:
        raise StaleVersion(f"document {seen.id} was changed by somebody else; load it again")


def next_to_review(
    uow: UnitOfWork,
    *,
    reviewer: str,
    batch: BatchId | None,
    after: int = 0,
    besides: Collection[DocumentId] = (),
    approving: bool = True,
) -> Document | None:
    """The document that needs eyes most and that nobody else holds.

    Urgent batches first, then in order of intake from behind ``after`` on and round again; what
    was put off comes last. Documents of which several people still key a field are not given out:
    a review could not end, and who sees them could not key blind any more. What is checked already
    is for those who may approve.
    """
    d, b = t.documents.c, t.batches.c
    free = sa.or_(d.claimed_until.is_(None), d.claimed_until <= uow.now, d.claimed_by == reviewer)
    marks = sa.select(1).where(t.postponements.c.document_id == d.id)
    put_off = marks.where(t.postponements.c.key != READY).exists()
    c = t.chips.c
    being_keyed = (
        sa.select(1)
        .where(
            c.document_id == d.id,
            c.template == d.template,
            c.template_version == d.template_version,
            c.state != EntryState.SETTLED,
        )
        .exists()
    )
    query = (
        sa.select(d.id)
        .join(t.batches, b.id == d.batch_id)
        .where(d.state == DocumentState.NEEDS_REVIEW, free, d.id.not_in(besides), ~being_keyed)
        .order_by(
            sa.case((put_off, 1), else_=0),
            b.priority,
            sa.case((d.id > after, 0), else_=1),
            d.id,
        )
        .limit(1)
        .with_for_update(skip_locked=True, of=t.documents)
    )
    if batch is not None:
        query = query.where(d.batch_id == batch)
    if not approving:
        query = query.where(~marks.where(t.postponements.c.key == READY).exists())
    found = uow.connection.execute(query).scalar_one_or_none()
    return None if found is None else get(uow, DocumentId(found))


def set_claim(
    uow: UnitOfWork, document: DocumentId, *, by: str | None, until: datetime | None
) -> None:
    """Keep it for one reviewer, or let it go; no change of its content, so no new version."""
    uow.connection.execute(
        sa.update(t.documents)
        .where(t.documents.c.id == document)
        .values(claimed_by=by, claimed_until=until)
    )


def state_counts(uow: UnitOfWork) -> dict[DocumentState, int]:
    """Documents per state in the whole installation."""
    query = sa.select(t.documents.c.state, sa.func.count()).group_by(t.documents.c.state)
    found = dict.fromkeys(DocumentState, 0)
    for state, number in uow.connection.execute(query):
        found[DocumentState(state)] = number
    return found


def _lock(uow: UnitOfWork, query: sa.Select[Any], document: DocumentId) -> Document | None:
    row = uow.connection.execute(query, {"document": document}).mappings().one_or_none()
    return None if row is None else of_row(row)


def _select() -> sa.Select[Any]:
    return sa.select(t.documents, t.files.c.name.label("file_name")).join(
        t.files, t.files.c.id == t.documents.c.file_id
    )


# Made once: these run several times for each page and each request, and putting such a statement
# together takes as long as executing it.
_BY_ID = _select().where(t.documents.c.id == sa.bindparam("document"))
_LOCKED = _BY_ID.with_for_update(of=t.documents)
_LOCKED_IF_FREE = _BY_ID.with_for_update(of=t.documents, skip_locked=True)
_UPDATE = sa.update(t.documents).where(
    t.documents.c.id == sa.bindparam("seen_id"),
    t.documents.c.version == sa.bindparam("seen_version"),
)


def of_row(row: sa.RowMapping) -> Document:
    """The document in a row of the documents table with its file's name as ``file_name``."""
    return Document(
        id=DocumentId(row["id"]),
        batch=BatchId(row["batch_id"]),
        file=FileId(row["file_id"]),
        file_name=row["file_name"],
        page=row["page_index"] + 1,
        state=DocumentState(row["state"]),
        version=row["version"],
        wanted_template=row["wanted_template"],
        template=row["template"],
        template_version=row["template_version"],
        failure_code=row["failure_code"],
        failure_message=row["failure_message"],
        claimed_by=row["claimed_by"],
        claimed_until=row["claimed_until"],
        view_sha256=row["view_sha256"],
        view_px_per_mm=row["view_px_per_mm"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        sheet=row["sheet"],
    )


__all__ = [
    "Document",
    "DocumentFilter",
    "get",
    "get_many",
    "insert_missing",
    "lock",
    "lock_if_free",
    "next_to_review",
    "of_file",
    "of_row",
    "page",
    "set_claim",
    "state_counts",
    "update",
]
