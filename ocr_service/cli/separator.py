"""``ocr-service separator``: prints the sheet to lay between two batches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import segno
import typer
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ocr_service.forms.blank import form_font_path
from ocr_service.pipeline.sheets import Separator

_FONT = "separator"
_SYMBOL_MM = 90.0
_QUIET_MODULES = 4
_NAME_PT = 28
_NOTE_PT = 12


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("separator")(separator)


def separator(
    out: Annotated[Path, typer.Option(help="Where to write the PDF.")],
    batch: Annotated[str, typer.Option(help="Name of the batch behind the sheet.")] = "",
    template: Annotated[str | None, typer.Option(help="KEY[@VERSION] of its pages.")] = None,
    sheets: Annotated[int | None, typer.Option(help="How many sheets follow.", min=0)] = None,
) -> None:
    """Write a separator sheet; the pages scanned after it become a batch of their own."""
    draw_separator(Separator(batch, template, sheets), out)
    typer.echo(f"written: {out}")


def draw_separator(told: Separator, out: Path) -> None:
    """Draw a separator sheet as an A4 page: a large QR code and, for people, its name.

    Args:
        told: what the sheet says.
        out: the PDF.
    """
    pdfmetrics.registerFont(TTFont(_FONT, str(form_font_path())))
    width, height = A4
    canvas = Canvas(str(out), pagesize=A4, invariant=True)
    _draw_symbol(canvas, told.text, left=(width - _SYMBOL_MM * mm) / 2, top=height - 60 * mm)
    canvas.setFont(_FONT, _NAME_PT)
    canvas.drawCentredString(width / 2, height - 175 * mm, told.batch or "―")
    canvas.setFont(_FONT, _NOTE_PT)
    counted = "" if told.sheets is None else f"{told.sheets}枚"
    canvas.drawCentredString(
        width / 2, height - 190 * mm, f"{told.template or ''} {counted}".strip()
    )
    canvas.drawCentredString(width / 2, height - 40 * mm, "仕切り紙 / separator sheet")
    canvas.save()


def _draw_symbol(canvas: Canvas, text: str, *, left: float, top: float) -> None:
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=_QUIET_MODULES))
    side = _SYMBOL_MM * mm / len(rows)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                # A hair wider than its place, so that no white line shows between two modules.
                canvas.rect(
                    left + x * side,
                    top - (y + 1) * side,
                    side * 1.02,
                    side * 1.02,
                    stroke=0,
                    fill=1,
                )


__all__ = ["draw_separator", "register", "separator"]
