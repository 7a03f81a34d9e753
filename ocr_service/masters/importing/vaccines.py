"""Vaccines and their lots, in the format of this product (docs/reference/master-files.md)."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

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
    decimal_in,
    needed,
    period_in,
    whole_in,
    within,
    yes_in,
)

_MOST_ML: Final = Decimal(10)
_MOST_YEARS: Final = 130
_MOST_DAYS: Final = 3660
_LOT: Final = re.compile(r"[0-9A-Z-]{2,20}", re.ASCII)
_LONGEST_PATTERN: Final = 100

VACCINE_COLUMNS: Final = (
    Column("product", ("製品名", "販売名", "ワクチン名"), required=True),
    Column("aliases", ("別名",)),
    Column("disease", ("ワクチン種類", "対象疾病", "種類")),
    Column("maker", ("メーカー", "製造販売業者", "製造者")),
    Column("is_live", ("生ワクチン",)),
    Column("is_injected", ("注射",)),
    Column("doses", ("対象回数",)),
    Column("dose_ml", ("接種量", "接種量mL")),
    Column("age_from", ("対象年齢から", "年齢下限")),
    Column("age_to", ("対象年齢まで", "年齢上限")),
    Column("lot_pattern", ("ロット書式",)),
    Column("least_days", ("最短間隔日数",)),
    Column("least_months", ("最短間隔月数",)),
    Column("valid_from", ("有効開始日",)),
    Column("valid_to", ("有効終了日",)),
)

LOT_COLUMNS: Final = (
    Column("product", ("製品名", "販売名", "ワクチン名"), required=True),
    Column("lot", ("ロット番号", "製造番号", "Lot", "Lot No."), required=True),
    Column("expiry", ("有効期限", "最終有効年月日"), required=True),
    Column("maker", ("メーカー", "製造販売業者", "製造者")),
    Column("extended", ("延長後有効期限",)),
)


def product_key(name: str) -> str:
    """A product's name as it is compared: width and case folded, no spaces or separators."""
    return re.sub(r"[\s・･「」\-‐−]", "", unicodedata.normalize("NFKC", name)).casefold()


def lot_key(lot: str) -> str:
    """A lot number as it is compared: narrow capitals without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", lot)).upper()


def parse_vaccine(cells: CellsOf, facts: FileFacts) -> MasterRow:
    """A product with what is known of it between two days.

    The dose may differ by age, and rules change by date: one product may stand on several lines
    with other ages or another first day.
    """
    del facts
    product = needed(cells, "product", longest=100)
    start, end = period_in(cells)
    youngest = whole_in(cells, "age_from", most=_MOST_YEARS)
    oldest = whole_in(cells, "age_to", most=_MOST_YEARS)
    if youngest and oldest and int(oldest) < int(youngest):
        cells.complain("age_to", ProblemCode.ORDER)
    data = {
        "product": product,
        "aliases": within(cells, "aliases"),
        "disease": within(cells, "disease", longest=50),
        "maker": within(cells, "maker", longest=50),
        "is_live": _three_ways(cells, "is_live"),
        "is_injected": _three_ways(cells, "is_injected"),
        "doses": _doses(cells),
        "dose_ml": decimal_in(cells, "dose_ml", most=_MOST_ML),
        "age_from": youngest,
        "age_to": oldest,
        "lot_pattern": _patterns(cells),
        "least_days": whole_in(cells, "least_days", most=_MOST_DAYS),
        "least_months": whole_in(cells, "least_months", most=_MOST_DAYS // 30),
    }
    first_day = start.isoformat() if start else ""
    return MasterRow(
        line=cells.line,
        key=(product_key(product), first_day, youngest, data["doses"]),
        found_by=(product_key(product),),
        valid_from=start,
        valid_to=end,
        data={key: value for key, value in data.items() if value},
    )


def parse_lot(cells: CellsOf, facts: FileFacts) -> MasterRow:
    """A lot of a product with its expiry, and the later one where the term was extended."""
    del facts
    product = needed(cells, "product", longest=100)
    lot = lot_key(needed(cells, "lot", longest=20))
    if lot and not _LOT.fullmatch(lot):
        cells.complain("lot", ProblemCode.BAD_DIGITS)
    if not cells.text("expiry"):
        cells.complain("expiry", ProblemCode.MISSING)
    expiry, extended = date_in(cells, "expiry"), date_in(cells, "extended")
    if expiry and extended and extended < expiry:
        cells.complain("extended", ProblemCode.ORDER)
    data = {
        "product": product,
        "lot": lot,
        "maker": within(cells, "maker", longest=50),
        "expiry": expiry.isoformat() if expiry else "",
        "extended": extended.isoformat() if extended else "",
    }
    return MasterRow(
        line=cells.line,
        key=(product_key(product), lot),
        found_by=(lot,),
        data={key: value for key, value in data.items() if value},
    )


def _three_ways(cells: CellsOf, name: str) -> str:
    """``1`` for yes, ``0`` for no, "" where nothing is said."""
    if not cells.text(name):
        return ""
    return "1" if yes_in(cells, name) else "0"


def _doses(cells: CellsOf) -> str:
    """Numbers of doses, for example ``1,2``; "" = all."""
    text = re.sub(r"[、・\s/]+", ",", cells.text("doses"))
    if text and not re.fullmatch(r"[1-9]\d?(,[1-9]\d?)*", text, re.ASCII):
        cells.complain("doses", ProblemCode.BAD_NUMBER)
        return ""
    return text


def _patterns(cells: CellsOf) -> str:
    """Regular expressions of lots, separated by ``|``.

    Only characters, classes and counts are taken, for they are run on whatever was read: nothing
    that could take long.
    """
    text = within(cells, "lot_pattern", longest=_LONGEST_PATTERN)
    parts = [part for part in text.split("|") if part]
    if not all(_PLAIN_PATTERN.fullmatch(part) and _compiles(part) for part in parts):
        cells.complain("lot_pattern", ProblemCode.BAD_PATTERN)
        return ""
    return "|".join(parts)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


_PLAIN_PATTERN: Final = re.compile(
    r"(?:(?:\[[0-9A-Z-]+\]|\\d|[0-9A-Z-])(?:\{\d{1,2}(?:,\d{1,2})?\})?)+", re.ASCII
)

VACCINES: Final = KindSpec(MasterKind.VACCINES, VACCINE_COLUMNS, parse_vaccine)
LOTS: Final = KindSpec(MasterKind.LOTS, LOT_COLUMNS, parse_lot, scope=lambda row: row.key[0])

__all__ = [
    "LOTS",
    "LOT_COLUMNS",
    "VACCINES",
    "VACCINE_COLUMNS",
    "lot_key",
    "parse_lot",
    "parse_vaccine",
    "product_key",
]
