"""Nothing leaves the house twice, what left stays as it was, and what changed is told once more."""

from __future__ import annotations

import threading

import pytest

from ocr_service.db.export import exports
from ocr_service.db.export import outcomes as export_outcomes
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import (
    Conflict,
    OcrServiceError,
    ServiceUnavailable,
    StaleVersion,
)
from ocr_service.domain.record import Issue, Severity
from ocr_service.service.export import exporting
from ocr_service.service.export import preview as export_preview
from ocr_service.service.export.preparing import prepared_export
from ocr_service.service.export.profiles import (
    profile_named,
)
from ocr_service.service.intake.orphans import remove_orphans
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.export_house import LEDGER, LIBRARY, PERSON, House
from tests.service.fakes import KEY, value_of


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
