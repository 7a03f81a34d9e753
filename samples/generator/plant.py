"""Plants one fault into a faultless sheet, so that the content check can be measured.

A kind is a way people get a questionnaire wrong. What is planted shows on the paper too: marks,
writing and stickers follow the changed record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

from ocr_service.domain.dates import age_on, legal_age
from samples.generator.chance import Rng, chance, digits, pick
from samples.generator.codes import SEVEN_DIGIT_PREFECTURES, luhn_digit
from samples.generator.names import invent_name
from samples.generator.people import invent_sheet
from samples.generator.places import invent_address
from samples.generator.sheet import Mark, Sheet, Value, Voucher

_TRIES = 400
_FEVER = "37.5"
_UNDER_SIX = 6
_GUARDIAN_UNDER = 16
_OPTIONAL = frozenset(
    {"q4_groups", "q4_disease", "q5_diseases", "q5_disease_other", "q5_drugs", "q5_drug_name",
     "q6_detail", "q7_detail", "q9_detail", "q10_vaccine", "q10_symptom", "q12_vaccine", "phone",
     "age", "sex", "place", "doctor_name"}
)  # fmt: skip
_DETAILS = MappingProxyType(
    {"q6": ("q6_detail",), "q7": ("q7_detail",), "q9": ("q9_detail",),
     "q10": ("q10_vaccine", "q10_symptom"), "q12": ("q12_vaccine",)}
)  # fmt: skip


def faultless(rng: Rng) -> Sheet:
    """A COVID questionnaire that a trained clerk has nothing to say about."""
    for _ in range(_TRIES):
        sheet = invent_sheet(rng)
        if is_faultless(sheet):
            return sheet
    raise RuntimeError("no faultless sheet came up")


def is_faultless(sheet: Sheet) -> bool:
    """Judged by the record alone, apart from the rules that are measured with it."""
    v = sheet.values
    complete = all(value is not None for key, value in v.items() if key not in _OPTIONAL)
    if not complete or "ambiguous" in v.values() or v["judgement"] != "ok":
        return False
    birth, day = _date(v, "birth_date"), _date(v, "vaccination_date")
    first = (v["q1"] == "yes") == (v["voucher_dose"] == "1")
    usual = (v["q2"], v["q3"], v["consent"], v["q12"]) == ("yes", "yes", "yes", "no")
    signed = bool(v["doctor_signature"] and v["consent_signature"])
    age = age_on(birth, day)
    aged = v["age"] in {None, str(age)} and age == legal_age(birth, day)
    cool = str(v["body_temperature"]) < _FEVER
    at_home = sheet.voucher is not None and _lives_there(sheet.voucher, str(v["address"]))
    return all((first, usual, signed, aged, cool, at_home, _is_detailed(v)))


def _lives_there(voucher: Voucher, address: str) -> bool:
    return voucher.municipality in address


def _is_detailed(v: Mapping[str, Value]) -> bool:
    """Everything that an answer asks for is written."""
    for question, details in _DETAILS.items():
        if v[question] == "yes" and not all(v[key] for key in details):
            return False
    groups, diseases, drugs = v["q4_groups"], v["q5_diseases"], v["q5_drugs"]
    if isinstance(groups, tuple) and "underlying" in groups and not v["q4_disease"]:
        return False
    if isinstance(diseases, tuple) and "other" in diseases and not v["q5_disease_other"]:
        return False
    return not drugs or bool(v["q5_drug_name"])


def _date(values: Mapping[str, Value], key: str) -> date:
    return date.fromisoformat(str(values[key]))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault.

    Attributes:
        rule: the rule that must find it.
        plant: puts it into a faultless sheet.
        suits: whether a faultless sheet can get this fault.
    """

    rule: str
    plant: Callable[[Sheet, Rng], Sheet]
    suits: Callable[[Sheet], bool] = lambda _sheet: True


def write(sheet: Sheet, key: str, value: str | None, *parts: str) -> Sheet:
    """The sheet with another value in a field of writing or digits."""
    writing = {k: w for k, w in sheet.writing.items() if k != key}
    if value is not None:
        writing[key] = parts or (value,)
    return replace(sheet, values={**sheet.values, key: value}, writing=writing)


def mark(sheet: Sheet, key: str, value: str | None, *options: str) -> Sheet:
    """The sheet with another mark on a choice; ``options`` where more than one is marked."""
    wanted = options or ((value,) if value is not None else ())
    marks = tuple(m for m in sheet.marks if m.key != key)
    marked = (*marks, *(Mark(key, option) for option in wanted))
    return replace(sheet, values={**sheet.values, key: value}, marks=marked)


