"""The layouts an export can have."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import partial

from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import Value
from ocr_service.domain.record import Record
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.exporting import Profile

_HEAD = ("file", "page", "template", "version", "state")


def profile_named(name: str, library: TemplateLibrary) -> Profile:
    """The layout called ``name``.

    Raises:
        NotFound: there is none.
    """
    if name != "csv":
        raise NotFound(f"no export profile {name}; known: csv")
    return Profile("csv", "text/csv; charset=utf-8", ".csv", partial(_csv, library=library))


def _csv(records: Sequence[Record], *, library: TemplateLibrary) -> bytes:
    names = {f"{r.template}@{r.version}" for r in records if r.template is not None}
    keys = list(
        dict.fromkeys(
            key for name in sorted(names) for key in library.get(name).template.record_keys
        )
    )
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_HEAD, *keys])
    for record in records:
        values = {field.key: field.value for field in record.fields}
        head = [record.file, record.page, record.template, record.version, record.state.value]
        writer.writerow([*head, *(_cell(values.get(key)) for key in keys)])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else " ".join(value)


__all__ = ["profile_named"]
