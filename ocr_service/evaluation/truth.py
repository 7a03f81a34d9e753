"""Scans with known content: ``truth.jsonl``, one JSON object a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Value

TRUTH_FILE = "truth.jsonl"


@dataclass(frozen=True, slots=True)
class TruthPage:
    """What a page really says.

    Attributes:
        file: name of the scan.
        page: 1-based page in it.
        template: template key, None for a page that fits no template.
        version: template version.
        fields: canonical value by record key.
        meta: how the page was made, for splitting the scores: font, difficulty, faults,
            each with its one or several values as text.
    """

    file: str
    page: int
    template: str | None
    version: str | None
    fields: Mapping[str, Value]
    meta: Mapping[str, tuple[str, ...]]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str
    page: int = 1
    template: str | None = None
    version: str | None = None
    fields: dict[str, str | bool | list[str] | None] = {}
    meta: dict[str, object] = {}


def load_truth(path: Path) -> tuple[TruthPage, ...]:
    """All pages of a truth file.

    Raises:
        InvalidRequest: the file is missing or a line is not what it should be; the message has the
            line number.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path.name} cannot be read as UTF-8 text") from error
    return tuple(_pages(text, path.name))


def _pages(text: str, name: str) -> Iterator[TruthPage]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            parsed = _Line.model_validate(json.loads(line))
        except (json.JSONDecodeError, ValidationError) as error:
            raise InvalidRequest(f"{name}, line {number}: not a page of truth") from error
        yield TruthPage(
            file=parsed.file,
            page=parsed.page,
            template=parsed.template,
            version=parsed.version,
            fields={key: _value(value) for key, value in parsed.fields.items()},
            meta={name: _texts(value) for name, value in parsed.meta.items()},
        )


def _value(value: str | bool | list[str] | None) -> Value:  # noqa: FBT001  a field's value, not a switch
    return tuple(value) if isinstance(value, list) else value


def _texts(value: object) -> tuple[str, ...]:
    """A word or number, or a list of them; anything else is no way to split pages."""
    items = value if isinstance(value, list) else [value]
    return tuple(str(item) for item in items if isinstance(item, str | int | float))


__all__ = ["TRUTH_FILE", "TruthPage", "load_truth"]
