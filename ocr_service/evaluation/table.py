"""The report as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group
from rich.table import Table

from ocr_service.evaluation.report import KindScore, Report, Tally

_KEPT = {True: "kept", False: "broken", None: "open"}
"""Whether the accepted fields show that a promise holds, that it does not, or neither."""


def report_tables(report: Report, *, splits: bool = False) -> Group:
    """All tables of a report.

    Args:
        report: the evaluation.
        splits: also by how the pages were made.
    """
    kinds = (*report.kinds, report.overall) if report.kinds else ()
    tables = [_pages(report), _kinds(kinds), _risk(kinds), _seconds(report)]
    if splits and report.splits:
        tables.append(_splits(report))
    return Group(*tables)


def print_report(report: Report, console: Console, *, splits: bool = False) -> None:
    """Print the tables."""
    console.print(report_tables(report, splits=splits))


def _table(title: str, first: str, others: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _exact(tally: Tally) -> str:
    return f"{_percent(tally.exact)} ({tally.right}/{tally.count})" if tally.count else "-"


def _pages(report: Report) -> Table:
    pages, residual = report.pages, report.registration
    table = _table("Pages", "what", ["value"])
    rows = [
        ("pages", str(pages.truth)),
        ("read on the right template", str(pages.read)),
        ("unmatched or failed", str(pages.unmatched)),
        ("on a wrong template", str(pages.wrong_template)),
        ("without a record", str(pages.missing)),
        ("every field right", str(pages.clean)),
        *((f"state {state}", str(count)) for state, count in sorted(pages.states.items())),
        ("residual, median", f"{residual.median_mm:.3f} mm"),
        ("residual, 95th percentile", f"{residual.p95_mm:.3f} mm"),
        ("residual up to 0.3 mm", _percent(residual.within_limit)),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _kinds(kinds: Iterable[KindScore]) -> Table:
    columns = ["exact, filled", "exact, blank", "per digit", "accepted"]
    columns += ["escaped", "bound 95 %", "promise", "calibration (by chance)"]
    table = _table("Fields", "kind", columns)
    for score in kinds:
        total = score.total
        digits = _percent(score.digits_right / score.digits) if score.digits else "-"
        table.add_row(
            score.kind,
            _exact(score.filled),
            _exact(score.blank),
            digits,
            _percent(total.accepted_share),
            f"{total.escaped}/{total.accepted}",
            _percent(total.escape_bound),
            f"{_percent(score.target)} {_KEPT[score.keeps_promise]}",
            f"{score.calibration_error:.3f} ({score.calibration_noise:.3f})",
        )
    return table


def _risk(kinds: tuple[KindScore, ...]) -> Table:
    coverages = [point.coverage for point in kinds[0].risk] if kinds else []
    table = _table(
        "Error among the surest part of the fields", "kind", [f"{c:.0%}" for c in coverages]
    )
    for score in kinds:
        table.add_row(score.kind, *(_percent(point.risk) for point in score.risk))
    return table


def _seconds(report: Report) -> Table:
    table = _table("CPU seconds a page", "stage", ["median", "95th percentile", "mean"])
    for stage in report.seconds:
        table.add_row(
            stage.stage, f"{stage.median_s:.3f}", f"{stage.p95_s:.3f}", f"{stage.mean_s:.3f}"
        )
    return table


def _splits(report: Report) -> Table:
    table = _table("By how the pages were made", "pages", ["kind", "exact", "accepted", "escaped"])
    for split in report.splits:
        table.add_row(
            f"{split.name} = {split.value}",
            split.kind,
            _exact(split.total),
            _percent(split.total.accepted_share),
            str(split.total.escaped),
        )
    return table


__all__ = ["print_report", "report_tables"]
