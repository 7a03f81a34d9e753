"""Invented facts, bills and papers for tests of billing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ocr_service.billing.bills import Bill, BillingRules, UnknownHome, bill_of
from ocr_service.billing.claim import Line, Role, add_up
from ocr_service.billing.facts import Facts
from ocr_service.billing.issuer import Bank, Issuer
from ocr_service.billing.papers import ClaimPapers
from ocr_service.billing.prices import PriceBook
from ocr_service.billing.tariff import load_tables

DAY = dt.date(2021, 9, 28)
BOOK = PriceBook(load_tables())
RULES = BillingRules(
    unknown_home=UnknownHome.FEDERATION, homes={"1310121996": "131016", "1110304758": "112089"}
)
ISSUER = Issuer(
    name="医療法人社団　見本会　みどり台クリニック",
    postal_code="100-0000",
    address="東京都千代田区見本町一丁目2番3号　見本ビル4階",
    representative="理事長　見本　太郎",
    phone="03-0000-0000",
    institution="1310121996",
    bank=Bank(bank="見本銀行", branch="見本支店", number="0123456", holder="イ）ミホンカイ"),
)


def facts(**changes: Any) -> Facts:
    """A shot that can be billed."""
    given = Facts(
        vaccine="covid19",
        municipality="131016",
        institution="1310121996",
        day=DAY,
        product="コミナティ",
        dose="1",
        judged="ok",
        wish="yes",
        doctor_signed=True,
        person_signed=True,
        lot=True,
        voucher="0000000001",
    )
    return replace(given, **changes)


def bill(**changes: Any) -> Bill:
    """What such a record is billed as."""
    found = bill_of(facts(**changes), BOOK, RULES).bill
    assert found is not None
    return found


def line(number: int, role: Role = Role.NEW, **changes: Any) -> Line:
    """A line of a claim."""
    return Line(number, number, 3, role, bill(**changes), name="見本　花子")


def papers(lines: Sequence[Line]) -> ClaimPapers:
    """Papers over lines."""
    return ClaimPapers(
        number="C000012",
        month="2021-10",
        issued=dt.date(2021, 10, 5),
        issuer=ISSUER,
        sums=add_up(lines),
        institutions={"1310121996": ISSUER.name, "1110304758": "南風内科クリニック"},
    )
