"""What waits for people, and what can be done about pages that no record was made of."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import Document
from ocr_service.db.review import postponements, rescans
from ocr_service.db.review import queue as review_queue
from ocr_service.db.review.queue import QueueFilter
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.exporters.csv_cells import guarded
from ocr_service.service.review.claiming import holder_of
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.advice import advise
from ocr_service.web.pages.desk import needs_eyes
from ocr_service.web.pages.documents import picture_address
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import document_line, local_time
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.rule_words import rule_words
from ocr_service.web.pages.words import say
from ocr_service.web.security import AnyUser, ClerkUser, ReviewerUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A document that waits.

    Attributes:
        id: its id.
        file: the file it came in.
        page: page in that file.
        batch: its batch.
        state: where it stands.
        template: the form it was read as, or None.
        age: how long it has waited, in words.
        since: when it came in, in Japan.
        open: fields that ask for eyes; None where there is no record.
        issues: broken rules, worst first, each as severity, code and short name.
        holder: who has it before him, or None.
        until: until when.
        postponed: it, or a field of it, was put off.
        ready: it is checked and waits for its approval.
        reason: why it could not be read.
    """

    id: int
    file: str
    page: int
    batch: int
    state: str
    template: str | None
    age: str
    since: str
    open: int | None
    issues: tuple[tuple[str, str, str], ...]
    holder: str | None
    until: str
    postponed: bool
    ready: bool
    reason: str | None


@router.get("/queue")
def show_queue(  # noqa: PLR0913 - the filters
    request: Request,
    user: ClerkUser,
    uow: ReadUnit,
    *,
    batch: Annotated[str, Query(pattern="^[0-9]{0,9}$")] = "",
    template: Annotated[str, Query(max_length=100)] = "",
    rule: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(pattern="^(needs_review|unmatched|failed|)$")] = "",
    offset: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    """What waits, how old it is and whose it is."""
    wanted = QueueFilter(
        batch=BatchId(int(batch)) if batch else None,
        template=template or None,
        rule=rule or None,
        state=DocumentState(state) if state else None,
    )
    summary = review_queue.summary(uow)
    found = review_queue.page(uow, wanted, offset=offset, limit=_SHOWN)
    language = language_of(request)
    return render(
        request,
        "queue.html",
        user=user,
        lines=_lines(uow, found, language),
        number=review_queue.count(uow, wanted),
        offset=offset,
        shown=_SHOWN,
        summary=summary,
        rules=[(code, rule_words(code, language)) for code in summary.rules],
        oldest=_age(summary.oldest, uow.now, language) if summary.oldest else None,
        chosen={"batch": batch, "template": template, "rule": rule, "state": state},
    )


@router.get("/documents/{document}/mend")
def show_mending(
    request: Request, document: int, user: ReviewerUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """A page that no record was made of: choose the form, set it straight, key it, put it away."""
    found = documents.get(uow, DocumentId(document))
    language = language_of(request)
    library = services.shelf.library()
    failure = advise(found.failure_code, language) if found.failure_code else None
    return render(
        request,
        "mend.html",
        user=user,
        document=document_line(found, language),
        version=found.version,
        open=found.state in {DocumentState.UNMATCHED, DocumentState.FAILED},
        failure=failure,
        picture=picture_address(found),
        wanted=found.wanted_template,
        forms=[
            (f"{each.template.key}@{each.template.version}", each.template.title)
            for each in library.loaded
        ],
    )


@router.get("/rescans")
def show_rescans(request: Request, user: AnyUser, uow: ReadUnit) -> HTMLResponse:
    """The list of sheets to scan again, for the screen and for paper."""
    lines = [(each, local_time(each.created_at)) for each in rescans.waiting(uow)]
    return render(request, "rescans.html", user=user, lines=lines)


@router.get("/rescans.csv", response_class=Response)
def rescans_csv(request: Request, _user: AnyUser, uow: ReadUnit) -> Response:
    """The same list as a file."""
    language = language_of(request)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    heads = ("document", "batch", "document.file", "document.page", "rescan.sheet")
    more = ("rescan.reason", "batch.by", "rescan.since")
    writer.writerow([say(word, language) for word in (*heads, *more)])
    for each in rescans.waiting(uow):
        name = guarded(each.batch_name or str(each.batch))
        where = [each.document, name, guarded(each.file), each.page, each.sheet]
        why = [guarded(each.reason), guarded(each.actor), local_time(each.created_at)]
        writer.writerow([*where, *why])
    headers = {"Content-Disposition": 'attachment; filename="rescans.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


def _lines(uow: UnitOfWork, found: list[Document], language: Language) -> list[QueueLine]:
    put_off = postponements.of_many(uow, [document.id for document in found])
    read = records.load_many(uow, found) if found else {}
    return [
        _line(
            document,
            read[document.id],
            language,
            marks=put_off.get(document.id, frozenset()),
            now=uow.now,
        )
        for document in found
    ]


def _line(
    document: Document, record: Record, language: Language, *, marks: frozenset[str], now: datetime
) -> QueueLine:
    held = holder_of(document, besides="", now=now)
    line = document_line(document, language)
    order = {"error": 0, "warning": 1, "info": 2}
    rules = {issue.rule: issue.severity.value for issue in record.issues if issue.waiver is None}
    return QueueLine(
        id=document.id,
        file=line.file,
        page=line.page,
        batch=line.batch,
        state=line.state,
        template=document.template,
        age=_age(document.created_at, now, language),
        since=local_time(document.created_at),
        open=_open(record) if record.fields else None,
        issues=tuple(
            (rules[code], code, rule_words(code, language))
            for code in sorted(rules, key=lambda code: (order[rules[code]], code))
        ),
        holder=held.holder if held else None,
        until=local_time(held.until)[-5:] if held else "",
        postponed=bool(marks - {postponements.READY}),
        ready=postponements.READY in marks,
        reason=line.reason,
    )


def _open(record: Record) -> int:
    return sum(
        needs_eyes(value, [issue for issue in record.issues if value.key in issue.fields])
        for value in record.fields
    )


def _age(since: datetime, now: datetime, language: Language) -> str:
    waited = max(now - since, timedelta())
    minutes = int(waited.total_seconds() // 60)
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes >= size:
            return say(f"age.{unit}", language).format(minutes // size)
    return say("age.minute", language).format(minutes)


__all__ = ["router"]
