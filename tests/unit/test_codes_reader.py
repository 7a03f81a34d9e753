"""Vouchers: three prints of one number, and what becomes of it when they fail or differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import Candidate, Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Symbol
from ocr_service.recognizers.base import CropPart, FieldCrop, Recognizer
from ocr_service.recognizers.codes.check import keeps_check_digits
from ocr_service.recognizers.codes.line import find_digit_line
from ocr_service.recognizers.codes.reader import CodeReader
from ocr_service.recognizers.codes.vote import MOST, Sources, vote
from tests.unit import printed_matter as draw

CODE = "211310160123456789"
OTHER = "211310160123456780"
WRONG_TOWN = "211310170123456789"
SPAN = (8, 18)
digits18 = st.text("0123456789", min_size=18, max_size=18)


def voucher(*, qr: str | None = CODE, bars: str | None = CODE[8:], line: str | None = CODE) -> Gray:
    sheet = draw.paper(72.6, 43.4)
    draw.put_text(sheet, "見本券 2回目", 6, 5, 3.4)
    draw.put_text(sheet, "番号 " + CODE[8:], 6, 11, 2.6)
    if qr:
        draw.put_qr(sheet, qr, 55, 5)
    if bars:
        draw.put_bars(sheet, bars, 14, 22)
    if line:
        draw.put_digit_line(sheet, line, 14, 29.5)
    return sheet


def empty_area() -> Gray:
    """Frame, corner and grey instruction, as forms print them where the voucher goes."""
    sheet = draw.paper(72.6, 43.4)
    draw.put_text(sheet, "この枠の左上に合わせて", 10, 10, 3.3)
    draw.put_text(sheet, "券をお貼りください", 10, 17, 3.3)
    sheet[:] = np.where(sheet < 128, 130, sheet)
    sheet[24:36, 24:140] = 20
    sheet[24:140, 24:36] = 20
    sheet[500:504, 24:840:2] = 128
    return sheet


def test_the_reader_fulfils_the_protocol() -> None:
    """A CodeReader can stand wherever a Recognizer is asked for."""
    assert isinstance(CodeReader(draw.says()), Recognizer)


@pytest.mark.parametrize("degrees", [-3.0, 0.0, 3.0])
def test_qr_and_bars_that_agree_make_the_line_unnecessary(degrees: float) -> None:
    """Two agreeing prints are as sure as a reading gets and cost no line reading."""
    lines = draw.says()
    gray = draw.scanned(draw.turned(voucher(), degrees), seed=1)
    reading = CodeReader(lines).read(draw.crop_of(draw.voucher_spec(), gray))
    assert (reading.text, reading.flags) == (CODE, frozenset())
    assert reading.probability >= 0.999
    assert lines.lines == []


def test_a_qr_alone_is_believed_less_than_two_prints() -> None:
    """Where bars and line are missing the QR stands alone."""
    gray = draw.scanned(voucher(bars=None, line=None), seed=2)
    reading = CodeReader(draw.says()).read(draw.crop_of(draw.voucher_spec(), gray))
    assert reading.text == CODE
    assert 0.98 < reading.probability < MOST


@pytest.mark.parametrize("degrees", [-3.0, 1.5, 3.0])
def test_the_line_is_found_level_and_whole_among_other_print(degrees: float) -> None:
    """Eighteen evenly spaced digits are told from names, bars and shorter numbers."""
    gray = draw.scanned(draw.turned(voucher(qr=None, bars=None), degrees), seed=3)
    found = find_digit_line(gray, 18)
    assert found is not None
    assert len(found.cuts) == 17
    height, width = found.image.shape
    assert 2.5 * draw.PX < height < 5 * draw.PX
    assert 36 * draw.PX < width < 44 * draw.PX


def test_a_sure_line_confirms_bars_without_a_qr() -> None:
    """Line and bars together are enough."""
    gray = draw.scanned(voucher(qr=None), seed=4)
    reading = CodeReader(draw.says(CODE)).read(draw.crop_of(draw.voucher_spec(), gray))
    assert reading.text == CODE
    assert reading.probability > 0.99


def test_a_doubtful_line_is_read_again_in_pieces() -> None:
    """Pieces of known length rescue a line that is read too short as a whole."""
    lines = draw.says(CODE[:-1], CODE[:6], CODE[6:12], CODE[12:])
    gray = draw.scanned(voucher(qr=None, bars=None), seed=5)
    reading = CodeReader(lines).read(draw.crop_of(draw.voucher_spec(), gray))
    assert reading.text == CODE
    assert reading.probability == pytest.approx(0.99**3, abs=0.02)


def test_prints_that_differ_are_flagged_and_both_offered() -> None:
    """A QR against bars and line: nobody may miss it."""
    gray = draw.scanned(voucher(qr=OTHER), seed=6)
    reading = CodeReader(draw.says(CODE)).read(draw.crop_of(draw.voucher_spec(), gray))
    assert Flag.DISAGREEMENT in reading.flags
    assert {CODE, OTHER} <= {candidate.text for candidate in reading.candidates}


def test_bars_of_another_length_are_no_reading() -> None:
    """Decoders find bars in all kinds of print; only the expected length counts."""
    gray = draw.scanned(voucher(bars="123456", line=None), seed=7)
    reading = CodeReader(draw.says()).read(draw.crop_of(draw.voucher_spec(), gray))
    assert reading.text == CODE
    assert Flag.DISAGREEMENT not in reading.flags


def test_bars_that_carry_the_whole_code_are_taken_as_such() -> None:
    """Some municipalities print eighteen digits in the bars."""
    gray = draw.scanned(voucher(qr=None, bars=CODE, line=None), seed=8)
    spec = draw.voucher_spec((Symbol.QR, Symbol.CODABAR))
    assert CodeReader(draw.says()).read(draw.crop_of(spec, gray)).text == CODE


@pytest.mark.parametrize("blank_known", [True, False])
def test_no_voucher_is_empty_and_sure(blank_known: bool) -> None:  # noqa: FBT001  pytest passes it
    """The form's own frame and instructions are not taken for a voucher."""
    area = empty_area()
    crop = draw.crop_of(
        draw.voucher_spec(), draw.scanned(area, seed=9), area if blank_known else None
    )
    reading = CodeReader(draw.says()).read(crop)
    assert (reading.text, reading.flags) == ("", frozenset())
    assert reading.probability >= 0.9


