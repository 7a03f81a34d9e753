"""Records as a profile would write them, whatever their state; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr_service.db.export import candidates as export_candidates
from ocr_service.db.export.candidates import Selection
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import batches
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import InvalidRequest
from ocr_service.exporters.csv_cells import GETA
from ocr_service.exporters.profile_entry import Finding
from ocr_service.exporters.profile_files import FileSet
from ocr_service.exporters.profile_lint import require_faultless
from ocr_service.exporters.profile_model import Characters, Profile, Split
from ocr_service.exporters.profile_rows import Cells, MadeRows, RowMaker
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service.export.entries import EntrySource, FormShelf
from ocr_service.service.export.preparing import work_folder

_CHUNK = 500
_MASK = "*" * 12


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record as a profile would write it.

    Attributes:
        document: which.
        rows: its rows.
        findings: what is wrong with them.
    """

    document: DocumentId
    rows: tuple[Cells, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first records of a batch.

    Attributes:
        headers: of the columns.
        records: the records.
    """

    headers: Cells
    records: tuple[ShownRecord, ...]


def template_of_batch(
    uow: UnitOfWork, library: TemplateLibrary, *, batch: BatchId, asked: str | None
) -> FormTemplate:
    """The form whose columns a look at this batch has.

    Args:
        uow: open unit of work.
        library: the templates.
        batch: which batch.
        asked: ``KEY[@VERSION]``; None where the batch holds one form only.

    Raises:
        NotFound: no such batch.
        TemplateUnknown: no such template.
        InvalidRequest: the batch holds several forms and none was asked for, or none at all.
    """
    wanted = asked or batches.get(uow, batch).template
    if wanted is not None:
        return library.get(wanted).template
    found = batches.templates(uow, batch)
    keys = sorted({key for key, _ in found})
    if len(keys) > 1:
        raise InvalidRequest(f"the batch holds several forms, name one: {', '.join(keys)}")
    if not keys:
        raise InvalidRequest("no page of the batch was read as a form yet; name a template")
    key, version = max(found)
    return library.get(f"{key}@{version}").template


def preview_records(
    uow: UnitOfWork,
    profile: Profile,
    library: TemplateLibrary,
    *,
    batch: BatchId,
    template: FormTemplate | None,
    limit: int,
) -> Preview:
    """The first records of a batch as a profile writes them, with what is wrong marked.

    Args:
        uow: open unit of work.
        profile: the layout; need not be saved.
        library: the templates.
        batch: whose records.
        template: gives the columns where they follow the form, and picks the records.
        limit: most records.

    Raises:
        ExpressionError: the profile cannot be compiled.
    """
    forms = FormShelf(library)
    maker = RowMaker(profile, template, forms.form_of)
    selection = Selection((batch,), template=None if template is None else template.key)
    chunk = [
        one
        for one in export_candidates.any_state(uow, selection, limit=limit)
        if not profile.templates or one.template in profile.templates
    ]
    source = EntrySource.of(profile, forms, uow.now)
    shown = []
    for candidate, entries in source.entries(uow, chunk):
        made = maker.make(entries[0])
        rows = masked(made, maker.headers).rows
        shown.append(ShownRecord(candidate.document, rows, made.findings))
    return Preview(maker.headers, tuple(shown))


def preview_file(
    uow: UnitOfWork,
    profile: Profile,
    library: TemplateLibrary,
    *,
    batch: BatchId,
    template: FormTemplate,
    folder: Path,
) -> bytes:
    """All records of a batch as they stand now, as one file.

    Pages of other forms and discarded ones are left out; unread ones are rows without values.
    Characters that the encoding lacks become 〓, and a national identity number is masked.

    Raises:
        ProfileError: the profile cannot be used.
        ServiceUnavailable: the disk is full.
    """
    require_faultless(profile, library)
    lenient = _lenient(profile)
    forms = FormShelf(library)
    maker = RowMaker(lenient, template, forms.form_of)
    with work_folder(folder) as work:
        files = FileSet(lenient, maker, work, uow.now, uow.now.astimezone(JAPAN))
        source = EntrySource.of(lenient, forms, uow.now)
        for document, made in _all(uow, source, maker, Selection((batch,), template=template.key)):
            files.add(document, made)
        written, _late = files.finish()
        return written[0].path.read_bytes() if written else b""


def _all(
    uow: UnitOfWork, source: EntrySource, maker: RowMaker, selection: Selection
) -> Iterator[tuple[DocumentId, MadeRows]]:
    after = 0
    while chunk := export_candidates.any_state(uow, selection, after=after, limit=_CHUNK):
        for candidate, entries in source.entries(uow, chunk):
            yield candidate.document, masked(maker.make(entries[0]), maker.headers)
        after = chunk[-1].document


def masked(made: MadeRows, headers: Cells) -> MadeRows:
    """The rows without any national identity number."""
    found = {f.column for f in made.findings if f.code == "national_id.found"}
    if not found:
        return made
    rows = tuple(
        tuple(
            _MASK if not headers or headers[place % len(headers)] in found else cell
            for place, cell in enumerate(row)
        )
        for row in made.rows
    )
    return MadeRows(rows, made.findings, made.split, made.person, made.block)


def _lenient(profile: Profile) -> Profile:
    table = profile.characters.table
    characters = Characters(missing="replace", table=table, fallback=GETA)
    return profile.model_copy(update={"characters": characters, "split": Split()})


__all__ = [
    "Preview",
    "ShownRecord",
    "masked",
    "preview_file",
    "preview_records",
    "template_of_batch",
]
