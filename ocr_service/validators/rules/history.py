"""Rules about earlier doses of the same person or voucher, and about duplicates."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, RuleParameter, Seen, ShippedRule, Text
from ocr_service.validators.facts import EarlierDose, Interval, ProductFacts
from ocr_service.validators.rules.doses import product_of

_FIRST = 1


def _shot(seen: Seen) -> dt.date | None:
    """The day of the shot; None where none was given."""
    if seen.text("judgement") == "defer" or seen.text("consent") == "no":
        return None
    return seen.date("vaccination_date")


def _number(seen: Seen) -> int | None:
    text = seen.text("voucher_dose") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else None


def _same_disease(seen: Seen, product: ProductFacts) -> list[EarlierDose]:
    """Earlier doses against the same disease, oldest first."""
    found = [e for e in seen.facts.earlier if product.disease and e.disease == product.disease]
    return sorted(found, key=lambda dose: dose.day)


def _too_soon(seen: Seen) -> Iterator[Found]:
    """Sooner after the dose before than the product allows on that day."""
    day, product = _shot(seen), product_of(seen)
    if day is None or product is None:
        return
    before = [e for e in _same_disease(seen, product) if e.day <= day]
    number = _number(seen) or len(before) + 1
    if not before or number == _FIRST:
        return
    for interval in product.intervals:
        due = _due(before[-1].day, interval)
        if _holds(interval, number, day) and day < due:
            fields = (seen.key("vaccination_date"), seen.key("vaccine_name"))
            yield Found(fields, {"days": interval.days, "months": interval.months}, _unit(interval))
            return


def _holds(interval: Interval, number: int, day: dt.date) -> bool:
    numbered = not interval.doses or number in interval.doses
    return numbered and interval.valid_from <= day <= interval.valid_to


def _unit(interval: Interval) -> str:
    return "months" if interval.months else ""


def _due(before: dt.date, interval: Interval) -> dt.date:
    """First day that is right; the last of a month where the month is too short."""
    years, month = divmod(before.month - 1 + interval.months, 12)
    year = min(before.year + years, dt.MAXYEAR)
    last = calendar.monthrange(year, month + 1)[1]
    due = dt.date(year, month + 1, min(before.day, last))
    return due + dt.timedelta(min(interval.days, (dt.date.max - due).days))


def _live(seen: Seen) -> Iterator[Found]:
    """Too soon after another vaccine: by today's rule an injected live one after another."""
    day, product = _shot(seen), product_of(seen)
    if day is None or product is None:
        return
    for dose in seen.facts.earlier:
        apart = abs((day - dose.day).days)
        limit = _limit(seen, product, dose, this_is_later=day >= dose.day)
        if dose.disease != product.disease and apart < limit:
            yield Found((seen.key("vaccination_date"), seen.key("vaccine_name")), {"days": limit})
            return


def _limit(seen: Seen, product: ProductFacts, dose: EarlierDose, *, this_is_later: bool) -> int:
    """Days that must lie between the two; 0 = no limit."""
    first_live = dose.live if this_is_later else product.live
    injected = product.injected and dose.injected
    if seen.parameters.get("only_live") is False:
        return int(seen.number("days_after_live" if first_live else "days_after_other") or 0)
    both_live = bool(product.live) and bool(dose.live)
    return int(seen.number("days_after_live") or 0) if both_live and injected else 0


def _repeated(seen: Seen) -> Iterator[Found]:
    """The same dose number of the same disease is known already."""
    product, number = product_of(seen), _number(seen)
    if product is None or number is None or _shot(seen) is None:
        return
    if any(dose.dose == number for dose in _same_disease(seen, product)):
        yield Found((seen.key("voucher_dose"),), {"dose": number})


def _out_of_order(seen: Seen) -> Iterator[Found]:
    """A higher dose number lies before this one, or a lower one after it."""
    day, product, number = _shot(seen), product_of(seen), _number(seen)
    if day is None or product is None or number is None:
        return
    for dose in _same_disease(seen, product):
        if dose.dose is None or dose.dose == number:
            continue
        if (dose.dose > number) != (dose.day > day):
            yield Found((seen.key("voucher_dose"), seen.key("vaccination_date")))
            return


