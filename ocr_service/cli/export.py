"""``ocr-service export``: make and list exports, check layouts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db.export import exports
from ocr_service.db.export.candidates import Selection
from ocr_service.db.ids import BatchId
from ocr_service.domain.errors import InvalidRequest
from ocr_service.exporters.profile_check import check_file
from ocr_service.exporters.profile_library import LoadedProfile, ProfileError, load_profile
from ocr_service.exporters.profile_lint import lint_profile
from ocr_service.exporters.profile_model import Profile
from ocr_service.forms.model import FormTemplate
from ocr_service.service.export.exporting import export_now
from ocr_service.service.export.manifest import counts_of
from ocr_service.service.export.preparing import ExportRequest, PreparedExport, prepared_export
from ocr_service.service.export.profiles import all_profiles, profile_named
from ocr_service.settings import Settings

_ACTOR = "command"
_SHOWN = 20

app = typer.Typer(help="Exports and their layouts.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option(help="Data folder; default: OCR_DATA_DIR.")]


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.add_typer(app, name="export")


@contextmanager
def _services(data: Path | None) -> Iterator[Services]:
    services = build_services(Settings() if data is None else Settings(data_dir=data))
    try:
        prepare(services)
        yield services
    finally:
        services.close()


@app.command("run")
def run(  # noqa: PLR0913, PLR0917 - one option each
    profile: Annotated[str, typer.Option(help="NAME or NAME@VERSION.")] = "csv",
    batch: Annotated[list[int] | None, typer.Option(help="A batch; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Taken in on YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Until YYYY-MM-DD.")] = None,
    template: Annotated[str | None, typer.Option(help="KEY of the form.")] = None,
    out: Annotated[Path | None, typer.Option(help="Also put the files into this folder.")] = None,
    data: DataDir = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that is ready.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Export what is approved and not out in this profile yet."""
    batches = tuple(BatchId(one) for one in batch or ())
    if not (batches or since or until or everything):
        raise InvalidRequest("say which documents: --batch, --from, --to or --all")
    selection = Selection(batches, _day(since), _day(until), template)
    with _services(data) as services:
        with services.db.reading() as uow:
            loaded = profile_named(uow, services.profiles, profile)
        request = ExportRequest(loaded, selection, _ACTOR, services.check)
        if dry_run:
            _dry_run(services, request)
        else:
            _make(services, request, out)


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"{text} is not a day written YYYY-MM-DD") from None


def _dry_run(services: Services, request: ExportRequest) -> None:
    library, folder = services.shelf.library(), services.settings.export_dir
    with (
        services.db.reading() as uow,
        prepared_export(uow, request, library, folder) as prepared,
    ):
        typer.echo(json.dumps(counts_of(prepared), ensure_ascii=False))
        _show_held(prepared)


def _show_held(prepared: PreparedExport) -> None:
    for held in prepared.held[:_SHOWN]:
        reasons = ", ".join(
            " ".join(part for part in (one.code, one.column, one.detail) if part)
            for one in held.findings
        )
        typer.echo(f"held back: document {held.document}: {reasons}")
    if len(prepared.held) > _SHOWN:
        typer.echo(f"and {len(prepared.held) - _SHOWN} more")


def _make(services: Services, request: ExportRequest, out: Path | None) -> None:
    made = export_now(
        services.db,
        services.blobs,
        request=request,
        library=services.shelf.library(),
        folder=services.settings.export_dir,
    )
    typer.echo(
        f"export {made.id}: {made.documents} documents, {made.rows} rows, {made.held} held back,"
        f" sha256 {made.sha256}"
    )
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    with services.db.reading() as uow:
        files = exports.files_of(uow, made.id)
    for file in files:
        _put(out / file.name, services.blobs.get(file.sha256))
    if made.manifest_sha256 is not None:
        name = f"export-{made.id}-manifest.json"
        _put(out / name, services.blobs.get(made.manifest_sha256))


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)
    typer.echo(str(path))


