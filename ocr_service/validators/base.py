"""What a rule is and what it may know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ocr_service.domain.field import FieldValue, Source
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.fields import FieldSpec, Format
from ocr_service.forms.model import FormTemplate
from ocr_service.validators.facts import NO_FACTS, Facts


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule may know besides the values.

    Attributes:
        template: the record's template.
        today: the day of the check, in Japan.
        facts: what the installation knows.
    """

    template: FormTemplate
    today: dt.date
    facts: Facts = NO_FACTS

    def keys_of_format(self, wanted: Format) -> tuple[str, ...]:
        """Record keys of the fields written in that format, in template order."""
        return tuple(
            field.key for field in self.template.fields if getattr(field, "format", None) == wanted
        )

    def required_fields(self) -> tuple[FieldSpec, ...]:
        """Fields the form asks everybody to fill in."""
        return tuple(field for field in self.template.fields if field.required)


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
            context: template and day.
        """
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A message in both languages; never contains a value."""

    ja: str
    en: str


def issue(rule: str, severity: Severity, fields: tuple[str, ...], text: Text) -> Issue:
    """An issue with its message."""
    return Issue(rule, severity, fields, text.ja, text.en)


def text_of(values: Mapping[str, FieldValue], key: str) -> str | None:
    """The value of ``key`` if it is a non-empty text."""
    found = values.get(key)
    if found is None or not isinstance(found.value, str) or not found.value:
        return None
    return found.value


def by_machine(value: FieldValue) -> bool:
    """Whether no person has decided on this value yet; only then do a reader's flags count."""
    return value.source is not Source.HUMAN


__all__ = ["Rule", "RuleContext", "Text", "by_machine", "issue", "text_of"]
