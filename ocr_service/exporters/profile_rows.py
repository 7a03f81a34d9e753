"""Rows of a profile for one record after another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocr_service.domain.field import Value
from ocr_service.exporters.fhir_check import check_resources
from ocr_service.exporters.fhir_immunization import resources_of
from ocr_service.exporters.national_id import holds_national_id
from ocr_service.exporters.profile_cells import CellRules, CellWriter
from ocr_service.exporters.profile_characters import name_character
from ocr_service.exporters.profile_compile import Compiled, compile_source, keys_of
from ocr_service.exporters.profile_entry import CellFault, Entry, Finding
from ocr_service.exporters.profile_functions import Codes, text_of
from ocr_service.exporters.profile_labels import field_facts
from ocr_service.exporters.profile_model import Column, FileFormat, Profile
from ocr_service.forms.model import FormTemplate

FormOf = Callable[[str, str], FormTemplate | None]
"""The form called (key, version), None where it is not known any more."""

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeRows:
    """What one record gives.

    Attributes:
        rows: its rows; of rows per person, the person's cells and those of one block.
        findings: what a person should know.
        split: which file it goes to; "" where there is one.
        person: who it is about; rows per person only.
        block: which block of the person's row, from 1; 0 otherwise.
    """

    rows: tuple[Cells, ...]
    findings: tuple[Finding, ...]
    split: str = ""
    person: Cells = ()
    block: int = 0

    @property
    def holds(self) -> bool:
        """Whether the record stays behind."""
        return any(finding.holds for finding in self.findings)


class RowMaker:
    """Makes the rows of one file layout.

    Args:
        profile: the layout.
        form: gives the columns of profiles whose columns follow the form; None for others.
        form_of: knows the forms of records, for the labels of fields.

    Raises:
        ExpressionError: a source cannot be compiled.
    """

    def __init__(self, profile: Profile, form: FormTemplate | None, form_of: FormOf) -> None:
        self._profile = profile
        self._form_of = form_of
        self._rules = CellRules.of(profile)
        self._columns = tuple(self._writers(profile.columns, form))
        self._block_columns = tuple(self._writers(profile.rows.columns, form))
        codes = profile.codes
        self._split = compile_source(profile.split.by, codes) if profile.split.by else None
        self._person = tuple(compile_source(text, codes) for text in profile.rows.person)
        self._block = compile_source(profile.rows.block, codes) if profile.rows.block else None

    @property
    def headers(self) -> Cells:
        """Of all columns, in order."""
        own = tuple(writer.header for writer in self._columns)
        blocks = tuple(
            writer.header.replace("{n}", str(number))
            for number in range(1, self._profile.rows.blocks + 1)
            for writer in self._block_columns
        )
        return own + blocks

    @property
    def columns(self) -> tuple[Column, ...]:
        """What stands behind each header."""
        own = tuple(writer.column for writer in self._columns)
        block = tuple(writer.column for writer in self._block_columns)
        return own + block * self._profile.rows.blocks

    @property
    def per_person(self) -> bool:
        """Whether several records make one row."""
        return self._profile.rows.per == "person"

    def make(self, entry: Entry) -> MadeRows:
        """The rows of one record."""
        findings: list[Finding] = []
        rows: tuple[Cells, ...]
        if self._profile.file.format is FileFormat.JSONL and not self._columns:
            rows = ((self._whole_record(entry, findings.append),),)
        elif self._profile.rows.per == "field":
            rows = tuple(self._cells(one, findings) for one in self._each_field(entry))
        else:
            rows = (self._cells(entry, findings),)
        if self._profile.file.format is FileFormat.FHIR:
            findings.extend(self._fhir_findings(entry, rows[0]))
        split = self._plain(self._split, entry, findings) if self._split is not None else ""
        person = tuple(self._plain(part, entry, findings) for part in self._person)
        return MadeRows(rows, tuple(findings), split, person, self._block_number(entry, findings))

    def _writers(
        self, columns: tuple[Column, ...], form: FormTemplate | None
    ) -> Iterator[CellWriter]:
        codes = self._profile.codes
        for column in columns:
            if column.each is None:
                source = compile_source(column.source, codes)
                yield CellWriter(column, column.header, source, self._rules)
                continue
            for key in form.record_keys if form is not None else ():
                facts = field_facts(form, key, None)
                header = column.header.replace("{key}", key).replace("{label}", facts["label"])
                source = _of_field(column.source or "@value", codes, self._form_of, key)
                yield CellWriter(column, header, source, self._rules)

    def _cells(self, entry: Entry, findings: list[Finding]) -> Cells:
        note = findings.append
        writers = self._columns + self._block_columns
        return tuple(writer.cell(entry, note) for writer in writers)

    def _each_field(self, entry: Entry) -> Iterator[Entry]:
        form = self._form_of(entry.meta["template"], entry.meta["template_version"])
        keys = form.record_keys if form is not None else tuple(entry.values)
        for key in keys:
            facts = field_facts(form, key, entry.values.get(key))
            yield replace(entry, meta={**entry.meta, **facts})

    def _whole_record(self, entry: Entry, note: Callable[[Finding], None]) -> str:
        for key, value in entry.values.items():
            text = text_of(value)
            if holds_national_id(text):
                note(Finding(entry.document, key, "national_id.found"))
            missing = self._rules.fitter.fit(text).missing
            if missing:
                names = " ".join(map(name_character, missing))
                note(Finding(entry.document, key, "characters.missing", names))
        shown: dict[str, Any] = {name: entry.meta.get(name, "") for name in _JSON_FACTS}
        shown["document_id"] = entry.document
        shown["fields"] = {key: _json_value(value) for key, value in entry.values.items()}
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))

    def _fhir_findings(self, entry: Entry, cells: Cells) -> Iterator[Finding]:
        resources = resources_of(dict(zip(self.headers, cells, strict=True)))
        for problem in check_resources(resources):
            yield Finding(entry.document, problem.path, "fhir.invalid", problem.message)

    @staticmethod
    def _plain(source: Compiled, entry: Entry, findings: list[Finding]) -> str:
        try:
            return text_of(source(entry))
        except CellFault as fault:
            findings.append(Finding(entry.document, "", fault.code, fault.detail))
            return ""

    def _block_number(self, entry: Entry, findings: list[Finding]) -> int:
        if self._block is None:
            return 0
        text = self._plain(self._block, entry, findings)
        most = self._profile.rows.blocks
        if text.isascii() and text.isdigit() and 1 <= int(text) <= most:
            return int(text)
        findings.append(Finding(entry.document, "", "block.unknown", f"1-{most}"))
        return 0


def keys_used(profile: Profile) -> frozenset[str] | None:
    """The record keys a profile asks for; None = all that a record has.

    Raises:
        ExpressionError: a source cannot be read.
    """
    everything = profile.rows.per == "field" or profile.one_form_only or not profile.columns
    if everything:
        return None
    return frozenset(key for source in sources_of(profile) for key in keys_of(source))


def sources_of(profile: Profile) -> Iterator[str]:
    """Every expression of a profile."""
    for column in (*profile.columns, *profile.rows.columns):
        if column.source:
            yield column.source
    yield from profile.rows.person
    yield from (text for text in (profile.rows.block, profile.split.by) if text)


def _of_field(text: str, codes: Codes, form_of: FormOf, key: str) -> Compiled:
    """A source about one field; the value itself, which most ask for, without any detour."""
    if text == "@value":
        return lambda entry: entry.values.get(key)
    inner = compile_source(text, codes)

    def value(entry: Entry) -> Value:
        form = form_of(entry.meta.get("template", ""), entry.meta.get("template_version", ""))
        facts: Mapping[str, str] = field_facts(form, key, entry.values.get(key))
        return inner(replace(entry, meta={**entry.meta, **facts}))

    return value


_JSON_FACTS = (
    "document_id",
    "version",
    "change",
    "batch_id",
    "batch_name",
    "file",
    "page",
    "scan_date",
    "template",
    "template_version",
)


def _json_value(value: Value) -> str | bool | list[str] | None:
    return list(value) if isinstance(value, tuple) else value


__all__ = ["Cells", "FormOf", "MadeRows", "RowMaker", "keys_used", "sources_of"]
