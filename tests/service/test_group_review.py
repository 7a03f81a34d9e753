"""Many crops of one reading: listed outliers first, confirmed at one stroke, taken back as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr_service.db.export import values as export_values
from ocr_service.db.export.values import Moment
from ocr_service.db.group_review import groups
from ocr_service.db.group_review.groups import GroupFilter, GroupItem
from ocr_service.db.ids import DocumentId
from ocr_service.db.quality import quality
from ocr_service.db.quality import raises as quality_raises
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, InvalidRequest
from ocr_service.domain.field import FieldValue, Flag, Source, Status
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.model import FormTemplate
from ocr_service.service.group_review import confirming as group_confirming
from ocr_service.service.group_review import listing as group_review
from ocr_service.service.group_review.confirming import Outcome, Refusal, Said, Stroke, Verdict
from ocr_service.service.group_review.listing import GroupName, Part
from ocr_service.service.review import reviewing
from ocr_service.service.review.editing import Edit, answer_field
from ocr_service.service.review.reviewing import Decision
from tests.conftest import TurnableClock
from tests.service.fakes import KEY, VERSION, Office
from tests.service.group_world import LIBRARY, accepted, choice, digits, read_pages

NAME = f"{KEY}@{VERSION}"
DOUBTFUL = GroupFilter("clerk")
ALL = GroupFilter("clerk", doubtful_only=False)
SEVENS = GroupName(NAME, Part.CELLS, text="7")


def items(office: Office, name: GroupName, wanted: GroupFilter = DOUBTFUL) -> list[GroupItem]:
    with office.db.reading() as uow:
        alike = group_review.alike_of(uow, name, library=LIBRARY)
        found, total = group_review.screen(uow, wanted, alike, limit=200)
        assert total == len(found)
        return found


def stroke(office: Office, *said: Said, actor: str = "clerk") -> Outcome:
    done = Stroke(actor, KEY, VERSION, said)
    return group_confirming.confirm(office.db, done, library=LIBRARY, check=None)


def right(item: GroupItem) -> Said:
    return Said(item.reading, item.cell, Verdict.RIGHT)


def value(office: Office, document: DocumentId, key: str) -> FieldValue:
    with office.db.reading() as uow:
        found = readings.current(uow, documents.get(uow, document))
        return next(v for v in found if v.key == key)


def answer(office: Office, document: DocumentId, key: str, entered: str) -> None:
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, key, entered, version, "other")
        answer_field(uow, edit, library=LIBRARY, check=None)


def test_marks_read_alike_are_one_group_over_all_questions(office: Office) -> None:
    """Two pages with three times "no" make one group of three, the least sure first."""
    read_pages(
        office,
        (choice("q1", "no", 0.8), choice("q2", "no", 0.6)),
        (choice("q1", "no", 0.7), choice("q2", "yes")),
    )
    with office.db.reading() as uow:
        (form,) = group_review.overview(uow, DOUBTFUL, library=LIBRARY)
    assert [(t.value, t.count) for t in form.marks] == [("no", 3), ("yes", 1)]
    assert [(g.key, g.total) for g in form.fields] == [("q1", 2), ("q2", 2)]
    sample = form.marks[0].sample
    found = items(office, GroupName(NAME, Part.MARKS, like=sample))
    assert [item.probability for item in found] == [0.6, 0.7, 0.8]
    only = items(office, GroupName(NAME, Part.FIELD, key="q1", like=sample))
    assert [item.probability for item in only] == [0.7, 0.8]


def test_one_stroke_answers_the_fields_of_all_their_documents(office: Office) -> None:
    """Confirmed crops are a person's answers: in force, sure, versions up; the group is empty."""
    first, second = read_pages(office, (choice("q1", "no"),), (choice("q1", "no"),))
    found = items(office, GroupName(NAME, Part.FIELD, key="q1"))
    done = stroke(office, *map(right, found))
    assert (done.taken.crops, done.taken.fields, done.taken.refused) == (2, 2, [])
    for document in (first, second):
        now = value(office, document, "q1")
        assert (now.value, now.source, now.status) == ("no", Source.HUMAN, Status.ACCEPTED)
    assert items(office, GroupName(NAME, Part.FIELD, key="q1")) == []


