"""From approved documents to a broken promise and back, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import pytest

from ocr_service.db.accounts import accounts as account_rows
from ocr_service.db.accounts.accounts import CLERK, User
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.quality import quality
from ocr_service.db.quality import raises as quality_raises
from ocr_service.db.records import documents, readings, records
from ocr_service.db.uow import Database
from ocr_service.domain.errors import Conflict, InvalidRequest
from ocr_service.domain.field import FieldValue, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.quality import NEVER, Verdict
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.service.accounts import accounts
from ocr_service.service.processing.rereading import Rules
from ocr_service.service.quality import raising as quality_raising
from ocr_service.service.quality import sampling
from ocr_service.service.quality.chore import do_quality
from ocr_service.service.quality.report import quality_report
from ocr_service.service.quality.sampling import Seen
from ocr_service.service.review.reviewing import Decision, approve
from tests.conftest import TurnableClock
from tests.service.fakes import FakeReader, Office, jpeg, value_of
from workers.tasks import answer


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    """The shipped forms."""
    return load_library(shipped_folder())


def _sure(key: str, value: str) -> FieldValue:
    field = value_of(key, value)
    return replace(
        field, status=Status.ACCEPTED, probability=0.9995, flags=frozenset(), alternatives=()
    )


FIELDS = (
    _sure("birth_date", "1950-04-01"),
    _sure("age", "71"),
    replace(_sure("sex", "female"), probability=0.99995),
    value_of("name", "山田　花子"),
)


@dataclass
class House:
    """An installation with approved documents.

    Attributes:
        db: the database.
        library: the forms.
        office: sends and reads.
        users: two reviewers.
    """

    db: Database
    library: TemplateLibrary
    office: Office
    users: list[User]

    def send(self, pages: int, *, approved: bool = True) -> BatchId:
        """Documents, read and approved."""
        batch = self.office.open_batch()
        for number in range(pages):
            self.office.send(batch, jpeg(next(_NUMBERS) + number))
        rules = Rules(
            lambda: self.library, lambda _uow, _document, record, _template: record.issues
        )
        while self.office.bell.rung:
            self.office.bell.rung.pop(0)
            answer(replace(self.office.worker, rules=rules))
        with self.db.writing() as uow:
            for document in documents.page(uow, documents.DocumentFilter(batch=batch)):
                if approved:
                    approve(uow, Decision(document.id, "boss"))
        return batch

    def draw_all(self) -> int:
        """Sample every accepted field."""
        with self.db.writing() as uow:
            sampling.set_share(uow, 1.0, actor="boss")
        return sampling.draw(self.db, self.library)

    def look(self, eye: Callable[[str], str | None], who: int = 0) -> list[Verdict]:
        """One person looks at everything that waits for him."""
        found: list[Verdict] = []
        user = self.users[who]
        while True:
            with self.db.writing() as uow:
                shown = sampling.next_sample(uow, user, self.library)
                if shown is None:
                    return found
                value = eye(shown.key)
                seen = Seen(shown.id, value, value is None, user.name)
                found.append(sampling.look(uow, seen, user, self.library))


@dataclass(frozen=True)
class Broken:
    """What a broken promise is about: an exported batch and its document, and one that is not."""

    exported: BatchId
    gone: DocumentId
    back: DocumentId


_NUMBERS = count(1000, 100)


@pytest.fixture
def house(db: Database, library: TemplateLibrary, office: Office) -> House:
    """Two reviewers and a machine that is sure of three fields in four."""
    office.reader = FakeReader(fields=FIELDS)
    with db.writing() as uow:
        for name in ("first", "second"):
            accounts.create_user(uow, name=name, roles=CLERK, actor="test")
        users = [account_rows.user_named(uow, name) for name in ("first", "second")]
    return House(db, library, office, users)


RIGHT = {"birth_date": "1950-04-01", "age": "71", "sex": "female"}


def test_only_accepted_values_of_finished_documents_are_drawn_once(house: House) -> None:
    """Not the doubtful name, not what waits for review, and nothing twice."""
    house.send(2)
    house.send(1, approved=False)
    assert house.draw_all() == 6
    assert house.draw_all() == 0
    with house.db.reading() as uow:
        sizes = {(s.kind, s.band): s.population for s in quality.strata(uow)}
    assert sizes == {("digits", 2): 4, ("choice", 3): 2}


def test_the_share_is_bounded_and_the_seed_stays(house: House) -> None:
    """Another share draws from what comes then."""
    with house.db.writing() as uow:
        seed = sampling.plan_in_force(uow).seed
        sampling.set_share(uow, 0.5, actor="boss")
        assert sampling.plan_in_force(uow) == quality.Plan(seed, 0.5)
        for share in (-0.1, 1.1):
            with pytest.raises(InvalidRequest):
                sampling.set_share(uow, share, actor="boss")


def test_agreement_is_enough_and_one_slip_is_no_error(house: House) -> None:
    """A second person sees disputed samples first, and nobody sees one twice."""
    house.send(1)
    house.draw_all()
    slip = {**RIGHT, "age": "77"}
    assert sorted(house.look(slip.__getitem__)) == ["disputed", "right", "right"]
    assert house.look(slip.__getitem__) == []
    assert house.look(RIGHT.__getitem__, who=1) == [Verdict.RIGHT]
    with house.db.reading() as uow:
        report = quality_report(uow, house.library)
    assert (report.overall.judged, report.overall.escaped, report.raises) == (3, 0, ())


def test_a_settled_sample_takes_no_further_look(house: House) -> None:
    """Nor does one's own disputed one, while others are there."""
    house.send(1)
    house.draw_all()
    first, second = house.users
    with house.db.writing() as uow:
        shown = sampling.next_sample(uow, first, house.library)
        assert shown is not None
        sampling.look(uow, Seen(shown.id, None, True, first.name), first, house.library)
    with house.db.writing() as uow, pytest.raises(Conflict):
        sampling.look(uow, Seen(shown.id, None, True, first.name), first, house.library)
    with house.db.writing() as uow:
        account_rows.set_disabled(uow, second.id, disabled=True)
    with house.db.writing() as uow:
        sampling.look(
            uow, Seen(shown.id, RIGHT[shown.key], False, first.name), first, house.library
        )


