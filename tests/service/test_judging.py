"""Pages fresh from the reader, and records older than a list, are judged by what is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import corrections, documents, records
from ocr_service.db.records import facts as record_facts
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Record, Severity
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.service.check.facts import KnownFacts
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.check.reindexing import Reindexed, reindex
from ocr_service.service.masters.vault import Vault
from ocr_service.service.processing.rereading import Rules, judged
from ocr_service.service.review.editing import Edit, IssueCheck, answer_field
from tests.service.fakes import FIELDS, WARNING, Office, value_of

LIBRARY = load_library(shipped_folder())
TWICE = Issue("voucher.duplicate", Severity.ERROR, ("name",), "重複", "Twice")
NOTE = Issue("consent.date_missing", Severity.INFO, ("name",), "日付なし", "No date")


def finding(*issues: Issue) -> IssueCheck:
    """A check that finds these."""

    def check(
        _uow: UnitOfWork, _document: Document, _record: Record, _template: FormTemplate
    ) -> tuple[Issue, ...]:
        return issues

    return check


def judge(office: Office, document: DocumentId, *issues: Issue) -> Record:
    """The record as it came from the reader, straight through, judged with facts."""
    rules = Rules(lambda: LIBRARY, finding(*issues))
    with office.db.writing() as uow:
        seen = documents.get(uow, document)
        fresh = replace(records.load(uow, seen), state=DocumentState.APPROVED)
        answered = corrections.any_of(uow, seen.id, template=fresh.template)
        return judged(uow, seen, fresh, rules, is_answered=answered)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ((), DocumentState.APPROVED),
        ((NOTE,), DocumentState.APPROVED),
        ((TWICE,), DocumentState.NEEDS_REVIEW),
        ((WARNING,), DocumentState.NEEDS_REVIEW),
    ],
)
def test_what_facts_show_keeps_a_page_from_passing_unseen(
    office: Office, found: tuple[Issue, ...], state: DocumentState
) -> None:
    """A note does not; an error or a warning does."""
    office.reader.issues = ()
    record = judge(office, office.one_read(), *found)
    assert (record.issues, record.state) == (found, state)


def test_what_the_reader_found_is_kept_and_told_once(office: Office) -> None:
    """Issues of the intake come from nobody else; what both find stands there once."""
    office.reader.issues = (WARNING, NOTE)
    record = judge(office, office.one_read(), TWICE, WARNING)
    assert record.issues == (TWICE, WARNING, NOTE)


def test_a_page_that_people_answered_is_left_to_their_answers(office: Office) -> None:
    """Judging what a reader sees there now would put their answers aside."""
    office.reader.issues = ()
    document = office.one_read()
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, "name", "別　人", version, "clerk")
        answer_field(uow, edit, library=LIBRARY, check=None)
    record = judge(office, document, TWICE)
    assert (record.issues, record.state) == ((), DocumentState.APPROVED)


def test_a_page_of_no_form_has_nothing_to_judge(office: Office) -> None:
    """It comes back as it is."""
    document = office.one_read()
    with office.db.writing() as uow:
        seen = documents.get(uow, document)
        odd = replace(records.load(uow, seen), template=None, fields=())
        rules = Rules(lambda: LIBRARY, finding(TWICE))
        assert judged(uow, seen, odd, rules, is_answered=False) is odd


def test_records_older_than_what_is_kept_of_them_are_caught_up_with(
    office: Office, tmp_path: Path
) -> None:
    """Two pages of one voucher, read before anybody compared them; run twice it is the same."""
    codes = {"voucher_municipality_code": "131016", "voucher_number": "0000000001"}
    voucher = tuple(value_of(key, value) for key, value in {**codes, "voucher_dose": "1"}.items())
    office.reader.fields, office.reader.issues, office.reader.pages = (*FIELDS, *voucher), (), 2
    first = office.one_read()
    check = RuleCheck(office.db.clock, KnownFacts(Vault(tmp_path / "masters.key")))
    told: list[int] = []
    for _ in range(2):
        done = reindex(office.db, check, LIBRARY, tell=told.append)
        assert done == Reindexed(noted=2, judged=2)
    with office.db.reading() as uow:
        ids = list(uow.connection.execute(sa.select(t.documents.c.id)).scalars())
        assert record_facts.known(uow, [DocumentId(one) for one in ids]) == set(ids)
        found = records.load(uow, documents.get(uow, first)).issues
    assert "voucher.duplicate" in {issue.rule for issue in found}
    assert told == [2, 2]
