"""Masters from the command line: import, list, undo, delete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db.export.candidates import Selection, state_counts
from ocr_service.db.masters import imports as master_imports
from ocr_service.db.masters import masters
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.masters.importing.model import MasterKind
from ocr_service.masters.importing.registry import kind_named
from ocr_service.masters.prefectures import PREFECTURES, prefecture_number
from ocr_service.service.check.reindexing import reindex
from ocr_service.service.masters.importing import (
    MasterRowsRejected,
    apply_import,
    delete_master,
    preview_import,
    undo_import,
)
from ocr_service.service.masters.passage import ImportOptions, ImportReport, MasterFile
from ocr_service.settings import Settings

_ACTOR = "command"
_SHOWN = 50
_REJECTED = 3

master_app = typer.Typer(
    help="Lists the rules and readers look things up in: institutions, vaccines, lots, people.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(master_app, name="master")


@master_app.command("import")
def import_master(  # noqa: PLR0913 - one parameter an option
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(MasterKind)}.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or .xlsx.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look only.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="It is the whole list: what it leaves out ends.")
    ] = False,
    skip_rejected: Annotated[
        bool, typer.Option("--skip-rejected", help="Import the good lines without the others.")
    ] = False,
    prefecture: Annotated[
        str, typer.Option(help="Of all institutions in it, where the file does not say.")
    ] = "",
    dental: Annotated[bool, typer.Option("--dental", help="A list of dentists.")] = False,
) -> None:
    """Import a list: all of it, or nothing if a line is wrong. Exit 3: lines were rejected."""
    options = ImportOptions(
        whole=whole,
        skip_rejected=skip_rejected,
        prefecture=_prefecture(prefecture),
        point_table="3" if dental else "1",
    )
    wanted = kind_named(kind)
    with _services() as services, file.open("rb") as opened:
        given = MasterFile(wanted, file.name, opened, options)
        if dry_run:
            with services.db.reading() as uow:
                _tell(preview_import(uow, services.vault, given), number=None)
            return
        try:
            number, report = apply_import(services.db, services.vault, given, actor=_ACTOR)
        except MasterRowsRejected as error:
            _tell(error.report, number=None)
            typer.echo(f"{error.code}: {error}", err=True)
            raise typer.Exit(_REJECTED) from error
        _tell(report, number=number)


@master_app.command("list")
def list_masters(
    kind: Annotated[str | None, typer.Argument(help="Only this kind.")] = None,
) -> None:
    """Show how many rows are in force, and the imports that brought them."""
    with _services() as services, services.db.reading() as uow:
        _show_counts(uow)
        _show_imports(uow, None if kind is None else kind_named(kind))


@master_app.command("reindex")
def reindex_records() -> None:
    """Judge records that are older than a list by what it says, and find people's other records."""
    with _services() as services, Progress(console=Console(stderr=True)) as progress:
        if services.check is None:
            raise InvalidRequest("these services judge no records")
        with services.db.reading() as uow:
            number = sum(state_counts(uow, Selection()).values())
        task = progress.add_task("records", total=number)
        done = reindex(
            services.db,
            services.check,
            services.shelf.library(),
            tell=lambda more: progress.advance(task, more),
        )
    typer.echo(f"{done.noted} records noted, {done.judged} under review judged, {done.left} left")


@master_app.command("undo")
def undo(number: Annotated[int, typer.Argument(help="The import's number.")]) -> None:
    """Take the newest import of a kind back; what it had replaced is in force again."""
    with _services() as services, services.db.writing() as uow:
        undo_import(uow, number, actor=_ACTOR)
    typer.echo(f"import {number} is undone")


@master_app.command("delete")
def delete(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(MasterKind)}.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove every row of a kind for good, with its history. It cannot be undone."""
    wanted = kind_named(kind)
    if not yes:
        typer.confirm(f"remove all rows of {wanted} for good?", abort=True)
    with _services() as services, services.db.writing() as uow:
        gone = delete_master(uow, wanted, actor=_ACTOR)
    typer.echo(f"{gone} rows removed")


def _prefecture(text: str) -> str:
    number = prefecture_number(text) if text else ""
    if text and not number:
        last = max(PREFECTURES)
        raise InvalidRequest(f"--prefecture takes a name or a number from 01 to {last}")
    return number


def _tell(report: ImportReport, *, number: int | None) -> None:
    counts = report.counts
    typer.echo(
        f"{report.kind} ({report.encoding}): {counts.rows} rows, {counts.added} new, "
        f"{counts.changed} changed, {counts.unchanged} as before, {counts.ended} ended, "
        f"{counts.rejected} rejected, {report.noted} with a note"
    )
    for problem in report.problems[:_SHOWN]:
        mark = "rejected" if problem.rejects else "note"
        typer.echo(f"  line {problem.line}  {problem.column or '-'}  {problem.code}  ({mark})")
    if len(report.problems) > _SHOWN:
        typer.echo(f"  and {len(report.problems) - _SHOWN} more")
    if number is not None:
        typer.echo(f"import {number}; undo it with: ocr-service master undo {number}")


def _show_counts(uow: UnitOfWork) -> None:
    table = Table("master", "rows in force", show_edge=False)
    for kind, rows in masters.in_force(uow).items():
        table.add_row(kind.value, str(rows))
    Console().print(table)


def _show_imports(uow: UnitOfWork, kind: MasterKind | None) -> None:
    table = Table("import", "master", "file", "state", "rows", "by", "at", show_edge=False)
    for found in master_imports.history(uow, kind):
        table.add_row(
            str(found.id),
            found.kind.value,
            found.file_name,
            found.state.value,
            str(found.counts.rows),
            found.created_by,
            found.created_at.isoformat(timespec="minutes"),
        )
    Console().print(table)


@contextmanager
def _services() -> Iterator[Services]:
    services = build_services(Settings())
    prepare(services)
    try:
        yield services
    finally:
        services.close()


__all__ = ["register"]
