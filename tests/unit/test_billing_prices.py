"""What a form costs: golden numbers, gaps and overlaps named, whole yen only."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.billing.classify import Kind, holiday_hint
from ocr_service.billing.money import Rounding, Tax, with_tax, yen
from ocr_service.billing.prices import PriceBook
from ocr_service.billing.tariff import PriceTable, load_tables, parse_table, read_table
from ocr_service.billing.tariff_lint import lint_tables
from ocr_service.domain.errors import PriceTableInvalid
from tests.unit.billing_data import BOOK, DAY, facts

HEAD = """
schema = 1
key = "town"
title = "町の単価"
vaccine = "flu"
first_day = 2026-10-01
last_day = 2027-01-31
"""


def table(*rows: str, head: str = HEAD) -> PriceTable:
    """A table with rows given as ``kind from until net [more]``."""
    text = head
    for row in rows:
        kind, first, last, net, *more = row.split()
        text += f'[[price]]\nkind = "{kind}"\nfrom = {first}\nuntil = {last}\nnet = {net}\n'
        text += "".join(f"{one}\n" for one in more)
    return parse_table(text, name="town.toml")


@pytest.mark.parametrize(
    ("marks", "kind", "gross"),
    [
        # domain 3.1: 2,277 / 1,694 / 726 / 803 / 2,343, and the totals 3,080 and 4,620 printed
        ({}, Kind.VACCINATION, 2277),
        ({}, Kind.INTERVIEW, 1694),
        ({"under_six": True}, Kind.VACCINATION, 2277 + 726),
        ({"after_hours": True}, Kind.VACCINATION, 3080),
        ({"holiday": True}, Kind.VACCINATION, 4620),
        ({"holiday": True, "after_hours": True}, Kind.VACCINATION, 4620),
        ({"holiday": True, "under_six": True}, Kind.INTERVIEW, 1694 + 2343 + 726),
    ],
)
def test_the_national_covid_tariff(marks: dict[str, bool], kind: Kind, gross: int) -> None:
    """Holiday wins over after hours; every item is taxed by itself."""
    priced = BOOK.price(facts(**marks), kind, DAY)
    assert priced is not None
    assert sum(item.gross for item in priced.items) == gross


@pytest.mark.parametrize("day", [dt.date(2021, 2, 16), dt.date(2024, 4, 1)])
def test_outside_its_period_a_tariff_has_no_price(day: dt.date) -> None:
    """The programme ran from 2021-02-17 to 2024-03-31."""
    assert BOOK.price(facts(), Kind.VACCINATION, day) is None


ROUNDINGS = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
}


@given(
    net=st.integers(0, 10**9),
    permille=st.integers(0, 1000),
    rounding=st.sampled_from(list(Rounding)),
)
def test_tax_agrees_with_decimal_arithmetic(net: int, permille: int, rounding: Rounding) -> None:
    """An independent calculation gives the same whole yen."""
    exact = Decimal(net) * (Decimal(1) + Decimal(permille) / Decimal(1000))
    found = with_tax(net, Tax(permille, rounding))
    assert type(found) is int
    assert found == int(exact.quantize(Decimal(1), rounding=ROUNDINGS[rounding]))


def test_amounts_are_written_as_in_japanese_books() -> None:
    """A reversal shows as ▲."""
    assert (yen(1234567), yen(-2277), yen(0)) == ("1,234,567", "▲2,277", "0")


def test_shipped_tables_are_clean_and_examples_are_not_billed_by() -> None:
    """The rubella pattern has invented amounts: it is checked like the others but never used."""
    tables = load_tables()
    assert {t.key: t.example for t in tables} == {
        "covid19-national": False,
        "rubella-example": True,
    }
    assert lint_tables(tables) == ()
    rubella = facts(vaccine="rubella")
    assert PriceBook(tables).price(rubella, Kind.VACCINATION, dt.date(2020, 1, 1)) is None


def test_a_fraction_of_a_yen_is_cut_per_item() -> None:
    """Domain 3.3: 9,347 and 10 % is 10,281.7, billed as 10,281 each."""
    example = next(t for t in load_tables() if t.example)
    book = PriceBook([example.model_copy(update={"example": False})])
    priced = book.price(facts(vaccine="rubella"), Kind.VACCINATION, dt.date(2020, 1, 1))
    assert priced is not None
    assert [item.gross for item in priced.items] == [10281]


def test_rows_that_say_more_win() -> None:
    """Municipality before product; a product is known in any width of its letters."""
    book = PriceBook(
        [
            table(
                "vaccination 2026-10-01 2027-01-31 1000",
                'vaccination 2026-10-01 2027-01-31 1100 product="ﾌﾙA"',
                'vaccination 2026-10-01 2027-01-31 1200 municipality="131016"',
                'vaccination 2026-10-01 2027-01-31 1300 municipality="131016" burden="exempt"',
            )
        ]
    )
    day = dt.date(2026, 11, 1)

    def net(**changes: str) -> int:
        priced = book.price(facts(**{"vaccine": "flu", **changes}), Kind.VACCINATION, day)
        assert priced is not None
        return priced.items[0].net

    assert net(municipality="141003") == 1000
    assert net(municipality="141003", product="フルａ") == 1100
    assert net(product="フルA") == 1200
    assert net(burden="exempt") == 1300


def found(*rows: str) -> list[tuple[str, str]]:
    return [
        (one.code, one.message_en)
        for one in lint_tables([table(*rows, "interview 2026-10-01 2027-01-31 500")])
    ]


def test_gaps_are_named_with_their_days() -> None:
    """At the start, in the middle and at the end."""
    assert found("vaccination 2026-10-05 2026-10-31 1", "vaccination 2026-11-03 2027-01-30 1") == [
        ("price.gap", "kind=vaccination: no price from 2026-10-01 to 2026-10-04"),
        ("price.gap", "kind=vaccination: no price from 2026-11-01 to 2026-11-02"),
        ("price.gap", "kind=vaccination: no price from 2027-01-31 to 2027-01-31"),
    ]


def test_a_general_row_fills_the_gap_of_a_special_one() -> None:
    """A product with a price of its own for a month needs none for the rest."""
    assert (
        found(
            "vaccination 2026-10-01 2027-01-31 1000",
            'vaccination 2026-11-01 2026-11-30 1 product="A"',
        )
        == []
    )


def test_overlaps_are_named_with_their_days() -> None:
    """Inside a table and between two tables of one vaccine."""
    first = "vaccination 2026-10-01 2026-11-30 1"
    assert found(first, "vaccination 2026-11-15 2027-01-31 2") == [
        ("price.overlap", "kind=vaccination: two prices from 2026-11-15 to 2026-11-30")
    ]
    rows = ("vaccination 2026-10-01 2027-01-31 1", "interview 2026-10-01 2027-01-31 1")
    other = table(*rows, head=HEAD.replace('"town"', '"other"'))
    codes = [(one.code, one.message_en) for one in lint_tables([table(*rows), other])]
    assert codes[0] == (
        "price.overlap",
        "kind=vaccination ⇔ other: two prices from 2026-10-01 to 2027-01-31",
    )


def test_a_missing_kind_is_a_warning() -> None:
    """Some municipalities pay nothing for the examination alone; such forms are held."""
    (one,) = lint_tables([table("vaccination 2026-10-01 2027-01-31 1")])
    assert (one.code, one.severity) == ("price.kind_missing", "warning")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("vaccination 2026-10-01 2027-01-31 10.5", r"price\.0\.net"),
        ("vaccination 2026-10-01 2027-01-31 -1", r"price\.0\.net"),
        ("vaccination 2026-12-01 2026-11-30 1", "lies before"),
        ("shot 2026-10-01 2027-01-31 1", r"price\.0\.kind"),
        ('vaccination 2026-10-01 2027-01-31 1 municipality="13"', r"price\.0\.municipality"),
        ("vaccination 2026-10-01 2027-01-31 1 colour=1", r"price\.0\.colour"),
    ],
)
def test_a_broken_row_is_named(row: str, said: str) -> None:
    """File, entry and what is wrong; amounts are whole yen."""
    with pytest.raises(PriceTableInvalid, match=f"town.toml.*{said}"):
        table(row)


def test_rows_may_stand_in_a_csv_file_beside(tmp_path: Path) -> None:
    """A broken line is named by its number; a file that is not there, by its name."""
    (tmp_path / "t.toml").write_text(HEAD + 'csv = "t.csv"\n', "utf-8")
    with pytest.raises(PriceTableInvalid, match=r"no t\.csv"):
        read_table(tmp_path / "t.toml")
    head = "municipality,from,until,kind,net\n"
    (tmp_path / "t.csv").write_text(head + "131016,2026-10-01,2027-01-31,vaccination,x\n", "utf-8")
    with pytest.raises(PriceTableInvalid, match="line 2"):
        read_table(tmp_path / "t.toml")
    (tmp_path / "t.csv").write_text(head.replace("net", "price"), "utf-8")
    with pytest.raises(PriceTableInvalid, match="unknown column of its CSV file: price"):
        read_table(tmp_path / "t.toml")
    (tmp_path / "t.csv").write_text(
        head + "131016,2026-10-01,2027-01-31,vaccination,5\n", "utf-8-sig"
    )
    assert [row.net for row in read_table(tmp_path / "t.toml").price] == [5]


def test_holidays_are_a_hint() -> None:
    """Sundays, Saturdays and national holidays; nothing for a working day."""
    days = (dt.date(2021, 9, 23), dt.date(2021, 9, 26), dt.date(2021, 9, 25), DAY)
    assert [holiday_hint(day) for day in days] == ["秋分の日", "日曜日", "土曜日", None]
