"""Profiles: the language of sources, cells, lint, and the check of samples."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.field import Value
from ocr_service.exporters.profile_check import check_file
from ocr_service.exporters.profile_compile import compile_source, keys_of
from ocr_service.exporters.profile_entry import CellFault
from ocr_service.exporters.profile_expression import ExpressionError, parse_expression
from ocr_service.exporters.profile_functions import text_of
from ocr_service.exporters.profile_library import (
    MAX_PROFILE_BYTES,
    LoadedProfile,
    ProfileError,
    load_profile,
    parse_profile,
)
from ocr_service.exporters.profile_lint import lint_profile
from ocr_service.exporters.profile_model import Profile
from ocr_service.exporters.profile_rows import MadeRows, RowMaker
from tests.unit.export_people import COVID, LIBRARY, PERSON, PROFILES, entry, form_of

ROOT = Path(__file__).resolve().parents[2]
CODES = {"sex": {"male": "1", "female": "2"}, "any": {"*": "9"}}
HEAD = """schema_version = 1
name = "own"
version = "1"
title = { ja = "自", en = "own" }
"""
ONE = HEAD + '[[columns]]\nheader = "氏名"\nsource = "name"\n'


def said(source: str) -> str:
    """What a source writes."""
    return text_of(compile_source(source, CODES)(entry()))


def own(text: str) -> LoadedProfile:
    return parse_profile(text, origin="own")


def made(text: str, values: dict[str, Value] | None = None) -> MadeRows:
    """The rows of one record."""
    maker = RowMaker(own(text).profile, COVID, form_of)
    return maker.make(entry({**PERSON, **(values or {})}))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("name", "見本　花子"),
        ('"1"', "1"),
        ("007", "007"),
        ("@batch_name", "十一月"),
        ('"a\\"b\\\\"', 'a"b\\'),
        ("family(name)", "見本"),
        ("name | given", "花子"),
        ("name_kana | given | narrow", "ﾊﾅｺ"),
        ('"ｶﾅ1" | wide', "カナ１"),
        ('birth_date | date("YYYYMMDD")', "19500401"),
        ('birth_date | date("YY/M/D")', "50/4/1"),
        ('birth_date | era("EEEY年M月D日")', "昭和25年4月1日"),
        ('birth_date | era("EYYMMDD")', "S250401"),
        ('birth_date | era("NYYMMDD")', "3250401"),
        ('first(age, "x")', "71"),
        ('first(vaccine_code, "", "x")', "x"),
        ('concat(name, "#", age)', "見本　花子#71"),
        ('join("-", voucher_municipality_code, vaccine_code, voucher_number)', "131016-0000000123"),
        ("substring(voucher_number, 8, 3)", "123"),
        ("substring(voucher_number, 8)", "123"),
        ('digits("０３-(1)")', "031"),
        ("pad(age, 5)", "00071"),
        ('pad(age, 5, " ")', "   71"),
        ('pad("", 5)', ""),
        ('map(sex, "sex")', "2"),
        ('map(age, "any")', "9"),
        ('replace(address, "東京都", "")', "千代田区見本町1－2－3"),
        ('has(q4_groups, "age65")', "1"),
        ('has(q4_groups, "care_worker")', "0"),
        ('has(sex, "female")', "1"),
        ('when(judgement, "ok", "接種", "予診")', "接種"),
        ('when(judgement, "defer", "予診")', ""),
        ("age(birth_date, vaccination_date)", "71"),
        ("doctor_signature", "1"),
        ("under_six", "0"),
        ("q4_groups", "age65;underlying"),
        ("age(vaccine_code, birth_date)", ""),
        ('date(vaccine_code, "YYYY")', ""),
        ('era(vaccine_code, "E")', ""),
    ],
)
def test_a_source_says(source: str, wanted: str) -> None:
    """Names, facts, constants, calls, and what is handed through them."""
    assert said(source) == wanted


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('date(name, "YYYY")', "value.not_a_date"),
        ('map(name, "sex")', "value.no_code"),
        ('era("1850-01-01", "E")', "value.no_era"),
        ('pad(age, "x")', "value.not_a_number"),
        ("age(vaccination_date, birth_date)", "value.not_an_age"),
    ],
)
def test_a_value_that_cannot_be_written_is_a_finding(source: str, code: str) -> None:
    """It never stands in the file as something else."""
    with pytest.raises(CellFault) as raised:
        said(source)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "should stand here"),
        ("name name", "should end here"),
        ("name |", "should follow"),
        ("concat(name", "missing"),
        ("nothing(name)", "no function nothing"),
        ("family(name, age)", "takes 1 to 1"),
        ('map(sex, "none")', "no code table none"),
        ("map(sex, name)", "as a constant"),
        ("name ; drop", "means nothing"),
        ("__import__", "means nothing"),
        ("(" * 3, "should stand here"),
        ("first(" * 20 + "name" + ")" * 20, "in each other"),
    ],
)
def test_a_source_that_is_none_says_where(source: str, message: str) -> None:
    """Nothing is ever executed."""
    with pytest.raises(ExpressionError, match=message):
        compile_source(source, CODES)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """With a named error, never another one."""
    with suppress(ExpressionError):
        parse_expression(text)


def test_the_keys_of_a_source_are_known() -> None:
    """So that an export asks the database for these alone."""
    assert keys_of('first(a, b | date("YYYY")) | pad(3)') == {"a", "b"}


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("required = true", None, "value.missing"),
        ("width = 3", "四文字だ", "value.too_long"),
        ('width = 3\nunit = "bytes"', "あい", "value.too_long"),
        ('type = "digits"', "１２", "value.not_digits"),
        ('type = "number"', "1e3", "value.not_number"),
        ('type = "date"', "2021-02-30", "value.not_date"),
        ('type = "date"', "なし", "value.not_date"),
        ('type = "flag"', "yes", "value.not_flag"),
    ],
)
def test_a_cell_that_breaks_its_column_holds_the_record(
    column: str, value: str | None, code: str
) -> None:
    """With the column's header and never the value."""
    found = made(ONE + column, {"name": value})
    assert found.holds
    [finding] = found.findings
    assert (finding.column, finding.code) == ("氏名", code)
    assert value is None or value not in finding.detail


