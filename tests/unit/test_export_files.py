"""Files of every shipped profile: as they were laid down, and back again as they went in."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocr_service.domain.field import Value
from ocr_service.exporters.csv_cells import guarded
from ocr_service.exporters.fhir_check import check_resources
from ocr_service.exporters.fhir_immunization import ELEMENTS
from ocr_service.exporters.profile_check import check_file
from ocr_service.exporters.profile_entry import Entry
from ocr_service.exporters.profile_files import FileSet, WrittenFile
from ocr_service.exporters.profile_library import LoadedProfile, parse_profile
from ocr_service.exporters.profile_model import FileFormat
from ocr_service.exporters.profile_reading import read_rows
from ocr_service.exporters.profile_rows import RowMaker
from tests.unit.export_people import COVID, INFLUENZA, PERSON, PROFILES, entry, form_of

GOLDEN = Path(__file__).parent / "golden_exports"
AGAIN = "EXPORT_GOLDEN"
"""Set this variable to write the golden files anew."""

OFFICE = shutil.which("soffice")
AT = datetime(2021, 12, 1, 0, 0, tzinfo=UTC)
BOTH_FORMS = ("ledger-generic", "questionnaire-answers", "fhir-immunization", "jsonl")
FIXED = parse_profile(
    """
schema_version = 1
name = "fixed"
version = "1"
title = { ja = "固定長", en = "fixed" }
amendment = "cancel-and-correct"
[file]
format = "fixed"
encoding = "cp932"
header = false
[characters]
missing = "replace"
fallback = "〓"
[codes.change]
new = "1"
correct = "2"
cancel = "3"
[[columns]]
header = "区分"
source = "@change | map(\\"change\\")"
width = 1
[[columns]]
header = "券番号"
source = "voucher_number"
type = "digits"
width = 12
align = "right"
pad = "0"
[[columns]]
header = "氏名"
source = "name"
width = 40
overflow = "cut"
[[columns]]
header = "カナ"
source = "name_kana | narrow"
width = 30
[[columns]]
header = "生年月日"
source = "birth_date | era(\\"NYYMMDD\\")"
width = 7
""",
    origin="own",
)
ALL = {**PROFILES, "fixed": FIXED}


def write(loaded: LoadedProfile, entries: list[Entry], folder: Path) -> list[WrittenFile]:
    """The files of a profile."""
    made = RowMaker(loaded.profile, COVID, form_of)
    files = FileSet(loaded.profile, made, folder, AT, AT)
    for one in entries:
        rows = made.make(one)
        assert not rows.holds, rows.findings
        files.add(one.document, rows)
    written, late = files.finish()
    assert late == ()
    return list(written)


def people(name: str) -> list[Entry]:
    """Records as far as the profile takes them: a second dose, a correction, the other form."""
    found = [
        entry(),
        entry({**PERSON, "voucher_dose": "2", "name": "見本　次郎"}, document=8),
        entry({**PERSON, "voucher_number": "0000000124"}, document=9, change="correct"),
    ]
    if name in BOTH_FORMS:
        values = {key: value for key, value in PERSON.items() if key in INFLUENZA.record_keys}
        found.append(entry(values, document=10, form=INFLUENZA))
    return found


@pytest.mark.parametrize("name", sorted(set(ALL) - {"xlsx"}))
def test_a_file_is_as_it_was_laid_down(name: str, tmp_path: Path) -> None:
    """Byte by byte; a deliberate change is written anew with one variable and shows in review."""
    file = write(ALL[name], people(name), tmp_path)[0]
    golden = GOLDEN / f"{name}.golden"
    if os.environ.get(AGAIN):
        golden.write_bytes(file.path.read_bytes())
    assert file.path.read_bytes() == golden.read_bytes()


def test_a_workbook_holds_text_only(tmp_path: Path) -> None:
    """Leading zeros stay, formulas are disarmed, and the header stands still."""
    odd = {**PERSON, "address": "=1+1", "phone": "0312345678"}
    [file] = write(PROFILES["xlsx"], [entry(odd)], tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(file.path.read_bytes()))
    header, row = book.worksheets[0].iter_rows()
    cells = {h.value: c for h, c in zip(header, row, strict=True)}
    assert cells["phone"].value == "0312345678"
    assert cells["address"].value == "'=1+1"
    assert {c.data_type for c in row if c.value is not None} == {"s"}
    assert book.worksheets[0].freeze_panes == "A2"


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_file_of_a_profile_fits_the_profile(name: str, tmp_path: Path) -> None:
    """What goes out stands the check that samples of receiving systems are held to."""
    for file in write(ALL[name], people(name), tmp_path):
        form = COVID if ALL[name].profile.one_form_only else None
        assert check_file(file.path.read_bytes(), ALL[name].profile, form) == []


def test_every_resource_of_a_bundle_has_what_fhir_demands(tmp_path: Path) -> None:
    """References name resources of the bundle; the institution has its system."""
    [file] = write(PROFILES["fhir-immunization"], people("fhir-immunization"), tmp_path)
    bundle = json.loads(file.path.read_text("utf-8"))
    resources = [one["resource"] for one in bundle["entry"]]
    assert check_resources(resources) == []
    kinds = [one["resourceType"] for one in resources]
    assert kinds.count("Immunization") == kinds.count("Patient") == 4
    shot = resources[0]
    assert (shot["status"], shot["lotNumber"]) == ("completed", "FJ7489")
    assert shot["protocolApplied"][0]["doseNumberPositiveInt"] == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"status": "done"}, "Immunization.status"),
        ({"vaccineCode": {}}, "Immunization.vaccineCode"),
        ({"occurrenceDateTime": "25.11.2021"}, "Immunization.occurrence"),
        ({"patient": {"reference": "urn:uuid:nobody"}}, "Immunization.patient"),
        ({"patient": None}, "Immunization.patient"),
        ({"recorded": "x"}, "Immunization.recorded"),
        ({"expirationDate": "2021"}, "Immunization.expirationDate"),
        ({"doseQuantity": {"value": "0.3", "code": "mL"}}, "Immunization.doseQuantity"),
        ({"protocolApplied": [{}]}, "Immunization.protocolApplied.doseNumber"),
        ({"performer": [{"actor": {}}]}, "Immunization.performer.actor"),
        ({"meta": {}}, "Immunization.meta.profile"),
        ({"id": "?"}, "Immunization.id"),
    ],
)
def test_what_fhir_demands_is_missed(change: dict[str, Any], path: str, tmp_path: Path) -> None:
    """Each must-have by its path."""
    [file] = write(PROFILES["fhir-immunization"], [entry()], tmp_path)
    resources = [one["resource"] for one in json.loads(file.path.read_text("utf-8"))["entry"]]
    resources[0] |= change
    assert path in [problem.path for problem in check_resources(resources)]


def test_a_deferred_vaccination_is_not_done(tmp_path: Path) -> None:
    """With its reason; a cancelled record was entered in error."""
    deferred = {**PERSON, "judgement": "defer", "vaccination_date": None}
    entries = [entry(deferred), entry(document=8, change="cancel")]
    [file] = write(PROFILES["fhir-immunization"], entries, tmp_path)
    shots = [
        one["resource"]
        for one in json.loads(file.path.read_text("utf-8"))["entry"]
        if one["resource"]["resourceType"] == "Immunization"
    ]
    assert [shot["status"] for shot in shots] == ["not-done", "entered-in-error"]
    assert shots[0]["statusReason"]["text"] == "接種を見合わせた"


# Characters that forms hold: kana, kanji in and beyond CP932, variants, quotes, breaks, signs.
WRITTEN = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]),
        st.sampled_from("髙﨑𠮷鷗①㈱～−‖¥\"',;\n\r\t=+-@　 ｶﾅ\ue000葛\U000e0100"),
    ),
    max_size=12,
)
RECORDS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(("name", "address", "place", "q6_detail"), WRITTEN)),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("name", sorted(ALL))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=RECORDS)
def test_what_goes_out_comes_back(name: str, texts: list[dict[str, str]]) -> None:
    """Cell by cell, whatever was written on the form; what cannot go out is held with a reason."""
    loaded = ALL[name]
    made = RowMaker(loaded.profile, COVID, form_of)
    expected: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as place:
        files = FileSet(loaded.profile, made, Path(place), AT, AT)
        for number, text in enumerate(texts):
            values: dict[str, Value] = {**PERSON, **text, "voucher_number": f"{number:010}"}
            rows = made.make(entry(values, document=number + 1))
            if rows.holds:
                assert all(finding.code for finding in rows.findings)
                continue
            files.add(number + 1, rows)
            expected += rows.rows
        written, late = files.finish()
        data = [file.path.read_bytes() for file in written]
    assert late == ()
    back = [line.cells for one in data for line in _without_header(one, loaded, made)]
    if loaded.profile.rows.per == "person":
        back = [cells[:9] for cells in back]
    if loaded.profile.file.format is FileFormat.FHIR:
        back, expected = _elements(back, expected, made.headers)
    assert back == expected


def _without_header(data: bytes, loaded: LoadedProfile, made: RowMaker) -> list[Any]:
    lines = list(read_rows(data, loaded.profile, made.columns))
    tables = {FileFormat.DELIMITED, FileFormat.XLSX}
    lines = lines[1:] if loaded.profile.file.format in tables else lines
    if loaded.profile.file.format is not FileFormat.XLSX:
        return lines
    width = len(made.headers)
    return [type(one)(one.line, (*one.cells, *("",) * (width - len(one.cells)))) for one in lines]


def _elements(
    back: list[tuple[str, ...]], expected: list[tuple[str, ...]], headers: tuple[str, ...]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Both by element; the kind of change is told by the status alone."""
    shared = [name for name in headers if name != "change"]
    found = [tuple(dict(zip(ELEMENTS, one, strict=True))[n] for n in shared) for one in back]
    wanted = [tuple(dict(zip(headers, one, strict=True))[n] for n in shared) for one in expected]
    return found, wanted


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed on this machine")
@pytest.mark.parametrize(
    ("name", "suffix", "reading"),
    # 60 is the code page of Japanese Windows, 76 is UTF-8; the last word keeps quoted cells text.
    [("ledger-generic", ".csv", "CSV:44,34,60,1,,0,true"), ("xlsx", ".xlsx", None)],
)
def test_a_spreadsheet_program_shows_what_was_written(
    name: str, suffix: str, reading: str | None, tmp_path: Path
) -> None:
    """Nothing is garbled, and leading zeros are there."""
    assert OFFICE is not None
    [file] = write(PROFILES[name], [entry()], tmp_path)
    given_file = tmp_path / f"given{suffix}"
    given_file.write_bytes(file.path.read_bytes())
    command = [
        OFFICE,
        f"-env:UserInstallation={(tmp_path / 'office').as_uri()}",
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
        *([f"--infilter={reading}"] if reading else []),
        "--outdir",
        str(tmp_path / "seen"),
        str(given_file),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = (tmp_path / "seen" / "given.csv").read_text("utf-8-sig")
    [header, row] = csv.reader(io.StringIO(text))
    seen = dict(zip(header, row, strict=True))
    keys = (
        ("氏名", "券番号", "実施場所") if suffix == ".csv" else ("name", "voucher_number", "place")
    )
    assert [seen[key] for key in keys] == ["見本　花子", "0000000123", "見本会館～別館"]


def test_files_are_cut_by_rows_and_keep_their_names_apart(tmp_path: Path) -> None:
    """Two rows a file; a name without a part gets one, and numbers are summed exactly."""
    text = PROFILES["ledger-generic"].text.replace("[file]", "[split]\nrows = 2\n\n[file]")
    loaded = parse_profile(text, origin="own")
    made = RowMaker(loaded.profile, COVID, form_of)
    files = FileSet(loaded.profile, made, tmp_path, AT, AT)
    for number in range(5):
        files.add(number, made.make(entry(document=number + 1)))
    written, _late = files.finish()
    assert [file.rows for file in written] == [2, 2, 1]
    assert [file.name for file in written] == [
        "ledger-20211201-000000.csv",
        "ledger-20211201-000000-002.csv",
        "ledger-20211201-000000-003.csv",
    ]
    assert files.sums == {"接種量": "1.5"}
    assert {path.name for path in tmp_path.iterdir()} == {file.path.name for file in written}


def test_formulas_are_disarmed_for_spreadsheets_only() -> None:
    """A ledger gets what stands on the form, a spreadsheet gets an apostrophe before it."""
    place = "=cmd|' /C calc'!A0"
    odd = {**PERSON, "place": place}
    for name, wanted in (("csv", guarded(place)), ("ledger-generic", place)):
        made = RowMaker(PROFILES[name].profile, COVID, form_of)
        [row] = made.make(entry(odd)).rows
        assert wanted in row
