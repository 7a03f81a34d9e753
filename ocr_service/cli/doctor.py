"""``ocr-service doctor``: is everything here that the service needs?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

import typer
from rich.console import Console
from rich.table import Table

from ocr_service.cli.engine import template_dirs
from ocr_service.domain.errors import OcrServiceError
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.lint import lint
from ocr_service.recognizers.digits.reader import DigitReader
from ocr_service.recognizers.marks.reader import MarkReader
from ocr_service.recognizers.presence.reader import PresenceReader
from ocr_service.recognizers.text.own import OwnNetwork
from ocr_service.recognizers.text.weights import check_weights
from ocr_service.service.health import audit_problems
from ocr_service.settings import Settings

_LEAST_FREE_BYTES = 2 * 1024**3
_GIGABYTE = 1024**3
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        name: what was looked at.
        ok: it is as it should be.
        detail: what was found, or what to do.
        needed: without it the service does not work; else some feature does not.
    """

    name: str
    ok: bool
    detail: str
    needed: bool = True


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("doctor")(doctor)


def doctor() -> None:
    """Check the installation; exit code 1 if something needed is missing."""
    settings = Settings()
    checks = [check for look in _LOOKS for check in _looked(look, settings)]
    table = Table("", "check", "found", show_edge=False)
    for check in checks:
        sign = "ok" if check.ok else ("FAIL" if check.needed else "note")
        table.add_row(sign, check.name, check.detail)
    Console().print(table)
    if any(check.needed and not check.ok for check in checks):
        raise typer.Exit(1)


def _looked(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> list[Check]:
    try:
        return list(look(settings))
    except OcrServiceError as error:
        return [Check(error.code, ok=False, detail=str(error))]


def _python(_: Settings) -> Iterator[Check]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Check("python", sys.version_info >= _OLDEST_PYTHON, version)


def _cv2_owners(_: Settings) -> Iterator[Check]:
    owners = sorted(
        {
            str(dist.metadata["Name"])
            for dist in metadata.distributions()
            if str(dist.metadata["Name"]).lower().replace("_", "-").startswith("opencv-")
        }
    )
    detail = ", ".join(owners) or "none"
    if len(owners) > 1:
        detail += ": two packages write one cv2 folder; keep opencv-contrib-python alone"
    yield Check("one owner of cv2", owners == ["opencv-contrib-python"], detail)


def _weights(_: Settings) -> Iterator[Check]:
    for status in check_weights():
        yield Check(f"weights {status.name}", status.ok, status.problem or "sha256 as recorded")


def _own_weights(_: Settings) -> Iterator[Check]:
    """Our own readers compare their files with the recorded sha256 when they are made."""
    for reader in (DigitReader, MarkReader, PresenceReader, OwnNetwork):
        yield Check(f"weights of {reader().name}", ok=True, detail="sha256 as recorded")


def _programs(_: Settings) -> Iterator[Check]:
    poppler = shutil.which("pdftoppm")
    yield Check(
        "poppler",
        poppler is not None,
        "found" if poppler else "install poppler-utils: PDFs that are not plain scans need it",
        needed=False,
    )


def _templates(settings: Settings) -> Iterator[Check]:
    for loaded in load_library(shipped_folder(), *template_dirs(settings)).loaded:
        fatal = [finding for finding in lint(loaded.template) if finding.fatal]
        name = f"template {loaded.template.key}@{loaded.template.version}"
        detail = f"{fatal[0].where}: {fatal[0].message}" if fatal else "fine"
        yield Check(name, not fatal, detail)


def _disk(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    yield Check("free disk", free >= _LEAST_FREE_BYTES, f"{free / _GIGABYTE:.1f} GB")


def _audit(settings: Settings) -> Iterator[Check]:
    problems = audit_problems(settings)
    yield Check("audit chain", not problems, "; ".join(problems) or "unbroken")


_LOOKS: tuple[Callable[[Settings], Iterator[Check]], ...] = (
    _python,
    _cv2_owners,
    _weights,
    _own_weights,
    _programs,
    _templates,
    _disk,
    _audit,
)

__all__ = ["doctor", "register"]
