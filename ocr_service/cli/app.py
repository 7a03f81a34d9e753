"""The ``ocr-service`` command: sub-commands, and errors turned into messages and exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any

import typer
import typer.main
from rich.console import Console
from typer.core import TyperGroup

from ocr_service import __version__
from ocr_service.domain.errors import OcrServiceError

_MODULE_OF = MappingProxyType(
    {
        "up": "up",
        "read": "read",
        "send": "send",
        "watch": "watch",
        "demo": "demo",
        "template": "template",
        "bench": "bench",
        "calibrate": "calibrate",
        "separator": "separator",
        "export": "export",
        "claim": "claim",
        "doctor": "doctor",
        "api": "serve",
        "worker": "serve",
        "sweep": "serve",
        "token": "serve",
        "user": "serve",
        "master": "master",
        "rules": "rules",
    }
)
"""Commands and the modules that register them. A command loads its own module only: a token needs
no OpenCV, and reading needs no web server."""


class _Commands(TyperGroup):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the help."""
        del ctx
        return list(_MODULE_OF)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, None if there is none of that name."""
        module = _MODULE_OF.get(cmd_name)
        if module is None:
            return None
        holder = typer.Typer()
        holder.callback()(_nothing)
        import_module(f"ocr_service.cli.{module}").register(holder)
        return typer.main.get_group(holder).get_command(ctx, cmd_name)


def _nothing() -> None:
    """Makes typer keep a group even where a module has one command."""


app = typer.Typer(
    cls=_Commands,
    name="ocr-service",
    help="Turns scanned paper forms into records people trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
