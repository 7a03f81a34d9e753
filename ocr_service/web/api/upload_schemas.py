"""What goes in and comes out of the intake."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel, Field

from ocr_service.db.intake.batches import BatchOptions
from ocr_service.domain.pairing import PairBy
from ocr_service.service.intake.intake import MAX_ANNOUNCED
from ocr_service.service.intake.receipt import BatchReceipt
from ocr_service.service.querying import BatchStatus
from ocr_service.web.api.schemas import BatchOut, NewBatch


class NewScannedBatch(NewBatch):
    """A batch to open, with how it is scanned."""

    announced: int | None = Field(
        default=None, ge=0, le=MAX_ANNOUNCED, description="sheets the operator counted"
    )
    duplex: bool = Field(
        default=False, description="pages 1 and 2, 3 and 4, … are two sides of one sheet"
    )
    skip_blank_pages: bool | None = Field(
        default=None, description="default: in duplex batches and files of several pages"
    )
    pair_by: PairBy = Field(
        default=PairBy.CODE,
        description="what ties the sides of a form with several together: the code that the form "
        "names, the order of a duplex scan, or nothing",
    )

    def options(self) -> BatchOptions:
        """For the service."""
        return BatchOptions(self.announced, self.duplex, self.skip_blank_pages, self.pair_by)


class ScannedBatchOut(BatchOut):
    """A batch, how it stands and how it is scanned."""

    announced: int | None
    duplex: bool
    skip_blank_pages: bool | None
    pair_by: PairBy

    @classmethod
    def of(cls, status: BatchStatus) -> ScannedBatchOut:
        """From the service's answer."""
        options = status.batch.options
        return cls(
            **BatchOut.of(status).model_dump(),
            announced=options.announced,
            duplex=options.duplex,
            skip_blank_pages=options.skip_blanks,
            pair_by=options.pair_by,
        )


class ScannedBatchesOut(BaseModel):
    """Batches, newest first."""

    batches: list[ScannedBatchOut]
    next_cursor: int | None


class FileCountsOut(BaseModel):
    """Files that reached the batch; ``received`` is the sum of the others."""

    received: int
    taken: int
    archives: int
    duplicates: int
    rejected: int


class PageCountsOut(BaseModel):
    """Pages: received = documents + blanks + separators + discarded."""

    received: int
    documents: int
    blanks: int
    separators: int
    discarded: int
    scanned_here: int
    moved_in: int
    moved_out: int


class SideCountsOut(BaseModel):
    """Pages of forms with several sides: pages = paired + alone + twice + uncoded."""

    pages: int
    paired: int
    alone: int
    twice: int
    uncoded: int
    forms: int


class NamedOut(BaseModel):
    """A file or page that somebody must look at."""

    name: str
    page: int | None
    code: str
    message: str


class BatchReceiptOut(BaseModel):
    """What came into a batch and what became of it."""

    batch: int
    name: str
    settled: bool
    announced: int | None
    sheets: int
    as_announced: bool | None = Field(
        description="null while nothing was announced, or not settled"
    )
    files: FileCountsOut
    pages: PageCountsOut
    states: dict[str, int]
    duplicates: list[str]
    rejects: list[NamedOut]
    unread: list[NamedOut]
    opened: list[int] = Field(description="batches that separator sheets opened")
    sides: SideCountsOut
    unpaired: list[NamedOut] = Field(description="pages whose other sides are not there, once")

    @classmethod
    def of(cls, receipt: BatchReceipt) -> BatchReceiptOut:
        """From the service's answer."""
        return cls(
            batch=receipt.batch.id,
            name=receipt.batch.name,
            settled=receipt.settled,
            announced=receipt.batch.options.announced,
            sheets=receipt.sheets,
            as_announced=receipt.as_announced,
            files=FileCountsOut(**asdict(receipt.files)),
            pages=PageCountsOut(**asdict(receipt.pages)),
            states={state.value: number for state, number in receipt.states.items()},
            duplicates=list(receipt.duplicates),
            rejects=[NamedOut(**asdict(reject)) for reject in receipt.rejects],
            unread=[NamedOut(**asdict(page)) for page in receipt.unread],
            opened=list(receipt.opened),
            sides=SideCountsOut(**asdict(receipt.sides)),
            unpaired=[NamedOut(**asdict(page)) for page in receipt.unpaired],
        )


__all__ = ["BatchReceiptOut", "NewScannedBatch", "ScannedBatchOut", "ScannedBatchesOut"]
