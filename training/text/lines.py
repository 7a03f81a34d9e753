"""Draws one line of writing into a field of the form and cuts it out as the service would.

The field is written over its own stretch of the blank form, scanned with the sample generator's
faults, laid back onto the canvas and then goes through the service's own cropping and preparation
of ink: what comes out is what the reader's network sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.domain.page import RegisteredPage, Registration
from ocr_service.forms.fields import Charset, TextField
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.pipeline.crop import crop_field
from ocr_service.recognizers.text.ink import segment_ink
from ocr_service.recognizers.text.own import STRUCK
from samples.generator.chance import Rng, between, chance, jitter, pick
from samples.generator.crossed import invent_slip, write_with_slip
from samples.generator.digits import CropBook, invent_digit_hand
from samples.generator.faults import Difficulty, Faults, invent_faults, scan_page
from samples.generator.handwriting import Hand, write_line
from samples.generator.paper import PX_PER_MM, Paper
from samples.generator.run import empty_form
from training.text.hands import Hands, invent_writer
from training.text.texts import invent_text, shapes

_AROUND_MM = 7.0
_PAGE_MM2 = 210 * 297.0
_DETAIL_MM = 4.9
_REAL = 0.8
_SLIPS = 0.14
"""Lines in which something is struck out: more than people write, less than would be too few."""


@dataclass(frozen=True, slots=True)
class Line:
    """A training line.

    Attributes:
        gray: as the reader's network gets it.
        text: what it says, without spaces; ``STRUCK`` where characters are struck out.
        kind: kana, name, address, free or number.
        hand: name of the font.
    """

    gray: Gray
    text: str
    kind: str
    hand: str


class LineMaker:
    """Makes lines from hands over blank forms."""

    def __init__(
        self, hands: Hands, over: Sequence[Path] = (), crops: CropBook | None = None
    ) -> None:
        """Draw the blank forms.

        Args:
            hands: who writes.
            over: PDFs of the form to write over besides the drawn blank.
            crops: real digits, which four in five numbers are written with.
        """
        loaded = load_library(shipped_folder()).get("mhlw-covid19")
        self._hands, self._crops = hands, crops
        self._forms = [empty_form(loaded), *(empty_form(loaded, path) for path in over)]
        fields = [f for f in loaded.template.fields if isinstance(f, TextField)]
        self._fields: Mapping[str, list[tuple[TextField, BoxMm]]] = {
            "kana": _places(fields, ("name_kana",)),
            "name": _places(fields, ("name", "name", "doctor_name")),
            "address": _places(fields, ("address",)),
            "free": _places(fields, ("q4_disease", "q5_disease_other", "q7_detail", "q9_detail",
                                     "q6_detail", "q10_vaccine", "q10_symptom", "place")),
            "number": _places(fields, ("phone", "consent_date")),
        }  # fmt: skip

    def make(self, rng: Rng, kind: str | None = None) -> Line | None:
        """A line; None where the preparation finds none, or more than one."""
        kind, text = invent_text(rng, kind)
        font = self._hands.pick(rng)
        if any(not c.isspace() and font.glyph(c) is None for c in text):
            return None
        hand = invent_writer(rng, font)
        if kind == "number" and self._crops is not None and chance(rng, _REAL):
            digits = invent_digit_hand(rng, hand, self._crops)
            hand = replace(hand, own=lambda char: digits.in_line(char, rng))
        field, box = pick(rng, self._fields[kind])
        window = BoxMm(box.x - _AROUND_MM, box.y - _AROUND_MM,
                       box.w + 2 * _AROUND_MM, box.h + 2 * _AROUND_MM)  # fmt: skip
        page, inner = _cut(pick(rng, self._forms), window, box)
        paper = Paper(page)
        area = _writing_area(inner, field, hand, rng)
        if chance(rng, _SLIPS):
            text = _write_with_slip(paper, area, text, field, _sized(hand, inner), rng)
        else:
            write_line(paper, area, text, _sized(hand, inner), rng)
        canvas = _scanned(paper.gray, _faults(rng, window), rng)
        gray = _as_read(canvas, field, inner)
        if gray is None:
            return None
        return Line(gray, "".join(text.split()), kind, font.name)


def _write_with_slip(
    paper: Paper, area: BoxMm, text: str, field: TextField, hand: Hand, rng: Rng
) -> str:
    """Write with a run struck out; the text with ``STRUCK`` in the place of that run."""
    slip = invent_slip(rng, text, field.charset, area.h)
    pool = shapes(kana=field.charset is Charset.KATAKANA)
    if field.charset is not Charset.DIGITS and chance(rng, 0.6):
        slip = replace(slip, struck="".join(pick(rng, pool) for _ in slip.struck))
    if any(hand.font.glyph(c) is None for c in slip.struck):
        write_line(paper, area, text, hand, rng)
        return text
    write_with_slip(paper, area, text, slip, hand, rng)
    return text[: slip.start] + STRUCK + text[slip.start :]


def _places(fields: Sequence[TextField], keys: Sequence[str]) -> list[tuple[TextField, BoxMm]]:
    by_key = {field.key: field for field in fields}
    return [(by_key[key], segment.box) for key in keys for segment in by_key[key].segments]


def _cut(form: Gray, window: BoxMm, box: BoxMm) -> tuple[Gray, BoxMm]:
    """The window of the form, beyond its edge white, and the box in the window's millimetres."""
    left, top = round(window.x * PX_PER_MM), round(window.y * PX_PER_MM)
    width, height = round(window.w * PX_PER_MM), round(window.h * PX_PER_MM)
    padded = np.pad(form, 100, constant_values=255)
    page = padded[top + 100 : top + 100 + height, left + 100 : left + 100 + width]
    moved = BoxMm(box.x - left / PX_PER_MM, box.y - top / PX_PER_MM, box.w, box.h)
    return np.ascontiguousarray(page), moved


