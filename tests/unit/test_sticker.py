"""Stickers at any small angle, among the form's own print, with and without a GS1 symbol."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import Candidate, FieldReading, Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.recognizers.base import CropPart, FieldCrop, Recognizer
from ocr_service.recognizers.print_lines import find_lines
from ocr_service.recognizers.sticker.gs1 import parse_gs1
from ocr_service.recognizers.sticker.lot import expiry_in, folded, lots_in
from ocr_service.recognizers.sticker.product import Product, known_product, unknown_product
from ocr_service.recognizers.sticker.reader import StickerReader
from tests.unit import printed_matter as draw

PRODUCTS = (Product("ミホン", ("ミホン筋注", "MIHON")), Product("サンプルバックス"))


def cell() -> Gray:
    """An empty cell: rules, a grey box, an instruction of our own below."""
    sheet = draw.paper(43.8, 31.7)
    sheet[22:26, :] = 0
    sheet[:, 22:25] = 0
    sheet[40:130, 50:480] = 200
    draw.put_text(sheet, "ここに合わせてお貼りください", 3, 22, 2.3)
    return sheet


def sticker(lines: tuple[str, ...], symbol: Gray | None = None) -> Gray:
    sheet = draw.paper(36, 17)
    for place, text in enumerate(lines):
        draw.put_text(sheet, text, 1.5, 1.5 + 4.6 * place, 3.0)
    if symbol is not None:
        height, width = symbol.shape
        sheet[-height - 10 : -10, -width - 10 : -10] = symbol
    return sheet


def stuck(lines: tuple[str, ...], degrees: float, symbol: Gray | None = None) -> Gray:
    """A sticker pasted over the cell's print, turned clockwise for negative degrees."""
    below, above = cell(), sticker(lines, symbol)
    height, width = above.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] += (below.shape[1] / 2 - width / 2, below.shape[0] / 2 - height / 2 - 20)
    size = (below.shape[1], below.shape[0])
    print_ = cv2.warpAffine(above, matrix, size, flags=cv2.INTER_AREA, borderValue=255)
    covers = cv2.warpAffine(np.full_like(above, 255), matrix, size)
    return draw.scanned(np.where(covers > 127, print_, below).astype(np.uint8), seed=1)


def read(
    gray: Gray, lines: draw.FakeLineReader, *roles: str, blank: Gray | None = None
) -> FieldReading:
    reader = StickerReader(lines, PRODUCTS)
    assert isinstance(reader, Recognizer)
    return reader.read(draw.crop_of(draw.sticker_spec(*roles), gray, blank))


@pytest.mark.parametrize("degrees", [-10.0, -4.0, 0.0, 6.0, 10.0])
def test_lines_are_found_level_and_in_order_at_any_small_angle(degrees: float) -> None:
    """Three lines of a tilted sticker come out upright, top to bottom, form print left out."""
    gray = stuck(("ミホン筋注", "LOT AB1234", "EXP 2022.03"), degrees)
    crop = draw.crop_of(draw.sticker_spec(), gray, cell())
    found = find_lines(crop.parts[0])
    assert len(found) == 3
    for line in found:
        assert line.angle_deg == pytest.approx(-degrees, abs=1.2)
        assert 2.5 * draw.PX < line.image.shape[0] < 5 * draw.PX
    assert sorted(line.centre_mm[1] for line in found) == [line.centre_mm[1] for line in found]


def test_product_and_lot_come_in_template_order() -> None:
    """Parts are joined by a tab, each sure on its own."""
    gray = stuck(("ミホン筋注", "LOT AB1234"), 5.0)
    reading = read(gray, draw.says("ミホン筋注", "LOT AB1234"))
    assert reading.text == "ミホン\tAB1234"
    assert marginal(reading, 0) > 0.97
    assert marginal(reading, 1) > 0.97
    swapped = read(gray, draw.says("ミホン筋注", "LOT AB1234"), "lot", "product")
    assert swapped.text == "AB1234\tミホン"


def marginal(reading: FieldReading, place: int) -> float:
    best = reading.text.split("\t")[place]
    return sum(
        c.probability for c in reading.candidates if c.text.split("\t")[place : place + 1] == [best]
    )


