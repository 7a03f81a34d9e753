"""GS1 symbols on a sticker: lot and expiry with error correction."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from ocr_service.domain.arrays import Gray

_FORMATS = [
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.DataBar,
]
_ELEMENT = re.compile(r"\((\d{2,4})\)([^(]*)")
_LOT, _EXPIRY = "10", "17"
_EXPIRY_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{2})")
_MONTHS = range(1, 13)
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Gs1Content:
    """What a GS1 symbol says.

    Attributes:
        lot: element (10), "" where it has none.
        expiry: element (17) as ISO date, "" where it has none or it is no date.
    """

    lot: str
    expiry: str


def see_gs1(gray: Gray) -> Gs1Content | None:
    """The content of a GS1 symbol in the crop, None where there is none.

    Args:
        gray: (H, W) uint8.
    """
    large = cv2.resize(gray, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    for image in (np.ascontiguousarray(gray), large):
        for barcode in zxingcpp.read_barcodes(image, formats=_FORMATS):
            if barcode.content_type == zxingcpp.ContentType.GS1:
                return parse_gs1(barcode.text)
    return None


def parse_gs1(text: str) -> Gs1Content:
    """Lot and expiry of an element string written with brackets: ``(01)…(17)…(10)…``."""
    elements = {identifier: value.strip() for identifier, value in _ELEMENT.findall(text)}
    return Gs1Content(elements.get(_LOT, ""), _expiry(elements.get(_EXPIRY, "")))


def _expiry(text: str) -> str:
    """YYMMDD to ISO; day 00 stands for the month's last day."""
    found = _EXPIRY_DIGITS.fullmatch(text)
    if found is None:
        return ""
    year, month, day = _CENTURY + int(found[1]), int(found[2]), int(found[3])
    if month not in _MONTHS:
        return ""
    last = calendar.monthrange(year, month)[1]
    return f"{year}-{month:02d}-{day or last:02d}" if day <= last else ""


__all__ = ["Gs1Content", "parse_gs1", "see_gs1"]
