"""Lets approved records leave the house: fixed rows, each document once until it is reopened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocr_service.blobs import BlobStore
from ocr_service.db import batches, documents, exports, records
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.documents import Document, DocumentFilter
from ocr_service.db.exports import Export, NewExport
from ocr_service.db.ids import BatchId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, InvalidRequest
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.exporters.csv_file import CsvRow
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """A layout of exports.

    Attributes:
        name: what the API calls it.
        media_type: of its files.
        suffix: of their names.
        write: makes the bytes: one row a record, in the order given, the columns by template.
    """

    name: str
    media_type: str
    suffix: str
    write: Callable[[Sequence[CsvRow], FormTemplate], bytes]


def template_of_batch(
    uow: UnitOfWork, library: TemplateLibrary, *, batch: BatchId, asked: str | None
) -> FormTemplate:
    """The template whose columns an export of this batch has.

    Args:
        uow: open unit of work.
        library: the templates.
        batch: which batch.
        asked: ``KEY[@VERSION]``; None where the batch holds one form only.

    Raises:
        NotFound: no such batch.
        TemplateUnknown: no such template.
        InvalidRequest: the batch holds several forms and none was asked for, or none at all.
    """
    wanted = asked or batches.get(uow, batch).template
    if wanted is not None:
        return library.get(wanted).template
    found = batches.templates(uow, batch)
    keys = sorted({key for key, _ in found})
    if len(keys) > 1:
        raise InvalidRequest(f"the batch holds several forms, name one: {', '.join(keys)}")
    if not keys:
        raise InvalidRequest("no page of the batch was read as a form yet; name a template")
    key, version = max(found)
    return library.get(f"{key}@{version}").template


def export_batch(
    uow: UnitOfWork,
    blobs: BlobStore,
    profile: Profile,
    template: FormTemplate,
    *,
    batch: BatchId,
    actor: str,
) -> Export:
    """Export the approved documents of one form in a batch; they become ``exported``.

    The rows are fixed in this unit of work. A document that is out already is not approved any
    more, and should two exports run at once, the unique index lets only one of them have it.

    Raises:
        NotFound: no such batch.
        Conflict: nothing of this form in it is approved.
    """
    batches.get(uow, batch)
    wanted = DocumentFilter(batch=batch, state=DocumentState.APPROVED, template=template.key)
    approved = _all(uow, wanted)
    if not approved:
        raise Conflict(f"no document of batch {batch} is approved")
    seen = [documents.lock(uow, document.id) for document in approved]
    data = profile.write(_rows(uow, seen), template)
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


def preview_batch(
    uow: UnitOfWork, profile: Profile, template: FormTemplate, *, batch: BatchId
) -> bytes:
    """The records of a batch as they stand now, whatever their state; changes nothing.

    Pages of other forms and discarded ones are left out; unread ones are rows without values.
    """
    shown = [
        document
        for document in _all(uow, DocumentFilter(batch=batch))
        if document.state is not DocumentState.DISCARDED
        and document.template in {None, template.key}
    ]
    return profile.write(_rows(uow, shown), template)


def _rows(uow: UnitOfWork, shown: list[Document]) -> list[CsvRow]:
    found = records.load_many(uow, shown)
    return [CsvRow(str(document.id), found[document.id]) for document in shown]


def _all(uow: UnitOfWork, wanted: DocumentFilter) -> list[Document]:
    found: list[Document] = []
    after = 0
    while page := documents.page(uow, wanted, after=after, limit=_PAGE):
        found += page
        after = page[-1].id
    return found


__all__ = ["Profile", "export_batch", "preview_batch", "template_of_batch"]