def test_expiry_is_read_where_the_template_asks_for_it() -> None:
    """All lines are read then, and the date becomes ISO."""
    gray = stuck(("ミホン", "LOT AB1234", "EXP 2022.03.31"), -3.0)
    lines = draw.says("ミホン", "LOT AB1234", "EXP 2022.03.31")
    assert read(gray, lines, "lot", "expiry").text == "AB1234\t2022-03-31"


def test_a_doubtful_product_does_not_pull_a_clear_lot_down() -> None:
    """The lot's chance is the sum over all candidates that have it."""
    gray = stuck(("ナゾノクスリ", "LOT AB1234"), 0.0)
    lines = draw.FakeLineReader(
        [(Candidate("ナゾノクスリ", 0.7),), (Candidate("LOT AB1234", 0.995),)]
    )
    reading = read(gray, lines)
    assert reading.text == "ナゾノクスリ\tAB1234"
    assert marginal(reading, 0) < 0.6
    assert marginal(reading, 1) > 0.9


def test_readings_that_differ_outside_the_lot_add_up() -> None:
    """A space more or less in the label is no doubt about the lot."""
    lines = draw.FakeLineReader(
        [
            (Candidate("ミホン", 0.99),),
            (Candidate("製造番号 AB1234", 0.6), Candidate("製造番号AB1234", 0.39)),
        ]
    )
    assert marginal(read(stuck(("ミホン", "製造番号 AB1234"), 0.0), lines), 1) > 0.97


@pytest.mark.parametrize("blank_known", [True, False])
def test_an_empty_cell_is_empty_and_sure(blank_known: bool) -> None:  # noqa: FBT001  pytest passes it
    """The form's own instruction is not a sticker."""
    gray = draw.scanned(cell(), seed=2)
    lines = draw.says(*["ここに合わせてお貼りください"] * 5)
    reading = read(gray, lines, blank=cell() if blank_known else None)
    assert (reading.text, reading.flags) == ("", frozenset())
    assert reading.probability >= 0.9


def test_a_sticker_beyond_reading_is_flagged() -> None:
    """Lines that say nothing known, on a cell whose blank is known."""
    gray = stuck(("ミホン", "LOT AB1234"), 7.0)
    reading = read(gray, draw.says("～～", "…", "～"), blank=cell())
    assert (reading.text, reading.flags) == ("", frozenset({Flag.UNREADABLE}))
    assert reading.probability < 0.5


def test_a_handwritten_lot_alone_is_read() -> None:
    """No sticker at hand: the doctor wrote the lot into the cell."""
    gray = draw.paper(43.8, 31.7)
    draw.put_text(gray, "AB1234", 8, 8, 5.0)
    reading = read(draw.scanned(gray, seed=3), draw.says("ABI234"))
    assert reading.text == "\tAB1234"


@pytest.mark.parametrize(
    "form", [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128]
)
def test_a_gs1_symbol_outranks_print(form: zxingcpp.BarcodeFormat) -> None:
    """Its lot is error corrected; the misread line is only an alternative."""
    linear = form == zxingcpp.BarcodeFormat.Code128
    content = "(17)220300(10)AB1234" if linear else "(01)04987123456784(17)220300(10)AB1234"
    symbol = zxingcpp.create_barcode(content, form, gs1=True)
    drawn = np.asarray(symbol.to_image(scale=2 if linear else 5), np.uint8)[: 8 * draw.PX]
    gray = stuck(("ミホン",), 2.0, drawn)
    reading = read(gray, draw.says("ミホン", "LOT AB1239"), "lot", "expiry")
    assert reading.text == "AB1234\t2022-03-31"
    assert reading.probability > 0.98


def test_gs1_elements_without_a_date_are_no_date() -> None:
    """Day 00 is the month's end; month 13 is nothing."""
    assert parse_gs1("(17)240200(10)X1").expiry == "2024-02-29"
    assert parse_gs1("(17)241301(10)X1").expiry == ""
    assert parse_gs1("(01)04987123456784").lot == ""


