"""People decide; what they say stays, and nobody overwrites anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ocr_service.db import audit
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import (
    Conflict,
    IllegalTransition,
    InvalidRequest,
    NotFound,
    StaleVersion,
    TemplateUnknown,
)
from ocr_service.domain.field import Source, Status, Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Record, Severity
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.service import querying
from ocr_service.service.review import keying, reviewing
from ocr_service.service.review.editing import Edit, StaleEdit, answer_field
from ocr_service.service.review.reviewing import Decision
from ocr_service.service.review.typing_values import Entered
from tests.conftest import TurnableClock
from tests.service.fakes import KEY, VERSION, Office, jpeg

BLOCKING = Issue("date.impossible", Severity.ERROR, ("birth_date",), "日付", "Date")


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    """The shipped templates."""
    return load_library(shipped_folder())


def _edit(
    office: Office, library: TemplateLibrary, document: DocumentId, key: str, value: Entered
) -> Record:
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, key, value, version, "clerk")
        return answer_field(uow, edit, library=library, check=None)[1]


def test_an_answer_is_in_force_at_once_and_the_machine_s_is_kept(
    office: Office, library: TemplateLibrary
) -> None:
    """Both stand in the history; the record shows the human one, in the machine's place."""
    document = office.one_read()
    before = [value.key for value in office.reader.fields]
    record = _edit(office, library, document, "name", "試験　次郎")
    name = record.field("name")
    assert (name.value, name.source, name.status) == ("試験　次郎", Source.HUMAN, Status.ACCEPTED)
    assert [value.key for value in record.fields] == before
    with office.db.reading() as uow:
        history = readings.history(uow, document, "name")
    assert [(a.field.value, a.actor) for a in history] == [
        ("試験　太郎", "w1"),
        ("試験　次郎", "clerk"),
    ]


def test_a_human_answer_outranks_a_later_machine_run(
    office: Office, library: TemplateLibrary
) -> None:
    """Reading again changes only what no person answered."""
    document = office.one_read()
    _edit(office, library, document, "name", "試験　次郎")
    office.reader.fields = tuple(replace(f, value=None) for f in office.reader.fields)
    with office.db.writing() as uow:
        reviewing.retry(uow, office.bell, Decision(document, "clerk"))
    office.work_off()
    with office.db.reading() as uow:
        _, record = querying.document_record(uow, document)
    assert record.field("name").value == "試験　次郎"
    assert record.field("birth_date").value is None


def test_the_last_of_several_answers_counts(office: Office, library: TemplateLibrary) -> None:
    """People may correct themselves."""
    document = office.one_read()
    _edit(office, library, document, "sex", "female")
    assert _edit(office, library, document, "sex", None).field("sex").value is None


def test_a_stale_edit_is_refused_and_shows_what_is_stored(
    office: Office, library: TemplateLibrary
) -> None:
    """The second of two clerks sees the first one's answer."""
    document = office.one_read()
    with office.db.reading() as uow:
        version = documents.get(uow, document).version
    _edit(office, library, document, "name", "先　着")
    late = Edit(document, "name", "後　着", version, "other")
    with office.db.writing() as uow, pytest.raises(StaleEdit) as caught:
        answer_field(uow, late, library=library, check=None)
    assert caught.value.record.field("name").value == "先　着"
    assert "先" not in str(caught.value)


def test_rules_are_run_again_over_the_values_in_force(
    office: Office, library: TemplateLibrary
) -> None:
    """An edit may settle an issue or bring one."""
    office.reader.issues = (BLOCKING,)
    document = office.one_read()
    asked: list[Value] = []

    def check(
        _uow: UnitOfWork, seen: Document, record: Record, template: FormTemplate
    ) -> tuple[Issue, ...]:
        assert (seen.id, template.key) == (document, KEY)
        asked.append(record.field("birth_date").value)
        return ()

    with office.db.writing() as uow, pytest.raises(Conflict, match=r"date\.impossible"):
        reviewing.approve(uow, Decision(document, "clerk"))
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, "birth_date", "1980-02-04", version, "clerk")
        answer_field(uow, edit, library=library, check=check)
    assert asked == ["1980-02-04"]
    with office.db.writing() as uow:
        done = reviewing.approve(uow, Decision(document, "clerk"))
    assert done.state is DocumentState.APPROVED


