"""The ``ocr-service`` command: sub-commands, and errors turned into messages and exit codes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from ocr_service import __version__
from ocr_service.cli import (
    bench,
    calibrate,
    demo,
    doctor,
    read,
    send,
    separator,
    serve,
    template,
    up,
    watch,
)
from ocr_service.domain.errors import OcrServiceError

app = typer.Typer(
    name="ocr-service",
    help="Turns scanned paper forms into records people trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("read")(read.read)
app.command("bench")(bench.bench)
app.command("calibrate")(calibrate.calibrate)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(template.app, name="template")
up.register(app)
serve.register(app)
for command in (send, watch, separator):
    command.register(app)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options before the sub-command."""


def main() -> None:
    """Entry point; the one place of the commands that turns named errors into exit codes."""
    try:
        app()
    except OcrServiceError as error:
        Console(stderr=True).print(f"{error.code}: {error}", style="red", highlight=False)
        sys.exit(error.exit_code)


__all__ = ["app", "main"]
