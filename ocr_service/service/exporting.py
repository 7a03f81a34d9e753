"""Lets approved records leave the house: fixed rows, each document once until it is reopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ocr_service.blobs import BlobStore
from ocr_service.db import batches, documents, exports, records
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.documents import Document, DocumentFilter
from ocr_service.db.exports import Export, NewExport
from ocr_service.db.ids import BatchId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.record import Record

_PAGE = 500


class RecordWriter(Protocol):
    """Turns records into the bytes of an export file."""

    def __call__(self, records: Sequence[Record]) -> bytes:
        """One row a record, in the order given."""
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """A layout of exports.

    Attributes:
        name: what the API calls it.
        media_type: of its files.
        suffix: of their names.
        write: makes the bytes.
    """

    name: str
    media_type: str
    suffix: str
    write: RecordWriter


def export_batch(
    uow: UnitOfWork, blobs: BlobStore, profile: Profile, *, batch: BatchId, actor: str
) -> Export:
    """Export the approved documents of a batch; they become ``exported``.

    The rows are fixed in this unit of work. A document that is out already is not approved any
    more, and should two exports run at once, the unique index lets only one of them have it.

    Raises:
        NotFound: no such batch.
        Conflict: nothing in it is approved.
    """
    batches.get(uow, batch)
    approved = _all(uow, DocumentFilter(batch=batch, state=DocumentState.APPROVED))
    if not approved:
        raise Conflict(f"no document of batch {batch} is approved")
    seen = [documents.lock(uow, document.id) for document in approved]
    rows = records.load_many(uow, seen)
    data = profile.write([rows[document.id] for document in seen])
    ids = tuple(document.id for document in seen)
    new = NewExport(
        batch=batch,
        profile=profile.name,
        sha256=blobs.put(data),
        media_type=profile.media_type,
        documents=ids,
        amends=exports.were_out(uow, list(ids), profile.name),
        created_by=actor,
    )
    export = exports.insert(uow, new)
    for document in seen:
        state = move(document.state, DocumentState.EXPORTED)
        documents.update(uow, document, state=state)
    detail: dict[str, DetailValue] = {"batch": batch, "rows": len(ids), "sha256": new.sha256}
    uow.log(AuditEntry(actor, "export.made", "export", export, detail))
    return exports.get(uow, export)


def preview_batch(uow: UnitOfWork, profile: Profile, *, batch: BatchId) -> bytes:
    """All records of a batch as they stand now, whatever their state; changes nothing.

    Raises:
        NotFound: no such batch.
    """
    batches.get(uow, batch)
    shown = [
        document
        for document in _all(uow, DocumentFilter(batch=batch))
        if document.state is not DocumentState.DISCARDED
    ]
    rows = records.load_many(uow, shown)
    return profile.write([rows[document.id] for document in shown])


def _all(uow: UnitOfWork, wanted: DocumentFilter) -> list[Document]:
    found: list[Document] = []
    after = 0
    while page := documents.page(uow, wanted, after=after, limit=_PAGE):
        found += page
        after = page[-1].id
    return found


__all__ = ["Profile", "RecordWriter", "export_batch", "preview_batch"]
