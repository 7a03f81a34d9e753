"""An installation that exports, for the tests of exports."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from ocr_service.db.export.candidates import Selection
from ocr_service.db.export.exports import Export
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.export.exporting import export_now
from ocr_service.service.export.preparing import ExportRequest, PreparedExport, prepared_export
from ocr_service.service.export.profiles import (
    ProfileFolder,
    profile_named,
    save_profile,
)
from ocr_service.service.review import editing, reviewing
from ocr_service.service.review.editing import Edit
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import FIELDS, Office, jpeg, value_of

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
