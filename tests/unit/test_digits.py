"""Boxed digits: preparing cells, the network, decoding under a format."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import FieldReading, Flag
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm, bounding_box
from ocr_service.forms.fields import Cell, DigitsField, Format, Label
from ocr_service.recognizers.base import CropPart, FieldCrop, Recognizer
from ocr_service.recognizers.digits.prep import SIDE, prepare_cell
from ocr_service.recognizers.digits.reader import DEFAULT_WEIGHTS, DigitReader

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "handwriting"
FLOOR = 0.993
MARGIN_MM = 1.0
CELL_MM = (5.0, 6.82)
BLANK = np.full(
    (
        round((CELL_MM[1] + 2 * MARGIN_MM) * CANVAS_PX_PER_MM),
        round((CELL_MM[0] + 2 * MARGIN_MM) * CANVAS_PX_PER_MM),
    ),
    250,
    np.uint8,
)


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader with the weights it comes with."""
    return DigitReader()


def drawn(digit: str, *, scale: float = 1.5, at: tuple[int, int] = (28, 70)) -> Gray:
    """A digit of single strokes, as cv2 has them, written into a blank cell."""
    page = BLANK.copy()
    pen = max(2, round(2 * scale))
    cv2.putText(page, digit, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 30, pen, cv2.LINE_AA)
    return page


def ruled(page: Gray) -> Gray:
    """The same with the printed box left in."""
    page = page.copy()
    height, width = page.shape
    edge = round(MARGIN_MM * CANVAS_PX_PER_MM)
    cv2.rectangle(page, (edge - 2, edge - 2), (width - edge + 1, height - edge + 1), 40, 2)
    return page


def part(page: Gray, index: int = 0) -> CropPart:
    """The cell as the crop stage would cut it."""
    window = BoxMm(
        20.0 + 6 * index, 50.0, page.shape[1] / CANVAS_PX_PER_MM, page.shape[0] / CANVAS_PX_PER_MM
    )
    return CropPart(str(index), window.grown(-MARGIN_MM), window, page, page < 150, None)


def field(
    pages: list[Gray], form: Format = Format.DIGITS, printed: dict[int, str] | None = None
) -> FieldCrop:
    """A digits field over drawn cells."""
    parts = tuple(part(page, i) for i, page in enumerate(pages))
    cells = tuple(Cell(box=p.box, printed=(printed or {}).get(i)) for i, p in enumerate(parts))
    spec = DigitsField(
        key="some_digits",
        kind="digits",
        label=Label(ja="数字", en="Digits"),
        cells=cells,
        format=form,
    )
    return FieldCrop(spec, bounding_box([p.box for p in parts]), np.zeros((4, 2)), parts)


def written(digits: str) -> list[Gray]:
    return [BLANK if d == "_" else drawn(d) for d in digits]


def test_the_reader_is_a_recognizer(reader: DigitReader) -> None:
    """It fits the plug-in protocol and names its weights."""
    assert isinstance(reader, Recognizer)
    assert reader.name == DEFAULT_WEIGHTS.stem


def test_digits_of_single_strokes_are_read(reader: DigitReader) -> None:
    """All ten, without rules and with the rules left in."""
    pages = written("0123456789")
    assert reader.read(field(pages)).text == "0123456789"
    assert reader.read(field([ruled(p) for p in pages])).text == "0123456789"


@pytest.mark.parametrize(("scale", "at"), [(1.0, (16, 84)), (1.0, (40, 44)), (2.1, (20, 84))])
def test_size_and_place_do_not_matter(
    reader: DigitReader, scale: float, at: tuple[int, int]
) -> None:
    """Small in a corner or filling the cell."""
    pages = [drawn(d, scale=scale, at=at) for d in "0235689"]
    assert reader.read(field(pages)).text == "0235689"


def test_a_neighbours_overshoot_is_not_read(reader: DigitReader) -> None:
    """Ink that only reaches into the window belongs to the cell beside."""
    page = BLANK.copy()
    page[30:60, :10] = 20
    assert reader.read(field([page, drawn("5")])).text == "_5"


def test_empty_cells_give_an_empty_text(reader: DigitReader) -> None:
    """Nothing written, rules left in, a speck of dust: all blank."""
    speck = BLANK.copy()
    speck[50:52, 40:42] = 60
    reading = reader.read(field([BLANK, ruled(BLANK), speck], Format.NUMBER))
    assert reading.text == ""
    assert reading.probability > 0.95
    assert not reading.flags


