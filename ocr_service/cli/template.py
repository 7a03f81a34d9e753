"""``ocr-service template``: make, check, print, look at and try templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import cv2
import typer
from rich.console import Console

from ocr_service.cli.bench import score_with_progress
from ocr_service.cli.engine import reader_from_settings, template_dirs
from ocr_service.domain.errors import InvalidRequest, PageUnmatched, TemplateError
from ocr_service.evaluation.table import print_report
from ocr_service.evaluation.truth import TRUTH_FILE
from ocr_service.forms.blank import render_blank
from ocr_service.forms.library import (
    TEMPLATE_FILE,
    LoadedTemplate,
    load_library,
    load_template,
    shipped_folder,
)
from ocr_service.forms.lint import lint as find_mistakes
from ocr_service.forms.model import FormTemplate
from ocr_service.forms.starter import starter_template
from ocr_service.imaging.decode import DecodeLimits, decode_page
from ocr_service.pipeline.blanks import BlankStore
from ocr_service.pipeline.identify import Unmatched, identify
from ocr_service.pipeline.overlay import draw_overlay
from ocr_service.settings import Settings

app = typer.Typer(help="Make, check, print and try form templates.", no_args_is_help=True)

TemplateName = Annotated[str, typer.Argument(help="KEY, KEY@VERSION or a template.toml file.")]


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.add_typer(app, name="template")


def _find(name: str) -> LoadedTemplate:
    path = Path(name)
    if path.is_dir():
        path = path / TEMPLATE_FILE
    if path.is_file():
        return load_template(path)
    return load_library(shipped_folder(), *template_dirs(Settings())).get(name)


@app.command("new")
def new(
    key: Annotated[str, typer.Argument(help="Key of the form: small letters, digits, hyphens.")],
    version: Annotated[str, typer.Option(help="Edition of the form.")] = "1",
    folder: Annotated[Path, typer.Option(help="Folder of templates.")] = Path("form_templates"),
    size_mm: Annotated[tuple[float, float], typer.Option(help="Width and height.")] = (210, 297),
) -> None:
    """Write a small valid template to go on from."""
    path = folder / key / version / TEMPLATE_FILE
    if path.exists():
        raise InvalidRequest(f"{path} exists; choose another version")
    path.parent.mkdir(parents=True)
    width_mm, height_mm = size_mm
    path.write_text(
        starter_template(key, version, width_mm=width_mm, height_mm=height_mm), encoding="utf-8"
    )
    load_template(path)
    typer.echo(str(path))


@app.command("lint")
def lint(names: Annotated[list[str], typer.Argument(help="Templates to check.")]) -> None:
    """Check templates; exit code 2 if one cannot be used."""
    fatal = False
    for name in names:
        loaded = _find(name)
        findings = find_mistakes(loaded.template)
        for finding in findings:
            fatal |= finding.fatal
            typer.echo(
                f"{'error' if finding.fatal else 'warning'}: {finding.where}: {finding.message}"
            )
        title = f"{loaded.template.key}@{loaded.template.version}"
        typer.echo(f"{title}: {len(loaded.template.fields)} fields, {len(findings)} findings")
    if fatal:
        raise typer.Exit(TemplateError.exit_code)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of template files."""
    typer.echo(json.dumps(FormTemplate.model_json_schema(), ensure_ascii=False, indent=1))


@app.command("render")
def render(
    name: TemplateName,
    output: Annotated[Path | None, typer.Option(help="PDF to write.")] = None,
) -> None:
    """Draw a printable blank form."""
    loaded = _find(name)
    path = output or Path(f"{loaded.template.key}-{loaded.template.version}.pdf")
    path.write_bytes(render_blank(loaded))
    typer.echo(str(path))


@app.command("preview")
def preview(
    name: TemplateName,
    scan: Annotated[Path, typer.Argument(help="A scan of the form.", exists=True)],
    output: Annotated[Path, typer.Option(help="PNG to write.")] = Path("preview.png"),
    page: Annotated[int, typer.Option(help="Page of the file, from 1.", min=1)] = 1,
) -> None:
    """Lay a scan on a template and draw every field on it."""
    loaded = _find(name)
    decoded = decode_page(scan.read_bytes(), page - 1, DecodeLimits())
    found = identify(decoded, (loaded,))
    if isinstance(found, Unmatched):
        raise PageUnmatched(found.message)
    cv2.imwrite(str(output), draw_overlay(found.registered, loaded.template))
    registration = found.registered.registration
    typer.echo(
        f"{output}: residual {registration.residual_mm:.2f} mm, "
        f"turned {registration.rotation_deg:.1f} degrees, "
        f"{registration.structure:.0%} of the printed boxes in place"
    )


@app.command("blank")
def blank(
    name: TemplateName,
    file: Annotated[Path, typer.Argument(help="The blank original (PDF or scan).", exists=True)],
) -> None:
    """Register the blank original of a form; it stays in the data folder."""
    loaded = _find(name)
    store = BlankStore(Settings().blank_dir)
    for path in store.register(loaded, file.read_bytes(), DecodeLimits()):
        typer.echo(str(path))


@app.command("test")
def golden(
    name: TemplateName,
    floor: Annotated[
        float, typer.Option(help="Least share of fields that must be right.", min=0, max=1)
    ] = 0.9,
) -> None:
    """Read the scans of a template's ``golden`` folder and score them; exit code 1 below the floor.

    The folder holds scans and ``truth.jsonl``, as ``samples/make.py`` writes them.
    """
    folder = _find(name).folder / "golden"
    if not (folder / TRUTH_FILE).is_file():
        raise InvalidRequest(f"{name} has no golden set: put scans and {TRUTH_FILE} into {folder}")
    scored = score_with_progress(reader_from_settings(Settings()), folder)
    print_report(scored.report, Console())
    fields = [kind.total for kind in scored.report.kinds]
    share = sum(t.right for t in fields) / max(1, sum(t.count for t in fields))
    typer.echo(f"{share:.1%} of the fields are right; the floor is {floor:.1%}")
    if share < floor:
        raise typer.Exit(1)


__all__ = ["app", "register"]
