"""What accompanies every export: who, when, how much, of which documents, and what stayed."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ocr_service.db.ids import ExportId
from ocr_service.exporters.profile_entry import Finding
from ocr_service.service.export.preparing import PreparedExport

MANIFEST_VERSION = 1


def manifest_bytes(prepared: PreparedExport, export: ExportId, *, sha256: str) -> bytes:
    """The manifest as JSON; it holds ids, counts and hashes, and no value of a field.

    Lists of documents are written one line each as they come, so that a hundred thousand of them
    take the room of their text.

    Args:
        prepared: the export.
        export: its id.
        sha256: of the download.
    """
    out = io.StringIO()
    head = json.dumps(_head(prepared, export, sha256), ensure_ascii=False, indent=1)
    out.write(head.removesuffix("\n}"))
    for name, lines in (
        ("documents", _documents(prepared)),
        ("held", _held(prepared)),
        ("replaced", _replaced(prepared)),
    ):
        out.write(f',\n "{name}": [')
        for place, line in enumerate(lines):
            out.write(("," if place else "") + "\n  " + json.dumps(line, ensure_ascii=False))
        out.write("]")
    out.write("\n}\n")
    return out.getvalue().encode()


def _documents(prepared: PreparedExport) -> Iterator[dict[str, Any]]:
    for item in prepared.items:
        yield {"id": item.document, "version": item.version, "change": item.change}


def _held(prepared: PreparedExport) -> Iterator[dict[str, Any]]:
    for one in prepared.held:
        yield {"id": one.document, "reasons": [_finding(finding) for finding in one.findings]}


def _replaced(prepared: PreparedExport) -> Iterator[dict[str, Any]]:
    for note in prepared.notes:
        yield {"id": note.document, **_finding(note)}


def _head(prepared: PreparedExport, export: ExportId, sha256: str) -> dict[str, Any]:
    request = prepared.request
    profile = request.profile.profile
    return {
        "manifest_version": MANIFEST_VERSION,
        "export": export,
        "made_by": request.actor,
        "made_at": prepared.moment.isoformat(timespec="seconds"),
        "profile": {
            "name": profile.name,
            "version": profile.version,
            "sha256": request.profile.sha256,
            "status": profile.status,
        },
        "selection": request.selection.as_json(),
        "sha256": sha256,
        "files": [
            {"name": f.name, "sha256": f.sha256, "bytes": f.size, "rows": f.rows}
            for f in prepared.files
        ],
        "counts": counts_of(prepared),
        "sums": dict(prepared.sums),
    }


def counts_of(prepared: PreparedExport) -> dict[str, Any]:
    """How many documents and rows, and of what kind."""
    changes = Counter(item.change for item in prepared.items)
    return {
        "documents": len(prepared.items),
        "rows": prepared.rows,
        "held": len(prepared.held),
        "already_out": prepared.already_out,
        "other_forms": prepared.other_forms,
        "waiting": {state.value: number for state, number in prepared.waiting.items()},
        "changes": dict(sorted(changes.items())),
        "rows_by_split": dict(prepared.split_rows) if len(prepared.split_rows) > 1 else {},
    }


def _finding(finding: Finding) -> dict[str, str]:
    shown = {"column": finding.column, "code": finding.code, "detail": finding.detail}
    return {name: text for name, text in shown.items() if text}


__all__ = ["MANIFEST_VERSION", "counts_of", "manifest_bytes"]