def _sized(hand: Hand, box: BoxMm) -> Hand:
    return replace(hand, size=0.5) if box.h > 2 * hand.largest_mm else hand


def _writing_area(box: BoxMm, field: TextField, hand: Hand, rng: Rng) -> BoxMm:
    if field.lines > 1:
        return BoxMm(box.x, box.y + between(rng, 0.1, 0.35) * box.h, box.w, 0.62 * box.h)
    if hand.own is not None and chance(rng, 0.3):  # some people write larger than the line
        extra = between(rng, 0.0, 0.15) * box.h
        return BoxMm(box.x, box.y - extra / 2, box.w, box.h + extra)
    return box


def _faults(rng: Rng, window: BoxMm) -> Faults:
    difficulty = Difficulty.HARD if chance(rng, 0.12) else Difficulty.NORMAL
    faults = invent_faults(rng, difficulty)
    share = window.w * window.h / _PAGE_MM2
    streaks = int(faults.streaks > 0 and chance(rng, 0.3))
    return replace(
        faults, overscan_mm=0.0, lid=255, stain=False, lost_mark=None, keystone=0.0,
        specks=round(faults.specks * share), streaks=streaks, shift_mm=(0.0, 0.0),
    )  # fmt: skip


def _scanned(page: Gray, faults: Faults, rng: Rng) -> Gray:
    """The page as it comes back from the scanner, laid on the canvas as registration lays it."""
    scan = scan_page(page, faults, rng)
    gray = scan.gray
    if faults.jpeg is not None and chance(rng, 0.8):
        _, data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, faults.jpeg])
        gray = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    to_mm = np.diag([1 / CANVAS_PX_PER_MM, 1 / CANVAS_PX_PER_MM, 1.0])
    to_mm[:2, 2] += 0.5 / CANVAS_PX_PER_MM
    off = np.eye(3)
    off[:2, 2] = jitter(rng, 0.12), jitter(rng, 0.12)
    back = scan.homography @ off @ to_mm
    height, width = page.shape
    size = (
        round(width * CANVAS_PX_PER_MM / PX_PER_MM),
        round(height * CANVAS_PX_PER_MM / PX_PER_MM),
    )
    return cv2.warpPerspective(
        gray, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT, borderValue=int(faults.paper_gray),
    )  # fmt: skip


def _as_read(canvas: Gray, field: TextField, box: BoxMm) -> Gray | None:
    spec = field.model_copy(
        update={"segments": (field.segments[0].model_copy(update={"box": box}),)}
    )
    registration = Registration(_IDENTITY, 0.05, 0.0, 4, 1.0)
    crop = crop_field(RegisteredPage(0, canvas, registration), spec, None)
    lines = segment_ink(crop.parts[0], lines=1).lines
    return lines[0].gray if len(lines) == 1 else None


_IDENTITY: NDArray[np.float64] = np.eye(3)


__all__ = ["Line", "LineMaker"]
