"""Writes the reference of all rules from the rules themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from ocr_service.validators.base import RuleParameter, ShippedRule
from ocr_service.validators.dated import DatedSettings, shipped_settings
from ocr_service.validators.rules import SHIPPED

_SEVERITIES: Mapping[str, str] = {
    "error": "error: blocks approval and export",
    "warning": "warning: a person looks",
    "info": "info: a note",
}
_HEAD = """# The rules of the content check

Made by `ocr-service rules reference`; do not edit. A rule looks only where the form has the parts
it needs, whatever their keys are ([how to](../howto/rules.md)). *domain* numbers name the section
of the research behind a fact; [V] was read in a source, [M] measured, [R] recalled and unverified,
[I] design. Every rule takes `severity` and `enabled` besides its own parameters.
"""


def reference() -> str:
    """The whole page as Markdown."""
    return "\n".join((*_summary(), *_rules(), *_settings(shipped_settings())))


def _summary() -> Iterator[str]:
    yield _HEAD
    yield "| rule | severity | 項目 |\n|---|---|---|"
    for rule in sorted(SHIPPED, key=lambda r: r.code):
        anchor = rule.code.replace(".", "")
        yield f"| [`{rule.code}`](#{anchor}) | {rule.severity.value} | {rule.title.ja} |"
    yield ""


def _rules() -> Iterator[str]:
    for rule in sorted(SHIPPED, key=lambda r: r.code):
        yield from _rule(rule)


def _rule(rule: ShippedRule) -> Iterator[str]:
    yield f"## {rule.code}\n"
    yield f"{rule.title.ja} / {rule.title.en}. {_SEVERITIES[rule.severity.value]}.\n"
    if rule.find.__doc__:
        yield f"{' '.join(rule.find.__doc__.split())}\n"
    for text in rule.messages.values():
        yield f"- {text.ja}\n  {text.en}"
    yield f"\nSource: {rule.source}."
    if rule.roles:
        yield f"\nParts: {', '.join(f'`{role}`' for role in rule.roles)}."
    if rule.parameters:
        yield "\n| parameter | default | meaning |\n|---|---|---|"
        yield from (_parameter(p) for p in rule.parameters)
    yield ""


def _parameter(parameter: RuleParameter) -> str:
    default = "not set" if parameter.default is None else f"`{parameter.default}`"
    return f"| `{parameter.name}` | {default} | {parameter.meaning.ja} / {parameter.meaning.en} |"


def _settings(settings: DatedSettings) -> Iterator[str]:
    yield "# Dated settings\n"
    yield "| rule | form | from | to | parameters | source |\n|---|---|---|---|---|---|"
    for entry in settings.parameters:
        values = ", ".join(f"`{name} = {value}`" for name, value in entry.values.items())
        days = f"{_day(entry.valid_from)} | {_day(entry.valid_to)}"
        yield f"| `{entry.code}` | {entry.template or 'all'} | {days} | {values} | {entry.source} |"
    yield "\n# Products\n"
    yield "| product | disease | live | amounts in ml | intervals | source |"
    yield "|---|---|---|---|---|---|"
    for name, source in settings.sources.items():
        product = settings.products[name]
        amounts = "; ".join(
            f"{'/'.join(str(ml) for ml in a.ml)}"
            + (f" from {a.from_age}" if a.from_age else "")
            + (f" under {a.to_age}" if a.to_age else "")
            + (f", doses {a.doses}" if a.doses else "")
            for a in product.amounts
        )
        intervals = "; ".join(
            f"doses {i.doses or 'all'}: {f'{i.months} months' if i.months else f'{i.days} days'}"
            f" ({_day(i.valid_from)} to {_day(i.valid_to)})"
            for i in product.intervals
        )
        live = {True: "yes", False: "no", None: "?"}[product.live]
        yield f"| {name} | {product.disease} | {live} | {amounts} | {intervals} | {source} |"
    yield ""


def _day(day: dt.date) -> str:
    return "…" if day in {dt.date.min, dt.date.max} else day.isoformat()


__all__ = ["reference"]
