"""Fields that several people key: who gets them, what settles them, what waits for them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ocr_service.db.double_entry import chips, entries
from ocr_service.db.double_entry.chips import Chip
from ocr_service.db.group_review.groups import GroupFilter, count_fields
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.uow import Database
from ocr_service.domain.entry import EntryState, Keyed
from ocr_service.domain.errors import Conflict, IllegalTransition, InvalidRequest
from ocr_service.domain.field import FieldValue, Flag, Source
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.double_entry import double_entry
from ocr_service.service.double_entry.double_entry import Judges, NotYours, Turn
from ocr_service.service.processing.rereading import Rules
from ocr_service.service.processing.working import Worker
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from ocr_service.service.review.typing_values import Entered
from tests.conftest import TurnableClock
from tests.service.fakes import KEY, Office, value_of
from tests.service.group_world import FORM, LIBRARY, choice, read_pages
from workers.tasks import answer

KEEP = timedelta(minutes=5)
FIELDS = (value_of("name", "試験　太郎"), choice("sex", "male"))


def library_with(people: dict[str, int], default: int = 1) -> TemplateLibrary:
    """The shipped form with some fields keyed by several people."""
    fields = tuple(
        f.model_copy(update={"entry": people[f.key]}) if f.key in people else f for f in FORM.fields
    )
    triage = FORM.triage.model_copy(update={"entry": default})
    form = FORM.model_copy(update={"fields": fields, "triage": triage})
    return TemplateLibrary(
        tuple(
            replace(one, template=form) if one.template.key == KEY else one
            for one in LIBRARY.loaded
        )
    )


NAME_TWICE = library_with({"name": 2})
JUDGES = Judges(NAME_TWICE, None)


class KeyedOffice(Office):
    """An office whose worker makes chips by a library."""

    library: TemplateLibrary = NAME_TWICE

    @property
    def worker(self) -> Worker:
        """With rules, so that it knows the forms."""
        rules = Rules(lambda: self.library, lambda *_all: ())
        return replace(super().worker, rules=rules)


@pytest.fixture(name="desk")
def open_desk(office: Office) -> KeyedOffice:
    """An office where the name is keyed twice."""
    return KeyedOffice(office.db, office.blobs, office.bell, office.reader)


def read_one(desk: KeyedOffice) -> DocumentId:
    return read_pages(desk, FIELDS)[0]


def claim(desk: Office, person: str, batch: BatchId | None = None) -> Chip | None:
    with desk.db.writing() as uow:
        return double_entry.next_chip(uow, person=person, batch=batch, keep_for=KEEP)


def key(
    desk: Office, person: str, entered: Entered, *, illegible: bool = False, judges: Judges = JUDGES
) -> EntryState:
    """Claim whatever comes and key it."""
    chip = claim(desk, person)
    assert chip is not None
    with desk.db.writing() as uow:
        turn = Turn(chip.id, person, entered, illegible=illegible)
        return double_entry.take_turn(uow, turn, judges=judges)


def name_of(desk: Office, document: DocumentId) -> FieldValue:
    with desk.db.reading() as uow:
        found = readings.current(uow, documents.get(uow, document))
        return next(v for v in found if v.key == "name")


def test_two_alike_settle_a_field(desk: KeyedOffice) -> None:
    """Only the field that the form names gets a chip; two equal entries are its answer."""
    document = read_one(desk)
    assert key(desk, "a", "見本　花子") is EntryState.ONE
    assert name_of(desk, document).source is Source.MACHINE
    assert key(desk, "b", "見本　花子") is EntryState.SETTLED
    now = name_of(desk, document)
    assert (now.value, now.source) == ("見本　花子", Source.HUMAN)
    assert claim(desk, "c") is None


def test_nobody_keys_a_field_twice(desk: KeyedOffice) -> None:
    """The queue passes it over, the code refuses it, and the database does too."""
    read_one(desk)
    key(desk, "a", "見本　花子")
    assert claim(desk, "a") is None
    with desk.db.writing() as uow:
        chip = chips.get(uow, 1)
        chips.claim(uow, person="b", batch=None, until=uow.now + KEEP)
        with pytest.raises(entries.KeyedBefore):
            double_entry.take_turn(uow, Turn(chip.id, "a", "x"), judges=JUDGES)
        for turn, actor in ((2, "a"), (1, "b")):
            with pytest.raises(entries.KeyedBefore):
                entries.append(uow, chip.id, turn=turn, actor=actor, keyed=Keyed("x"))


def test_variants_of_kanji_go_to_a_third_person(desk: KeyedOffice) -> None:
    """髙 and 高 differ; whom the third agrees with is right."""
    document = read_one(desk)
    key(desk, "a", "髙橋　花子")
    assert key(desk, "b", "高橋　花子") is EntryState.SPLIT
    assert key(desk, "c", "髙橋　花子") is EntryState.SETTLED
    assert name_of(desk, document).value == "髙橋　花子"


def test_three_different_ones_are_decided_by_an_approver(desk: KeyedOffice) -> None:
    """Whoever keyed it is barred from deciding; one who did not settles it."""
    document = read_one(desk)
    state = EntryState.EMPTY
    for person, entered in (("a", "見本　一子"), ("b", "見本　二子"), ("c", None)):
        state = key(desk, person, entered, illegible=person == "c")
    assert state is EntryState.DEADLOCKED
    assert claim(desk, "d") is None
    with desk.db.writing() as uow:
        (waiting,) = chips.deadlocked(uow)
        with pytest.raises(entries.KeyedBefore):
            double_entry.decide(uow, Turn(waiting.id, "a", "見本　一子"), judges=JUDGES)
    with desk.db.writing() as uow:
        double_entry.decide(uow, Turn(waiting.id, "boss", "見本　二子"), judges=JUDGES)
    assert name_of(desk, document).value == "見本　二子"
    with desk.db.reading() as uow:
        told = entries.of_chips(uow, [waiting.id])[waiting.id]
    assert [(e.turn, e.actor, e.decision) for e in told] == [
        (1, "a", False),
        (2, "b", False),
        (3, "c", False),
        (4, "boss", True),
    ]


def test_an_approver_may_find_a_field_illegible(desk: KeyedOffice) -> None:
    """Then that is the answer, and the field is not taken for empty."""
    document = read_one(desk)
    for person in ("a", "b", "c"):
        key(desk, person, None, illegible=True)
    with desk.db.writing() as uow:
        (waiting,) = chips.deadlocked(uow)
        turn = Turn(waiting.id, "boss", None, illegible=True)
        double_entry.decide(uow, turn, judges=JUDGES)
    now = name_of(desk, document)
    assert (now.source, Flag.ILLEGIBLE in now.flags) == (Source.HUMAN, True)


def test_three_people_and_the_majority(desk: KeyedOffice) -> None:
    """With three, two alike do not settle it before the third has keyed it."""
    desk.library = library_with({"sex": 3})
    judges = Judges(desk.library, None)
    read_one(desk)
    assert key(desk, "a", "male", judges=judges) is EntryState.ONE
    assert key(desk, "b", "male", judges=judges) is EntryState.PAIR
    assert key(desk, "c", "female", judges=judges) is EntryState.SETTLED


def test_a_page_is_not_approved_while_a_field_is_keyed(desk: KeyedOffice) -> None:
    """Neither with a reason nor straight through; afterwards it is."""
    desk.reader.state = DocumentState.APPROVED
    batch = desk.open_batch()
    document = desk.send(batch, b"\xff\xd8\xff").documents[0]
    while desk.bell.rung:
        desk.bell.rung.pop(0)
        answer(desk.worker)
    with desk.db.writing() as uow:
        assert documents.get(uow, document).state is DocumentState.NEEDS_REVIEW
        with pytest.raises(Conflict, match="name"):
            reviewing.approve(uow, Decision(document, "boss"), reason="because")
    key(desk, "a", "見本　花子")
    key(desk, "b", "見本　花子")
    with desk.db.writing() as uow:
        assert reviewing.approve(uow, Decision(document, "boss")).state is DocumentState.APPROVED


def test_reviewers_get_the_page_once_it_is_keyed(desk: KeyedOffice) -> None:
    """A page with an open chip is not given out for review; afterwards it is."""
    document = read_one(desk)

    def given_out() -> bool:
        with desk.db.writing() as uow:
            found = documents.next_to_review(uow, reviewer="r", batch=None)
        return found is not None and found.id == document

    assert not given_out()
    key(desk, "a", "見本　花子")
    key(desk, "b", "見本　花子")
    assert given_out()


def test_a_batch_can_ask_for_more(desk: KeyedOffice) -> None:
    """Raising works on pages that wait already, says how many, and never goes down."""
    document = read_one(desk)
    with desk.db.writing() as uow:
        batch = documents.get(uow, document).batch
        made = double_entry.raise_batch(uow, batch, 2, actor="boss", library=NAME_TWICE)
        assert made == 1
        made = double_entry.raise_batch(uow, batch, 3, actor="boss", library=NAME_TWICE)
        assert made == 2
        assert chips.progress(uow)[batch][EntryState.EMPTY] == 2
        with pytest.raises(Conflict):
            double_entry.raise_batch(uow, batch, 2, actor="boss", library=NAME_TWICE)
        with pytest.raises(InvalidRequest):
            double_entry.raise_batch(uow, batch, 4, actor="boss", library=NAME_TWICE)


def test_a_chip_is_lent_for_a_while(desk: KeyedOffice, clock: TurnableClock) -> None:
    """One holder at a time; given back or too late, the next one has it and the first is told."""
    read_one(desk)
    mine = claim(desk, "a")
    assert mine is not None
    assert claim(desk, "b") is None
    assert claim(desk, "a") == mine
    with desk.db.writing() as uow:
        double_entry.give_back(uow, mine.id, person="a")
    assert claim(desk, "b") is not None
    clock.advance(KEEP.total_seconds() + 1)
    assert claim(desk, "a") is not None
    with desk.db.writing() as uow, pytest.raises(NotYours):
        double_entry.take_turn(uow, Turn(mine.id, "b", "見本　花子"), judges=JUDGES)


def test_values_are_compared_as_the_field_holds_them(desk: KeyedOffice) -> None:
    """Outer spaces do not make a difference; what the field cannot hold is refused."""
    desk.library = library_with({"birth_date": 2})
    judges = Judges(desk.library, None)
    read_pages(desk, (value_of("birth_date", "1980-02-03"),))
    with pytest.raises(InvalidRequest):
        key(desk, "a", "1980-02-31", judges=judges)
    key(desk, "a", "1980-02-03", judges=judges)
    assert key(desk, "b", " 1980-02-03 ", judges=judges) is EntryState.SETTLED


def test_pages_that_left_review_take_no_entries(desk: KeyedOffice) -> None:
    """Their chips are not given out, and one in hand is refused."""
    document = read_one(desk)
    chip = claim(desk, "a")
    assert chip is not None
    with desk.db.writing() as uow:
        reviewing.discard(uow, Decision(document, "boss"))
        with pytest.raises(IllegalTransition):
            double_entry.take_turn(uow, Turn(chip.id, "a", "x"), judges=JUDGES)
    assert claim(desk, "a") is None


def test_reading_again_keeps_what_was_keyed(desk: KeyedOffice) -> None:
    """The first entry counts on after another machine run."""
    document = read_one(desk)
    key(desk, "a", "見本　花子")
    with desk.db.writing() as uow:
        reviewing.retry(uow, desk.bell, Decision(document, "boss"))
    desk.work_off()
    assert key(desk, "b", "見本　花子") is EntryState.SETTLED
    assert name_of(desk, document).value == "見本　花子"


def test_group_review_does_not_show_what_is_keyed_blind(desk: KeyedOffice) -> None:
    """Nobody sees the machine's value of such a field beforehand in a group."""
    read_one(desk)
    with desk.db.reading() as uow:
        shown = count_fields(uow, GroupFilter("a", doubtful_only=False))
    assert {name for _, _, name in shown} == {"sex"}


