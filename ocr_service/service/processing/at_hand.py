"""What a worker knows of a page before it begins, so that nothing is looked up twice."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.blobs import BlobStore
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.openings import Opening, open_page
from ocr_service.db.uow import Database


@dataclass(frozen=True, slots=True)
class AtHand:
    """A page with what was fetched of it already.

    What it tells may be out of date by the time the page is done, as anything read before the work
    may be: whoever changes the page takes its job away, and the fence drops the result.

    Attributes:
        opened: the page, its file and how it lies.
        data: the file's bytes; None = not fetched yet.
    """

    opened: Opening
    data: bytes | None = None

    def bytes_from(self, blobs: BlobStore) -> bytes:
        """The file's bytes.

        Raises:
            ServiceUnavailable: the store failed.
        """
        return blobs.get(self.opened.file.sha256) if self.data is None else self.data


def fetched(db: Database, document: DocumentId) -> AtHand:
    """Look a page up.

    Raises:
        NotFound: there is none.
        ServiceUnavailable: the database failed.
    """
    with db.reading() as uow:
        return AtHand(open_page(uow, document))


__all__ = ["AtHand", "fetched"]
