"""Cells: what an encoding lacks is named, what a spreadsheet would run is disarmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.exporters.csv_cells import GETA, encodable, guarded
from ocr_service.exporters.national_id import holds_national_id, is_national_id
from ocr_service.exporters.profile_characters import CharacterFitter, name_character
from ocr_service.exporters.profile_model import Characters, Encoding

HOLD = Characters(missing="hold")
GETA_FOR_ALL = Characters(missing="replace", fallback=GETA)


def cp932(rules: Characters = HOLD) -> CharacterFitter:
    return CharacterFitter(Encoding.CP932, rules)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_formulas_are_disarmed(start: str) -> None:
    """A cell that a spreadsheet would run gets an apostrophe."""
    assert guarded(start + "1+1") == "'" + start + "1+1"
    assert guarded("1" + start) == "1" + start


@pytest.mark.parametrize(
    ("wanted", "twin"),
    [
        ("～", "〜"),
        ("∥", "‖"),
        ("－", "−"),
        ("￠", "¢"),
        ("￡", "£"),
        ("￢", "¬"),
        ("―", "—"),
        ("￥", "¥"),
    ],
)
def test_signs_with_two_code_points_go_out_as_windows_writes_them(wanted: str, twin: str) -> None:
    """Shift_JIS tables and CP932 disagree on these; neither is lost."""
    for sign in (wanted, twin):
        fitted = cp932().fit(f"1{sign}2")
        assert (fitted.text, fitted.missing) == (f"1{wanted}2", ())
        assert fitted.text.encode("cp932").decode("cp932") == fitted.text


@pytest.mark.parametrize("text", ["①Ⅲ㈱№", "髙橋", "山﨑", "德永", "ゑヴ", "ｶﾅ"])
def test_what_only_plain_shift_jis_lacks_is_there(text: str) -> None:
    """NEC's and IBM's additions are part of CP932."""
    assert cp932().fit(text).missing == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("𠮷田", ("𠮷",)),
        ("葛\U000e0100城", ("\U000e0100",)),
        ("森鷗外", ("鷗",)),
        ("あ\ue000い", ("\ue000",)),
        ("a\xa0b", ("\xa0",)),
        ("剝がす塡補", ("剝", "塡")),
    ],
)
def test_what_cp932_lacks_is_named(text: str, missing: tuple[str, ...]) -> None:
    """Among it variation selectors and the private use area, which Python would let through."""
    assert cp932().fit(text).missing == missing


def test_gaiji_pass_where_the_profile_says_so() -> None:
    """The receiving system made them, it knows what they mean."""
    rules = Characters(missing="hold", private_use=True)
    fitted = cp932(rules).fit("\ue000")
    assert fitted.missing == ()
    assert fitted.text.encode("cp932") == b"\xf0\x40"


def test_the_table_stands_in_and_is_reported() -> None:
    """What no table replaces stays missing."""
    rules = Characters(missing="replace", table={"𠮷": "吉"})
    fitted = cp932(rules).fit("𠮷野家の鷗")
    assert (fitted.text, fitted.replaced, fitted.missing) == (
        "吉野家の鷗",
        (("𠮷", "吉"),),
        ("鷗",),
    )
    assert name_character("𠮷") == "𠮷 (U+20BB7)"


@given(st.text(max_size=20))
def test_with_a_fallback_everything_can_be_written(text: str) -> None:
    """And comes back as it was written."""
    fitted = cp932(GETA_FOR_ALL).fit(text)
    assert fitted.missing == ()
    assert fitted.text.encode("cp932").decode("cp932") == fitted.text


def test_code_page_932_carries_back_what_it_took() -> None:
    """Every character is either missing or read back as it was put in."""
    fitter = cp932()
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        fitted = fitter.fit(chr(code))
        assert fitted.missing or fitted.text.encode("cp932").decode("cp932") == fitted.text


@given(st.text(max_size=20), st.sampled_from(["cp932", "utf-8-sig"]))
def test_lost_characters_are_counted(text: str, encoding: str) -> None:
    """What stands in the file can be written, and each geta that was not there is counted."""
    kept, lost = encodable(text, encoding)
    kept.encode(encoding)
    assert kept.count(GETA) - text.count(GETA) == lost


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_utf8_changes_nothing(text: str) -> None:
    """Every real character survives."""
    assert CharacterFitter(Encoding.UTF_8_SIG, HOLD).fit(text).text == text


def test_half_a_surrogate_pair_is_missing_everywhere() -> None:
    """No encoding can carry it."""
    assert CharacterFitter(Encoding.UTF_8, HOLD).fit("\ud83d").missing == ("\ud83d",)


@pytest.mark.parametrize(
    "text",
    ["123456789018", "番号 1234-5678-9018。", "１２３４　５６７８　９０１８", "1234ー5678ー9018"],
)
def test_national_identity_numbers_are_found(text: str) -> None:
    """Whatever width, and with a sign between each four digits."""
    assert holds_national_id(text)


@pytest.mark.parametrize(
    "text",
    ["123456789012", "22131016123456789018", "09012345678", "2026-11-26 1234", "", "1234567890189"],
)
def test_other_numbers_are_not(text: str) -> None:
    """Wrong check digit, or part of a longer number."""
    assert not holds_national_id(text)


@given(st.integers(min_value=0, max_value=10**11 - 1))
def test_each_eleven_digits_have_one_check_digit(number: int) -> None:
    """Of the ten endings exactly one is a national identity number."""
    valid = [last for last in range(10) if is_national_id(f"{number:011}{last}")]
    assert len(valid) == 1
