"""What a record costs, item by item."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ocr_service.billing.classify import KIND_WORDS, Kind
from ocr_service.billing.facts import Facts
from ocr_service.billing.money import with_tax
from ocr_service.billing.tariff import ANY, AddOnRow, PriceRow, PriceTable


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is paid for; counts once.

    Attributes:
        code: ``vaccination``, ``interview`` or the add-on's mark.
        label: as printed.
        net: whole yen without tax.
        gross: whole yen with tax, rounded for this item alone.
    """

    code: str
    label: str
    net: int
    gross: int


@dataclass(frozen=True, slots=True)
class Priced:
    """What one record costs.

    Attributes:
        items: the service first, add-ons behind it.
        self_payment: what the person paid at the counter, with tax.
        table: key of the price table.
    """

    items: tuple[Item, ...]
    self_payment: int
    table: str


class PriceBook:
    """All tables in use, by vaccine and kind.

    Rows that say more win over rows that say less: municipality before product, dose, place and
    burden class.
    """

    def __init__(self, tables: Iterable[PriceTable]) -> None:
        self.tables = tuple(table for table in tables if not table.example)
        rows: dict[tuple[str, str], list[tuple[PriceRow, PriceTable]]] = defaultdict(list)
        for table in self.tables:
            for row in table.price:
                rows[table.vaccine, row.kind].append((row, table))
        for found in rows.values():
            found.sort(key=lambda pair: _rank(pair[0]))
        self._rows: Mapping[tuple[str, str], list[tuple[PriceRow, PriceTable]]] = rows

    def price(self, facts: Facts, kind: Kind, day: dt.date) -> Priced | None:
        """What the record costs, or None where no row fits.

        Args:
            facts: of the record.
            kind: what it counts as.
            day: of the vaccination.
        """
        for row, table in self._rows.get((facts.vaccine, kind), ()):
            if row.covers(day) and _fits(row, facts):
                return _priced(row, table, facts, day)
        return None


def _priced(row: PriceRow, table: PriceTable, facts: Facts, day: dt.date) -> Priced:
    tax = table.tax.tax
    label = row.label or _label(row)
    service = Item(row.kind, label, row.net, with_tax(row.net, tax))
    extras = (
        Item(addon.when, addon.label, addon.net, with_tax(addon.net, tax))
        for addon in _addons(row.kind, table, facts, day)
    )
    return Priced((service, *extras), row.self_payment, table.key)


def _addons(kind: Kind, table: PriceTable, facts: Facts, day: dt.date) -> list[AddOnRow]:
    due = [
        addon
        for addon in table.addon
        if getattr(facts, addon.when) and kind in addon.kinds and addon.covers(day)
    ]
    for group in table.exclusive:
        present = [name for name in group if any(addon.when == name for addon in due)]
        due = [addon for addon in due if addon.when not in present[1:]]
    return due


def _fits(row: PriceRow, facts: Facts) -> bool:
    wanted = (
        (row.municipality, facts.municipality),
        (row.product, facts.product),
        (row.dose, facts.dose),
        (row.place, facts.place),
        (row.burden, facts.burden),
    )
    return all(asked == ANY or _same(asked, given) for asked, given in wanted)


def _same(asked: str, given: str | None) -> bool:
    return given is not None and _folded(asked) == _folded(given)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _rank(row: PriceRow) -> tuple[bool, ...]:
    dimensions = (row.municipality, row.product, row.dose, row.place, row.burden)
    return tuple(value == ANY for value in dimensions)


def _label(row: PriceRow) -> str:
    shown = [KIND_WORDS[row.kind][0]]
    shown += [value for value in (row.product, row.place, row.burden) if value != ANY]
    if row.dose != ANY:
        shown.append(f"{row.dose}回目" if row.dose.isdigit() else row.dose)
    return " ".join(shown)


__all__ = ["Item", "PriceBook", "Priced"]
