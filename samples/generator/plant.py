"""Plants one fault into a faultless sheet, so that the content check can be measured.

A kind is a way people get a questionnaire wrong. What is planted shows on the paper too: marks,
writing and stickers follow the changed record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from samples.generator.chance import Rng, chance, digits, pick
from samples.generator.faultless import faultless, mark, write
from samples.generator.plant_days import (
    after_birth,
    consent_after,
    future,
    has_age,
    in_time_for_children,
    is_adult,
    is_minor,
    no_such_day,
    six_marked,
    six_unmarked,
    too_early,
    too_late,
    wrong_age,
)
from samples.generator.plant_prints import (
    anothers_voucher,
    elsewhere,
    foreign_lot,
    institution,
    interview_voucher,
    municipality,
    no_voucher,
    odd_lot,
    other_dose,
)
from samples.generator.sheet import Mark, Sheet

_TRIES = 400


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


def _amount(sheet: Sheet, rng: Rng) -> Sheet:
    tenths = pick(rng, [t for t in "13567" if f"0.{t}" != sheet.values["dose_ml"]])
    return write(sheet, "dose_ml", f"0.{tenths}", f"0{tenths}")


def _phone(sheet: Sheet, rng: Rng) -> Sheet:
    mobile = chance(rng, 0.5)
    parts = ("090" if mobile else "03", "0" + digits(rng, 2 if mobile else 1), digits(rng, 4))
    return write(sheet, "phone", "".join(parts), *parts)


def _answer(key: str, value: str) -> Callable[[Sheet, Rng], Sheet]:
    return lambda sheet, _rng: mark(sheet, key, value)


def _recent(sheet: Sheet, _rng: Rng) -> Sheet:
    return write(mark(sheet, "q12", "yes"), "q12_vaccine", "インフルエンザ")


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
        "consent_after_shot": Kind("consent.after_shot", consent_after),
        "doctor_unsigned": Kind("signature.doctor", _unsigned_doctor),
        "person_unsigned": Kind("signature.consent", _unsigned, is_adult),
        "guardian_unsigned": Kind("signature.guardian", _unsigned, is_minor),
        "unanswered": Kind("answer.missing", _unanswered),
        "both_answers": Kind("answer.ambiguous", _both),
        "detail_with_no": Kind("answer.detail_with_no", _detail_with_no),
        "boxes_with_no": Kind("answer.detail_with_no", _boxes_with_no),
        "detail_missing": Kind("answer.detail_missing", _detail_missing),
        "recent_vaccination": Kind("vaccination.recent", _recent),
        "age_wrong": Kind("age.mismatch", wrong_age, has_age),
        "six_marked": Kind("under_six.wrong", six_marked, is_adult),
        "six_unmarked": Kind("under_six.missing", six_unmarked, in_time_for_children),
        "no_such_day": Kind("date.impossible", no_such_day),
        "before_birth": Kind("date.before_birth", after_birth),
        "before_programme": Kind("programme.dates", too_early),
        "after_programme": Kind("programme.dates", too_late),
        "future": Kind("date.future", future),
        "wrong_amount": Kind("dose.amount", _amount, is_adult),
        "odd_lot": Kind("lot.pattern", odd_lot),
        "foreign_lot": Kind("lot.product", foreign_lot),
        "institution_digit": Kind("institution_code.check_digit", institution),
        "institution_missing": Kind("required.missing", _missing_text("institution_code")),
        "municipality_digit": Kind("municipality_code.check_digit", municipality),
        "other_municipality": Kind("voucher.address", elsewhere),
        "anothers_voucher": Kind("voucher.name", anothers_voucher),
        "interview_voucher": Kind("voucher.kind", interview_voucher),
        "dose_against_answer": Kind("voucher.dose", other_dose),
        "lives_elsewhere": Kind("voucher.residence", _answer("q2", "no")),
        "phone_digits": Kind("phone.format", _phone),
        "no_voucher": Kind("required.missing", no_voucher),
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


__all__ = ["KINDS", "Kind", "plant"]
