"""What is wrong with price tables before anything is billed by them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr_service.billing.classify import KIND_WORDS, Kind
from ocr_service.billing.tariff import ANY, PriceRow, PriceTable
from ocr_service.domain.record import Severity

_DAY = dt.timedelta(days=1)
_NAMES = ("municipality", "kind", "product", "dose", "place", "burden")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing.

    Attributes:
        table: key of the table.
        code: ``price.gap``, ``price.overlap`` ...
        severity: an error would bill wrongly or not at all; a warning holds forms back.
        message_ja: names the row and the dates.
        message_en: the same in English.
    """

    table: str
    code: str
    severity: Severity
    message_ja: str
    message_en: str


def lint_tables(tables: Sequence[PriceTable]) -> tuple[Finding, ...]:
    """Gaps and overlaps inside each table and between tables of one vaccine."""
    found = [finding for table in tables for finding in _lint(table)]
    used = [table for table in tables if not table.example]
    return (*found, *_between(used))


def _lint(table: PriceTable) -> Iterable[Finding]:
    rows: dict[tuple[str, ...], list[PriceRow]] = defaultdict(list)
    for row in table.price:
        rows[row.key].append(row)
    if not rows:
        yield _finding(table, "price.none", Severity.ERROR, "価格の行がありません", "no price row")
    for same in (rows[key] for key in sorted(rows)):
        general = [row for row in table.price if _says_less(row, same[0])]
        yield from _dates(table, sorted(same, key=lambda row: row.first), general)
    for kind in Kind:
        if rows and all(row.kind is not kind for row in table.price):
            ja, en = KIND_WORDS[kind]
            yield _finding(
                table,
                "price.kind_missing",
                Severity.WARNING,
                f"「{ja}」の単価がありません。その予診票は請求されず保留になります",
                f"no price for {en}: such forms are held",
            )
    known = {addon.when for addon in table.addon}
    for name in sorted({name for group in table.exclusive for name in group} - known):
        yield _finding(
            table,
            "addon.unknown",
            Severity.ERROR,
            f"排他の組にある加算「{name}」がありません",
            f"exclusive names an add-on {name} that is not there",
        )
    yield from _addon_dates(table)


def _dates(
    table: PriceTable, rows: Sequence[PriceRow], general: Sequence[PriceRow]
) -> Iterable[Finding]:
    shown = _shown(rows[0].key)
    expected = table.first_day
    for row in rows:
        if row.first > expected:
            yield from _gaps(table, shown, (expected, row.first - _DAY), general)
        elif row.first < expected and row is not rows[0]:
            yield _overlap(table, shown, row.first, min(row.last, expected - _DAY))
        expected = max(expected, row.last + _DAY)
    yield from _gaps(table, shown, (expected, table.last_day), general)
    for row in rows:
        if row.first < table.first_day or row.last > table.last_day:
            yield _finding(
                table,
                "price.outside",
                Severity.WARNING,
                f"{shown}: {row.first}〜{row.last} は表の期間の外にはみ出しています",
                f"{shown}: {row.first} to {row.last} leaves the period of the table",
            )


def _says_less(row: PriceRow, other: PriceRow) -> bool:
    """Whether ``row`` prices whatever ``other`` does, but says less."""
    pairs = list(zip(row.key, other.key, strict=True))
    return row.key != other.key and all(mine in {ANY, theirs} for mine, theirs in pairs)


def _gaps(
    table: PriceTable, shown: str, span: tuple[dt.date, dt.date], general: Sequence[PriceRow]
) -> Iterable[Finding]:
    """What is left of a span after rows that say less have filled in."""
    first, last = span
    for row in sorted(general, key=lambda row: row.first):
        if row.last < first or row.first > last:
            continue
        if row.first > first:
            yield _gap(table, shown, first, row.first - _DAY)
        first = row.last + _DAY
    if first <= last:
        yield _gap(table, shown, first, last)


def _addon_dates(table: PriceTable) -> Iterable[Finding]:
    for index, one in enumerate(table.addon):
        for other in table.addon[index + 1 :]:
            meets = one.first <= other.last and other.first <= one.last
            if one.when == other.when and meets and set(one.kinds) & set(other.kinds):
                first, last = max(one.first, other.first), min(one.last, other.last)
                yield _overlap(table, f"addon={one.when}", first, last)


def _between(tables: Sequence[PriceTable]) -> Iterable[Finding]:
    for index, one in enumerate(tables):
        for other in tables[index + 1 :]:
            if one.vaccine == other.vaccine:
                yield from _clash(one, other)


def _clash(one: PriceTable, other: PriceTable) -> Iterable[Finding]:
    theirs: dict[tuple[str, ...], list[PriceRow]] = defaultdict(list)
    for row in other.price:
        theirs[row.key].append(row)
    for row in one.price:
        for second in theirs[row.key]:
            first, last = max(row.first, second.first), min(row.last, second.last)
            if first <= last:
                yield _overlap(one, f"{_shown(row.key)} ⇔ {other.key}", first, last)


def _gap(table: PriceTable, shown: str, first: dt.date, last: dt.date) -> Finding:
    return _finding(
        table,
        "price.gap",
        Severity.ERROR,
        f"{shown}: {first}〜{last} の単価がありません",
        f"{shown}: no price from {first} to {last}",
    )


def _overlap(table: PriceTable, shown: str, first: dt.date, last: dt.date) -> Finding:
    return _finding(
        table,
        "price.overlap",
        Severity.ERROR,
        f"{shown}: {first}〜{last} の単価が重なっています",
        f"{shown}: two prices from {first} to {last}",
    )


def _finding(table: PriceTable, code: str, severity: Severity, ja: str, en: str) -> Finding:
    return Finding(table.key, code, severity, ja, en)


def _shown(key: tuple[str, ...]) -> str:
    named = zip(_NAMES, key, strict=True)
    return " ".join(f"{name}={value}" for name, value in named if value != ANY) or "all"


__all__ = ["Finding", "lint_tables"]
