"""Residents (宛名) and the ledger of earlier doses, in the operator's CSV."""

from __future__ import annotations

import re
from typing import Final

from ocr_service.domain.codes import municipality_code_valid
from ocr_service.masters.importing.model import (
    CellsOf,
    Column,
    FileFacts,
    KindSpec,
    MasterKind,
    MasterRow,
    ProblemCode,
)
from ocr_service.masters.importing.values import (
    date_in,
    digits_in,
    needed,
    period_in,
    whole_in,
    within,
)
from ocr_service.masters.municipalities import municipality_of
from ocr_service.masters.person_keys import kana_key, person_key

_VOUCHER: Final = 10
_MUNICIPALITY: Final = 6
_MOST_DOSES: Final = 30

_MUNICIPALITY_COLUMN: Final = Column(
    "municipality", ("市町村コード", "自治体コード", "市区町村コード"), required=True
)

RESIDENT_COLUMNS: Final = (
    _MUNICIPALITY_COLUMN,
    Column("voucher", ("券番号", "接種券番号"), required=True),
    Column("name", ("氏名", "漢字氏名"), required=True),
    Column("kana", ("氏名カナ", "フリガナ", "カナ氏名"), required=True),
    Column("birth_date", ("生年月日",), required=True),
    Column("address", ("住所", "現住所"), required=True),
    Column("sex", ("性別",)),
    Column("valid_from", ("住民となった日", "有効開始日")),
    Column("valid_to", ("住民でなくなった日", "有効終了日")),
)

LEDGER_COLUMNS: Final = (
    _MUNICIPALITY_COLUMN,
    Column("voucher", ("券番号", "接種券番号")),
    Column("name", ("氏名", "漢字氏名")),
    Column("birth_date", ("生年月日",)),
    Column("date", ("接種日", "接種年月日"), required=True),
    Column("product", ("製品名", "ワクチン名", "ワクチンメーカー"), required=True),
    Column("lot", ("ロット番号", "ワクチンロット番号", "製造番号")),
    Column("number", ("接種回数", "回数")),
    Column("disease", ("ワクチン種類", "対象疾病")),
)

_SEX: Final = {"男": "male", "女": "female", "1": "male", "2": "female", "": ""}


def parse_resident(cells: CellsOf, facts: FileFacts) -> MasterRow:
    """A resident. The name keeps its characters; widths and spaces are folded for comparing."""
    del facts
    municipality = _municipality(cells)
    voucher = _required_digits(cells, "voucher", _VOUCHER)
    needed(cells, "name", longest=100)
    kana = needed(cells, "kana", longest=100)
    needed(cells, "address", longest=200)
    birth = date_in(cells, "birth_date")
    if not cells.text("birth_date"):
        cells.complain("birth_date", ProblemCode.MISSING)
    start, end = period_in(cells)
    sex = cells.text("sex")
    if sex not in _SEX:
        cells.complain("sex", ProblemCode.BAD_CHOICE)
    name = re.sub(r"\s+", "　", cells.raw("name"))
    data = {
        "municipality": municipality,
        "voucher": voucher,
        "name": name,
        "kana": kana_key(kana) if not re.search(r"\s", kana) else _spaced_kana(kana),
        "birth_date": birth.isoformat() if birth else "",
        "address": re.sub(r"\s+", "", cells.raw("address")),
        "sex": _SEX.get(sex, ""),
    }
    return MasterRow(
        line=cells.line,
        key=(municipality, voucher),
        found_by=(municipality, voucher),
        also_found_by=person_key(name, data["birth_date"]),
        valid_from=start,
        valid_to=end,
        data={key: value for key, value in data.items() if value},
    )


def parse_dose(cells: CellsOf, facts: FileFacts) -> MasterRow:
    """A dose that was given before, known by voucher, or else by name and date of birth."""
    del facts
    municipality = _municipality(cells)
    voucher = digits_in(cells, "voucher", _VOUCHER)
    birth = date_in(cells, "birth_date")
    person = person_key(cells.raw("name"), birth.isoformat()) if birth else ()
    if not voucher and not person:
        cells.complain("voucher", ProblemCode.MISSING)
    if not cells.text("date"):
        cells.complain("date", ProblemCode.MISSING)
    given = date_in(cells, "date")
    product = needed(cells, "product", longest=100)
    number = whole_in(cells, "number", most=_MOST_DOSES)
    data = {
        "date": given.isoformat() if given else "",
        "product": product,
        "lot": within(cells, "lot", longest=20).upper(),
        "number": number,
        "disease": within(cells, "disease", longest=50),
    }
    who = (municipality, voucher) if voucher else person
    return MasterRow(
        line=cells.line,
        key=(*who, data["date"], product),
        found_by=(municipality, voucher) if voucher else (),
        also_found_by=person,
        data={key: value for key, value in data.items() if value},
    )


def _required_digits(cells: CellsOf, name: str, length: int) -> str:
    digits = digits_in(cells, name, length)
    if not digits:
        cells.complain(name, ProblemCode.MISSING)
    return digits


def _municipality(cells: CellsOf) -> str:
    """Six digits with their check digit, of a municipality that the postal table knows."""
    code = _required_digits(cells, "municipality", _MUNICIPALITY)
    if len(code) != _MUNICIPALITY or not code.isdigit():
        return code
    if not municipality_code_valid(code):
        cells.complain("municipality", ProblemCode.CHECK_DIGIT)
    elif municipality_of(code) is None:
        cells.complain("municipality", ProblemCode.UNKNOWN)
    return code


def _spaced_kana(kana: str) -> str:
    return "　".join(kana_key(part) for part in kana.split())


RESIDENTS: Final = KindSpec(
    MasterKind.RESIDENTS, RESIDENT_COLUMNS, parse_resident, scope=lambda row: row.key[0]
)
LEDGER: Final = KindSpec(
    MasterKind.LEDGER, LEDGER_COLUMNS, parse_dose, scope=lambda row: row.key[0]
)

__all__ = [
    "LEDGER",
    "LEDGER_COLUMNS",
    "RESIDENTS",
    "RESIDENT_COLUMNS",
    "parse_dose",
    "parse_resident",
]