def test_a_cell_may_be_cut_where_the_profile_says_so() -> None:
    """And the report says it; half a character is never left."""
    found = made(ONE + 'width = 5\nunit = "bytes"\noverflow = "cut"', {"name": "あいう"})
    assert (found.rows, found.holds) == ((("あ",),), False)
    assert [finding.code for finding in found.findings] == ["value.cut"]


def test_cells_are_filled_up_on_either_side() -> None:
    """By characters, or by bytes of the file's encoding."""
    right = ONE + 'width = 6\npad = "0"\nalign = "right"'
    assert made(right, {"name": "42"}).rows == (("000042",),)
    fixed = HEAD + '[file]\nformat = "fixed"\nencoding = "cp932"\nheader = false\n'
    column = '[[columns]]\nheader = "氏名"\nsource = "name"\nwidth = 6\n'
    assert made(fixed + column, {"name": "あい"}).rows == (("あい  ",),)
    [finding] = made(fixed + column, {"name": "あ\nい"}).findings
    assert finding.code == "value.line_break"


def test_without_quotes_the_delimiter_cannot_be_written() -> None:
    """The record is held back rather than a column shifted."""
    bare = HEAD + '[file]\nquote = "none"\ndelimiter = "\\t"\n'
    text = bare + '[[columns]]\nheader = "氏名"\nsource = "name"\n'
    assert [f.code for f in made(text, {"name": "a\tb"}).findings] == ["value.not_quotable"]
    assert not made(text, {"name": "a,b"}).holds


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_shipped_profiles_have_no_mistakes(name: str) -> None:
    """On both shipped forms."""
    assert lint_profile(PROFILES[name].profile, LIBRARY) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('source = "nam"', "did you mean name"),
        ('source = "@nothing"', "no fact @nothing"),
        ('source = "@value"', "no fact @value"),
        ('source = "concat(name"', "missing"),
        ('source = "birth_date | date(\\"YYYYMMDD\\")"\nwidth = 6', "gives 8, the width is 6"),
        ('source = "birth_date | era(\\"EEEYY\\")"\nwidth = 2', "gives 4"),
        ('source = "sex | map(\\"sex\\")"\nwidth = 1\n[codes.sex]\nmale = "男性"', "gives 2"),
        ('source = "concat(\\"ab\\", \\"cd\\")"\nwidth = 3', "gives 4"),
        ('source = "name"\npad = "0"', "pad needs a width"),
        ('source = "name"\nsum = true', "only numbers"),
        ('source = "name"\n[file]\nname = "{who}.csv"', "no {who}"),
        ('source = "name"\n[file]\nname = "a/b.csv"', "in a file name"),
        ('source = "name"\n[file]\nname = "{x"', "not a pattern"),
        ('source = "name"\n[file]\nname = "a.csv"\n[split]\nrows = 5', "several files"),
        ('source = "name"\n[file]\nformat = "fixed"', "needs the width"),
        ('source = "name"\nwidth = 3\n[file]\nformat = "fixed"', "no header line"),
        ('source = "name"\nwidth = 4\npad = "　"\nunit = "bytes"', "one byte"),
        ('source = "name"\n[file]\nformat = "xlsx"', "always utf-8"),
        ('source = "name"\n[file]\nformat = "fhir"\nencoding = "utf-8"', "no such element"),
        ('source = "name"\n[characters]\nfallback = "?"', 'missing = "replace"'),
        (
            'source = "\\"𠮷\\" | map(\\"a\\")"\n[file]\nencoding = "cp932"\n[codes.a]\nx = "𠮷"',
            "U\\+20BB7",
        ),
        ('source = "name"\n[codes.unused]\nx = "1"', "no column uses"),
        ('source = "name"\n[[columns]]\nheader = "氏名"\nsource = "age"', "2 columns are called"),
        ('each = "field"', "needs {key}"),
        (
            'source = "name"\n[characters]\nmissing = "replace"\n[characters.table]\nab = "c"',
            "one character",
        ),
    ],
)
def test_mistakes_are_found_before_a_record_is(change: str, message: str) -> None:
    """With their place in the file."""
    found = lint_profile(own(HEAD + f'[[columns]]\nheader = "氏名"\n{change}\n').profile, LIBRARY)
    assert any(message.replace("\\", "") in one.message for one in found), found
    assert all(one.where and one.japanese for one in found)


