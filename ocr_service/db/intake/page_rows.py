"""Pages in the order they came through the scanner, for receipts and separator sheets."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page, with where it arrived and where it belongs.

    Attributes:
        document: its id.
        file: the file it is a page of.
        file_name: that file's name.
        media_type: that file's; an archive has one page that stands for itself.
        arrived_in: the batch its file was sent to.
        batch: the batch it belongs to; another one behind a separator sheet.
        page: 1-based in its file.
        sheet: 1-based in its file.
        state: where it stands.
        failure_code: why it has no record.
        failure_message: what the operator can do.
        opens: the batch that it opened as a separator sheet.
    """

    document: DocumentId
    file: FileId
    file_name: str
    media_type: str
    arrived_in: BatchId
    batch: BatchId
    page: int
    sheet: int
    state: DocumentState
    failure_code: str | None = None
    failure_message: str | None = None
    opens: BatchId | None = None


def touching(uow: UnitOfWork, batch: BatchId) -> list[PageRow]:
    """Pages that arrived in a batch or belong to it, in order of file and page."""
    d, f = t.documents.c, t.files.c
    return _rows(uow, sa.or_(d.batch_id == batch, f.batch_id == batch))


def arrived_in(uow: UnitOfWork, batch: BatchId) -> list[PageRow]:
    """Pages of the files that were sent to a batch, in order of file and page."""
    return _rows(uow, t.files.c.batch_id == batch)


def add_separator(
    uow: UnitOfWork, document: DocumentId, *, arrived_in: BatchId, opens: BatchId
) -> None:
    """Remember which batch a separator sheet opened.

    Args:
        uow: open unit of work.
        document: the sheet.
        arrived_in: the batch its file was sent to.
        opens: the new one.
    """
    b = t.batches.c
    uow.connection.execute(sa.update(t.batches).where(b.id == arrived_in).values(separated=True))
    uow.connection.execute(sa.insert(t.separators).values(document_id=document, batch_id=opens))


def has_separators(uow: UnitOfWork, batch: BatchId) -> bool:
    """Whether a separator sheet was found in a file sent to this batch."""
    query = sa.select(t.batches.c.separated).where(t.batches.c.id == batch)
    return bool(uow.connection.execute(query).scalar())


def _rows(uow: UnitOfWork, wanted: sa.ColumnElement[bool]) -> list[PageRow]:
    d, f = t.documents.c, t.files.c
    query = (
        sa.select(
            d.id,
            d.file_id,
            f.name,
            f.media_type,
            f.batch_id.label("arrived_in"),
            d.batch_id,
            d.page_index,
            d.sheet,
            d.state,
            d.failure_code,
            d.failure_message,
            t.separators.c.batch_id.label("opens"),
        )
        .join(t.files, f.id == d.file_id)
        .outerjoin(t.separators, t.separators.c.document_id == d.id)
        .where(wanted)
        .order_by(d.file_id, d.page_index)
    )
    return [_row(row) for row in uow.connection.execute(query).mappings()]


def _row(row: sa.RowMapping) -> PageRow:
    return PageRow(
        document=DocumentId(row["id"]),
        file=FileId(row["file_id"]),
        file_name=row["name"],
        media_type=row["media_type"],
        arrived_in=BatchId(row["arrived_in"]),
        batch=BatchId(row["batch_id"]),
        page=row["page_index"] + 1,
        sheet=row["sheet"],
        state=DocumentState(row["state"]),
        failure_code=row["failure_code"],
        failure_message=row["failure_message"],
        opens=None if row["opens"] is None else BatchId(row["opens"]),
    )


__all__ = ["PageRow", "add_separator", "arrived_in", "has_separators", "touching"]
