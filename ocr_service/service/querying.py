"""Answers to "how does it stand?": batches, documents, records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import batches
from ocr_service.db.intake.batches import Batch
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record

_OPEN = frozenset({DocumentState.QUEUED, DocumentState.PROCESSING})


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch with how many of its documents are in each state."""

    batch: Batch
    counts: Mapping[DocumentState, int]

    @property
    def total(self) -> int:
        """All its documents."""
        return sum(self.counts.values())

    @property
    def settled(self) -> bool:
        """Whether the machine has nothing left to do."""
        return not any(self.counts[state] for state in _OPEN)


@dataclass(frozen=True, slots=True)
class Slice:
    """Documents with where the next ones begin; None: these were the last."""

    documents: tuple[Document, ...]
    next_cursor: int | None


def batch_status(uow: UnitOfWork, batch: BatchId) -> BatchStatus:
    """How one batch stands.

    Raises:
        NotFound: there is none.
    """
    found = batches.get(uow, batch)
    return BatchStatus(found, batches.counts(uow, [batch])[batch])


def list_batches(
    uow: UnitOfWork, *, before: int | None = None, limit: int = 50
) -> list[BatchStatus]:
    """Newest batches first."""
    found = batches.page(uow, before=before, limit=limit)
    counts = batches.counts(uow, [batch.id for batch in found])
    return [BatchStatus(batch, counts[batch.id]) for batch in found]


def list_documents(
    uow: UnitOfWork, wanted: DocumentFilter, *, cursor: int = 0, limit: int = 100
) -> Slice:
    """Documents in order of intake, from ``cursor`` on."""
    found = documents.page(uow, wanted, after=cursor, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return Slice(tuple(shown), shown[-1].id if more else None)


def document_record(uow: UnitOfWork, document: DocumentId) -> tuple[Document, Record]:
    """A document and its record with the values in force.

    Raises:
        NotFound: there is no such document.
    """
    found = documents.get(uow, document)
    return found, records.load(uow, found)


__all__ = [
    "BatchStatus",
    "Slice",
    "batch_status",
    "document_record",
    "list_batches",
    "list_documents",
]
