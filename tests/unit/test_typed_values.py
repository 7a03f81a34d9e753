"""What people type, in whatever width or script, and what is kept of it."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocr_service.domain import folding
from ocr_service.domain.dates import ERAS, Era, era_of
from ocr_service.domain.typed_dates import typed_date
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service.review.typing_values import MAX_TEXT, Refusal, UnfitValue, typed_value

TODAY = dt.date(2026, 11, 26)
FORM = load_library(shipped_folder()).get("mhlw-covid19").template
_NAMES = {Era.MEIJI: "明治", Era.TAISHO: "大正", Era.SHOWA: "昭和", Era.HEISEI: "平成"}
_NAMES[Era.REIWA] = "令和"

days = st.dates(dt.date(1868, 1, 25), TODAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("450312", "1970-03-12"),
        ("S45.3.12", "1970-03-12"),
        ("ｓ４５．３．１２", "1970-03-12"),
        ("昭和45年3月12日", "1970-03-12"),
        ("3450312", "1970-03-12"),
        ("S450312", "1970-03-12"),
        ("19700312", "1970-03-12"),
        ("1970/3/12", "1970-03-12"),
        ("1970年3月12日", "1970-03-12"),
        ("030731", "2021-07-31"),
        ("210731", "2021-07-31"),
        ("R1.5.1", "2019-05-01"),
        ("令和元年5月1日", "2019-05-01"),
    ],
)
def test_dates_are_understood_as_typed(text: str, day: str) -> None:
    """Era letter, era digit, era name, two or four digits of the year."""
    assert typed_date(text, today=TODAY) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "45", "S45", "19701332", "S99.1.1", "明日", "9450312"])
def test_what_is_no_date_is_none(text: str) -> None:
    """Rather than something near it."""
    assert typed_date(text, today=TODAY) is None


@given(days)
def test_every_way_of_writing_a_day_gives_that_day(day: dt.date) -> None:
    """Western and by era; in full width as well."""
    named = era_of(day)
    assert named is not None
    era, year = named
    rest = f"{day.month:02}{day.day:02}"
    ways = [
        f"{day:%Y%m%d}",
        day.isoformat(),
        f"{era.value}{year}.{day.month}.{day.day}",
        f"{era.value}{year:02}{rest}",
        f"{list(Era).index(era) + 1}{year:02}{rest}",
        f"{_NAMES[era]}{year}年{day.month}月{day.day}日",
    ]
    wide = {
        way: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in way) for way in ways
    }
    for way in ways:
        assert typed_date(way, today=TODAY) == day
        assert typed_date(wide[way], today=TODAY) == day


@given(days)
def test_a_short_year_is_never_read_into_the_future(day: dt.date) -> None:
    """And the era that the form prints is taken at its word."""
    found = typed_date(f"{day:%y%m%d}", today=TODAY)
    assert found is None or found <= TODAY
    named = era_of(day)
    assert named is not None
    short = f"{named[1]:02}{day:%m%d}"
    assert typed_date(short, today=TODAY, era=named[0]) == day
    assert ERAS[named[0]].first <= day


@example("A´")
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    """Every fold is its own end."""
    for fold in (
        folding.narrow,
        folding.digits_only,
        folding.katakana,
        folding.spaced_name,
        folding.address,
        folding.one_line,
    ):
        once = fold(text)
        assert fold(once) == once


@given(st.text("あいうえおかがきぎゃゅょっんー", min_size=1, max_size=12))
def test_kana_come_out_the_same_from_every_script(text: str) -> None:
    """Hiragana, full-width and half-width katakana."""
    full = folding.katakana(text)
    assert all("ァ" <= c <= "ー" for c in full)
    assert folding.katakana(full) == full


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("name_kana", "ｻｸﾗｷﾞ ｷﾖ", "サクラギ　キヨ"),
        ("name", "渡邉  ﾊﾅ", "渡邉　ハナ"),
        ("phone", "０９０-1234（５６７８）", "09012345678"),
        ("age", "０４０", "40"),
        ("body_temperature", "365", "36.5"),
        ("body_temperature", "３６．５", "36.5"),
        ("body_temperature", "36度5分", "36.5"),
        ("body_temperature", "37", "37.0"),
        ("dose_ml", "03", "0.3"),
        ("address", "千代田区 １ー２−３", "千代田区1-2-3"),
        ("institution_code", "1312345678", "1312345678"),
        ("lot_number", "ＦＦ１２３４", "FF1234"),
        ("voucher_number", "００ 12345678", "0012345678"),
        ("q6_detail", "せき\n  と熱\x00", "せき と熱"),
        ("name", "   ", None),
        ("q4_groups", [], None),
    ],
)
def test_text_is_kept_as_its_format_wants_it(
    key: str, typed: str | list[str], kept: str | None
) -> None:
    """By the code that keeps it, whoever typed it."""
    assert typed_value(FORM.field_of(key), typed, today=TODAY) == kept


@pytest.mark.parametrize(
    ("key", "typed", "refusal"),
    [
        ("name", "あ" * (MAX_TEXT + 1), Refusal.LONG),
        ("name", True, Refusal.TEXT),
        ("name", "\ud800", Refusal.CHARACTERS),
        ("phone", "0x90", Refusal.DIGITS),
        ("birth_date", "きのう", Refusal.DATE),
        ("body_temperature", "高い", Refusal.DECIMAL),
        ("sex", "both", Refusal.OPTION),
        ("sex", ["male"], Refusal.OPTION),
        ("q4_groups", "somebody", Refusal.OPTIONS),
        ("under_six", "yes", Refusal.FLAG),
    ],
)
def test_what_a_field_cannot_hold_is_refused_with_a_reason(
    key: str, typed: str | list[str], refusal: Refusal
) -> None:
    """The message never quotes it."""
    with pytest.raises(UnfitValue) as caught:
        typed_value(FORM.field_of(key), typed, today=TODAY)
    assert caught.value.refusal is refusal
    assert not isinstance(typed, str) or typed not in str(caught.value)


@given(st.sampled_from(list(FORM.record_keys)), st.text(max_size=60))
def test_any_text_is_kept_or_refused(key: str, text: str) -> None:
    """And what is kept is kept as it is when it comes again."""
    spec = FORM.field_of(key)
    try:
        value = typed_value(spec, text, today=TODAY)
    except UnfitValue:
        return
    if isinstance(value, str):
        assert typed_value(spec, value, today=TODAY) == value
        assert not any(unicodedata.category(c) == "Cs" for c in value)
