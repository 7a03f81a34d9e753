"""Printed words that are ringed: はい and いいえ, 男 and 女."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import FieldReading, Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import ChoiceField, Label, MarkKind, Option
from ocr_service.pipeline.interpret import AMBIGUOUS, interpret
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.marks.reader import MarkReader
from tests.unit.mark_drawings import (
    PX,
    Draw,
    both,
    flag,
    untouched,
)


@pytest.fixture(scope="module")
def reader() -> MarkReader:
    return MarkReader()


LABEL = Label(ja="問", en="Question")


WORD_WINDOW = BoxMm(0, 0, 18, 12)


WORD_BOX = BoxMm(5, 4, 8, 4)


def word_part(draw: Draw, key: str = "yes") -> CropPart:
    """Two printed letters, 8 by 4 mm, with room to ring them."""
    gray = np.full((round(WORD_WINDOW.h * PX), round(WORD_WINDOW.w * PX)), 245, np.uint8)
    for n in range(2):
        left, top = round((5.4 + 4 * n) * PX), round(4.3 * PX)
        cv2.line(gray, (left + 6, top), (left + 4, top + 38), 30, 3)
        cv2.line(gray, (left + 14, top + 12), (left + 36, top + 10), 30, 3)
        cv2.line(gray, (left + 26, top + 2), (left + 24, top + 36), 30, 3)
    draw(gray)
    mask = np.zeros(gray.shape, np.bool_)
    return CropPart(key, WORD_BOX, WORD_WINDOW, gray, mask, None)


def oval(
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    *,
    radii_mm: tuple[float, float] = (5.2, 3.2),
    ink: int = 60,
    gap_deg: int = 20,
) -> Draw:
    """A ring whose middle lies (dx, dy) from the word's."""

    def draw(gray: Gray) -> None:
        middle = round((9 + dx_mm) * PX), round((6 + dy_mm) * PX)
        axes = round(radii_mm[0] * PX), round(radii_mm[1] * PX)
        cv2.ellipse(gray, middle, axes, 4, gap_deg, 360, ink, 5, cv2.LINE_AA)

    return draw


def dotted(gray: Gray) -> None:
    """What a fax leaves of a pencil ring."""
    for turn in np.arange(0, 2 * np.pi, 0.11):
        x, y = 9 + 5.2 * np.cos(turn), 6 + 3.2 * np.sin(turn)
        cv2.circle(gray, (round(x * PX), round(y * PX)), 1, 0, -1)


def two_lines(gray: Gray) -> None:
    for y in (66, 78):
        cv2.line(gray, (38, y), (180, y + 4), 50, 4, cv2.LINE_AA)


def words(reader: MarkReader, *draws: Draw) -> FieldReading:
    """A choice of one between words to ring."""
    label = Label(ja="問", en="Question")
    parts = tuple(word_part(d, k) for d, k in zip(draws, ("yes", "no", "other"), strict=False))
    options = tuple(Option(value=p.key, label=label, box=p.box) for p in parts)
    spec = ChoiceField(
        key="q", kind="choice", label=label, mark=MarkKind.CIRCLE_WORD, options=options
    )
    return reader.read(FieldCrop(spec, spec.box, np.zeros((4, 2)), parts))


@pytest.mark.parametrize(
    "ring_drawn",
    [
        oval(),
        oval(1.5, 0.8),
        oval(-1.0, -1.2),
        oval(radii_mm=(6.2, 2.1)),
        oval(ink=185),
        oval(gap_deg=70),
        dotted,
    ],
)
def test_ring_counts_however_it_lies(reader: MarkReader, ring_drawn: Draw) -> None:
    """Beside its place, flat, pale, open or dotted by a fax: one ring is the answer."""
    for draws, expected in (((ring_drawn, untouched), "yes"), ((untouched, ring_drawn), "no")):
        reading = words(reader, *draws)
        assert reading.text == expected
        assert not reading.flags & {Flag.CORRECTED, Flag.BOTH_MARKED}


def test_words_nobody_ringed_stay_empty(reader: MarkReader) -> None:
    """However much commoner one ring is, no ring is no answer."""
    reading = words(reader, untouched, untouched, untouched)
    assert reading.text == ""
    assert reading.probability > 0.95


def test_two_rings_stay_two(reader: MarkReader) -> None:
    """A person decides between them."""
    reading = words(reader, oval(), oval(0.4, 0.2))
    assert reading.text == "yes no"
    assert Flag.BOTH_MARKED in reading.flags


def test_clean_ring_is_suggested_beside_a_struck_one(reader: MarkReader) -> None:
    """The reviewer's first alternative is what the person most likely meant."""
    reading = words(reader, both(oval(), two_lines), oval())
    assert reading.text == "yes no"
    assert Flag.CORRECTED in reading.flags
    assert reading.candidates[1].text == "no"
    spec = ChoiceField(
        key="q", kind="choice", label=LABEL, mark=MarkKind.CIRCLE_WORD,
        options=tuple(Option(value=v, label=LABEL, box=WORD_BOX) for v in ("yes", "no")),
    )  # fmt: skip
    (value,) = interpret(spec, reading, box=WORD_BOX, accept_at=0.99)
    assert value.value == AMBIGUOUS
    assert value.alternatives[0].value == "no"


def test_struck_out_ring_is_corrected(reader: MarkReader) -> None:
    """Two lines across a ringed word take it back."""
    reading = flag(reader, word_part(both(oval(), two_lines)), MarkKind.CIRCLE_WORD)
    assert Flag.CORRECTED in reading.flags
