"""Operators' lists are read whatever stands above them; what is wrong is told by line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.masters.importing.institutions import COLUMNS
from ocr_service.masters.importing.model import (
    FileFacts,
    MasterFileInvalid,
    MasterKind,
    ProblemCode,
)
from ocr_service.masters.importing.registry import KINDS, read_master
from ocr_service.masters.importing.table import ReadLine
from ocr_service.masters.importing.values import parsed_date
from ocr_service.masters.person_keys import kana_sound, name_key, person_key

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "masters"

BUREAU = """コード内容別医療機関一覧表,,,,
［埼玉県］ 令和8年10月1日現在,,,,
項番,医療機関番号,医療機関名称,医療機関所在地,電話番号
1,"03,0475,8",あおぞら医院,"〒330-0001
さいたま市架空1-2",048-000-0000 (医科)
,,,,内 1
項番,医療機関番号,医療機関名称,医療機関所在地,電話番号
2,03.0475.9,だめ医院,さいたま市,
3,0304758,また同じ医院,さいたま市,
"""


def read(kind: MasterKind, data: bytes, told: FileFacts | None = None) -> list[ReadLine]:
    _sheet, lines = read_master(io.BytesIO(data), KINDS[kind], told or FileFacts())
    return list(lines)


def codes(line: ReadLine) -> list[tuple[str, ProblemCode]]:
    return [(problem.column, problem.code) for problem in line.problems]


def table(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(rows).encode(encoding)


RESIDENT_HEAD = "市町村コード,券番号,氏名,フリガナ,生年月日,住所"
RESIDENT = "131016,0000000011,渡邉　見本,ﾜﾀﾅﾍﾞ ﾐﾎﾝ,S25.4.1,東京都千代田区架空1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_bureau_list_is_read_in_every_encoding(encoding: str) -> None:
    """Titles, continued lines and repeated headers are passed over; ten digits are put together."""
    first, second, third = read(MasterKind.INSTITUTIONS, BUREAU.encode(encoding))
    assert first.row is not None
    assert first.row.key == ("1110304758",)
    assert first.row.data == {
        "name": "あおぞら医院",
        "address": "さいたま市架空1-2",
        "phone": "0480000000",
    }
    assert first.number == 4
    assert codes(second) == [("医療機関番号", ProblemCode.CHECK_DIGIT)]
    assert second.number == 8
    assert third.row is not None


@pytest.mark.parametrize(
    ("code", "prefecture", "is_valid"),
    [
        ("0113719", "01", True),
        ("0304758", "11", True),
        ("0121996", "13", True),
        ("0103462", "27", True),
        ("0210153", "40", True),
        ("0113718", "01", False),
        ("0113719", "02", False),
    ],
)
def test_published_codes_pass_and_others_do_not(
    code: str, prefecture: str, *, is_valid: bool
) -> None:
    """The four prefectures with a shorter check included (domain: 医療機関コード)."""
    data = table("医療機関番号,医療機関名称,都道府県コード", f"{code},見本,{prefecture}")
    (line,) = read(MasterKind.INSTITUTIONS, data)
    assert (line.row is not None) is is_valid


def test_every_sheet_of_a_workbook_has_its_own_prefecture() -> None:
    """Numbers that a spreadsheet shortened get their zeros back."""
    book = openpyxl.Workbook()
    for sheet, (prefecture, code) in zip(
        (book.active, book.create_sheet()),
        (("北海道", 113719), ("都道府県：大阪", "01-0346-2")),
        strict=True,
    ):
        sheet.append([prefecture])
        sheet.append(["項番", "医療機関\n番号", "医療機関名", "所在地"])
        sheet.append([1, code, "見本", "〒000-0000\n架空"])
    out = io.BytesIO()
    book.save(out)
    found = [line.row for line in read(MasterKind.INSTITUTIONS, out.getvalue())]
    assert [row.key[0] for row in found if row] == ["0110113719", "2710103462"]


def test_prefecture_that_nobody_tells_is_asked_for() -> None:
    """Seven digits alone are no code."""
    data = table("医療機関番号,医療機関名称", "0113719,見本")
    (line,) = read(MasterKind.INSTITUTIONS, data)
    assert codes(line) == [("prefecture", ProblemCode.MISSING)]
    (line,) = read(MasterKind.INSTITUTIONS, data, FileFacts(prefecture="01"))
    assert line.row is not None


@pytest.mark.parametrize("kind", MasterKind)
def test_shipped_examples_have_no_fault(kind: MasterKind) -> None:
    """What the documentation shows can be imported as it is."""
    lines = read(kind, (EXAMPLES / f"{kind}.csv").read_bytes())
    assert lines
    assert [codes(line) for line in lines if line.problems] == []


@pytest.mark.parametrize("kind", MasterKind)
def test_wrong_columns_are_named(kind: MasterKind) -> None:
    """A file of something else is refused as a whole, with the columns it lacks."""
    with pytest.raises(MasterFileInvalid, match=KINDS[kind].columns[0].headers[0]):
        read(kind, table("品名,価格", "りんご,100"))


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("131016,0000000000011,渡邉,ワタナベ,1950-04-01,架空", "券番号", ProblemCode.BAD_DIGITS),
        ("131016,11,渡邉,ワタナベ,1950-04-01,架空", "券番号", ProblemCode.BAD_DIGITS),
        (
            "131017,0000000011,渡邉,ワタナベ,1950-04-01,架空",
            "市町村コード",
            ProblemCode.CHECK_DIGIT,
        ),
        ("139998,0000000011,渡邉,ワタナベ,1950-04-01,架空", "市町村コード", ProblemCode.UNKNOWN),
        ("131016,0000000011,渡邉,ワタナベ,1950-02-30,架空", "生年月日", ProblemCode.BAD_DATE),
        ("131016,0000000011,渡邉,ワタナベ,昭和64年12月1日,架空", "生年月日", ProblemCode.BAD_DATE),
        ("131016,0000000011,,ワタナベ,1950-04-01,架空", "氏名", ProblemCode.MISSING),
    ],
)
def test_what_is_wrong_with_a_resident_is_told_by_column(
    line: str, column: str, code: ProblemCode
) -> None:
    """Line and column, never what stands there."""
    (found,) = read(MasterKind.RESIDENTS, table(RESIDENT_HEAD, line))
    assert found.row is None
    assert (column, code) in codes(found)
    assert "渡邉" not in str(found.problems)


def test_characters_of_the_operators_own_are_kept_and_noted() -> None:
    """外字 of Shift_JIS come through; bytes that are no characters are rejected."""
    own = RESIDENT.replace("邉", "\ue000").encode("cp932")
    broken = RESIDENT.encode("cp932").replace("見本".encode("cp932"), b"\xfd\xfe")
    data = b"\n".join([RESIDENT_HEAD.encode("cp932"), own, broken])
    kept, lost = read(MasterKind.RESIDENTS, data)
    assert kept.row is not None
    assert kept.row.data["name"] == "渡\ue000　見本"
    assert codes(kept) == [("氏名", ProblemCode.GAIJI)]
    assert lost.row is None
    assert ("氏名", ProblemCode.UNREADABLE) in codes(lost)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 100, id="old excel"),
        pytest.param(b"PK\x03\x04broken", id="broken workbook"),
        pytest.param(b'a,b\n"never closed,' + b"x" * 40_000, id="open quotation"),
    ],
)
def test_files_that_are_no_list_are_refused(data: bytes) -> None:
    """With a message for the operator, not an error of some library."""
    with pytest.raises(MasterFileInvalid):
        read(MasterKind.LOTS, data)


@pytest.mark.parametrize(
    ("pattern", "is_taken"),
    [
        (r"[A-Z]{2}\d{4}", True),
        (r"\d{7}|\d{6}[A-Z]", True),
        (r"(a+)+$", False),
        (r".*", False),
        (r"[Z-A]", False),
    ],
)
def test_only_plain_lot_patterns_are_taken(pattern: str, *, is_taken: bool) -> None:
    """A pattern is run on whatever was read, so none may take long."""
    data = table("製品名,ロット書式", f"見本,{pattern}")
    (line,) = read(MasterKind.VACCINES, data)
    assert (line.row is not None) is is_taken


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_dates_are_read_in_every_spelling(day: dt.date) -> None:
    """Western with any separator, compact, spreadsheet."""
    for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}"):
        assert parsed_date(text) == day
    assert parsed_date(f"{day.year}年{day.month}月{day.day}日") == day


@given(st.text(max_size=12))
def test_what_is_no_date_is_none(text: str) -> None:
    """Never an error."""
    assert parsed_date(text) is None or isinstance(parsed_date(text), dt.date)


_CELL = st.text(
    st.characters(
        codec="cp932", exclude_categories=("Cc", "Cs", "Co"), exclude_characters="¢£¬‖−〜"
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: bool(text.strip()) and "名" not in text)


@given(st.lists(_CELL, min_size=1, max_size=8), st.sampled_from(["utf-8", "utf-8-sig", "cp932"]))
def test_written_institutions_come_back(names: list[str], encoding: str) -> None:
    """A CSV in any encoding gives the names that were put in."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.headers[0] for column in COLUMNS[:2]])
    writer.writerows([["0110113719", name] for name in names])
    lines = read(MasterKind.INSTITUTIONS, out.getvalue().encode(encoding))
    assert len(lines) == len(names)
    assert all(line.row is not None and line.row.data["name"] for line in lines)


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    """Nothing but the one named error."""
    for kind in MasterKind:
        try:
            read(kind, data)
        except MasterFileInvalid:
            continue


def test_one_person_in_two_spellings_is_one() -> None:
    """Widths, spaces, variant kanji and small kana do not tell people apart."""
    assert name_key("渡邉　花子") == name_key("渡辺 花子")
    assert kana_sound("ﾜﾀﾅﾍﾞ ﾋｮｳｺﾞ") == kana_sound("ワタナベ　ヒヨウゴ")
    assert person_key("", "1950-04-01") == ()
