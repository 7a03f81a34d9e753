"""Runs the rules that a template names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Final

from ocr_service.domain.field import FieldValue
from ocr_service.domain.record import Issue, Severity
from ocr_service.validators.base import Rule, RuleContext, Text, iso_date, issue
from ocr_service.validators.rules import SHIPPED

PLUG_INS: Final = "ocr_service.rules"
"""Entry points of other packages: each names a rule, or something iterable that gives rules."""

ALL: Final = "*"
_GROUP: Final = ".*"

RULES: MappingProxyType[str, Rule] = MappingProxyType({rule.code: rule for rule in SHIPPED})
"""The shipped rules by code."""

_UNKNOWN = Text(
    "テンプレートにある検査規則がこの版にはありません。管理者に連絡してください。",
    "The template names a rule this version does not have. Tell the administrator.",
)


@lru_cache(maxsize=1)
def installed_rules() -> Mapping[str, Rule]:
    """The shipped rules and those of installed packages; looked for once.

    Raises:
        ValueError: a package brings a rule with a code that is taken.
    """
    found: dict[str, Rule] = dict(RULES)
    for entry in entry_points(group=PLUG_INS):
        loaded = entry.load()
        for rule in loaded if isinstance(loaded, Iterable) else (loaded,):
            if rule.code in found:
                raise ValueError(f"{entry.name}: there is a rule {rule.code} already")
            found[rule.code] = rule
    return MappingProxyType(found)


def expanded(names: Iterable[str], rules: Mapping[str, Rule]) -> list[str]:
    """The codes that ``names`` stand for, sorted: ``*`` all rules, ``lot.*`` all on lots."""
    codes: set[str] = set()
    for name in names:
        if name == ALL:
            codes |= set(rules)
        elif name.endswith(_GROUP):
            fitting = {code for code in rules if code.startswith(name[:-1])}
            codes |= fitting or {name}
        else:
            codes.add(name)
    return sorted(codes)


def run_rules(
    names: Iterable[str], values: Mapping[str, FieldValue], context: RuleContext
) -> tuple[Issue, ...]:
    """Issues of one record, sorted by rule and field; the order of ``names`` does not matter.

    A name that no rule bears gives the warning ``rule.unknown`` instead of passing in silence.

    Args:
        names: rules the template asks for, ``*`` for all, ``lot.*`` for a group; repeats count
            once.
        values: by record key.
        context: template, day, facts and settings; rules that changed on a date are judged by the
            day of vaccination, if the record has one and ``context`` names no other.
    """
    if len(context.template.pages) > 1:
        # A record is one page: what the form asks for on the others is not missing here.
        here = {f.page for f in context.template.fields if set(f.record_keys) & set(values)}
        context = replace(context, template=context.template.of_pages(here))
    if context.day is None:
        context = replace(context, day=_day(values, context))
    rules = installed_rules()
    issues: list[Issue] = []
    for name in expanded(names, rules):
        rule = rules.get(name)
        if rule is None:
            issues.append(issue("rule.unknown", Severity.WARNING, (), _UNKNOWN))
        else:
            issues.extend(rule.check(values, context))
    place = {key: index for index, key in enumerate(context.template.record_keys)}
    issues.sort(key=lambda found: (found.rule, [place.get(key, -1) for key in found.fields]))
    return tuple(dict.fromkeys(issues))


def _day(values: Mapping[str, FieldValue], context: RuleContext) -> dt.date:
    key = context.parts.keys.get("vaccination_date")
    found = values.get(key) if key is not None else None
    date = iso_date(found.value) if found and isinstance(found.value, str) else None
    return context.today if date is None else date


__all__ = ["ALL", "PLUG_INS", "RULES", "RuleContext", "expanded", "installed_rules", "run_rules"]
