"""Shows a fit of the calibration on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ocr_service.evaluation.fit import Fitted
from ocr_service.evaluation.fit_file import held_out_errors


def print_fit(fitted: Fitted, console: Console) -> None:
    """Print calibration errors by family and the thresholds of two promises by group."""
    before = held_out_errors([(outcome, outcome.score) for outcome, _ in fitted.held_out])
    after = held_out_errors(fitted.held_out)
    table = Table("family", "values", "wrong", "raw", "calibrated", title="Calibration error")
    for family, error in after.items():
        count, wrong = fitted.counts[family]
        table.add_row(family, str(count), str(wrong), f"{before[family]:.4f}", f"{error:.4f}")
    console.print(table)
    console.print(_threshold_table(fitted, (0.001, 0.005)))


def _threshold_table(fitted: Fitted, targets: Sequence[float]) -> Table:
    table = Table("group", "values", "wrong", title="Accepted from this chance on")
    for target in targets:
        table.add_column(f"promise {target:.1%}", justify="right")
    for name, ladder in sorted(fitted.promises.items()):
        count, wrong = fitted.counts[name]
        cells = []
        for target in targets:
            kept = ladder[target]
            at = "never" if kept.at is None else f"{kept.at:.5f}"
            cells.append(f"{at} {kept.by} ({kept.errors}/{kept.count})")
        table.add_row(name, str(count), str(wrong), *cells)
    return table


__all__ = ["print_fit"]
