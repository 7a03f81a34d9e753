"""Mistakes in a profile that its schema cannot see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from ocr_service.exporters.fhir_immunization import ELEMENTS
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
from ocr_service.exporters.profile_finding import ProfileFinding, placed_columns
from ocr_service.exporters.profile_library import ProfileError
from ocr_service.exporters.profile_lint_file import lint_file
from ocr_service.exporters.profile_model import Column, FileFormat, Profile
from ocr_service.forms.library import TemplateLibrary

_SHOWN: Final = 5
_LONG_PARTS: Final = {"EEE": 2, "E": 1, "N": 1}


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
        *lint_file(profile),
    ]


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
            yield ProfileFinding(
                "templates", f"no form {name} is known", f"様式 {name} はありません", fatal=False
            )
    for where, source, has_field in _placed_sources(profile):
        try:
            compile_source(source, profile.codes)
            parsed = parse_expression(source)
        except ExpressionError as error:
            yield ProfileFinding(where, str(error), f"式が正しくありません: {error}")
            continue
        facts = META_NAMES | FIELD_NAMES if has_field else META_NAMES
        for part in walk(parsed):
            if isinstance(part, Key) and part.name not in known:
                yield _unknown(where, part, known)
            if isinstance(part, Fact) and part.name not in facts:
                yield ProfileFinding(
                    where,
                    f"there is no fact @{part.name}",
                    f"@{part.name} という情報はありません",
                )


def _known_keys(profile: Profile, library: TemplateLibrary) -> set[str]:
    return {
        key
        for one in library.loaded
        if not profile.templates or one.template.key in profile.templates
        for key in one.template.record_keys
    }


def _unknown(where: str, part: Key, known: set[str]) -> ProfileFinding:
    close = ", ".join(sorted(key for key in known if key.startswith(part.name[:4]))[:3])
    return ProfileFinding(
        where,
        f"no form has a field {part.name}" + (f"; did you mean {close}?" if close else ""),
        f"{part.name} という項目はどの様式にもありません"
        + (f"（近いもの: {close}）" if close else ""),
    )


def _widths(profile: Profile) -> Iterator[ProfileFinding]:
    fixed = profile.file.format is FileFormat.FIXED
    for where, column in placed_columns(profile):
        if column.width is None:
            if fixed:
                yield ProfileFinding(
                    where,
                    "a fixed file needs the width of every column",
                    "固定長では全列に width が要ります",
                )
            if column.pad is not None:
                yield ProfileFinding(
                    where, "pad needs a width to fill up to", "pad には width が要ります"
                )
            continue
        needed = _least_width(column, profile)
        if needed > column.width and column.overflow == "hold":
            yield ProfileFinding(
                where,
                f"its source always or often gives {needed}, the width is {column.width}",
                f"値は {needed} 桁になりますが、width は {column.width} です",
            )
        if _pads_in_bytes(column, fixed=fixed) and not (column.pad or " ").isascii():
            yield ProfileFinding(
                where,
                "pad must be one byte where width counts bytes",
                "width がバイト数のとき、pad は 1 バイトの文字にします",
            )


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
            yield ProfileFinding(
                "columns",
                f"{number} columns are called {header}",
                f"見出し {header} の列が {number} つあります",
                fatal=False,
            )
    for where, column in placed_columns(profile):
        if column.each is not None and "{key}" not in column.header:
            yield ProfileFinding(
                where, "the header of each field needs {key}", "見出しに {key} が要ります"
            )
        if column.sum and column.type.value not in {"number", "digits"}:
            yield ProfileFinding(
                where, "only numbers can be summed", "合計できるのは数値の列だけです"
            )
    for column in profile.rows.columns:
        if "{n}" not in column.header:
            yield ProfileFinding(
                f"rows.columns {column.header}", "the header needs {n}", "見出しに {n} が要ります"
            )


def _elements(profile: Profile) -> Iterator[ProfileFinding]:
    if profile.file.format is not FileFormat.FHIR:
        return
    for where, column in placed_columns(profile):
        if column.header not in ELEMENTS:
            known = ", ".join(ELEMENTS)
            yield ProfileFinding(
                where, f"no such element; known: {known}", f"この要素はありません（{known}）"
            )


def require_faultless(profile: Profile, library: TemplateLibrary) -> None:
    """Refuse a profile that cannot be used.

    Raises:
        ProfileError: lint finds an error; the message says where.
    """
    fatal = [found for found in lint_profile(profile, library) if found.fatal]
    if fatal:
        shown = "; ".join(f"{found.where}: {found.message}" for found in fatal[:_SHOWN])
        raise ProfileError(f"profile {profile.name}: {shown}")


__all__ = ["ProfileFinding", "lint_profile", "require_faultless"]
