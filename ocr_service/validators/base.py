"""What a rule is and what it may know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from ocr_service.domain.field import FieldValue, Source
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.fields import FieldSpec, Format
from ocr_service.forms.model import FormTemplate, Parameter
from ocr_service.validators.dated import DatedSettings, shipped_settings
from ocr_service.validators.facts import NO_FACTS, Facts
from ocr_service.validators.roles import Parts, parts_of


@dataclass(frozen=True)
class RuleContext:
    """What a rule may know besides the values.

    Attributes:
        template: the record's template.
        today: the day of the check, in Japan.
        facts: what the installation knows.
        settings: dated parameters and products.
        day: day of vaccination that dated parameters are judged by; None = today.
    """

    template: FormTemplate
    today: dt.date
    facts: Facts = NO_FACTS
    settings: DatedSettings = field(default_factory=shipped_settings)
    day: dt.date | None = None

    @cached_property
    def parts(self) -> Parts:
        """Which field plays which part."""
        return parts_of(self.template)

    def keys_of_format(self, wanted: Format) -> tuple[str, ...]:
        """Record keys of the fields written in that format, in template order."""
        return tuple(
            field.key for field in self.template.fields if getattr(field, "format", None) == wanted
        )

    def required_fields(self) -> tuple[FieldSpec, ...]:
        """Fields the form asks everybody to fill in."""
        return tuple(field for field in self.template.fields if field.required)

    def parameters(self, code: str) -> Mapping[str, Parameter]:
        """What template and settings say on a rule; the settings win, for they are the later."""
        own = self.template.rule_parameters.get(code, {})
        return {**own, **self.settings.values_on(code, self.template.key, self.day or self.today)}


class Rule(Protocol):
    """One check of a record. Total: any values give issues, never an error."""

    @property
    def code(self) -> str:
        """Stable name, as templates write it: ``temperature.range``."""
        ...

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """Issues of one record.

        Args:
            values: by record key; any key may be absent.
            context: template, day, facts and settings.
        """
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A message in both languages; never contains a value of the record.

    ``{days}`` and the like stand for parameters and facts that are not personal.
    """

    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class RuleParameter:
    """A parameter a rule takes.

    Attributes:
        name: as templates write it.
        default: what holds where nothing is set; None = the rule is silent then.
        meaning: what it does.
    """

    name: str
    default: Parameter | None
    meaning: Text


@dataclass(frozen=True, slots=True)
class Found:
    """A record breaks a rule.

    Attributes:
        fields: record keys concerned; those that are None are left out.
        shown: what the placeholders of the message stand for.
        variant: which of the rule's messages; "" = its only or first one.
        severity: if not the rule's own.
    """

    fields: tuple[str | None, ...]
    shown: Mapping[str, object] = field(default_factory=dict)
    variant: str = ""
    severity: Severity | None = None


def issue(rule: str, severity: Severity, fields: tuple[str, ...], text: Text) -> Issue:
    """An issue with its message."""
    return Issue(rule, severity, fields, text.ja, text.en)


def by_machine(value: FieldValue) -> bool:
    """Whether no person has decided on this value yet; only then do a reader's flags count."""
    return value.source is not Source.HUMAN


Check = Callable[["Seen"], Iterable[Found]]


class Seen:
    """A record as a rule sees it: values by role, and what is known besides."""

    __slots__ = ("context", "parameters", "values")

    def __init__(
        self,
        values: Mapping[str, FieldValue],
        context: RuleContext,
        parameters: Mapping[str, Parameter],
    ) -> None:
        """See ``values``; parameters are those of the rule that looks."""
        self.values = values
        self.context = context
        self.parameters = parameters

    @property
    def facts(self) -> Facts:
        """What the installation knows."""
        return self.context.facts

    def key(self, role: str) -> str | None:
        """The record key that plays ``role``; None where the form has none."""
        return self.context.parts.keys.get(role)

    def raw(self, role: str) -> object:
        """The value that plays ``role``, None where there is none."""
        key = self.key(role)
        found = self.values.get(key) if key is not None else None
        return None if found is None else found.value

    def text(self, role: str) -> str | None:
        """The value of ``role`` if it is a non-empty text."""
        value = self.raw(role)
        return value if isinstance(value, str) and value else None

    def is_set(self, role: str) -> bool:
        """Whether something is written or marked."""
        return self.raw(role) not in {None, "", (), False}

    def date(self, role: str) -> dt.date | None:
        """The day of ``role``; None where it is none."""
        return iso_date(self.text(role) or "")

    def decimal(self, role: str) -> Decimal | None:
        """The number of ``role``; None where it is none."""
        return decimal_of(self.text(role) or "")

    def day(self) -> dt.date | None:
        """Day of the visit: of the vaccination, else of the consent."""
        return self.date("vaccination_date") or self.date("consent_date")

    def number(self, name: str) -> Decimal | None:
        """A parameter that is a number; None where it is not set or is none."""
        value = self.parameters.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        return decimal_of(str(value))

    def when(self, name: str) -> dt.date | None:
        """A parameter that is a day."""
        value = self.parameters.get(name)
        return iso_date(value) if isinstance(value, str) else self._as_date(value)

    @staticmethod
    def _as_date(value: object) -> dt.date | None:
        return value if isinstance(value, dt.date) else None


def iso_date(text: str) -> dt.date | None:
    """The date that ``YYYY-MM-DD`` names, None if it names none."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return None
    # fromisoformat also takes 20210102 and week dates, which are not the canonical form
    return date if date.isoformat() == text else None


_LONGEST_NUMBER = 9


def decimal_of(text: str) -> Decimal | None:
    """The number that ASCII digits with at most one point name, None if they name none."""
    whole, point, tenths = text.partition(".")
    parts = (whole, tenths) if point else (whole,)
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return Decimal(text) if len(text) <= _LONGEST_NUMBER else None


@dataclass(frozen=True, slots=True)
class ShippedRule:
    """A rule with what the reference tells of it.

    Attributes:
        code: stable name.
        severity: unless a parameter ``severity`` says otherwise.
        title: short name.
        messages: by variant; "" is the one without.
        source: where the fact is from.
        parameters: what it takes, besides ``severity`` and ``enabled``.
        find: looks at a record.
        roles: parts that the form must have for the rule to do anything.
    """

    code: str
    severity: Severity
    title: Text
    messages: Mapping[str, Text]
    source: str
    parameters: tuple[RuleParameter, ...]
    find: Check
    roles: tuple[str, ...] = ()

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """Issues of one record; none where the form lacks a part or the rule is switched off."""
        if any(role not in context.parts.keys for role in self.roles):
            return
        given = {p.name: p.default for p in self.parameters if p.default is not None}
        parameters = {**given, **context.parameters(self.code)}
        if parameters.get("enabled") is False:
            return
        severity = _severity(parameters.get("severity"), self.severity)
        for found in self.find(Seen(values, context, parameters)):
            text = self.messages[found.variant]
            yield Issue(
                rule=self.code,
                severity=severity if found.severity is None else found.severity,
                fields=tuple(key for key in found.fields if key is not None),
                message_ja=text.ja.format_map(found.shown),
                message_en=text.en.format_map(found.shown),
            )


def _severity(wanted: object, usual: Severity) -> Severity:
    return _SEVERITIES.get(wanted, usual) if isinstance(wanted, str) else usual


_SEVERITIES = {severity.value: severity for severity in Severity}


__all__ = [
    "Found",
    "Rule",
    "RuleContext",
    "RuleParameter",
    "Seen",
    "ShippedRule",
    "Text",
    "by_machine",
    "decimal_of",
    "iso_date",
    "issue",
]