def test_amendments_need_a_column_that_tells_them() -> None:
    """Else a cancellation would look like a record."""
    text = ONE.replace("title", 'amendment = "cancel-and-correct"\ntitle')
    [found] = lint_profile(own(text).profile, LIBRARY)
    assert (found.where, found.fatal) == ("amendment", True)
    unknown = own(ONE.replace("title", 'templates = ["nobody"]\ntitle')).profile
    assert any(not one.fatal and "nobody" in one.message for one in lint_profile(unknown, LIBRARY))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "not TOML"),
        (ONE + "colour = 1", r"columns\[1\].colour"),
        (HEAD, "columns: give at least one"),
        (ONE + "width = 0", "greater than or equal to 1"),
        (ONE.replace('source = "name"', ""), "give a source"),
        (ONE.replace('name = "own"', 'name = "Own!"'), "name"),
        (ONE + '[rows]\nper = "person"', "need person"),
        (ONE + "[rows]\nblocks = 2", "go with rows per person"),
        (ONE + '[file]\nformat = "fhir"\n[rows]\nper = "field"', "one entry a record"),
        ("#" * (MAX_PROFILE_BYTES + 1), "at most"),
    ],
)
def test_a_broken_profile_says_where(text: str, message: str) -> None:
    """Place and reason, as TOML counts columns for people: from 1."""
    with pytest.raises(ProfileError, match=message):
        own(text)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    with pytest.raises(ProfileError, match="gone"):
        load_profile(tmp_path / "gone.toml", origin="folder")
    (tmp_path / "sjis.toml").write_bytes("名".encode("cp932"))
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(tmp_path / "sjis.toml", origin="folder")


