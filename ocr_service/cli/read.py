"""``ocr-service read``: files in, one JSON object a page out; no database, no queue."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.progress import Progress

from ocr_service.cli.engine import reader_from_settings
from ocr_service.domain.errors import InputError, InvalidRequest
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Failure, Record
from ocr_service.exporters.record_json import record_to_json
from ocr_service.pipeline.reader import EngineReader
from ocr_service.settings import Settings

EXIT_ALL_READ = 0
EXIT_SOME_UNREAD = 3

_UNREAD = frozenset({DocumentState.UNMATCHED, DocumentState.FAILED})


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("read")(read)


def read(
    files: Annotated[list[Path], typer.Argument(help="Scans: JPEG, PNG, TIFF or PDF.")],
    template: Annotated[
        str | None,
        typer.Option(help="KEY or KEY@VERSION; without it the template that fits is found."),
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(help="A further folder of templates.", file_okay=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write JSON Lines here instead of to the screen.")
    ] = None,
) -> None:
    """Read files and print one JSON object per page (JSON Lines).

    Exit code 0: every page read; 3: some page unmatched or failed, its object says why; 2: wrong
    usage.
    """
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise InvalidRequest(f"no such file: {', '.join(str(path) for path in missing)}")
    reader = reader_from_settings(Settings(), templates=templates)
    if template is not None:
        reader.engine.library.get(template)
    if output is None:
        complete = _write(reader, files, template, sys.stdout)
    else:
        with output.open("w", encoding="utf-8") as stream:
            complete = _write(reader, files, template, stream)
    raise typer.Exit(EXIT_ALL_READ if complete else EXIT_SOME_UNREAD)


def _write(reader: EngineReader, files: list[Path], template: str | None, out: TextIO) -> bool:
    """Write every page's object; whether all pages were read."""
    complete = True
    with Progress(transient=True, disable=not sys.stderr.isatty()) as progress:
        for path in progress.track(files, description="reading"):
            for record in records_of(reader, path, template):
                complete &= record.state not in _UNREAD
                out.write(json.dumps(record_to_json(record), ensure_ascii=False) + "\n")
                out.flush()
    return complete


def records_of(reader: EngineReader, path: Path, template: str | None) -> Iterator[Record]:
    """The records of one file, page by page; a file that is none of pages gives one failed."""
    data = path.read_bytes()
    try:
        pages = reader.count_pages(data)
    except InputError as error:
        yield _failed(path, error)
        return
    for index in range(pages):
        yield reader.read(data, index, file=path.name, template=template).record


def _failed(path: Path, error: InputError) -> Record:
    return Record(
        file=path.name,
        page=1,
        template=None,
        version=None,
        state=DocumentState.FAILED,
        registration=None,
        fields=(),
        issues=(),
        failure=Failure(error.code, str(error)),
    )


__all__ = ["read", "records_of", "register"]