def _missing_mark(key: str) -> Callable[[Sheet, Rng], Sheet]:
    return lambda sheet, _rng: mark(sheet, key, None)


def _missing_text(key: str) -> Callable[[Sheet, Rng], Sheet]:
    return lambda sheet, _rng: write(sheet, key, None)


def _temperature(low: int, high: int) -> Callable[[Sheet, Rng], Sheet]:
    def plant(sheet: Sheet, rng: Rng) -> Sheet:
        tenths = int(rng.integers(low, high))
        return write(sheet, "body_temperature", f"{tenths // 10}.{tenths % 10}", str(tenths))

    return plant


def _unanswered(sheet: Sheet, rng: Rng) -> Sheet:
    return mark(sheet, f"q{int(rng.integers(6, 14))}", None)


def _both(sheet: Sheet, rng: Rng) -> Sheet:
    key = pick(rng, ("q8", "q11", "q13"))
    return mark(sheet, key, "ambiguous", "yes", "no")


def _detail_with_no(sheet: Sheet, rng: Rng) -> Sheet:
    key, word = pick(rng, (("q6_detail", "かぜ"), ("q7_detail", "頭痛"), ("q9_detail", "卵")))
    return write(mark(sheet, key[:2], "no"), key, word)


def _boxes_with_no(sheet: Sheet, _rng: Rng) -> Sheet:
    sheet = write(mark(sheet, "q4", "no"), "q4_disease", None)
    values = {**sheet.values, "q4_groups": ("age65",)}
    marks = tuple(m for m in sheet.marks if m.key != "q4_groups")
    return replace(sheet, values=values, marks=(*marks, Mark("q4_groups", "age65")))


def _detail_missing(sheet: Sheet, rng: Rng) -> Sheet:
    key = pick(rng, ("q6", "q7", "q9"))
    return write(mark(sheet, key, "yes"), f"{key}_detail", None)


def _deferred(sheet: Sheet, _rng: Rng) -> Sheet:
    return mark(sheet, "judgement", "defer")


def _deferred_on_shot_voucher(sheet: Sheet, _rng: Rng) -> Sheet:
    return _without_sticker(write(mark(sheet, "judgement", "defer"), "dose_ml", None), _rng)


def _without_sticker(sheet: Sheet, _rng: Rng) -> Sheet:
    values = {**sheet.values, "vaccine_name": None, "lot_number": None}
    return replace(sheet, values=values, vaccine=None)


def _refused(sheet: Sheet, _rng: Rng) -> Sheet:
    return mark(sheet, "consent", "no")


def _refused_unused(sheet: Sheet, rng: Rng) -> Sheet:
    return _without_sticker(write(mark(sheet, "consent", "no"), "dose_ml", None), rng)


def _unsigned_doctor(sheet: Sheet, _rng: Rng) -> Sheet:
    return replace(sheet, values={**sheet.values, "doctor_signature": False}, doctor="")


def _unsigned(sheet: Sheet, _rng: Rng) -> Sheet:
    return replace(sheet, values={**sheet.values, "consent_signature": False}, signer="")


def _wrong_age(sheet: Sheet, rng: Rng) -> Sheet:
    age = int(str(sheet.values["age"])) + pick(rng, (-10, -1, 1, 10))
    return write(sheet, "age", str(age), str(age).rjust(3))


def _six_marked(sheet: Sheet, _rng: Rng) -> Sheet:
    marks = (*sheet.marks, Mark("under_six", ""))
    return replace(sheet, values={**sheet.values, "under_six": True}, marks=marks)


def _born(sheet: Sheet, birth: date, age: int | None) -> Sheet:
    sheet = write(sheet, "birth_date", birth.isoformat(), f"{birth:%Y%m%d}")
    return write(sheet, "age", None if age is None else str(age), str(age or "").rjust(3))


def _six_unmarked(sheet: Sheet, rng: Rng) -> Sheet:
    day = _date(sheet.values, "vaccination_date")
    birth = day - timedelta(days=5 * 366 + int(rng.integers(10, 300)))
    return _born(sheet, birth, age_on(birth, day))


def _after_birth(sheet: Sheet, rng: Rng) -> Sheet:
    day = _date(sheet.values, "vaccination_date")
    return _born(sheet, day + timedelta(days=int(rng.integers(1, 300))), None)