def test_the_published_schema_is_the_models() -> None:
    """``docs/reference/export-profile.schema.json`` is what ``export schema`` prints."""
    published = ROOT / "docs" / "reference" / "export-profile.schema.json"
    assert json.loads(published.read_text("utf-8")) == Profile.model_json_schema()


SAMPLE = (
    HEAD
    + """[file]
encoding = "cp932"
[[columns]]
header = "番号"
source = "voucher_number"
type = "digits"
width = 3
required = true
[[columns]]
header = "氏名"
source = "name"
"""
)


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("番号,氏名\r\n001,見本\r\n", []),
        ("番号,名前\r\n001,見本\r\n", [(1, 2)]),
        ("番号\r\n001,見本\r\n", [(1, 2)]),
        ("番号,氏名,電話\r\n001,見本\r\n", [(1, 3)]),
        ("番号,氏名\r\n001\r\n002,見本\r\n", [(2, 0)]),
        ("番号,氏名\r\n0001,見本\r\nx,見本\r\n,見本\r\n", [(2, 1), (3, 1), (4, 1)]),
        ("番号,氏名\n001,見本\n002,見本\n", [(1, 0)]),
        ("番号,氏名\r\n001,見本", [(2, 0)]),
        ('番号,氏名\r\n001,"見"本\r\n', [(2, 0)]),
        ("", [(0, 0)]),
    ],
)
def test_a_sample_tells_line_and_column_of_each_difference(
    data: str, places: list[tuple[int, int]]
) -> None:
    """Never a value of the file."""
    found = check_file(data.encode("cp932"), own(SAMPLE).profile)
    assert [(one.line, one.column) for one in found] == places
    assert not any("見本" in one.message for one in found)


def test_a_sample_in_another_encoding_is_told() -> None:
    """Byte order marks, undecodable bytes and private characters."""
    text = "番号,氏名\r\n001,見本\r\n"
    utf8 = check_file(b"\xef\xbb\xbf" + text.encode(), own(SAMPLE).profile)
    assert any("byte order mark" in one.message for one in utf8)
    broken = check_file("番号,氏名\r\n001,".encode("cp932") + b"\xff\xfe\r\n", own(SAMPLE).profile)
    assert any(one.line == 2 for one in broken)
    marked = own(SAMPLE.replace('"cp932"', '"utf-8-sig"')).profile
    assert "no byte order mark" in check_file(text.encode(), marked)[0].message
    gaiji = check_file(text.encode("cp932").replace(b"001,", b"001,\xf0\x40"), own(SAMPLE).profile)
    assert "U+E000" in gaiji[0].message


def test_a_fixed_sample_is_cut_at_its_widths() -> None:
    """Too long a line, and a character cut through."""
    text = SAMPLE.replace(
        'encoding = "cp932"', 'format = "fixed"\nencoding = "cp932"\nheader = false'
    )
    profile = own(text + "width = 4\n").profile
    assert check_file("001見本\r\n002あ  \r\n".encode("cp932"), profile) == []
    long = check_file("001見本x\r\n".encode("cp932"), profile)
    assert (long[0].line, long[0].message) == (1, "3 columns, the profile has 2")
    cut = check_file("01見本  \r\n".encode("cp932"), profile)
    assert "cut through" in cut[0].message


@pytest.mark.parametrize("data", [b"[1]\n", b"{\n"])
def test_json_lines_are_objects(data: bytes) -> None:
    """Anything else is named with its line."""
    [found] = check_file(data, PROFILES["jsonl"].profile)
    assert (found.line, "JSON" in found.message) == (1, True)
    [broken] = check_file(b"{", PROFILES["fhir-immunization"].profile)[-1:]
    assert "not JSON" in broken.message
