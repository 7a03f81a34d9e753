"""CSV: what was written comes back, and no spreadsheet runs it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import FieldValue, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Failure, Record
from ocr_service.exporters.csv_cells import GETA, encodable, guarded
from ocr_service.exporters.csv_file import (
    LEADING_COLUMNS,
    CsvEncoding,
    CsvReport,
    CsvRow,
    LostCharacters,
    write_csv,
)
from ocr_service.forms.model import FormTemplate

TEMPLATE = FormTemplate.model_validate(
    {
        "schema_version": 1,
        "key": "small-form",
        "version": "1",
        "title": {"ja": "小さな用紙", "en": "Small form"},
        "pages": [
            {
                "width_mm": 210,
                "height_mm": 297,
                "anchors": [{"id": str(n), "box": [5 * n, 5, 5, 5]} for n in range(1, 4)],
            }
        ],
        "fields": [
            {
                "kind": "text",
                "key": key,
                "label": {"ja": key, "en": key},
                "segments": [{"box": [10, 10, 50, 8]}],
            }
            for key in ("name", "groups", "signed")
        ],
    }
)
ENCODINGS: tuple[CsvEncoding, ...] = ("utf-8-sig", "cp932")


def row(document_id: str = "d1", template: str | None = "small-form", **values: Value) -> CsvRow:
    fields = tuple(
        FieldValue(
            key=key,
            value=value,
            raw="",
            probability=1.0,
            status=Status.ACCEPTED,
            alternatives=(),
            reader="test",
            source=Source.MACHINE,
            flags=frozenset(),
            box=BoxMm(0, 0, 1, 1),
        )
        for key, value in values.items()
    )
    record = Record(
        file="scan.pdf",
        page=2,
        template=template,
        version="1",
        state=DocumentState.APPROVED,
        registration=None,
        fields=fields,
        issues=(),
        failure=None if template else Failure("page.unmatched", "choose a template"),
    )
    return CsvRow(document_id, record)


def written(rows: list[CsvRow], encoding: CsvEncoding) -> tuple[bytes, CsvReport]:
    out = io.BytesIO()
    report = write_csv(rows, TEMPLATE, encoding, out)
    assert not out.closed
    return out.getvalue(), report


def read_back(data: bytes, encoding: CsvEncoding) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_columns_are_the_record_keys_after_the_document(encoding: CsvEncoding) -> None:
    """Lists are joined, flags are 1 and 0, nothing is nothing; lines end with CR LF."""
    rows = [row(name="見本　花子", groups=("a", "b"), signed=True), row("d2", signed=False)]
    data, report = written(rows, encoding)
    header, first, second = read_back(data, encoding)
    assert header == [*LEADING_COLUMNS, "name", "groups", "signed"]
    assert first == ["d1", "scan.pdf", "2", "approved", "見本　花子", "a;b", "1"]
    assert second == ["d2", "scan.pdf", "2", "approved", "", "", "0"]
    assert report == CsvReport(2, ())
    assert data.count(b"\r\n") == data.count(b"\n") == 3


def test_utf8_starts_with_the_mark_that_spreadsheets_look_for() -> None:
    """Once, at the start."""
    data, _ = written([row(name="あ")], "utf-8-sig")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_formulas_are_disarmed(start: str) -> None:
    """A cell that a spreadsheet would run gets an apostrophe."""
    data, _ = written([row(name=start + "1+1")], "cp932")
    assert read_back(data, "cp932")[1][4] == "'" + start + "1+1"


def test_lost_characters_are_reported_without_the_value() -> None:
    """Each cell with its count; the file shows the geta mark."""
    rows = [row("d7", name="\U00020bb7野家", groups=("\U00029e3d", "鮭"))]
    data, report = written(rows, "cp932")
    assert report.lost == (LostCharacters("d7", "name", 1), LostCharacters("d7", "groups", 1))
    assert read_back(data, "cp932")[1][4:6] == [GETA + "野家", GETA + ";鮭"]
    assert written(rows, "utf-8-sig")[1].lost == ()


def test_wave_dash_and_minus_survive_under_the_code_points_of_windows() -> None:
    """They look the same and are not lost."""
    data, report = written([row(name="1〜2−3")], "cp932")
    assert read_back(data, "cp932")[1][4] == "1～2－3"
    assert report.lost == ()


def test_a_page_without_fields_is_an_empty_row() -> None:
    """Unmatched pages are listed, not dropped."""
    data, _ = written([row(template=None)], "utf-8-sig")
    assert read_back(data, "utf-8-sig")[1][4:] == ["", "", ""]


def test_records_of_another_template_are_refused() -> None:
    """Columns of one form must not hold values of another."""
    with pytest.raises(InvalidRequest, match="d9"):
        written([row("d9", template="other-form")], "utf-8-sig")


def test_code_page_932_carries_back_what_it_took() -> None:
    """Every character is either lost and counted or read back as it was put in."""
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        text, lost = encodable(chr(code), "cp932")
        assert lost or text.encode("cp932").decode("cp932") == text


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.sampled_from(ENCODINGS))
def test_what_was_written_comes_back(texts: list[str], encoding: CsvEncoding) -> None:
    """Any text: guarded, with lost characters replaced and counted, else unchanged."""
    rows = [row(f"d{place}", name=text) for place, text in enumerate(texts)]
    data, report = written(rows, encoding)
    back = read_back(data, encoding)
    expected = [encodable(guarded(text), encoding) for text in texts]
    assert [line[4] for line in back[1:]] == [text for text, _ in expected]
    assert sum(lost.count for lost in report.lost) == sum(count for _, count in expected)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_utf8_changes_nothing_but_the_guard(text: str) -> None:
    """Every real character survives."""
    assert encodable(text, "utf-8-sig") == (text, 0)
    assert guarded(text) in (text, "'" + text)
