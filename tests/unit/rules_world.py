"""Forms, a faultless record of each, and facts, for the tests of rules."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocr_service.domain.field import FieldValue, Flag, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.record import Issue
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.validators.facts import (
    EarlierDose,
    Facts,
    InstitutionFacts,
    LotFacts,
    ProductFacts,
    ResidentFacts,
    VoucherPrints,
)
from ocr_service.validators.places import Place, Places
from ocr_service.validators.run import RuleContext, run_rules

TODAY = dt.date(2026, 11, 20)
CASES = Path(__file__).with_name("rule_cases.toml")
PLACES = Places(
    [
        Place("13101", "東京都", "千代田区"),
        Place("13206", "東京都", "府中市"),
        Place("34208", "広島県", "府中市"),
        Place("14130", "神奈川県", "川崎市"),
        Place("14131", "神奈川県", "川崎市川崎区"),
        Place("12441", "千葉県", "夷隅郡大多喜町"),
        Place("27140", "大阪府", "堺市"),
    ]
)
_LIBRARY = load_library(shipped_folder())
COVID: FormTemplate = _LIBRARY.get("mhlw-covid19@2021-05").template
INFLUENZA: FormTemplate = _LIBRARY.get("influenza-elderly@2026-1").template


def _text(key: str, **more: Any) -> dict[str, Any]:
    label = {"ja": key, "en": key}
    return {"key": key, "kind": "text", "label": label, "segments": [{"box": [1, 1, 9, 9]}], **more}


def _wide() -> FormTemplate:
    """The first form with what other forms have besides, under names of their own."""
    raw = COVID.model_dump()
    raw["fields"] = [
        *[f.model_dump() for f in COVID.fields],
        _text("parent", role="guardian_name"),
        _text("zip", role="postal_code"),
        _text("printed_name", role="voucher_name"),
        _text("number_by_hand", role="voucher_number_written"),
        _text("use_by", role="lot_expiry", format="date"),
    ]
    raw["key"] = "wide"
    raw["rules"] = {"*": {}, "temperature.fever": {"min": 37.0, "severity": "error"}}
    raw.pop("rule_parameters")
    return FormTemplate.model_validate(raw)


FORMS = {"covid": COVID, "influenza": INFLUENZA, "wide": _wide()}
_GOOD: dict[str, Value] = {
    "address": "東京都千代田区飯田橋1-2-3",
    "name": "見本　花子",
    "name_kana": "ミホン　ハナコ",
    "phone": "09001234567",
    "sex": "female",
    "body_temperature": "36.5",
    "judgement": "ok",
    "doctor_signature": True,
    "consent": "yes",
    "consent_signature": True,
    "place": "見本診療所",
    "doctor_name": "見本　太郎",
    "institution_code": "1310121996",
}
_COVID: dict[str, Value] = _GOOD | {
    "voucher_kind": "2",
    "voucher_dose": "1",
    "voucher_municipality_code": "131016",
    "voucher_number": "0123456789",
    "birth_date": "1980-02-29",
    "age": "41",
    "under_six": False,
    "vaccine_name": "コミナティ",
    "lot_number": "FJ7489",
    "dose_ml": "0.3",
    "vaccination_date": "2021-07-01",
    "consent_date": "2021-07-01",
    **{f"q{number}": "no" for number in range(4, 14)},
    **{f"q{number}": "yes" for number in range(1, 4)},
}
_INFLUENZA: dict[str, Value] = _GOOD | {
    "birth_era": "showa",
    "birth_date": "1950-05-05",
    "age": "76",
    "vaccine_name": "インフルエンザHAワクチン",
    "lot_number": "HA123B",
    "dose_ml": "0.5",
    "vaccination_date": "2026-10-15",
    "consent_date": "2026-10-15",
    "q1": "yes",
    **{f"q{number}": "no" for number in range(2, 11)},
}
_WIDE: dict[str, Value] = _COVID | {
    "zip": "1020072",
    "parent": None,
    "printed_name": "見本　花子",
    "number_by_hand": "0123456789",
    "use_by": "2021-12-31",
}
GOOD: dict[str, dict[str, Value]] = {"covid": _COVID, "influenza": _INFLUENZA, "wide": _WIDE}


def value_of(key: str, value: Value, flags: frozenset[Flag] = frozenset()) -> FieldValue:
    """A value as a reader gives it."""
    return FieldValue(
        key=key,
        value=value,
        raw="",
        probability=0.9,
        status=Status.REVIEW,
        alternatives=(),
        reader="test",
        source=Source.MACHINE,
        flags=flags,
        box=BoxMm(0, 0, 1, 1),
    )


def record(form: str = "covid", **changes: Value) -> dict[str, FieldValue]:
    """A faultless record with changes."""
    filled = dict.fromkeys(FORMS[form].record_keys) | GOOD[form] | changes
    return {key: value_of(key, value) for key, value in filled.items()}


def check(
    values: Mapping[str, FieldValue], *names: str, form: str = "covid", facts: Facts | None = None
) -> tuple[Issue, ...]:
    """What the rules find."""
    context = RuleContext(FORMS[form], TODAY, facts or Facts(places=PLACES))
    return run_rules(names or FORMS[form].rules, values, context)


def facts_of(raw: Mapping[str, Any]) -> Facts:
    """Facts as a case writes them."""
    made: dict[str, Any] = {"places": PLACES, **raw}
    if "earlier" in raw:
        made["earlier"] = tuple(EarlierDose(**dose) for dose in raw["earlier"])
    for name, kind in (
        ("lot", LotFacts),
        ("institution", InstitutionFacts),
        ("resident", ResidentFacts),
        ("voucher", VoucherPrints),
    ):
        if name in raw:
            made[name] = kind(**raw[name])
    if "products" in raw:
        made["products"] = {p["name"]: ProductFacts(**p) for p in raw["products"]}
    for name in ("duplicates", "postal_codes"):
        if name in raw:
            made[name] = tuple(raw[name])
    return Facts(**made)


def values_of(changes: Mapping[str, Any]) -> dict[str, Value]:
    """Changes as a case writes them: a list is a set of options, "-" nothing written."""
    return {
        key: None if value == "-" else tuple(value) if isinstance(value, list) else value
        for key, value in changes.items()
    }


def read_cases() -> list[dict[str, Any]]:
    """The table of cases."""
    return list(tomllib.loads(CASES.read_text("utf-8"))["case"])


def shown(issue: Issue) -> str:
    """A finding as a case writes it: rule, severity, fields, message."""
    return f"{issue.rule} {issue.severity.value} {'+'.join(issue.fields)}: {issue.message_en}"
