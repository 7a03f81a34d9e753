"""How error grows as more fields are accepted, for drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr_service.domain.statistics import upper_bound
from ocr_service.evaluation.folder import FolderScore
from ocr_service.evaluation.judge import Judged, judge_page
from ocr_service.forms.library import TemplateLibrary

_POINTS = 80


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The surest part of the fields.

    Attributes:
        coverage: share of the fields, 0 to 1.
        risk: share of them that is wrong.
        bound: greatest error rate that this allows with 95 % confidence.
    """

    coverage: float
    risk: float
    bound: float


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """Error against coverage for one field kind.

    Attributes:
        kind: heading.
        count: fields.
        points: with rising coverage.
        accepted: share of the fields that was accepted.
        escaped: share of these that is wrong.
        escape_bound: greatest such share with 95 % confidence.
        target: promised share.
    """

    kind: str
    count: int
    points: tuple[CurvePoint, ...]
    accepted: float
    escaped: float
    escape_bound: float
    target: float


def risk_curves(scored: FolderScore, library: TemplateLibrary) -> tuple[RiskCurve, ...]:
    """A curve for each field kind and one for all fields, headed ``all``."""
    fields = list(_judged(scored, library))
    by_kind: dict[str, list[Judged]] = {}
    for field in fields:
        by_kind.setdefault(field.kind, []).append(field)
    curves = [_curve(kind, group) for kind, group in sorted(by_kind.items())]
    return (*curves, _curve("all", fields)) if fields else ()


def _judged(scored: FolderScore, library: TemplateLibrary) -> Iterable[Judged]:
    for record, page in zip(scored.records, scored.truth, strict=True):
        if page.template and (page.template, page.version) == (record.template, record.version):
            template = library.get(f"{page.template}@{page.version}").template
            yield from judge_page(record, page, template)


def _curve(kind: str, fields: Sequence[Judged]) -> RiskCurve:
    ranked = sorted(fields, key=lambda f: -f.probability)
    wrong = [0]
    for field in ranked:
        wrong.append(wrong[-1] + (not field.right))
    counts = sorted({math.ceil(len(ranked) * n / _POINTS) for n in range(1, _POINTS + 1)})
    points = tuple(
        CurvePoint(n / len(ranked), wrong[n] / n, upper_bound(wrong[n], n)) for n in counts
    )
    accepted = [f for f in fields if f.accepted]
    escaped = sum(not f.right for f in accepted)
    return RiskCurve(
        kind=kind,
        count=len(fields),
        points=points,
        accepted=len(accepted) / len(fields),
        escaped=escaped / len(accepted) if accepted else 0.0,
        escape_bound=upper_bound(escaped, len(accepted)),
        target=max(f.target for f in fields),
    )


__all__ = ["CurvePoint", "RiskCurve", "risk_curves"]
