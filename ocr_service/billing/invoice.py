"""A clinic's own invoice against what was read from its forms, line by line."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr_service.domain.dates import date_of_digits, parse_era_date
from ocr_service.domain.errors import InvalidRequest

_HEADS = {
    "voucher": ("券番号", "接種券番号", "voucher", "voucher_number"),
    "day": ("接種年月日", "接種日", "date", "vaccination_date"),
    "name": ("氏名", "被接種者氏名", "name"),
    "amount": ("請求額", "金額", "税込額", "amount", "total"),
}
MAX_ROWS = 100_000


class Match(StrEnum):
    """How a line of one side stands to the other."""

    MATCHED = "matched"
    DIFFERS = "differs"  # in the amount
    MISSING = "missing"  # read from a form, but not on the invoice
    EXTRA = "extra"  # on the invoice, but no such form was read


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of either side.

    Attributes:
        label: where it stands, for example ``5`` for a row or ``C000012-3`` for a line.
        voucher: digits; "" where there is none.
        day: ISO date; "" where there is none.
        name: the person; "" where there is none.
        amount: whole yen.
    """

    label: str
    voucher: str
    day: str
    name: str
    amount: int

    @property
    def key(self) -> tuple[str, str]:
        """What both sides know a form by: voucher and day, else name and day."""
        return (self.voucher or _folded(self.name), self.day)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines that belong together, or one that stands alone."""

    match: Match
    ours: Entry | None
    theirs: Entry | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs, those that need eyes first.

    Attributes:
        pairs: every line of both sides, once.
        ours: yen of all our lines.
        theirs: yen of all lines of the invoice.
    """

    pairs: tuple[Pair, ...]
    ours: int
    theirs: int

    @property
    def counts(self) -> dict[Match, int]:
        """How many of each."""
        found = Counter(pair.match for pair in self.pairs)
        return {match: found[match] for match in Match}

    @property
    def agrees(self) -> bool:
        """Whether every line has its counterpart with the same amount."""
        return all(pair.match is Match.MATCHED for pair in self.pairs)


def parse_invoice(data: bytes) -> list[Entry]:
    """The lines of a clinic's CSV file, UTF-8 or code page 932, with a head.

    Known heads: 券番号, 接種年月日, 氏名, 請求額 and a few of their synonyms.

    Raises:
        InvalidRequest: the message names the column or row that is wrong; no value of it.
    """
    rows = list(csv.reader(io.StringIO(_decoded(data), newline="")))
    if not rows:
        raise InvalidRequest("the invoice has no rows")
    if len(rows) > MAX_ROWS:
        raise InvalidRequest(f"the invoice has more than {MAX_ROWS} rows")
    places = _places(rows[0])
    entries: list[Entry] = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            entries.append(_entry(number, row, places))
    return entries


def compare(ours: Iterable[Entry], theirs: Iterable[Entry]) -> Comparison:
    """Pair the lines of both sides; equal amounts are paired first where a key comes twice."""
    mine, yours = list(ours), list(theirs)
    waiting: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in yours:
        waiting[entry.key].append(entry)
    pairs: list[Pair] = []
    left: list[Entry] = []
    for entry in mine:
        same = next((e for e in waiting[entry.key] if e.amount == entry.amount), None)
        if same is None:
            left.append(entry)
        else:
            waiting[entry.key].remove(same)
            pairs.append(Pair(Match.MATCHED, entry, same))
    for entry in left:
        if waiting[entry.key]:
            pairs.append(Pair(Match.DIFFERS, entry, waiting[entry.key].pop(0)))
        else:
            pairs.append(Pair(Match.MISSING, entry, None))
    pairs += [Pair(Match.EXTRA, None, e) for rest in waiting.values() for e in rest]
    order = [Match.DIFFERS, Match.MISSING, Match.EXTRA, Match.MATCHED]
    pairs.sort(key=lambda pair: order.index(pair.match))
    return Comparison(tuple(pairs), sum(e.amount for e in mine), sum(e.amount for e in yours))


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidRequest("the invoice is neither UTF-8 nor code page 932")


def _places(head: Sequence[str]) -> dict[str, int]:
    shown = [_folded(title) for title in head]
    places = {
        name: shown.index(_folded(title))
        for name, titles in _HEADS.items()
        for title in reversed(titles)
        if _folded(title) in shown
    }
    for name in ("day", "amount"):
        if name not in places:
            raise InvalidRequest(f"the invoice has no column {_HEADS[name][0]}")
    if "voucher" not in places and "name" not in places:
        raise InvalidRequest("the invoice has neither 券番号 nor 氏名")
    return places


def _entry(number: int, row: Sequence[str], places: dict[str, int]) -> Entry:
    def cell(name: str) -> str:
        place = places.get(name, len(row))
        return unicodedata.normalize("NFKC", row[place]).strip() if place < len(row) else ""

    amount = re.sub(r"[,¥円\\\s]", "", cell("amount"))
    if not re.fullmatch(r"-?\d{1,12}", amount, re.ASCII):
        raise InvalidRequest(f"row {number} of the invoice: the amount is no whole number of yen")
    day = _iso_day(cell("day"))
    if day is None:
        raise InvalidRequest(f"row {number} of the invoice: no date that exists")
    voucher = re.sub(r"\D", "", cell("voucher"))
    # Spreadsheets take the zeros off a number that they think is one.
    return Entry(str(number), voucher.zfill(10) if voucher else "", day, cell("name"), int(amount))


def _iso_day(text: str) -> str | None:
    era = parse_era_date(text)
    if era is not None:
        return era.date.isoformat()
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text, re.ASCII)
    digits = "".join(f"{int(part):02d}" for part in parts.groups()) if parts else text
    day = date_of_digits(digits)
    return None if day is None else day.isoformat()


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


__all__ = ["MAX_ROWS", "Comparison", "Entry", "Match", "Pair", "compare", "parse_invoice"]