def _mixed(seen: Seen) -> Iterator[Found]:
    """First and second dose of different products."""
    product, number = product_of(seen), _number(seen)
    if product is None or number not in {1, 2}:
        return
    other = 3 - number
    for dose in _same_disease(seen, product):
        differs = dose.product and dose.product not in {product.name, *product.aliases}
        if dose.dose == other and differs:
            yield Found((seen.key("vaccine_name"), seen.key("voucher_dose")))
            return


def _duplicate(seen: Seen) -> Iterator[Found]:
    """Another document bears the same municipality, voucher number and dose."""
    if seen.facts.duplicates:
        roles = ("voucher_municipality_code", "voucher_number", "voucher_dose")
        yield Found(tuple(seen.key(role) for role in roles), {"count": len(seen.facts.duplicates)})


RULES = (
    ShippedRule(
        code="interval.dose",
        severity=Severity.WARNING,
        title=Text("前回からの間隔", "Time since the last dose"),
        messages={
            "": Text(
                "前回の接種から{days}日たっていません。",
                "Fewer than {days} days since the last dose.",
            ),
            "months": Text(
                "前回の接種から{months}か月たっていません。",
                "Fewer than {months} months since the last dose.",
            ),
        },
        source="domain 4.1: by product, dose and day [V:S38,S39]; see the products below",
        parameters=(),
        find=_too_soon,
        roles=("vaccination_date", "vaccine_name"),
    ),
    ShippedRule(
        code="interval.live",
        severity=Severity.WARNING,
        title=Text("ほかの予防接種との間隔", "Time between vaccines"),
        messages={
            "": Text(
                "ほかの予防接種から{days}日たっていません（注射生ワクチンどうしは27日以上あけます）。"
                "ほかの予防接種から{days}日たっていません（注射生ワクチンどうしは27日以上あけます）。",
                "Fewer than {days} days from another vaccine (27 days between injected live ones).",
            )
        },
        source="domain 4.1: since 2020-10-01 only between injected live vaccines [V:S59]",
        parameters=(
            RuleParameter(
                "days_after_live", 28, Text("生ワクチンの何日後から", "days after a live vaccine")
            ),
            RuleParameter(
                "days_after_other", 0, Text("その他の何日後から", "days after any other vaccine")
            ),
            RuleParameter(
                "only_live", True, Text("生ワクチンどうしだけ", "only between live vaccines")
            ),
        ),
        find=_live,
        roles=("vaccination_date", "vaccine_name"),
    ),
    ShippedRule(
        code="history.dose_repeated",
        severity=Severity.ERROR,
        title=Text("同じ回数の接種", "Dose given before"),
        messages={
            "": Text(
                "{dose}回目の接種がすでに記録されています。",
                "Dose {dose} is recorded already.",
            )
        },
        source="domain 4.2: duplicate key; dose history of the installation",
        parameters=(),
        find=_repeated,
        roles=("voucher_dose", "vaccine_name"),
    ),
    ShippedRule(
        code="history.order",
        severity=Severity.WARNING,
        title=Text("回数と日付の順", "Order of the doses"),
        messages={
            "": Text(
                "接種回数と接種日の順が、ほかの記録と合いません。",
                "Number and day of the dose do not follow the other records.",
            )
        },
        source="dose history of the installation",
        parameters=(),
        find=_out_of_order,
        roles=("voucher_dose", "vaccination_date"),
    ),
    ShippedRule(
        code="history.product_mix",
        severity=Severity.WARNING,
        title=Text("1回目と2回目のワクチンが違う", "First and second dose differ"),
        messages={
            "": Text(
                "1回目と2回目のワクチンが違います。医療機関に確かめてください。",
                "First and second dose are of different vaccines. Ask the institution.",
            )
        },
        source="dose history of the installation; the primary series is of one product [R]",
        parameters=(),
        find=_mixed,
        roles=("voucher_dose", "vaccine_name"),
    ),
    ShippedRule(
        code="voucher.duplicate",
        severity=Severity.ERROR,
        title=Text("同じ接種券の二重登録", "Voucher used twice"),
        messages={
            "": Text(
                "同じ市町村・券番号・回数の用紙がほかに{count}枚あります。",
                "{count} more documents bear the same municipality, voucher number and dose.",
            )
        },
        source="domain 4.2: duplicate key of municipality code, voucher number and dose",
        parameters=(),
        find=_duplicate,
        roles=("voucher_number",),
    ),
)

__all__ = ["RULES"]
