"""Rules about body temperature (domain: 37.5 degrees and above is fever, ministry guideline)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ocr_service.domain.field import FieldValue
from ocr_service.domain.record import Issue, Severity
from ocr_service.validators.base import RuleContext, Text, issue, text_of

TEMPERATURE_KEY = "body_temperature"
JUDGEMENT_KEY = "judgement"
_LOWEST, _HIGHEST = Decimal("34.0"), Decimal("42.0")
_FEVER = Decimal("37.5")
_DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?", re.ASCII)
_RANGE = Text(
    "体温が34.0～42.0度の範囲にありません。読み違いかもしれません。",
    "The temperature is outside 34.0 to 42.0 degrees; it may be misread.",
)
_FEVERISH = Text(
    "体温が37.5度以上ですが、接種可能と判定されています。医師の判断を確かめてください。",
    "The temperature is 37.5 degrees or more, yet the judgement is possible. Confirm it.",
)


@dataclass(frozen=True, slots=True)
class TemperatureRange:
    """A temperature no patient walks in with, or one that is no number."""

    code: str = "temperature.range"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """At most one issue."""
        del context
        if text_of(values, TEMPERATURE_KEY) is None:
            return
        degrees = _temperature(values)
        if degrees is None or not _LOWEST <= degrees <= _HIGHEST:
            yield issue(self.code, Severity.WARNING, (TEMPERATURE_KEY,), _RANGE)


@dataclass(frozen=True, slots=True)
class FeverButFit:
    """Fever and yet judged fit. The doctor decides; a person confirms that it was read right."""

    code: str = "temperature.fever"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """At most one issue."""
        del context
        degrees = _temperature(values)
        fit = text_of(values, JUDGEMENT_KEY) == "ok"
        # above the plausible range it is a misreading, which the range rule tells
        if fit and degrees is not None and _FEVER <= degrees <= _HIGHEST:
            fields = (TEMPERATURE_KEY, JUDGEMENT_KEY)
            yield issue(self.code, Severity.WARNING, fields, _FEVERISH)


def _temperature(values: Mapping[str, FieldValue]) -> Decimal | None:
    text = text_of(values, TEMPERATURE_KEY)
    return Decimal(text) if text is not None and _DECIMAL.fullmatch(text) else None


__all__ = ["FeverButFit", "TemperatureRange"]
