"""Nothing leaves the house twice, what left stays as it was, and what changed is told once more."""

from __future__ import annotations

import csv
import io
import json
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocr_service.db.export import exports
from ocr_service.db.export import outcomes as export_outcomes
from ocr_service.db.export.candidates import Selection
from ocr_service.db.export.exports import Export
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    OcrServiceError,
    ServiceUnavailable,
    StaleVersion,
)
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Severity
from ocr_service.exporters.profile_library import ProfileError
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.export import exporting
from ocr_service.service.export import preparing as export_preparing
from ocr_service.service.export import preview as export_preview
from ocr_service.service.export.exporting import ExportRefused, export_now
from ocr_service.service.export.preparing import ExportRequest, PreparedExport, prepared_export
from ocr_service.service.export.profiles import (
    ProfileFolder,
    profile_named,
    save_profile,
    undo_profile,
)
from ocr_service.service.export.status import Outcome, document_statuses, exported_documents
from ocr_service.service.intake.orphans import remove_orphans
from ocr_service.service.review import editing, reviewing
from ocr_service.service.review.editing import Edit
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import FIELDS, KEY, Office, jpeg, value_of

LIBRARY = load_library(shipped_folder())
LEDGER = "ledger-generic"
PERSON = (
    *FIELDS,
    value_of("judgement", "ok"),
    value_of("vaccination_date", "2021-11-25"),
    value_of("voucher_municipality_code", "131016"),
    value_of("voucher_number", "0000000001"),
    value_of("voucher_dose", "1"),
)
SMALL = """
schema_version = 1
name = "small"
version = "{version}"
title = {{ ja = "小", en = "small" }}
amendment = "{amendment}"
[file]
format = "delimited"
encoding = "cp932"
[split]
by = "{split}"
[characters]
missing = "{missing}"
[[columns]]
header = "id"
source = "@document_id"
[[columns]]
header = "change"
source = "@change"
[[columns]]
header = "name"
source = "name"
"""


@pytest.fixture(name="house")
def house_of(office: Office, tmp_path: Path) -> House:
    """An installation with a folder for exports."""
    return House(office, tmp_path)


