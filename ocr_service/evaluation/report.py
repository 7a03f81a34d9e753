"""What an evaluation says, as data and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocr_service.domain.statistics import RiskPoint, is_refuted, upper_bound


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over some fields.

    Attributes:
        count: fields.
        right: exactly the truth.
        accepted: would pass without eyes.
        escaped: accepted and wrong.
    """

    count: int
    right: int
    accepted: int
    escaped: int

    @property
    def exact(self) -> float:
        """Share that is right, 0.0 for no fields."""
        return self.right / self.count if self.count else 0.0

    @property
    def accepted_share(self) -> float:
        """Share that needs no eyes."""
        return self.accepted / self.count if self.count else 0.0

    @property
    def escape_rate(self) -> float:
        """Share of the accepted that is wrong."""
        return self.escaped / self.accepted if self.accepted else 0.0

    @property
    def escape_bound(self) -> float:
        """Greatest escape rate the counts allow with 95 % confidence."""
        return upper_bound(self.escaped, self.accepted)


@dataclass(frozen=True, slots=True)
class KindScore:
    """Scores of one field kind.

    Attributes:
        kind: heading.
        filled: fields with something on the paper.
        blank: fields with nothing.
        total: both.
        digits: characters of filled digits fields, 0 for other kinds.
        digits_right: of these, in place.
        calibration_error: expected calibration error over all fields.
        calibration_noise: what true probabilities of so many fields would stay below.
        risk: error among the surest fields.
        target: promised share of wrong values among the accepted ones, the loosest of the kind.
    """

    kind: str
    filled: Tally
    blank: Tally
    total: Tally
    digits: int
    digits_right: int
    calibration_error: float
    calibration_noise: float
    risk: tuple[RiskPoint, ...]
    target: float = 1.0

    @property
    def keeps_promise(self) -> bool | None:
        """True: shown with 95 % confidence; False: refuted; None: too few fields to tell."""
        if self.total.escape_bound <= self.target:
            return True
        refuted = is_refuted(self.total.escaped, self.total.accepted, self.target)
        return False if refuted else None


@dataclass(frozen=True, slots=True)
class SplitScore:
    """Scores of one field kind on pages made in one way."""

    name: str
    value: str
    kind: str
    total: Tally


@dataclass(frozen=True, slots=True)
class KeyScore:
    """Scores of one record key."""

    key: str
    total: Tally


@dataclass(frozen=True, slots=True)
class PageScore:
    """What became of the pages.

    Attributes:
        truth: pages in the truth.
        read: pages with a record on the right template.
        unmatched: pages that should fit a template and were given none, or failed.
        wrong_template: pages laid on another template or version than the truth names, pages of no
            template among them.
        missing: pages for which no record came.
        states: records by state.
        clean: pages whose every field is right.
    """

    truth: int
    read: int
    unmatched: int
    wrong_template: int
    missing: int
    states: Mapping[str, int]
    clean: int


@dataclass(frozen=True, slots=True)
class RegistrationScore:
    """Residuals of the registered pages, in millimetres."""

    count: int
    median_mm: float
    p95_mm: float
    within_limit: float


@dataclass(frozen=True, slots=True)
class StageSeconds:
    """CPU seconds a page spends in a stage."""

    stage: str
    median_s: float
    p95_s: float
    mean_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """A whole evaluation; ``overall`` is of all kinds together."""

    pages: PageScore
    kinds: tuple[KindScore, ...]
    overall: KindScore
    keys: tuple[KeyScore, ...]
    splits: tuple[SplitScore, ...]
    registration: RegistrationScore
    seconds: tuple[StageSeconds, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON; rates are rounded to 5 places."""
        return {
            "pages": {
                "truth": self.pages.truth,
                "read": self.pages.read,
                "unmatched": self.pages.unmatched,
                "wrong_template": self.pages.wrong_template,
                "missing": self.pages.missing,
                "clean": self.pages.clean,
                "states": dict(self.pages.states),
            },
            "kinds": {score.kind: _kind_json(score) for score in self.kinds},
            "overall": _kind_json(self.overall),
            "keys": {score.key: _tally_json(score.total) for score in self.keys},
            "splits": [
                {"by": s.name, "value": s.value, "kind": s.kind, **_tally_json(s.total)}
                for s in self.splits
            ],
            "registration": {
                "count": self.registration.count,
                "median_mm": round(self.registration.median_mm, 4),
                "p95_mm": round(self.registration.p95_mm, 4),
                "within_0_3_mm": round(self.registration.within_limit, 5),
            },
            "seconds": {
                s.stage: {
                    "median": round(s.median_s, 4),
                    "p95": round(s.p95_s, 4),
                    "mean": round(s.mean_s, 4),
                }
                for s in self.seconds
            },
        }


def _kind_json(score: KindScore) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "filled": _tally_json(score.filled),
        "blank": _tally_json(score.blank),
        "total": _tally_json(score.total),
        "target_error": score.target,
        "keeps_promise": score.keeps_promise,
        "calibration_error": round(score.calibration_error, 5),
        "calibration_noise": round(score.calibration_noise, 5),
        "risk_coverage": [
            {
                "coverage": point.coverage,
                "threshold": round(point.threshold, 5),
                "risk": round(point.risk, 5),
            }
            for point in score.risk
        ],
    }
    if score.digits:
        shown["digits"] = {
            "count": score.digits,
            "exact": round(score.digits_right / score.digits, 5),
        }
    return shown


def _tally_json(tally: Tally) -> dict[str, Any]:
    return {
        "count": tally.count,
        "right": tally.right,
        "exact": round(tally.exact, 5),
        "accepted": tally.accepted,
        "accepted_share": round(tally.accepted_share, 5),
        "escaped": tally.escaped,
        "escape_rate": round(tally.escape_rate, 5),
        "escape_bound_95": round(tally.escape_bound, 5),
    }


__all__ = [
    "KeyScore",
    "KindScore",
    "PageScore",
    "RegistrationScore",
    "Report",
    "SplitScore",
    "StageSeconds",
    "Tally",
]
