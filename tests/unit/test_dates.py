"""Dates and ages."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.dates import (
    ERAS,
    Era,
    EraDate,
    age_on,
    date_of_digits,
    date_of_era,
    era_of,
    legal_age,
    parse_era_date,
)

any_date = st.dates(dt.date(1868, 1, 25), dt.date(2100, 12, 31))


@given(any_date)
def test_eight_digits_round_trip(date: dt.date) -> None:
    """Every date is read back from its digits."""
    assert date_of_digits(date.strftime("%Y%m%d")) == date


@pytest.mark.parametrize(
    "text",
    ["20210230", "20211301", "20210100", "2021011", "202101011", "2021__01", "", "２0210101"],
)
def test_digits_that_name_no_day_give_nothing(text: str) -> None:
    """No such day, month or length."""
    assert date_of_digits(text) is None


@given(any_date)
def test_era_and_calendar_agree(date: dt.date) -> None:
    """To the era and back is the same, exact day."""
    found = era_of(date)
    assert found is not None
    era, year = found
    assert date_of_era(era, year, date.month, date.day) == EraDate(date, exact=True)


def test_eras_follow_each_other_without_gap() -> None:
    """Each begins on the day after the one before ends."""
    spans = list(ERAS.values())
    for before, after in itertools.pairwise(spans):
        assert before.last + dt.timedelta(days=1) == after.first


@pytest.mark.parametrize(
    ("era", "year", "month", "day", "expected", "exact"),
    [
        (Era.TAISHO, 15, 12, 24, "1926-12-24", True),
        (Era.TAISHO, 15, 12, 25, "1926-12-25", False),
        (Era.SHOWA, 64, 1, 7, "1989-01-07", True),
        (Era.SHOWA, 64, 3, 1, "1989-03-01", False),
        (Era.HEISEI, 1, 1, 1, "1989-01-01", False),
        (Era.HEISEI, 31, 5, 1, "2019-05-01", False),
        (Era.REIWA, 1, 5, 1, "2019-05-01", True),
        (Era.MEIJI, 45, 7, 30, "1912-07-30", False),
    ],
)
def test_days_around_a_change_of_era_are_tolerated(
    era: Era, year: int, month: int, day: int, expected: str, *, exact: bool
) -> None:
    """In the calendar year of the change both names are used."""
    found = date_of_era(era, year, month, day)
    assert found == EraDate(dt.date.fromisoformat(expected), exact=exact)


@pytest.mark.parametrize(
    ("era", "year", "month", "day"),
    [
        (Era.SHOWA, 65, 1, 1),
        (Era.HEISEI, 32, 1, 1),
        (Era.SHOWA, 0, 1, 1),
        (Era.SHOWA, 39, 2, 30),
        (Era.REIWA, 9000, 1, 1),
    ],
)
def test_years_an_era_never_had_give_nothing(era: Era, year: int, month: int, day: int) -> None:
    """Past the era's end, year zero, no such day, past the calendar."""
    assert date_of_era(era, year, month, day) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昭和39年10月10日", "1964-10-10"),
        ("令和元年5月1日", "2019-05-01"),
        ("S39.10.10", "1964-10-10"),
        ("ｈ１／１／８", "1989-01-08"),
        (" 大 15年 1月 2日 ", "1926-01-02"),
        ("R3-06-21", "2021-06-21"),
    ],
)
def test_era_dates_are_read_as_people_write_them(text: str, expected: str) -> None:
    """Full names, letters, first year, full width."""
    found = parse_era_date(text)
    assert found is not None
    assert found.date.isoformat() == expected


@pytest.mark.parametrize("text", ["", "昭和", "39.10.10", "X39.10.10", "昭和39年10月", "S39.13.10"])
def test_other_texts_are_no_era_dates(text: str) -> None:
    """Something is missing or impossible."""
    assert parse_era_date(text) is None


def test_there_is_no_era_before_meiji() -> None:
    """The table begins in 1868."""
    assert era_of(dt.date(1868, 1, 24)) is None


def test_the_law_counts_a_year_on_the_day_before_the_birthday() -> None:
    """65 on 1 April is 65 by law on 31 March."""
    birth = dt.date(1956, 4, 1)
    assert (legal_age(birth, dt.date(2021, 3, 31)), age_on(birth, dt.date(2021, 3, 31))) == (65, 64)
    assert legal_age(birth, dt.date(2021, 3, 30)) == 64


def test_a_leap_day_birthday_counts_legally_on_28_february() -> None:
    """Every year, leap or not."""
    birth = dt.date(2000, 2, 29)
    for year in (2004, 2021):
        assert legal_age(birth, dt.date(year, 2, 28)) == year - 2000
        assert legal_age(birth, dt.date(year, 2, 27)) == year - 2001
    assert age_on(birth, dt.date(2021, 2, 28)) == 20
    assert age_on(birth, dt.date(2021, 3, 1)) == 21


@given(any_date, st.integers(0, 45_000))
def test_legal_age_is_the_age_or_one_more(birth: dt.date, days: int) -> None:
    """They differ on one day a year."""
    on = birth + dt.timedelta(days=days)
    assert legal_age(birth, on) - age_on(birth, on) in (0, 1)


@pytest.mark.parametrize("count", [age_on, legal_age])
def test_there_is_no_age_before_birth(count: Callable[[dt.date, dt.date], int]) -> None:
    """Asking for one is an error of the caller."""
    with pytest.raises(ValueError, match="before being born"):
        count(dt.date(2021, 1, 2), dt.date(2021, 1, 1))
