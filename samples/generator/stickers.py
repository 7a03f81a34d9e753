"""Printed stickers: the voucher with its four prints of one number, and the vaccine's lot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.blank import form_font_path
from samples.generator.chance import Rng, between, chance, jitter
from samples.generator.codes import nw7_elements
from samples.generator.fonts import find_file
from samples.generator.handwriting import bend
from samples.generator.paper import PX_PER_MM, Ink, Paper
from samples.generator.sheet import VaccineSticker, Voucher

_SCALE = 2 * PX_PER_MM
VOUCHER_MM = (63.0, 34.0)
_VOUCHER_CORNER_MM = (135.6, 15.9)
_POINT_MM = 25.4 / 72
_OCR_B = ("OCRB.otf", "OCRB.ttf", "OCR-B.ttf")
_QR_MM = 10.0
_NW7_MM = (37.2, 5.6)
_WITHOUT_BARS = 0.08


class _Sticker:
    """A white patch at twice the page's resolution, drawn in millimetres."""

    def __init__(self, width_mm: float, height_mm: float, paper: int, tone: int = 15) -> None:
        self.size_mm = (width_mm, height_mm)
        self._tone = tone
        size = (round(width_mm * _SCALE), round(height_mm * _SCALE))
        self._image = Image.new("L", size, paper)
        self._draw = ImageDraw.Draw(self._image)

    def text(self, x: float, y: float, text: str, size_mm: float, *, font: Path) -> None:
        """One line with its middle at ``y``."""
        face = _face(font, round(size_mm * _SCALE))
        self._draw.text((x * _SCALE, y * _SCALE), text, font=face, fill=self._tone, anchor="lm")

    def bars(
        self, x: float, y: float, widths: tuple[float, ...], size: tuple[float, float]
    ) -> None:
        """Alternating bars and spaces stretched to ``size`` (w, h) in millimetres."""
        edges = x + np.concatenate([[0.0], np.cumsum(widths)]) * size[0] / sum(widths)
        for left, right in zip(edges[0::2], edges[1::2], strict=False):
            # Pillow's rectangles include their last pixel.
            box = (
                round(left * _SCALE),
                y * _SCALE,
                round(right * _SCALE) - 1,
                (y + size[1]) * _SCALE,
            )
            self._draw.rectangle(box, fill=self._tone)

    def qr(self, x: float, y: float, text: str, side_mm: float) -> None:
        """A QR code without quiet zone."""
        code = segno.make_qr(text, error="m", boost_error=False)
        matrix = np.array([list(row) for row in code.matrix], dtype=np.uint8)
        module = side_mm / len(matrix)
        for row, column in np.argwhere(matrix == 1):
            left, top = (x + column * module) * _SCALE, (y + row * module) * _SCALE
            right, bottom = left + module * _SCALE - 1, top + module * _SCALE - 1
            self._draw.rectangle(
                (round(left), round(top), round(right), round(bottom)), fill=self._tone
            )

    def frame(self, tone: int) -> None:
        """The faint shadow of the sticker's edge."""
        last = (self._image.width - 1, self._image.height - 1)
        self._draw.rectangle((0, 0, *last), outline=tone, width=3)

    def pixels(self) -> Gray:
        """The patch."""
        return np.asarray(self._image, dtype=np.uint8).copy()


@cache
def _face(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size_px)


@cache
def ocr_b_font(folders: tuple[Path, ...]) -> Path:
    """OCR-B where it is installed, else the form font's plain digits."""
    return find_file(_OCR_B, folders) or form_font_path()


@dataclass(frozen=True, slots=True)
class _VoucherLayout:
    """Where one municipality prints what, millimetres on the sticker."""

    qr: tuple[float, float]
    bars: tuple[float, float]
    line: tuple[float, float]
    words: float


# Cities follow one specification and still differ in where things stand.
_LAYOUTS = (
    _VoucherLayout(qr=(50.8, 5.6), bars=(2.6, 20.0), line=(2.6, 29.9), words=2.5),
    _VoucherLayout(qr=(50.4, 20.4), bars=(3.0, 20.4), line=(3.0, 30.2), words=3.0),
    _VoucherLayout(qr=(3.0, 4.0), bars=(22.6, 20.2), line=(12.0, 30.0), words=16.0),
)


