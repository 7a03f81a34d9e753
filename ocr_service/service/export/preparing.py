"""Everything of an export but the decision: rows made, files written, what stays and why.

Nothing in the database changes here. It runs in one reading transaction, so it sees one state of
all records however long it takes and keeps no worker waiting; what it saw is compared again when
the export is kept.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from xlsxwriter.exceptions import XlsxFileError

from ocr_service.db.export import candidates as export_candidates
from ocr_service.db.export.candidates import Candidate, Selection
from ocr_service.db.export.exports import NewItem
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import InvalidRequest, ServiceUnavailable
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.exporters.profile_entry import Change, Entry, Finding
from ocr_service.exporters.profile_files import FileSet, WrittenFile
from ocr_service.exporters.profile_library import LoadedProfile
from ocr_service.exporters.profile_lint import require_faultless
from ocr_service.exporters.profile_rows import Cells, MadeRows, RowMaker
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.export.blocking import Gate
from ocr_service.service.export.entries import EntrySource, FormShelf, document_ids

_CHUNK: Final = 500
_SHOWN_ROWS: Final = 20
_STALE_S: Final = 86_400.0


class SeveralForms(InvalidRequest):
    """The columns follow the form, and the chosen documents are of several forms."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What somebody wants to go out.

    Attributes:
        profile: the layout.
        selection: which documents.
        actor: user name.
        check: judges records once more; None = their issues as they are stored.
    """

    profile: LoadedProfile
    selection: Selection
    actor: str
    check: RuleCheck | None


@dataclass(frozen=True, slots=True)
class Held:
    """A document that stays behind, and why."""

    document: DocumentId
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class PreparedExport:
    """An export as it would be.

    Attributes:
        request: what was asked for.
        gate: lets records out; holds what was judged anew.
        moment: when; one for all names and dates in the files.
        readings_until: id of the newest reading it saw.
        waiting: documents of the selection that are not ready, by state.
        already_out: documents that this profile has as they are.
        other_forms: documents of forms that the profile is not for.
        headers: of the columns.
        items: documents that go.
        held: documents that stay.
        notes: what was changed in cells on the way, for the report.
        sample: the first rows.
        files: finished files; they lie in a folder that goes away with the preparation.
        sums: of the columns that are summed.
        split_rows: rows by the value that files are split by.
    """

    request: ExportRequest
    gate: Gate
    moment: datetime
    readings_until: int
    waiting: Mapping[DocumentState, int]
    already_out: int
    other_forms: int = 0
    headers: Cells = ()
    items: list[NewItem] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    sample: list[Cells] = field(default_factory=list)
    files: tuple[WrittenFile, ...] = ()
    sums: Mapping[str, str] = field(default_factory=dict)
    split_rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def missing_characters(self) -> list[Finding]:
        """Cells with characters that the encoding does not have."""
        return [
            finding
            for one in self.held
            for finding in one.findings
            if finding.code == "characters.missing"
        ]


@contextmanager
def prepared_export(
    uow: UnitOfWork, request: ExportRequest, library: TemplateLibrary, folder: Path
) -> Iterator[PreparedExport]:
    """An export as it would be, with its files in a folder that is gone afterwards.

    Args:
        uow: a reading unit.
        request: what is wanted.
        library: the templates.
        folder: where a folder for the files may be made.

    Raises:
        InvalidRequest: the columns follow the form and there are several forms.
        TemplateUnknown: no such form.
        ProfileError: the profile cannot be used; files in the operator's folder may be anything.
        ServiceUnavailable: the disk is full.
    """
    with work_folder(folder) as work:
        yield _prepare(uow, request, library, work)


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """A folder for files on their way; it goes away with all that is in it.

    Raises:
        ServiceUnavailable: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear_stale(folder)
        work = Path(tempfile.mkdtemp(dir=folder, prefix="export-"))
    except OSError as error:
        raise ServiceUnavailable(
            f"no work folder for exports can be made: {error.strerror}; nothing was exported"
        ) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _clear_stale(folder: Path) -> None:
    limit = time.time() - _STALE_S
    for left in folder.glob("export-*"):
        if left.stat().st_mtime < limit:
            shutil.rmtree(left, ignore_errors=True)


def _prepare(
    uow: UnitOfWork, request: ExportRequest, library: TemplateLibrary, work: Path
) -> PreparedExport:
    profile = request.profile.profile
    selection = request.selection
    require_faultless(profile, library)
    form = form_for(uow, request, library)
    forms = FormShelf(library)
    maker = RowMaker(profile, form, forms.form_of)
    ready = {DocumentState.APPROVED, DocumentState.EXPORTED, DocumentState.DISCARDED}
    counts = export_candidates.state_counts(uow, selection)
    prepared = PreparedExport(
        request,
        Gate(library, request.check),
        uow.now,
        export_candidates.newest_reading(uow),
        {state: number for state, number in counts.items() if state not in ready},
        export_candidates.out_count(uow, selection, profile.name),
        headers=maker.headers,
    )
    files = FileSet(profile, maker, work, uow.now, uow.now.astimezone(JAPAN))
    try:
        _Run(uow, prepared, maker, files, EntrySource.of(profile, forms, uow.now)).all()
    except (OSError, XlsxFileError) as error:
        files.abandon()
        raise ServiceUnavailable(
            "the files could not be written, the disk is full or gone; nothing was exported"
        ) from error
    return prepared


