"""Every field that was read wrong, for the people who improve readers on invented pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ocr_service.evaluation.folder import FolderScore
from ocr_service.evaluation.judge import plain
from ocr_service.exporters.record_json import value_to_json


def write_mistakes(scored: FolderScore, path: Path) -> int:
    """One JSON line for each wrong field; the number of them.

    Holds field values: only for pages of invented people.
    """
    lines = list(_mistakes(scored))
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(lines)


def _mistakes(scored: FolderScore) -> Iterator[str]:
    for record, page in zip(scored.records, scored.truth, strict=True):
        for value in record.fields:
            wanted = page.fields.get(value.key)
            if value.key in page.fields and plain(value.value) != plain(wanted):
                shown = {
                    "file": page.file,
                    "key": value.key,
                    "truth": value_to_json(wanted),
                    "read": value_to_json(value.value),
                    "probability": round(value.probability, 4),
                    "status": value.status.value,
                    "flags": sorted(flag.value for flag in value.flags),
                    "alternatives": [value_to_json(a.value) for a in value.alternatives],
                }
                yield json.dumps(shown, ensure_ascii=False)


__all__ = ["write_mistakes"]
