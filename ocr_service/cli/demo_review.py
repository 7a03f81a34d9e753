"""The demo plays the person at the desk: it answers from what the samples are known to say.

The samples are drawn by a program, so what stands on them is known (``truth.jsonl``). The audit log
names ``demo`` as the one who answered. Real pages are answered by people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_service.bootstrap import Services
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.domain.errors import Conflict, InvalidRequest
from ocr_service.domain.field import Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.review import reviewing
from ocr_service.service.review.editing import Edit, answer_field
from ocr_service.service.review.reviewing import Decision

ACTOR = "demo"
_MOST = 10_000

Truth = Mapping[tuple[str, int], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the demo did at the desk.

    Attributes:
        answered: fields that it answered otherwise than the machine.
        approved: records that it approved.
        left: records that a rule keeps for a person.
    """

    answered: int
    approved: int
    left: int


def read_truth(samples: Path) -> Truth:
    """What stands on the samples, by file and page; empty where nobody wrote it down."""
    path = samples / "truth.jsonl"
    if not path.is_file():
        return {}
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    return {(line["file"], line["page"]): line["fields"] for line in lines}


def review_all(services: Services, batch: BatchId, truth: Truth) -> Reviewed:
    """Answer and approve everything of a batch that is under review and whose truth is known."""
    with services.db.reading() as uow:
        wanted = DocumentFilter(batch=batch, state=DocumentState.NEEDS_REVIEW)
        waiting = documents.page(uow, wanted, limit=_MOST)
    answered = approved = 0
    known = [(seen, truth.get((seen.file_name, seen.page))) for seen in waiting]
    for seen, fields in known:
        if fields is not None:
            answered += _answer(services, seen, fields)
            approved += _approve(services, seen.id)
    return Reviewed(answered, approved, len(waiting) - approved)


def _answer(services: Services, seen: Document, fields: Mapping[str, Any]) -> int:
    with services.db.reading() as uow:
        record = records.load(uow, seen)
    wrong = {
        value.key: fields[value.key]
        for value in record.fields
        if value.key in fields and value.value != _as_value(fields[value.key])
    }
    return sum(_answer_one(services, seen.id, key, value) for key, value in wrong.items())


def _answer_one(services: Services, document: DocumentId, key: str, value: Any) -> bool:
    """Answer one field; False where a person could not enter this either (two marks)."""
    try:
        with services.db.writing() as uow:
            version = documents.get(uow, document).version
            edit = Edit(document, key, value, version, ACTOR)
            library = services.shelf.library()
            answer_field(uow, edit, library=library, check=services.check)
    except InvalidRequest:
        return False
    return True


def _approve(services: Services, document: DocumentId) -> bool:
    try:
        with services.db.writing() as uow:
            reviewing.approve(uow, Decision(document, ACTOR))
    except Conflict:
        return False
    return True


def _as_value(written: Any) -> Value:
    return tuple(written) if isinstance(written, list) else written


__all__ = ["ACTOR", "Reviewed", "read_truth", "review_all"]
