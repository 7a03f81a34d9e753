"""Amounts worked out a second time, another way: what a claim says must come out of it too.

Nothing of ``prices`` and ``claim`` is used: net amounts and tax come from the tables' rows in
decimals, sums are taken over what the papers say, not over the objects they were made from.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from ocr_service.billing.bills import Bill
from ocr_service.billing.money import PER_MILLE, Rounding
from ocr_service.billing.tariff import PriceTable

_DECIMAL = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A line as a detail list printed it."""

    number: int
    municipality: str
    institution: str
    total: int


def rows_of_details(data: bytes) -> list[PaperRow]:
    """The lines of a detail list (UTF-8 with byte order mark)."""
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [
        PaperRow(
            number=int(row["番号"]),
            municipality=row["市区町村番号"],
            institution=row["医療機関等コード"],
            total=int(row["請求額"]),
        )
        for row in reader
    ]


def totals_by(rows: Iterable[PaperRow], column: str) -> dict[str, int]:
    """Sums of a detail list by ``municipality`` or ``institution``."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[str(getattr(row, column))] += row.total
    return dict(found)


def worked_out(bill: Bill, tables: Sequence[PriceTable]) -> int | None:
    """What the bill should ask for by the rows of its table, or None where no row knows an item.

    Every item is looked up by its amount without tax among all rows that were in force that day,
    taxed in decimals and rounded once.
    """
    table = next((one for one in tables if one.key == bill.table), None)
    if table is None:
        return None
    known = _known_nets(table, bill.day)
    total = Decimal(-bill.self_payment)
    for item in bill.items:
        if item.net not in known.get(item.code, ()):
            return None
        rate = Decimal(1) + Decimal(table.tax.permille) / Decimal(PER_MILLE)
        exact = Decimal(item.net) * rate
        total += exact.quantize(Decimal(1), rounding=_DECIMAL[table.tax.rounding])
    return int(total)


def _known_nets(table: PriceTable, day: dt.date) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in table.price:
        if row.first <= day <= row.last:
            found[row.kind].add(row.net)
    for addon in table.addon:
        if addon.first <= day <= addon.last:
            found[addon.when].add(addon.net)
    return found


__all__ = ["PaperRow", "rows_of_details", "totals_by", "worked_out"]
