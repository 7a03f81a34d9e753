"""Mistakes in a profile that its schema cannot see."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ocr_service.exporters.fhir_immunization import ELEMENTS
from ocr_service.exporters.profile_characters import CharacterFitter, name_character
from ocr_service.exporters.profile_compile import compile_source
from ocr_service.exporters.profile_entry import FIELD_NAMES, META_NAMES
from ocr_service.exporters.profile_expression import (
    Call,
    Constant,
    Expression,
    ExpressionError,
    Fact,
    Key,
    parse_expression,
    walk,
)
from ocr_service.exporters.profile_model import Amendment, Column, Encoding, FileFormat, Profile
from ocr_service.exporters.profile_rows import sources_of
from ocr_service.forms.library import TemplateLibrary

_NAME_PARTS: Final = frozenset({"profile", "version", "date", "time", "split", "part"})
_LONG_PARTS: Final = {"EEE": 2, "E": 1, "N": 1}


@dataclass(frozen=True, slots=True)
class ProfileFinding:
    """A mistake.

    Attributes:
        where: place in the file: ``columns[3] 接種日``.
        message: what is wrong and what to do.
        fatal: whether the profile cannot be used.
    """

    where: str
    message: str
    fatal: bool = True


def lint_profile(profile: Profile, library: TemplateLibrary) -> list[ProfileFinding]:
    """Everything that is wrong with a profile.

    Args:
        profile: as parsed.
        library: the forms whose records it shall write.
    """
    return [
        *_sources(profile, library),
        *_widths(profile),
        *_headers(profile),
        *_elements(profile),
        *_file(profile),
        *_characters(profile),
        *_codes(profile),
        *_amendments(profile),
    ]


def placed_columns(profile: Profile) -> Iterator[tuple[str, Column]]:
    """Each column with its place in the file."""
    for group, columns in (("columns", profile.columns), ("rows.columns", profile.rows.columns)):
        for place, column in enumerate(columns, start=1):
            yield f"{group}[{place}] {column.header}", column


def _placed_sources(profile: Profile) -> Iterator[tuple[str, str, bool]]:
    per_field = profile.rows.per == "field"
    for where, column in placed_columns(profile):
        if column.source:
            yield where, column.source, per_field or column.each is not None
    for place, source in enumerate(profile.rows.person, start=1):
        yield f"rows.person[{place}]", source, False
    if profile.rows.block:
        yield "rows.block", profile.rows.block, False
    if profile.split.by:
        yield "split.by", profile.split.by, False


def _sources(profile: Profile, library: TemplateLibrary) -> Iterator[ProfileFinding]:
    known = _known_keys(profile, library)
    for name in profile.templates:
        if all(one.template.key != name for one in library.loaded):
            yield ProfileFinding("templates", f"no form {name} is known", fatal=False)
    for where, source, has_field in _placed_sources(profile):
        try:
            compile_source(source, profile.codes)
            parsed = parse_expression(source)
        except ExpressionError as error:
            yield ProfileFinding(where, str(error))
            continue
        facts = META_NAMES | FIELD_NAMES if has_field else META_NAMES
        for part in walk(parsed):
            if isinstance(part, Key) and part.name not in known:
                yield ProfileFinding(where, f"no form has a field {part.name}{_near(part, known)}")
            if isinstance(part, Fact) and part.name not in facts:
                yield ProfileFinding(where, f"there is no fact @{part.name}")


def _known_keys(profile: Profile, library: TemplateLibrary) -> set[str]:
    return {
        key
        for one in library.loaded
        if not profile.templates or one.template.key in profile.templates
        for key in one.template.record_keys
    }


def _near(part: Key, known: set[str]) -> str:
    close = sorted(key for key in known if key.startswith(part.name[:4]))[:3]
    return f"; did you mean {', '.join(close)}?" if close else ""


def _widths(profile: Profile) -> Iterator[ProfileFinding]:
    fixed = profile.file.format is FileFormat.FIXED
    for where, column in placed_columns(profile):
        if column.width is None:
            if fixed:
                yield ProfileFinding(where, "a fixed file needs the width of every column")
            if column.pad is not None:
                yield ProfileFinding(where, "pad needs a width to fill up to")
            continue
        needed = _least_width(column, profile)
        if needed > column.width and column.overflow == "hold":
            yield ProfileFinding(
                where, f"its source always or often gives {needed}, the width is {column.width}"
            )
        if _pads_in_bytes(column, fixed=fixed) and not (column.pad or " ").isascii():
            yield ProfileFinding(where, "pad must be one byte where width counts bytes")


def _pads_in_bytes(column: Column, *, fixed: bool) -> bool:
    unit = column.unit or ("bytes" if fixed else "characters")
    return unit == "bytes" and (fixed or column.pad is not None)


def _least_width(column: Column, profile: Profile) -> int:
    """How long some output of the column is for certain, in characters."""
    try:
        return _length(parse_expression(column.source), profile) if column.source else 0
    except ExpressionError:
        return 0


def _length(expression: Expression, profile: Profile) -> int:
    if isinstance(expression, Constant):
        return len(expression.text)
    if not isinstance(expression, Call):
        return 0
    arguments = expression.arguments
    last = arguments[-1] if arguments else None
    if expression.function in {"date", "era"} and isinstance(last, Constant):
        pattern = last.text
        for part, length in _LONG_PARTS.items():
            if expression.function == "era":
                pattern = pattern.replace(part, "x" * length)
        return len(pattern)
    if expression.function == "map" and isinstance(last, Constant):
        return max(map(len, profile.codes.get(last.text, {}).values()), default=0)
    if expression.function == "concat":
        return sum(_length(part, profile) for part in arguments)
    return 0


def _headers(profile: Profile) -> Iterator[ProfileFinding]:
    counted = Counter(column.header for _, column in placed_columns(profile))
    for header, number in counted.items():
        if number > 1:
            yield ProfileFinding("columns", f"{number} columns are called {header}", fatal=False)
    for where, column in placed_columns(profile):
        if column.each is not None and "{key}" not in column.header:
            yield ProfileFinding(where, "the header of each field needs {key}")
        if column.sum and column.type.value not in {"number", "digits"}:
            yield ProfileFinding(where, "only numbers can be summed")
    for column in profile.rows.columns:
        if "{n}" not in column.header:
            yield ProfileFinding(f"rows.columns {column.header}", "the header needs {n}")


def _elements(profile: Profile) -> Iterator[ProfileFinding]:
    if profile.file.format is not FileFormat.FHIR:
        return
    for where, column in placed_columns(profile):
        if column.header not in ELEMENTS:
            yield ProfileFinding(where, f"no such element; known: {', '.join(ELEMENTS)}")


def _file(profile: Profile) -> Iterator[ProfileFinding]:
    file = profile.file
    parts = set()
    try:
        parts = {name for _, name, _, _ in string.Formatter().parse(file.name) if name is not None}
    except ValueError as error:
        yield ProfileFinding("file.name", f"not a pattern: {error}")
    for name in sorted(parts - _NAME_PARTS):
        yield ProfileFinding("file.name", f"there is no {{{name}}}")
    if any(char in file.name for char in '/\\:*?"<>|'):
        yield ProfileFinding("file.name", 'no / \\ : * ? " < > | in a file name')
    several = bool(profile.split.by or profile.split.rows)
    if file.name and several and not parts & {"split", "part"}:
        yield ProfileFinding("file.name", "several files need {split} or {part} in their name")
    if file.format is FileFormat.FIXED and file.header and profile.columns:
        yield ProfileFinding("file.header", "a fixed file has no header line; set header = false")
    whole = {FileFormat.JSONL, FileFormat.FHIR, FileFormat.XLSX}
    if file.format in whole and file.encoding is not Encoding.UTF_8:
        yield ProfileFinding("file.encoding", f"{file.format.value} is always utf-8")


def _characters(profile: Profile) -> Iterator[ProfileFinding]:
    rules = profile.characters
    fitter = CharacterFitter(profile.file.encoding, rules.model_copy(update={"missing": "hold"}))
    texts = [(where, column.header) for where, column in placed_columns(profile)]
    texts += [(f"codes.{name}", text) for name, t in profile.codes.items() for text in t.values()]
    texts += [(f"characters.table {old}", new) for old, new in rules.table.items()]
    texts += [("characters.fallback", rules.fallback or "")]
    for where, text in texts:
        missing = fitter.fit(text).missing
        if missing:
            names = " ".join(map(name_character, missing))
            yield ProfileFinding(where, f"{profile.file.encoding.value} does not have {names}")
    if rules.missing != "replace" and (rules.table or rules.fallback):
        yield ProfileFinding("characters", 'table and fallback go with missing = "replace"')
    for char in rules.table:
        if len(char) != 1:
            yield ProfileFinding("characters.table", f"{char}: one character on the left")


def _codes(profile: Profile) -> Iterator[ProfileFinding]:
    used = set()
    for source in sources_of(profile):
        try:
            parsed = parse_expression(source)
        except ExpressionError:
            return
        for part in walk(parsed):
            if isinstance(part, Call) and part.function == "map" and len(part.arguments) > 1:
                table = part.arguments[1]
                used.add(table.text if isinstance(table, Constant) else "")
    for name in sorted(set(profile.codes) - used):
        yield ProfileFinding(f"codes.{name}", "no column uses this table", fatal=False)


def _amendments(profile: Profile) -> Iterator[ProfileFinding]:
    if profile.amendment is Amendment.REPLACE:
        return
    if profile.file.format is FileFormat.JSONL and not profile.columns:
        return
    if not any("@change" in source for source in sources_of(profile)):
        yield ProfileFinding(
            "amendment", f"{profile.amendment.value} needs a column with @change in its source"
        )


__all__ = ["ProfileFinding", "lint_profile", "placed_columns"]
