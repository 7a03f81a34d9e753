"""One column of a profile, ready to write its cell for any record."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ocr_service.exporters.csv_cells import guarded
from ocr_service.exporters.national_id import holds_national_id
from ocr_service.exporters.profile_characters import CharacterFitter, Fitted, name_character
from ocr_service.exporters.profile_compile import Compiled
from ocr_service.exporters.profile_entry import CellFault, Entry, Finding
from ocr_service.exporters.profile_functions import text_of
from ocr_service.exporters.profile_model import Column, ColumnType, FileFormat, Profile

Note = Callable[[Finding], None]

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LONG: Final = 12


@dataclass(frozen=True, slots=True)
class CellRules:
    """What all columns of a file have in common.

    Attributes:
        fitter: knows the encoding.
        on_missing: what a missing character does.
        guards: whether formulas are disarmed.
        fixed: whether every cell has a place of its own in the line.
        forbidden: characters that cannot stand in a cell because nothing is quoted.
    """

    fitter: CharacterFitter
    on_missing: str
    guards: bool
    fixed: bool
    forbidden: str

    @classmethod
    def of(cls, profile: Profile) -> CellRules:
        """Those of a profile."""
        file = profile.file
        bare = file.format is FileFormat.DELIMITED and file.quote == "none"
        return cls(
            fitter=CharacterFitter(file.encoding, profile.characters),
            on_missing=profile.characters.missing,
            guards=file.guards,
            fixed=file.format is FileFormat.FIXED,
            forbidden=file.delimiter + '"\r\n' if bare else "",
        )


class CellWriter:
    """Writes the cells of one column."""

    def __init__(self, column: Column, header: str, source: Compiled, rules: CellRules) -> None:
        self.header = header
        self.column = column
        self._source = source
        self._rules = rules
        self._pad = column.pad or (" " if rules.fixed else None)
        unit = column.unit or ("bytes" if rules.fixed else "characters")
        self._in_bytes = unit == "bytes"
        self._check = CELL_CHECKS[column.type]

    def cell(self, entry: Entry, note: Note) -> str:
        """The cell of a record; what is wrong with it goes to ``note``."""
        try:
            text = text_of(self._source(entry))
        except CellFault as fault:
            note(Finding(entry.document, self.header, fault.code, fault.detail))
            text = ""
        if not text:
            if self.column.required:
                note(Finding(entry.document, self.header, "value.missing"))
            return self._filled("", entry, note)
        self._judge(text, entry, note)
        if self._rules.guards:
            text = guarded(text)
        return self._filled(self._fitted(text, entry, note), entry, note)

    def _judge(self, text: str, entry: Entry, note: Note) -> None:
        if self._check is not None and not self._check(text):
            note(Finding(entry.document, self.header, f"value.not_{self.column.type.value}"))
        if (
            len(text) >= _LONG
            and self.column.type is not ColumnType.DATE
            and holds_national_id(text)
        ):
            note(Finding(entry.document, self.header, "national_id.found"))
        if self._rules.fixed and _BREAKS.search(text):
            note(Finding(entry.document, self.header, "value.line_break"))
        if self._rules.forbidden and any(char in text for char in self._rules.forbidden):
            note(Finding(entry.document, self.header, "value.not_quotable"))

    def _fitted(self, text: str, entry: Entry, note: Note) -> str:
        fitted: Fitted = self._rules.fitter.fit(text)
        if fitted.missing:
            names = " ".join(map(name_character, fitted.missing))
            note(Finding(entry.document, self.header, "characters.missing", names))
        if fitted.replaced:
            names = " ".join(f"{name_character(old)} → {new}" for old, new in fitted.replaced)
            note(Finding(entry.document, self.header, "characters.replaced", names, holds=False))
        return fitted.text

    def _filled(self, text: str, entry: Entry, note: Note) -> str:
        width = self.column.width
        if width is None:
            return text
        length = self.length(text)
        if length > width:
            cut = self.column.overflow == "cut"
            code = "value.cut" if cut else "value.too_long"
            detail = f"{length} > {width}"
            note(Finding(entry.document, self.header, code, detail, holds=not cut))
            text = self._cut(text, width)
            length = self.length(text)
        if self._pad is None:
            return text
        filler = self._pad * ((width - length) // self.length(self._pad))
        return text + filler if self.column.align == "left" else filler + text

    def length(self, text: str) -> int:
        """How long a text is in the unit of this column."""
        if not self._in_bytes:
            return len(text)
        return len(text.encode(self._rules.fitter.codec, errors="replace"))

    def _cut(self, text: str, width: int) -> str:
        text = text[:width]
        while self.length(text) > width:
            text = text[:-1]
        return text


def _is_date(text: str) -> bool:
    """Whether the digits of a text may name a day; how it is written is the profile's affair."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            return False
    return any(char.isdigit() for char in text)


CELL_CHECKS: Mapping[ColumnType, Callable[[str], bool] | None] = MappingProxyType(
    {
        ColumnType.TEXT: None,
        ColumnType.DIGITS: lambda text: text.isascii() and text.isdigit(),
        ColumnType.NUMBER: lambda text: _NUMBER.fullmatch(text) is not None,
        ColumnType.DATE: _is_date,
        ColumnType.FLAG: lambda text: text in {"0", "1"},
    }
)

__all__ = ["CELL_CHECKS", "CellRules", "CellWriter", "Note"]
