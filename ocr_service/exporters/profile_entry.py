"""What a row is made of: the values of one record, and facts about the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ocr_service.domain.field import Value

META_NAMES = frozenset(
    {
        "document_id",
        "version",
        "batch_id",
        "batch_name",
        "file",
        "page",
        "state",
        "template",
        "template_version",
        "scan_date",
        "scanned_at",
        "received_date",
        "export_date",
        "exported_at",
        "change",
    }
)
"""Facts about a record, written ``@name`` in expressions. Days are ISO 8601 in Japan's time,
moments are YYYYMMDDHHMMSS. ``received_date`` is the day on which the batch was opened."""

FIELD_NAMES = frozenset({"key", "label", "label_en", "value", "value_label", "value_label_en"})
"""Facts about one field, for rows per field and columns ``each = "field"``."""


class Change(StrEnum):
    """Why a row goes out; what ``@change`` says."""

    NEW = "new"
    CORRECT = "correct"  # the record was out before, and this is how it is now
    CANCEL = "cancel"  # takes back what was out before


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way out.

    Attributes:
        document: its id.
        values: by record key.
        meta: facts by name, without the ``@``.
    """

    document: int
    values: Mapping[str, Value]
    meta: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one cell that a person should know before the file is made.

    Attributes:
        document: which record.
        column: header of the column; "" where it is about the record as a whole.
        code: stable, for example ``characters.missing``.
        detail: what is wrong; characters and code points, never a whole value.
        holds: whether the record stays behind for it.
    """

    document: int
    column: str
    code: str
    detail: str = ""
    holds: bool = True


class CellFault(Exception):
    """A value that its expression cannot write; becomes a finding.

    Attributes:
        code: of the finding.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


__all__ = ["FIELD_NAMES", "META_NAMES", "CellFault", "Change", "Entry", "Finding"]
