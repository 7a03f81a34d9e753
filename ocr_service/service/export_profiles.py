"""The layouts an export can have."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from types import MappingProxyType

from ocr_service.domain.errors import NotFound
from ocr_service.exporters.csv_file import CsvEncoding, CsvRow, write_csv
from ocr_service.forms.model import FormTemplate
from ocr_service.service.exporting import Profile


def profile_named(name: str) -> Profile:
    """The layout called ``name``.

    Raises:
        NotFound: there is none.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise NotFound(f"no export profile {name}; known: {', '.join(PROFILES)}") from None


def _csv(rows: Sequence[CsvRow], template: FormTemplate, *, encoding: CsvEncoding) -> bytes:
    out = io.BytesIO()
    write_csv(rows, template, encoding, out)
    return out.getvalue()


PROFILES = MappingProxyType(
    {
        "csv": Profile(
            "csv", "text/csv; charset=utf-8", ".csv", partial(_csv, encoding="utf-8-sig")
        ),
        "csv-cp932": Profile(
            "csv-cp932", "text/csv; charset=windows-31j", ".csv", partial(_csv, encoding="cp932")
        ),
    }
)
"""By name: UTF-8 with byte order mark, and the code page of Japanese Windows."""

__all__ = ["PROFILES", "profile_named"]
