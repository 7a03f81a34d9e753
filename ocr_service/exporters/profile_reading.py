"""Files of a profile back into cells, strictly: what is not as the profile says is told."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import openpyxl
from openpyxl.utils.escape import unescape

from ocr_service.domain.errors import InvalidRequest
from ocr_service.exporters.fhir_immunization import ELEMENTS
from ocr_service.exporters.profile_model import Column, Encoding, FileFormat, Profile

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One row of a file.

    Attributes:
        line: where it begins, from 1.
        cells: as they stand, padding included.
    """

    line: int
    cells: tuple[str, ...]


class FileNotAsTold(InvalidRequest):
    """A file is not what the profile says; carries where.

    Attributes:
        line: from 1.
    """

    code = "profile.file"

    def __init__(self, message: str, *, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def read_rows(
    data: bytes, profile: Profile, columns: tuple[Column, ...] | None = None
) -> Iterator[ReadLine]:
    """The rows of a file, its header among them where it has one.

    Args:
        data: the whole file.
        profile: the layout.
        columns: what stands behind each header; default: the profile's own.

    Raises:
        FileNotAsTold: it cannot be read as the profile says.
    """
    match profile.file.format:
        case FileFormat.DELIMITED:
            yield from _delimited(decoded(data, profile), profile)
        case FileFormat.FIXED:
            yield from _fixed(data, profile, columns or profile.columns)
        case FileFormat.JSONL:
            yield from _json_lines(decoded(data, profile), profile)
        case FileFormat.XLSX:
            yield from _workbook(data)
        case FileFormat.FHIR:
            yield from _bundle(decoded(data, profile))


def decoded(data: bytes, profile: Profile) -> str:
    """The text of a file.

    Raises:
        FileNotAsTold: its bytes are not in the profile's encoding.
    """
    codec = "cp932" if profile.file.encoding is Encoding.CP932 else "utf-8"
    body = data.removeprefix(_BOM) if profile.file.encoding is Encoding.UTF_8_SIG else data
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise FileNotAsTold(
            f"byte {error.start} is not {profile.file.encoding.value}", line=line
        ) from error


def _delimited(text: str, profile: Profile) -> Iterator[ReadLine]:
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=profile.file.delimiter,
        quoting=csv.QUOTE_NONE if profile.file.quote == "none" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    line = 1
    try:
        for cells in reader:
            yield ReadLine(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileNotAsTold(f"not a delimited file: {error}", line=line) from error


def _fixed(data: bytes, profile: Profile, columns: tuple[Column, ...]) -> Iterator[ReadLine]:
    end = profile.file.line_end.encode()
    codec = "cp932" if profile.file.encoding is Encoding.CP932 else "utf-8"
    body = data.removeprefix(_BOM)
    for number, line in enumerate(body.removesuffix(end).split(end), start=1):
        if body:
            yield ReadLine(number, _places(line, columns, codec, number))


def _places(line: bytes, columns: tuple[Column, ...], codec: str, number: int) -> tuple[str, ...]:
    rest = line
    cells = []
    for column in columns:
        width = column.width or 0
        if (column.unit or "bytes") == "bytes":
            head, rest = rest[:width], rest[width:]
        else:
            text = _decoded_line(rest, codec, number)
            head, rest = text[:width].encode(codec), text[width:].encode(codec)
        cells.append(_decoded_line(head, codec, number))
    if rest:
        cells.append(_decoded_line(rest, codec, number))
    return tuple(cells)


def _decoded_line(data: bytes, codec: str, number: int) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise FileNotAsTold(
            f"byte {error.start} of a column is cut through or not {codec}", line=number
        ) from error


def _json_lines(text: str, profile: Profile) -> Iterator[ReadLine]:
    end = profile.file.line_end
    for number, line in enumerate(text.removesuffix(end).split(end), start=1):
        if not text:
            return
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            raise FileNotAsTold(f"not JSON: {error.msg}", line=number) from error
        if not isinstance(found, dict):
            raise FileNotAsTold("not a JSON object", line=number)
        cells = tuple(str(found.get(column.header, "")) for column in profile.columns)
        yield ReadLine(number, cells if profile.columns else (line,))


def _workbook(data: bytes) -> Iterator[ReadLine]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        yield ReadLine(number, tuple("" if cell is None else unescape(str(cell)) for cell in row))
    book.close()


def _bundle(text: str) -> Iterator[ReadLine]:
    try:
        bundle = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileNotAsTold(f"not JSON: {error.msg}", line=error.lineno) from error
    entries = bundle.get("entry", [])
    known = {entry["fullUrl"]: entry["resource"] for entry in entries}
    number = 0
    for entry in entries:
        if entry["resource"]["resourceType"] == "Immunization":
            number += 1
            cells = {name: get(entry["resource"], known) for name, get in _ELEMENT_OF.items()}
            yield ReadLine(number, tuple(str(cells.get(name, "")) for name in ELEMENTS))


Known = Mapping[str, Any]
_Get = Callable[[Any, Known], Any]


def _other(element: str, *path: str | int) -> _Get:
    def get(shot: Any, known: Known) -> Any:
        found = known.get(shot.get(element, {}).get("reference", ""), {})
        return _dig(found, path)

    return get


def _own(*path: str | int) -> _Get:
    return lambda shot, _known: _dig(shot, path)


def _dig(found: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return ""
    return found


def _performer(kind: str, *path: str | int) -> _Get:
    def get(shot: Any, known: Known) -> Any:
        for one in shot.get("performer", []):
            actor = known.get(one["actor"]["reference"], {})
            if actor.get("resourceType") == kind:
                return _dig(actor, path)
        return ""

    return get


def _name(representation: str) -> _Get:
    def get(shot: Any, known: Known) -> Any:
        patient = known.get(shot["patient"]["reference"], {})
        for name in patient.get("name", []):
            if name["extension"][0]["valueCode"] == representation:
                return name["text"]
        return ""

    return get


_ELEMENT_OF: Mapping[str, _Get] = MappingProxyType(
    {
        "id": _own("identifier", 0, "value"),
        "status": _own("status"),
        "status_reason": _own("statusReason", "text"),
        "vaccine_code": _own("vaccineCode", "coding", 0, "code"),
        "vaccine_system": _own("vaccineCode", "coding", 0, "system"),
        "vaccine_text": _own("vaccineCode", "text"),
        "occurrence": _own("occurrenceDateTime"),
        "recorded": _own("recorded"),
        "lot_number": _own("lotNumber"),
        "expiration": _own("expirationDate"),
        "dose_ml": _own("doseQuantity", "value"),
        "manufacturer": _other("manufacturer", "name"),
        "place": _other("location", "name"),
        "doctor": _performer("Practitioner", "name", 0, "text"),
        "institution_code": _performer("Organization", "identifier", 0, "value"),
        "institution": _performer("Organization", "name"),
        "patient_id": _other("patient", "identifier", 0, "value"),
        "patient_id_system": _other("patient", "identifier", 0, "system"),
        "name": _name("IDE"),
        "kana": _name("SYL"),
        "birth_date": _other("patient", "birthDate"),
        "sex": _other("patient", "gender"),
        "address": _other("patient", "address", 0, "text"),
        "phone": _other("patient", "telecom", 0, "value"),
        "disease": _own("protocolApplied", 0, "targetDisease", 0, "text"),
        "disease_code": _own("protocolApplied", 0, "targetDisease", 0, "coding", 0, "code"),
        "disease_system": _own("protocolApplied", 0, "targetDisease", 0, "coding", 0, "system"),
        "dose_number": _own("protocolApplied", 0, "doseNumberPositiveInt"),
    }
)

__all__ = ["FileNotAsTold", "ReadLine", "decoded", "read_rows"]
