"""The receipt of a batch: what came in and what became of it. Its numbers add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import arrivals, batches, page_rows, sides
from ocr_service.db.intake.arrivals import Arrival, Outcome
from ocr_service.db.intake.batches import Batch
from ocr_service.db.intake.page_rows import PageRow
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import BlankPage
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.pairing import Placed, SidePage, Standing, paired
from ocr_service.service.intake.intake import ARCHIVE
from ocr_service.service.intake.pairing import issues_of

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
class SideCounts:
    """Pages of forms with several sides: ``pages = paired + alone + twice + uncoded``.

    Attributes:
        pages: pages that were read as a side of such a form and are paired in this batch.
        paired: those of which every side is there, once.
        alone: those of which a side has not come.
        twice: those of which a side came more than once.
        uncoded: those whose code is not known.
        forms: whole forms.
    """

    pages: int
    paired: int
    alone: int
    twice: int
    uncoded: int
    forms: int


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
        sides: pages of forms with several sides.
        unpaired: those of them that a person must look at.
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
    sides: SideCounts
    unpaired: tuple[Named, ...]


def batch_receipt(uow: UnitOfWork, batch: BatchId) -> BatchReceipt:
    """The receipt as it stands now.

    Raises:
        NotFound: no such batch.
    """
    found = batches.get(uow, batch)
    rows = page_rows.touching(uow, batch)
    return summed(found, arrivals.of_batch(uow, batch), rows, sides.of_batch(uow, batch))


def summed(
    batch: Batch,
    arrived: Sequence[Arrival],
    rows: Sequence[PageRow],
    pages_of_forms: Sequence[SidePage] = (),
) -> BatchReceipt:
    """Count.

    Args:
        batch: the batch.
        arrived: what reached it.
        rows: pages that arrived in it or belong to it.
        pages_of_forms: those that belong to it and are sides of forms with several.
    """
    archives = {row.file: row for row in rows if row.media_type == ARCHIVE}
    pages = [row for row in rows if row.media_type != ARCHIVE]
    here = [row for row in pages if row.batch == batch.id]
    shown = [row for row in here if row.state is not DocumentState.DISCARDED]
    sheets = _sheets(batch, here)
    settled = not any(row.state in _OPEN for row in (*here, *archives.values()))
    announced = batch.options.announced
    placed = paired(pages_of_forms, batch.options.pair_by, duplex=batch.options.duplex)
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
        sides=_side_counts(placed),
        unpaired=_unpaired(pages_of_forms, placed, here),
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


def _side_counts(placed: Mapping[int, Placed]) -> SideCounts:
    counts = Counter(one.standing for one in placed.values())
    whole = {one.members for one in placed.values() if one.standing is Standing.PAIRED}
    return SideCounts(
        pages=len(placed),
        paired=counts[Standing.PAIRED],
        alone=counts[Standing.ALONE],
        twice=counts[Standing.TWICE],
        uncoded=counts[Standing.UNCODED],
        forms=len(whole),
    )


def _unpaired(
    pages: Sequence[SidePage], placed: Mapping[int, Placed], here: Sequence[PageRow]
) -> tuple[Named, ...]:
    rows = {row.document: row for row in here}
    return tuple(
        Named(row.file_name, row.page, issue.rule, issue.message_en)
        for page in pages
        for issue in issues_of(placed.get(page.document), page.side)
        for row in [rows[DocumentId(page.document)]]
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
    "SideCounts",
    "batch_receipt",
    "summed",
]