class House:
    """An installation that exports."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder / "work"
        self.profiles = ProfileFolder(folder / "profiles")
        office.reader.fields = PERSON
        office.reader.issues = ()

    def approved(self, pages: int = 1, seed: int = 0) -> BatchId:
        """A batch of approved pages."""
        self.office.reader.pages = pages
        self.office.reader.state = DocumentState.APPROVED
        batch = self.office.open_batch()
        self.send(batch, seed)
        return batch

    def send(self, batch: BatchId, seed: int) -> None:
        """Have a file read; pages that look like copies of each other are approved by hand."""
        self.office.send(batch, jpeg(seed))
        self.office.work_off()
        for document in self.ids(batch):
            with self.office.db.writing() as uow:
                if documents.get(uow, document).state is DocumentState.NEEDS_REVIEW:
                    reviewing.approve(uow, Decision(document, "clerk"), reason="別の回")

    def ids(self, batch: BatchId) -> list[DocumentId]:
        """Documents of a batch."""
        with self.office.db.reading() as uow:
            return [one.id for one in documents.page(uow, DocumentFilter(batch=batch))]

    def request(
        self, batch: BatchId, profile: str = "csv", check: RuleCheck | None = None
    ) -> ExportRequest:
        """A wish to export a batch."""
        with self.office.db.reading() as uow:
            loaded = profile_named(uow, self.profiles, profile)
        return ExportRequest(loaded, Selection((batch,)), "clerk", check)

    def export(
        self, batch: BatchId, profile: str = "csv", check: RuleCheck | None = None
    ) -> Export:
        """Export a batch."""
        return export_now(
            self.office.db,
            self.office.blobs,
            request=self.request(batch, profile, check),
            library=LIBRARY,
            folder=self.folder,
        )

    def dry_run(self, batch: BatchId, profile: str = "csv") -> PreparedExport:
        """What would go out."""
        request = self.request(batch, profile)
        with (
            self.office.db.reading() as uow,
            prepared_export(uow, request, LIBRARY, self.folder) as prepared,
        ):
            return prepared

    def rows(self, export: Export) -> list[dict[str, str]]:
        """The rows of a CSV in CP932."""
        text = self.office.blobs.get(export.sha256).decode("cp932")
        return list(csv.DictReader(io.StringIO(text)))

    def small(self, **changes: str) -> None:
        """Save the small profile."""
        wishes = {"version": "1", "amendment": "flag", "split": "", "missing": "hold"}
        with self.office.db.writing() as uow:
            save_profile(
                uow,
                SMALL.format(**(wishes | changes)),
                library=LIBRARY,
                name="small",
                actor="admin",
            )

    def reopen(self, document: DocumentId) -> None:
        """Take a document back."""
        with self.office.db.writing() as uow:
            reviewing.reopen(uow, Decision(document, "clerk"))

    def correct(self, document: DocumentId, **values: str) -> None:
        """Take a document back, answer fields anew, and approve it."""
        self.reopen(document)
        for key, value in values.items():
            with self.office.db.writing() as uow:
                version = documents.get(uow, document).version
                edit = Edit(document, key, value, version, "clerk")
                editing.answer_field(uow, edit, library=LIBRARY, check=None)
        with self.office.db.writing() as uow:
            reviewing.approve(uow, Decision(document, "clerk"))

    def manifest(self, export: Export) -> Any:
        """What accompanies an export."""
        assert export.manifest_sha256
        return json.loads(self.office.blobs.get(export.manifest_sha256))


def test_an_export_holds_the_approved_documents_and_moves_them_on(house: House) -> None:
    """Those under review stay behind; the manifest names every document with its version."""
    batch = house.approved(3)
    first, *others = house.ids(batch)
    house.reopen(first)
    export = house.export(batch)
    assert (export.rows, export.amends, export.documents) == (2, False, 2)
    assert len(house.office.blobs.get(export.sha256).splitlines()) == 3
    with house.office.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch))
    assert [d.state for d in found] == ["needs_review", "exported", "exported"]
    manifest = house.manifest(export)
    assert [one["id"] for one in manifest["documents"]] == others
    assert [one["version"] for one in manifest["documents"]] == [d.version - 1 for d in found[1:]]
    assert manifest["counts"]["waiting"] == {"needs_review": 1}
    assert manifest["sha256"] == export.sha256 == manifest["files"][0]["sha256"]
    assert (manifest["made_by"], manifest["export"]) == ("clerk", export.id)


def test_one_document_goes_out_once_in_each_of_several_profiles(house: House) -> None:
    """Being exported already is no hindrance for another profile, only for the same one."""
    batch = house.approved()
    [document] = house.ids(batch)
    for profile in ("csv", LEDGER, "jsonl", "fhir-immunization"):
        assert house.export(batch, profile).documents == 1
        with pytest.raises(Conflict, match="nothing goes out"):
            house.export(batch, profile)
    with house.office.db.reading() as uow:
        out = export_outcomes.profiles_of(uow, [document])
    assert out[document] == ("csv", LEDGER, "jsonl", "fhir-immunization")


def test_a_changed_record_appears_exactly_once_more_in_each_profile(house: House) -> None:
    """The ledger gets a cancellation with the old values and a correction with the new ones."""
    batch = house.approved(2)
    changed, _same = house.ids(batch)
    house.export(batch, LEDGER)
    house.export(batch, "csv")
    house.correct(changed, name="訂正　花子")
    amended = house.export(batch, LEDGER)
    rows = house.rows(amended)
    assert [(r["整理番号"], r["異動区分"], r["氏名"]) for r in rows] == [
        (str(changed), "3", "試験　太郎"),
        (str(changed), "2", "訂正　花子"),
    ]
    assert (amended.amends, amended.documents, amended.rows) == (True, 1, 2)
    assert house.manifest(amended)["counts"]["changes"] == {"correct": 1}
    assert house.export(batch, "csv").documents == 1
    for profile in (LEDGER, "csv"):
        with pytest.raises(Conflict):
            house.export(batch, profile)
    house.correct(changed, name="再訂正　花子")
    again = house.rows(house.export(batch, LEDGER))
    assert [row["氏名"] for row in again] == ["訂正　花子", "再訂正　花子"]


def test_a_record_discarded_after_export_is_cancelled_where_the_profile_can(house: House) -> None:
    """Once; a profile without cancellations keeps saying that it cannot."""
    batch = house.approved()
    [document] = house.ids(batch)
    house.export(batch, LEDGER)
    house.export(batch, "csv")
    house.reopen(document)
    with house.office.db.writing() as uow:
        reviewing.discard(uow, Decision(document, "clerk"))
    export = house.export(batch, LEDGER)
    assert [(r["異動区分"], r["氏名"]) for r in house.rows(export)] == [("3", "試験　太郎")]
    with pytest.raises(Conflict):
        house.export(batch, LEDGER)
    held = house.dry_run(batch, "csv").held
    assert [finding.code for one in held for finding in one.findings] == ["cancel.unknown"]


def test_two_exports_at_once_take_each_document_once(house: House) -> None:
    """One of them gets the batch, the other a named conflict."""
    batch = house.approved(5)
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        try:
            outcomes.append(house.export(batch).rows)
        except OcrServiceError as error:
            outcomes.append(error.http_status)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [409, 5]


def test_a_document_that_changes_while_rows_are_made_stops_the_export(house: House) -> None:
    """What was fixed is compared again; nothing is kept of the export."""
    batch = house.approved(2)
    request = house.request(batch)
    db = house.office.db
    with db.reading() as reading, prepared_export(reading, request, LIBRARY, house.folder) as made:
        house.reopen(house.ids(batch)[0])
        with pytest.raises(StaleVersion, match="1 documents"), db.writing() as writing:
            exporting._keep(writing, house.office.blobs, made)
    with db.reading() as uow:
        assert exports.page(uow) == []


def test_the_database_itself_refuses_a_second_live_item(house: House) -> None:
    """Should the service ever err, nothing is billed twice."""
    batch = house.approved()
    export = house.export(batch)
    item = exports.NewItem(house.ids(batch)[0], 1, KEY, "2021-05")
    file = exports.ExportFile("x", export.sha256, 1, 1)
    new = exports.NewExport(
        batch, "csv", "1", "0" * 64, file, "text/csv", (file,), [item], 0, {}, 0, "x"
    )
    with pytest.raises(Conflict), house.office.db.writing() as uow:
        exports.insert(uow, new)


def test_a_broken_rule_holds_a_record_back_unless_somebody_gave_a_reason(house: House) -> None:
    """The dry run names the rule; a reason given at approval lets it go."""
    broken = Issue("date.impossible", Severity.ERROR, ("birth_date",), "日付", "date")
    house.office.reader.issues = (broken,)
    batch = house.approved()
    [held] = house.dry_run(batch).held
    assert [finding.code for finding in held.findings] == ["issue.date.impossible"]
    with pytest.raises(Conflict, match="1 are held back"):
        house.export(batch)
    [document] = house.ids(batch)
    house.reopen(document)
    with house.office.db.writing() as uow:
        reviewing.approve(uow, Decision(document, "clerk"), reason="確認済み")
    assert house.export(batch).documents == 1


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


def test_a_national_identity_number_never_goes_out(house: House) -> None:
    """Held back in every profile by name, and masked where records are only looked at."""
    number = "1234 5678 9018"
    house.office.reader.fields = (*PERSON, value_of("address", f"東京都 {number}"))
    batch = house.approved()
    for profile in ("csv", "jsonl", LEDGER, "xlsx", "questionnaire-answers", "fhir-immunization"):
        codes = [f.code for one in house.dry_run(batch, profile).held for f in one.findings]
        assert set(codes) == {"national_id.found"}, profile
    with house.office.db.reading() as uow:
        for profile in ("csv", "jsonl"):
            loaded = profile_named(uow, house.profiles, profile).profile
            form = LIBRARY.get(KEY).template
            data = export_preview.preview_file(
                uow, loaded, LIBRARY, batch=batch, template=form, folder=house.folder
            )
            assert number not in data.decode("utf-8-sig")
            assert "************" in data.decode("utf-8-sig")


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


def test_a_full_disk_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file nor a row nor a document that counts as out."""
    batch = house.approved(3)

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    for profile in ("csv", "xlsx", "vrs-record"):
        with monkeypatch.context() as patch:
            patch.setattr("ocr_service.exporters.profile_files.FileSet._put", full)
            with pytest.raises(ServiceUnavailable, match="nothing was exported"):
                house.export(batch, profile)
    assert list(house.folder.iterdir()) == []
    with house.office.db.reading() as uow:
        assert exports.page(uow) == []
    assert house.export(batch).documents == 3


def test_no_work_folder_is_named(house: House) -> None:
    """The message says that nothing was exported."""
    batch = house.approved()
    house.folder.write_bytes(b"a file")
    with pytest.raises(ServiceUnavailable, match="work folder"):
        house.export(batch)


def test_orphan_sweeping_leaves_exports_alone(house: House) -> None:
    """Manifest and files are named by rows."""
    batch = house.approved()
    export = house.export(batch, "vrs-record")
    clock = house.office.db.clock
    assert hasattr(clock, "advance")
    clock.advance(1_000_000)
    remove_orphans(house.office.db, house.office.blobs)
    clock.advance(1_000_000)
    remove_orphans(house.office.db, house.office.blobs)
    assert house.office.blobs.exists(export.sha256)
    assert house.manifest(export)["export"] == export.id


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