def _no_such_day(sheet: Sheet, rng: Rng) -> Sheet:
    cells = str(sheet.values["birth_date"])[:4] + pick(rng, ("0230", "0431", "0631", "1131"))
    return write(sheet, "birth_date", cells, cells)


def _vaccinated(sheet: Sheet, day: date) -> Sheet:
    # the form prints the first three digits of the year itself
    sheet = write(sheet, "vaccination_date", day.isoformat(), "   " + f"{day:%Y%m%d}"[3:])
    return write(sheet, "age", None)


def _too_early(sheet: Sheet, rng: Rng) -> Sheet:
    day = date(2020, 6, 1) + timedelta(days=int(rng.integers(200)))
    return write(_vaccinated(sheet, day), "consent_date", None)


def _too_late(sheet: Sheet, rng: Rng) -> Sheet:
    return _vaccinated(sheet, date(2024, 4, 1) + timedelta(days=int(rng.integers(300))))


def _future(sheet: Sheet, rng: Rng) -> Sheet:
    return _vaccinated(sheet, date(2028, 1, 1) + timedelta(days=int(rng.integers(600))))


def _consent_after(sheet: Sheet, rng: Rng) -> Sheet:
    day = _date(sheet.values, "vaccination_date") + timedelta(days=int(rng.integers(2, 40)))
    parts = (str(day.year), str(day.month), str(day.day))
    return write(sheet, "consent_date", day.isoformat(), *parts)


def _amount(sheet: Sheet, rng: Rng) -> Sheet:
    tenths = pick(rng, [t for t in "13567" if f"0.{t}" != sheet.values["dose_ml"]])
    return write(sheet, "dose_ml", f"0.{tenths}", f"0{tenths}")


def _lot(sheet: Sheet, text: str) -> Sheet:
    if sheet.vaccine is None:
        raise ValueError("a faultless sheet has a sticker")
    vaccine = replace(sheet.vaccine, lot=text)
    return replace(sheet, values={**sheet.values, "lot_number": text}, vaccine=vaccine)


def _odd_lot(sheet: Sheet, rng: Rng) -> Sheet:
    return _lot(sheet, "FK" + digits(rng, 2))


def _foreign_lot(sheet: Sheet, rng: Rng) -> Sheet:
    moderna = sheet.values["vaccine_name"] == "スパイクバックス"
    return _lot(sheet, "FK" + digits(rng, 4) if moderna else "300" + digits(rng, 4))


def _institution(sheet: Sheet, rng: Rng) -> Sheet:
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


def _municipality(sheet: Sheet, rng: Rng) -> Sheet:
    code = str(sheet.values["voucher_municipality_code"])
    check = (int(code[5]) + int(rng.integers(1, 10))) % 10
    return _voucher(sheet, municipality_code=f"{code[:5]}{check}")


def _elsewhere(sheet: Sheet, rng: Rng) -> Sheet:
    address = str(sheet.values["address"])
    for _ in range(_TRIES):
        other = invent_address(rng)
        if other.municipality not in address and other.prefecture not in address:
            return _voucher(sheet, municipality_code=other.municipality_code)
    raise RuntimeError("no other municipality came up")


def _interview_voucher(sheet: Sheet, _rng: Rng) -> Sheet:
    return _voucher(sheet, kind="1")


def _other_dose(sheet: Sheet, _rng: Rng) -> Sheet:
    return _voucher(sheet, dose="2" if sheet.values["voucher_dose"] == "1" else "1")


def _anothers_voucher(sheet: Sheet, rng: Rng) -> Sheet:
    """A voucher that was sent to somebody of another name."""
    if sheet.voucher is None:
        raise ValueError("a faultless sheet has a voucher")
    holder = invent_name(rng, female=chance(rng, 0.5)).canonical
    values = {**sheet.values, "voucher_name": holder}
    return replace(sheet, values=values, voucher=replace(sheet.voucher, holder=holder))


def _phone(sheet: Sheet, rng: Rng) -> Sheet:
    mobile = chance(rng, 0.5)
    parts = ("090" if mobile else "03", "0" + digits(rng, 2 if mobile else 1), digits(rng, 4))
    return write(sheet, "phone", "".join(parts), *parts)


def _answer(key: str, value: str) -> Callable[[Sheet, Rng], Sheet]:
    return lambda sheet, _rng: mark(sheet, key, value)


def _recent(sheet: Sheet, _rng: Rng) -> Sheet:
    return write(mark(sheet, "q12", "yes"), "q12_vaccine", "インフルエンザ")


