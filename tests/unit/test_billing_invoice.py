"""A clinic's invoice against ours, and sheets that say where something does not balance."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.billing.balance import Balance, Check, balance_pdf
from ocr_service.billing.invoice import Entry, Match, compare, parse_invoice
from ocr_service.billing.recount import worked_out
from ocr_service.billing.tariff import load_tables
from ocr_service.domain.errors import InvalidRequest
from tests.unit.billing_data import bill

HEAD = "券番号,接種年月日,氏名,請求額\n"


def entry(label: str, voucher: str, amount: int, day: str = "2021-09-28") -> Entry:
    return Entry(label, voucher.zfill(10) if voucher else "", day, "見本花子", amount)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_invoices_are_read_as_clinics_write_them(encoding: str) -> None:
    """Full width, era dates, commas, yen signs; zeros that a spreadsheet took away come back."""
    text = HEAD + '１２３,令和3年9月28日,見本　花子,"￥2,277"\n45,2021/9/8,見本,1694円\n\n'
    found = parse_invoice(text.encode(encoding))
    assert [(e.voucher, e.day, e.amount) for e in found] == [
        ("0000000123", "2021-09-28", 2277),
        ("0000000045", "2021-09-08", 1694),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("券番号,請求額\n1,2\n", "接種年月日"),
        ("接種年月日,請求額\n", "neither 券番号 nor 氏名"),
        (HEAD + "1,2021-09-28,x,12.5\n", "row 2.*whole number"),
        (HEAD + "1,2021-09-28,x,1\n2,2021-02-30,x,1\n", "row 3.*date"),
        (HEAD + "1\n", "row 2"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row(text: str, said: str) -> None:
    """Without the value, which may be personal."""
    with pytest.raises(InvalidRequest, match=said) as refused:
        parse_invoice(text.encode())
    assert "12.5" not in str(refused.value)


def test_bytes_of_no_known_encoding_are_refused() -> None:
    """A workbook that was only renamed, for example."""
    with pytest.raises(InvalidRequest, match="UTF-8"):
        parse_invoice(b"PK\x03\x04\xff\xff\x81")


def test_every_line_of_both_sides_is_told_once() -> None:
    """Matched, other amount, missing, extra; those that need eyes first."""
    ours = [entry("a", "1", 2277), entry("b", "2", 2277), entry("c", "3", 1694)]
    theirs = [entry("2", "1", 2277), entry("3", "2", 1694), entry("4", "9", 2277)]
    found = compare(ours, theirs)
    assert [
        (p.match, p.ours and p.ours.label, p.theirs and p.theirs.label) for p in found.pairs
    ] == [
        (Match.DIFFERS, "b", "3"),
        (Match.MISSING, "c", None),
        (Match.EXTRA, None, "4"),
        (Match.MATCHED, "a", "2"),
    ]
    assert (found.agrees, found.ours, found.theirs) == (False, 6248, 6248)


def test_forms_without_voucher_are_known_by_name_and_day() -> None:
    """Spaces and width of letters do not count."""
    ours = [Entry("a", "", "2026-10-01", "見本　花子", 5)]
    theirs = [Entry("2", "", "2026-10-01", "見本 花子", 5)]
    assert compare(ours, theirs).agrees


_entries = st.lists(
    st.builds(entry, st.just("x"), st.sampled_from("1234"), st.sampled_from([1694, 2277])),
    max_size=12,
)


@given(ours=_entries, theirs=_entries)
def test_no_line_is_lost_or_doubled(ours: list[Entry], theirs: list[Entry]) -> None:
    """Each side comes back whole, and the same on both sides agrees."""
    found = compare(ours, theirs)
    assert sorted(p.ours.amount for p in found.pairs if p.ours) == sorted(e.amount for e in ours)
    assert sorted(p.theirs.amount for p in found.pairs if p.theirs) == sorted(
        e.amount for e in theirs
    )
    assert sum(found.counts.values()) == len(found.pairs)
    assert compare(ours, list(reversed(ours))).agrees


def test_bills_come_out_the_same_when_worked_out_another_way() -> None:
    """By the rows of the table in decimals; an amount that no row knows is told."""
    tables = load_tables()
    for changes in ({}, {"under_six": True}, {"holiday": True}, {"judged": "defer", "lot": False}):
        one = bill(**changes)
        assert worked_out(one, tables) == one.total
    assert worked_out(bill(), ()) is None
    raised = [t.model_copy(update={"price": ()}) for t in tables]
    assert worked_out(bill(), raised) is None


def _text(data: bytes, folder: Path) -> str:
    (folder / "b.pdf").write_bytes(data)
    command = ["pdftotext", "-layout", str(folder / "b.pdf"), "-"]
    shown = subprocess.run(command, capture_output=True, check=True)
    return "".join(shown.stdout.decode().split())


def test_the_sheet_says_that_it_balances_or_where_it_does_not(tmp_path: Path) -> None:
    """With the difference, and with the lines of an invoice that need eyes."""
    good = Check("a", "枚数", "sheets", 3, 3, "左", "右", "枚")
    bad = Check("b", "金額", "amounts", 5, 7, "明細", "総括", "円", ("明細 4",))
    day = dt.date(2026, 11, 26)
    text = _text(balance_pdf((Balance("取り込み1", (good,)),), made=day), tmp_path)
    assert "一致しています" in text
    assert "不一致0" in text
    comparison = compare([entry("C000001-1", "1", 5)], [])
    balances = (Balance("取り込み1", (good,)), Balance("請求1", (bad,)))
    assert [b.balanced for b in balances] == [True, False]
    text = _text(balance_pdf(balances, made=day, comparison=comparison), tmp_path)
    for words in (
        "一致していません",
        "不一致:金額（差-2円）",
        "明細4",
        "請求書になし",
        "C000001-1",
    ):
        assert words in text
