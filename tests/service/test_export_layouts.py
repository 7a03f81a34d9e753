"""What a profile makes of records: files, rows, characters, versions of layouts, the status."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from ocr_service.db.export import exports
from ocr_service.db.export.candidates import Selection
from ocr_service.db.export.exports import Export
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
)
from ocr_service.exporters.profile_library import ProfileError
from ocr_service.service.export import preparing as export_preparing
from ocr_service.service.export import preview as export_preview
from ocr_service.service.export.exporting import ExportRefused, export_now
from ocr_service.service.export.preparing import ExportRequest
from ocr_service.service.export.profiles import (
    profile_named,
    save_profile,
    undo_profile,
)
from ocr_service.service.export.status import Outcome, document_statuses, exported_documents
from tests.service.export_house import LEDGER, LIBRARY, PERSON, SMALL, House
from tests.service.fakes import KEY, jpeg, value_of


@pytest.mark.parametrize("missing", ["hold", "refuse"])
def test_characters_the_encoding_lacks_are_listed_before_a_file_is_made(
    house: House, missing: str
) -> None:
    """With document, column and code point; the profile says whether all stops or one stays."""
    house.small(missing=missing)
    house.office.reader.fields = (value_of("name", "𠮷田　髙子"),)
    batch = house.approved()
    house.office.reader.fields = PERSON
    [held] = house.dry_run(batch, "small").held
    [finding] = held.findings
    assert (finding.column, finding.code) == ("name", "characters.missing")
    assert finding.detail == "𠮷 (U+20BB7)"
    error = ExportRefused if missing == "refuse" else Conflict
    with pytest.raises(error) as raised:
        house.export(batch, "small")
    assert raised.value.code == ("export.refused" if missing == "refuse" else "conflict")


def test_files_are_split_and_come_as_one_archive(house: House) -> None:
    """One file a municipality, each also by itself; the same bytes every time."""
    first = house.approved(2)
    house.office.reader.fields = (
        *(f for f in PERSON if f.key != "voucher_municipality_code"),
        value_of("voucher_municipality_code", "141003"),
        value_of("lot_number", "FJ7489"),
        value_of("vaccine_name", "コミナティ"),
    )
    second = house.approved(1, seed=1)
    with house.office.db.reading() as uow:
        loaded = profile_named(uow, house.profiles, "vrs-record")
    request = ExportRequest(loaded, Selection((first, second)), "clerk", None)
    db, blobs = house.office.db, house.office.blobs
    export = export_now(db, blobs, request=request, library=LIBRARY, folder=house.folder)
    assert (export.batch, export.media_type, export.rows) == (None, "application/zip", 3)
    with db.reading() as uow:
        files = exports.files_of(uow, export.id)
    with zipfile.ZipFile(io.BytesIO(blobs.get(export.sha256))) as archive:
        assert archive.namelist() == [file.name for file in files]
        assert [archive.read(file.name) for file in files] == [
            blobs.get(file.sha256) for file in files
        ]
    assert [(file.name.split("-")[2], file.rows) for file in files] == [
        ("131016", 2),
        ("141003", 1),
    ]
    assert house.manifest(export)["counts"]["rows_by_split"] == {"131016": 2, "141003": 1}


def test_one_row_a_person_with_its_doses_side_by_side(house: House) -> None:
    """Two doses of one voucher become one row; the same dose twice holds the later one back."""
    batch = house.approved()
    house.office.reader.fields = tuple(
        value_of("voucher_dose", "2") if f.key == "voucher_dose" else f for f in PERSON
    )
    house.send(batch, 7)
    house.send(batch, 8)
    export = house.export(batch, "vrs-ledger-wide")
    [row] = csv.DictReader(io.StringIO(house.office.blobs.get(export.sha256).decode()))
    assert (row["1回目券番号"], row["2回目券番号"], row["3回目券番号"]) == (
        "0000000001",
        "0000000001",
        "",
    )
    assert (export.documents, export.rows, export.held) == (2, 1, 1)
    [held] = house.manifest(export)["held"]
    assert held["reasons"][0]["code"] == "block.duplicate"


def test_a_later_dose_goes_out_with_the_earlier_ones(house: House) -> None:
    """A receiver that overwrites by person loses nothing, neither then nor by a correction."""

    def rows_of(export: Export) -> list[dict[str, str]]:
        text = house.office.blobs.get(export.sha256).decode()
        return list(csv.DictReader(io.StringIO(text)))

    first = house.approved()
    house.export(first, "vrs-ledger-wide")
    house.office.reader.fields = tuple(
        value_of("voucher_dose", "2") if f.key == "voucher_dose" else f for f in PERSON
    )
    second = house.approved(1, seed=1)
    [row] = rows_of(house.export(second, "vrs-ledger-wide"))
    assert (row["1回目接種日"], row["2回目接種日"]) == ("20211125", "20211125")
    house.correct(house.ids(first)[0], vaccination_date="2021-11-01")
    export = house.export(first, "vrs-ledger-wide")
    [row] = rows_of(export)
    assert (row["1回目接種日"], row["2回目接種日"]) == ("20211101", "20211125")
    assert (export.documents, export.amends) == (1, True)


def test_days_of_intake_are_days_in_japan(house: House) -> None:
    """The clock of the tests stands at 18:00 there, so the next day is nothing's."""
    batch = house.approved()
    with house.office.db.reading() as uow:
        day = documents.get(uow, house.ids(batch)[0]).created_at.date()
        statuses = list(document_statuses(uow, Selection(since=day, until=day)))
        later = list(document_statuses(uow, Selection(since=day.replace(day=day.day + 1))))
    assert [status.outcome for status in statuses] == [Outcome.READY]
    assert later == []