def _statuses(house: House, document: DocumentId) -> dict[str, str]:
    with house.db.reading() as uow:
        found = readings.current(uow, documents.get(uow, document))
    return {field.key: field.status.value for field in found}


@pytest.fixture
def broken(house: House) -> Broken:
    """A broken promise: two people saw the same other digits on two documents, one exported."""
    exported, kept = house.send(1), house.send(1)
    with house.db.writing() as uow:
        gone = documents.page(uow, documents.DocumentFilter(batch=exported))[0]
        documents.update(uow, gone, state=DocumentState.EXPORTED)
        back = documents.page(uow, documents.DocumentFilter(batch=kept))[0]
    house.draw_all()
    wrong = {**RIGHT, "age": "17", "birth_date": "1905-04-01"}
    house.look(wrong.__getitem__)
    assert house.look(wrong.__getitem__, who=1).count(Verdict.ESCAPED) == 4
    return Broken(exported, gone.id, back.id)


LOW = {"birth_date": "review", "age": "review", "sex": "accepted", "name": "review"}


def test_a_broken_promise_raises_the_threshold_and_lists_what_is_recalled(
    house: House, broken: Broken
) -> None:
    """By kind; batches with exported documents are named."""
    with house.db.reading() as uow:
        assert quality_raises.floors(uow) == {"digits": NEVER}
        report = quality_report(uow, house.library)
    assert next(kind for kind in report.kinds if kind.kind == "digits").is_breach
    assert [(r.batch, r.documents) for r in report.raises[0].recalls] == [(broken.exported, 1)]


def test_stored_records_follow_a_raised_threshold_and_exported_ones_stay(
    house: House, broken: Broken
) -> None:
    """Once; new pages keep to it as they are read."""
    assert quality_raising.apply_raises(house.db, house.library) == 1
    assert quality_raising.apply_raises(house.db, house.library) == 0
    with house.db.reading() as uow:
        assert documents.get(uow, broken.gone).state is DocumentState.EXPORTED
        assert documents.get(uow, broken.back).state is DocumentState.NEEDS_REVIEW
    assert _statuses(house, broken.back) == LOW
    new = house.send(1, approved=False)
    with house.db.reading() as uow:
        read = documents.page(uow, documents.DocumentFilter(batch=new))[0]
    assert _statuses(house, read.id) == LOW


@pytest.mark.usefixtures("broken")
def test_a_raised_threshold_can_be_taken_back_once(house: House, broken: Broken) -> None:
    """Values nobody looked at are accepted again; every answer stays, with its own moment."""
    quality_raising.apply_raises(house.db, house.library)
    with house.db.writing() as uow:
        assert quality_raising.undo_raise(uow, 1, actor="boss") == 2
    assert _statuses(house, broken.back) == {**LOW, "birth_date": "accepted", "age": "accepted"}
    with house.db.writing() as uow, pytest.raises(Conflict):
        quality_raising.undo_raise(uow, 1, actor="boss")
    with house.db.reading() as uow:
        assert quality_raises.floors(uow) == {}
        history = readings.history(uow, broken.back, "age")
        assert records.load(uow, documents.get(uow, broken.back)).field("age").value == "71"
    assert len(history) == 3
    assert len({answer.created_at for answer in history}) == 1


def test_the_chore_is_done_once_a_minute_by_one_process(house: House, clock: TurnableClock) -> None:
    """The first time comes a minute after the first process has started."""
    house.send(1)
    with house.db.writing() as uow:
        sampling.set_share(uow, 1.0, actor="boss")

    def library() -> TemplateLibrary:
        return house.library

    assert do_quality(house.db, library) == (0, 0)
    clock.advance(61)
    assert do_quality(house.db, library) == (3, 0)
    assert do_quality(house.db, library) == (0, 0)
