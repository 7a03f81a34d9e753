"""Rules about dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ocr_service.domain.field import FieldValue
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.fields import Format
from ocr_service.validators.base import RuleContext, Text, issue, text_of

_OLDEST_YEARS = 130
_MISSING_DAY = Text(
    "暦にない日付です。用紙を見て直してください。",
    "The calendar has no such day. Correct it from the paper.",
)
_OUT_OF_TIME = Text(
    "未来の日付か、古すぎる日付です。用紙を見て確かめてください。",
    "The date lies in the future or too far back. Check it against the paper.",
)


@dataclass(frozen=True, slots=True)
class ImpossibleDate:
    """A date that does not exist, lies after today or more than 130 years back."""

    code: str = "date.impossible"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """One issue for each such date."""
        for key in context.keys_of_format(Format.DATE):
            text = text_of(values, key)
            if text is None:
                continue
            date = iso_date(text)
            if date is None:
                yield issue(self.code, Severity.ERROR, (key,), _MISSING_DAY)
            elif not context.today.year - _OLDEST_YEARS <= date.year or date > context.today:
                yield issue(self.code, Severity.ERROR, (key,), _OUT_OF_TIME)


def iso_date(text: str) -> dt.date | None:
    """The date that ``YYYY-MM-DD`` names, None if it names none."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return None
    # fromisoformat also takes 20210102 and week dates, which are not the canonical form
    return date if date.isoformat() == text else None


__all__ = ["ImpossibleDate", "iso_date"]