def test_rules_run_once_for_a_document_however_many_crops_it_has(office: Office) -> None:
    """After all its answers, and with all of them in force."""
    read_pages(office, tuple(choice(f"q{n}", "no") for n in range(1, 8)))
    found = items(office, GroupName(NAME, Part.MARKS, like=_sample(office)))
    judged: list[list[object]] = []

    def check(
        _uow: UnitOfWork, _seen: Document, record: Record, _template: FormTemplate
    ) -> tuple[Issue, ...]:
        judged.append([record.field(f"q{n}").source for n in range(1, 8)])
        return ()

    done = Stroke("clerk", KEY, VERSION, tuple(map(right, found)))
    group_confirming.confirm(office.db, done, library=LIBRARY, check=check)
    assert judged == [[Source.HUMAN] * 7]


def _sample(office: Office) -> int:
    with office.db.reading() as uow:
        (form,) = group_review.overview(uow, DOUBTFUL, library=LIBRARY)
    return form.marks[0].sample


def test_another_value_and_a_postponed_crop_go_their_own_ways(office: Office) -> None:
    """Space sends a crop to the review of its page, typing answers it otherwise."""
    pages = read_pages(
        office, (choice("q1", "no"),), (accepted(choice("q1", "no")),), (choice("q1", "no"),)
    )
    by_document = {i.document: i for i in items(office, GroupName(NAME, Part.FIELD, "q1"), ALL)}
    one, two, three = (by_document[page] for page in pages)
    done = stroke(
        office,
        Said(one.reading, None, Verdict.OTHER, "yes"),
        Said(two.reading, None, Verdict.DIFFERENT),
        right(three),
    )
    assert (done.taken.crops, done.taken.postponed) == (2, 1)
    assert value(office, pages[0], "q1").value == "yes"
    doubted = value(office, pages[1], "q1")
    assert (doubted.source, doubted.status) == (Source.DEFAULT, Status.REVIEW)
    assert Flag.DISAGREEMENT in doubted.flags
    assert items(office, GroupName(NAME, Part.FIELD, "q1"), ALL) == []


def test_crops_of_changed_documents_are_listed_and_the_rest_counts(
    office: Office, clock: TurnableClock
) -> None:
    """Answered meanwhile, held by somebody, approved, unknown, no such value: each says why."""
    pages = read_pages(office, *[(choice("q1", "no"), choice("q2", "no"))] * 4)
    found = {i.document: i for i in items(office, GroupName(NAME, Part.FIELD, "q1"))}
    answer(office, pages[0], "q1", "yes")
    with office.db.writing() as uow:
        documents.set_claim(uow, pages[1], by="other", until=clock().replace(year=2030))
        reviewing.approve(uow, Decision(pages[2], "other"))
    answer(office, pages[3], "q2", "yes")  # another field of the page does not matter
    done = stroke(
        office,
        *map(right, found.values()),
        Said(999_999, None, Verdict.RIGHT),
    )
    refused = {(r.document, r.why) for r in done.taken.refused}
    assert refused == {
        (pages[0], Refusal.STALE),
        (pages[1], Refusal.HELD),
        (pages[2], Refusal.STATE),
        (None, Refusal.GONE),
    }
    assert done.taken.fields == 1
    assert value(office, pages[0], "q1").value == "yes"
    assert value(office, pages[3], "q1").source is Source.HUMAN


def test_ambiguous_marks_cannot_be_confirmed_as_they_are(office: Office) -> None:
    """A question with two marks takes a value or a look at its page."""
    (page,) = read_pages(office, (choice("q1", "ambiguous"),))
    (item,) = items(office, GroupName(NAME, Part.FIELD, "q1"))
    assert stroke(office, right(item)).taken.refused[0].why is Refusal.INVALID
    assert value(office, page, "q1").source is Source.MACHINE


def test_a_field_counts_once_all_its_cells_do(office: Office) -> None:
    """The sevens first, the rest after: only then is the date a person's answer."""
    (page,) = read_pages(office, (digits("birth_date", "19770707", "1977-07-07", weak=5),))
    sevens = items(office, SEVENS)
    assert [item.cell for item in sevens] == [5, 2, 3, 7]
    done = stroke(office, *map(right, sevens))
    assert (done.taken.crops, done.taken.fields) == (4, 0)
    assert value(office, page, "birth_date").source is Source.MACHINE
    rest = [i for c in "190" for i in items(office, GroupName(NAME, Part.CELLS, text=c))]
    done = stroke(office, *map(right, rest))
    assert (done.taken.crops, done.taken.fields) == (4, 1)
    now = value(office, page, "birth_date")
    assert (now.value, now.source) == ("1977-07-07", Source.HUMAN)


