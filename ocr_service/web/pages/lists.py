"""Batches and documents as the lists show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from ocr_service.db.records.documents import Document
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.intake.pairing import SIDE_STANDINGS
from ocr_service.service.intake.receipt import BatchReceipt
from ocr_service.service.querying import BatchStatus
from ocr_service.web.pages.advice import advise
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.words import say

JAPAN = timezone(timedelta(hours=9), "JST")
_OPEN = frozenset({DocumentState.QUEUED, DocumentState.PROCESSING})


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch in the list, or at the head of its own page.

    Attributes:
        id: its id.
        name: its name, or words for "unnamed" with the id.
        created: time of intake in Japan, for people.
        created_iso: the same for programs.
        created_by: user name.
        counts: state and number of documents, without empty states, in order of work.
        done: documents the machine has finished with.
        total: all documents.
        settled: nothing is left to do for the machine.
    """

    id: int
    name: str
    created: str
    created_iso: str
    created_by: str
    counts: tuple[tuple[str, int], ...]
    done: int
    total: int
    settled: bool


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in a list.

    Attributes:
        id: its id.
        batch: id of its batch.
        file: name of the file it came from.
        page: page in that file, from 1.
        state: where it stands.
        template: ``KEY@VERSION``, or None.
        reason: why it could not be read, or None.
        waiting: the machine has not finished with it.
    """

    id: int
    batch: int
    file: str
    page: int
    state: str
    template: str | None
    reason: str | None
    waiting: bool


def batch_line(status: BatchStatus, language: Language) -> BatchLine:
    """A batch as shown."""
    batch = status.batch
    still_open = sum(status.counts[state] for state in _OPEN)
    return BatchLine(
        id=batch.id,
        name=batch.name or f"{say('batch.unnamed', language)} {batch.id}",
        created=local_time(batch.created_at),
        created_iso=batch.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        created_by=batch.created_by,
        counts=tuple(
            (state.value, status.counts[state]) for state in DocumentState if status.counts[state]
        ),
        done=status.total - still_open,
        total=status.total,
        settled=status.settled,
    )


def document_line(document: Document, language: Language) -> DocumentLine:
    """A document as shown."""
    reason = None
    if document.failure_code is not None:
        reason = advise(document.failure_code, language).reason
    template = None
    if document.template is not None:
        template = f"{document.template}@{document.template_version}"
    return DocumentLine(
        id=document.id,
        batch=document.batch,
        file=document.file_name,
        page=document.page,
        state=document.state.value,
        template=template,
        reason=reason,
        waiting=document.state in _OPEN,
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file or page of a receipt that somebody must look at.

    Attributes:
        name: the file.
        page: page in that file, None = the whole file.
        reason: why, for people.
    """

    name: str
    page: int | None
    reason: str


def troubles(receipt: BatchReceipt, language: Language) -> list[Trouble]:
    """What the receipt of a batch names, in the order of what is worst."""
    named = (*receipt.rejects, *receipt.unread, *receipt.unpaired)
    return [Trouble(one.name, one.page, _reason(one.code, language)) for one in named]


def _reason(code: str, language: Language) -> str:
    side = SIDE_STANDINGS.get(code)
    return advise(code, language).reason if side is None else say(f"sides.{side}", language)


def local_time(moment: datetime) -> str:
    """A moment as a clock in Japan shows it, to the minute."""
    return moment.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M")


__all__ = ["BatchLine", "DocumentLine", "batch_line", "document_line", "local_time", "troubles"]
