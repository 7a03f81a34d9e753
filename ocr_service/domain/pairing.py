"""Which pages are the sides of one form: by the code they carry, or by their order in the scan.

A pure function of the pages, not of the order in which they came or were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class PairBy(StrEnum):
    """What ties the sides of a form together in a batch."""

    CODE = "code"  # the code that the form names; forms that name none are not paired
    ORDER = "order"  # the two sides of each sheet, as the duplex scanner gave them
    OFF = "off"


class Standing(StrEnum):
    """How a page stands to the other sides of its form."""

    PAIRED = "paired"  # every side is there, once
    ALONE = "alone"  # a side has not come
    TWICE = "twice"  # a side came more than once
    UNCODED = "uncoded"  # the code that would tell is not known


@dataclass(frozen=True, slots=True)
class Side:
    """Which side of which form a page is, as its template says.

    Attributes:
        number: 1-based page of the form.
        needed: pages of the form that make it whole.
        keys: record keys on this page that hold the code; () = the form names none.
    """

    number: int
    needed: tuple[int, ...]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SidePage:
    """A scanned page of a form with several sides.

    Attributes:
        document: its id.
        form: key of its template.
        side: which side it is.
        code: what ties it to the others, as it is compared; None = not known.
        file: id of the file it came in.
        sheet: sheet of paper in that file; both sides of a duplex sheet have the same.
    """

    document: int
    form: str
    side: Side
    code: str | None
    file: int
    sheet: int


@dataclass(frozen=True, slots=True)
class Placed:
    """How one page stands.

    Attributes:
        standing: in one word.
        members: documents of its form that were found, itself too, in order of side.
        missing: sides that have not come.
        twice: sides that came more than once.
    """

    standing: Standing
    members: tuple[int, ...]
    missing: tuple[int, ...] = ()
    twice: tuple[int, ...] = ()


def paired(pages: Sequence[SidePage], by: PairBy, *, duplex: bool) -> Mapping[int, Placed]:
    """How each page stands, by document; pages that are not paired at all are left out.

    By code, a page whose code is not known takes that of the other side of its sheet, where both
    sides of sheets were scanned.

    Args:
        pages: pages of forms with several sides, in any order; each document once.
        by: what ties sides together.
        duplex: whether two pages with the same file and sheet are one sheet of paper.
    """
    if by is PairBy.ORDER:
        return _of_sets({page: _sheet(page) for page in pages})
    if by is PairBy.OFF:
        return {}
    coded = [page for page in pages if page.side.keys]
    sheets: dict[tuple[object, ...], list[SidePage]] = {}
    for page in coded if duplex else ():
        sheets.setdefault(_sheet(page), []).append(page)
    known: dict[SidePage, tuple[object, ...]] = {}
    unknown: dict[int, Placed] = {}
    for page in coded:
        code = page.code or _code_of_sheet(page, sheets.get(_sheet(page), ()))
        if code is None:
            missing = tuple(n for n in page.side.needed if n != page.side.number)
            unknown[page.document] = Placed(Standing.UNCODED, (page.document,), missing)
        else:
            known[page] = (page.form, code)
    return {**_of_sets(known), **unknown}


def _sheet(page: SidePage) -> tuple[object, ...]:
    return page.form, page.file, page.sheet


def _code_of_sheet(page: SidePage, on_sheet: Sequence[SidePage]) -> str | None:
    """The one code that the other sides of the sheet agree on."""
    codes = {
        other.code
        for other in on_sheet
        if other.code is not None and other.side.number != page.side.number
    }
    return codes.pop() if len(codes) == 1 else None


def _of_sets(names: Mapping[SidePage, tuple[object, ...]]) -> dict[int, Placed]:
    sets: dict[tuple[object, ...], list[SidePage]] = {}
    for page, name in names.items():
        sets.setdefault(name, []).append(page)
    return {
        page.document: placed
        for members in sets.values()
        for placed in [_placed(members)]
        for page in members
    }


def _placed(members: Sequence[SidePage]) -> Placed:
    ordered = sorted(members, key=lambda page: (page.side.number, page.document))
    times = Counter(page.side.number for page in ordered)
    needed = {number for page in ordered for number in page.side.needed}
    missing = tuple(sorted(needed - set(times)))
    twice = tuple(number for number, count in times.items() if count > 1)
    standing = Standing.TWICE if twice else Standing.ALONE if missing else Standing.PAIRED
    return Placed(standing, tuple(page.document for page in ordered), missing, twice)


__all__ = ["PairBy", "Placed", "Side", "SidePage", "Standing", "paired"]
