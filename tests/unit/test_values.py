"""Canonical values from text as written."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocr_service.forms.fields import Format
from ocr_service.pipeline.values import typed


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        (Format.TEXT, " 高血圧　 ", "高血圧"),
        (Format.TEXT, "ＡＢ１２", "AB12"),
        (Format.NAME, "山田 花子", "山田\u3000花子"),
        (Format.KANA, "やまだ ハナコ", "ヤマダ\u3000ハナコ"),
        (Format.KANA, "ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ\u3000ハナコ"),
        (Format.ADDRESS, "東京都 千代田区１－２－３", "東京都千代田区1-2-3"),
        (Format.PHONE, "(03) 1234-5678", "0312345678"),
        (Format.DATE, "20210415", "2021-04-15"),
        (Format.DATE, "2021_4_5", "2021-04-05"),
        (Format.DATE, "2021-4-15", "2021-04-15"),
        (Format.DATE, "3-4-15", "2021-04-15"),
        (Format.DATE, "21-4-15", "2021-04-15"),
        (Format.NUMBER, "_65", "65"),
        (Format.NUMBER, "065", "65"),
        (Format.DECIMAL, "365", "36.5"),
        (Format.DECIMAL, "03", "0.3"),
        (Format.INSTITUTION_CODE, "0110113719", "0110113719"),
    ],
)
def test_text_becomes_its_canonical_value(form: Format, text: str, value: str) -> None:
    """Width, spaces, eras and missing zeros are folded; the value is valid."""
    assert typed(text, form) == (value, True)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.DATE, "20210230"),
        (Format.DATE, "2021?415"),
        (Format.DATE, "2021"),
        (Format.NUMBER, "1?2"),
        (Format.NUMBER, "999"),
        (Format.PHONE, "123"),
        (Format.DECIMAL, "3?5"),
        (Format.DECIMAL, "36_"),
        (Format.KANA, "山田"),
    ],
)
def test_nonsense_is_kept_and_called_invalid(form: Format, text: str) -> None:
    """What was read stays visible; it is only not a value."""
    value, valid = typed(text, form)
    assert not valid
    assert value is not None


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("text", ["", "___", " ", "\u3000"])
def test_nothing_written_is_none(form: Format, text: str) -> None:
    """Empty cells and spaces are an empty field, in every format."""
    assert typed(text, form) == (None, True)


@example("0000002200000000", Format.DATE)  # a day with more digits than any calendar has
@given(st.text(max_size=30), st.sampled_from(Format))
def test_typing_is_total(text: str, form: Format) -> None:
    """Any text gives a value or None, never an error."""
    value, _ = typed(text, form)
    assert value is None or isinstance(value, str)


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2035, 12, 31)))
def test_dates_survive_the_round_trip(date: dt.date) -> None:
    """Eight cells of any date give that date."""
    assert typed(date.strftime("%Y%m%d"), Format.DATE) == (date.isoformat(), True)