def at_once(acts: Sequence[object]) -> list[object]:
    """Run all at the same moment; what each gave or raised."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = acts[place]()  # type: ignore[operator]
        except Conflict as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_people_never_get_the_same_chip(desk: KeyedOffice, db: Database) -> None:
    """Six people ask for two chips at the same moment: two get one each, four get none."""
    read_pages(desk, FIELDS, FIELDS)

    def ask(person: str) -> int | None:
        with db.writing() as uow:
            found = double_entry.next_chip(uow, person=person, batch=None, keep_for=KEEP)
        return None if found is None else found.id

    got = at_once([lambda p=f"p{n}": ask(p) for n in range(6)])
    assert sorted(str(one) for one in got if one is not None) == ["1", "2"]


def test_the_same_entry_sent_twice_counts_once(desk: KeyedOffice, db: Database) -> None:
    """A double click at the same moment: one is kept, the other refused."""
    read_one(desk)
    chip = claim(desk, "a")
    assert chip is not None

    def send() -> EntryState:
        with db.writing() as uow:
            return double_entry.take_turn(uow, Turn(chip.id, "a", "見本　花子"), judges=JUDGES)

    got = at_once([send, send])
    assert [one for one in got if one is EntryState.ONE] == [EntryState.ONE]
    assert [one for one in got if isinstance(one, Conflict)]
