"""Batches and claims balance, and where they do not, it is said where."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ocr_service.billing.balance import Balance
from ocr_service.billing.invoice import Match
from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, ClaimId
from ocr_service.db.records.documents import DocumentFilter, page
from ocr_service.service.billing.reconciling import (
    compare_invoice,
    reconcile_batch,
    reconcile_billing,
    reconcile_claim,
)
from ocr_service.service.intake import intake
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.billing_desk import SETUP, draft, issue, read
from tests.service.fakes import Office


def claim_balance(office: Office, claim: ClaimId) -> Balance:
    with office.db.reading() as uow:
        return reconcile_claim(uow, office.blobs, SETUP, claim)


def wrong(balance: Balance) -> list[str]:
    return [check.code for check in balance.checks if not check.balanced]


def test_an_issued_claim_balances_on_every_level(office: Office) -> None:
    """Lines, municipalities, summary, papers and clinics, against a second calculation."""
    read(office, number=2)
    read(office, voucher_municipality_code="141003", institution_code="1110304758")
    claim = issue(office, draft(office).id)
    balance = claim_balance(office, claim.id)
    assert balance.balanced
    assert [check.code for check in balance.checks] == [
        "claim.recount",
        "claim.municipalities",
        "claim.summary",
        "claim.papers",
        "claim.clinics",
    ]
    assert {check.left for check in balance.checks[:4]} == {2277 * 3}


@pytest.mark.parametrize(
    ("table", "column", "code"),
    [
        ("claims", "total", {"claim.summary", "claim.papers"}),
        ("claim_sheets", "total", {"claim.municipalities", "claim.summary"}),
        ("claim_lines", "total", {"claim.recount", "claim.municipalities"}),
    ],
)
def test_a_yen_that_was_moved_is_found(
    office: Office, table: str, column: str, code: set[str]
) -> None:
    """Wherever it was moved in the database."""
    read(office, number=2)
    claim = issue(office, draft(office).id)
    touched = t.metadata.tables[table]
    with office.db.writing() as uow:
        first = sa.select(sa.func.min(touched.c.id)).scalar_subquery()
        uow.connection.execute(
            sa.update(touched).where(touched.c.id == first).values({column: touched.c[column] + 1})
        )
    assert set(wrong(claim_balance(office, claim.id))) == code


def test_a_batch_balances_from_sheets_to_exports(office: Office) -> None:
    """Announced, received, records, rejects; exported, ready, held, not approved; billed."""
    documents = read(office, number=3)
    with office.db.reading() as uow:
        batch = page(uow, DocumentFilter())[0].batch
    with office.db.writing() as uow:
        reviewing.reopen(uow, Decision(documents[0], "clerk"))
        reviewing.discard(uow, Decision(documents[1], "clerk"))
        uow.connection.execute(sa.update(t.batches).values(announced=3))
    draft(office)
    with office.db.reading() as uow:
        balance = reconcile_batch(uow, batch)
        billing = reconcile_billing(uow, SETUP, batch)
    assert balance.balanced
    assert [(c.code, c.left) for c in balance.checks] == [
        ("sheets.announced", 3),
        ("pages.received", 3),
        ("records.exported", 2),
    ]
    assert billing.balanced
    assert billing.checks[0].right_ja == "請求済み 1 + 請求待ち 0 + 保留 1"
    assert billing.checks[0].notes == ("保留の理由: 承認されていません 1件",)


def test_a_sheet_that_is_missing_is_said(office: Office) -> None:
    """Four were announced and three came."""
    read(office, number=3)
    with office.db.writing() as uow:
        uow.connection.execute(sa.update(t.batches).values(announced=4))
    with office.db.reading() as uow:
        balance = reconcile_batch(uow, BatchId(1))
    assert wrong(balance) == ["sheets.announced"]


def test_pages_still_waiting_do_not_balance_yet(office: Office) -> None:
    """The sheet says how many are waiting."""
    with office.db.writing() as uow:
        batch = intake.create_batch(uow, name="箱", template=None, actor="clerk")
    office.send(batch, b"\xff\xd8\xff waiting")
    with office.db.reading() as uow:
        balance = reconcile_batch(uow, batch)
    assert balance.title == "取り込み 1「箱」"
    assert balance.checks[0].code == "pages.received"


def test_a_clinics_invoice_is_compared_with_the_lines(office: Office) -> None:
    """Line by line; another clinic's lines are left out when asked for one."""
    read(office, number=2)
    read(office, institution_code="1110304758")
    claim = issue(office, draft(office).id)
    with office.db.reading() as uow:
        vouchers = [
            str(bill["voucher"])
            for bill in uow.connection.execute(
                sa.select(t.claim_lines.c.bill).order_by(t.claim_lines.c.number)
            ).scalars()
            if bill["institution"] == "1310121996"
        ]
        text = "券番号,接種日,金額\n" + f"{vouchers[0]},2021-09-28,2277\n9,2021-09-28,1\n"
        found = compare_invoice(
            uow, SETUP, claim.id, text.encode("cp932"), institution="1310121996"
        )
    assert found.counts == {Match.MATCHED: 1, Match.DIFFERS: 0, Match.MISSING: 1, Match.EXTRA: 1}
