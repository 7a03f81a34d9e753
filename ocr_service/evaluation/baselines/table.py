"""A comparison as tables on a terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from ocr_service.evaluation.baselines.compare import Comparison, GroupFigures

_Cell = Callable[[GroupFigures], str]


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what was right, what was invented, what passed unseen, and the cost."""
    tables: list[tuple[str, _Cell]] = [
        ("Exact on filled fields", _exact),
        ("Values invented on blank fields", _invented),
        ("Wrong and not flagged, share of all fields", _unseen),
    ]
    for title, cell in tables:
        console.print(_table(f"{title} ({comparison.pages} pages)", comparison, cell))
    cost = Table(title="CPU seconds a page", title_justify="left")
    for name in comparison.cpu_s:
        cost.add_column(name, justify="right")
    cost.add_row(*(f"{seconds:.2f}" for seconds in comparison.cpu_s.values()))
    console.print(cost)


def _table(title: str, comparison: Comparison, cell: _Cell) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("fields")
    for name in comparison.figures:
        table.add_column(name, justify="right")
    for group in comparison.groups:
        cells = (_shown(groups[group], cell) for groups in comparison.figures.values())
        table.add_row(group, *cells)
    return table


def _shown(figures: GroupFigures, cell: _Cell) -> str:
    return cell(figures) if figures.answered else "not possible"


def _exact(figures: GroupFigures) -> str:
    if not figures.filled:
        return "-"
    return f"{100 * figures.exact:.1f} % ({figures.right}/{figures.filled})"


def _invented(figures: GroupFigures) -> str:
    return f"{figures.invented}/{figures.blank}" if figures.blank else "-"


def _unseen(figures: GroupFigures) -> str:
    return f"{100 * figures.unseen_share:.1f} % ({figures.unseen})"


__all__ = ["print_comparison"]
