"""What a record counts as: a shot, an examination alone, or nothing that can be billed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import jpholiday

from ocr_service.billing.facts import Facts
from ocr_service.billing.reasons import Reason
from ocr_service.domain.codes import municipality_code_valid

_SATURDAY = 5
_SUNDAY = 6


class Kind(StrEnum):
    """What is billed."""

    VACCINATION = "vaccination"  # 接種
    INTERVIEW = "interview"  # 予診のみ


KIND_WORDS = {Kind.VACCINATION: ("接種", "vaccination"), Kind.INTERVIEW: ("予診のみ", "exam only")}
"""(Japanese, English)."""


class Declined(StrEnum):
    """What a form counts as whose person was judged fit but did not want the shot."""

    HOLD = "hold"
    INTERVIEW = "interview"


@dataclass(frozen=True, slots=True)
class Classified:
    """The outcome: a kind, or the reasons why there is none.

    Attributes:
        kind: what is billed; None exactly if there are reasons.
        reasons: all of them, so that a form is corrected in one go.
    """

    kind: Kind | None
    reasons: tuple[Reason, ...] = ()


def classify(facts: Facts, *, declined: Declined = Declined.HOLD) -> Classified:
    """What a record counts as (domain 4.2).

    Judged fit, wanted, signed, with lot and date: a shot. Deferred by the doctor: the examination
    alone, and then no lot number is expected. Without judgement or signatures the municipality
    sends a form back, so it is not billed.

    Args:
        facts: of the record.
        declined: what "fit, but does not want it" counts as.
    """
    reasons = [*_papers(facts), *_payer(facts)]
    kind = Kind.INTERVIEW if facts.judged == "defer" else Kind.VACCINATION
    if facts.judged == "ok":
        if facts.wish == "no" and declined is Declined.INTERVIEW:
            kind = Kind.INTERVIEW
        reasons += _wish(facts, declined)
    if kind is Kind.INTERVIEW and facts.lot:
        reasons.append(Reason.LOT_BUT_DEFERRED)
    return Classified(None, tuple(reasons)) if reasons else Classified(kind)


def holiday_hint(day: dt.date) -> str | None:
    """Why a day may earn the add-on for holidays, or None.

    A hint only: what counts is what the institution has notified to the authorities (domain 3.1).
    """
    name: str | None = jpholiday.is_holiday_name(day)
    if name is not None:
        return name
    return {_SATURDAY: "土曜日", _SUNDAY: "日曜日"}.get(day.weekday())


def _papers(facts: Facts) -> list[Reason]:
    found: list[Reason] = []
    if facts.judged not in {"ok", "defer"}:
        found.append(Reason.NO_JUDGEMENT)
    if not facts.doctor_signed:
        found.append(Reason.NO_DOCTOR_SIGNATURE)
    if facts.day is None:
        found.append(Reason.NO_DATE)
    if facts.institution is None:
        found.append(Reason.NO_INSTITUTION)
    return found


def _payer(facts: Facts) -> list[Reason]:
    if facts.municipality is None:
        return [Reason.NO_MUNICIPALITY]
    return [] if municipality_code_valid(facts.municipality) else [Reason.BAD_MUNICIPALITY]


def _wish(facts: Facts, declined: Declined) -> list[Reason]:
    if facts.wish not in {"yes", "no"}:
        return [Reason.NO_CONSENT_ANSWER]
    found = [] if facts.person_signed else [Reason.NO_PERSON_SIGNATURE]
    if facts.wish == "no":
        return [*found, Reason.DECLINED] if declined is Declined.HOLD else found
    return found if facts.lot else [*found, Reason.NO_LOT]


__all__ = ["KIND_WORDS", "Classified", "Declined", "Kind", "classify", "holiday_hint"]
