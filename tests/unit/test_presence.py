"""The presence reader: is an area signed or stamped?"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import FieldReading, Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Label, PresenceField
from ocr_service.recognizers.base import CropPart, FieldCrop, Recognizer
from ocr_service.recognizers.presence.reader import PresenceReader

PX = 12
WINDOW = BoxMm(0, 0, 54, 13)
BOX = BoxMm(2, 2, 50, 9)
SPEC = PresenceField(
    key="signature", kind="presence", label=Label(ja="署名", en="Signature"), box=BOX
)


@pytest.fixture(scope="module")
def reader() -> PresenceReader:
    return PresenceReader()


def empty_area(*, line_below: bool = True) -> Gray:
    """White paper with the printed line a signature stands on."""
    gray = np.full((13 * PX, 54 * PX), 250, np.uint8)
    if line_below:
        gray[round(11.1 * PX) : round(11.4 * PX)] = 30
    return gray


def scrawl(gray: Gray, *, ink: int = 60, letters: int = 4) -> None:
    """Something like a signature."""
    rng = np.random.default_rng(3)
    for n in range(letters):
        points = rng.uniform(0, 5.5 * PX, (7, 2)) + np.array([(6 + n * 7) * PX, 3.5 * PX])
        cv2.polylines(gray, [points.astype(np.int32)], False, ink, 4, cv2.LINE_AA)


def seal(gray: Gray, *, ink: int) -> None:
    """A round seal of a centimetre."""
    cv2.circle(gray, (40 * PX, round(6.5 * PX)), 4 * PX, ink, 4, cv2.LINE_AA)
    cv2.line(gray, (38 * PX, 5 * PX), (42 * PX, 5 * PX), ink, 4)
    cv2.line(gray, (40 * PX, 4 * PX), (40 * PX, 9 * PX), ink, 4)


def read(reader: PresenceReader, gray: Gray, blank: Gray | None = None) -> FieldReading:
    part = CropPart("0", BOX, WINDOW, gray, np.zeros(gray.shape, np.bool_), blank)
    return reader.read(FieldCrop(SPEC, BOX, np.zeros((4, 2)), (part,)))


def test_is_a_recognizer(reader: PresenceReader) -> None:
    """The conductor can plug it in."""
    assert isinstance(reader, Recognizer)


def test_empty_area_with_its_printed_line_is_absent(reader: PresenceReader) -> None:
    """The line below is print."""
    reading = read(reader, empty_area())
    assert reading.text == "0"
    assert reading.probability > 0.9


@pytest.mark.parametrize("ink", [20, 90, 160])
def test_signature_is_present(reader: PresenceReader, ink: int) -> None:
    """Black ink and pencil alike."""
    gray = empty_area()
    scrawl(gray, ink=ink)
    reading = read(reader, gray)
    assert reading.text == "1"
    assert reading.probability > 0.95


def test_pale_seal_is_present_and_called_faint(reader: PresenceReader) -> None:
    """Red turned to light grey still counts."""
    gray = empty_area()
    seal(gray, ink=218)
    reading = read(reader, gray)
    assert reading.text == "1"
    assert Flag.FAINT in reading.flags


def test_streaks_do_not_count(reader: PresenceReader) -> None:
    """A line across the whole window is dirt on the glass."""
    gray = empty_area()
    gray[:, 300:304] = 90
    gray[70:73] = 120
    assert read(reader, gray).text == "0"


def test_soft_stain_does_not_count(reader: PresenceReader) -> None:
    """A shade wider than any pen belongs to the paper."""
    gray = empty_area()
    cv2.circle(gray, (25 * PX, 6 * PX), 3 * PX, 225, -1)
    assert read(reader, cv2.GaussianBlur(gray, (0, 0), 3).astype(np.uint8)).text == "0"


def test_rules_of_a_shifted_frame_do_not_count(reader: PresenceReader) -> None:
    """Registration may leave the printed rule just inside the area."""
    gray = empty_area()
    gray[round(2.3 * PX) : round(2.6 * PX), 24:620] = 40
    gray[24:130, round(2.4 * PX) : round(2.6 * PX)] = 40
    assert read(reader, gray).text == "0"


def test_print_of_the_blank_original_does_not_count(reader: PresenceReader) -> None:
    """With the blank original, printed words in the area are known."""
    blank = empty_area()
    scrawl(blank, ink=0, letters=3)
    assert read(reader, blank.copy(), blank).text == "0"
    signed = blank.copy()
    seal(signed, ink=120)
    assert read(reader, signed, blank).text == "1"


@settings(max_examples=25, deadline=None)
@given(
    places=st.lists(
        st.tuples(st.integers(0, 25), st.integers(0, 4)), min_size=1, max_size=25, unique=True
    ),
    tone=st.integers(0, 200),
)
def test_specks_never_sign(
    reader: PresenceReader, places: list[tuple[int, int]], tone: int
) -> None:
    """Dust of up to half a millimetre, however much of it, is no signature."""
    gray = empty_area()
    for x, y in places:
        cv2.circle(gray, (30 + x * 24, 30 + y * 24), 2, tone, -1)
    assert read(reader, gray).text == "0"


def test_more_ink_never_lowers_the_chance(reader: PresenceReader) -> None:
    """The chance rises smoothly with the written area."""
    chances = []
    for letters in range(1, 6):
        gray = empty_area()
        scrawl(gray, letters=letters)
        reading = read(reader, gray)
        chances.append(next(c.probability for c in reading.candidates if c.text == "1"))
    assert chances == sorted(chances)


def test_black_window_is_unreadable(reader: PresenceReader) -> None:
    """A torn-off corner says nothing."""
    reading = read(reader, np.zeros((156, 648), np.uint8))
    assert Flag.UNREADABLE in reading.flags
    assert reading.probability <= 0.5


@pytest.mark.parametrize("shape", [(52, 9), (9, 11), (1, 12), (90, 1)])
def test_windows_of_a_dozen_pixels_give_a_reading(
    reader: PresenceReader, shape: tuple[int, int]
) -> None:
    """So few pixels a millimetre that a pen's width comes to none."""
    gray = np.random.default_rng(1).integers(200, 256, shape, dtype=np.uint8)
    assert read(reader, gray).text in {"0", "1"}


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=90)))
def test_any_pixels_give_a_reading(reader: PresenceReader, gray: Gray) -> None:
    """Total: no array makes it fail."""
    reading = read(reader, gray)
    assert reading.text in {"0", "1"}
    assert sum(c.probability for c in reading.candidates) == pytest.approx(1)