def _no_voucher(sheet: Sheet, _rng: Rng) -> Sheet:
    gone = {key: None for key in sheet.values if key.startswith("voucher_")}
    return replace(sheet, values={**sheet.values, **gone}, voucher=None)


def _is_minor(sheet: Sheet) -> bool:
    v = sheet.values
    return legal_age(_date(v, "birth_date"), _date(v, "vaccination_date")) < _GUARDIAN_UNDER


def _is_adult(sheet: Sheet) -> bool:
    return not _is_minor(sheet)


def _has_age(sheet: Sheet) -> bool:
    return _is_adult(sheet) and sheet.values["age"] is not None


def _in_time_for_children(sheet: Sheet) -> bool:
    late = _date(sheet.values, "vaccination_date") >= date(2022, 3, 1)
    return late and not sheet.values["under_six"]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "fever": Kind("temperature.fever", _temperature(375, 399)),
        "temperature_low": Kind("temperature.range", _temperature(300, 340)),
        "temperature_missing": Kind("required.missing", _missing_text("body_temperature")),
        "judgement_missing": Kind("judgement.missing", _missing_mark("judgement")),
        "deferred_with_shot": Kind("judgement.deferred_with_shot", _deferred),
        "deferred_on_shot_voucher": Kind("voucher.kind", _deferred_on_shot_voucher),
        "no_sticker": Kind("judgement.ok_without_sticker", _without_sticker),
        "no_amount": Kind("dose.missing", _missing_text("dose_ml")),
        "consent_missing": Kind("consent.missing", _missing_mark("consent")),
        "refused_with_shot": Kind("consent.refused_with_shot", _refused),
        "refused": Kind("consent.refused", _refused_unused),
        "leaflet_not_read": Kind("consent.leaflet", _answer("q3", "no")),
        "consent_date_missing": Kind("consent.date_missing", _missing_text("consent_date")),
        "consent_after_shot": Kind("consent.after_shot", _consent_after),
        "doctor_unsigned": Kind("signature.doctor", _unsigned_doctor),
        "person_unsigned": Kind("signature.consent", _unsigned, _is_adult),
        "guardian_unsigned": Kind("signature.guardian", _unsigned, _is_minor),
        "unanswered": Kind("answer.missing", _unanswered),
        "both_answers": Kind("answer.ambiguous", _both),
        "detail_with_no": Kind("answer.detail_with_no", _detail_with_no),
        "boxes_with_no": Kind("answer.detail_with_no", _boxes_with_no),
        "detail_missing": Kind("answer.detail_missing", _detail_missing),
        "recent_vaccination": Kind("vaccination.recent", _recent),
        "age_wrong": Kind("age.mismatch", _wrong_age, _has_age),
        "six_marked": Kind("under_six.wrong", _six_marked, _is_adult),
        "six_unmarked": Kind("under_six.missing", _six_unmarked, _in_time_for_children),
        "no_such_day": Kind("date.impossible", _no_such_day),
        "before_birth": Kind("date.before_birth", _after_birth),
        "before_programme": Kind("programme.dates", _too_early),
        "after_programme": Kind("programme.dates", _too_late),
        "future": Kind("date.future", _future),
        "wrong_amount": Kind("dose.amount", _amount, _is_adult),
        "odd_lot": Kind("lot.pattern", _odd_lot),
        "foreign_lot": Kind("lot.product", _foreign_lot),
        "institution_digit": Kind("institution_code.check_digit", _institution),
        "institution_missing": Kind("required.missing", _missing_text("institution_code")),
        "municipality_digit": Kind("municipality_code.check_digit", _municipality),
        "other_municipality": Kind("voucher.address", _elsewhere),
        "anothers_voucher": Kind("voucher.name", _anothers_voucher),
        "interview_voucher": Kind("voucher.kind", _interview_voucher),
        "dose_against_answer": Kind("voucher.dose", _other_dose),
        "lives_elsewhere": Kind("voucher.residence", _answer("q2", "no")),
        "phone_digits": Kind("phone.format", _phone),
        "no_voucher": Kind("required.missing", _no_voucher),
    }
)
"""The kinds of faults, by name."""


def plant(rng: Rng, kind: str) -> Sheet:
    """A sheet that is faultless but for one fault.

    Raises:
        KeyError: there is no such kind.
    """
    for _ in range(_TRIES):
        sheet = faultless(rng)
        if KINDS[kind].suits(sheet):
            return KINDS[kind].plant(sheet, rng)
    raise RuntimeError(f"no sheet that suits {kind} came up")


__all__ = ["KINDS", "Kind", "faultless", "is_faultless", "plant"]
