"""Keeps blank originals of forms, by template and version."""

from __future__ import annotations

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.intake import blanks
from ocr_service.db.intake.blanks import Blank
from ocr_service.db.uow import UnitOfWork
from ocr_service.forms.library import LoadedTemplate
from ocr_service.service.intake.intake import sniff


def register_blank(
    uow: UnitOfWork,
    blobs: BlobStore,
    loaded: LoadedTemplate,
    data: bytes,
    *,
    name: str,
    actor: str,
) -> str:
    """Keep the file of an empty form; the newest one of a template counts.

    Returns:
        The digest it lies under.

    Raises:
        UnsupportedFormat: neither JPEG, PNG, TIFF nor PDF.
    """
    sniff(data[:1024])
    sha256 = blobs.put(data)
    template = loaded.template
    row = blanks.insert(
        uow, Blank(0, template.key, template.version, sha256, name), created_by=actor
    )
    uow.log(AuditEntry(actor, "blank.registered", "template", row, {"sha256": sha256}))
    return sha256


def registered_blanks(uow: UnitOfWork) -> list[Blank]:
    """The blank that counts, for each template and version that has one."""
    return blanks.newest(uow)


__all__ = ["register_blank", "registered_blanks"]
