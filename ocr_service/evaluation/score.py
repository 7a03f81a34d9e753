"""Scores records against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ocr_service.domain.record import Record
from ocr_service.domain.statistics import (
    calibration_error,
    calibration_noise,
    quantile,
    risk_coverage,
)
from ocr_service.evaluation.judge import Judged, judge_page
from ocr_service.evaluation.report import (
    KeyScore,
    KindScore,
    PageScore,
    RegistrationScore,
    Report,
    SplitScore,
    StageSeconds,
    Tally,
)
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.library import TemplateLibrary

RESIDUAL_LIMIT_MM = 0.3
_WHOLE_PAGE = "all stages"


def score(
    records: Iterable[Record],
    truth: Iterable[TruthPage],
    library: TemplateLibrary,
    seconds: Iterable[Mapping[str, float]] = (),
) -> Report:
    """Compare what was read with what the pages say.

    Fields of a page count only where the page was laid on the template the truth names; the other
    pages are counted as pages. Records without truth are left out.

    Args:
        records: what was read, in any order; of two for one page the later counts.
        truth: what the pages say.
        library: the templates, for the kinds of the fields.
        seconds: CPU seconds by stage, one mapping a page.

    Raises:
        TemplateUnknown: the truth names a template the library lacks.
    """
    by_page = {(record.file, record.page): record for record in records}
    pages = tuple(truth)
    pairs = [(page, by_page.get((page.file, page.page))) for page in pages]
    judged_pages = [
        tuple(judge_page(record, page, library.get(f"{page.template}@{page.version}").template))
        for page, record in pairs
        if record is not None and page.template is not None and _same_template(page, record)
    ]
    fields = [field for judged in judged_pages for field in judged]
    return Report(
        pages=_pages(pairs, clean=sum(all(f.right for f in page) for page in judged_pages)),
        kinds=tuple(_score(kind, group) for kind, group in sorted(_grouped(fields, _kind))),
        overall=_score("all", fields),
        keys=tuple(KeyScore(key, _tally(group)) for key, group in _grouped(fields, _key)),
        splits=_splits(fields),
        registration=_registration([record for _, record in pairs if record is not None]),
        seconds=_seconds(list(seconds)),
    )


def _same_template(page: TruthPage, record: Record) -> bool:
    return (page.template, page.version) == (record.template, record.version)


def _pages(pairs: Sequence[tuple[TruthPage, Record | None]], *, clean: int) -> PageScore:
    states: Counter[str] = Counter()
    unmatched = wrong = missing = 0
    for page, record in pairs:
        if record is None:
            missing += 1
            continue
        states[record.state.value] += 1
        if _same_template(page, record):
            continue
        if record.template is None:
            unmatched += 1
        else:
            wrong += 1
    read = sum(
        record is not None and page.template is not None and _same_template(page, record)
        for page, record in pairs
    )
    return PageScore(len(pairs), read, unmatched, wrong, missing, dict(states), clean)


def _tally(fields: Sequence[Judged]) -> Tally:
    return Tally(
        count=len(fields),
        right=sum(f.right for f in fields),
        accepted=sum(f.accepted for f in fields),
        escaped=sum(f.accepted and not f.right for f in fields),
    )


def _key(field: Judged) -> str:
    return field.key


def _kind(field: Judged) -> str:
    return field.kind


def _grouped(
    fields: Iterable[Judged], by: Callable[[Judged], str]
) -> list[tuple[str, list[Judged]]]:
    groups: dict[str, list[Judged]] = {}
    for field in fields:
        groups.setdefault(by(field), []).append(field)
    return list(groups.items())


def _score(kind: str, group: Sequence[Judged]) -> KindScore:
    claims = [(f.probability, f.right) for f in group]
    return KindScore(
        kind=kind,
        filled=_tally([f for f in group if f.filled]),
        blank=_tally([f for f in group if not f.filled]),
        total=_tally(group),
        digits=sum(f.digits for f in group),
        digits_right=sum(f.digits_right for f in group),
        calibration_error=calibration_error(claims),
        calibration_noise=calibration_noise([f.probability for f in group]),
        risk=risk_coverage(claims),
        target=max((f.target for f in group), default=1.0),
    )


def _splits(fields: Sequence[Judged]) -> tuple[SplitScore, ...]:
    groups: dict[tuple[str, str, str], list[Judged]] = {}
    for field in fields:
        for name, value in field.splits:
            groups.setdefault((name, value, field.kind), []).append(field)
    return tuple(
        SplitScore(name, value, kind, _tally(group))
        for (name, value, kind), group in sorted(groups.items())
    )


def _registration(records: Sequence[Record]) -> RegistrationScore:
    residuals = [r.registration.residual_mm for r in records if r.registration is not None]
    within = sum(residual <= RESIDUAL_LIMIT_MM for residual in residuals)
    return RegistrationScore(
        count=len(residuals),
        median_mm=quantile(residuals, 0.5),
        p95_mm=quantile(residuals, 0.95),
        within_limit=within / len(residuals) if residuals else 0.0,
    )


def _seconds(pages: Sequence[Mapping[str, float]]) -> tuple[StageSeconds, ...]:
    """By stage in the order of their first appearance, then the sum; absent stages count as 0."""
    stages = list(dict.fromkeys(stage for page in pages for stage in page))
    rows = [(stage, [page.get(stage, 0.0) for page in pages]) for stage in stages]
    if pages:
        rows.append((_WHOLE_PAGE, [sum(page.values()) for page in pages]))
    return tuple(
        StageSeconds(stage, quantile(spent, 0.5), quantile(spent, 0.95), sum(spent) / len(spent))
        for stage, spent in rows
    )


__all__ = ["RESIDUAL_LIMIT_MM", "score"]
