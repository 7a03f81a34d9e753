"""Check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.codes import institution_code_valid, luhn_valid, municipality_code_valid

REAL_INSTITUTIONS = ["0110113719", "1110304758", "1310121996", "2710103462", "4010210153"]
REAL_MUNICIPALITIES = ["011002", "131016", "141003", "271004", "401307", "472018"]
number = st.text("0123456789", min_size=1, max_size=12)


def with_luhn(body: str) -> str:
    return next(body + d for d in "0123456789" if luhn_valid(body + d))


@pytest.mark.parametrize("code", REAL_INSTITUTIONS)
def test_published_institution_codes_pass(code: str) -> None:
    """Codes of five prefectures, two of them with the short check digit."""
    assert institution_code_valid(code)


@pytest.mark.parametrize("code", REAL_MUNICIPALITIES)
def test_published_municipality_codes_pass(code: str) -> None:
    """Codes of six cities."""
    assert municipality_code_valid(code)


@given(number)
def test_every_body_has_exactly_one_luhn_digit(body: str) -> None:
    """Appending a digit makes one of ten valid."""
    assert sum(luhn_valid(body + d) for d in "0123456789") == 1


@given(number, st.integers(0, 12), st.integers(1, 9))
def test_luhn_catches_any_single_misread_digit(body: str, place: int, step: int) -> None:
    """Changing one digit breaks the check."""
    code = with_luhn(body)
    place %= len(code)
    misread = str((int(code[place]) + step) % 10)
    assert not luhn_valid(code[:place] + misread + code[place + 1 :])


@given(st.sampled_from([11, 12, 13, 14]), st.text("0123456789", min_size=6, max_size=6))
def test_four_prefectures_check_the_last_seven_digits(prefecture: int, body: str) -> None:
    """Whatever the point table says."""
    own = with_luhn(body)
    assert institution_code_valid(f"{prefecture}1{own}")
    assert institution_code_valid(f"{prefecture}3{own}")


@given(
    st.integers(1, 47).filter(lambda p: p not in {11, 12, 13, 14}),
    st.text("0123456789", min_size=6, max_size=6),
)
def test_elsewhere_either_point_table_may_have_given_the_check_digit(
    prefecture: int, body: str
) -> None:
    """A medical code may carry the check digit of its dental twin."""
    dental = with_luhn(f"{prefecture:02}3{body}")
    assert institution_code_valid(dental)
    assert institution_code_valid(dental[:2] + "1" + dental[3:])


@pytest.mark.parametrize(
    "code",
    [
        "",
        "0110113718",  # check digit
        "1110304757",  # short check digit
        "0010113719",  # no such prefecture
        "4810113719",
        "0140113719",  # a pharmacy
        "011011371",
        "01101137190",
        "01101137_9",
        "０110113719",
    ],
)
def test_other_texts_are_no_institution_codes(code: str) -> None:
    """Wrong digit, length, prefecture, table or character."""
    assert not institution_code_valid(code)


@pytest.mark.parametrize(
    "code", ["", "011003", "000001", "480002", "01100", "0110020", "01100?", "０11002"]
)
def test_other_texts_are_no_municipality_codes(code: str) -> None:
    """Wrong digit, length, prefecture or character."""
    assert not municipality_code_valid(code)


def test_luhn_of_nothing_is_false() -> None:
    """No digits, no check digit."""
    assert not luhn_valid("")
    assert not luhn_valid("１2")
