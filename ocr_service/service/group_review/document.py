"""What one stroke of the group review does to one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ocr_service.db.audit import AuditEntry
from ocr_service.db.group_review import cells, confirmations
from ocr_service.db.group_review import readings as group_readings
from ocr_service.db.group_review.readings import SeenReading
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import Origin
from ocr_service.db.review import actions as review_actions
from ocr_service.db.review.actions import Action, Effort, ReviewAction
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Flag, Source, Status, Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.fields import DigitsField
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.group_review.cell_values import EMPTY_CELL, value_of_cells, written_cells
from ocr_service.service.review.editing import Edit, IssueCheck, put_answer, recheck, template_of
from ocr_service.service.review.typing_values import Entered

_ONE_CELL = frozenset("0123456789" + EMPTY_CELL)


class Verdict(StrEnum):
    """What a person said of a crop."""

    RIGHT = "right"  # the machine read it well
    OTHER = "other"  # it is another value
    DIFFERENT = "different"  # not this value; somebody is to look at the page


class Refusal(StrEnum):
    """Why a crop could not be taken."""

    GONE = "gone"  # there is no such reading
    STALE = "stale"  # somebody answered it, or it was read again
    HELD = "held"  # somebody has the document open
    STATE = "state"  # the document is not under review any more
    INVALID = "invalid"  # the field cannot hold this value


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of one crop.

    Attributes:
        reading: id of the machine's reading that was shown; it is also the version seen.
        cell: place among the field's cells; None = the whole field.
        verdict: what was said.
        value: the other value, where ``verdict`` is ``OTHER``.
    """

    reading: int
    cell: int | None
    verdict: Verdict
    value: Entered = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A crop that was not taken, and why."""

    reading: int
    cell: int | None
    document: DocumentId | None
    why: Refusal


@dataclass(slots=True)
class Taken:
    """What became of a stroke so far.

    Attributes:
        crops: crops taken, postponed ones not counted.
        fields: fields that were answered by it.
        postponed: crops that were sent to the review of their page.
        refused: crops that were not taken.
    """

    crops: int
    fields: int
    postponed: int
    refused: list[Refused]


@dataclass(frozen=True, slots=True)
class EffortShare:
    """What one crop took: milliseconds and keys, most often a small part of a key."""

    ms: float
    keystrokes: float

    def of(self, crops: int) -> Effort:
        """What so many crops took, to whole numbers."""
        return Effort(round(self.ms * crops), round(self.keystrokes * crops))


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to answer fields.

    Attributes:
        actor: user name.
        confirmation: id of the stroke.
        library: the templates.
        check: finds issues after a change.
        effort: what one crop took.
    """

    actor: str
    confirmation: int
    library: TemplateLibrary
    check: IssueCheck | None
    effort: EffortShare = EffortShare(0.0, 0.0)


def take_document(
    uow: UnitOfWork, document: DocumentId, said: Sequence[Said], taken: Taken, *, desk: Desk
) -> None:
    """Take what was said of the crops of one document; what cannot be taken is refused singly.

    Args:
        uow: open unit of work.
        document: whose crops.
        said: of it.
        taken: is added to.
        desk: what it takes.
    """
    seen = documents.lock(uow, document)
    whole = _closed(uow, seen, desk.actor)
    if whole is not None:
        taken.refused += [Refused(one.reading, one.cell, document, whole) for one in said]
        return
    by_reading: dict[int, list[Said]] = {}
    for one in said:
        by_reading.setdefault(one.reading, []).append(one)
    changed = [
        _take_reading(uow, seen, reading, of_reading, taken, desk)
        for reading, of_reading in by_reading.items()
    ]
    if any(changed):
        recheck(uow, seen, template_of(desk.library, seen), desk.check)


def _take_reading(
    uow: UnitOfWork, seen: Document, reading: int, said: list[Said], taken: Taken, desk: Desk
) -> bool:
    """Take what was said of one field; whether its value changed hands, so that rules must run."""
    found = group_readings.get(uow, reading)
    if not found.is_open:
        _refuse(taken, found, said, Refusal.STALE)
        return False
    if said[0].cell is None:
        return _take_field(uow, seen, found, said[0], taken, desk)
    return _take_cells(uow, seen, found, said, taken, desk)


def _closed(uow: UnitOfWork, seen: Document, actor: str) -> Refusal | None:
    if seen.state is not DocumentState.NEEDS_REVIEW:
        return Refusal.STATE
    held = seen.claimed_until is not None and seen.claimed_until > uow.now
    return Refusal.HELD if held and seen.claimed_by != actor else None