def paste_voucher(paper: Paper, voucher: Voucher, folders: tuple[Path, ...], rng: Rng) -> None:
    """Print the voucher and lay it against the black corner, a little askew."""
    layout = _LAYOUTS[int(voucher.municipality_code) % len(_LAYOUTS)]
    tone = int(rng.integers(10, 60))
    sticker = _Sticker(*VOUCHER_MM, paper=int(rng.integers(246, 256)), tone=tone)
    _voucher_words(sticker, voucher, layout.words)
    sticker.qr(*layout.qr, voucher.code, _QR_MM)
    if not chance(rng, _WITHOUT_BARS):
        sticker.bars(*layout.bars, nw7_elements(voucher.number), _NW7_MM)
    sticker.text(*layout.line, voucher.code, 9 * _POINT_MM, font=ocr_b_font(folders))
    if chance(rng, 0.5):
        sticker.frame(int(rng.integers(190, 240)))
    x = _VOUCHER_CORNER_MM[0] + VOUCHER_MM[0] / 2 + abs(jitter(rng, 0.8))
    y = _VOUCHER_CORNER_MM[1] + VOUCHER_MM[1] / 2 + abs(jitter(rng, 0.8))
    paper.paste(sticker.pixels(), (x * PX_PER_MM, y * PX_PER_MM), jitter(rng, 0.7))


def _voucher_words(sticker: _Sticker, voucher: Voucher, left: float) -> None:
    plain = form_font_path()
    sticker.text(left, 3.6, f"{int(voucher.code[1])}回目接種　接種券", 2.9, font=plain)
    sticker.text(left, 8.2, "請求先", 2.3, font=plain)
    sticker.text(left + 8.5, 8.2, voucher.municipality, 2.6, font=plain)
    sticker.text(left + 34.5, 8.2, voucher.municipality_code, 2.6, font=plain)
    sticker.text(left, 12.2, "券番号", 2.3, font=plain)
    sticker.text(left + 8.5, 12.2, voucher.number, 2.8, font=plain)
    sticker.text(left, 16.2, "氏名", 2.3, font=plain)
    sticker.text(left + 8.5, 16.2, voucher.holder, 3.0, font=plain)


def paste_vaccine(paper: Paper, cell: BoxMm, vaccine: VaccineSticker, rng: Rng) -> None:
    """Stick the lot label into ``cell`` at a small angle, over its edge if it is large."""
    plain = form_font_path()
    if chance(rng, 0.5):
        sticker = _Sticker(36.0, 14.0, paper=int(rng.integers(244, 256)))
        sticker.text(1.5, 3.0, vaccine.product, _fitting(vaccine.product, 3.4, 33.5), font=plain)
        sticker.text(26.5, 11.4, vaccine.maker, 2.1, font=plain)
        sticker.text(1.5, 7.6, f"LOT {vaccine.lot}", 3.1, font=plain)
        sticker.text(1.5, 11.6, f"EXP {vaccine.expiry}", 2.6, font=plain)
    else:
        sticker = _Sticker(40.0, 20.0, paper=int(rng.integers(244, 256)))
        sticker.text(2.0, 3.4, vaccine.product, _fitting(vaccine.product, 3.9, 36.5), font=plain)
        sticker.text(2.0, 7.6, f"{vaccine.maker}製　{vaccine.dose_ml}mL", 2.1, font=plain)
        sticker.text(2.0, 12.0, f"製造番号 {vaccine.lot}", 3.1, font=plain)
        sticker.text(2.0, 16.6, f"最終有効年月日 {vaccine.expiry}", 2.4, font=plain)
    sticker.frame(int(rng.integers(120, 225)))
    wide, high = sticker.size_mm
    x = cell.centre[0] + jitter(rng, 0.9)
    y = cell.y + high / 2 + between(rng, 0.4, max(0.6, cell.h - high - 0.4))
    angle = jitter(rng, 3.0) if wide > cell.w else jitter(rng, 2.7)
    paper.paste(sticker.pixels(), (x * PX_PER_MM, y * PX_PER_MM), angle)


def _fitting(text: str, size_mm: float, room_mm: float) -> float:
    """The size at which printed ``text`` fits its room, ``size_mm`` at most."""
    length_em = _face(form_font_path(), 100).getlength(text) / 100
    return min(size_mm, room_mm / length_em)


def stamp_text(paper: Paper, area: BoxMm, text: str, rng: Rng) -> None:
    """A clinic's rubber stamp: printed letters, slightly askew, uneven."""
    size = min(area.h * 0.55, 4.0, area.w * 0.94 / max(1, len(text)))
    width = size * len(text) + 2
    sticker = _Sticker(width, size * 1.5, paper=255, tone=int(rng.integers(20, 90)))
    sticker.text(1.0, size * 0.75, text, size, font=form_font_path())
    patch = sticker.pixels()
    coverage = (255 - patch[::2, ::2].astype(np.float32)) / np.float32(255)
    x = area.x + between(rng, 0.2, max(0.3, area.w - width))
    y = area.centre[1] - size * 0.75 + jitter(rng, 0.05 * area.h)
    turned = bend(coverage, scale=(1, 1), angle_deg=jitter(rng, 0.8), slant=0, wobble=0, rng=rng)
    paper.ink(turned, round(x * PX_PER_MM), round(y * PX_PER_MM), Ink(1.0, 20, 0.15), rng)


__all__ = ["VOUCHER_MM", "ocr_b_font", "paste_vaccine", "paste_voucher", "stamp_text"]
