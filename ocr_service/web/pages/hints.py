"""What a value means, said another way, so that a wrong one catches the eye while it is typed."""

from __future__ import annotations

from datetime import date

from ocr_service.domain.dates import Era, age_on, era_of
from ocr_service.domain.field import Value
from ocr_service.web.pages.language import Language

_ERA_NAMES = {
    Era.MEIJI: ("明治", "Meiji"),
    Era.TAISHO: ("大正", "Taisho"),
    Era.SHOWA: ("昭和", "Showa"),
    Era.HEISEI: ("平成", "Heisei"),
    Era.REIWA: ("令和", "Reiwa"),
}
_ISO_LENGTH = 10


def value_hint(value: Value, *, language: Language, today: date) -> str:
    """A date by era, with the years since; "" for what needs no second way of saying.

    Args:
        value: canonical.
        language: of the hint.
        today: the day from which years are counted.
    """
    day = _date(value)
    named = None if day is None else era_of(day)
    if day is None or named is None:
        return ""
    era, year = named
    japanese, english = _ERA_NAMES[era]
    years = age_on(day, today) if day <= today else None
    if language is Language.EN:
        return f"{english} {year}" + ("" if years is None else f", {years} years ago")
    of_era = "元" if year == 1 else str(year)
    since = "" if years is None else f"（満{years}年）"
    return f"{japanese}{of_era}年{day.month}月{day.day}日{since}"


def _date(value: Value) -> date | None:
    if not isinstance(value, str) or len(value) != _ISO_LENGTH:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


__all__ = ["value_hint"]
