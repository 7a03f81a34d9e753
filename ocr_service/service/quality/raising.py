"""What follows from a broken promise: a higher threshold, now and for what is stored, and its undo.

The threshold is an installation's own, by field kind. New pages keep to it at the end of their
reading. Stored values below it that nobody looked at ask for eyes again, except in documents that
have left the house: their batches are listed, and people decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import DocumentId
from ocr_service.db.quality import quality
from ocr_service.db.quality import raises as quality_raises
from ocr_service.db.quality.raises import Raise
from ocr_service.db.records import documents
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.domain.field import FieldValue, Source, Status
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.quality import is_below, raised_threshold, rate_of
from ocr_service.domain.record import Record
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate

_CHUNK = 10
_OPEN = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.APPROVED})


def raise_if_broken(uow: UnitOfWork, kind: str) -> int | None:
    """Raise the threshold of a kind if its samples show that the promise is broken.

    Returns:
        Number of the raised threshold, None where nothing is shown.
    """
    strata = quality.strata(uow)
    at = raised_threshold(kind, strata, quality_raises.floors(uow).get(kind, 0.0))
    if at is None:
        return None
    breach = rate_of(kind, [stratum for stratum in strata if stratum.kind == kind])
    number = quality_raises.add(uow, breach, accept_at=at)
    detail: dict[str, DetailValue] = {
        "kind": kind,
        "accept_at_ppm": round(at * 1_000_000),
        "escaped": breach.escaped,
        "judged": breach.judged,
    }
    uow.log(AuditEntry("system", "quality.raised", "quality", number, detail))
    return number


def keep_floors(uow: UnitOfWork, record: Record, library: TemplateLibrary) -> Record:
    """A record fresh from the machine, with eyes asked for where a promise was broken."""
    floors = quality_raises.floors(uow)
    if not floors or record.template is None or not record.fields:
        return record
    template = library.get(f"{record.template}@{record.version}").template
    fields = tuple(
        replace(value, status=Status.REVIEW) if _falls(value, template, floors) else value
        for value in record.fields
    )
    falls = fields != record.fields and record.state is DocumentState.APPROVED
    state = DocumentState.NEEDS_REVIEW if falls else record.state
    return replace(record, fields=fields, state=state)


def apply_raises(db: Database, library: TemplateLibrary, *, at_most: int | None = None) -> int:
    """Let stored records follow the thresholds that were raised; how many documents did.

    Args:
        db: the database.
        library: the forms.
        at_most: documents of each threshold in this call; the next call goes on. None = all.
    """
    with db.reading() as uow:
        waiting = quality_raises.unapplied(uow)
    return sum(_apply(db, raised, library, at_most=at_most) for raised in waiting)


def _apply(db: Database, raised: Raise, library: TemplateLibrary, *, at_most: int | None) -> int:
    keys, followed, after = keys_of(raised.kind, library), 0, 0
    while at_most is None or followed < at_most:
        with db.writing() as uow:
            found = quality_raises.affected(uow, raised, keys, after=after, limit=_CHUNK)
            if not found:
                quality_raises.set_applied(uow, raised.id)
                break
            followed += sum(_send_back(uow, document, raised, library) for document in found)
            after = found[-1]
    return followed


def _send_back(
    uow: UnitOfWork, document: DocumentId, raised: Raise, library: TemplateLibrary
) -> bool:
    seen = documents.lock(uow, document)
    if seen.state not in _OPEN:
        return False
    template = library.get(f"{seen.template}@{seen.template_version}").template
    floors = {raised.kind: raised.accept_at}
    low = [
        one.reading for one in quality.accepted(uow, seen) if _falls(one.field, template, floors)
    ]
    quality_raises.answer_again(uow, seen, low, status=Status.REVIEW, actor=raised.actor)
    if seen.state is DocumentState.APPROVED:
        documents.update(uow, seen, state=move(seen.state, DocumentState.NEEDS_REVIEW))
    else:
        documents.update(uow, seen)
    detail: dict[str, DetailValue] = {"raise": raised.id, "fields": len(low)}
    uow.log(AuditEntry("system", "document.recalled", "document", seen.id, detail))
    return True


def undo_raise(uow: UnitOfWork, number: int, *, actor: str) -> int:
    """Take a raised threshold back: values nobody looked at meanwhile are accepted again.

    Documents that went back to review stay there until somebody approves them.

    Returns:
        How many values are accepted again.

    Raises:
        NotFound: there is none.
        Conflict: it is undone already.
    """
    raised = quality_raises.get(uow, number)
    if raised.undone_at is not None:
        raise Conflict("this was taken back already")
    quality_raises.set_undone(uow, number, by=actor)
    floor = quality_raises.floors(uow).get(raised.kind, 0.0)
    by_document: dict[DocumentId, list[int]] = defaultdict(list)
    for document, reading, probability in quality_raises.answered_by(uow, raised.actor):
        if probability >= floor:
            by_document[document].append(reading)
    for document, found in by_document.items():
        seen = documents.lock(uow, document)
        again = f"{raised.actor}:undone"
        quality_raises.answer_again(uow, seen, found, status=Status.ACCEPTED, actor=again)
        documents.update(uow, seen)
    fields = sum(map(len, by_document.values()))
    detail: dict[str, DetailValue] = {"kind": raised.kind, "fields": fields}
    uow.log(AuditEntry(actor, "quality.undone", "quality", number, detail))
    return fields


def keys_of(kind: str, library: TemplateLibrary) -> set[tuple[str, str, str]]:
    """(template, version, record key) of every field of a kind."""
    return {
        (loaded.template.key, loaded.template.version, key)
        for loaded in library.loaded
        for spec in loaded.template.fields
        if spec.kind == kind
        for key in spec.record_keys
    }


def _falls(value: FieldValue, template: FormTemplate, floors: Mapping[str, float]) -> bool:
    kind = template.field_of(value.key).kind
    machine = value.source is Source.MACHINE and value.status is Status.ACCEPTED
    return machine and is_below(value.probability, kind, floors)


__all__ = ["apply_raises", "keep_floors", "keys_of", "raise_if_broken", "undo_raise"]