def test_a_cell_typed_otherwise_changes_the_value(office: Office) -> None:
    """The value follows from what the cells were said to hold, empty leading cells included."""
    (page,) = read_pages(office, (digits("age", "_17", "17"),))
    cells = [i for c in "_17" for i in items(office, GroupName(NAME, Part.CELLS, text=c))]
    blank, one, seven = cells
    stroke(office, right(blank), Said(one.reading, one.cell, Verdict.OTHER, "7"), right(seven))
    assert value(office, page, "age").value == "77"


def test_cells_that_make_no_date_are_looked_at(office: Office) -> None:
    """A 13th month is nobody's answer: the field goes to the review of its page."""
    (page,) = read_pages(office, (digits("birth_date", "19771307", "19771307"),))
    found = [i for c in "01379" for i in items(office, GroupName(NAME, Part.CELLS, text=c))]
    assert stroke(office, *map(right, found)).taken.fields == 0
    now = value(office, page, "birth_date")
    assert (now.source, now.status) == (Source.DEFAULT, Status.REVIEW)


def test_one_different_cell_postpones_its_field(office: Office) -> None:
    """Its other cells leave the groups, too: somebody looks at the whole field."""
    (page,) = read_pages(office, (digits("birth_date", "19770707", "1977-07-07"),))
    (first, *_) = items(office, SEVENS)
    stroke(office, Said(first.reading, first.cell, Verdict.DIFFERENT))
    assert items(office, SEVENS) == []
    assert value(office, page, "birth_date").status is Status.REVIEW


def test_cells_take_one_digit_or_nothing(office: Office) -> None:
    """Two digits, letters and unreadable signs are refused, and so is a cell that is checked."""
    read_pages(office, (digits("birth_date", "1977070?", "1977070?"),))
    (unreadable,) = items(office, GroupName(NAME, Part.CELLS, text="?"))
    bad = [Said(unreadable.reading, 7, Verdict.OTHER, v) for v in ("12", "x", "")]
    for said in (*bad, right(unreadable)):
        assert stroke(office, said).taken.refused[0].why is Refusal.INVALID
    good = Said(unreadable.reading, 7, Verdict.OTHER, "1")
    assert stroke(office, good).taken.crops == 1
    assert stroke(office, good).taken.refused[0].why is Refusal.STALE


def test_a_stroke_is_taken_back_as_a_whole(office: Office) -> None:
    """Answers, postponements and cells: all as before, and the groups are full again."""
    first, second = read_pages(
        office,
        (choice("q1", "no"), digits("age", "_77", "77")),
        (choice("q1", "no"),),
    )
    marks = items(office, GroupName(NAME, Part.FIELD, "q1"))
    sevens = items(office, SEVENS)
    blank = items(office, GroupName(NAME, Part.CELLS, text="_"))
    done = stroke(
        office,
        right(marks[0]),
        Said(marks[1].reading, None, Verdict.DIFFERENT),
        *map(right, (*sevens, *blank)),
    )
    assert value(office, first, "age").source is Source.HUMAN
    back = group_confirming.undo(
        office.db, done.confirmation, actor="clerk", library=LIBRARY, check=None
    )
    assert back.refused == []
    for document, key in ((first, "q1"), (second, "q1"), (first, "age")):
        assert value(office, document, key).source is Source.MACHINE
    assert items(office, GroupName(NAME, Part.FIELD, "q1")) == marks
    assert items(office, SEVENS) == sevens
    with office.db.reading() as uow:
        history = readings.history(uow, first, "age")
    assert [a.field.source for a in history] == [Source.MACHINE, Source.HUMAN]


def test_what_was_answered_since_stays(office: Office, clock: TurnableClock) -> None:
    """Taking back touches neither later answers nor documents that are approved; it says so."""
    del clock
    pages = read_pages(office, *[(choice("q1", "no"),)] * 3)
    done = stroke(office, *map(right, items(office, GroupName(NAME, Part.FIELD, "q1"))))
    answer(office, pages[0], "q1", "yes")
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(pages[1], "other"))
    back = group_confirming.undo(
        office.db, done.confirmation, actor="clerk", library=LIBRARY, check=None
    )
    assert {(r.document, r.why) for r in back.refused} == {
        (pages[0], Refusal.STALE),
        (pages[1], Refusal.STATE),
    }
    assert [value(office, p, "q1").source for p in pages] == [
        Source.HUMAN,
        Source.HUMAN,
        Source.MACHINE,
    ]
    with pytest.raises(Conflict, match="already"):
        group_confirming.undo(
            office.db, done.confirmation, actor="clerk", library=LIBRARY, check=None
        )


