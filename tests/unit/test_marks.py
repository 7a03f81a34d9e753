"""The mark reader: ticks, crosses, rings, fillings, dirt and corrections on drawn windows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import MarkKind
from ocr_service.recognizers.base import CropPart, Recognizer
from ocr_service.recognizers.marks.reader import WEIGHTS, MarkReader
from tests.unit.mark_drawings import (
    Draw,
    blackout,
    both,
    choice,
    cross,
    double_line,
    filled,
    flag,
    heavy_tick,
    long_tick,
    part,
    pencil_tick,
    printed_box,
    ring,
    scribble,
    stain,
    streak,
    tail_from_below,
    tick,
    untouched,
    upright_tick,
)


@pytest.fixture(scope="module")
def reader() -> MarkReader:
    return MarkReader()


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