def test_printed_cells_are_not_read(reader: DigitReader) -> None:
    """What the form prints is taken over, whatever the pixels show."""
    pages = [BLANK, drawn("9"), BLANK, *written("10513")]
    reading = reader.read(field(pages, Format.DATE, {0: "2", 1: "0", 2: "2"}))
    assert reading.text == "20210513"


def test_printed_cells_alone_count_as_empty(reader: DigitReader) -> None:
    """202 without a year, month and day is nothing written."""
    pages = [drawn(d) for d in "202"] + [BLANK] * 5
    reading = reader.read(field(pages, Format.DATE, {0: "2", 1: "0", 2: "2"}))
    assert reading.text == ""
    assert Flag.INVALID not in reading.flags


def test_a_scribble_is_rejected(reader: DigitReader) -> None:
    """Crossed-out writing is no digit."""
    page = drawn("8")
    for y in range(30, 80, 7):
        cv2.line(page, (16, y), (68, y + 9), 20, 3, cv2.LINE_AA)
    reading = reader.read(field([page]))
    assert reading.text == "?"
    assert Flag.REJECTED in reading.flags


def test_a_black_cell_is_unreadable(reader: DigitReader) -> None:
    """Torn off or blotted out."""
    reading = reader.read(field([np.zeros_like(BLANK), drawn("3")]))
    assert reading.text == "?3"
    assert {Flag.UNREADABLE, Flag.REJECTED} <= reading.flags


def test_an_impossible_date_is_flagged(reader: DigitReader) -> None:
    """Clearly written, but there is no such day."""
    assert Flag.INVALID in reader.read(field(written("20211350"), Format.DATE)).flags
    assert Flag.INVALID not in reader.read(field(written("20211230"), Format.DATE)).flags


def test_pencil_is_faint_but_read(reader: DigitReader) -> None:
    """Little contrast is told and does no harm."""
    page = drawn("4")
    pale = (250 - (250 - page.astype(np.int32)) // 5).astype(np.uint8)
    crop = field([pale])
    thin = CropPart("0", crop.parts[0].box, crop.parts[0].window, pale, page < 150, None)
    reading = reader.read(FieldCrop(crop.spec, crop.box, crop.quad, (thin,)))
    assert reading.text == "4"
    assert reading.flags == {Flag.FAINT}


def test_a_scanners_streak_is_not_read(reader: DigitReader) -> None:
    """A line down the whole window is dirt: through a digit, and alone in a cell."""
    pages = [drawn("5"), drawn("3"), BLANK.copy()]
    for page, x in zip(pages, (52, 30, 44), strict=True):
        page[:, x : x + 2] = 120
    assert reader.read(field(pages)).text == "53_"


def test_dots_of_a_bad_fax_are_put_back(reader: DigitReader) -> None:
    """The mask dropped a broken stroke as specks; the pixels still show it."""
    page = drawn("0", scale=1.2)
    ys, xs = np.mgrid[0 : page.shape[0], 0 : page.shape[1]]
    page = np.where((page < 150) & ((xs + ys) % 7 < 4), 0, 255).astype(np.uint8)
    whole = field([page]).parts[0]
    gone = CropPart("0", whole.box, whole.window, page, np.zeros(page.shape, np.bool_), None)
    base = field([page])
    assert reader.read(FieldCrop(base.spec, base.box, base.quad, (gone,))).text == "0"


def test_a_shadow_is_not_taken_for_ink() -> None:
    """Where much of the cell is dark the mask is believed."""
    page = drawn("1")
    page[40:70, 14:40] = 60
    ink = drawn("1") < 150
    cell = prepare_cell(page, ink, (12, 12, 72, 94))
    assert cell.ink_share < 0.1


def test_reading_is_repeatable(reader: DigitReader) -> None:
    """The same crop gives the same reading."""
    crop = field(written("365"), Format.DECIMAL)
    assert reader.read(crop) == reader.read(crop)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    st.tuples(*[st.floats(-1, 4)] * 2),
    st.sampled_from(list(Format)),
)
def test_no_crop_is_an_error(
    reader: DigitReader, page: Gray, shift: tuple[float, float], form: Format
) -> None:
    """Tiny, noisy or misplaced: there is always a reading with sane probabilities."""
    window = BoxMm(10, 10, 3, 3)
    box = BoxMm(10 + shift[0], 10 + shift[1], 2, 2.5)
    odd = CropPart("0", box, window, page, page < 128, None)
    base = field([BLANK, BLANK], form)
    reading = reader.read(FieldCrop(base.spec, base.box, base.quad, (odd, base.parts[1])))
    assert 1 <= len(reading.candidates) <= 6
    assert all(0 <= c.probability <= 1 for c in reading.candidates)
    assert sum(c.probability for c in reading.candidates) <= 1 + 1e-6