def form_for(
    uow: UnitOfWork, request: ExportRequest, library: TemplateLibrary
) -> FormTemplate | None:
    """The form that gives the columns, where the profile's columns follow the form.

    Raises:
        InvalidRequest: there are several forms among the candidates, or the profile is for others.
        TemplateUnknown: no such form.
    """
    profile = request.profile.profile
    wanted = request.selection.template
    if wanted is not None and profile.templates and wanted not in profile.templates:
        raise InvalidRequest(
            f"profile {profile.name} is for {', '.join(profile.templates)}, not for {wanted}"
        )
    if not profile.one_form_only:
        return None if wanted is None else library.get(wanted).template
    found = export_candidates.templates_of(uow, request.selection, profile.name)
    keys = sorted({key for key, _ in found})
    if len(keys) > 1:
        raise SeveralForms(f"there are several forms, name one: {', '.join(keys)}")
    if not keys:
        return None if wanted is None else library.get(wanted).template
    key, version = max(found)
    return library.get(f"{key}@{version}").template


@dataclass(slots=True)
class _Run:
    """One pass over the candidates."""

    uow: UnitOfWork
    prepared: PreparedExport
    maker: RowMaker
    files: FileSet
    source: EntrySource

    def all(self) -> None:
        request = self.prepared.request
        name = request.profile.profile.name
        after = 0
        while chunk := export_candidates.candidates(
            self.uow, request.selection, name, after=after, limit=_CHUNK
        ):
            self._chunk(chunk)
            after = chunk[-1].document
        if self.maker.per_person:
            self._fill_persons()
        self.prepared.files, late = self.files.finish()
        self._hold_late(late)
        self.prepared.sums = self.files.sums
        self.prepared.split_rows = self.files.split_rows

    def _fill_persons(self) -> None:
        """Put the doses that are out already beside the new ones: a row is the whole person."""
        after = 0
        name = self.prepared.request.profile.profile.name
        while chunk := export_candidates.out_now(self.uow, name, after=after, limit=_CHUNK):
            for candidate, entries in self.source.entries(self.uow, chunk):
                made = self.maker.make(entries[0])
                filled = self.files.blocks_of(made)
                if filled and made.block not in filled and not made.holds:
                    self.files.add(candidate.document, made)
            after = chunk[-1].document

    def _chunk(self, chunk: list[Candidate]) -> None:
        blocked = self.prepared.gate.blocking(self.uow, document_ids(chunk))
        only = self.prepared.request.profile.profile.templates
        for candidate, entries in self.source.entries(self.uow, chunk):
            if only and candidate.template not in only:
                self.prepared.other_forms += 1
                continue
            findings = [
                Finding(candidate.document, "", f"issue.{rule}")
                for rule in blocked.get(candidate.document, ())
                if candidate.state is not DocumentState.DISCARDED
            ]
            if not entries:
                findings.append(Finding(candidate.document, "", "cancel.unknown"))
            self._one(candidate, entries, findings)

    def _one(
        self, candidate: Candidate, entries: tuple[Entry, ...], findings: list[Finding]
    ) -> None:
        made = [self.maker.make(entry) for entry in entries]
        findings += [finding for one in made for finding in one.findings]
        if any(finding.holds for finding in findings):
            self.prepared.held.append(Held(candidate.document, tuple(findings)))
            return
        self.prepared.notes += findings
        self.prepared.items.append(
            NewItem(
                candidate.document,
                candidate.version,
                candidate.template,
                candidate.template_version,
                _change_of(entries),
            )
        )
        self._write(candidate.document, made)

    def _write(self, document: DocumentId, made: list[MadeRows]) -> None:
        for one in made:
            self.files.add(document, one)
            room = _SHOWN_ROWS - len(self.prepared.sample)
            if room > 0:
                self.prepared.sample += one.rows[:room]

    def _hold_late(self, late: tuple[Finding, ...]) -> None:
        gone = {finding.document for finding in late}
        self.prepared.items = [item for item in self.prepared.items if item.document not in gone]
        self.prepared.held += [Held(DocumentId(one.document), (one,)) for one in late]


def _change_of(entries: tuple[Entry, ...]) -> str:
    """Why a document goes out; a cancellation with its correction is a correction."""
    changes = {entry.meta["change"] for entry in entries}
    return Change.CORRECT.value if len(changes) > 1 else next(iter(changes))


__all__ = [
    "ExportRequest",
    "Held",
    "PreparedExport",
    "SeveralForms",
    "form_for",
    "prepared_export",
    "work_folder",
]