def test_a_blocking_issue_is_overridden_by_a_reason_that_is_logged(office: Office) -> None:
    """The paper may be wrong and still be what it is."""
    office.reader.issues = (BLOCKING,)
    document = office.one_read()
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(document, "clerk"), reason="asked by telephone")
    with office.db.reading() as uow:
        last = audit.page(uow.connection, subject="document", subject_id=document)[-1].entry
    assert last.action == "document.approved"
    assert last.detail["overrides"] == "date.impossible"
    assert last.detail["reason"] == "asked by telephone"


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("name", " 試験　三郎 ", "試験　三郎"),
        ("name", "", None),
        ("birth_date", "1999-12-31", "1999-12-31"),
        ("sex", "female", "female"),
        ("q4_groups", ["underlying", "age65", "age65"], ("age65", "underlying")),
        ("consent_signature", False, False),
        ("q13", "no", "no"),
    ],
)
def test_answers_become_values_of_the_field_s_kind(
    office: Office, library: TemplateLibrary, key: str, value: Entered, stored: Value
) -> None:
    """Blank text is nothing written; sets are sorted and without repeats."""
    document = office.one_read()
    assert _edit(office, library, document, key, value).field(key).value == stored


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("birth_date", "1999-02-30"),
        ("sex", "ambiguous"),
        ("sex", True),
        ("q4_groups", "strange"),
        ("q4_groups", ["nobody"]),
        ("consent_signature", "yes"),
        ("name", "字" * 2001),
        ("name", ["a"]),
    ],
)
def test_answers_the_field_cannot_hold_are_refused_without_repeating_them(
    office: Office, library: TemplateLibrary, key: str, value: Entered
) -> None:
    """The message names the field and what it takes."""
    document = office.one_read()
    with pytest.raises(InvalidRequest) as caught:
        _edit(office, library, document, key, value)
    assert key in str(caught.value)
    assert str(value) not in str(caught.value)


def test_only_documents_under_review_are_edited(office: Office, library: TemplateLibrary) -> None:
    """An approved one is reopened first."""
    document = office.one_read()
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(document, "clerk"))
    with pytest.raises(IllegalTransition):
        _edit(office, library, document, "name", "x")
    with office.db.writing() as uow:
        reviewing.reopen(uow, Decision(document, "clerk"))
    assert _edit(office, library, document, "name", "x").field("name").value == "x"


def test_an_unknown_field_is_named(office: Office, library: TemplateLibrary) -> None:
    """The error says which."""
    document = office.one_read()
    with pytest.raises(NotFound, match="shoe_size"):
        _edit(office, library, document, "shoe_size", "43")


def test_decisions_about_an_old_version_are_refused(office: Office) -> None:
    """Whoever looked at version 1 does not know what he approves."""
    document = office.one_read()
    for decide in (reviewing.approve, reviewing.discard):
        with office.db.writing() as uow, pytest.raises(StaleVersion):
            decide(uow, Decision(document, "clerk", expected_version=1))


def test_reopening_needs_something_that_was_closed(office: Office) -> None:
    """A document under review is open already."""
    document = office.one_read()
    with office.db.writing() as uow, pytest.raises(IllegalTransition):
        reviewing.reopen(uow, Decision(document, "clerk"))


def test_choosing_a_template_reads_the_page_as_that(
    office: Office, library: TemplateLibrary
) -> None:
    """An unknown one is refused at once."""
    office.reader.state = DocumentState.UNMATCHED
    document = office.one_read()
    with office.db.writing() as uow, pytest.raises(TemplateUnknown):
        reviewing.choose_template(
            uow, office.bell, Decision(document, "clerk"), template="gone", library=library
        )
    office.reader.state = DocumentState.NEEDS_REVIEW
    with office.db.writing() as uow:
        reviewing.choose_template(
            uow, office.bell, Decision(document, "clerk"), template=KEY, library=library
        )
    office.work_off()
    assert office.reader.seen[-1][2] == KEY


def test_two_reviewers_get_different_documents(office: Office, clock: TurnableClock) -> None:
    """Until the time of the first is up."""
    office.reader.pages = 2
    batch = office.open_batch()
    office.send(batch, jpeg())
    office.work_off()

    def next_for(reviewer: str) -> DocumentId | None:
        with office.db.writing() as uow:
            found = reviewing.next_to_review(
                uow, reviewer=reviewer, batch=batch, keep_for=timedelta(seconds=60)
            )
        return None if found is None else found.id

    first, second = next_for("a"), next_for("b")
    assert first is not None
    assert second not in {None, first}
    assert next_for("a") == first
    assert next_for("c") is None
    clock.advance(61)
    assert next_for("c") == first


def test_the_next_document_follows_the_last_and_starts_over(office: Office) -> None:
    """A reviewer who skips comes round again."""
    office.reader.pages = 2
    office.send(office.open_batch(), jpeg())
    office.work_off()
    order = []
    last: DocumentId | None = None
    for _ in range(3):
        with office.db.writing() as uow:
            found = reviewing.next_to_review(
                uow, reviewer="a", batch=None, keep_for=timedelta(seconds=60), after=last
            )
        assert found is not None
        last = found.id
        order.append(found.page)
    assert order == [1, 2, 1]


def test_a_failed_page_can_be_keyed_by_hand(office: Office, library: TemplateLibrary) -> None:
    """Every field of the form is open; answers go in as usual."""
    office.reader.damaged = True
    document = office.one_read()
    with office.db.writing() as uow:
        keying.key_by_hand(uow, Decision(document, "clerk"), template=KEY, library=library)
    with office.db.reading() as uow:
        found, record = querying.document_record(uow, document)
    assert (found.state, found.template_version) == (DocumentState.NEEDS_REVIEW, VERSION)
    assert [v.key for v in record.fields] == list(library.get(KEY).template.record_keys)
    assert all(v.status is Status.REVIEW and v.value is None for v in record.fields)
    edited = _edit(office, library, document, "name", "手　入力")
    assert edited.field("name").source is Source.HUMAN
    with office.db.writing() as uow, pytest.raises(IllegalTransition):
        keying.key_by_hand(uow, Decision(document, "clerk"), template=KEY, library=library)
