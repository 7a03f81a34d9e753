"""What an installation knows of a record and a pure rule cannot look up.

Rules see no database and no master table: whoever runs them hands these facts in. A fact that
nobody looked up is told apart from one that was looked up and not found, so that a rule stays
silent where nothing is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from ocr_service.validators.places import NO_PLACES, Places


@dataclass(frozen=True, slots=True)
class DoseAmount:
    """How much of a product is given.

    Attributes:
        ml: amounts that are right, as forms write them: ``0.3``.
        from_age: youngest age in years (legal age on the day).
        to_age: first age that gets another amount; None = no limit.
        doses: dose numbers it holds for; empty = all.
        valid_from: first day of vaccination it holds for.
        valid_to: last day.
    """

    ml: tuple[Decimal, ...]
    from_age: int = 0
    to_age: int | None = None
    doses: tuple[int, ...] = ()
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max


@dataclass(frozen=True, slots=True)
class Interval:
    """The shortest time between a dose and the one before it, counted from the next day.

    Attributes:
        doses: numbers of the later dose it holds for; empty = all after the first.
        days: the later day must be at least so many days after the earlier.
        months: or so many calendar months after it; days then is 0.
        valid_from: first day of the later vaccination it holds for.
        valid_to: last day.
    """

    doses: tuple[int, ...] = ()
    days: int = 0
    months: int = 0
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A vaccine product.

    Attributes:
        name: as the sticker prints it.
        maker: company, "" where unknown.
        disease: what it protects against, one word for all products of it: ``covid19``.
        aliases: other prints of the name.
        lots: regular expressions of which a lot must match one; empty = unknown.
        live: whether it is a live vaccine; None = unknown.
        injected: whether it is injected (the rule of 27 days is for injected live vaccines).
        amounts: amounts by age, dose and day; empty = unknown.
        intervals: shortest times to the dose before.
    """

    name: str
    maker: str = ""
    disease: str = ""
    aliases: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    live: bool | None = None
    injected: bool = True
    amounts: tuple[DoseAmount, ...] = ()
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot of the installation's master.

    Attributes:
        lot: its number.
        product: name of the product it belongs to.
        expires: last day it may be used, None where unknown.
    """

    lot: str
    product: str
    expires: dt.date | None = None


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """A medical institution of the master, as it was on the day of vaccination.

    Attributes:
        code: ten digits.
        name: its name.
        closed: whether it was not (or no longer) registered on that day.
    """

    code: str
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class EarlierDose:
    """A dose of the same person or voucher that is known from elsewhere.

    Attributes:
        day: when it was given.
        product: product name, "" where unknown.
        disease: as in ``ProductFacts``, "" where unknown.
        dose: its number, None where unknown.
        live: whether it was live; None = unknown.
        injected: whether it was injected.
        origin: ``installation`` or ``ledger``.
    """

    day: dt.date
    product: str = ""
    disease: str = ""
    dose: int | None = None
    live: bool | None = None
    injected: bool = True
    origin: str = "installation"


@dataclass(frozen=True, slots=True)
class ResidentFacts:
    """The resident (宛名) that the voucher number belongs to; None where the list has no entry."""

    name: str | None = None
    name_kana: str | None = None
    birth_date: dt.date | None = None
    address: str | None = None
    municipality_code: str | None = None


@dataclass(frozen=True, slots=True)
class VoucherPrints:
    """What the voucher prints in words beside its code; None where it was not read."""

    holder: str | None = None
    municipality_code: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of one record besides its values.

    Attributes:
        places: municipalities by code and name; empty = not known.
        postal_codes: five-digit municipality codes of the record's postal code; None = not
            looked up, empty = there is no such postal code.
        institutions_known: whether the installation has a list of institutions.
        institution: the record's institution; None = not on the list.
        products: the installation's own products by name; they win over those shipped.
        lots_known: whether the installation has a list of lots of the record's product.
        lot: the record's lot; None = not on the list.
        history_known: whether earlier doses were looked up at all.
        earlier: earlier doses of the same resident or voucher, any order; never this record's.
        duplicates: other live documents with the same municipality, voucher number and dose.
        residents_known: whether the installation has a list of residents.
        resident: the resident the voucher belongs to; None = not on the list.
        voucher: words printed on the voucher.
        scanned_on: day the page was taken in; None = unknown.
    """

    places: Places = NO_PLACES
    postal_codes: tuple[str, ...] | None = None
    institutions_known: bool = False
    institution: InstitutionFacts | None = None
    products: Mapping[str, ProductFacts] = field(default_factory=lambda: MappingProxyType({}))
    lots_known: bool = False
    lot: LotFacts | None = None
    history_known: bool = False
    earlier: tuple[EarlierDose, ...] = ()
    duplicates: tuple[int, ...] = ()
    residents_known: bool = False
    resident: ResidentFacts | None = None
    voucher: VoucherPrints | None = None
    scanned_on: dt.date | None = None


NO_FACTS = Facts()
"""Nothing is known: rules that need facts stay silent."""

__all__ = [
    "NO_FACTS",
    "DoseAmount",
    "EarlierDose",
    "Facts",
    "InstitutionFacts",
    "Interval",
    "LotFacts",
    "ProductFacts",
    "ResidentFacts",
    "VoucherPrints",
]
