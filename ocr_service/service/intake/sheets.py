"""Puts blank pages and separator sheets away, and pages into the batch their separator opened.

A separator sheet rules the pages after it in its file. A file that holds nothing but a separator
sheet rules the files that came into the batch after it, up to the next such file. Workers read
pages in any order; so whenever a separator is found, or a page turns out to be blank, the places
of all pages of the batch are worked out anew from the order of files and pages alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import batches, page_rows, sides
from ocr_service.db.intake.files import StoredFile
from ocr_service.db.intake.page_rows import PageRow
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import BlankPage
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.pipeline.result import ReadPage
from ocr_service.pipeline.sheets import Separator
from ocr_service.service.intake.intake import ARCHIVE, create_batch

_ACTOR = "worker"
_UNREAD = (
    DocumentState.QUEUED,
    DocumentState.PROCESSING,
    DocumentState.UNMATCHED,
    DocumentState.FAILED,
)


def put_away(uow: UnitOfWork, document: Document, file: StoredFile, page: ReadPage) -> Record:
    """The page's record, ``discarded`` if it is a separator sheet or a blank page to be put away.

    Args:
        uow: open unit of work.
        document: the page, locked.
        file: its file.
        page: what was read.
    """
    record = page.record
    if page.separator is not None:
        return replace(record, state=DocumentState.DISCARDED)
    if record.failure is not None and record.failure.code == BlankPage.code:
        options = batches.get(uow, document.batch).options
        if options.puts_blanks_away(file.pages):
            return replace(record, state=DocumentState.DISCARDED)
    return record


def arrange(uow: UnitOfWork, document: Document, file: StoredFile, page: ReadPage) -> None:
    """After a page was stored: open the batch that a separator sheet asks for, and sort pages."""
    if page.separator is not None:
        _open(uow, document, page.separator, arrived_in=file.batch)
        sort_pages(uow, file.batch)
    elif page.record.failure is not None and page.record.failure.code == BlankPage.code:
        sort_if_separated(uow, file.batch)


def sort_if_separated(uow: UnitOfWork, batch: BatchId) -> bool:
    """Put new pages of a batch behind the separator sheets found so far; whether there are any."""
    separated = page_rows.has_separators(uow, batch)
    if separated:
        sort_pages(uow, batch)
    return separated


def sort_pages(uow: UnitOfWork, batch: BatchId) -> None:
    """Put every page that arrived in ``batch`` into the batch where it belongs."""
    rows = page_rows.arrived_in(uow, batch)
    places = places_of(rows, batch)
    moved: dict[BatchId, list[DocumentId]] = {}
    for row in rows:
        target = places.get(row.document, row.batch)
        if target != row.batch and row.state is not DocumentState.EXPORTED:
            moved.setdefault(target, []).append(row.document)
    left = {row.batch for row in rows}
    for target, found in moved.items():
        _move(uow, found, target)
        uow.log(AuditEntry(_ACTOR, "batch.sorted", "batch", target, {"pages": len(found)}))
    if moved:
        sides.stir_batches(uow, left | set(moved))


def places_of(rows: Sequence[PageRow], batch: BatchId) -> Mapping[DocumentId, BatchId]:
    """The batch where each page belongs.

    Args:
        rows: all pages that arrived in the batch, in order of file and page.
        batch: that batch.
    """
    places: dict[DocumentId, BatchId] = {}
    carried = batch
    scans = [row for row in rows if row.media_type != ARCHIVE]
    for _file, pages in groupby(scans, key=lambda row: row.file):
        last = _place_file(list(pages), carried, places)
        if last is not None:
            carried = last
    return places


def _place_file(
    pages: Sequence[PageRow], first: BatchId, places: dict[DocumentId, BatchId]
) -> BatchId | None:
    """Place one file's pages; the batch it opens for the files after it, if it is no form."""
    current, before, forms = first, first, False
    separating: int | None = None
    for row in pages:
        if row.opens is not None:
            places[row.document] = before = current
            current, separating = row.opens, row.sheet
        else:
            # The back of a separator sheet stays with its front.
            places[row.document] = before if row.sheet == separating else current
            forms |= not _is_put_away(row)
    return None if forms or separating is None else current


def _is_put_away(row: PageRow) -> bool:
    return row.state is DocumentState.DISCARDED and row.failure_code == BlankPage.code


def _open(
    uow: UnitOfWork, document: Document, separator: Separator, *, arrived_in: BatchId
) -> None:
    parent = batches.get(uow, document.batch)
    options = replace(parent.options, announced=separator.sheets)
    opened = create_batch(
        uow,
        name=separator.batch or parent.name,
        template=separator.template or parent.template,
        actor=_ACTOR,
        options=options,
    )
    page_rows.add_separator(uow, document.id, arrived_in=arrived_in, opens=opened)


def _move(uow: UnitOfWork, found: list[DocumentId], target: BatchId) -> None:
    d = t.documents.c
    template = batches.get(uow, target).template
    uow.connection.execute(
        sa.update(t.documents)
        .where(d.id.in_(found))
        .values(
            batch_id=target,
            version=d.version + 1,
            updated_at=uow.now,
            wanted_template=sa.case((d.state.in_(_UNREAD), template), else_=d.wanted_template),
        )
    )


__all__ = ["arrange", "places_of", "put_away", "sort_if_separated", "sort_pages"]
