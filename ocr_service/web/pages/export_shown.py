"""Exports and their layouts as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocr_service.db.export.exports import Export, ExportFile
from ocr_service.exporters.profile_entry import Finding
from ocr_service.exporters.profile_library import LoadedProfile
from ocr_service.service.export.preparing import PreparedExport
from ocr_service.service.export.preview import ShownRecord
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rule_words import rule_words
from ocr_service.web.pages.words import WORDS, say

_SHOWN = 200
_RULE = "issue."


@dataclass(frozen=True, slots=True)
class FindingLine:
    """Something about a cell, in words.

    Attributes:
        document: which record.
        column: header of the column.
        reason: what is wrong.
        detail: characters, lengths or the rule.
    """

    document: int
    column: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class ExportLine:
    """An export in the list, or at the head of its own page."""

    id: int
    made: str
    by: str
    profile: str
    title: str
    documents: int
    rows: int
    held: int
    amends: bool
    sha256: str
    size: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of an export."""

    number: int
    name: str
    rows: int
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A layout in a list."""

    name: str
    version: str
    title: str
    status: str
    origin: str
    file: str
    note: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would go out.

    Attributes:
        goes: documents that go.
        rows: their rows.
        held: documents that stay.
        already: documents that this layout has as they are.
        waiting: documents not approved yet.
        other: documents of forms that the layout is not for.
        changes: word and number of each kind of change.
        files: what would be written.
        findings: why documents stay.
        replaced: what was changed in cells.
        headers: of the columns.
        sample: the first rows.
        refuses: the layout refuses because characters are missing.
    """

    goes: int
    rows: int
    held: int
    already: int
    waiting: int
    other: int
    changes: tuple[tuple[str, int], ...]
    files: tuple[FileLine, ...]
    findings: tuple[FindingLine, ...]
    replaced: tuple[FindingLine, ...]
    headers: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    refuses: bool


def finding_line(finding: Finding, language: Language) -> FindingLine:
    """A finding in words; of a broken rule, its short name is the detail."""
    if finding.code.startswith(_RULE):
        rule = finding.code.removeprefix(_RULE)
        words = rule_words(rule, language)
        return FindingLine(finding.document, "", say("finding.issue", language), words)
    key = f"finding.{finding.code}"
    reason = say(key, language) if key in WORDS else finding.code
    return FindingLine(finding.document, finding.column, reason, finding.detail)


def finding_lines(findings: Iterable[Finding], language: Language) -> tuple[FindingLine, ...]:
    """The first findings in words."""
    found = [finding_line(finding, language) for finding in findings]
    return tuple(found[:_SHOWN])


def dry_run_shown(prepared: PreparedExport, language: Language) -> DryRun:
    """A prepared export as shown; only what fits a page."""
    profile = prepared.request.profile.profile
    changes: dict[str, int] = {}
    for item in prepared.items:
        changes[item.change] = changes.get(item.change, 0) + 1
    held = [finding for one in prepared.held for finding in one.findings if finding.holds]
    return DryRun(
        goes=len(prepared.items),
        rows=prepared.rows,
        held=len(prepared.held),
        already=prepared.already_out,
        waiting=sum(prepared.waiting.values()),
        other=prepared.other_forms,
        changes=tuple((say(f"export.{name}", language), n) for name, n in changes.items()),
        files=tuple(
            FileLine(place, file.name, file.rows, size_text(file.size), file.sha256)
            for place, file in enumerate(prepared.files[:_SHOWN], start=1)
        ),
        findings=finding_lines(held, language),
        replaced=finding_lines(prepared.notes, language),
        headers=prepared.headers,
        sample=tuple(prepared.sample),
        refuses=profile.characters.missing == "refuse" and bool(prepared.missing_characters),
    )


def export_line(
    export: Export, profiles: Mapping[str, LoadedProfile], language: Language
) -> ExportLine:
    """An export as shown."""
    known = profiles.get(export.profile)
    return ExportLine(
        id=export.id,
        made=local_time(export.created_at),
        by=export.created_by,
        profile=f"{export.profile}@{export.profile_version}",
        title=export.profile if known is None else title_of(known, language),
        documents=export.documents,
        rows=export.rows,
        held=export.held,
        amends=export.amends,
        sha256=export.sha256,
        size=size_text(export.size),
    )


def file_lines(files: Sequence[ExportFile]) -> tuple[FileLine, ...]:
    """The files of an export."""
    return tuple(
        FileLine(place, file.name, file.rows, size_text(file.size), file.sha256)
        for place, file in enumerate(files, start=1)
    )


def profile_line(loaded: LoadedProfile, language: Language) -> ProfileLine:
    """A layout as shown."""
    profile = loaded.profile
    note = profile.note
    shown = "" if note is None else (note.ja if language is Language.JA else note.en)
    file = profile.file.format.value
    if file in {"delimited", "fixed"}:
        file = f"{file} {profile.file.encoding.value}"
    return ProfileLine(
        profile.name,
        profile.version,
        title_of(loaded, language),
        profile.status,
        loaded.origin,
        file,
        shown,
    )


def title_of(loaded: LoadedProfile, language: Language) -> str:
    """Title of a layout."""
    title = loaded.profile.title
    return title.ja if language is Language.JA else title.en


def manifest_findings(manifest: Mapping[str, Any], language: Language) -> tuple[FindingLine, ...]:
    """Why documents were held back, from the manifest."""
    return finding_lines(
        (
            Finding(one["id"], reason.get("column", ""), reason["code"], reason.get("detail", ""))
            for one in manifest["held"]
            for reason in one["reasons"]
        ),
        language,
    )


@dataclass(frozen=True, slots=True)
class CellShown:
    """A cell of a preview."""

    text: str
    wrong: bool
    note: str


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row of a preview.

    Attributes:
        document: its record.
        cells: as they would be written.
        wrong: what is wrong with the record as a whole.
        held: whether the record would stay behind.
    """

    document: int
    cells: tuple[CellShown, ...]
    wrong: tuple[str, ...]
    held: bool


def rows_shown(
    records: Sequence[ShownRecord], headers: Sequence[str], language: Language, *, most: int
) -> tuple[RowShown, ...]:
    """Rows of a preview, each with its cells and what is wrong with them."""
    shown: list[RowShown] = []
    for record in records:
        by_column: dict[str, list[str]] = {}
        for finding in record.findings:
            line = finding_line(finding, language)
            by_column.setdefault(finding.column, []).append(f"{line.reason} {line.detail}".strip())
        known = set(headers)
        whole = tuple(
            f"{column} {text}".strip()
            for column, texts in by_column.items()
            if column not in known
            for text in texts
        )
        for row in record.rows:
            cells = tuple(
                CellShown(text, header in by_column, "、".join(by_column.get(header, ())))
                for header, text in zip(headers, row, strict=False)
            )
            held = any(finding.holds for finding in record.findings)
            shown.append(RowShown(record.document, cells, whole, held))
            if len(shown) >= most:
                return tuple(shown)
    return tuple(shown)


def size_text(size: int) -> str:
    """A size as people read it."""
    if size < 1000:  # noqa: PLR2004 - the prefix
        return f"{size} B"
    if size < 1_000_000:  # noqa: PLR2004
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"


__all__ = [
    "DryRun",
    "ExportLine",
    "FileLine",
    "FindingLine",
    "ProfileLine",
    "RowShown",
    "dry_run_shown",
    "export_line",
    "file_lines",
    "finding_line",
    "manifest_findings",
    "profile_line",
    "rows_shown",
    "size_text",
    "title_of",
]
