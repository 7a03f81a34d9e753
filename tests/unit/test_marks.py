"""The mark reader: ticks, crosses, rings, fillings, dirt and corrections on drawn windows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import FieldReading, Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import ChoiceField, FlagField, Label, MarkKind, Option
from ocr_service.pipeline.interpret import AMBIGUOUS, interpret
from ocr_service.recognizers.base import CropPart, FieldCrop, Recognizer
from ocr_service.recognizers.marks.reader import WEIGHTS, MarkReader

PX = 12
SIDE = 3.1
MARGIN = 3.0
"""Window of one option: a box of 3.1 mm in the middle of 9.1 mm."""

Draw = Callable[[Gray], None]


@pytest.fixture(scope="module")
def reader() -> MarkReader:
    return MarkReader()


def at(x: float, y: float) -> tuple[int, int]:
    """Pixel of a place in units of the box's side, (0, 0) its top-left corner."""
    return round((MARGIN + x * SIDE) * PX), round((MARGIN + y * SIDE) * PX)


def line(gray: Gray, *points: tuple[float, float], ink: int = 50, width_mm: float = 0.4) -> None:
    """A pen stroke through points in units of the box."""
    path = np.array([at(*p) for p in points], np.int32)
    cv2.polylines(gray, [path], False, ink, max(1, round(width_mm * PX)), cv2.LINE_AA)


def printed_box() -> Gray:
    """A box of 0.3 mm rule with a label of print on its right."""
    gray = np.full((round((SIDE + 2 * MARGIN) * PX),) * 2, 247, np.uint8)
    cv2.rectangle(gray, at(-0.04, -0.04), at(1.04, 1.04), 40, 4)
    for x in (1.55, 1.85):
        line(gray, (x, 0.2), (x, 0.85), ink=30, width_mm=0.25)
        line(gray, (x + 0.1, 0.3), (x + 0.25, 0.45), ink=30, width_mm=0.25)
    return gray


def tick(gray: Gray) -> None:
    line(gray, (0.15, 0.45), (0.45, 0.85), (1.1, -0.2))


def long_tick(gray: Gray) -> None:
    line(gray, (-0.5, 0.1), (0.4, 0.8), (1.9, -0.8))


def upright_tick(gray: Gray) -> None:
    line(gray, (0.3, -0.4), (0.32, 0.8), (1.3, 0.1))


def pencil_tick(gray: Gray) -> None:
    line(gray, (0.15, 0.45), (0.45, 0.85), (1.1, -0.2), ink=185, width_mm=0.25)


def heavy_tick(gray: Gray) -> None:
    for shift in (0.0, 0.07):
        line(gray, (0.1, 0.4 + shift), (0.45, 0.85), (1.2, -0.3 + shift), ink=10, width_mm=1.0)


def cross(gray: Gray) -> None:
    line(gray, (0.0, 0.05), (1.0, 0.95))
    line(gray, (1.0, 0.0), (0.05, 1.0))


def ring(gray: Gray) -> None:
    cv2.ellipse(gray, at(0.5, 0.5), (31, 30), 0, 0, 355, 60, 5, cv2.LINE_AA)


def filled(gray: Gray) -> None:
    cv2.rectangle(gray, at(0.06, 0.05), at(0.95, 0.96), 30, -1)


def double_line(gray: Gray) -> None:
    for y in (0.38, 0.62):
        line(gray, (-0.75, y), (1.8, y + 0.03), width_mm=0.3)


def scribble(gray: Gray) -> None:
    points = [(-0.5 + 0.14 * n, -0.35 if n % 2 else 1.35) for n in range(15)]
    line(gray, *points, ink=40, width_mm=0.45)


def blackout(gray: Gray) -> None:
    points = [(-0.6 if n % 2 else 1.6, -0.5 + 0.09 * n) for n in range(23)]
    line(gray, *points, ink=20, width_mm=0.6)


def both(*draws: Draw) -> Draw:
    def draw(gray: Gray) -> None:
        for one in draws:
            one(gray)

    return draw


def untouched(gray: Gray) -> None:
    del gray


def tail_from_below(gray: Gray) -> None:
    """The neighbour below is ticked; its tail runs past this box."""
    line(gray, (0.3, 2.1), (0.6, 2.4), (1.3, 0.75))


def streak(gray: Gray) -> None:
    gray[:, 58:61] = 120


