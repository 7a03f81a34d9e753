"""What stands on the papers of a claim, whatever they are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocr_service.billing.bills import ROUTE_WORDS
from ocr_service.billing.claim import ROLE_WORDS, ClaimSums, Line
from ocr_service.billing.classify import KIND_WORDS
from ocr_service.billing.issuer import Issuer
from ocr_service.billing.places import municipality_name
from ocr_service.domain.dates import Era, era_of

_ERA_NAMES = {
    Era.MEIJI: "明治",
    Era.TAISHO: "大正",
    Era.SHOWA: "昭和",
    Era.HEISEI: "平成",
    Era.REIWA: "令和",
}

DETAIL_HEAD = (
    "番号",
    "区分",
    "請求経路",
    "市区町村番号",
    "市区町村名",
    "医療機関等コード",
    "接種年月日",
    "券番号",
    "氏名",
    "ワクチン",
    "回数",
    "種別",
    "税抜額",
    "税込額",
    "自己負担額",
    "請求額",
    "元の明細",
)
SHEET_HEAD = (
    "請求経路",
    "市区町村番号",
    "市区町村名",
    "費目",
    "税抜単価",
    "税込単価",
    "件数",
    "税抜額",
    "税込額",
)
SUMMARY_HEAD = (
    "請求経路",
    "市区町村番号",
    "市区町村名",
    "件数",
    "接種",
    "予診のみ",
    "税抜額",
    "税込額",
    "自己負担額",
    "請求額",
)

Cell = str | int


@dataclass(frozen=True, slots=True)
class ClaimPapers:
    """Everything the papers of a claim say.

    Attributes:
        number: of the claim, as printed.
        month: billing month, ``YYYY-MM``: the month of submission.
        issued: day of issue; None on a draft, which says so.
        issuer: who claims.
        sums: lines and totals.
        institutions: names by code, as far as known.
    """

    number: str
    month: str
    issued: dt.date | None
    issuer: Issuer
    sums: ClaimSums
    institutions: Mapping[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines by number."""
        found = [line for sheet in self.sums.sheets for line in sheet.lines]
        return tuple(sorted(found, key=lambda line: line.number))


def detail_rows(papers: ClaimPapers) -> list[tuple[Cell, ...]]:
    """One row a form, under ``DETAIL_HEAD``; amounts signed."""
    return [_detail(line) for line in papers.lines]


def sheet_rows(papers: ClaimPapers) -> list[tuple[Cell, ...]]:
    """One row an item and municipality, under ``SHEET_HEAD``."""
    return [
        (
            ROUTE_WORDS[sheet.route][0],
            sheet.municipality,
            municipality_name(sheet.municipality),
            row.label,
            row.unit_net,
            row.unit_gross,
            row.count,
            row.net,
            row.gross,
        )
        for sheet in papers.sums.sheets
        for row in sheet.rows
    ]


def summary_rows(papers: ClaimPapers) -> list[tuple[Cell, ...]]:
    """One row a municipality, under ``SUMMARY_HEAD``."""
    return [
        (
            ROUTE_WORDS[sheet.route][0],
            sheet.municipality,
            municipality_name(sheet.municipality),
            sheet.sums.forms,
            sheet.sums.shots,
            sheet.sums.interviews,
            sheet.sums.net,
            sheet.sums.gross,
            sheet.sums.self_payment,
            sheet.sums.total,
        )
        for sheet in papers.sums.sheets
    ]


def japanese_date(day: dt.date) -> str:
    """A day by era: 令和8年11月26日."""
    era = era_of(day)
    if era is None:
        return day.isoformat()
    year = "元" if era[1] == 1 else str(era[1])
    return f"{_ERA_NAMES[era[0]]}{year}年{day.month}月{day.day}日"


def japanese_month(month: str) -> str:
    """A month by the era of its last day: 令和8年11月."""
    year, number = map(int, month.split("-"))
    return japanese_date(dt.date(year, number, 28)).rpartition("月")[0] + "月"


def addressee(municipality: str) -> str:
    """Whom a municipality's sheet is for."""
    return f"{municipality_name(municipality)}長　様"


def _detail(line: Line) -> tuple[Cell, ...]:
    bill, sign = line.bill, line.sign
    return (
        line.number,
        ROLE_WORDS[line.role][0],
        ROUTE_WORDS[bill.route][0],
        bill.municipality,
        municipality_name(bill.municipality),
        bill.institution,
        bill.day.isoformat(),
        bill.voucher or "",
        line.name,
        bill.product or "",
        bill.dose or "",
        KIND_WORDS[bill.kind][0],
        sign * bill.net,
        sign * bill.gross,
        sign * bill.self_payment,
        sign * bill.total,
        line.original,
    )


__all__ = [
    "DETAIL_HEAD",
    "SHEET_HEAD",
    "SUMMARY_HEAD",
    "Cell",
    "ClaimPapers",
    "addressee",
    "detail_rows",
    "japanese_date",
    "japanese_month",
    "sheet_rows",
    "summary_rows",
]