def test_the_status_of_documents_tells_out_ready_held_and_waiting(house: House) -> None:
    """What reconciliation counts."""
    batch = house.approved(3)
    first, second, _third = house.ids(batch)
    house.reopen(second)
    house.export(batch, "jsonl")
    with house.office.db.reading() as uow:
        statuses = list(document_statuses(uow, Selection((batch,))))
        assert exported_documents(uow, Selection((batch,)), "jsonl") == [first, _third]
    assert [status.outcome for status in statuses] == [Outcome.OUT, Outcome.WAITING, Outcome.OUT]
    assert statuses[0].profiles == ("jsonl",)


def test_own_profiles_have_versions_that_can_be_taken_back(house: House) -> None:
    """The newest saved version counts; undo brings the one before back; a version never changes."""
    house.small(version="1")
    house.small(version="2", amendment="cancel-and-correct")
    with pytest.raises(Conflict, match="version 2"):
        house.small(version="2")
    with house.office.db.writing() as uow:
        assert profile_named(uow, house.profiles, "small").profile.version == "2"
        assert profile_named(uow, house.profiles, "small@1").profile.version == "1"
        undo_profile(uow, house.profiles, "small", actor="admin")
        assert profile_named(uow, house.profiles, "small").profile.version == "1"
        undo_profile(uow, house.profiles, "small", actor="admin")
        with pytest.raises(NotFound):
            profile_named(uow, house.profiles, "small")
        with pytest.raises(NotFound, match="nothing to undo"):
            undo_profile(uow, house.profiles, "small", actor="admin")
        broken = SMALL.format(version="3", amendment="flag", split="nobody", missing="hold")
        with pytest.raises(ProfileError, match="nobody"):
            save_profile(uow, broken, library=LIBRARY, name="small", actor="admin")
        with pytest.raises(ProfileError, match="the file says small"):
            save_profile(uow, broken, library=LIBRARY, name="other", actor="admin")


def test_the_operators_folder_replaces_shipped_profiles(house: House) -> None:
    """A file there counts at once."""
    house.profiles.folder.mkdir()
    text = SMALL.format(version="9", amendment="flag", split="", missing="hold")
    (house.profiles.folder / "csv.toml").write_text(text.replace('"small"', '"csv"'), "utf-8")
    with house.office.db.reading() as uow:
        assert profile_named(uow, house.profiles, "csv").profile.version == "9"
    (house.profiles.folder / "csv.toml").write_text("no toml", "utf-8")
    with house.office.db.reading() as uow, pytest.raises(ProfileError, match=r"csv\.toml"):
        profile_named(uow, house.profiles, "csv")
    with house.office.db.reading() as uow:
        assert profile_named(uow, house.profiles, LEDGER).origin == "shipped"
    assert list(house.profiles.broken()) == ["csv"]


@pytest.mark.parametrize(
    ("change", "message"),
    [('header = "name"\nsource = "nam"', "no form has a field nam"), ("width = 0", "columns")],
)
def test_a_broken_file_in_the_operators_folder_exports_nothing(
    house: House, change: str, message: str
) -> None:
    """Whoever put it there is told where it is wrong, not the receiver."""
    batch = house.approved()
    house.profiles.folder.mkdir()
    text = SMALL.format(version="9", amendment="flag", split="", missing="hold")
    broken = text.replace('header = "name"\nsource = "name"', change)
    (house.profiles.folder / "small.toml").write_text(broken, "utf-8")
    with pytest.raises(ProfileError, match=message):
        house.export(batch, "small")
    with house.office.db.reading() as uow:
        assert exports.page(uow) == []


def test_columns_that_follow_the_form_ask_for_one_form(house: House) -> None:
    """The message says what to name; profiles for one form refuse another."""
    batch = house.approved(2)
    with house.office.db.writing() as uow:
        second = documents.get(uow, house.ids(batch)[1])
        documents.update(uow, second, template="influenza-elderly", template_version="2026-1")
    with pytest.raises(InvalidRequest, match="influenza-elderly, mhlw-covid19"):
        house.export(batch)
    request = house.request(batch, "vrs-record")
    asked = replace(request, selection=Selection((batch,), template="influenza-elderly"))
    with house.office.db.reading() as uow, pytest.raises(InvalidRequest, match="not for"):
        export_preparing.form_for(uow, asked, LIBRARY)
    assert house.export(batch, "questionnaire-answers").documents == 2
    dry = house.dry_run(batch, "vrs-record")
    assert (len(dry.items), dry.other_forms) == (1, 1)


def test_an_empty_or_mixed_batch_asks_for_a_form(house: House) -> None:
    """The message says what to name."""
    office = house.office
    batch = office.open_batch()
    with office.db.reading() as uow, pytest.raises(InvalidRequest, match="name a template"):
        export_preview.template_of_batch(uow, LIBRARY, batch=batch, asked=None)
    with pytest.raises(Conflict, match="approved"):
        house.export(batch)
    office.reader.pages = 2
    office.send(batch, jpeg())
    office.work_off()
    with office.db.writing() as uow:
        second = documents.page(uow, DocumentFilter(batch=batch))[1]
        documents.update(uow, second, template="other-form", template_version="1")
    with office.db.reading() as uow, pytest.raises(InvalidRequest, match="other-form"):
        export_preview.template_of_batch(uow, LIBRARY, batch=batch, asked=None)
    with office.db.reading() as uow:
        form = export_preview.template_of_batch(uow, LIBRARY, batch=batch, asked=KEY)
        loaded = profile_named(uow, house.profiles, "csv").profile
        preview = export_preview.preview_file(
            uow, loaded, LIBRARY, batch=batch, template=form, folder=house.folder
        )
    assert len(preview.splitlines()) == 2
