"""Rules about body temperature."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, RuleParameter, Seen, ShippedRule, Text

_LOWEST, _HIGHEST, _FEVER = Decimal("34.0"), Decimal("42.0"), Decimal("37.5")


def _out_of_range(seen: Seen) -> Iterator[Found]:
    """A temperature no patient walks in with, or one that is no number."""
    if seen.text("body_temperature") is None:
        return
    degrees = seen.decimal("body_temperature")
    lowest, highest = seen.number("min") or _LOWEST, seen.number("max") or _HIGHEST
    if degrees is None or not lowest <= degrees <= highest:
        shown = {"min": lowest, "max": highest}
        yield Found((seen.key("body_temperature"),), shown)


def _fever_but_fit(seen: Seen) -> Iterator[Found]:
    """Fever and yet judged fit. The doctor decides; a person confirms that it was read right."""
    degrees = seen.decimal("body_temperature")
    fever = seen.number("min") or _FEVER
    # above the plausible range it is a misreading, which the range rule tells
    if degrees is not None and fever <= degrees <= _HIGHEST and seen.text("judgement") == "ok":
        yield Found((seen.key("body_temperature"), seen.key("judgement")), {"min": fever})


RULES = (
    ShippedRule(
        code="temperature.range",
        severity=Severity.WARNING,
        title=Text("体温の範囲", "Temperature in range"),
        messages={
            "": Text(
                "体温が{min}～{max}度の範囲にありません。読み違いかもしれません。",
                "The temperature is outside {min} to {max} degrees; it may be misread.",
            )
        },
        source="domain 4.1: outside 34.0 to 42.0 it is likely misread [R]",
        parameters=(
            RuleParameter("min", "34.0", Text("最低の体温", "lowest temperature")),
            RuleParameter("max", "42.0", Text("最高の体温", "highest temperature")),
        ),
        find=_out_of_range,
        roles=("body_temperature",),
    ),
    ShippedRule(
        code="temperature.fever",
        severity=Severity.WARNING,
        title=Text("発熱と判定", "Fever and judgement"),
        messages={
            "": Text(
                "体温が{min}度以上ですが、接種可能と判定されています。"
                "医師の判断を確かめてください。",
                "The temperature is {min} degrees or more, yet the judgement is possible. "
                "Confirm it.",
            )
        },
        source="domain 4.1: 37.5 degrees and above is an evident fever, normally unfit [V:S35]",
        parameters=(RuleParameter("min", "37.5", Text("発熱とする体温", "fever from here on")),),
        find=_fever_but_fit,
        roles=("body_temperature", "judgement"),
    ),
)

__all__ = ["RULES"]
