"""Confirms many crops at one stroke of Enter, and takes a stroke back as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocr_service.db.audit import AuditEntry
from ocr_service.db.group_review import cells, confirmations
from ocr_service.db.group_review import readings as group_readings
from ocr_service.db.group_review.confirmations import Confirmation
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.review.actions import Effort
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.group_review.document import (
    Desk,
    EffortShare,
    Refusal,
    Refused,
    Said,
    Taken,
    Verdict,
    take_document,
)
from ocr_service.service.review.editing import IssueCheck, recheck, template_of

_DOCUMENTS_AT_ONCE = 20
"""Documents of one transaction: others write in between, and a crash loses no more."""


_NO_EFFORT = Effort(0, 0)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke of Enter.

    Attributes:
        actor: user name.
        template: template key of the fields shown.
        version: its version.
        said: what was said of each crop.
        effort: what the whole screen took.
    """

    actor: str
    template: str
    version: str
    said: tuple[Said, ...]
    effort: Effort = _NO_EFFORT

    @property
    def share(self) -> EffortShare:
        """What one crop of the screen took."""
        crops = max(1, len(self.said))
        return EffortShare(self.effort.ms / crops, self.effort.keystrokes / crops)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a stroke.

    Attributes:
        confirmation: its id, to take it back.
        taken: what was taken, and what was not.
    """

    confirmation: int
    taken: Taken


def confirm(
    db: Database, stroke: Stroke, *, library: TemplateLibrary, check: IssueCheck | None
) -> Outcome:
    """Take a stroke, a few documents in each transaction.

    Crops of documents that changed meanwhile are refused and listed; the others count. The
    confirmed fields are answers of a person like any other: appended, with rules run again.

    Raises:
        ServiceUnavailable: the database failed; what was committed by then stays.
    """
    with db.writing() as uow:
        confirmation = confirmations.insert(
            uow, template=stroke.template, version=stroke.version, actor=stroke.actor
        )
        whose = group_readings.documents_of(uow, (one.reading for one in stroke.said))
    desk = Desk(stroke.actor, confirmation, library, check, stroke.share)
    gone = [
        Refused(one.reading, one.cell, None, Refusal.GONE)
        for one in stroke.said
        if one.reading not in whose
    ]
    taken = Taken(0, 0, 0, gone)
    for some in _shares(stroke.said, whose):
        with db.writing() as uow:
            before = (taken.crops, taken.postponed)
            for document, said in some:
                take_document(uow, document, said, taken, desk=desk)
            detail = {"crops": taken.crops - before[0], "postponed": taken.postponed - before[1]}
            uow.log(
                AuditEntry(stroke.actor, "group.confirmed", "confirmation", confirmation, detail)
            )
    return Outcome(confirmation, taken)


def undo(
    db: Database,
    confirmation: int,
    *,
    actor: str,
    library: TemplateLibrary,
    check: IssueCheck | None,
) -> Taken:
    """Take a whole stroke back: its answers are no longer in force, and its crops are open again.

    Fields that somebody answered since, and documents that left review, stay as they are and are
    listed.

    Raises:
        NotFound: no such confirmation.
        Conflict: it is somebody else's, or was taken back before.
    """
    with db.writing() as uow:
        found = confirmations.get(uow, confirmation)
        if found.actor != actor:
            raise Conflict("only who confirmed may take it back; answer the fields instead")
        if found.undone_at is not None:
            raise Conflict("this confirmation was taken back already")
        answers = confirmations.answers(uow, confirmation)
        whose = group_readings.documents_of(uow, cells.readings_checked_in(uow, confirmation))
        confirmations.set_undone(uow, confirmation)
    by_document = {document: list[int]() for document in sorted({*answers, *whose.values()})}
    for reading, document in whose.items():
        by_document[document].append(reading)
    taken = Taken(0, 0, 0, [])
    for document, checked in by_document.items():
        with db.writing() as uow:
            share = _Share(document, answers.get(document, []), checked)
            _undo_document(uow, found, share, taken, Desk(actor, confirmation, library, check))
    return taken


@dataclass(frozen=True, slots=True)
class _Share:
    """What a stroke did to one document: ids of answers, and of readings whose cells it checked."""

    document: DocumentId
    answers: list[int]
    checked: list[int]


def _undo_document(
    uow: UnitOfWork, found: Confirmation, share: _Share, taken: Taken, desk: Desk
) -> None:
    seen = documents.lock(uow, share.document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        whole = [*share.answers, *share.checked]
        taken.refused += [Refused(one, None, seen.id, Refusal.STATE) for one in whole]
        return
    back = [one for one in share.answers if not confirmations.outranked(uow, one)]
    for answer in back:
        readings.withdraw(uow, answer, actor=desk.actor)
    for reading in share.checked:
        if not group_readings.get(uow, reading).is_open:
            taken.refused.append(Refused(reading, None, seen.id, Refusal.STALE))
            continue
        cells.uncheck(uow, found.id, reading)
        taken.crops += 1
    taken.fields += len(back)
    stale = [one for one in share.answers if one not in back]
    taken.refused += [Refused(one, None, seen.id, Refusal.STALE) for one in stale]
    if back:
        recheck(uow, seen, template_of(desk.library, seen), desk.check)
    detail = {"answers": len(back), "confirmation": found.id}
    uow.log(AuditEntry(desk.actor, "answers.withdrawn", "document", seen.id, detail))


def _shares(
    said: Sequence[Said], whose: dict[int, DocumentId]
) -> Iterator[list[tuple[DocumentId, list[Said]]]]:
    """What was said, by document in id order (so that two strokes never wait for each other)."""
    by_document: dict[DocumentId, list[Said]] = {}
    for one in said:
        if one.reading in whose:
            by_document.setdefault(whose[one.reading], []).append(one)
    ordered = sorted(by_document.items())
    for start in range(0, len(ordered), _DOCUMENTS_AT_ONCE):
        yield ordered[start : start + _DOCUMENTS_AT_ONCE]


__all__ = [
    "Outcome",
    "Refusal",
    "Refused",
    "Said",
    "Stroke",
    "Taken",
    "Verdict",
    "confirm",
    "undo",
]
