"""``ocr-service rules``: what the content check knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_service.validators.dated import read_settings
from ocr_service.validators.reference import reference

app = typer.Typer(no_args_is_help=True, help="The rules of the content check.")


@app.command("reference")
def show_reference() -> None:
    """Print every rule with its parameters and sources, as Markdown."""
    typer.echo(reference(), nl=False)


@app.command("check")
def check_settings(
    file: Annotated[Path, typer.Argument(help="own dated settings, as in OCR_RULES_FILE")],
) -> None:
    """Say whether a file of dated settings can be used, and what it holds."""
    settings = read_settings(file)
    typer.echo(f"{len(settings.parameters)} entries, {len(settings.sources)} products")


def register(holder: typer.Typer) -> None:
    """Add the group."""
    holder.add_typer(app, name="rules")


__all__ = ["register"]
