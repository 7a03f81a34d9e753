"""Invents a person, the visit and the clinic, and writes them down as a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from samples.generator.asides import invent_asides
from samples.generator.chance import Rng, chance, choose, digits
from samples.generator.codes import institution_code, lot_number
from samples.generator.draft import Draft, invent_phone
from samples.generator.health import invent_answers
from samples.generator.names import PersonName, invent_name
from samples.generator.places import Address, invent_address, invent_clinic, write_address
from samples.generator.sheet import Mark, Sheet, VaccineSticker, Voucher

_FIRST_DAY = date(2021, 5, 10)
_DAYS = 560
_UNDER_SIX = 6
_GUARDIAN_UNDER = 16
_YOUNGEST_FOR_MODERNA = 18
_FULL_DOSE_FROM = 12


@dataclass(frozen=True, slots=True)
class _Visit:
    """Who comes, when, for which shot."""

    name: PersonName
    address: Address
    female: bool
    birth: date
    day: date
    age: int
    first_dose: bool


def invent_sheet(rng: Rng) -> Sheet:
    """A filled form with its canonical record; the same generator state gives the same sheet."""
    visit = _visit(rng)
    draft = Draft()
    voucher = _voucher(rng, draft, visit)
    _person(rng, draft, visit)
    _questions(rng, draft, visit)
    doctor = invent_name(rng, female=chance(rng, 0.3))
    vaccine = _doctor_part(rng, draft, visit, doctor)
    signer = _consent(rng, draft, visit)
    doctor_signs = bool(draft.values["doctor_signature"])
    return Sheet(
        values=draft.values,
        writing=draft.writing,
        marks=tuple(draft.marks),
        voucher=voucher,
        vaccine=vaccine,
        stamped=frozenset(draft.stamped),
        asides=invent_asides(rng, draft.values, visit.day),
        signer=signer,
        doctor=doctor.canonical if doctor_signs else "",
    )


def _visit(rng: Rng) -> _Visit:
    female = chance(rng, 0.53)
    day = _FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))
    youngest = 5 if day >= date(2022, 3, 1) else 12
    age = int(rng.integers(60, 99)) if chance(rng, 0.45) else int(rng.integers(youngest, 60))
    if youngest < _UNDER_SIX and chance(rng, 0.03):
        age = 5
    # The birthday of this age lies at most a year back.
    birth = date(day.year - age, day.month, min(day.day, 28)) - timedelta(int(rng.integers(364)))
    name = invent_name(rng, female=female)
    return _Visit(name, invent_address(rng), female, birth, day, age, chance(rng, 0.55))


def _voucher(rng: Rng, draft: Draft, visit: _Visit) -> Voucher | None:
    elsewhere = chance(rng, 0.03)
    issuer = invent_address(rng) if elsewhere else visit.address
    dose = "1" if visit.first_dose else "2"
    number = "000" + digits(rng, 7) if chance(rng, 0.6) else digits(rng, 10)
    if chance(rng, 0.015):
        for key in ("kind", "dose", "municipality_code", "number", "name"):
            draft.values[f"voucher_{key}"] = None
        return None
    draft.values |= {
        "voucher_kind": "2",
        "voucher_dose": dose,
        "voucher_municipality_code": issuer.municipality_code,
        "voucher_number": number,
        "voucher_name": visit.name.canonical,
    }
    code = f"2{dose}{issuer.municipality_code}{number}"
    return Voucher(code, issuer.municipality, visit.name.canonical)


def _person(rng: Rng, draft: Draft, visit: _Visit) -> None:
    draft.write("address", *write_address(rng, visit.address))
    draft.write("name", visit.name.canonical)
    draft.write("name_kana", visit.name.canonical_kana)
    phone = invent_phone(rng)
    draft.write("phone", None if chance(rng, 0.02) else "".join(phone), *phone)
    _cells_of_date(rng, draft, "birth_date", visit.birth)
    if chance(rng, 0.06):
        draft.write("age", None)
    else:
        age = str(visit.age)
        styles = {age.zfill(3): 0.06, age.rjust(3): 0.84, age.ljust(3): 0.1}
        draft.write("age", age, choose(rng, styles))
    draft.mark("sex", None if chance(rng, 0.01) else "female" if visit.female else "male")
    tenths = int(rng.integers(358, 371))
    if chance(rng, 0.02):
        tenths = int(rng.integers(375, 389))
    temperature = None if chance(rng, 0.01) else f"{tenths // 10}.{tenths % 10}"
    draft.write("body_temperature", temperature, str(tenths))


def _cells_of_date(rng: Rng, draft: Draft, key: str, day: date) -> None:
    pad = " " if chance(rng, 0.06) else "0"
    cells = f"{day.year}{str(day.month).rjust(2, pad)}{str(day.day).rjust(2, pad)}"
    draft.write(key, day.isoformat(), cells)


def _questions(rng: Rng, draft: Draft, visit: _Visit) -> None:
    answers = invent_answers(rng, age=visit.age, female=visit.female, first_dose=visit.first_dose)
    for key, value in answers.items():
        if key == "q5_drug_name":
            named = value if isinstance(value, tuple) else ()
            joined = "、".join(part for part in named if part)
            draft.write(key, joined or None, *named)
        elif isinstance(value, tuple):
            draft.values[key] = value
            draft.marks.extend(Mark(key, option) for option in value)
        elif "_" in key:
            if key.endswith(("_groups", "_diseases", "_drugs")):
                draft.values[key] = None
            else:
                draft.write(key, value)
        else:
            draft.answer(rng, key, value)


def _doctor_part(
    rng: Rng, draft: Draft, visit: _Visit, doctor: PersonName
) -> VaccineSticker | None:
    deferred = chance(rng, 0.025)
    draft.mark("judgement", None if chance(rng, 0.01) else "defer" if deferred else "ok")
    draft.values["under_six"] = visit.age < _UNDER_SIX
    if visit.age < _UNDER_SIX:
        draft.marks.append(Mark("under_six", ""))
    draft.values["doctor_signature"] = not chance(rng, 0.03)
    moderna = visit.age >= _YOUNGEST_FOR_MODERNA and chance(rng, 0.35)
    vaccine = None
    if not deferred and not chance(rng, 0.02):
        vaccine = _vaccine(rng, visit, moderna=moderna)
    draft.values["vaccine_name"] = vaccine.product if vaccine else None
    draft.values["lot_number"] = vaccine.lot if vaccine else None
    tenths = "5" if moderna else "2" if visit.age < _FULL_DOSE_FROM else "3"
    unused = deferred or chance(rng, 0.03)
    draft.write("dose_ml", None if unused else f"0.{tenths}", f"0{tenths}")
    _clinic(rng, draft, visit, doctor)
    return vaccine


def _vaccine(rng: Rng, visit: _Visit, *, moderna: bool) -> VaccineSticker:
    expiry = visit.day + timedelta(days=int(rng.integers(20, 200)))
    shown = f"{expiry:%Y.%m.%d}" if chance(rng, 0.5) else f"{expiry:%Y.%m}"
    product, maker = ("スパイクバックス", "モデルナ") if moderna else ("コミナティ", "ファイザー")
    return VaccineSticker(
        product, maker, lot_number(rng, moderna=moderna), shown, "0.5" if moderna else "0.3"
    )


def _clinic(rng: Rng, draft: Draft, visit: _Visit, doctor: PersonName) -> None:
    clinic = invent_clinic(rng, visit.address)
    draft.write("place", None if chance(rng, 0.03) else clinic)
    draft.write("doctor_name", None if chance(rng, 0.03) else doctor.canonical)
    if chance(rng, 0.3):
        draft.stamped |= {"place", "doctor_name"}
    draft.write("institution_code", institution_code(rng))
    if chance(rng, 0.02):
        draft.write("institution_code", None)
        draft.writing.pop("institution_code")
    pad = " " if chance(rng, 0.05) else "0"
    day = visit.day
    cells = f"   {day.year % 10}{str(day.month).rjust(2, pad)}{str(day.day).rjust(2, pad)}"
    draft.write("vaccination_date", day.isoformat(), cells)


def _consent(rng: Rng, draft: Draft, visit: _Visit) -> str:
    draft.mark("consent", None if chance(rng, 0.015) else "no" if chance(rng, 0.015) else "yes")
    day = visit.day - timedelta(days=int(chance(rng, 0.15)))
    month, of_month = (
        (f"{day.month:02d}", f"{day.day:02d}")
        if chance(rng, 0.25)
        else (str(day.month), str(day.day))
    )
    era = f"R{day.year - 2018}" if chance(rng, 0.02) else str(day.year)
    written = None if chance(rng, 0.03) else day.isoformat()
    draft.write("consent_date", written, era, month, of_month)
    signed = not chance(rng, 0.03)
    draft.values["consent_signature"] = signed
    if not signed:
        return ""
    if visit.age < _GUARDIAN_UNDER:
        parent = invent_name(rng, female=chance(rng, 0.7))
        return f"{visit.name.family}　{parent.given}"
    return visit.name.canonical


__all__ = ["invent_sheet"]