@given(
    hnp.arrays(np.bool_, (60, 50)),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(-5, 60),
    st.integers(-5, 70),
)
@settings(max_examples=60, deadline=None)
def test_views_stay_in_range(
    ink: NDArray[np.bool_], left: int, top: int, right: int, bottom: int
) -> None:
    """Any ink and any box give views between 0 and 1."""
    gray = np.where(ink, 60, 240).astype(np.uint8)
    cell = prepare_cell(gray, ink, (left, top, right, bottom))
    assert cell.views.shape == (2, SIDE, SIDE)
    assert float(cell.views.min()) >= 0
    assert float(cell.views.max()) <= 1
    assert 0 <= cell.ink_share <= 1
    assert 0 <= cell.beyond_share <= 1
    assert 0 <= cell.contrast <= 1


def test_missing_or_foreign_weights_are_refused(tmp_path: Path) -> None:
    """Absent file, absent record, broken record, wrong digest."""
    weights = tmp_path / "digits-9.onnx"
    with pytest.raises(ModelMissing, match="missing"):
        DigitReader(weights)
    weights.write_bytes(b"other")
    with pytest.raises(ModelMissing, match="missing"):
        DigitReader(weights)
    weights.with_suffix(".json").write_text("{")
    with pytest.raises(ModelMissing, match="not a record"):
        DigitReader(weights)
    weights.with_suffix(".json").write_text('{"sha256": "0"}')
    with pytest.raises(ModelMissing, match="not the recorded"):
        DigitReader(weights)


def test_the_record_tells_the_weights_digest_and_size() -> None:
    """The committed file is the recorded one and stays small."""
    data = DEFAULT_WEIGHTS.read_bytes()
    record = json.loads(DEFAULT_WEIGHTS.with_suffix(".json").read_text())
    assert record["sha256"] == hashlib.sha256(data).hexdigest()
    assert record["bytes"] == len(data) < 3_000_000


def unseen_crops() -> list[tuple[Gray, str]]:
    """Crops of the senders that no weights were trained on."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/data/handwriting")
    found = []
    with (SHARED / "labels.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            sender = hashlib.sha1(row["sender"].encode(), usedforsecurity=False).hexdigest()
            if int(sender, 16) % 5 == 0:
                page = cv2.imread(str(SHARED / row["path"]), cv2.IMREAD_GRAYSCALE)
                found.append((np.asarray(page, np.uint8), row["label"]))
    return found


def test_real_digits_of_unseen_senders_are_read(reader: DigitReader) -> None:
    """Real fax crops with their rules: the recorded floor holds."""
    crops = [(page, label) for page, label in unseen_crops() if label.isdigit()]
    right = 0
    for page, label in crops:
        reading = reader.read(as_field(page))
        right += reading.text == label
    assert right / len(crops) >= FLOOR


def as_field(page: Gray) -> FieldCrop:
    """A crop whose edges are about on the rules, as a field of one cell."""
    threshold, _ = cv2.threshold(page, 0, 255, cv2.THRESH_OTSU)
    height, width = page.shape
    window = BoxMm(10, 10, width / CANVAS_PX_PER_MM, height / CANVAS_PX_PER_MM)
    box = window.grown(-0.05 * height / CANVAS_PX_PER_MM)
    cell = CropPart("0", box, window, page, page <= min(threshold, 200), None)
    base = field([BLANK])
    return FieldCrop(base.spec, box, base.quad, (cell,))


def test_probabilities_of_real_digits_are_honest(reader: DigitReader) -> None:
    """How sure the reader is, on average, is how often it is right, within a percent."""
    readings: list[tuple[FieldReading, str]] = [
        (reader.read(as_field(page)), label) for page, label in unseen_crops() if label.isdigit()
    ]
    sure = np.mean([r.probability for r, _ in readings])
    right = np.mean([r.text == label for r, label in readings])
    assert abs(float(sure) - float(right)) < 0.01


def test_cells_of_a_reading_say_what_the_field_says(reader: DigitReader) -> None:
    """One for each cell that people write in, with its place, character, chance and box."""
    crop = field(written("1950"), printed={0: "1"})
    reading = reader.read(crop)
    assert [cell.position for cell in reading.cells] == [1, 2, 3]
    text = reading.text or "_" * len(crop.parts)
    assert [cell.text for cell in reading.cells] == list(text[1:])
    assert all(0 <= cell.probability <= 1 for cell in reading.cells)
    assert [cell.box for cell in reading.cells] == [part.box for part in crop.parts[1:]]
