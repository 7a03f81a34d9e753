"""Mistakes in what a profile says of its file: name, characters, code tables, amendments."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Final

from ocr_service.exporters.profile_characters import CharacterFitter, name_character
from ocr_service.exporters.profile_expression import (
    Call,
    Constant,
    ExpressionError,
    parse_expression,
    walk,
)
from ocr_service.exporters.profile_finding import ProfileFinding, placed_columns
from ocr_service.exporters.profile_model import Amendment, Encoding, FileFormat, Profile
from ocr_service.exporters.profile_rows import sources_of

_NAME_PARTS: Final = frozenset({"profile", "version", "date", "time", "split", "part"})


def lint_file(profile: Profile) -> Iterator[ProfileFinding]:
    """Everything that is wrong beside rows and columns."""
    yield from _file(profile)
    yield from _characters(profile)
    yield from _codes(profile)
    yield from _amendments(profile)


def _file(profile: Profile) -> Iterator[ProfileFinding]:
    file = profile.file
    parts = set()
    try:
        parts = {name for _, name, _, _ in string.Formatter().parse(file.name) if name is not None}
    except ValueError as error:
        yield ProfileFinding(
            "file.name", f"not a pattern: {error}", f"ファイル名が正しくありません: {error}"
        )
    for name in sorted(parts - _NAME_PARTS):
        yield ProfileFinding("file.name", f"there is no {{{name}}}", f"{{{name}}} は使えません")
    if any(char in file.name for char in '/\\:*?"<>|'):
        yield ProfileFinding(
            "file.name",
            'no / \\ : * ? " < > | in a file name',
            "ファイル名に使えない文字があります",
        )
    several = bool(profile.split.by or profile.split.rows)
    if file.name and several and not parts & {"split", "part"}:
        yield ProfileFinding(
            "file.name",
            "several files need {split} or {part} in their name",
            "分割するときは、ファイル名に {split} か {part} が要ります",
        )
    if file.format is FileFormat.FIXED and file.header and profile.columns:
        yield ProfileFinding(
            "file.header",
            "a fixed file has no header line; set header = false",
            "固定長に見出し行はありません。header = false にします",
        )
    whole = {FileFormat.JSONL, FileFormat.FHIR, FileFormat.XLSX}
    if file.format in whole and file.encoding is not Encoding.UTF_8:
        yield ProfileFinding(
            "file.encoding",
            f"{file.format.value} is always utf-8",
            f"{file.format.value} の文字コードは utf-8 だけです",
        )


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
            yield ProfileFinding(
                where,
                f"{profile.file.encoding.value} does not have {names}",
                f"{profile.file.encoding.value} にない文字です: {names}",
            )
    if rules.missing != "replace" and (rules.table or rules.fallback):
        yield ProfileFinding(
            "characters",
            'table and fallback go with missing = "replace"',
            "table と fallback は missing が replace のときだけ使えます",
        )
    for char in rules.table:
        if len(char) != 1:
            yield ProfileFinding(
                "characters.table",
                f"{char}: one character on the left",
                f"{char}: 左は 1 文字にします",
            )


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
        yield ProfileFinding(
            f"codes.{name}",
            "no column uses this table",
            "この表を使う列がありません",
            fatal=False,
        )


def _amendments(profile: Profile) -> Iterator[ProfileFinding]:
    if profile.amendment is Amendment.REPLACE:
        return
    if profile.file.format is FileFormat.JSONL and not profile.columns:
        return
    if not any("@change" in source for source in sources_of(profile)):
        yield ProfileFinding(
            "amendment",
            f"{profile.amendment.value} needs a column with @change in its source",
            f"{profile.amendment.value} には @change を使う列が要ります",
        )


__all__ = ["lint_file"]
