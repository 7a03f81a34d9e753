"""Draws vouchers and stickers at the canvas resolution for the tests of their readers."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import Candidate
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.forms.fields import (
    Charset,
    CodeField,
    CodePart,
    FieldSpec,
    Label,
    StickerField,
    StickerPart,
    Symbol,
)
from ocr_service.recognizers.base import CropPart, FieldCrop

PX = CANVAS_PX_PER_MM
_NW7 = {
    "0": "0000011", "1": "0000110", "2": "0001001", "3": "1100000", "4": "0010010",
    "5": "1000010", "6": "0100001", "7": "0100100", "8": "0110000", "9": "1001000",
    "A": "0011010",
}  # fmt: skip
_WIDE = 2.5


def font_file() -> Path:
    """A Japanese font that a locked wheel carries."""
    spec = importlib.util.find_spec("matplotlib_fontja")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "fonts" / "ipaexg.ttf"


@dataclass
class FakeLineReader:
    """A line reader that says what it is told, line by line; "" when it runs out."""

    answers: list[tuple[Candidate, ...]] = field(default_factory=list)
    lines: list[Gray] = field(default_factory=list)
    name: str = "fake"

    def read_line(self, line: Gray, charset: Charset) -> tuple[Candidate, ...]:
        del charset
        self.lines.append(line)
        return self.answers.pop(0) if self.answers else (Candidate("", 1.0),)


def says(*texts: str, probability: float = 0.99) -> FakeLineReader:
    """A reader that gives one sure text after the other."""
    return FakeLineReader([(Candidate(text, probability),) for text in texts])


def paper(width_mm: float, height_mm: float) -> Gray:
    return np.full((round(height_mm * PX), round(width_mm * PX)), 255, np.uint8)


def put_text(sheet: Gray, text: str, x_mm: float, y_mm: float, size_mm: float) -> None:
    """Print in place, top-left corner of the text at (x, y)."""
    image = Image.fromarray(sheet)
    font = ImageFont.truetype(str(font_file()), round(size_mm * PX))
    ImageDraw.Draw(image).text((x_mm * PX, y_mm * PX), text, font=font, fill=0)
    sheet[:] = np.asarray(image)


def put_digit_line(sheet: Gray, text: str, x_mm: float, y_mm: float, pitch_mm: float = 2.2) -> None:
    """Digits at an even pitch, as the OCR line of a voucher has them."""
    for place, digit in enumerate(text):
        put_text(sheet, digit, x_mm + place * pitch_mm, y_mm, 3.2)


def put_qr(sheet: Gray, text: str, x_mm: float, y_mm: float, size_mm: float = 10.0) -> None:
    matrix = np.array([list(row) for row in segno.make_qr(text, error="m").matrix], np.uint8)
    size = round(size_mm * PX)
    code = cv2.resize((1 - matrix) * 255, (size, size), interpolation=cv2.INTER_NEAREST)
    left, top = round(x_mm * PX), round(y_mm * PX)
    sheet[top : top + size, left : left + size] = code


def put_bars(sheet: Gray, text: str, x_mm: float, y_mm: float, width_mm: float = 37.2) -> None:
    """NW-7 with A as start and stop, 5.6 mm high."""
    widths: list[float] = []
    for char in f"A{text}A":
        widths.extend(_WIDE if element == "1" else 1.0 for element in _NW7[char])
        widths.append(1.0)
    scale, left = width_mm * PX / sum(widths[:-1]), x_mm * PX
    for index, width in enumerate(widths[:-1]):
        right = left + width * scale
        if index % 2 == 0:
            top = round(y_mm * PX)
            sheet[top : top + round(5.6 * PX), round(left) : round(right)] = 0
        left = right


def turned(sheet: Gray, degrees: float) -> Gray:
    height, width = sheet.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    out = cv2.warpAffine(sheet, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=255)
    return np.asarray(out, np.uint8)


def scanned(sheet: Gray, *, seed: int, blur_px: float = 0.8, noise: float = 6.0) -> Gray:
    """A little out of focus, a little grainy."""
    soft = cv2.GaussianBlur(sheet, (0, 0), blur_px).astype(np.float32) * 0.94
    grain = np.random.default_rng(seed).normal(0.0, noise, sheet.shape)
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


def crop_of(spec: FieldSpec, gray: Gray, blank: Gray | None = None) -> FieldCrop:
    height, width = gray.shape
    window = BoxMm(0.0, 0.0, width / PX, height / PX)
    part = CropPart("0", window.grown(-2.0), window, gray, gray < 128, blank)
    return FieldCrop(spec, part.box, np.zeros((4, 2)), (part,))


def label(text: str) -> Label:
    return Label(ja=text, en=text)


def voucher_spec(symbols: Sequence[Symbol] = tuple(Symbol)) -> CodeField:
    parts = (("kind", 0, 1), ("dose", 1, 2), ("municipality_code", 2, 8), ("number", 8, 18))
    return CodeField(
        kind="code",
        key="voucher",
        label=label("voucher"),
        box=BoxMm(2, 2, 68.6, 39.4),
        length=18,
        symbols=tuple(symbols),
        codabar_slice=(8, 18),
        parts=tuple(
            CodePart(key=f"voucher_{key}", label=label(key), start=start, stop=stop)
            for key, start, stop in parts
        ),
    )


def sticker_spec(*roles: str) -> StickerField:
    parts = [
        StickerPart.model_validate(
            {"key": f"the_{role}", "label": {"ja": role, "en": role}, "role": role}
        )
        for role in roles or ("product", "lot")
    ]
    return StickerField(
        kind="sticker",
        key="sticker",
        label=label("sticker"),
        box=BoxMm(2, 2, 39.8, 27.7),
        parts=tuple(parts),
    )
