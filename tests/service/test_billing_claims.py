"""Claims over stored records: nothing twice, nothing silently, corrections and returns."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocr_service.billing.reasons import Reason
from ocr_service.billing.tariff import load_tables
from ocr_service.blobs import open_store
from ocr_service.db.billing import claims
from ocr_service.db.billing.claims import ClaimState
from ocr_service.db.records import documents, readings
from ocr_service.domain.errors import (
    Conflict,
    IllegalTransition,
    InvalidRequest,
    OcrServiceError,
    PriceTableInvalid,
)
from ocr_service.domain.record import Issue, Severity
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing import setup as billing_setup
from ocr_service.service.billing.issuing import archive_file, issue_claim
from ocr_service.service.billing.setup import BillingSetup
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.billing_desk import (
    NOVEMBER,
    OCTOBER,
    SETUP,
    change,
    draft,
    held,
    issue,
    read,
)
from tests.service.fakes import KEY, Office


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