def stain(gray: Gray) -> None:
    shade = np.zeros(gray.shape, np.float32)
    cv2.circle(shade, at(0.6, 0.7), 40, 40.0, -1)
    gray[:] = np.clip(gray - cv2.GaussianBlur(shade, (0, 0), 9), 0, 255).astype(np.uint8)


def part(draw: Draw, key: str = "yes", x_mm: float = 0.0, blank: Gray | None = None) -> CropPart:
    gray = printed_box()
    draw(gray)
    window = BoxMm(x_mm, 0, gray.shape[1] / PX, gray.shape[0] / PX)
    box = BoxMm(x_mm + MARGIN, MARGIN, SIDE, SIDE)
    return CropPart(key, box, window, gray, np.zeros(gray.shape, np.bool_), blank)


def choice(
    reader: MarkReader, *draws: Draw, multiple: bool = False, mark: MarkKind = MarkKind.CHECKBOX
) -> FieldReading:
    keys = ("yes", "no", "other", "more")[: len(draws)]
    parts = tuple(part(d, k, 12.0 * n) for n, (d, k) in enumerate(zip(draws, keys, strict=True)))
    label = Label(ja="問", en="Question")
    options = tuple(Option(value=p.key, label=label, box=p.box) for p in parts)
    spec = ChoiceField(
        key="q", kind="choice", label=label, mark=mark, multiple=multiple, options=options
    )
    return reader.read(FieldCrop(spec, spec.box, np.zeros((4, 2)), parts))


def flag(reader: MarkReader, crop_part: CropPart, mark: MarkKind = MarkKind.FILL) -> FieldReading:
    spec = FlagField(
        key="f", kind="flag", label=Label(ja="旗", en="Flag"), mark=mark, box=crop_part.box
    )
    return reader.read(FieldCrop(spec, spec.box, np.zeros((4, 2)), (crop_part,)))


def test_is_a_recognizer(reader: MarkReader) -> None:
    """The conductor can plug it in."""
    assert isinstance(reader, Recognizer)


def test_untouched_boxes_are_blank(reader: MarkReader) -> None:
    """Box and label are print."""
    reading = choice(reader, untouched, untouched)
    assert reading.text == ""
    assert reading.probability > 0.98
    assert not reading.flags


@pytest.mark.parametrize(
    "draw", [tick, long_tick, upright_tick, pencil_tick, heavy_tick, cross, ring, filled]
)
def test_every_common_mark_counts(reader: MarkReader, draw: Draw) -> None:
    """Whatever shape a yes has, it is a yes, and no deletion."""
    reading = choice(reader, draw, untouched)
    assert reading.text == "yes"
    assert reading.probability > 0.9
    assert Flag.CORRECTED not in reading.flags
    assert choice(reader, untouched, draw).text == "no"


def test_pencil_is_called_faint(reader: MarkReader) -> None:
    """A pale mark is a mark, with its reason for care."""
    assert Flag.FAINT in choice(reader, pencil_tick, untouched).flags


@pytest.mark.parametrize("draw", [tail_from_below, streak, stain])
def test_what_belongs_elsewhere_is_no_mark(reader: MarkReader, draw: Draw) -> None:
    """Neighbours' tails, streaks and stains."""
    assert choice(reader, draw, untouched).text == ""
    assert choice(reader, draw, tick).text == "no"


def test_two_marks_are_both_told(reader: MarkReader) -> None:
    """A person decides between them."""
    reading = choice(reader, tick, tick)
    assert reading.text == "yes no"
    assert Flag.BOTH_MARKED in reading.flags


@pytest.mark.parametrize("deletion", [double_line, scribble, blackout])
def test_struck_out_mark_and_its_successor_are_corrected(
    reader: MarkReader, deletion: Draw
) -> None:
    """Never silently one of the two."""
    reading = choice(reader, both(tick, deletion), tick)
    assert reading.text == "yes no"
    assert Flag.CORRECTED in reading.flags


@pytest.mark.parametrize("deletion", [double_line, scribble, blackout])
def test_lone_struck_out_mark_is_not_lost(reader: MarkReader, deletion: Draw) -> None:
    """The struck option is named and flagged."""
    reading = choice(reader, both(tick, deletion), untouched)
    assert reading.text == "yes"
    assert Flag.CORRECTED in reading.flags


