"""Medical institutions: the regional bureaus' lists, and the operator's own venues.

The bureaus publish a code of seven digits; ten are made of the prefecture's number, the point
table (1 medical, 3 dental) and those seven (domain: 医療機関コード). The check digit covers all
ten, except in four prefectures where it covers the last seven alone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ocr_service.domain.codes import institution_code_valid
from ocr_service.masters.importing.model import (
    CellsOf,
    Column,
    FileFacts,
    KindSpec,
    MasterKind,
    MasterRow,
    ProblemCode,
)
from ocr_service.masters.importing.values import date_in, needed, within, yes_in
from ocr_service.masters.prefectures import prefecture_number

_SHORT: Final = 7
_WHOLE: Final = 10
_POSTCODE: Final = re.compile(r"^〒?\s*\d{3}[-‐−－ー]?\d{4}\s*")

COLUMNS: Final = (
    Column(
        "code",
        ("医療機関番号", "医療機関コード", "医療機関等コード", "保険医療機関番号", "機関番号"),
        required=True,
    ),
    Column("name", ("医療機関名称", "医療機関名", "名称", "施設名"), required=True),
    Column("address", ("医療機関所在地", "所在地", "住所")),
    Column("phone", ("電話番号", "電話")),
    Column("prefecture", ("都道府県コード", "都道府県番号", "都道府県名", "都道府県")),
    Column("point_table", ("点数表", "点数表番号", "点数表区分")),
    Column("valid_from", ("指定年月日", "指定日", "有効開始日")),
    Column("valid_to", ("廃止年月日", "辞退年月日", "有効終了日")),
    Column("unchecked", ("検証番号対象外",)),
)


def parse_institution(cells: CellsOf, facts: FileFacts) -> MasterRow | None:
    """A row; None for lines that go on with the one above (the lists print several a clinic)."""
    raw = cells.raw("code")
    if not raw or not re.search(r"[0-9０-９]", raw):
        return None
    code = _code(cells, facts)
    unchecked = yes_in(cells, "unchecked")
    if len(code) == _WHOLE and not unchecked and not institution_code_valid(code):
        cells.complain("code", ProblemCode.CHECK_DIGIT)
    needed(cells, "name")
    name = "　".join(cells.raw("name").split())  # as registered, whatever its widths
    # bureaus print one date or several lines of them; what is no date there tells nothing
    start = date_in(cells, "valid_from") if _is_own(cells) else None
    end = date_in(cells, "valid_to")
    address = _POSTCODE.sub("", unicodedata.normalize("NFKC", cells.raw("address")))
    data = {
        "name": name,
        "address": re.sub(r"\s+", "", address)[:_LONGEST_ADDRESS],
        "phone": re.sub(r"[^0-9]", "", within(cells, "phone").split(" ")[0]),
        "unchecked": "1" if unchecked else "",
    }
    return MasterRow(
        line=cells.line,
        key=(code,),
        found_by=(code,),
        valid_from=start,
        valid_to=end,
        data={key: value for key, value in data.items() if value},
    )


_LONGEST_ADDRESS: Final = 200


def _is_own(cells: CellsOf) -> bool:
    return cells.headers.get("valid_from", "") == "有効開始日"


def _code(cells: CellsOf, facts: FileFacts) -> str:
    """The ten digits; complains where they cannot be made up."""
    first = unicodedata.normalize("NFKC", cells.raw("code")).strip().splitlines()[0]
    digits = re.sub(r"[\s,.・\-‐−ー]", "", first)
    if "code" in cells.numeric and len(digits) < _SHORT:
        digits = digits.zfill(_SHORT)
    elif "code" in cells.numeric and len(digits) == _WHOLE - 1:
        digits = digits.zfill(_WHOLE)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {_SHORT, _WHOLE}:
        cells.complain("code", ProblemCode.BAD_DIGITS)
        return digits
    if len(digits) == _WHOLE:
        return digits
    prefecture = prefecture_number(cells.text("prefecture")) or facts.prefecture
    if not prefecture:
        cells.complain("prefecture", ProblemCode.MISSING)
        return digits
    table = {"": facts.point_table, "医科": "1", "歯科": "3"}.get(
        cells.text("point_table"), cells.text("point_table")
    )
    if table not in {"1", "3"}:
        cells.complain("point_table", ProblemCode.BAD_CHOICE)
    return prefecture + table + digits


INSTITUTIONS: Final = KindSpec(
    MasterKind.INSTITUTIONS, COLUMNS, parse_institution, scope=lambda row: row.key[0][:3]
)

__all__ = ["COLUMNS", "INSTITUTIONS", "parse_institution"]