def _take_field(
    uow: UnitOfWork, seen: Document, found: SeenReading, said: Said, taken: Taken, desk: Desk
) -> bool:
    if said.verdict is Verdict.DIFFERENT:
        _doubt(uow, seen, found, desk)
        taken.postponed += 1
        return True
    value = _entered(found.field.value) if said.verdict is Verdict.RIGHT else said.value
    try:
        _answer(uow, seen, found, value, desk)
    except InvalidRequest:
        _refuse(taken, found, [said], Refusal.INVALID)
        return False
    taken.crops += 1
    taken.fields += 1
    return True


def _take_cells(
    uow: UnitOfWork, seen: Document, found: SeenReading, said: list[Said], taken: Taken, desk: Desk
) -> bool:
    if any(one.verdict is Verdict.DIFFERENT for one in said):
        # One wrong cell is a reason to look at the whole field.
        _doubt(uow, seen, found, desk)
        taken.postponed += len(said)
        return True
    read = {cell.position: cell.text for cell in cells.of_reading(uow, found.id)}
    known = cells.checked(uow, found.id)
    good: dict[int, str] = {}
    for one in said:
        text = read.get(one.cell or 0) if one.verdict is Verdict.RIGHT else one.value
        if one.cell in known or one.cell not in read:
            _refuse(taken, found, [one], Refusal.STALE)
        elif not isinstance(text, str) or text not in _ONE_CELL:
            _refuse(taken, found, [one], Refusal.INVALID)
        else:
            good[one.cell] = text
    cells.check(uow, desk.confirmation, found.id, good)
    taken.crops += len(good)
    return _finish_field(uow, seen, found, {**known, **good}, taken, desk)


def _finish_field(
    uow: UnitOfWork,
    seen: Document,
    found: SeenReading,
    said: Mapping[int, str],
    taken: Taken,
    desk: Desk,
) -> bool:
    """Answer the field if all its cells are known; if they make no value, somebody looks at it."""
    loaded = desk.library.get(f"{found.template}@{found.version}")
    spec = loaded.template.field_of(found.field.key)
    if not isinstance(spec, DigitsField) or not set(written_cells(spec)) <= set(said):
        return False
    era: Value = None
    if spec.era_field is not None:
        marked = readings.current_of_key(uow, seen, spec.era_field)
        if marked is None or marked.status is Status.REVIEW:
            _doubt(uow, seen, found, desk)
            return True
        era = marked.value
    try:
        _answer(uow, seen, found, value_of_cells(spec, said, era), desk)
    except InvalidRequest:
        _doubt(uow, seen, found, desk)
        return True
    taken.fields += 1
    return True


def _answer(
    uow: UnitOfWork, seen: Document, found: SeenReading, value: Entered, desk: Desk
) -> None:
    edit = Edit(
        document=found.document,
        key=found.field.key,
        value=value,
        expected_version=seen.version,
        actor=desk.actor,
    )
    answer = put_answer(uow, seen, edit, template_of(desk.library, seen))
    confirmations.add_answers(uow, desk.confirmation, [answer])
    corrected = value != _entered(found.field.value)
    action = Action.CHANGE if corrected else Action.CONFIRM
    _remember(uow, found, action, desk, corrected=corrected)


def _doubt(uow: UnitOfWork, seen: Document, found: SeenReading, desk: Desk) -> None:
    """Have somebody look at the field on its page, however sure the machine was."""
    doubted = replace(
        found.field,
        source=Source.DEFAULT,
        status=Status.REVIEW,
        flags=found.field.flags | {Flag.DISAGREEMENT},
    )
    origin = Origin(found.document, found.template, found.version, desk.actor)
    position = readings.position_of(uow, seen, doubted.key)
    added = readings.append(uow, origin, [doubted], first_position=position)
    confirmations.add_answers(uow, desk.confirmation, added)
    detail = {"key": doubted.key}
    uow.log(AuditEntry(desk.actor, "field.doubted", "document", found.document, detail))
    _remember(uow, found, Action.POSTPONE, desk)


def _remember(
    uow: UnitOfWork, found: SeenReading, action: Action, desk: Desk, *, corrected: bool = False
) -> None:
    """Count the effort: a field of cells took as many crops as it has cells."""
    crops = len(cells.of_reading(uow, found.id)) or 1
    step = ReviewAction(
        document=found.document,
        key=found.field.key,
        action=action,
        effort=desk.effort.of(crops),
        corrected=corrected,
        actor=desk.actor,
    )
    review_actions.add(uow, step)


def _refuse(taken: Taken, found: SeenReading, said: list[Said], why: Refusal) -> None:
    taken.refused += [Refused(one.reading, one.cell, found.document, why) for one in said]


def _entered(value: Value) -> Entered:
    return list(value) if isinstance(value, tuple) else value


__all__ = ["Desk", "Refusal", "Refused", "Said", "Taken", "Verdict", "take_document"]
