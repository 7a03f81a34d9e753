"""What is billed, to whom, and that every sum is the sum of its lines."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.billing.bills import Bill, BillingRules, Route, bill_of
from ocr_service.billing.claim import Line, Role, add_up, by_institution
from ocr_service.billing.classify import Declined, Kind, classify
from ocr_service.billing.facts import facts_of, parse_forms, shipped_forms
from ocr_service.billing.issuer import read_billing_file
from ocr_service.billing.package import pack
from ocr_service.billing.papers import DETAIL_HEAD, detail_rows, japanese_month, summary_rows
from ocr_service.billing.papers_data import as_csv
from ocr_service.billing.places import municipality_code_of_address, municipality_name
from ocr_service.billing.reasons import WORDS, Reason
from ocr_service.domain.errors import InvalidRequest
from tests.unit.billing_data import BOOK, RULES, bill, facts, line, papers

R = Reason


@pytest.mark.parametrize(
    ("changes", "kind", "reasons"),
    [
        ({}, Kind.VACCINATION, ()),
        ({"judged": "defer", "lot": False, "wish": None}, Kind.INTERVIEW, ()),
        ({"judged": "defer"}, None, (R.LOT_BUT_DEFERRED,)),
        ({"judged": None}, None, (R.NO_JUDGEMENT,)),
        ({"wish": "no", "lot": False}, None, (R.DECLINED,)),
        ({"wish": "ambiguous"}, None, (R.NO_CONSENT_ANSWER,)),
        ({"lot": False}, None, (R.NO_LOT,)),
        (
            {"doctor_signed": False, "person_signed": False},
            None,
            (R.NO_DOCTOR_SIGNATURE, R.NO_PERSON_SIGNATURE),
        ),
        ({"day": None, "institution": None}, None, (R.NO_DATE, R.NO_INSTITUTION)),
        ({"municipality": None}, None, (R.NO_MUNICIPALITY,)),
        ({"municipality": "131017"}, None, (R.BAD_MUNICIPALITY,)),
    ],
)
def test_what_a_form_counts_as(
    changes: dict[str, Any], kind: Kind | None, reasons: tuple[Reason, ...]
) -> None:
    """A shot, the examination alone, or all the reasons why it is neither (domain 4.2)."""
    found = classify(facts(**changes))
    assert (found.kind, found.reasons) == (kind, reasons)


def test_a_declined_shot_may_count_as_an_examination() -> None:
    """A rule of the house."""
    declined = facts(wish="no", lot=False)
    assert classify(declined, declined=Declined.INTERVIEW).kind is Kind.INTERVIEW


def test_every_reason_has_words() -> None:
    """In both languages."""
    assert set(WORDS) == set(Reason)


def test_residents_of_the_same_municipality_are_billed_directly() -> None:
    """Domain 3.2; another prefecture is elsewhere for sure, the same one has to be known."""
    assert bill().route is Route.DIRECT
    assert bill(municipality="141003").route is Route.FEDERATION
    strict = BillingRules(homes={})
    assert bill_of(facts(), BOOK, strict).reasons == (R.HOME_UNKNOWN,)
    other = bill_of(facts(municipality="141003"), BOOK, strict).bill
    assert other is not None
    assert other.route is Route.FEDERATION


def test_without_price_a_form_is_held() -> None:
    """With the reason, not for nothing."""
    assert bill_of(facts(vaccine="unknown"), BOOK, RULES).reasons == (R.NO_PRICE,)


def test_bills_survive_storage_and_differ_by_digest() -> None:
    """What is stored is what was billed."""
    assert Bill.of_json(json.loads(json.dumps(bill().as_json()))) == bill()
    assert bill().digest != bill(under_six=True).digest


_changes = st.fixed_dictionaries(
    {
        "municipality": st.sampled_from(["131016", "141003", "112089", "011002"]),
        "institution": st.sampled_from(["1310121996", "1110304758"]),
        "under_six": st.booleans(),
        "holiday": st.booleans(),
        "after_hours": st.booleans(),
    }
)
_line = st.tuples(st.sampled_from(list(Role)), _changes, st.booleans())


def _built(drawn: list[tuple[Role, dict[str, Any], bool]]) -> list[Line]:
    return [
        line(n, role, **({**changes, "judged": "defer", "lot": False} if deferred else changes))
        for n, (role, changes, deferred) in enumerate(drawn, start=1)
    ]


def _independent(drawn: list[tuple[Role, dict[str, Any], bool]]) -> dict[str, Decimal]:
    """The national tariff again, by hand and in decimals."""
    found: dict[str, Decimal] = {}
    for role, marks, deferred in drawn:
        nets = [Decimal(1540 if deferred else 2070)]
        nets += [Decimal(660)] if marks["under_six"] else []
        nets += [Decimal(2130)] if marks["holiday"] else []
        nets += [Decimal(730)] if marks["after_hours"] and not marks["holiday"] else []
        gross = sum((net * Decimal("1.1")).quantize(Decimal(1), ROUND_FLOOR) for net in nets)
        sign = -1 if role is Role.REVERSAL else 1
        code = str(marks["municipality"])
        found[code] = found.get(code, Decimal(0)) + sign * gross
    return found


@given(st.lists(_line, max_size=30))
def test_details_municipalities_and_summary_agree_to_the_yen(
    drawn: list[tuple[Role, dict[str, Any], bool]],
) -> None:
    """And with a calculation that shares no code; everything is a whole number."""
    lines = _built(drawn)
    claim = add_up(lines)
    by_code: dict[str, int] = {}
    for sheet in claim.sheets:
        by_code[sheet.municipality] = by_code.get(sheet.municipality, 0) + sheet.sums.total
        assert sum(row.gross for row in sheet.rows) == sheet.sums.gross
        assert sum(row.net for row in sheet.rows) == sheet.sums.net
    assert {code: Decimal(total) for code, total in by_code.items()} == _independent(drawn)
    assert sum(by_code.values()) == claim.sums.total == sum(x.sign * x.bill.total for x in lines)
    assert sum(sheet.sums.forms for sheet in claim.sheets) == claim.sums.forms
    clinics = by_institution(lines).values()
    assert sum(s.forms for s in clinics) == claim.sums.forms
    assert sum(s.total for s in clinics) == claim.sums.total
    printed = papers(lines)
    details, summary = detail_rows(printed), summary_rows(printed)
    assert sum(int(row[15]) for row in details) == sum(int(row[9]) for row in summary)
    assert all(type(row[15]) is int for row in details)


@settings(max_examples=30)
@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), max_size=8))
def test_csv_gives_back_what_went_in(rows: list[list[str]]) -> None:
    """Quotes, newlines and wide characters included; only formulas get an apostrophe."""
    data = as_csv(("a", "b"), [[c.replace("\x00", "") for c in r] for r in rows], "utf-8-sig").data
    back = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    plain = [[c.replace("\x00", "") for c in row] for row in rows]
    assert [[c.removeprefix("'") for c in row] for row in back] == [
        [c.removeprefix("'") for c in row] for row in plain
    ]


def test_numbers_stay_numbers_and_lost_characters_are_told() -> None:
    """A negative amount is no formula; a character outside CP932 is marked and counted."""
    found = as_csv(("氏名", "額"), [("𠮷野", -2277), ("=1+1", 5)], "cp932")
    assert found.data.decode("cp932").splitlines()[1:] == ["〓野,-2277", "'=1+1,5"]
    assert [(cell.row, cell.column, cell.count) for cell in found.lost] == [(1, "氏名", 1)]


def test_the_package_says_what_is_in_it() -> None:
    """The same claim gives the same bytes; hashes and sums of the manifest hold."""
    lines = [line(1), line(2, municipality="141003"), line(3, judged="defer", lot=False)]
    data = pack(papers(lines), prices={"covid19-national": "00"})
    assert data == pack(papers(lines), prices={"covid19-national": "00"})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert {f["name"] for f in manifest["files"]} == set(files)
    for entry in manifest["files"]:
        assert hashlib.sha256(files[entry["name"]]).hexdigest() == entry["sha256"]
    assert manifest["sums"]["total"] == 2277 + 2277 + 1694
    assert [sheet["total"] for sheet in manifest["sheets"]] == [2277 + 1694, 2277]
    assert {"sheets/131016-direct.pdf", "sheets/141003-federation.pdf"} <= set(files)
    rows = list(csv.reader(io.StringIO(files["details-cp932.csv"].decode("cp932"))))
    assert tuple(rows[0]) == DETAIL_HEAD
    assert sum(int(row[15]) for row in rows[1:]) == manifest["sums"]["total"]


def test_the_workbook_holds_the_same_sums_as_numbers() -> None:
    """Vouchers keep their zeros, amounts can be added up."""
    lines = [line(1), line(2, municipality="141003"), line(3, Role.REVERSAL)]
    data = pack(papers(lines), prices={})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = openpyxl.load_workbook(io.BytesIO(archive.read("claim.xlsx")))
    assert book.sheetnames == ["請求総括", "市区町村別", "明細"]
    details = list(book["明細"].iter_rows(values_only=True))
    assert details[1][7] == "0000000001"
    assert [row[15] for row in details[1:]] == [2277, 2277, -2277, 2277]


def test_the_letter_says_whom_it_is_for_and_how_much(tmp_path: Path) -> None:
    """Municipality, sum, representative and bank stand on the page of A4."""
    data = pack(papers([line(1), line(2, judged="defer", lot=False)]), prices={})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (tmp_path / "s.pdf").write_bytes(archive.read("sheets/131016-direct.pdf"))
    shown = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "s.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    text = "".join(shown.split())
    for words in ("千代田区長", "¥3,971", "見本太郎", "見本銀行", "令和3年10月", "131016", "1/1"):
        assert words in text


def test_shipped_forms_say_what_their_fields_mean() -> None:
    """The COVID form carries the municipality, the influenza form an address."""
    forms = shipped_forms()
    covid = facts_of(
        {
            "voucher_municipality_code": "131016",
            "judgement": "ok",
            "consent": "yes",
            "doctor_signature": True,
            "consent_signature": True,
            "lot_number": "FJ7489",
            "vaccination_date": "2021-09-28",
            "institution_code": "1310121996",
            "voucher_dose": "2",
        },
        forms["mhlw-covid19"],
    )
    assert bill_of(covid, BOOK, RULES).bill is not None
    flu = facts_of(
        {"address": "和歌山県岩出市畑毛753番地", "vaccination_date": "x"},
        forms["influenza-elderly"],
    )
    assert (flu.municipality, flu.day, flu.dose) == ("302091", None, "1")


def test_addresses_lead_to_codes_with_or_without_district() -> None:
    """The sixth digit is the check digit."""
    codes = [
        municipality_code_of_address(text)
        for text in ("千葉県夷隅郡大多喜町1", "千葉県大多喜町1", "東京都千代田区丸の内", "どこか")
    ]
    assert codes == ["124419", "124419", "131016", None]
    assert municipality_name("131016") == "東京都千代田区"
    assert municipality_name("999999") == "999999"


def test_broken_files_of_the_installation_are_named(tmp_path: Path) -> None:
    """No file is no error; a broken one names the entry."""
    path = tmp_path / "billing.toml"
    assert read_billing_file(path) is None
    path.write_text('[issuer]\nname = "見本"\n', "utf-8")
    with pytest.raises(InvalidRequest, match=r"billing\.toml: issuer\.address"):
        read_billing_file(path)
    path.write_text("[issuer", "utf-8")
    with pytest.raises(InvalidRequest, match="not TOML"):
        read_billing_file(path)
    with pytest.raises(InvalidRequest, match=r"forms\.toml"):
        parse_forms("[a]\nx = 1", name="forms.toml")


def test_months_are_written_by_era() -> None:
    """令和 began in May 2019."""
    assert [japanese_month(m) for m in ("2019-05", "2021-10")] == ["令和元年5月", "令和3年10月"]