def test_a_voucher_beyond_reading_is_empty_unsure_and_flagged() -> None:
    """Smeared all over: there is something, but nobody knows what."""
    gray = draw.scanned(voucher(), seed=10, blur_px=12.0)
    reading = CodeReader(draw.says()).read(draw.crop_of(draw.voucher_spec(), gray))
    assert (reading.text, reading.flags) == ("", frozenset({Flag.UNREADABLE}))
    assert reading.probability < 0.5


def test_bars_alone_offer_their_part_for_review() -> None:
    """Ten of eighteen digits are better than nothing for the person who keys the rest."""
    gray = draw.scanned(voucher(qr=None, line=None), seed=11)
    reading = CodeReader(draw.says()).read(draw.crop_of(draw.voucher_spec(), gray))
    assert reading.text == ""
    assert reading.candidates[1].text == "?" * 8 + CODE[8:]


def test_a_broken_check_digit_lowers_the_chance() -> None:
    """The municipality's check digit speaks against a QR that stands alone."""
    parts = draw.voucher_spec().parts
    assert keeps_check_digits(CODE, parts)
    assert not keeps_check_digits(WRONG_TOWN, parts)
    sources = Sources(18, WRONG_TOWN, None, SPAN, ())
    doubted = vote(sources, lambda text: keeps_check_digits(text, parts)).candidates[0]
    assert doubted.probability < 0.95


@given(code=digits18, line=digits18, sure=st.floats(0.01, 1.0), bars=st.booleans())
def test_votes_are_chances(code: str, line: str, sure: float, bars: bool) -> None:  # noqa: FBT001  drawn
    """Whatever the prints say, chances are sorted, in range and add up to no more than one."""
    sources = Sources(18, code, code[8:] if bars else None, SPAN, (Candidate(line, sure),))
    outcome = vote(sources, lambda _: True)
    chances = [candidate.probability for candidate in outcome.candidates]
    assert chances == sorted(chances, reverse=True)
    assert all(0.0 <= chance <= MOST for chance in chances)
    assert sum(chances) <= 1.0 + 1e-9
    assert len({c.text for c in outcome.candidates}) == len(chances)


@given(code=digits18, sure=st.floats(0.5, 1.0))
def test_agreement_is_never_less_sure_than_either_print_alone(code: str, sure: float) -> None:
    """A second print that says the same can only help."""
    line = (Candidate(code, sure),)
    alone = vote(Sources(18, code, None, SPAN, ()), lambda _: True).candidates[0].probability
    both = vote(Sources(18, code, None, SPAN, line), lambda _: True)
    assert both.candidates[0].probability >= alone - 1e-9
    assert not both.disagree


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), side=st.integers(4, 200))
def test_any_crop_gives_a_reading(seed: int, side: int) -> None:
    """Noise of any size is read without an error."""
    rng = np.random.default_rng(seed)
    gray = rng.integers(0, 256, (side, side + 3), dtype=np.uint8)
    spec = draw.voucher_spec()
    window = BoxMm(0, 0, side / draw.PX, side / draw.PX)
    part = CropPart("0", window, window, gray, gray < 128, None)
    crop = FieldCrop(spec, window, np.zeros((4, 2)), (part,))
    assert 0.0 <= CodeReader(draw.says()).read(crop).probability <= 1.0
