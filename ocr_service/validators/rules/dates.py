"""Rules about dates: whether they exist, follow each other and fit the programme and the era."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr_service.domain.dates import ERAS, Era, date_of_digits
from ocr_service.domain.field import FieldValue, Flag
from ocr_service.domain.record import Severity
from ocr_service.forms.fields import DigitsField, Format
from ocr_service.validators.base import (
    Found,
    RuleParameter,
    Seen,
    ShippedRule,
    Text,
    by_machine,
    iso_date,
)

_OLDEST_YEARS = 130
_OFFERED_FROM = 0.002
_WRITTEN_DAY = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
"""Eight cells that name a month and a day of it, there may be no such day."""
_AFTER_BIRTH = ("vaccination_date", "consent_date")


def _impossible(seen: Seen) -> Iterator[Found]:
    """A text in a date's place that names no day: 30 February, an unread digit.

    Also where the cells say no day and the reader, not sure, has taken one that there is.
    """
    for key, text in _written(seen):
        if iso_date(text) is None:
            yield Found((key,))
        elif _may_be_none(seen.values[key]):
            yield Found((key,), variant="doubtful")


def _may_be_none(value: FieldValue) -> bool:
    return (
        by_machine(value)
        and Flag.INVALID in value.flags
        and any(
            isinstance(other.value, str)
            and _WRITTEN_DAY.fullmatch(other.value) is not None
            and date_of_digits(other.value) is None
            and other.probability >= _OFFERED_FROM
            for other in value.alternatives
        )
    )


def _future(seen: Seen) -> Iterator[Found]:
    """A day after today."""
    for key, text in _written(seen):
        date = iso_date(text)
        if date is not None and date > seen.context.today:
            yield Found((key,))


def _too_old(seen: Seen) -> Iterator[Found]:
    """A day longer ago than anybody lives."""
    for key, text in _written(seen):
        date = iso_date(text)
        if date is not None and date.year < seen.context.today.year - _OLDEST_YEARS:
            yield Found((key,))


def _written(seen: Seen) -> Iterator[tuple[str, str]]:
    for key in seen.context.keys_of_format(Format.DATE):
        found = seen.values.get(key)
        if found is not None and isinstance(found.value, str) and found.value:
            yield key, found.value


def _before_birth(seen: Seen) -> Iterator[Found]:
    """Vaccination or consent before the person was born."""
    birth = seen.date("birth_date")
    for role in _AFTER_BIRTH:
        date = seen.date(role)
        if birth is not None and date is not None and date < birth:
            yield Found((seen.key(role), seen.key("birth_date")))


def _consent_after(seen: Seen) -> Iterator[Found]:
    """Consent after the shot."""
    consent, shot = seen.date("consent_date"), seen.date("vaccination_date")
    if consent is not None and shot is not None and consent > shot:
        yield Found((seen.key("consent_date"), seen.key("vaccination_date")))


def _after_scan(seen: Seen) -> Iterator[Found]:
    """Vaccinated after the page was taken in."""
    shot, scanned = seen.date("vaccination_date"), seen.facts.scanned_on
    if shot is not None and scanned is not None and shot > scanned:
        yield Found((seen.key("vaccination_date"),))


def _programme(seen: Seen) -> Iterator[Found]:
    """Outside the days of the programme."""
    shot, first, last = seen.date("vaccination_date"), seen.when("first"), seen.when("last")
    if shot is None or shot > seen.context.today:
        return
    fields = (seen.key("vaccination_date"),)
    if first is not None and shot < first:
        yield Found(fields, {"first": first.isoformat()}, "before")
    elif last is not None and shot > last:
        yield Found(fields, {"last": last.isoformat()}, "after")


def _era(seen: Seen) -> Iterator[Found]:
    """The era marked or printed was not in force on the day."""
    for field in seen.context.template.fields:
        if not isinstance(field, DigitsField) or not field.in_era:
            continue
        found = seen.values.get(field.key)
        date = iso_date(found.value) if found and isinstance(found.value, str) else None
        name = _era_name(seen, field)
        if date is None or name not in Era.__members__:
            continue
        span = ERAS[Era[name]]
        if span.first <= date <= span.last:
            continue
        fields = (field.key, field.era_field)
        overlaps = span.first.year <= date.year <= span.last.year
        yield Found(fields, variant="overlap" if overlaps else "")


def _era_name(seen: Seen, field: DigitsField) -> str:
    if field.printed_era is not None:
        return field.printed_era.upper()
    found = seen.values.get(field.era_field or "")
    return found.value.upper() if found and isinstance(found.value, str) else ""


RULES = (
    ShippedRule(
        code="date.impossible",
        severity=Severity.ERROR,
        title=Text("暦にない日付", "No such day"),
        messages={
            "": Text(
                "暦にない日付です。用紙を見て直してください。",
                "The calendar has no such day. Correct it from the paper.",
            ),
            "doubtful": Text(
                "用紙の数字は暦にない日付かもしれません。用紙を見て確かめてください。",
                "The paper may name a day that the calendar does not have. Check it.",
            ),
        },
        source="calendar; domain 4.4 for the years of the eras",
        parameters=(),
        find=_impossible,
    ),
    ShippedRule(
        code="date.future",
        severity=Severity.ERROR,
        title=Text("未来の日付", "Date in the future"),
        messages={
            "": Text(
                "未来の日付です。用紙を見て確かめてください。",
                "The date lies in the future. Check it against the paper.",
            )
        },
        source="domain 4.2: not after the day of the check",
        parameters=(),
        find=_future,
    ),
    ShippedRule(
        code="date.too_old",
        severity=Severity.ERROR,
        title=Text("古すぎる日付", "Date too far back"),
        messages={
            "": Text(
                "130年より前の日付です。用紙を見て確かめてください。",
                "The date lies more than 130 years back. Check it against the paper.",
            )
        },
        source="design: nobody alive was born then",
        parameters=(),
        find=_too_old,
    ),
    ShippedRule(
        code="date.before_birth",
        severity=Severity.ERROR,
        title=Text("生まれる前の日付", "Date before birth"),
        messages={
            "": Text(
                "生年月日より前の日付です。どちらが誤りか確かめてください。",
                "The date lies before the date of birth. Check which of them is wrong.",
            )
        },
        source="domain 4.2 and 4.4: age 0 at least",
        parameters=(),
        find=_before_birth,
        roles=("birth_date",),
    ),
    ShippedRule(
        code="consent.after_shot",
        severity=Severity.WARNING,
        title=Text("接種後の同意", "Consent after the shot"),
        messages={
            "": Text(
                "同意日が接種日より後です。",
                "The consent is dated after the vaccination.",
            )
        },
        source="domain 4.2: day of vaccination not before day of consent",
        parameters=(),
        find=_consent_after,
        roles=("consent_date", "vaccination_date"),
    ),
    ShippedRule(
        code="date.after_scan",
        severity=Severity.ERROR,
        title=Text("受付日より後の接種日", "Vaccinated after intake"),
        messages={
            "": Text(
                "接種日が用紙を取り込んだ日より後です。",
                "The vaccination is dated after the day the page was taken in.",
            )
        },
        source="domain 4.2: day of vaccination not after the day of the scan",
        parameters=(),
        find=_after_scan,
        roles=("vaccination_date",),
    ),
    ShippedRule(
        code="programme.dates",
        severity=Severity.WARNING,
        title=Text("事業期間外の接種日", "Outside the programme"),
        messages={
            "before": Text(
                "接種日が事業の開始日（{first}）より前です。",
                "The vaccination lies before the programme began ({first}).",
            ),
            "after": Text(
                "接種日が事業の終了日（{last}）より後です。",
                "The vaccination lies after the programme ended ({last}).",
            ),
        },
        source="domain 4.2: from 2021-02-17 [V:S61] to 2024-03-31 [V:S20] for COVID-19",
        parameters=(
            RuleParameter("first", None, Text("事業の開始日", "first day")),
            RuleParameter("last", None, Text("事業の終了日", "last day")),
        ),
        find=_programme,
        roles=("vaccination_date",),
    ),
    ShippedRule(
        code="era.range",
        severity=Severity.WARNING,
        title=Text("元号と日付", "Era and date"),
        messages={
            "": Text(
                "選ばれた元号の期間にない日付です。元号と年を確かめてください。",
                "The date is not in the era that is marked. Check era and year.",
            ),
            "overlap": Text(
                "改元の年の日付で、その日の元号は別です。日付と元号を確かめてください。",
                "In that year the era changed, and the other one was in force on that day. "
                "Check it.",
            ),
        },
        source="domain 4.4: ranges of the eras [V:S65], 元年 is year 1, overlap days are tolerated",
        parameters=(),
        find=_era,
    ),
)

__all__ = ["RULES"]
