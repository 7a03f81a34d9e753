"""Issues are waived with a reason; a waiver lapses with the values it was given for."""

from __future__ import annotations

import pytest

from ocr_service.db import audit
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import (
    Conflict,
    IllegalTransition,
    InvalidRequest,
    NotFound,
    StaleVersion,
)
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Record, Severity
from ocr_service.exporters.record_json import record_to_json
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.service import querying
from ocr_service.service.check.checking import blocking_issues
from ocr_service.service.check.waiving import Wish, waive, withdraw_waiver
from ocr_service.service.review import reviewing
from ocr_service.service.review.editing import Edit, answer_field
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import Office

BIRTH = Issue("date.impossible", Severity.ERROR, ("birth_date",), "日付", "Date")
NAME = Issue("voucher.name", Severity.WARNING, ("name",), "氏名", "Name")
WISH = Wish("date.impossible", ("birth_date",), "asked by telephone")


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    """The shipped templates."""
    return load_library(shipped_folder())


def _always(*issues: Issue) -> object:
    def check(
        _uow: UnitOfWork, _document: Document, _record: Record, _template: FormTemplate
    ) -> tuple[Issue, ...]:
        return issues

    return check


def _waive(office: Office, document: DocumentId, wish: Wish = WISH) -> int:
    with office.db.writing() as uow:
        return waive(uow, Decision(document, "chief"), wish)[1].waiver.id


def _issues(office: Office, document: DocumentId) -> list[tuple[str, bool]]:
    with office.db.reading() as uow:
        _, record = querying.document_record(uow, document)
    return [(issue.rule, issue.waiver is not None) for issue in record.issues]


def _edit(
    office: Office, library: TemplateLibrary, document: DocumentId, key: str, to: str
) -> None:
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, key, to, version, "clerk")
        answer_field(uow, edit, library=library, check=None)


def _document(office: Office) -> DocumentId:
    office.reader.issues = (BIRTH, NAME)
    return office.one_read()


def test_a_waived_issue_is_shown_as_such_and_no_longer_blocks(office: Office) -> None:
    """The record tells who waived it and why; the document can be approved."""
    document = _document(office)
    with office.db.writing() as uow, pytest.raises(Conflict):
        reviewing.approve(uow, Decision(document, "clerk"))
    number = _waive(office, document)
    assert _issues(office, document) == [("date.impossible", True), ("voucher.name", False)]
    with office.db.reading() as uow:
        shown = record_to_json(querying.document_record(uow, document)[1])["issues"]
    assert (shown[0]["waived"], shown[1]["waived"]) == (True, False)
    assert shown[0]["waiver"]["id"] == number
    assert shown[0]["waiver"]["by"] == "chief"
    with office.db.writing() as uow:
        done = reviewing.approve(uow, Decision(document, "clerk"))
    assert done.state is DocumentState.APPROVED


def test_a_waiver_lapses_when_a_value_it_concerns_changes(
    office: Office, library: TemplateLibrary
) -> None:
    """Confirming the value, or changing another, leaves it in force."""
    document = _document(office)
    _waive(office, document)
    _edit(office, library, document, "name", "別　人")
    with office.db.reading() as uow:
        same = querying.document_record(uow, document)[1].field("birth_date").value
    assert isinstance(same, str)
    _edit(office, library, document, "birth_date", same)
    assert ("date.impossible", True) in _issues(office, document)
    _edit(office, library, document, "birth_date", "1999-01-02")
    assert ("date.impossible", False) in _issues(office, document)


def test_waiving_and_taking_back_are_logged_without_values(office: Office) -> None:
    """Who, which rule and why; the issue counts again afterwards."""
    document = _document(office)
    number = _waive(office, document)
    with office.db.writing() as uow:
        withdraw_waiver(uow, Decision(document, "chief"), number)
    assert ("date.impossible", False) in _issues(office, document)
    with office.db.reading() as uow:
        log = audit.page(uow.connection, subject="document", subject_id=document)
    last = [(row.entry.action, row.entry.detail["rule"]) for row in log[-2:]]
    assert last == [
        ("issue.waived", "date.impossible"),
        ("issue.waiver_withdrawn", "date.impossible"),
    ]
    with office.db.writing() as uow, pytest.raises(NotFound):
        withdraw_waiver(uow, Decision(document, "chief"), number)


def test_what_cannot_be_waived_is_refused(office: Office) -> None:
    """No such issue, no reason, twice, on what somebody changed, on what is put away."""
    document = _document(office)
    with office.db.writing() as uow:
        decision = Decision(document, "chief")
        with pytest.raises(NotFound):
            waive(uow, decision, Wish("no.such", (), "why"))
        with pytest.raises(NotFound):
            waive(uow, decision, Wish("date.impossible", ("name",), "why"))
        with pytest.raises(InvalidRequest):
            waive(uow, decision, Wish("date.impossible", ("birth_date",), "  "))
        with pytest.raises(StaleVersion):
            waive(uow, Decision(document, "chief", 99), WISH)
    _waive(office, document)
    with office.db.writing() as uow, pytest.raises(Conflict, match="already"):
        waive(uow, Decision(document, "chief"), WISH)
    with office.db.writing() as uow:
        reviewing.discard(uow, Decision(document, "chief"))
    with office.db.writing() as uow, pytest.raises(IllegalTransition):
        waive(uow, Decision(document, "chief"), WISH)


def test_at_export_the_rules_judge_once_more(office: Office, library: TemplateLibrary) -> None:
    """What blocks by now is told and kept; what was waived, or approved with a reason, is not."""
    document = _document(office)
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(document, "chief"), reason="asked by telephone")
    found = Issue("voucher.duplicate", Severity.ERROR, ("name",), "重複", "Twice")
    with office.db.writing() as uow:
        seen = documents.get(uow, document)
        check = _always(BIRTH, found)
        blocking = blocking_issues(uow, seen, library=library, check=check)  # type: ignore[arg-type]
        assert [issue.rule for issue in blocking] == ["voucher.duplicate"]
        assert blocking_issues(uow, seen, library=library, check=None) == blocking
    assert _issues(office, document) == [("date.impossible", True), ("voucher.duplicate", False)]
