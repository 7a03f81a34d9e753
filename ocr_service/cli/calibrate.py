"""``ocr-service calibrate``: learns from what people answered in review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ocr_service.bootstrap import Services, build_services
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Status
from ocr_service.evaluation.fit import LEAST_OUTCOMES, Outcome
from ocr_service.evaluation.fit_file import moved_text
from ocr_service.evaluation.fit_local import Figures, LocalFit, fit_local
from ocr_service.pipeline.calibrate import DEFAULT_FILE, Calibration, load_calibration
from ocr_service.pipeline.calibration_groups import group_of, reader_stem
from ocr_service.service.learning.corrections import (
    Correction,
    confirmed_values,
    export_corrections,
    gather_corrections,
)
from ocr_service.service.learning.own_calibration import OwnCalibration
from ocr_service.settings import Settings

_ACTOR = "command"


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("calibrate")(calibrate)


def calibrate(
    data: Annotated[Path | None, typer.Option(help="Data folder; default: OCR_DATA_DIR.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write answers and pictures here. Personal data!")
    ] = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Put the result in force.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report; what happens without --apply.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Put back what was before.")] = False,
) -> None:
    """Fit probabilities and word lists to what people answered in review.

    Without --apply only reports. Processes that are running read on with what they have loaded;
    start them anew afterwards.
    """
    if sum((apply, dry_run, undo)) > 1:
        raise InvalidRequest("--apply, --dry-run and --undo exclude each other")
    with _services(data) as services:
        if undo:
            _undo(services)
            return
        with services.db.reading() as uow:
            corrections = gather_corrections(uow, services.shelf.library())
        if export is not None:
            count = export_corrections(
                services.db, services.blobs, corrections, export, actor=_ACTOR
            )
            typer.echo(f"{count} answered values in {export}; they are personal data")
        learned = _learn(services, corrections)
        _report(learned, Console())
        if apply:
            _apply(services, learned)


@dataclass(frozen=True, slots=True)
class Learned:
    """What the answers teach.

    Attributes:
        base: calibration file to start from.
        corrections: all answers.
        outcomes: those that probabilities are learned from.
        fit: the new maps with their figures; None where there are too few answers.
        lexicons: confirmed values by lexicon.
    """

    base: Path
    corrections: Sequence[Correction]
    outcomes: Sequence[Outcome]
    fit: LocalFit | None
    lexicons: Mapping[str, Mapping[str, int]]


@contextmanager
def _services(data: Path | None) -> Iterator[Services]:
    settings = Settings() if data is None else Settings(data_dir=data)
    if not settings.data_dir.is_dir():
        raise InvalidRequest(f"there is no data folder {settings.data_dir}")
    services = build_services(settings)
    try:
        yield services
    finally:
        services.close()


def _own(services: Services) -> OwnCalibration:
    return OwnCalibration(services.settings.data_dir.resolve())


def _learn(services: Services, corrections: Sequence[Correction]) -> Learned:
    own = _own(services)
    base = own.current or DEFAULT_FILE
    calibration = load_calibration(base)
    outcomes = [
        _outcome(correction, _calibration_of(own.in_force_at(correction.read_at)))
        for correction in corrections
        if correction.counts and reader_stem(correction.machine.reader) in calibration.readers
    ]
    enough = len(outcomes) >= LEAST_OUTCOMES
    return Learned(
        base=base,
        corrections=corrections,
        outcomes=outcomes,
        fit=fit_local(calibration, outcomes) if enough else None,
        lexicons=confirmed_values(corrections),
    )


@cache
def _calibration_of(path: Path | None) -> Calibration:
    return load_calibration(path or DEFAULT_FILE)


def _outcome(correction: Correction, at_that_time: Calibration) -> Outcome:
    """The raw score, found again from the chance that was stored with the value."""
    machine = correction.machine
    group = group_of(correction.spec, machine, correction.form)
    score = at_that_time.score_of(group, machine.probability)
    return Outcome(group, score, correction.is_right, f"document-{correction.document}")


def _apply(services: Services, learned: Learned) -> None:
    better = learned.fit is not None and learned.fit.is_better
    if not better and not any(learned.lexicons.values()):
        typer.echo("nothing to put in force")
        return
    maps = learned.fit.maps if better and learned.fit is not None else {}
    fitted_on = {
        "answers_of_people": len(learned.outcomes),
        "documents": len({o.page for o in learned.outcomes}),
    }
    with services.db.writing() as uow:
        text = learned.base.read_text("utf-8")
        if maps:
            text = moved_text(text, maps, fitted_on=fitted_on)
        _own(services).apply(text, learned.lexicons, now=uow.now)
        detail: dict[str, DetailValue] = {
            "groups": len(maps),
            "answers": len(learned.outcomes),
            "words": sum(len(values) for values in learned.lexicons.values()),
        }
        uow.log(AuditEntry(_ACTOR, "calibration.applied", "calibration", 0, detail))
    typer.echo("in force for processes started from now on; ocr-service calibrate --undo goes back")


def _undo(services: Services) -> None:
    with services.db.writing() as uow:
        _own(services).undo(now=uow.now)
        uow.log(AuditEntry(_ACTOR, "calibration.undone", "calibration", 0))
    typer.echo("the former calibration is in force for processes started from now on")


def _report(learned: Learned, console: Console) -> None:
    corrections = learned.corrections
    stumbled = [c for c in corrections if c.machine.status is Status.ACCEPTED and not c.is_right]
    console.print(
        f"{len(corrections)} answers of people on {len({c.document for c in corrections})} "
        f"documents; {len(learned.outcomes)} of them on documents reviewed completely"
    )
    if stumbled:
        console.print(f"{len(stumbled)} accepted values were found wrong by chance", style="yellow")
    if learned.fit is None:
        console.print(f"probabilities stay: {LEAST_OUTCOMES} such answers are needed at least")
    else:
        console.print(_figures(learned.fit))
        if not learned.fit.is_better:
            console.print("probabilities stay: new ones are no better on documents not yet seen")
    for name, values in learned.lexicons.items():
        console.print(f"words for {name}: {len(values)}")


def _figures(fit: LocalFit) -> Table:
    columns = ("answers", "confirmed", "error before", "after", "log loss before", "after")
    table = Table("family", *columns, title="On documents the maps had not seen", show_edge=False)
    for name, before in fit.before.items():
        table.add_row(name, *_cells(before, fit.after[name]))
    return table


def _cells(before: Figures, after: Figures) -> tuple[str, ...]:
    figures = (before.error, after.error, before.log_loss, after.log_loss)
    return (str(before.count), str(before.right), *(f"{figure:.4f}" for figure in figures))


__all__ = ["calibrate", "register"]
