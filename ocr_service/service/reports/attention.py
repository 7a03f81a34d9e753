"""Who should be looked at: answers that the template wants shown, over many documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents, records
from ocr_service.db.records.report_rows import ReportDocument, ReportFilter, documents_of
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Record
from ocr_service.forms.attention import Attention
from ocr_service.forms.library import TemplateLibrary
from ocr_service.validators.attention import AttentionHit, attention_of

MOST_LISTED = 1000
"""Documents that one list looks at."""

_CHUNK = 100
_ORDER = {Attention.FIRST: 0, Attention.LOOK: 1, Attention.NOTE: 2}


@dataclass(frozen=True, slots=True)
class AttentionLine:
    """A person with everything to look at.

    Attributes:
        document: where it stands.
        batch: its batch.
        institution: code, "" where unknown.
        vaccinated_on: day of vaccination.
        name: of the person, "" where not read.
        birth_date: ISO date, "" where not read.
        template: key of the form.
        hits: what to look at, the most urgent first.
    """

    document: DocumentId
    batch: BatchId
    institution: str
    vaccinated_on: dt.date | None
    name: str
    birth_date: str
    template: str
    hits: tuple[AttentionHit, ...]


@dataclass(frozen=True, slots=True)
class AttentionList:
    """What was found.

    Attributes:
        lines: people, those with the most urgent answers first.
        looked_at: documents that were looked at.
        cut_off: whether there were more.
    """

    lines: tuple[AttentionLine, ...]
    looked_at: int
    cut_off: bool


def list_attention(
    uow: UnitOfWork,
    library: TemplateLibrary,
    wanted: ReportFilter,
    *,
    item: str | None = None,
    level: Attention | None = None,
) -> AttentionList:
    """People whose answers somebody should see.

    Args:
        uow: open unit of work.
        library: the templates.
        wanted: which documents.
        item: only this thing, as ``TEMPLATE:KEY``.
        level: only what is at least as urgent.
    """
    found = documents_of(uow, wanted, limit=MOST_LISTED + 1)
    seen = found[:MOST_LISTED]
    lines = [
        line
        for start in range(0, len(seen), _CHUNK)
        for line in _lines(uow, library, seen[start : start + _CHUNK], item, level)
    ]
    lines.sort(key=lambda line: (_ORDER[line.hits[0].spec.level], line.document))
    return AttentionList(tuple(lines), len(seen), len(found) > MOST_LISTED)


def attention_items(library: TemplateLibrary) -> tuple[tuple[str, str, str], ...]:
    """Everything that can be chosen: ``TEMPLATE:KEY`` with its words in both languages."""
    items = {
        f"{loaded.template.key}:{spec.key}": (spec.words.ja, spec.words.en)
        for loaded in library.loaded
        for spec in loaded.template.attention
    }
    return tuple((name, ja, en) for name, (ja, en) in items.items())


def _lines(
    uow: UnitOfWork,
    library: TemplateLibrary,
    chunk: list[ReportDocument],
    item: str | None,
    level: Attention | None,
) -> Iterator[AttentionLine]:
    seen = documents.get_many(uow, [one.id for one in chunk])
    loaded = records.load_many(uow, seen)
    for one in chunk:
        record = loaded[one.id]
        hits = _hits(record, library, item, level)
        if hits:
            yield _line(one, record, hits)


def _hits(
    record: Record, library: TemplateLibrary, item: str | None, level: Attention | None
) -> tuple[AttentionHit, ...]:
    form = next(
        (
            loaded.template
            for loaded in library.loaded
            if (loaded.template.key, loaded.template.version) == (record.template, record.version)
        ),
        None,
    )
    if form is None:
        return ()
    hits = attention_of({value.key: value for value in record.fields}, form)
    chosen = [
        hit
        for hit in hits
        if item in {None, f"{form.key}:{hit.spec.key}"}
        and (level is None or _ORDER[hit.spec.level] <= _ORDER[level])
    ]
    return tuple(sorted(chosen, key=lambda hit: _ORDER[hit.spec.level]))


def _line(one: ReportDocument, record: Record, hits: tuple[AttentionHit, ...]) -> AttentionLine:
    values = {value.key: value.value for value in record.fields}

    def text(key: str) -> str:
        value = values.get(key)
        return value if isinstance(value, str) else ""

    return AttentionLine(
        document=one.id,
        batch=one.batch,
        institution=one.institution,
        vaccinated_on=one.vaccinated_on,
        name=text("name"),
        birth_date=text("birth_date"),
        template=record.template or "",
        hits=hits,
    )


__all__ = ["MOST_LISTED", "AttentionLine", "AttentionList", "attention_items", "list_attention"]
