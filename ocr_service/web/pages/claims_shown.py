"""Claims, their lines and price tables as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ocr_service.billing.bills import ROUTE_WORDS, Route
from ocr_service.billing.claim import ROLE_WORDS, Role, Sums
from ocr_service.billing.classify import KIND_WORDS
from ocr_service.billing.money import with_tax, yen
from ocr_service.billing.places import municipality_name
from ocr_service.billing.reasons import WORDS, Reason
from ocr_service.billing.tariff import ANY, PriceRow, PriceTable
from ocr_service.db.billing.claims import Claim, ClaimState, StoredLine
from ocr_service.service.billing.issuing import claim_number, line_label
from ocr_service.service.billing.picking import Held
from ocr_service.web.pages.language import Language

_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in the list, or at the head of its own page."""

    id: int
    number: str
    month: str
    until: str
    state: str
    forms: int
    total: str
    created_by: str
    issued_by: str | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A municipality's part; amounts as text."""

    municipality: str
    name: str
    route_code: str
    route: str
    forms: int
    shots: int
    interviews: int
    gross: str
    self_payment: str
    total: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a claim."""

    number: int
    document: int
    role: str
    municipality: str
    institution: str
    day: str
    kind: str
    total: str
    original: str
    returned: str | None
    returnable: bool


@dataclass(frozen=True, slots=True)
class HeldReason:
    """A reason with how many records it holds and some of them."""

    words: str
    count: int
    examples: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A row of a price table."""

    label: str
    valid: str
    applies: str
    net: str
    gross: str
    self_payment: str


@dataclass(frozen=True, slots=True)
class TableCard:
    """A price table."""

    key: str
    title: str
    vaccine: str
    period: str
    source: str
    example: bool
    rows: tuple[PriceLine, ...]
    exclusive: tuple[str, ...]


def claim_line(claim: Claim) -> ClaimLine:
    """A claim as shown."""
    return ClaimLine(
        id=claim.id,
        number=claim_number(claim.id),
        month=claim.month,
        until=claim.until_day.isoformat(),
        state=claim.state.value,
        forms=claim.forms,
        total=yen(claim.total),
        created_by=claim.created_by,
        issued_by=claim.issued_by,
    )


def sheet_row(municipality: str, route: str, sums: Sums, language: Language) -> SheetRow:
    """A municipality's part as shown."""
    return SheetRow(
        municipality=municipality,
        name=municipality_name(municipality),
        route_code=route,
        route=_said(ROUTE_WORDS[Route(route)], language),
        forms=sums.forms,
        shots=sums.shots,
        interviews=sums.interviews,
        gross=yen(sums.gross),
        self_payment=yen(sums.self_payment),
        total=yen(sums.total),
    )


def line_row(line: StoredLine, language: Language) -> LineRow:
    """A line as shown."""
    return LineRow(
        number=line.number,
        document=line.document,
        role=_said(ROLE_WORDS[line.role], language),
        municipality=f"{line.bill.municipality} {municipality_name(line.bill.municipality)}",
        institution=line.bill.institution,
        day=line.bill.day.isoformat(),
        kind=_said(KIND_WORDS[line.bill.kind], language),
        total=yen(line.total),
        original=line_label(line.original_claim, line.original_number),
        returned=line.returned_reason,
        returnable=line.live
        and line.claim_state is ClaimState.ISSUED
        and line.role is not Role.REVERSAL,
    )


def held_lines(held: Iterable[Held], language: Language) -> tuple[HeldReason, ...]:
    """Reasons, the most frequent first, with a few documents each."""
    found: dict[Reason, list[Held]] = {}
    for one in held:
        for reason in one.reasons:
            found.setdefault(reason, []).append(one)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(
        HeldReason(
            _said(WORDS[reason], language),
            len(those),
            tuple((h.document, f"{h.file} p.{h.page}") for h in those[:_EXAMPLES]),
        )
        for reason, those in ordered
    )


def table_card(table: PriceTable, language: Language) -> TableCard:
    """A price table as shown."""
    tax = table.tax.tax
    rows = [
        PriceLine(
            label=row.label or _said(KIND_WORDS[row.kind], language),
            valid=f"{row.first} – {row.last}",
            applies=_applies(row),
            net=yen(row.net),
            gross=yen(with_tax(row.net, tax)),
            self_payment=yen(row.self_payment),
        )
        for row in table.price
    ]
    rows += [
        PriceLine(
            label=f"+ {addon.label}",
            valid=f"{addon.first} – {addon.last}",
            applies=" / ".join(_said(KIND_WORDS[kind], language) for kind in addon.kinds),
            net=yen(addon.net),
            gross=yen(with_tax(addon.net, tax)),
            self_payment="",
        )
        for addon in table.addon
    ]
    labels: dict[str, str] = {addon.when: addon.label for addon in table.addon}
    return TableCard(
        key=table.key,
        title=table.title,
        vaccine=table.vaccine,
        period=f"{table.first_day} – {table.last_day}",
        source=table.source,
        example=table.example,
        rows=tuple(rows),
        exclusive=tuple(
            " > ".join(labels.get(name, name) for name in group) for group in table.exclusive
        ),
    )


def _applies(row: PriceRow) -> str:
    """Municipality, product, dose, place and burden class, as far as the row names them."""
    place = "" if row.municipality == ANY else municipality_name(row.municipality)
    named = (row.product, row.dose, row.place, row.burden)
    return " ".join([place, *(value for value in named if value != ANY)]).strip()


def _said(words: tuple[str, str], language: Language) -> str:
    return words[0] if language is Language.JA else words[1]


__all__ = [
    "ClaimLine",
    "HeldReason",
    "LineRow",
    "SheetRow",
    "TableCard",
    "claim_line",
    "held_lines",
    "line_row",
    "sheet_row",
    "table_card",
]
