"""Double entry: several people key a field blind; what two of them key alike is its value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.double_entry import chips, entries
from ocr_service.db.double_entry.chips import Chip
from ocr_service.db.double_entry.entries import KeyedBefore
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import batches
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.db.review import actions as review_actions
from ocr_service.db.review.actions import Action, Effort, ReviewAction
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.entry import (
    MOST,
    ORDINARY,
    EntryEvent,
    EntryState,
    Keyed,
    agreed,
    event_of,
    step,
)
from ocr_service.domain.errors import Conflict, IllegalTransition, InvalidRequest
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service.review.editing import Edit, IssueCheck, answer_field
from ocr_service.service.review.typing_values import Entered, typed_value

_PAGE = 500
_REVIEWED = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.APPROVED})
_NO_EFFORT = Effort(0, 0)


class NotYours(Conflict):
    """The chip was given to somebody else meanwhile; what was typed was not kept."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person keyed for a chip.

    Attributes:
        chip: id of the chip.
        person: user name.
        value: what he typed; None = nothing is written there.
        illegible: he cannot read it.
        effort: what it took.
    """

    chip: int
    person: str
    value: Entered
    illegible: bool = False
    effort: Effort = _NO_EFFORT


@dataclass(frozen=True, slots=True)
class Judges:
    """What it takes to settle a field.

    Attributes:
        library: the templates.
        check: finds issues after a field was answered.
    """

    library: TemplateLibrary
    check: IssueCheck | None


def wanted_people(template: FormTemplate, at_least: int) -> dict[str, int]:
    """How many people key each field, for the fields that more than one keys."""
    wanted = {key: max(people, at_least) for key, people in template.entries().items()}
    return {key: people for key, people in wanted.items() if people > ORDINARY}


def open_chips(uow: UnitOfWork, document: DocumentId, *, library: TemplateLibrary) -> int:
    """Make the chips that a document under review lacks; one that lacks any is not approved.

    Returns:
        How many were made or raised.
    """
    seen, people = chips.document_with_people(uow, document)
    if seen.template is None or seen.state not in _REVIEWED:
        return 0
    form = library.get(f"{seen.template}@{seen.template_version}").template
    wanted = wanted_people(form, people)
    if not wanted:
        return 0
    # A document is one page; fields of the form's other pages are not on it.
    here = {value.key for value in readings.current(uow, seen)}
    on_page = {key: people for key, people in wanted.items() if key in here}
    made = chips.insert_missing(uow, seen, on_page)
    if made and seen.state is DocumentState.APPROVED:
        documents.update(uow, seen, state=move(seen.state, DocumentState.NEEDS_REVIEW))
    return made


def raise_batch(
    uow: UnitOfWork, batch: BatchId, people: int, *, actor: str, library: TemplateLibrary
) -> int:
    """Have at least so many people key every field of a batch, of pages that wait for review too.

    It is never lowered: what was promised for a batch stays promised.

    Returns:
        How many chips were made or raised.

    Raises:
        NotFound: no such batch.
        InvalidRequest: neither 2 nor 3.
        Conflict: the batch asks for more already.
    """
    if not ORDINARY < people <= MOST:
        raise InvalidRequest("a field is keyed by 2 or 3 people")
    batches.get(uow, batch)
    if people < chips.people_of_batch(uow, batch):
        raise Conflict("this batch is keyed by more people already; that is not lowered")
    chips.set_people_of_batch(uow, batch, people)
    made = after = 0
    wanted = DocumentFilter(batch=batch, state=DocumentState.NEEDS_REVIEW)
    while found := documents.page(uow, wanted, after=after, limit=_PAGE):
        made += sum(open_chips(uow, document.id, library=library) for document in found)
        after = found[-1].id
    detail: dict[str, DetailValue] = {"people": people, "chips": made}
    uow.log(AuditEntry(actor, "batch.entry_raised", "batch", batch, detail))
    return made


def next_chip(
    uow: UnitOfWork,
    *,
    person: str,
    batch: BatchId | None,
    keep_for: timedelta,
    skipped: int | None = None,
) -> Chip | None:
    """Give a person a field that he has not keyed, and keep it for him a while.

    Args:
        uow: open unit of work.
        person: user name.
        batch: only of this batch.
        keep_for: how long nobody else gets it.
        skipped: a chip that comes behind all others, because the person put it off.
    """
    until = uow.now + keep_for
    return chips.claim(uow, person=person, batch=batch, until=until, skipped=skipped)


def give_back(uow: UnitOfWork, chip: int, *, person: str) -> None:
    """Let others have a chip; nothing if it is not this person's any more."""
    found = chips.lock(uow, chip)
    if found.claimed_by == person:
        chips.release(uow, found)