def test_multiple_choice_lists_marks_in_template_order(reader: MarkReader) -> None:
    """Struck-out options do not count but are flagged."""
    reading = choice(reader, tick, untouched, cross, multiple=True)
    assert reading.text == "yes other"
    assert not reading.flags
    corrected = choice(reader, tick, both(tick, double_line), cross, multiple=True)
    assert corrected.text == "yes other"
    assert Flag.CORRECTED in corrected.flags


def test_flag_is_set_by_filling_or_tick(reader: MarkReader) -> None:
    """People tick boxes that ask to be blackened."""
    assert flag(reader, part(filled)).text == "1"
    assert flag(reader, part(tick)).text == "1"
    assert flag(reader, part(untouched)).text == "0"


def test_fax_keeps_its_marks(reader: MarkReader) -> None:
    """Black and white only."""
    for draw, expected in ((tick, "1"), (untouched, "0")):
        seen = part(draw)
        seen.gray[:] = np.where(seen.gray > 150, 255, 0)
        assert flag(reader, seen, MarkKind.CHECKBOX).text == expected


def test_strong_jpeg_keeps_its_marks(reader: MarkReader) -> None:
    """Ringing round the rules is no mark."""
    for draw, expected in ((tick, "1"), (untouched, "0")):
        seen = part(draw)
        _, data = cv2.imencode(".jpg", seen.gray, [cv2.IMWRITE_JPEG_QUALITY, 18])
        seen.gray[:] = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
        assert flag(reader, seen, MarkKind.CHECKBOX).text == expected


def test_blank_original_changes_no_verdict(reader: MarkReader) -> None:
    """With the blank original the same marks are read."""
    blank = printed_box()
    for draw, expected in ((tick, "1"), (long_tick, "1"), (untouched, "0")):
        assert flag(reader, part(draw, blank=blank), MarkKind.CHECKBOX).text == expected


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


@settings(max_examples=40, deadline=None)
@given(
    places=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20, unique=True
    ),
    tone=st.integers(0, 190),
)
def test_specks_never_make_a_mark(
    reader: MarkReader, places: list[tuple[int, int]], tone: int
) -> None:
    """Dust of up to half a millimetre, in and round the box."""

    def dust(gray: Gray) -> None:
        for x, y in places:
            cv2.circle(gray, (8 + x * 10, 8 + y * 10), 2, tone, -1)

    assert choice(reader, dust, untouched).text == ""


@pytest.mark.parametrize("level", [0, 255])
def test_window_without_paper_or_print_is_unreadable(reader: MarkReader, level: int) -> None:
    """Torn off: no answer may be trusted."""

    def flood(gray: Gray) -> None:
        gray[:] = level

    reading = choice(reader, flood, untouched)
    assert Flag.UNREADABLE in reading.flags
    assert reading.probability <= 0.5


@settings(max_examples=40, deadline=None)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=70)))
def test_any_pixels_give_a_reading(reader: MarkReader, gray: Gray) -> None:
    """Total: no array makes it fail; candidates fall and stay within one."""
    window, box = BoxMm(0, 0, 9.1, 9.1), BoxMm(3, 3, 3.1, 3.1)
    mask = np.zeros(gray.shape, np.bool_)
    reading = flag(reader, CropPart("0", box, window, gray, mask, gray), MarkKind.CIRCLE_WORD)
    other = flag(reader, CropPart("0", box, window, gray, mask, None), MarkKind.CHECKBOX)
    for one in (reading, other):
        chances = [c.probability for c in one.candidates]
        assert chances == sorted(chances, reverse=True)
        assert 0 <= sum(chances) <= 1 + 1e-9


def test_candidates_are_few_ranked_and_within_one(reader: MarkReader) -> None:
    """At most six, chances of different texts."""
    reading = choice(reader, tick, untouched, pencil_tick, stain, multiple=True)
    texts = [c.text for c in reading.candidates]
    assert len(texts) == len(set(texts)) <= 6
    assert sum(c.probability for c in reading.candidates) <= 1 + 1e-9


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    """The digest is checked before a network is loaded."""
    for file in WEIGHTS.glob("marks*"):
        shutil.copy(file, tmp_path)
    record = json.loads((tmp_path / "marks.json").read_text("utf-8"))
    record["sha256"] = "0" * 64
    (tmp_path / "marks.json").write_text(json.dumps(record))
    with pytest.raises(ModelMissing):
        MarkReader(tmp_path)


def test_absent_weights_are_told(tmp_path: Path) -> None:
    """An incomplete installation has a name."""
    with pytest.raises(ModelMissing):
        MarkReader(tmp_path)