@pytest.mark.parametrize(
    ("line", "lot"),
    [
        ("LOT FJ7489", "FJ7489"),
        ("Lot No. FJ7489", "FJ7489"),
        ("LOTNOFJ7489", "FJ7489"),
        ("口ッ卜番号：3004733", "3004733"),
        ("製造番号 30O4733  EXP 2022.03", "3004733"),
        ("LOT:FJ74B9", "FJ7489"),
        ("LOT 5J7489", "SJ7489"),
        ("LOT 400082A EXP 2022.05", "400082A"),
        ("製造記号 XYZ-12", "XYZ-12"),
        ("モデル製 0.5mL LOT FJ7489", "FJ7489"),
    ],
)
def test_lots_are_found_by_label_and_pattern(line: str, lot: str) -> None:
    """Look-alikes are settled by the makers' patterns."""
    assert lots_in(folded(line), labelled=False)[0].text == lot


@pytest.mark.parametrize(
    ("line", "lot"),
    [
        ("LOT HK359B", "HK359B"),
        ("LOT E40ZB", "E402B"),
        ("LOT HA-12", "HA-12"),
        ("AB-123", "AB-123"),
    ],
)
def test_a_template_says_what_lots_look_like(line: str, lot: str) -> None:
    """Its own patterns settle look-alikes, not those of other vaccines."""
    patterns = ("AA999A", "A999A", "AA-999")
    assert lots_in(folded(line), labelled=False, patterns=patterns)[0].text == lot


def test_a_template_says_which_products_there_are() -> None:
    """A name that lost its first letters is still that product."""
    gray = stuck(("フルエンザHAワクチン", "LOT HK359B"), 0.0)
    spec = draw.sticker_spec().model_copy(
        update={"products": ("インフルエンザHAワクチン",), "lot_patterns": ("AA999A",)}
    )
    reader = StickerReader(draw.says("フルエンザHAワクチン", "LOT HK359B"), PRODUCTS)
    assert reader.read(draw.crop_of(spec, gray, cell())).text == "インフルエンザHAワクチン\tHK359B"


@pytest.mark.parametrize("line", ["2022.03.31", "0.5mL", "EXP 2022.03", "ミホン筋注", "", "番号"])
def test_dates_amounts_and_names_are_no_lots(line: str) -> None:
    """What merely looks like a code is not one."""
    assert lots_in(folded(line), labelled=False) == ()


def test_a_lot_that_fits_as_it_stands_is_hardly_doubted() -> None:
    """Seven digits are seven digits, even if the last could pass for a letter."""
    found = lots_in("3005308", labelled=True)
    assert (found[0].text, found[0].probability > 0.98) == ("3005308", True)


@given(st.text(max_size=40), st.booleans())
def test_any_text_gives_lots_with_chances(text: str, labelled: bool) -> None:  # noqa: FBT001  drawn
    """Parsing is total and its chances add up to no more than one."""
    found = lots_in(folded(text), labelled=labelled)
    assert sum(lot.probability for lot in found) <= 1.0 + 1e-9
    expiry_in(folded(text))
    known_product((Candidate(text, 0.5),), PRODUCTS)
    unknown_product(Candidate(text, 0.5))


def test_known_products_are_snapped_and_other_editions_are_kept() -> None:
    """A near miss is corrected; an edition for children is another product."""
    near = known_product((Candidate("サソプルバックス", 0.7),), PRODUCTS)
    exact = known_product((Candidate("ミホン筋注（見本社）", 0.6),), PRODUCTS)
    assert near is not None
    assert exact is not None
    assert (near.text, exact.text) == ("サンプルバックス", "ミホン")
    assert near.probability < exact.probability
    assert known_product((Candidate("ミホン筋注5～11歳用", 0.99),), PRODUCTS) is None
    kept = unknown_product(Candidate("ミホン筋注5～11歳用", 0.99))
    assert kept is not None
    assert kept.text == "ミホン筋注5~11歳用"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), side=st.integers(4, 150))
def test_any_crop_gives_a_reading(seed: int, side: int) -> None:
    """Noise of any size is read without an error."""
    gray = np.random.default_rng(seed).integers(0, 256, (side, side + 5), dtype=np.uint8)
    window = BoxMm(0, 0, side / draw.PX, side / draw.PX)
    part = CropPart("0", window, window, gray, gray < 128, gray)
    crop = FieldCrop(draw.sticker_spec(), window, np.zeros((4, 2)), (part,))
    assert 0.0 <= StickerReader(draw.says()).read(crop).probability <= 1.0
