"""Rows of files as they are kept, and kept rows as they are used."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

from ocr_service.db.masters.masters import StoredRow
from ocr_service.masters.importing.model import PERSONAL, KindSpec, MasterKind, MasterRow
from ocr_service.masters.sealing import Seal

_BETWEEN = "\x1f"


def stored(row: MasterRow, spec: KindSpec, seal: Seal | None) -> StoredRow:
    """A row of a file as it is kept.

    Args:
        row: from the file.
        spec: its kind.
        seal: for rows about citizens; None for others.
    """
    said = json.dumps(
        [sorted(row.data.items()), str(row.valid_from), str(row.valid_to)], ensure_ascii=False
    )
    if seal is None:
        return StoredRow(
            key=_BETWEEN.join(row.key),
            found_by=plain_look(*row.found_by),
            also_found_by=None,
            scope=spec.scope(row),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            cells=row.data,
            sealed=None,
            digest=hashlib.sha256(said.encode()).hexdigest(),
        )
    return StoredRow(
        key=seal.hashed(spec.kind, "key", *row.key),
        found_by=sealed_look(seal, *row.found_by),
        also_found_by=sealed_look(seal, *row.also_found_by),
        scope=spec.scope(row),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        cells=None,
        sealed=seal.closed_cells(row.data),
        digest=seal.hashed(spec.kind, "says", said),
    )


def plain_look(*parts: str) -> str | None:
    """What a plain row is looked up by."""
    return _BETWEEN.join(parts) or None


def sealed_look(seal: Seal, *parts: str) -> str | None:
    """What a sealed row is looked up by: voucher, or name and date of birth."""
    return seal.hashed("look", *parts) if parts else None


def cells_of(row: StoredRow, seal: Seal | None) -> Mapping[str, str]:
    """What a row says.

    Raises:
        WrongMasterKey: another key sealed it.
    """
    if row.sealed is not None and seal is not None:
        return seal.opened_cells(row.sealed)
    return row.cells or {}


def holds(row: StoredRow, on: dt.date) -> bool:
    """Whether a row of a master holds on a day."""
    return (row.valid_from is None or row.valid_from <= on) and (
        row.valid_to is None or on <= row.valid_to
    )


def needs_seal(kind: MasterKind) -> bool:
    """Whether rows of this kind are kept sealed."""
    return kind in PERSONAL


__all__ = ["cells_of", "holds", "needs_seal", "plain_look", "sealed_look", "stored"]
