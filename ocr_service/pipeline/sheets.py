"""Tells what a scanned side is before anybody reads it: blank, a separator sheet, or a form.

A separator sheet carries a QR or Code 128 symbol whose text is
``OCRSVC;batch=NAME;template=KEY@VERSION;sheets=NUMBER``; all parts but the first are
optional, values are percent-encoded UTF-8, unknown parts are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

import cv2
import zxingcpp

from ocr_service.domain.arrays import Gray
from ocr_service.domain.record import Failure
from ocr_service.imaging.ink import is_blank

SEPARATOR = Failure(
    "page.separator", "This is a separator sheet: the pages after it are in a batch of their own."
)

_PREFIX = "OCRSVC;"
_FORMATS = (
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.Code128,
)
_LOOK_PX = 800
"""Shorter side of the page as it is searched: about 100 dpi of A4. Separators are printed large,
so this is enough, and it costs a hundredth of reading a form."""

_MAX_NAME = 200
_MAX_SHEETS = 1_000_000


class SheetKind(StrEnum):
    """What a scanned side is."""

    BLANK = "blank"
    SEPARATOR = "separator"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Separator:
    """What a separator sheet says of the pages after it.

    Attributes:
        batch: name of their batch; may be empty.
        template: ``KEY[@VERSION]`` they are read against; None = find it.
        sheets: how many there are; None = not counted.
    """

    batch: str = ""
    template: str | None = None
    sheets: int | None = None

    @property
    def text(self) -> str:
        """What the symbol on the sheet holds."""
        parts = {
            "batch": self.batch,
            "template": self.template,
            "sheets": self.sheets,
        }
        told = [
            f"{key}={quote(str(value), safe='@.-')}"
            for key, value in parts.items()
            if value is not None
        ]
        return _PREFIX + ";".join(told)


def sheet_kind(gray: Gray) -> SheetKind:
    """What a page is.

    Args:
        gray: (H, W) uint8, a whole page at any scale and in any of the four directions.
    """
    if find_separator(gray) is not None:
        return SheetKind.SEPARATOR
    return SheetKind.BLANK if is_blank(gray) else SheetKind.FORM


def find_separator(gray: Gray) -> Separator | None:
    """What the page says if it is a separator sheet, else None.

    Args:
        gray: (H, W) uint8, a whole page at any scale and in any of the four directions.
    """
    step = max(1, min(gray.shape) // _LOOK_PX)
    size = (gray.shape[1] // step, gray.shape[0] // step)
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA) if step > 1 else gray
    found = zxingcpp.read_barcodes(small, formats=_FORMATS, try_downscale=False, try_invert=False)
    for symbol in found:
        separator = parse_separator(symbol.text)
        if separator is not None:
            return separator
    return None


def parse_separator(text: str) -> Separator | None:
    """What a symbol's text says, None where it is not a separator's."""
    if not text.startswith(_PREFIX):
        return None
    told = {}
    for part in text.removeprefix(_PREFIX).split(";"):
        key, _, value = part.partition("=")
        told[key.strip()] = unquote(value).strip()
    sheets = told.get("sheets", "")
    countable = sheets.isascii() and sheets.isdigit() and int(sheets[:9]) <= _MAX_SHEETS
    return Separator(
        batch="".join(c for c in told.get("batch", "") if c.isprintable())[:_MAX_NAME],
        template=told.get("template") or None,
        sheets=int(sheets) if countable and len(sheets) < 9 else None,  # noqa: PLR2004 - digits
    )


__all__ = [
    "SEPARATOR",
    "Separator",
    "SheetKind",
    "find_separator",
    "parse_separator",
    "sheet_kind",
]
