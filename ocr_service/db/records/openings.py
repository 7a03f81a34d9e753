"""All that a worker has to know of a page or file before it looks at the bytes, in one query."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.intake.files import StoredFile
from ocr_service.db.records import documents, page_hints
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.placement import PageHint


@dataclass(frozen=True, slots=True)
class Opening:
    """A page that is about to be worked on.

    Attributes:
        document: the page; of a file that was not split yet, its first one.
        file: the file it is a page of.
        hint: how the scan lies, where somebody said so.
    """

    document: Document
    file: StoredFile
    hint: PageHint | None


_D, _F, _H = t.documents.c, t.files.c, t.page_hints.c
_QUERY = (
    sa.select(
        t.documents,
        _F.name.label("file_name"),
        _F.batch_id.label("file_batch_id"),
        _F.sha256.label("file_sha256"),
        _F.media_type,
        _F.pages,
        _H.id.label("hint_id"),
        _H.turns,
        _H.corners,
    )
    .join(t.files, _F.id == _D.file_id)
    .outerjoin(t.page_hints, _H.document_id == _D.id)
    .where(_D.id == sa.bindparam("document"))
)


def open_page(uow: UnitOfWork, document: DocumentId) -> Opening:
    """What a worker has to know of a page.

    Raises:
        NotFound: there is none.
    """
    row = uow.connection.execute(_QUERY, {"document": document}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no document {document}")
    file = StoredFile(
        id=FileId(row["file_id"]),
        batch=BatchId(row["file_batch_id"]),
        name=row["file_name"],
        sha256=row["file_sha256"],
        media_type=row["media_type"],
        pages=row["pages"],
    )
    hint = None if row["hint_id"] is None else page_hints.of_row(row)
    return Opening(documents.of_row(row), file, hint)


__all__ = ["Opening", "open_page"]
