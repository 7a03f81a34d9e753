"""Rules about age: what is written, what follows from the dates, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from ocr_service.domain.dates import age_on, legal_age
from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, RuleParameter, Seen, ShippedRule, Text

_UNDER = 6
_OLDEST = 120
_DIGITS = 3


def ages_of(seen: Seen) -> tuple[int, int] | None:
    """Age as people count it and as the law does; they differ on the day before a birthday."""
    birth, day = seen.date("birth_date"), seen.day()
    if birth is None or day is None or birth > day:
        return None
    return age_on(birth, day), legal_age(birth, day)


def _mismatch(seen: Seen) -> Iterator[Found]:
    """The age written is not the age on the day."""
    ages, written = ages_of(seen), seen.text("age")
    if ages is None or written is None:
        return
    number = int(written) if written.isascii() and written.isdigit() else -1
    if number not in ages or len(written) > _DIGITS:
        yield Found((seen.key("age"), seen.key("birth_date")))


def _too_old(seen: Seen) -> Iterator[Found]:
    """Older than anybody is."""
    ages = ages_of(seen)
    oldest = seen.number("max") or _OLDEST
    if ages is not None and ages[0] > oldest:
        yield Found((seen.key("birth_date"),), {"max": oldest})


def _not_eligible(seen: Seen) -> Iterator[Found]:
    """Outside the ages that the programme is for."""
    ages = ages_of(seen)
    if ages is None:
        return
    youngest, oldest = seen.number("min"), seen.number("max")
    fields = (seen.key("birth_date"), seen.key("vaccination_date"))
    if youngest is not None and max(ages) < youngest:
        yield Found(fields, {"min": youngest}, "young")
    elif oldest is not None and min(ages) > oldest:
        yield Found(fields, {"max": oldest}, "old")


def _six_unmarked(seen: Seen) -> Iterator[Found]:
    """Under six and the mark is missing, which costs the institution its addition."""
    ages = ages_of(seen)
    if ages is not None and max(ages) < _UNDER and not seen.is_set("under_six"):
        yield Found((seen.key("under_six"), seen.key("birth_date")))


def _six_marked(seen: Seen) -> Iterator[Found]:
    """Marked as under six, and older."""
    ages = ages_of(seen)
    if ages is not None and min(ages) >= _UNDER and seen.is_set("under_six"):
        yield Found((seen.key("under_six"), seen.key("birth_date")))


RULES = (
    ShippedRule(
        code="age.mismatch",
        severity=Severity.WARNING,
        title=Text("年齢と生年月日", "Age and date of birth"),
        messages={
            "": Text(
                "書かれた年齢が、生年月日と接種日から数えた満年齢と合いません。",
                "The age written is not the age that follows from birth and day of vaccination.",
            )
        },
        source="domain 4.2: age on the day; the law adds a year on the day before the "
        "birthday [R], "
        "so that both ages pass on that day",
        parameters=(),
        find=_mismatch,
        roles=("age", "birth_date"),
    ),
    ShippedRule(
        code="age.range",
        severity=Severity.WARNING,
        title=Text("ありえない年齢", "Implausible age"),
        messages={
            "": Text(
                "生年月日から数えた年齢が{max}歳を超えます。生年月日を確かめてください。",
                "By the date of birth the person is over {max}. Check that date.",
            )
        },
        source="domain 4.4: age 0 to 120",
        parameters=(RuleParameter("max", 120, Text("最高の年齢", "highest age")),),
        find=_too_old,
        roles=("birth_date",),
    ),
    ShippedRule(
        code="age.eligible",
        severity=Severity.WARNING,
        title=Text("対象年齢", "Age of the programme"),
        messages={
            "young": Text(
                "接種日に{min}歳未満です。対象者か確かめてください。",
                "Under {min} on the day of vaccination. Check whether the person is entitled.",
            ),
            "old": Text(
                "接種日に{max}歳を超えています。対象者か確かめてください。",
                "Over {max} on the day of vaccination. Check whether the person is entitled.",
            ),
        },
        source="by programme and date: see the dated settings below",
        parameters=(
            RuleParameter("min", None, Text("対象の最低年齢", "youngest age entitled")),
            RuleParameter("max", None, Text("対象の最高年齢", "oldest age entitled")),
        ),
        find=_not_eligible,
        roles=("birth_date",),
    ),
    ShippedRule(
        code="under_six.missing",
        severity=Severity.WARNING,
        title=Text("6歳未満の印がない", "Under-six mark missing"),
        messages={
            "": Text(
                "6歳未満ですが、6歳未満の欄が塗られていません。加算に関わります。",
                "The child is under six, but the mark is missing. It decides on the addition.",
            )
        },
        source="domain 4.2: the mark holds exactly for ages under six; 3.1: the addition [V:S14]",
        parameters=(),
        find=_six_unmarked,
        roles=("under_six", "birth_date"),
    ),
    ShippedRule(
        code="under_six.wrong",
        severity=Severity.WARNING,
        title=Text("6歳以上に6歳未満の印", "Under-six mark on an older person"),
        messages={
            "": Text(
                "6歳以上ですが、6歳未満の欄が塗られています。加算は請求できません。",
                "The person is six or older, yet marked as under six. No addition is due.",
            )
        },
        source="domain 4.2: the mark holds exactly for ages under six; 3.1: the addition [V:S14]",
        parameters=(),
        find=_six_marked,
        roles=("under_six", "birth_date"),
    ),
)

__all__ = ["RULES", "ages_of"]