def test_only_who_confirmed_takes_back(office: Office) -> None:
    """Somebody else answers the fields instead."""
    read_pages(office, (choice("q1", "no"),))
    done = stroke(office, *map(right, items(office, GroupName(NAME, Part.FIELD, "q1"))))
    with pytest.raises(Conflict, match="only who confirmed"):
        group_confirming.undo(
            office.db, done.confirmation, actor="other", library=LIBRARY, check=None
        )


def test_filters_leave_out_accepted_held_and_other_batches(
    office: Office, clock: TurnableClock
) -> None:
    """The counts follow the filters, and nobody sees crops of a page somebody has open."""
    read_pages(office, (choice("q1", "no"),), (accepted(choice("q1", "no")),))
    (held,) = read_pages(office, (choice("q1", "no"),))
    with office.db.writing() as uow:
        documents.set_claim(uow, held, by="other", until=clock().replace(year=2030))
    totals = {}
    with office.db.reading() as uow:
        batch = documents.get(uow, held).batch
        for name, wanted in {
            "doubtful": DOUBTFUL,
            "all": ALL,
            "batch": replace(ALL, batch=batch),
            "holder": GroupFilter("other"),
            "form": replace(ALL, template="influenza-elderly"),
        }.items():
            totals[name] = sum(groups.count_fields(uow, wanted).values())
    assert totals == {"doubtful": 1, "all": 2, "batch": 0, "holder": 2, "form": 0}


def test_rereading_forgets_checks_of_cells(office: Office) -> None:
    """Cells belong to one reading; another reading is checked anew."""
    (page,) = read_pages(office, (digits("birth_date", "19770707", "1977-07-07"),))
    stroke(office, *map(right, items(office, SEVENS)))
    with office.db.writing() as uow:
        reviewing.retry(uow, office.bell, Decision(page, "clerk"))
    office.work_off()
    assert len(items(office, SEVENS)) == 4


def test_a_group_needs_a_name(office: Office) -> None:
    """Cells without a character and marks without a sample are refused."""
    with office.db.reading() as uow:
        for part in (Part.CELLS, Part.MARKS):
            with pytest.raises(InvalidRequest):
                group_review.alike_of(uow, GroupName(NAME, part), library=LIBRARY)


def test_exports_and_samples_know_what_was_taken_back(office: Office, clock: TurnableClock) -> None:
    """Nothing that was withdrawn goes out; what went out before stays as it was."""
    (page,) = read_pages(office, (accepted(choice("q1", "no")),))
    (item,) = items(office, GroupName(NAME, Part.FIELD, "q1"), ALL)
    done = stroke(office, Said(item.reading, None, Verdict.OTHER, "yes"))
    before = clock()
    clock.advance(60)
    with office.db.reading() as uow:
        seen = documents.get(uow, page)
        assert quality.accepted(uow, seen) == []
        assert export_values.values_now(uow, [page], None)[page]["q1"] == "yes"
    group_confirming.undo(office.db, done.confirmation, actor="clerk", library=LIBRARY, check=None)
    with office.db.reading() as uow:
        assert export_values.values_now(uow, [page], None)[page]["q1"] == "no"
        for moment, expected in ((before, "yes"), (clock(), "no")):
            then = Moment(page, KEY, VERSION, 999, moment)
            assert export_values.values_then(uow, then, None)["q1"] == expected
        (read,) = quality.accepted(uow, documents.get(uow, page))
    assert read.field.key == "q1"


def test_a_raised_threshold_keeps_the_cells(office: Office) -> None:
    """Fields that a raised threshold sends to review are confirmed cell by cell like others."""
    (page,) = read_pages(office, (accepted(digits("age", "_77", "77")),))
    (first, _) = items(office, SEVENS, ALL)
    assert items(office, SEVENS) == []
    for actor in ("quality:1", "quality:2"):
        with office.db.writing() as uow:
            seen = documents.get(uow, page)
            found = max(item.reading for item in items(office, SEVENS, ALL))
            quality_raises.answer_again(uow, seen, [found], status=Status.REVIEW, actor=actor)
    again = items(office, SEVENS)
    assert [item.cell for item in again] == [1, 2]
    assert again[0].reading > first.reading
