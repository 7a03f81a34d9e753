"""Invents an elderly person's influenza shot: who comes, what they answer, what the clinic adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ocr_service.domain.dates import era_of
from samples.generator.chance import Rng, chance, choose, digits, pick
from samples.generator.codes import institution_code
from samples.generator.draft import Draft, invent_phone
from samples.generator.health import (
    ALLERGENS,
    OTHER_DISEASES,
    RECENT_ILLNESS,
    SYMPTOMS_TODAY,
    UNDERLYING,
    VACCINES,
    yes_with_detail,
)
from samples.generator.names import PersonName, invent_name
from samples.generator.places import Address, invent_address, invent_clinic, write_address
from samples.generator.sheet import Sheet, VaccineSticker

_FIRST_DAY = date(2026, 10, 1)
_DAYS = 46
_REIWA_BEGINS_AFTER = 2018
_OLD, _VERY_OLD = (65, 92), (92, 106)
_ERAS = ("meiji", "taisho", "showa")
_PRODUCT = "インフルエンザHAワクチン"
_MAKERS = ("北斗ワクチン研究所", "みやこ製薬", "南海バイオ", "武蔵野血清")


@dataclass(frozen=True, slots=True)
class _Visit:
    """Who comes and when."""

    name: PersonName
    address: Address
    female: bool
    birth: date
    day: date
    age: int


def invent_influenza_sheet(rng: Rng) -> Sheet:
    """A filled form with its canonical record; the same generator state gives the same sheet."""
    visit = _visit(rng)
    draft = Draft()
    _person(rng, draft, visit)
    _questions(rng, draft)
    doctor = invent_name(rng, female=chance(rng, 0.3))
    vaccine = _doctor_part(rng, draft, visit, doctor)
    signer = _consent(rng, draft, visit)
    asides = {}
    if draft.values["q9"] == "yes" and chance(rng, 0.8):
        earlier = visit.day - timedelta(days=int(rng.integers(2, 30)))
        asides["q9_date"] = f"{earlier.month}/{earlier.day}"
    return Sheet(
        values=draft.values,
        writing=draft.writing,
        marks=tuple(draft.marks),
        voucher=None,
        vaccine=vaccine,
        stamped=frozenset(draft.stamped),
        asides=asides,
        signer=signer,
        doctor=doctor.canonical if draft.values["doctor_signature"] else "",
    )


def _visit(rng: Rng) -> _Visit:
    female = chance(rng, 0.57)
    day = _FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))
    ages = _VERY_OLD if chance(rng, 0.15) else _OLD
    age = int(rng.integers(*ages))
    # The birthday of this age lies at most a year back.
    birth = date(day.year - age, day.month, min(day.day, 28)) - timedelta(int(rng.integers(364)))
    return _Visit(invent_name(rng, female=female), invent_address(rng), female, birth, day, age)


def _person(rng: Rng, draft: Draft, visit: _Visit) -> None:
    draft.write("name_kana", visit.name.canonical_kana)
    draft.write("name", visit.name.canonical)
    sex, other = ("female", "male") if visit.female else ("male", "female")
    if chance(rng, 0.01):
        draft.mark("sex", None)
    else:
        draft.choose(rng, "sex", sex, other)
    phone = invent_phone(rng)
    draft.write("phone", None if chance(rng, 0.02) else "".join(phone), *phone)
    address = write_address(rng, visit.address)[0]
    draft.write("address", address)
    _birth(rng, draft, visit.birth)
    age = str(visit.age)
    styles = {age.zfill(3): 0.05, age.rjust(3): 0.83, age.ljust(3): 0.12}
    draft.write("age", None if chance(rng, 0.06) else age, choose(rng, styles))
    tenths = int(rng.integers(355, 371)) if chance(rng, 0.98) else int(rng.integers(375, 385))
    temperature = None if chance(rng, 0.01) else f"{tenths // 10}.{tenths % 10}"
    draft.write("body_temperature", temperature, str(tenths))


def _birth(rng: Rng, draft: Draft, birth: date) -> None:
    """The date stays what it is where its era was not ringed, or ringed twice."""
    found = era_of(birth)
    if found is None:
        raise ValueError("nobody alive was born before Meiji")
    era = found[0].name.lower()
    draft.write("birth_date", birth.isoformat(), _cells(rng, found[1], birth, unpadded=0.12))
    if chance(rng, 0.015):
        draft.mark("birth_era", None)
    else:
        draft.choose(rng, "birth_era", era, pick(rng, [e for e in _ERAS if e != era]))


def _cells(rng: Rng, era_year: int, day: date, *, unpadded: float) -> str:
    """Six cells; people leave the first of two empty or write a zero."""
    pad = " " if chance(rng, unpadded) else "0"
    return "".join(str(number).rjust(2, pad) for number in (era_year, day.month, day.day))


def _questions(rng: Rng, draft: Draft) -> None:
    answers: dict[str, str | None] = {"q1": "yes" if chance(rng, 0.98) else "no"}
    answers["q2"], answers["q2_detail"] = yes_with_detail(rng, 0.55, OTHER_DISEASES)
    answers["q3"], answers["q3_detail"] = yes_with_detail(rng, 0.2, UNDERLYING)
    asked = "yes" in (answers["q2"], answers["q3"])
    agrees = "yes" if chance(rng, 0.96) else "no"
    answers["q4"] = agrees if chance(rng, 0.93 if asked else 0.25) else None
    answers["q5"], answers["q5_detail"] = yes_with_detail(rng, 0.07, RECENT_ILLNESS)
    answers["q6"], answers["q6_detail"] = yes_with_detail(rng, 0.07, SYMPTOMS_TODAY)
    answers["q7"], answers["q7_detail"] = yes_with_detail(rng, 0.07, ALLERGENS)
    answers["q8"] = "yes" if chance(rng, 0.04) else "no"
    answers["q9"], answers["q9_vaccine"] = yes_with_detail(rng, 0.06, VACCINES)
    answers["q10"] = "yes" if chance(rng, 0.06) else "no"
    for key, value in answers.items():
        if "_" in key:
            draft.write(key, value)
        else:
            draft.answer(rng, key, value)


def _doctor_part(
    rng: Rng, draft: Draft, visit: _Visit, doctor: PersonName
) -> VaccineSticker | None:
    deferred = chance(rng, 0.04)
    judgement, other = ("defer", "ok") if deferred else ("ok", "defer")
    if chance(rng, 0.01):
        draft.mark("judgement", None)
    else:
        draft.choose(rng, "judgement", judgement, other)
    draft.values["doctor_signature"] = not chance(rng, 0.03)
    vaccine = None if deferred or chance(rng, 0.02) else _vaccine(rng, visit)
    draft.values["vaccine_name"] = vaccine.product if vaccine else None
    draft.values["lot_number"] = vaccine.lot if vaccine else None
    unused = deferred or chance(rng, 0.03)
    draft.write("dose_ml", None if unused else "0.5", "05")
    draft.write("place", None if chance(rng, 0.03) else invent_clinic(rng, visit.address))
    draft.write("doctor_name", None if chance(rng, 0.03) else doctor.canonical)
    if chance(rng, 0.45):
        draft.stamped |= {"place", "doctor_name"}
    code = institution_code(rng)
    draft.write("institution_code", None if chance(rng, 0.02) else code, code)
    cells = _cells(rng, visit.day.year - _REIWA_BEGINS_AFTER, visit.day, unpadded=0.08)
    draft.write("vaccination_date", None if deferred else visit.day.isoformat(), cells)
    return vaccine


def _vaccine(rng: Rng, visit: _Visit) -> VaccineSticker:
    expiry = visit.day + timedelta(days=int(rng.integers(90, 300)))
    shown = f"{expiry:%Y.%m.%d}" if chance(rng, 0.6) else f"{expiry:%Y.%m}"
    lot = pick(rng, ("HA", "HK", "FL", "E", "L")) + digits(rng, 3) + pick(rng, "ABCDE")
    return VaccineSticker(_PRODUCT, pick(rng, _MAKERS), lot, shown, "0.5")


def _consent(rng: Rng, draft: Draft, visit: _Visit) -> str:
    if chance(rng, 0.015):
        draft.mark("consent", None)
    else:
        wish, other = ("no", "yes") if chance(rng, 0.02) else ("yes", "no")
        draft.choose(rng, "consent", wish, other)
    day = visit.day - timedelta(days=int(chance(rng, 0.15)))
    parts = (str(day.year - _REIWA_BEGINS_AFTER), str(day.month), str(day.day))
    draft.write("consent_date", None if chance(rng, 0.04) else day.isoformat(), *parts)
    signed = not chance(rng, 0.03)
    draft.values["consent_signature"] = signed
    return visit.name.canonical if signed else ""


__all__ = ["invent_influenza_sheet"]
