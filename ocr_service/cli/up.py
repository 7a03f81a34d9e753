"""``ocr-service up``: the whole service in one command."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console

from ocr_service.cli.embedded import RunningService, embedded
from ocr_service.logs import configure_logs, open_log
from ocr_service.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    data: Annotated[Path | None, typer.Option(help="Folder for everything it keeps.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 = any free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
) -> None:
    """Run web, API, queue and workers here until Ctrl-C or SIGTERM."""
    given = {"data_dir": data, "host": host, "port": port, "workers": workers}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    settings = Settings(**chosen)
    configure_logs(as_json=settings.log_json, stream=open_log(settings.log_file))
    stop = stop_on_signals()
    with embedded(settings) as service:
        _announce(service)
        while service.web.is_alive() and not stop.wait(0.5):
            pass
    if not stop.is_set():
        raise typer.Exit(1)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return stop


def _announce(service: RunningService) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Serving at {service.address}")
    console.print(f"Log in (once, within 15 minutes): {service.login_url()}")
    console.print("Stop with Ctrl-C; nothing is lost.")


__all__ = ["register", "stop_on_signals", "up"]
