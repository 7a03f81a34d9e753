"""Faults of numbers and of what is printed: lots, institution codes, vouchers."""

from __future__ import annotations

from dataclasses import replace

from samples.generator.chance import Rng, chance, digits, pick
from samples.generator.codes import SEVEN_DIGIT_PREFECTURES, luhn_digit
from samples.generator.faultless import write
from samples.generator.names import invent_name
from samples.generator.places import invent_address
from samples.generator.sheet import Sheet

_TRIES = 400


def _lot(sheet: Sheet, text: str) -> Sheet:
    if sheet.vaccine is None:
        raise ValueError("a faultless sheet has a sticker")
    vaccine = replace(sheet.vaccine, lot=text)
    return replace(sheet, values={**sheet.values, "lot_number": text}, vaccine=vaccine)


def odd_lot(sheet: Sheet, rng: Rng) -> Sheet:
    """A lot of no maker's pattern."""
    return _lot(sheet, "FK" + digits(rng, 2))


def foreign_lot(sheet: Sheet, rng: Rng) -> Sheet:
    """A lot of another maker."""
    moderna = sheet.values["vaccine_name"] == "スパイクバックス"
    return _lot(sheet, "FK" + digits(rng, 4) if moderna else "300" + digits(rng, 4))


def institution(sheet: Sheet, rng: Rng) -> Sheet:
    """A last digit that fits neither a clinic nor a dentist, both of which pass."""
    code = str(sheet.values["institution_code"])
    own = int(code[:2]) in SEVEN_DIGIT_PREFECTURES
    heads = ("",) if own else (f"{code[:2]}1", f"{code[:2]}3")
    right = {luhn_digit(head + code[3:9]) for head in heads}
    return write(
        sheet, "institution_code", code[:-1] + pick(rng, sorted(set("0123456789") - right))
    )


def _voucher(sheet: Sheet, **parts: str) -> Sheet:
    if sheet.voucher is None:
        raise ValueError("a faultless sheet has a voucher")
    values = {**sheet.values, **{f"voucher_{key}": text for key, text in parts.items()}}
    order = ("voucher_kind", "voucher_dose", "voucher_municipality_code", "voucher_number")
    code = "".join(str(values[key]) for key in order)
    return replace(sheet, values=values, voucher=replace(sheet.voucher, code=code))


def municipality(sheet: Sheet, rng: Rng) -> Sheet:
    """A municipality code with a wrong check digit."""
    code = str(sheet.values["voucher_municipality_code"])
    check = (int(code[5]) + int(rng.integers(1, 10))) % 10
    return _voucher(sheet, municipality_code=f"{code[:5]}{check}")


def elsewhere(sheet: Sheet, rng: Rng) -> Sheet:
    """The voucher of another prefecture's municipality."""
    address = str(sheet.values["address"])
    for _ in range(_TRIES):
        other = invent_address(rng)
        if other.municipality not in address and other.prefecture not in address:
            return _voucher(sheet, municipality_code=other.municipality_code)
    raise RuntimeError("no other municipality came up")


def interview_voucher(sheet: Sheet, _rng: Rng) -> Sheet:
    """The voucher for an interview without a shot."""
    return _voucher(sheet, kind="1")


def other_dose(sheet: Sheet, _rng: Rng) -> Sheet:
    """The voucher of the other dose."""
    return _voucher(sheet, dose="2" if sheet.values["voucher_dose"] == "1" else "1")


def anothers_voucher(sheet: Sheet, rng: Rng) -> Sheet:
    """A voucher that was sent to somebody of another name."""
    if sheet.voucher is None:
        raise ValueError("a faultless sheet has a voucher")
    holder = invent_name(rng, female=chance(rng, 0.5)).canonical
    values = {**sheet.values, "voucher_name": holder}
    return replace(sheet, values=values, voucher=replace(sheet.voucher, holder=holder))


def no_voucher(sheet: Sheet, _rng: Rng) -> Sheet:
    """No voucher stuck on."""
    gone = {key: None for key in sheet.values if key.startswith("voucher_")}
    return replace(sheet, values={**sheet.values, **gone}, voucher=None)


__all__ = [
    "anothers_voucher",
    "elsewhere",
    "foreign_lot",
    "institution",
    "interview_voucher",
    "municipality",
    "no_voucher",
    "odd_lot",
    "other_dose",
]
