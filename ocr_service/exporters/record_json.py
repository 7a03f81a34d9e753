"""A record as the JSON that ``read`` prints and the API gives."""

from __future__ import annotations

from typing import Any

from ocr_service.domain.field import FieldValue, Value
from ocr_service.domain.record import Issue, Record


def record_to_json(record: Record, *, language: str = "ja") -> dict[str, Any]:
    """The record in the published form; see ``docs/reference/json.md``."""
    shown: dict[str, Any] = {
        "file": record.file,
        "page": record.page,
        "template": record.template,
        "version": record.version,
        "state": record.state.value,
        "registration": None,
        "fields": {value.key: _field(value) for value in record.fields},
        "issues": [_issue(issue, language) for issue in record.issues],
    }
    if record.registration is not None:
        shown["registration"] = {
            "residual_mm": round(record.registration.residual_mm, 3),
            "rotation_deg": round(record.registration.rotation_deg, 2),
            "marks_found": record.registration.marks_found,
            "structure": round(record.registration.structure, 3),
        }
    if record.failure is not None:
        shown["failure"] = {
            "code": record.failure.code,
            "message": record.failure.message,
            "nearest": list(record.failure.nearest),
        }
    return shown


def value_to_json(value: Value) -> str | bool | list[str] | None:
    """Sets of options become lists; everything else is JSON already."""
    return list(value) if isinstance(value, tuple) else value


def _field(value: FieldValue) -> dict[str, Any]:
    return {
        "value": value_to_json(value.value),
        "raw": value.raw,
        "probability": round(value.probability, 4),
        "status": value.status.value,
        "alternatives": [
            {"value": value_to_json(a.value), "probability": round(a.probability, 4)}
            for a in value.alternatives
        ],
        "reader": value.reader,
        "source": value.source.value,
        "flags": sorted(flag.value for flag in value.flags),
        "box_mm": value.box.as_list(),
    }


def _issue(issue: Issue, language: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "rule": issue.rule,
        "severity": issue.severity.value,
        "fields": list(issue.fields),
        "message": issue.message_ja if language == "ja" else issue.message_en,
        "waived": issue.waiver is not None,
    }
    if issue.waiver is not None:
        shown["waiver"] = {
            "id": issue.waiver.id,
            "reason": issue.waiver.reason,
            "by": issue.waiver.actor,
            "at": issue.waiver.at.isoformat(),
        }
    return shown


__all__ = ["record_to_json", "value_to_json"]
