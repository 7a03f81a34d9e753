"""A sample file of the receiving system held against a profile: line and column of each difference.

The other way round than lint: the file is right, the question is whether the profile is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ocr_service.exporters.fhir_immunization import ELEMENTS
from ocr_service.exporters.profile_cells import CELL_CHECKS
from ocr_service.exporters.profile_characters import CharacterFitter, name_character
from ocr_service.exporters.profile_model import Column, Encoding, FileFormat, Profile
from ocr_service.exporters.profile_reading import FileNotAsTold, ReadLine, decoded, read_rows
from ocr_service.exporters.profile_rows import RowMaker
from ocr_service.forms.model import FormTemplate

_BOM: Final = b"\xef\xbb\xbf"
_TEXT: Final = frozenset({FileFormat.DELIMITED, FileFormat.FIXED, FileFormat.JSONL})


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a file and a profile differ.

    Attributes:
        line: from 1; 0 = the file as a whole.
        column: from 1; 0 = the whole line.
        header: of the column, "" where there is none.
        message: the difference; never a value of the file.
    """

    line: int
    column: int
    header: str
    message: str


def check_file(
    data: bytes, profile: Profile, form: FormTemplate | None = None, *, most: int = 200
) -> list[Difference]:
    """Differences between a sample file and a profile, at most ``most``; none = it fits.

    Args:
        data: the sample.
        profile: the layout.
        form: gives the columns of profiles whose columns follow the form.
        most: stop after so many.
    """
    return list(itertools.islice(_differences(data, profile, form), most))


def _differences(data: bytes, profile: Profile, form: FormTemplate | None) -> Iterator[Difference]:
    if not data:
        yield Difference(0, 0, "", "the file is empty")
        return
    maker = RowMaker(profile, form, lambda _key, _version: form)
    headers, columns = maker.headers, _columns(profile, maker)
    if profile.file.format is FileFormat.FHIR:
        headers, columns = ELEMENTS, _fhir_columns(profile)
    if profile.file.format in _TEXT:
        yield from _text_marks(data, profile)
    try:
        yield from _rows(read_rows(data, profile, columns), profile, headers, columns)
    except FileNotAsTold as error:
        yield Difference(error.line, 0, "", str(error))


def _columns(profile: Profile, maker: RowMaker) -> tuple[Column, ...]:
    """Those of the rows; of a dose that a person did not have, nothing is required."""
    own = len(profile.columns)
    if profile.rows.per != "person":
        return maker.columns
    blocks = (one.model_copy(update={"required": False}) for one in maker.columns[own:])
    return (*maker.columns[:own], *blocks)


def _fhir_columns(profile: Profile) -> tuple[Column, ...]:
    # What kind of change a record was shows in its status alone.
    own = {column.header: column for column in profile.columns if column.header != "change"}
    return tuple(own.get(name, Column(header=name, source='""')) for name in ELEMENTS)


def _text_marks(data: bytes, profile: Profile) -> Iterator[Difference]:
    has_mark = data.startswith(_BOM)
    wants_mark = profile.file.encoding is Encoding.UTF_8_SIG
    if has_mark and not wants_mark:
        yield Difference(1, 0, "", "starts with a byte order mark; encoding should be utf-8-sig")
    if wants_mark and not has_mark:
        yield Difference(1, 0, "", "has no byte order mark; encoding should be utf-8 or cp932")
    try:
        text = decoded(data, profile)
    except FileNotAsTold:
        return
    crlf = text.count("\r\n")
    bare = text.count("\n") - crlf
    if profile.file.newline == "crlf" and bare > crlf:
        yield Difference(1, 0, "", 'lines end with LF; newline should be "lf"')
    if profile.file.newline == "lf" and crlf > bare:
        yield Difference(1, 0, "", 'lines end with CR LF; newline should be "crlf"')
    if text and not text.endswith("\n"):
        yield Difference(text.count("\n") + 1, 0, "", "the last line has no end")


def _rows(
    lines: Iterator[ReadLine],
    profile: Profile,
    headers: tuple[str, ...],
    columns: tuple[Column, ...],
) -> Iterator[Difference]:
    tables = {FileFormat.DELIMITED, FileFormat.XLSX}
    if profile.file.header and profile.file.format in tables:
        first = next(lines, None)
        if first is None:
            yield Difference(1, 0, "", "there is no header")
            return
        yield from _header(first, headers)
    fitter = CharacterFitter(profile.file.encoding, profile.characters)
    for line in lines:
        if profile.file.format is FileFormat.JSONL and not profile.columns:
            continue
        cells = _whole(line.cells, profile, len(headers))
        if len(cells) != len(headers):
            message = f"{len(cells)} columns, the profile has {len(headers)}"
            yield Difference(line.line, 0, "", message)
            continue
        for place, cell in enumerate(cells):
            for message in _cell(cell, columns[place], profile, fitter):
                yield Difference(line.line, place + 1, headers[place], message)


def _whole(cells: tuple[str, ...], profile: Profile, length: int) -> tuple[str, ...]:
    """A workbook's row ends with its last cell that is not empty."""
    if profile.file.format is not FileFormat.XLSX:
        return cells
    return (*cells, *("",) * (length - len(cells)))


def _header(line: ReadLine, headers: tuple[str, ...]) -> Iterator[Difference]:
    for place, (found, wanted) in enumerate(
        itertools.zip_longest(line.cells, headers, fillvalue=None), start=1
    ):
        if found == wanted:
            continue
        if found is None:
            message = f"the profile has a column {wanted} that the file lacks"
        elif wanted is None:
            message = f"the file has a column {found} that the profile lacks"
        else:
            message = f"the file says {found}, the profile {wanted}"
        yield Difference(line.line, place, wanted or "", message)


def _cell(cell: str, column: Column, profile: Profile, fitter: CharacterFitter) -> Iterator[str]:
    fixed = profile.file.format is FileFormat.FIXED
    pad = column.pad or (" " if fixed else None)
    text = cell
    if pad is not None:
        text = cell.rstrip(pad) if column.align == "left" else cell.lstrip(pad)
    if not text:
        # A number of nothing but zeros, filled with zeros, is no empty cell.
        if column.required and not (pad and pad.isdigit() and cell):
            yield "empty, but required"
        return
    if column.width is not None:
        unit = column.unit or ("bytes" if fixed else "characters")
        length = len(text.encode(fitter.codec)) if unit == "bytes" else len(text)
        if length > column.width:
            yield f"{length} {unit}, the width is {column.width}"
    check = CELL_CHECKS[column.type]
    if check is not None and not check(text.removeprefix("'")):
        yield f"not of type {column.type.value}"
    missing = fitter.fit(text).missing
    if missing:
        yield f"characters that would not go out: {' '.join(map(name_character, missing))}"


__all__ = ["Difference", "check_file"]
