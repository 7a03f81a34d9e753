"""What one record is billed as: everything that decides who pays how much, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from ocr_service.billing.classify import Declined, Kind, classify
from ocr_service.billing.facts import Facts
from ocr_service.billing.prices import Item, PriceBook
from ocr_service.billing.reasons import Reason

_PREFECTURE = 2


class Route(StrEnum):
    """Who takes the claim (domain 3.2)."""

    DIRECT = "direct"  # the municipality itself, for its own residents
    FEDERATION = "federation"  # 国保連 of the institution's prefecture, for residents of others


ROUTE_WORDS = {
    Route.DIRECT: ("市区町村へ直接", "to the municipality"),
    Route.FEDERATION: ("国保連経由", "through the federation"),
}
"""(Japanese, English)."""


class UnknownHome(StrEnum):
    """What to do where the institution's municipality is not registered."""

    HOLD = "hold"
    FEDERATION = "federation"


@dataclass(frozen=True, slots=True)
class BillingRules:
    """House rules.

    Attributes:
        declined: what "fit, but does not want it" counts as.
        unknown_home: what happens to forms of institutions without a registered municipality.
        homes: municipality of institutions, by their code.
    """

    declined: Declined = Declined.HOLD
    unknown_home: UnknownHome = UnknownHome.HOLD
    homes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a record is billed as; amounts in whole yen.

    Attributes:
        municipality: who pays, six digits.
        institution: who vaccinated, ten digits.
        route: who takes the claim.
        day: of vaccination or examination.
        vaccine: the programme.
        kind: a shot or the examination alone.
        product: as written, may be None.
        dose: which shot, may be None.
        voucher: its number, may be None.
        items: what is paid for.
        self_payment: what the person paid already, with tax.
        table: key of the price table.
    """

    municipality: str
    institution: str
    route: Route
    day: dt.date
    vaccine: str
    kind: Kind
    product: str | None
    dose: str | None
    voucher: str | None
    items: tuple[Item, ...]
    self_payment: int
    table: str

    @property
    def net(self) -> int:
        """Without tax."""
        return sum(item.net for item in self.items)

    @property
    def gross(self) -> int:
        """With tax."""
        return sum(item.gross for item in self.items)

    @property
    def total(self) -> int:
        """What the municipality is asked for."""
        return self.gross - self.self_payment

    def as_json(self) -> dict[str, Any]:
        """Plain values, as stored."""
        return {**asdict(self), "day": self.day.isoformat(), "items": [*map(asdict, self.items)]}

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Bill:
        """Back from plain values."""
        return cls(
            **{
                **stored,
                "route": Route(stored["route"]),
                "kind": Kind(stored["kind"]),
                "day": dt.date.fromisoformat(stored["day"]),
                "items": tuple(Item(**item) for item in stored["items"]),
            }
        )

    @property
    def digest(self) -> str:
        """sha256 over all of it: another digest means another bill."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Judged:
    """A bill, or the reasons why there is none."""

    bill: Bill | None
    reasons: tuple[Reason, ...] = ()


def bill_of(facts: Facts, book: PriceBook, rules: BillingRules) -> Judged:
    """What a record is billed as.

    Args:
        facts: of the record.
        book: all prices.
        rules: of the house.
    """
    classified = classify(facts, declined=rules.declined)
    kind, day = classified.kind, facts.day
    municipality, institution = facts.municipality, facts.institution
    if kind is None or day is None or municipality is None or institution is None:
        return Judged(None, classified.reasons)
    route = _route(municipality, institution, rules)
    priced = book.price(facts, kind, day)
    reasons = [Reason.HOME_UNKNOWN] * (route is None) + [Reason.NO_PRICE] * (priced is None)
    if route is None or priced is None:
        return Judged(None, tuple(reasons))
    bill = Bill(
        municipality=municipality,
        institution=institution,
        route=route,
        day=day,
        vaccine=facts.vaccine,
        kind=kind,
        product=facts.product,
        dose=facts.dose,
        voucher=facts.voucher,
        items=priced.items,
        self_payment=priced.self_payment,
        table=priced.table,
    )
    return Judged(bill)


def _route(municipality: str, institution: str, rules: BillingRules) -> Route | None:
    home = rules.homes.get(institution)
    if home is not None:
        return Route.DIRECT if home == municipality else Route.FEDERATION
    # Another prefecture is elsewhere for sure, whichever of its municipalities it is.
    if institution[:_PREFECTURE] != municipality[:_PREFECTURE]:
        return Route.FEDERATION
    return Route.FEDERATION if rules.unknown_home is UnknownHome.FEDERATION else None


__all__ = [
    "ROUTE_WORDS",
    "Bill",
    "BillingRules",
    "Judged",
    "Route",
    "UnknownHome",
    "bill_of",
]
