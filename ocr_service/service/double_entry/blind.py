"""Keeps from sight what people still key blind: the machine's reading and earlier entries."""

from __future__ import annotations

from dataclasses import replace

from ocr_service.db.double_entry import chips
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.domain.field import FieldValue, Status
from ocr_service.domain.record import Record


def keys_kept_blind(uow: UnitOfWork, document: Document) -> frozenset[str]:
    """Record keys that several people still key."""
    return frozenset(chips.open_keys(uow, document))


def without(record: Record, keys: frozenset[str]) -> Record:
    """The record without some of its fields, for pages that show each field."""
    return replace(record, fields=tuple(f for f in record.fields if f.key not in keys))


def masked(record: Record, keys: frozenset[str]) -> Record:
    """The record with all its fields, some of them without anything that was read or keyed."""
    return replace(record, fields=tuple(_mask(f) if f.key in keys else f for f in record.fields))


def refuse_keyed(uow: UnitOfWork, document: DocumentId, key: str) -> None:
    """Let nobody answer a field past those who key it.

    Raises:
        NotFound: no such document.
        Conflict: several people still key the field.
    """
    if key in keys_kept_blind(uow, documents.get(uow, document)):
        raise Conflict(f"several people key {key} first, each without seeing it; see their page")


def _mask(field: FieldValue) -> FieldValue:
    return replace(
        field,
        value=None,
        raw="",
        probability=0.0,
        status=Status.REVIEW,
        alternatives=(),
        reader="",
        flags=frozenset(),
    )


__all__ = ["keys_kept_blind", "masked", "refuse_keyed", "without"]
