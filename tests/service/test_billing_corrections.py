"""What becomes of a bill whose record changed, or that was sent back."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from ocr_service.billing.claim import Role
from ocr_service.billing.reasons import Reason
from ocr_service.db.billing import claim_lines, claims
from ocr_service.domain.errors import (
    Conflict,
    IllegalTransition,
    InvalidRequest,
    StaleVersion,
)
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing.issuing import draft_papers
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.billing_desk import (
    NOVEMBER,
    SETUP,
    change,
    draft,
    held,
    issue,
    read,
    roles,
)
from tests.service.fakes import Office


def test_a_change_that_costs_the_same_is_no_correction(office: Office) -> None:
    """Nor is an export, which changes the document's version too."""
    (document,) = read(office)
    issue(office, draft(office).id)
    change(office, document, name="見本　花代")
    with pytest.raises(Conflict, match="nothing to bill"):
        draft(office, NOVEMBER)


def test_a_change_after_billing_comes_as_a_correction(office: Office) -> None:
    """The old amount is taken back and the new one charged, once."""
    (document,) = read(office)
    first = issue(office, draft(office).id)
    change(office, document, under_six=True)
    second = draft(office, NOVEMBER)
    assert roles(office, second.id) == [(Role.REVERSAL, -2277), (Role.CORRECTION, 3003)]
    assert (second.forms, second.total) == (0, 726)
    issue(office, second.id)
    with pytest.raises(Conflict, match="nothing to bill"):
        draft(office, replace(NOVEMBER, month="2021-12"))
    with office.db.reading() as uow:
        original = claim_lines.numbered(uow, first.id, 1)
        assert not original.live
        back = claim_lines.numbered(uow, second.id, 1)
    assert (back.original_claim, back.original_number) == (first.id, 1)


def test_a_cancelled_correction_leaves_the_first_bill_in_force(office: Office) -> None:
    """And the correction is found again."""
    (document,) = read(office)
    issue(office, draft(office).id)
    change(office, document, under_six=True)
    for _ in range(2):
        second = draft(office, NOVEMBER)
        assert [role for role, _ in roles(office, second.id)] == [Role.REVERSAL, Role.CORRECTION]
        with office.db.writing() as uow:
            billing_claims.cancel_claim(uow, second.id, actor="exporter")


def test_a_record_that_is_no_bill_any_more_is_taken_back(office: Office) -> None:
    """It is held with its reason, and the old amount goes."""
    (document,) = read(office)
    issue(office, draft(office).id)
    change(office, document, doctor_signature=False)
    second = draft(office, NOVEMBER)
    assert roles(office, second.id) == [(Role.REVERSAL, -2277)]
    assert second.held == {Reason.NO_DOCTOR_SIGNATURE.value: 1}


def test_a_record_under_review_since_it_was_billed_is_named(office: Office) -> None:
    """What was billed stays billed until somebody approves the change."""
    (document,) = read(office)
    issue(office, draft(office).id)
    with office.db.writing() as uow:
        reviewing.reopen(uow, Decision(document, "clerk"))
    assert held(office, NOVEMBER) == {Reason.UNDER_REVIEW_SINCE.value: 1}


def test_a_returned_form_comes_again_in_a_later_month(office: Office) -> None:
    """With a reference to the first line; not in the same month."""
    read(office)
    first = issue(office, draft(office).id)
    with office.db.writing() as uow:
        billing_claims.return_line(uow, first.id, 1, reason="氏名の相違", actor="exporter")
    assert held(office) == {Reason.RETURNED_SAME_MONTH.value: 1}
    second = draft(office, NOVEMBER)
    assert roles(office, second.id) == [(Role.REENTRY, 2277)]
    with office.db.reading() as uow:
        (line,) = claim_lines.of_claim(uow, second.id)
        papers = draft_papers(uow, SETUP, second)
    assert (line.original_claim, line.original_number) == (first.id, 1)
    assert papers.issued is None
    assert papers.lines[0].original == "C000001-1"
    with office.db.writing() as uow, pytest.raises(StaleVersion):
        billing_claims.return_line(uow, first.id, 1, reason="再度", actor="exporter")


def test_a_line_returned_while_its_correction_is_drafted_is_not_taken_back_too(
    office: Office,
) -> None:
    """The payer would be credited twice; whoever looks again sees the return."""
    (document,) = read(office)
    first = issue(office, draft(office).id)
    change(office, document, under_six=True)
    with office.db.reading() as reading:
        billing_claims.preview_claim(reading, SETUP, NOVEMBER)
        with office.db.writing() as uow:
            billing_claims.return_line(uow, first.id, 1, reason="相違", actor="exporter")
        with office.db.writing() as uow, contextlib.suppress(Conflict):
            billing_claims.draft_claim(reading, uow, SETUP, NOVEMBER, actor="exporter")
    with office.db.reading() as uow:
        roles_made = [x.role for c in claims.page(uow) for x in claim_lines.of_claim(uow, c.id)]
    assert Role.REVERSAL not in roles_made


@pytest.mark.parametrize("reason", ["", "  ", "長" * 201])
def test_a_return_has_a_reason(office: Office, reason: str) -> None:
    """And only issued claims come back."""
    read(office)
    claim = draft(office)
    with office.db.writing() as uow, pytest.raises(InvalidRequest):
        billing_claims.return_line(uow, claim.id, 1, reason=reason, actor="exporter")
    with office.db.writing() as uow, pytest.raises(IllegalTransition):
        billing_claims.return_line(uow, claim.id, 1, reason="相違", actor="exporter")
