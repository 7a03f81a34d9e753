"""QR and NW-7 (Codabar) symbols in a crop, with harder and harder looks where the first fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from ocr_service.domain.arrays import Gray
from ocr_service.forms.fields import CodeField, Symbol

_QR_FORMATS = frozenset(
    {
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.QRCodeModel1,
        zxingcpp.BarcodeFormat.QRCodeModel2,
    }
)
_FORMAT_OF = {
    Symbol.QR: zxingcpp.BarcodeFormat.QRCode,
    Symbol.CODABAR: zxingcpp.BarcodeFormat.Codabar,
}
_STARTS_AND_STOPS = "ABCDabcd"
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class SymbolsSeen:
    """What the machine-readable prints of one crop say.

    Attributes:
        qr: the whole code, None where no QR of the right length was decoded.
        codabar: the characters ``start`` to ``stop`` of the code, None where none was decoded.
        span: which characters of the code ``codabar`` repeats, as (start, stop).
        foreign: a symbol was decoded whose content is not this field's code.
    """

    qr: str | None
    codabar: str | None
    span: tuple[int, int]
    foreign: bool


def see_symbols(gray: Gray, spec: CodeField) -> SymbolsSeen:
    """Decode the field's symbols.

    The NW-7 bars carry no check digit and a decoder finds them in other prints too, so only
    digits of the expected length count. Harder looks cost 3 to 15 ms each and are taken only
    while no QR is known (or, on a field without one, no bars are).

    Args:
        gray: (H, W) uint8 of the voucher at the canvas resolution.
        spec: says which symbols there are and how long the code is.
    """
    wanted = {symbol for symbol in spec.symbols if symbol in _FORMAT_OF}
    span = spec.codabar_slice or (0, spec.length)
    seen = SymbolsSeen(None, None, span, foreign=False)
    if not wanted:
        return seen
    formats = [_FORMAT_OF[symbol] for symbol in sorted(wanted)]
    for look in _LOOKS:
        texts = zxingcpp.read_barcodes(np.ascontiguousarray(look(gray)), formats=formats)
        seen = _merged(seen, texts, spec)
        if seen.qr or (seen.codabar and Symbol.QR not in wanted):
            break
    return seen


def _merged(seen: SymbolsSeen, found: list[zxingcpp.Barcode], spec: CodeField) -> SymbolsSeen:
    qr, codabar, span, foreign = seen.qr, seen.codabar, seen.span, seen.foreign
    for barcode in found:
        text = barcode.text.strip().strip(_STARTS_AND_STOPS)
        if not _DIGITS.fullmatch(text):
            foreign = True
        elif barcode.format in _QR_FORMATS:
            qr, foreign = (text, foreign) if len(text) == spec.length else (qr, True)
        elif len(text) == span[1] - span[0]:
            codabar = text
        elif len(text) == spec.length:
            # some municipalities print the whole code in the bars
            codabar, span = text, (0, spec.length)
        else:
            foreign = True
    return SymbolsSeen(qr, codabar, span, foreign)


def _as_is(gray: Gray) -> Gray:
    return gray


def _without_speckle(gray: Gray) -> Gray:
    return cv2.medianBlur(gray, 3)


def _sharpened(gray: Gray) -> Gray:
    return _unsharp(gray, sigma_px=3.0, amount=4.0)


def _enlarged_and_sharpened(gray: Gray) -> Gray:
    large = cv2.resize(gray, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    return _unsharp(large, sigma_px=6.0, amount=4.0)


def _halved(gray: Gray) -> Gray:
    return cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _two_levels(gray: Gray) -> Gray:
    return cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 31, 8
    )


def _smeared_along_the_bars(gray: Gray) -> Gray:
    # bars are 5 mm tall: averaging 1.2 mm along them removes noise and keeps their edges
    return _unsharp(cv2.blur(gray, (1, 15)), sigma_px=4.0, amount=6.0)


def _thickened(gray: Gray) -> Gray:
    return cv2.morphologyEx(gray, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))


def _turned(degrees: float) -> Callable[[Gray], Gray]:
    def turn(gray: Gray) -> Gray:
        height, width = gray.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return cv2.warpAffine(gray, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)

    return turn


def _unsharp(gray: Gray, *, sigma_px: float, amount: float) -> Gray:
    soft = cv2.GaussianBlur(gray, (0, 0), sigma_px)
    return cv2.addWeighted(gray, 1.0 + amount, soft, -amount, 0.0)


# In the order of what each added on vouchers drawn with blur, noise, low contrast and 90-300 dpi.
_LOOKS: tuple[Callable[[Gray], Gray], ...] = (
    _as_is,
    _sharpened,
    _without_speckle,
    _enlarged_and_sharpened,
    _halved,
    _two_levels,
    _smeared_along_the_bars,
    _thickened,
    _turned(2.5),
    _turned(-2.5),
)

__all__ = ["SymbolsSeen", "see_symbols"]
