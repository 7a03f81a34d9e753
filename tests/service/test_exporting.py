"""Nothing leaves the house twice, and what left stays as it was."""

from __future__ import annotations

import threading

import pytest

from ocr_service.db import documents, exports
from ocr_service.db.documents import DocumentFilter
from ocr_service.db.exports import Export
from ocr_service.db.ids import BatchId
from ocr_service.domain.errors import Conflict, InvalidRequest, OcrServiceError
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service import exporting, reviewing
from ocr_service.service.export_profiles import profile_named
from ocr_service.service.exporting import export_batch
from ocr_service.service.reviewing import Decision
from tests.service.fakes import KEY, Office, jpeg

FORM = load_library(shipped_folder()).get(KEY).template


def _export(office: Office, batch: BatchId) -> Export:
    with office.db.writing() as uow:
        return export_batch(
            uow, office.blobs, profile_named("csv"), FORM, batch=batch, actor="clerk"
        )


def _approved(office: Office, pages: int) -> BatchId:
    office.reader.pages = pages
    office.reader.state = DocumentState.APPROVED
    batch = office.open_batch()
    office.send(batch, jpeg())
    office.work_off()
    return batch


def test_an_export_holds_the_approved_documents_and_moves_them_on(office: Office) -> None:
    """Those under review stay behind."""
    batch = _approved(office, 3)
    with office.db.writing() as uow:
        first = documents.page(uow, DocumentFilter(batch=batch))[0]
        reviewing.reopen(uow, Decision(first.id, "clerk"))
    export = _export(office, batch)
    assert (export.rows, export.amends) == (2, False)
    assert len(office.blobs.get(export.sha256).splitlines()) == 3
    with office.db.reading() as uow:
        states = [d.state for d in documents.page(uow, DocumentFilter(batch=batch))]
    assert states == ["needs_review", "exported", "exported"]


def test_two_exports_at_once_take_each_document_once(office: Office) -> None:
    """One of them gets the batch, the other a named conflict."""
    batch = _approved(office, 5)
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        try:
            outcomes.append(_export(office, batch).rows)
        except OcrServiceError as error:
            outcomes.append(error.http_status)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [409, 5]


def test_the_database_itself_refuses_a_second_live_item(office: Office) -> None:
    """Should the service ever err, nothing is billed twice."""
    batch = _approved(office, 1)
    export = _export(office, batch)
    with office.db.reading() as uow:
        document = documents.page(uow, DocumentFilter(batch=batch))[0].id
    new = exports.NewExport(batch, "csv", export.sha256, "text/csv", (document,), False, "x")
    with pytest.raises(Conflict), office.db.writing() as uow:
        exports.insert(uow, new)


def test_an_empty_or_mixed_batch_asks_for_a_form(office: Office) -> None:
    """The message says what to name."""
    batch = office.open_batch()
    library = load_library(shipped_folder())
    with office.db.reading() as uow, pytest.raises(InvalidRequest, match="name a template"):
        exporting.template_of_batch(uow, library, batch=batch, asked=None)
    with office.db.writing() as uow, pytest.raises(Conflict, match="approved"):
        export_batch(uow, office.blobs, profile_named("csv"), FORM, batch=batch, actor="c")
    office.reader.pages = 2
    office.send(batch, jpeg())
    office.work_off()
    with office.db.writing() as uow:
        second = documents.page(uow, DocumentFilter(batch=batch))[1]
        documents.update(uow, second, template="other-form", template_version="1")
    with office.db.reading() as uow, pytest.raises(InvalidRequest, match="other-form"):
        exporting.template_of_batch(uow, library, batch=batch, asked=None)
    with office.db.reading() as uow:
        form = exporting.template_of_batch(uow, library, batch=batch, asked=KEY)
        preview = exporting.preview_batch(uow, profile_named("csv"), form, batch=batch)
    assert len(preview.splitlines()) == 2