def held_chip(uow: UnitOfWork, chip: int, *, person: str) -> Chip:
    """The chip, if this person has it before his eyes.

    Raises:
        NotFound: no such chip.
        NotYours: somebody else has it, or the time is over.
    """
    found = chips.get(uow, chip)
    late = found.claimed_until is None or found.claimed_until <= uow.now
    if found.claimed_by != person or late:
        raise NotYours("this field is somebody else's by now; take the next one")
    return found


def take_turn(uow: UnitOfWork, turn: Turn, *, judges: Judges) -> EntryState:
    """Keep what a person keyed, and settle the field if two agree.

    Raises:
        NotFound: no such chip.
        NotYours: it was given to somebody else meanwhile.
        KeyedBefore: he keyed this field before.
        IllegalTransition: the document is not under review.
        InvalidRequest: the field cannot hold this value.
    """
    seen, chip = _lock(uow, turn.chip)
    before = entries.of_chips(uow, [chip.id])[chip.id]
    if any(entry.actor == turn.person for entry in before):
        raise KeyedBefore("you keyed this field before; take the next one")
    held_chip(uow, chip.id, person=turn.person)
    keyed = _keyed(uow, turn, chip, judges)
    earlier = [entry.keyed for entry in before]
    state = step(chip.people, chip.state, event_of(earlier, keyed))
    entries.append(uow, chip.id, turn=len(before) + 1, actor=turn.person, keyed=keyed)
    _move_on(uow, seen, chip, state, turn, agreed([*earlier, keyed]), judges)
    return state


def decide(uow: UnitOfWork, turn: Turn, *, judges: Judges) -> None:
    """Settle a field that three people keyed differently; whoever keyed it is barred.

    Raises:
        NotFound: no such chip.
        KeyedBefore: the approver keyed this field himself.
        IllegalTransition: it waits for no decision, or the document is not under review.
        InvalidRequest: the field cannot hold this value.
    """
    seen, chip = _lock(uow, turn.chip)
    state = step(chip.people, chip.state, EntryEvent.DECIDED)
    keyed = _keyed(uow, turn, chip, judges)
    before = entries.of_chips(uow, [chip.id])[chip.id]
    entries.append(
        uow, chip.id, turn=len(before) + 1, actor=turn.person, keyed=keyed, decision=True
    )
    _move_on(uow, seen, chip, state, turn, keyed, judges)


def _lock(uow: UnitOfWork, chip: int) -> tuple[Document, Chip]:
    """The document first, as everybody does, so that nobody waits in a circle."""
    seen = documents.lock(uow, chips.get(uow, chip).document)
    found = chips.lock(uow, chip)
    moved = (found.template, found.version) != (seen.template, seen.template_version)
    if seen.state is not DocumentState.NEEDS_REVIEW or moved:
        raise IllegalTransition("the page of this field left review; take the next one")
    return seen, found


def _keyed(uow: UnitOfWork, turn: Turn, chip: Chip, judges: Judges) -> Keyed:
    if turn.illegible:
        return Keyed(None, illegible=True)
    form = judges.library.get(f"{chip.template}@{chip.version}").template
    today = uow.now.astimezone(JAPAN).date()
    return Keyed(typed_value(form.field_of(chip.key), turn.value, today=today))


def _move_on(  # noqa: PLR0913, PLR0917 - one step of one chip with all it knows
    uow: UnitOfWork,
    seen: Document,
    chip: Chip,
    state: EntryState,
    turn: Turn,
    outcome: Keyed | None,
    judges: Judges,
) -> None:
    chips.set_state(uow, chip, state)
    detail: dict[str, DetailValue] = {"key": chip.key, "chip": chip.id, "state": state.value}
    uow.log(AuditEntry(turn.person, "field.keyed", "document", seen.id, detail))
    step_taken = ReviewAction(
        seen.id, chip.key, Action.CONFIRM, turn.effort, corrected=False, actor=turn.person
    )
    review_actions.add(uow, step_taken)
    if state is not EntryState.SETTLED or outcome is None:
        return
    value = list(outcome.value) if isinstance(outcome.value, tuple) else outcome.value
    edit = Edit(seen.id, chip.key, value, seen.version, turn.person, illegible=outcome.illegible)
    answer_field(uow, edit, library=judges.library, check=judges.check)


__all__ = [
    "Judges",
    "NotYours",
    "Turn",
    "decide",
    "give_back",
    "held_chip",
    "next_chip",
    "open_chips",
    "raise_batch",
    "take_turn",
    "wanted_people",
]
