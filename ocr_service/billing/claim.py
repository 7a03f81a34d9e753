"""Bills added up: by item, by municipality, all together. Every sum is a sum of lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr_service.billing.bills import Bill, Route
from ocr_service.billing.classify import Kind


class Role(StrEnum):
    """Why a line is in a claim."""

    NEW = "new"  # for the first time
    REENTRY = "reentry"  # it was returned and comes again
    REVERSAL = "reversal"  # takes an earlier line back
    CORRECTION = "correction"  # comes in place of the line taken back


ROLE_WORDS = {
    Role.NEW: ("", ""),
    Role.REENTRY: ("返戻再請求", "re-entered"),
    Role.REVERSAL: ("取消", "reversal"),
    Role.CORRECTION: ("訂正", "correction"),
}
"""(Japanese, English)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One form in a claim.

    Attributes:
        number: 1-based in the claim.
        document: the document it stands for.
        version: the document's version that was billed.
        role: why it is there.
        bill: what it is billed as; of a reversal, the bill that is taken back.
        original: label of the earlier line that it refers to, or "".
        name: the person, for the list; "" where the form has none.
    """

    number: int
    document: int
    version: int
    role: Role
    bill: Bill
    original: str = ""
    name: str = ""

    @property
    def sign(self) -> int:
        """-1 for a reversal, else 1; counts and amounts carry it."""
        return -1 if self.role is Role.REVERSAL else 1


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals; ``total = gross - self_payment``. Reversals count negative.

    Attributes:
        forms: number of forms.
        shots: of them with a shot.
        interviews: of them with the examination alone.
        net: yen without tax.
        gross: yen with tax.
        self_payment: yen that persons paid.
        total: yen asked for.
    """

    forms: int
    shots: int
    interviews: int
    net: int
    gross: int
    self_payment: int
    total: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    """Equal items added up: ``net = unit_net * count`` and ``gross = unit_gross * count``."""

    code: str
    label: str
    unit_net: int
    unit_gross: int
    count: int

    @property
    def net(self) -> int:
        """Yen without tax."""
        return self.unit_net * self.count

    @property
    def gross(self) -> int:
        """Yen with tax."""
        return self.unit_gross * self.count


@dataclass(frozen=True, slots=True)
class SheetSums:
    """One municipality's part of a claim on one route.

    Attributes:
        municipality: six digits.
        route: who takes it.
        lines: its lines.
        rows: its items added up, without those that came to nothing.
        sums: its totals.
    """

    municipality: str
    route: Route
    lines: tuple[Line, ...]
    rows: tuple[ItemRow, ...]
    sums: Sums


@dataclass(frozen=True, slots=True)
class ClaimSums:
    """A whole claim.

    Attributes:
        sheets: by route and municipality.
        rows: items of all sheets.
        sums: totals of all sheets.
    """

    sheets: tuple[SheetSums, ...]
    rows: tuple[ItemRow, ...]
    sums: Sums


def add_up(lines: Sequence[Line]) -> ClaimSums:
    """Add lines up. The order of lines inside a sheet is kept."""
    by_sheet: dict[tuple[Route, str], list[Line]] = defaultdict(list)
    for line in lines:
        by_sheet[line.bill.route, line.bill.municipality].append(line)
    sheets = tuple(
        SheetSums(code, route, tuple(found), item_rows(found), sums_of(found))
        for (route, code), found in sorted(by_sheet.items())
    )
    return ClaimSums(sheets, item_rows(lines), sums_of(lines))


def sums_of(lines: Iterable[Line]) -> Sums:
    """Totals of lines."""
    found = list(lines)

    def of(kind: Kind) -> int:
        return sum(line.sign for line in found if line.bill.kind is kind)

    return Sums(
        forms=sum(line.sign for line in found),
        shots=of(Kind.VACCINATION),
        interviews=of(Kind.INTERVIEW),
        net=sum(line.sign * line.bill.net for line in found),
        gross=sum(line.sign * line.bill.gross for line in found),
        self_payment=sum(line.sign * line.bill.self_payment for line in found),
        total=sum(line.sign * line.bill.total for line in found),
    )


def item_rows(lines: Iterable[Line]) -> tuple[ItemRow, ...]:
    """Items of lines added up, services before add-ons, dear before cheap."""
    counts: Counter[tuple[str, str, int, int]] = Counter()
    for line in lines:
        for item in line.bill.items:
            counts[item.code, item.label, item.net, item.gross] += line.sign
    rows = (ItemRow(*key, count) for key, count in counts.items() if count)
    services = list(Kind)
    return tuple(sorted(rows, key=lambda r: (r.code not in services, -r.unit_net, r.code, r.label)))


def by_institution(lines: Iterable[Line]) -> dict[str, Sums]:
    """Totals by institution, in order of their codes."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.bill.institution].append(line)
    return {code: sums_of(found[code]) for code in sorted(found)}


__all__ = [
    "ROLE_WORDS",
    "ClaimSums",
    "ItemRow",
    "Line",
    "Role",
    "SheetSums",
    "Sums",
    "add_up",
    "by_institution",
    "item_rows",
    "sums_of",
]
