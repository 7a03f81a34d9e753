"""What a record of a form means for billing; which field says what is data, ``forms.toml``."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ocr_service.billing.places import municipality_code_of_address
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Value

_SHIPPED = Path(__file__).parent / "forms.toml"

GENERAL = "general"
"""The place and the burden class of those that are nothing special."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What matters for billing, as it stands on the form. None: not written.

    Attributes:
        vaccine: which programme, for example ``covid19``.
        municipality: six digits, who pays.
        institution: ten digits, who vaccinated.
        day: date of vaccination or examination.
        product: name of the vaccine as written.
        dose: which shot, "1" and so on, or a 期.
        judged: the doctor's judgement: ``ok`` or ``defer``.
        wish: the person's: ``yes`` or ``no``.
        doctor_signed: the doctor signed.
        person_signed: the person or guardian signed.
        lot: a lot number is there.
        under_six: the mark for children under six.
        after_hours: the mark for times outside the notified hours.
        holiday: the mark for holidays.
        voucher: number of the voucher.
        place: general, facility ...
        burden: general, exempt ...
    """

    vaccine: str
    municipality: str | None = None
    institution: str | None = None
    day: dt.date | None = None
    product: str | None = None
    dose: str | None = None
    judged: str | None = None
    wish: str | None = None
    doctor_signed: bool = False
    person_signed: bool = False
    lot: bool = False
    under_six: bool = False
    after_hours: bool = False
    holiday: bool = False
    voucher: str | None = None
    place: str = GENERAL
    burden: str = GENERAL


class FormBilling(BaseModel):
    """Which field of a form says what; a name that is empty or absent: the form has none.

    ``fixed`` gives facts that all records of the form share; ``municipality_by_address`` names the
    field whose address tells who pays, for forms without a code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vaccine: str
    municipality: str = ""
    municipality_by_address: str = ""
    institution: str = "institution_code"
    day: str = "vaccination_date"
    product: str = "vaccine_name"
    dose: str = ""
    judged: str = "judgement"
    wish: str = "consent"
    doctor_signed: str = "doctor_signature"
    person_signed: str = "consent_signature"
    lot: str = "lot_number"
    under_six: str = ""
    after_hours: str = ""
    holiday: str = ""
    voucher: str = ""
    place: str = ""
    burden: str = ""
    fixed: dict[str, str] = {}


@lru_cache(maxsize=1)
def shipped_forms() -> Mapping[str, FormBilling]:
    """How the shipped forms are billed, by template key."""
    return parse_forms(_SHIPPED.read_text("utf-8"), name=_SHIPPED.name)


def parse_forms(text: str, *, name: str) -> Mapping[str, FormBilling]:
    """How forms are billed, by template key.

    Raises:
        InvalidRequest: the file is broken; the message names file and entry.
    """
    try:
        loaded: dict[str, Any] = tomllib.loads(text)
        return MappingProxyType({k: FormBilling.model_validate(v) for k, v in loaded.items()})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidRequest(f"{name}: {error}") from error


def facts_of(values: Mapping[str, Value], form: FormBilling) -> Facts:
    """The facts in the values of a record.

    Args:
        values: by record key.
        form: how this form is billed.
    """

    def text(key: str) -> str | None:
        value = values.get(key) if key else None
        return value if isinstance(value, str) and value else None

    def mark(key: str) -> bool:
        return bool(key) and values.get(key) is True

    return Facts(
        vaccine=form.vaccine,
        municipality=_municipality(text, form),
        institution=text(form.institution),
        day=_day(text(form.day)),
        product=text(form.product) or form.fixed.get("product"),
        dose=text(form.dose) or form.fixed.get("dose"),
        judged=text(form.judged),
        wish=text(form.wish),
        doctor_signed=mark(form.doctor_signed),
        person_signed=mark(form.person_signed),
        lot=text(form.lot) is not None,
        under_six=mark(form.under_six),
        after_hours=mark(form.after_hours),
        holiday=mark(form.holiday),
        voucher=text(form.voucher),
        place=text(form.place) or form.fixed.get("place", GENERAL),
        burden=text(form.burden) or form.fixed.get("burden", GENERAL),
    )


def _municipality(text: Any, form: FormBilling) -> str | None:
    code: str | None = text(form.municipality) or form.fixed.get("municipality")
    if code is None and form.municipality_by_address:
        address = text(form.municipality_by_address)
        return None if address is None else municipality_code_of_address(address)
    return code


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        return None


__all__ = ["GENERAL", "Facts", "FormBilling", "facts_of", "parse_forms", "shipped_forms"]
