"""Notices the same sheet scanned twice, and two sheets of the same record."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ocr_service.db.ids import DocumentId
from ocr_service.db.intake import likenesses
from ocr_service.db.intake.likenesses import Likeness
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Record, Severity

RECORD_KEYS = ("voucher_municipality_code", "voucher_number", "voucher_dose")
"""What a record is known by: one voucher, one dose, one form."""

MAX_DISTANCE = 72
"""Bits of 1024 that two looks of one sheet may differ in; see ``pipeline.looks``."""

_VIEW_DIGITS = 256


def compared(uow: UnitOfWork, document: DocumentId, record: Record, look: str | None) -> Record:
    """The record with an issue for each likeness to an earlier page; such a one needs eyes.

    Args:
        uow: open unit of work.
        document: the page, just read.
        record: what was read.
        look: the page's difference hash.
    """
    if record.template is None:
        return record
    likeness = Likeness(document, record.template, look, record_key(record))
    likenesses.put(uow, likeness)
    found = _issues(uow, likeness)
    if not found:
        return record
    approved = record.state is DocumentState.APPROVED
    state = DocumentState.NEEDS_REVIEW if approved else record.state
    return replace(record, state=state, issues=(*record.issues, *found))


def compared_again(uow: UnitOfWork, document: DocumentId, record: Record) -> tuple[Issue, ...]:
    """The likenesses of a page after a person changed a value of its record."""
    known = likenesses.get(uow, document)
    if known is None:
        return ()
    likeness = replace(known, record_key=record_key(record))
    if likeness != known:
        likenesses.put(uow, likeness)
    return _issues(uow, likeness)


def record_key(record: Record) -> str | None:
    """A hash of municipality, voucher and dose; None where one of them is missing."""
    values = {field.key: field.value for field in record.fields}
    parts = [values.get(key) for key in RECORD_KEYS]
    if record.template is None or not all(isinstance(part, str) and part for part in parts):
        return None
    told = "\n".join([record.template, *(str(part) for part in parts)])
    return hashlib.sha256(told.encode()).hexdigest()


def distance(look: str, other: str) -> int:
    """Bits in which two looks differ."""
    return (int(look, 16) ^ int(other, 16)).bit_count()


def _issues(uow: UnitOfWork, likeness: Likeness) -> tuple[Issue, ...]:
    found = []
    same = likenesses.same_record(uow, likeness)
    if same:
        found.append(_same_record(same[0]))
    alike = _lookalike(uow, likeness)
    if alike is not None:
        found.append(_looks_alike(alike))
    return tuple(found)


def _lookalike(uow: UnitOfWork, likeness: Likeness) -> DocumentId | None:
    if likeness.look is None or len(likeness.look) != _VIEW_DIGITS:
        return None
    for other in likenesses.recent(uow, likeness):
        contradict = None not in {likeness.record_key, other.record_key}
        if contradict and likeness.record_key != other.record_key:
            continue
        if other.look and distance(likeness.look, other.look) <= MAX_DISTANCE:
            return other.document
    return None


def _same_record(other: DocumentId) -> Issue:
    return Issue(
        "document.same_record",
        Severity.WARNING,
        RECORD_KEYS,
        f"文書{other}と接種券・回数が同じです。二重でないか確かめてください。",
        f"Document {other} has the same voucher and dose. Check that it is not counted twice.",
    )


def _looks_alike(other: DocumentId) -> Issue:
    return Issue(
        "document.looks_alike",
        Severity.WARNING,
        (),
        f"文書{other}と同じ用紙のようです。二度スキャンしていないか確かめてください。",
        f"This looks like the sheet of document {other}. Check that it was not scanned twice.",
    )


__all__ = [
    "MAX_DISTANCE",
    "RECORD_KEYS",
    "compared",
    "compared_again",
    "distance",
    "record_key",
]
