"""``ocr-service bench``: reads scans with known content and scores them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ocr_service.cli.engine import reader_from_settings
from ocr_service.evaluation.folder import FolderScore, score_folder
from ocr_service.evaluation.mistakes import write_mistakes
from ocr_service.evaluation.plot import write_risk_plot
from ocr_service.evaluation.risk_curve import risk_curves
from ocr_service.evaluation.table import print_report
from ocr_service.pipeline.reader import EngineReader
from ocr_service.settings import Settings


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("bench")(bench)


def bench(
    folder: Annotated[
        Path, typer.Argument(help="Scans and truth.jsonl.", exists=True, file_okay=False)
    ],
    output: Annotated[Path | None, typer.Option(help="Also write the report as JSON.")] = None,
    mistakes: Annotated[
        Path | None, typer.Option(help="Write every wrong field here (JSON Lines).")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw error against coverage into this PNG file.")
    ] = None,
    *,
    splits: Annotated[bool, typer.Option(help="Also by font, difficulty and fault.")] = False,
) -> None:
    """Score the readers on scans of known content: exact, accepted, escaped, seconds."""
    reader = reader_from_settings(Settings(), threads=1)
    scored = score_with_progress(reader, folder)
    print_report(scored.report, Console(), splits=splits)
    if output is not None:
        output.write_text(
            json.dumps(scored.report.to_json(), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    if plot is not None:
        draw_risk(reader, scored, plot)
    if mistakes is not None:
        count = write_mistakes(scored, mistakes)
        typer.echo(f"{count} wrong fields in {mistakes}")


def draw_risk(reader: EngineReader, scored: FolderScore, path: Path) -> None:
    """Draw the risk-coverage curves of a score."""
    curves = risk_curves(scored, reader.engine.library)
    if curves:
        pages = scored.report.pages.read
        write_risk_plot(curves, path, title=f"Risk and coverage on {pages} pages")


def score_with_progress(reader: EngineReader, folder: Path) -> FolderScore:
    """Score a folder, with a bar on a terminal."""
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        return score_folder(
            reader, folder, told=lambda done, total: bar.update(task, completed=done, total=total)
        )


__all__ = ["bench", "draw_risk", "register", "score_with_progress"]