@app.command("list")
def list_exports(
    data: DataDir = None, limit: Annotated[int, typer.Option(help="How many.")] = 20
) -> None:
    """Show the newest exports."""
    with _services(data) as services, services.db.reading() as uow:
        found = exports.page(uow, limit=limit)
    table = Table(
        "id", "made", "by", "profile", "documents", "rows", "held", "amends", show_edge=False
    )
    for one in found:
        table.add_row(
            str(one.id),
            one.created_at.isoformat(timespec="minutes"),
            one.created_by,
            f"{one.profile}@{one.profile_version}",
            str(one.documents),
            str(one.rows),
            str(one.held),
            "yes" if one.amends else "",
        )
    Console().print(table)


@app.command("profiles")
def profiles(
    name: Annotated[str | None, typer.Argument(help="Print the file of this one.")] = None,
    data: DataDir = None,
) -> None:
    """List the layouts, or print one, to start a layout of your own from."""
    with _services(data) as services, services.db.reading() as uow:
        if name is not None:
            typer.echo(profile_named(uow, services.profiles, name).text, nl=False)
            return
        found = all_profiles(uow, services.profiles)
    table = Table("name", "version", "status", "origin", "format", "encoding", show_edge=False)
    for one in found.values():
        profile = one.profile
        table.add_row(
            profile.name,
            profile.version,
            profile.status,
            one.origin,
            profile.file.format.value,
            profile.file.encoding.value,
        )
    Console().print(table)


@app.command("lint")
def lint(
    files: Annotated[list[str], typer.Argument(help="Files or names of layouts.")],
    data: DataDir = None,
) -> None:
    """Check layouts; exit code 2 if one cannot be used."""
    fatal = False
    with _services(data) as services:
        for file in files:
            loaded = _find(services, file)
            findings = lint_profile(loaded.profile, services.shelf.library())
            for found in findings:
                fatal |= found.fatal
                word = "error" if found.fatal else "warning"
                typer.echo(f"{word}: {found.where}: {found.message}")
            title = f"{loaded.profile.name}@{loaded.profile.version}"
            typer.echo(f"{title}: {len(loaded.profile.columns)} columns, {len(findings)} findings")
    if fatal:
        raise typer.Exit(ProfileError.exit_code)


@app.command("check")
def check(
    profile: Annotated[str, typer.Argument(help="Name or file of a layout.")],
    file: Annotated[Path, typer.Argument(help="A file as the receiving system wants it.")],
    form: Annotated[
        str | None, typer.Option(help="KEY of the form, where columns follow it.")
    ] = None,
    data: DataDir = None,
) -> None:
    """Hold a sample file of the receiving system against a layout; exit code 2 if they differ."""
    try:
        sample = file.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"cannot read {file}: {error.strerror}") from error
    with _services(data) as services:
        loaded = _find(services, profile)
        differences = check_file(sample, loaded.profile, _form(services, loaded, form))
    for one in differences:
        place = f"line {one.line}" if one.line else "file"
        column = f", column {one.column} {one.header}".rstrip() if one.column else ""
        typer.echo(f"{place}{column}: {one.message}")
    typer.echo(f"{file.name}: {len(differences)} differences")
    if differences:
        raise typer.Exit(ProfileError.exit_code)


def _form(services: Services, loaded: LoadedProfile, name: str | None) -> FormTemplate | None:
    if not loaded.profile.one_form_only:
        return None
    if name is None:
        raise InvalidRequest("the columns of this layout follow the form: name it with --form")
    return services.shelf.library().get(name).template


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of layouts, for editors that check while one types."""
    typer.echo(json.dumps(Profile.model_json_schema(), ensure_ascii=False, indent=2))


def _find(services: Services, name: str) -> LoadedProfile:
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        return load_profile(path, origin="file")
    with services.db.reading() as uow:
        return profile_named(uow, services.profiles, name)


__all__ = ["register"]
