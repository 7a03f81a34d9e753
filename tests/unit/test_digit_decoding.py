"""Weighing rows of digit cells against what a field may hold."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ocr_service.domain.codes import institution_code_valid
from ocr_service.domain.dates import date_of_digits
from ocr_service.forms.fields import Format
from ocr_service.recognizers.digits.classes import CLASSES, EMPTY, REJECT
from ocr_service.recognizers.digits.decoding import SYMBOLS, decode
from ocr_service.recognizers.digits.formats import is_valid, weight


def cells_for(text: str, sure: float = 0.98) -> NDArray[np.float32]:
    """Cell probabilities that say ``text``."""
    rows = np.full((len(text), CLASSES), (1 - sure) / (CLASSES - 1), np.float32)
    for row, symbol in zip(rows, text, strict=True):
        row[SYMBOLS.index(symbol)] = sure
    return rows


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.DATE, "20210513"),
        (Format.DATE, "1955_1_9"),
        (Format.DATE, "120301"),
        (Format.DATE, "1203_1"),
        (Format.DATE, "19551_9_"),
        (Format.NUMBER, "_65"),
        (Format.NUMBER, "65_"),
        (Format.NUMBER, "102"),
        (Format.NUMBER, "__0"),
        (Format.DECIMAL, "365"),
        (Format.DECIMAL, "03"),
        (Format.DIGITS, "00412"),
        (Format.DIGITS, "__412"),
        (Format.INSTITUTION_CODE, "0110113719"),
        (Format.INSTITUTION_CODE, "1310121996"),
        (Format.DATE, "2021051?"),
        (Format.DATE, "????????"),
        (Format.DATE, ""),
        (Format.NUMBER, "___"),
    ],
)
def test_usual_ways_to_fill_a_field_are_valid(form: Format, text: str) -> None:
    """Aligned left or right, single-digit months, unreadable cells that could fit."""
    assert is_valid(text, form)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.DATE, "087079"),
        (Format.DATE, "650101"),
        (Format.DATE, "20210230"),
        (Format.DATE, "18990101"),
        (Format.DATE, "20360101"),
        (Format.DATE, "2021____"),
        (Format.DATE, "20_10513"),
        (Format.DATE, "202113?1"),
        (Format.NUMBER, "1_2"),
        (Format.NUMBER, "121"),
        (Format.DECIMAL, "3_5"),
        (Format.DECIMAL, "36_"),
        (Format.DECIMAL, "__5"),
        (Format.DIGITS, "4_2"),
        (Format.INSTITUTION_CODE, "0110113718"),
        (Format.INSTITUTION_CODE, "__10113719"),
    ],
)
def test_other_ways_are_not(form: Format, text: str) -> None:
    """Impossible, out of range, with gaps, failing the check digit."""
    assert not is_valid(text, form)


@given(st.text("0123456789_?", min_size=1, max_size=10), st.sampled_from(list(Format)))
def test_no_row_is_ruled_out(text: str, form: Format) -> None:
    """Unlikely rows keep some weight."""
    assert 0 < weight(text, form) <= 1


def test_a_doubtful_digit_is_settled_by_the_calendar() -> None:
    """The month's first digit looks a little more like 7 than like 1."""
    cells = cells_for("19551103")
    cells[4, 7], cells[4, 1] = 0.6, 0.38
    decoded = decode(cells, [None] * 8, Format.DATE)
    assert decoded.raw == "19557103"
    assert not decoded.valid
    assert decoded.candidates[0].text == "19551103"
    assert decoded.candidates[0].probability > 0.8


@pytest.mark.parametrize("text", ["19640230", "19911131", "20010431"])
def test_clear_writing_beats_the_calendar(text: str) -> None:
    """People write days that there are not: read as written, and marked."""
    decoded = decode(cells_for(text, 0.9999), [None] * 8, Format.DATE)
    assert decoded.candidates[0].text == text
    assert decoded.candidates[0].probability > 0.8
    assert not decoded.valid


def test_a_doubtful_digit_is_settled_by_the_check_digit() -> None:
    """Of 1 and 7 only one makes a valid institution code."""
    cells = cells_for("0110113719")
    cells[4, 1], cells[4, 7] = 0.43, 0.55
    decoded = decode(cells, [None] * 10, Format.INSTITUTION_CODE)
    best = decoded.candidates[0]
    assert institution_code_valid(best.text)
    assert best.text == "0110113719"


def test_clear_writing_beats_the_check_digit() -> None:
    """Codes that fail the check exist: they are read as written."""
    decoded = decode(cells_for("0110113718", 0.9999), [None] * 10, Format.INSTITUTION_CODE)
    assert decoded.candidates[0].text == "0110113718"
    assert not decoded.valid


def test_an_unreadable_cell_is_not_filled_by_expectation() -> None:
    """A scribble stays a question mark though only few digits would fit."""
    cells = cells_for("20210?13", 0.97)
    decoded = decode(cells, [None] * 8, Format.DATE)
    assert decoded.candidates[0].text == "20210?13"


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float32, (8, CLASSES), elements=st.floats(0.015625, 1, width=32)),
    st.sampled_from([Format.DATE, Format.DIGITS, Format.NUMBER, Format.DECIMAL]),
)
def test_candidates_are_a_distribution_in_order(cells: NDArray[np.float32], form: Format) -> None:
    """At most six, best first, all different, no more than certainty together."""
    cells = cells / cells.sum(axis=1, keepdims=True)
    candidates = decode(cells, [None] * 8, form).candidates
    chances = [c.probability for c in candidates]
    assert chances == sorted(chances, reverse=True)
    assert len({c.text for c in candidates}) == len(candidates) <= 6
    assert sum(chances) <= 1 + 1e-9
    assert all(c.text == "" or len(c.text) == 8 for c in candidates)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2035, 12, 31)), st.integers(0, 7))
@settings(max_examples=50, deadline=None)
def test_clear_dates_are_decoded_as_they_are(date: dt.date, place: int) -> None:
    """Every date that forms carry comes back, with one cell in doubt."""
    text = f"{date:%Y%m%d}"
    cells = cells_for(text, 0.999)
    cells[place] = 0.05
    cells[place, int(text[place])] = 0.45
    best = decode(cells, [None] * 8, Format.DATE).candidates[0].text
    assert best == text
    assert date_of_digits(best) == date


def test_a_field_without_cells_to_read_is_what_is_printed() -> None:
    """Nothing to read, nothing to doubt."""
    decoded = decode(np.zeros((0, CLASSES), np.float32), ["2", "0"], Format.DIGITS)
    assert [(c.text, c.probability) for c in decoded.candidates] == [("20", 1.0)]


def test_classes_and_symbols_agree() -> None:
    """The decoder's characters stand in the network's order."""
    assert SYMBOLS[EMPTY] == "_"
    assert SYMBOLS[REJECT] == "?"
    assert len(SYMBOLS) == CLASSES
