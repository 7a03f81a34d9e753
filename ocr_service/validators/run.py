"""Runs the rules that a template names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ocr_service.domain.field import FieldValue
from ocr_service.domain.record import Issue, Severity
from ocr_service.validators.base import Rule, RuleContext, Text, issue
from ocr_service.validators.check_digits import InstitutionCheckDigit, MunicipalityCheckDigit
from ocr_service.validators.completeness import (
    AmbiguousAnswer,
    RequiredMissing,
    VoucherDisagreement,
)
from ocr_service.validators.dates import ImpossibleDate
from ocr_service.validators.medical import FeverButFit, TemperatureRange

_SHIPPED: tuple[Rule, ...] = (
    ImpossibleDate(),
    InstitutionCheckDigit(),
    MunicipalityCheckDigit(),
    TemperatureRange(),
    FeverButFit(),
    AmbiguousAnswer(),
    RequiredMissing(),
    VoucherDisagreement(),
)
RULES: MappingProxyType[str, Rule] = MappingProxyType({rule.code: rule for rule in _SHIPPED})
"""All rules by code; the lint of templates checks names against it."""

_UNKNOWN = Text(
    "テンプレートにある検査規則がこの版にはありません。管理者に連絡してください。",
    "The template names a rule this version does not have. Tell the administrator.",
)


def run_rules(
    names: Iterable[str], values: Mapping[str, FieldValue], context: RuleContext
) -> tuple[Issue, ...]:
    """Issues of one record, sorted by rule and field; the order of ``names`` does not matter.

    A name that no rule bears gives the warning ``rule.unknown`` instead of passing in silence.

    Args:
        names: rules the template asks for; repeats count once.
        values: by record key.
        context: template and day.
    """
    issues: list[Issue] = []
    for name in sorted(set(names)):
        rule = RULES.get(name)
        if rule is None:
            issues.append(issue("rule.unknown", Severity.WARNING, (), _UNKNOWN))
        else:
            issues.extend(rule.check(values, context))
    place = {key: index for index, key in enumerate(context.template.record_keys)}
    issues.sort(key=lambda found: (found.rule, [place.get(key, -1) for key in found.fields]))
    return tuple(dict.fromkeys(issues))


__all__ = ["RULES", "RuleContext", "run_rules"]
