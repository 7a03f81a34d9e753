"""The receipt of a batch: what came in and what became of it. Its numbers add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocr_service.db.ids import BatchId
from ocr_service.db.intake import arrivals, batches, page_rows
from ocr_service.db.intake.arrivals import Arrival, Outcome
from ocr_service.db.intake.batches import Batch
from ocr_service.db.intake.page_rows import PageRow
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import BlankPage
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.intake.intake import ARCHIVE

SEPARATOR_CODE = "page.separator"

_OPEN = frozenset({DocumentState.QUEUED, DocumentState.PROCESSING})
_UNREAD = frozenset({DocumentState.UNMATCHED, DocumentState.FAILED})


@dataclass(frozen=True, slots=True)
class FileCounts:
    """Files that reached the batch: ``received`` is the sum of the others.

    Attributes:
        received: all of them, members of archives too.
        taken: new files of pages.
        archives: ZIP files, which count beside the files in them.
        duplicates: files whose bytes had come before, here or elsewhere.
        rejected: files that could not be taken in.
    """

    received: int
    taken: int
    archives: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, slots=True)
class PageCounts:
    """Pages of the batch.

    ``received = documents + blanks + separators + discarded`` and
    ``received = scanned_here + moved_in - moved_out``.

    Attributes:
        received: pages that belong to the batch.
        documents: those that are records or shall become some.
        blanks: blank pages that were put away.
        separators: separator sheets.
        discarded: pages that people put away.
        scanned_here: pages of the files that were sent to the batch.
        moved_in: pages that a separator sheet moved here from the batch they were sent to.
        moved_out: pages sent to this batch that a separator sheet moved to another.
    """

    received: int
    documents: int
    blanks: int
    separators: int
    discarded: int
    scanned_here: int
    moved_in: int
    moved_out: int


@dataclass(frozen=True, slots=True)
class Named:
    """Something an operator must look at.

    Attributes:
        name: the file.
        page: 1-based; None where it is the whole file.
        code: why.
        message: what to do.
    """

    name: str
    page: int | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BatchReceipt:
    """What came in and what became of it.

    Attributes:
        batch: the batch.
        settled: the machine has nothing left to do, so that the numbers are final.
        files: files.
        pages: pages.
        sheets: sheets of paper; a blank page counts as one only in a duplex batch.
        as_announced: whether that is the number announced; None while it is not known.
        states: documents by state.
        duplicates: names of files that had come before.
        rejects: files that were refused.
        unread: pages without a record.
        opened: batches that separator sheets in this batch's files opened.
    """

    batch: Batch
    settled: bool
    files: FileCounts
    pages: PageCounts
    sheets: int
    as_announced: bool | None
    states: Mapping[DocumentState, int]
    duplicates: tuple[str, ...]
    rejects: tuple[Named, ...]
    unread: tuple[Named, ...]
    opened: tuple[BatchId, ...]


def batch_receipt(uow: UnitOfWork, batch: BatchId) -> BatchReceipt:
    """The receipt as it stands now.

    Raises:
        NotFound: no such batch.
    """
    found = batches.get(uow, batch)
    return summed(found, arrivals.of_batch(uow, batch), page_rows.touching(uow, batch))


def summed(batch: Batch, arrived: Sequence[Arrival], rows: Sequence[PageRow]) -> BatchReceipt:
    """Count.

    Args:
        batch: the batch.
        arrived: what reached it.
        rows: pages that arrived in it or belong to it.
    """
    archives = {row.file: row for row in rows if row.media_type == ARCHIVE}
    pages = [row for row in rows if row.media_type != ARCHIVE]
    here = [row for row in pages if row.batch == batch.id]
    shown = [row for row in here if row.state is not DocumentState.DISCARDED]
    sheets = _sheets(batch, here)
    settled = not any(row.state in _OPEN for row in (*here, *archives.values()))
    announced = batch.options.announced
    broken = [row for row in archives.values() if row.state in _UNREAD]
    return BatchReceipt(
        batch=batch,
        settled=settled,
        files=_file_counts(arrived, set(archives), len(broken)),
        pages=_page_counts(batch.id, pages),
        sheets=sheets,
        as_announced=None if announced is None or not settled else announced == sheets,
        states=Counter(row.state for row in shown),
        duplicates=tuple(a.name for a in arrived if a.outcome is Outcome.DUPLICATE),
        rejects=(
            *(
                Named(a.name, None, a.code or "", a.message or "")
                for a in arrived
                if a.outcome is Outcome.REJECTED
            ),
            *(_named(row, page=None) for row in broken),
        ),
        unread=tuple(_named(row, page=row.page) for row in shown if row.state in _UNREAD),
        opened=tuple(row.opens for row in pages if row.opens and row.arrived_in == batch.id),
    )


def _file_counts(arrived: Sequence[Arrival], archives: set[int], broken: int) -> FileCounts:
    new = [a for a in arrived if a.outcome is Outcome.NEW]
    packed = sum(a.file in archives for a in new)
    return FileCounts(
        received=len(arrived),
        taken=len(new) - packed,
        archives=packed - broken,
        duplicates=sum(a.outcome is Outcome.DUPLICATE for a in arrived),
        rejected=sum(a.outcome is Outcome.REJECTED for a in arrived) + broken,
    )


def _page_counts(batch: BatchId, pages: Sequence[PageRow]) -> PageCounts:
    here = [row for row in pages if row.batch == batch]
    away = [row for row in here if row.state is DocumentState.DISCARDED]
    blanks = sum(row.failure_code == BlankPage.code for row in away)
    separators = sum(row.failure_code == SEPARATOR_CODE for row in away)
    return PageCounts(
        received=len(here),
        documents=len(here) - len(away),
        blanks=blanks,
        separators=separators,
        discarded=len(away) - blanks - separators,
        scanned_here=sum(row.arrived_in == batch for row in pages),
        moved_in=sum(row.arrived_in != batch for row in here),
        moved_out=sum(row.batch != batch for row in pages),
    )


def _sheets(batch: Batch, here: Sequence[PageRow]) -> int:
    separating = {(row.file, row.sheet) for row in here if row.failure_code == SEPARATOR_CODE}
    if batch.options.duplex:
        return len({(row.file, row.sheet) for row in here} - separating)
    return sum(
        not (row.state is DocumentState.DISCARDED and row.failure_code == BlankPage.code)
        and (row.file, row.sheet) not in separating
        for row in here
    )


def _named(row: PageRow, *, page: int | None) -> Named:
    return Named(row.file_name, page, row.failure_code or "", row.failure_message or "")


__all__ = [
    "SEPARATOR_CODE",
    "BatchReceipt",
    "FileCounts",
    "Named",
    "PageCounts",
    "batch_receipt",
    "summed",
]
