"""Claims over stored records: nothing twice, nothing silently, corrections and returns."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import itertools
import json
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocr_service.billing.bills import UnknownHome
from ocr_service.billing.claim import Role
from ocr_service.billing.issuer import BillingFile, Rules
from ocr_service.billing.reasons import Reason
from ocr_service.billing.tariff import load_tables
from ocr_service.blobs import open_store
from ocr_service.db.billing import claim_lines, claims
from ocr_service.db.billing.claims import Claim, ClaimState
from ocr_service.db.ids import ClaimId, DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.records.readings import Origin
from ocr_service.domain.errors import (
    Conflict,
    IllegalTransition,
    InvalidRequest,
    OcrServiceError,
    PriceTableInvalid,
    StaleVersion,
)
from ocr_service.domain.field import Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Severity
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing import setup as billing_setup
from ocr_service.service.billing.issuing import archive_file, draft_papers, issue_claim
from ocr_service.service.billing.picking import ClaimWish
from ocr_service.service.billing.setup import BillingSetup
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import KEY, VERSION, Office, jpeg, value_of
from tests.unit.billing_data import ISSUER

SHOT: dict[str, Value] = {
    "voucher_municipality_code": "131016",
    "voucher_number": "0000000001",
    "voucher_dose": "1",
    "name": "見本　花子",
    "judgement": "ok",
    "consent": "yes",
    "doctor_signature": True,
    "consent_signature": True,
    "lot_number": "FJ7489",
    "vaccine_name": "コミナティ",
    "institution_code": "1310121996",
    "vaccination_date": "2021-09-28",
    "under_six": False,
}
SETUP = BillingSetup(
    load_tables(),
    BillingFile(issuer=ISSUER, rules=Rules(unknown_home=UnknownHome.FEDERATION)),
)
_SEEDS = itertools.count(1)
OCTOBER = ClaimWish("2021-10", dt.date(2021, 9, 30))
NOVEMBER = ClaimWish("2021-11", dt.date(2021, 10, 31))


def read(office: Office, *, number: int = 1, **changes: Value) -> list[DocumentId]:
    """Approved documents, each with a voucher of its own."""
    office.reader.state = DocumentState.APPROVED
    office.reader.issues = ()
    batch = office.open_batch()
    found: list[DocumentId] = []
    for _ in range(number):
        seed = next(_SEEDS)
        values = {**SHOT, "voucher_number": f"{seed:010d}", **changes}
        office.reader.fields = tuple(value_of(key, value) for key, value in values.items())
        receipt = office.send(batch, jpeg(seed))
        office.work_off()
        found += receipt.documents
    return found


def draft(office: Office, wish: ClaimWish = OCTOBER, setup: BillingSetup = SETUP) -> Claim:
    with office.db.reading() as reading, office.db.writing() as uow:
        return billing_claims.draft_claim(reading, uow, setup, wish, actor="exporter")


def issue(office: Office, claim: ClaimId) -> Claim:
    with office.db.reading() as reading, office.db.writing() as uow:
        return issue_claim(reading, uow, office.blobs, SETUP, claim, actor="exporter")


def roles(office: Office, claim: ClaimId) -> list[tuple[Role, int]]:
    with office.db.reading() as uow:
        return [(line.role, line.total) for line in claim_lines.of_claim(uow, claim)]


def change(office: Office, document: DocumentId, **values: Value) -> None:
    """Reopen, correct, approve again."""
    with office.db.writing() as uow:
        reviewing.reopen(uow, Decision(document, "clerk"))
        origin = Origin(document, KEY, VERSION, "clerk")
        readings.append(uow, origin, [value_of(key, value) for key, value in values.items()])
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(document, "clerk"))


def held(office: Office, wish: ClaimWish = OCTOBER) -> dict[str, int]:
    with office.db.reading() as uow:
        return billing_claims.preview_claim(uow, SETUP, wish).picked.reasons


def test_a_claim_is_a_fixed_set_of_versions_with_sums(office: Office) -> None:
    """Sums are stored for the claim and for each municipality."""
    read(office, number=2)
    read(office, voucher_municipality_code="141003", judgement="defer", lot_number=None)
    claim = draft(office)
    assert (claim.state, claim.forms, claim.total) == (ClaimState.DRAFT, 3, 2277 * 2 + 1694)
    with office.db.reading() as uow:
        sheets = claims.sheets_of(uow, claim.id)
    assert [(s.municipality, s.route, s.sums.total) for s in sheets] == [
        ("131016", "federation", 4554),
        ("141003", "federation", 1694),
    ]


def test_nothing_is_billed_twice(office: Office) -> None:
    """Not while it is in a draft, not after it was issued, not in a later month."""
    read(office, number=2)
    first = draft(office)
    for wish in (OCTOBER, NOVEMBER):
        with pytest.raises(Conflict, match="nothing to bill"):
            draft(office, wish)
    issue(office, first.id)
    with pytest.raises(Conflict, match="nothing to bill"):
        draft(office, NOVEMBER)


def test_two_drafts_at_once_take_each_document_once(office: Office) -> None:
    """One gets all, the other a named conflict; on both kinds of database."""
    read(office, number=4)
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        try:
            outcomes.append(draft(office).forms)
        except OcrServiceError as error:
            outcomes.append(error.http_status)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [4, 409]


def test_a_cancelled_draft_frees_its_documents(office: Office) -> None:
    """They go into the next one."""
    read(office)
    first = draft(office)
    with office.db.writing() as uow:
        billing_claims.cancel_claim(uow, first.id, actor="exporter")
    assert draft(office).forms == 1
    with office.db.writing() as uow, pytest.raises(IllegalTransition):
        billing_claims.cancel_claim(uow, first.id, actor="exporter")


def test_an_issued_claim_is_the_same_bytes_for_ever(office: Office) -> None:
    """Its papers carry names; its manifest says which versions were billed."""
    (document,) = read(office)
    claim = issue(office, draft(office).id)
    assert claim.state is ClaimState.ISSUED
    data = archive_file(office.blobs, claim)
    change(office, document, name="別人　一郎")
    assert archive_file(office.blobs, claim) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert "見本　花子" in archive.read("details.csv").decode("utf-8-sig")
    assert manifest["documents"] == [{"line": 1, "document": document, "version": 3}]
    assert manifest["price_tables"] == SETUP.prices
    with office.db.writing() as uow, pytest.raises(IllegalTransition):
        issue_claim(uow, uow, office.blobs, SETUP, claim.id, actor="exporter")


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


def test_a_draft_whose_records_changed_is_not_issued(office: Office) -> None:
    """The message names the documents; a change that costs the same does no harm."""
    first, second = read(office, number=2)
    claim = draft(office)
    change(office, first, name="見本　花代")
    change(office, second, under_six=True)
    with pytest.raises(Conflict, match=rf"1 records changed.*documents {second}\)"):
        issue(office, claim.id)


def test_what_is_not_billed_is_held_with_reasons(office: Office) -> None:
    """Errors, missing signatures, later dates, unknown prices; documents not approved."""
    read(office)
    read(office, consent_signature=False)
    read(office, vaccination_date="2021-10-01")
    read(office, vaccination_date="2020-01-01")
    (waiting,) = read(office)
    (wrong,) = read(office)
    with office.db.writing() as uow:
        reviewing.reopen(uow, Decision(waiting, "clerk"))
        error = Issue("x.y", Severity.ERROR, ("name",), "誤り", "wrong")
        readings.replace_issues(uow, wrong, [error])
    assert held(office) == {
        Reason.NO_PERSON_SIGNATURE.value: 1,
        Reason.AFTER_PERIOD.value: 1,
        Reason.NO_PRICE.value: 1,
        Reason.NOT_APPROVED.value: 1,
        Reason.BLOCKING_ISSUE.value: 1,
    }
    assert draft(office).forms == 1


def test_one_institution_or_batch_can_be_billed_alone(office: Office) -> None:
    """The others stay for another claim."""
    read(office)
    read(office, institution_code="1110304758")
    assert draft(office, replace(OCTOBER, institution="1110304758")).forms == 1
    with office.db.reading() as uow:
        batch = documents.page(uow, documents.DocumentFilter())[0].batch
    assert draft(office, replace(OCTOBER, batch=batch, template=KEY)).forms == 1


def test_without_issuer_nothing_is_issued_but_a_draft_can_be_seen(office: Office) -> None:
    """The message says which file to write."""
    read(office)
    nobody = BillingSetup(load_tables(), None)
    strict = replace(nobody, file=None)
    with pytest.raises(Conflict, match="home_unknown 1"):
        draft(office, setup=strict)
    claim = draft(office)
    with office.db.writing() as uow, pytest.raises(InvalidRequest, match=r"billing\.toml"):
        issue_claim(uow, uow, office.blobs, nobody, claim.id, actor="exporter")


def test_tables_with_errors_bill_nothing(office: Office, tmp_path: Path) -> None:
    """The gap is named before anything is made; adding such a table is refused as well."""
    text = (
        'schema = 1\nkey = "covid19-national"\ntitle = "t"\nvaccine = "covid19"\n'
        "first_day = 2021-02-17\nlast_day = 2024-03-31\n"
        '[[price]]\nkind = "vaccination"\nfrom = 2021-02-17\nuntil = 2021-09-30\nnet = 1\n'
    )
    (tmp_path / "x.toml").write_text(text, "utf-8")
    read(office)
    with pytest.raises(PriceTableInvalid, match="no price from 2021-10-01 to 2024-03-31"):
        draft(office, setup=BillingSetup(load_tables(tmp_path), SETUP.file))
    folder = tmp_path / "prices"
    with office.db.writing() as uow, pytest.raises(PriceTableInvalid, match="no price from"):
        billing_setup.add_price_table(uow, text, rows_csv=None, price_dir=folder, actor="admin")
    assert not folder.exists()
    whole = text.replace("2021-09-30", "2024-03-31")
    with office.db.writing() as uow:
        added = billing_setup.add_price_table(
            uow, whole, rows_csv=None, price_dir=folder, actor="admin"
        )
    assert [f.code for f in added.findings] == ["price.kind_missing"]
    found = billing_setup.load_setup(price_dir=folder, billing_file=tmp_path / "none.toml")
    assert found.prices == {"covid19-national": added.table.sha256}


def test_a_full_store_leaves_the_claim_a_draft(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Issuing again works once there is room."""
    read(office)
    claim = draft(office)
    full = open_store(str(tmp_path / "blobs"))

    def no_room(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", no_room)
        patched.setattr(type(full), "put", no_room)
        with pytest.raises(OSError, match="No space"), office.db.writing() as uow:
            issue_claim(uow, uow, full, SETUP, claim.id, actor="exporter")
    with office.db.reading() as uow:
        assert claims.get(uow, claim.id).state is ClaimState.DRAFT
    assert issue(office, claim.id).archive_sha256


def test_months_are_checked() -> None:
    """A billing month has a form, and a period ends in it at the latest."""
    assert billing_claims.end_of_month_before("2021-01") == dt.date(2020, 12, 31)
    assert billing_claims.last_day("2024-02") == dt.date(2024, 2, 29)
    for wrong in ("2021-13", "2021-1", "x"):
        with pytest.raises(InvalidRequest, match="2026-11"):
            billing_claims.end_of_month_before(wrong)
