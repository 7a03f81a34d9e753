"""A reviewer's steps: answers and what is typed before them, undoing, putting off, holding."""

# ruff: noqa: FAST003 - `document` is a parameter of the dependency, behind an alias

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from ocr_service.bootstrap import Services
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import readings
from ocr_service.db.records.documents import Document
from ocr_service.db.review import drafts
from ocr_service.db.review.actions import Action, Effort, ReviewAction
from ocr_service.db.review.drafts import Draft
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import HeldByOther
from ocr_service.domain.record import Issue, Record
from ocr_service.exporters.record_json import record_to_json, value_to_json
from ocr_service.service.review import answering, claiming, previewing, undoing
from ocr_service.service.review.answering import Tools
from ocr_service.service.review.editing import JAPAN, Edit, StaleEdit
from ocr_service.service.review.reviewing import Decision
from ocr_service.service.review.typing_values import UnfitValue
from ocr_service.web.api.documents import DecisionDep, VersionMissing, etag, tag
from ocr_service.web.api.schemas import (
    ClaimWish,
    DocumentOut,
    EffortIn,
    NewValue,
    PutOff,
    Typed,
    TypedSoFar,
)
from ocr_service.web.deps import ServicesDep, TrialUnit, WriteUnit
from ocr_service.web.errors import named_problem
from ocr_service.web.pages.hints import value_hint
from ocr_service.web.pages.language import Language
from ocr_service.web.security import ApproverUser, ReviewerUser

router = APIRouter(prefix="/documents", tags=["review"])

LanguageQuery = Annotated[Language, Query()]


@router.put("/{document}/fields/{key}")
def put_field(
    decision: DecisionDep,
    key: str,
    new: NewValue,
    services: ServicesDep,
    uow: WriteUnit,
    language: LanguageQuery = Language.JA,
) -> JSONResponse:
    """Answer a field; 409 with both values if somebody changed the document meanwhile."""
    edit = Edit(
        document=decision.document,
        key=key,
        value=new.value,
        expected_version=_version(decision),
        actor=decision.actor,
        illegible=new.illegible,
    )
    try:
        changed, record = answering.answer(uow, edit, _effort(new.effort), tools=_tools(services))
    except StaleEdit as error:
        return named_problem(error, extra=_both(uow, error, key, new))
    except UnfitValue as error:
        return named_problem(error, extra={"refusal": error.refusal})
    except HeldByOther as error:
        return _held(error)
    return _shown(changed, record, key, language)


@router.post("/{document}/fields/{key}/undo")
def undo_field(
    decision: DecisionDep,
    key: str,
    services: ServicesDep,
    uow: WriteUnit,
    language: LanguageQuery = Language.JA,
) -> JSONResponse:
    """Take back the last answer to a field; the one before it is in force again."""
    _version(decision)
    try:
        changed, record = undoing.undo_answer(uow, decision, key, tools=_tools(services))
    except StaleEdit as error:
        return named_problem(error, extra={"version": error.document.version})
    except HeldByOther as error:
        return _held(error)
    step = ReviewAction(changed.id, key, Action.UNDO, Effort(0, 1), True, decision.actor)
    answering.measure(uow, step)
    return _shown(changed, record, key, language)


@router.put("/{document}/fields/{key}/draft", status_code=HTTPStatus.NO_CONTENT)
def put_draft(
    document: int, key: str, typed: TypedSoFar, user: ReviewerUser, uow: WriteUnit
) -> None:
    """Keep what is typed so far, for this user alone; nothing is confirmed by it."""
    draft = Draft(key, typed.value)
    answering.keep_draft(uow, DocumentId(document), draft, actor=user.name)


@router.delete("/{document}/fields/{key}/draft", status_code=HTTPStatus.NO_CONTENT)
def delete_draft(document: int, key: str, user: ReviewerUser, uow: WriteUnit) -> None:
    """Forget what was typed."""
    drafts.drop(uow, DocumentId(document), actor=user.name, key=key)


@router.post("/{document}/preview")
def preview(
    document: int,
    typed: Typed,
    _user: ReviewerUser,
    services: ServicesDep,
    uow: TrialUnit,
    language: LanguageQuery = Language.JA,
) -> dict[str, Any]:
    """What typed values would be kept as and which rules they break; nothing is stored."""
    found = previewing.preview(uow, DocumentId(document), typed.values, tools=_tools(services))
    today = uow.now.astimezone(JAPAN).date()
    return {
        "fields": {
            key: {
                "value": value_to_json(value),
                "hint": value_hint(value, language=language, today=today),
            }
            for key, value in found.values.items()
        },
        "refusals": dict(found.refusals),
        "issues": _issues(found.record, found.issues, language),
    }


@router.post("/{document}/postpone", status_code=HTTPStatus.NO_CONTENT)
def postpone(document: int, what: PutOff, user: ReviewerUser, uow: WriteUnit) -> Response:
    """Put a field off, or the whole document: it comes behind all others then."""
    found = DocumentId(document)
    try:
        answering.postpone(uow, found, key=what.key, actor=user.name)
    except HeldByOther as error:
        return _held(error)
    effort = _effort(what.effort) or Effort(0, 1)
    step = ReviewAction(found, what.key, Action.POSTPONE, effort, False, user.name)
    answering.measure(uow, step)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/{document}/claim", response_model=DocumentOut)
def claim(
    document: int, wish: ClaimWish, user: ReviewerUser, services: ServicesDep, uow: WriteUnit
) -> DocumentOut | Response:
    """Take the document, or keep it for longer; 409 names whoever else has it."""
    keep_for = timedelta(seconds=services.settings.review_seconds)
    try:
        done = claiming.claim(
            uow,
            DocumentId(document),
            actor=user.name,
            keep_for=keep_for,
            take_over=wish.take_over,
        )
    except HeldByOther as error:
        return _held(error)
    return DocumentOut.of(done)


@router.post("/{document}/release", status_code=HTTPStatus.NO_CONTENT)
def release(document: int, user: ReviewerUser, uow: WriteUnit) -> None:
    """Let the document go, so that others get it at once."""
    claiming.release(uow, DocumentId(document), actor=user.name)


@router.post("/{document}/checked", status_code=HTTPStatus.NO_CONTENT)
def checked(document: int, user: ReviewerUser, uow: WriteUnit) -> Response:
    """Hand a checked document to those who may approve."""
    try:
        answering.finish_checking(uow, DocumentId(document), actor=user.name)
    except HeldByOther as error:
        return _held(error)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/{document}/unapprove")
def unapprove(
    decision: DecisionDep, response: Response, _user: ApproverUser, uow: WriteUnit
) -> DocumentOut:
    """Take back an approval that has not been exported."""
    done = undoing.undo_approval(uow, decision)
    tag(response, done)
    return DocumentOut.of(done)


def _tools(services: Services) -> Tools:
    return Tools(services.shelf.library(), services.check)


def _version(decision: Decision) -> int:
    if decision.expected_version is None:
        raise VersionMissing("send the document's ETag as If-Match, so that nobody is overwritten")
    return decision.expected_version


def _effort(told: EffortIn | None) -> Effort | None:
    return None if told is None else Effort(told.ms, told.keystrokes)


def _shown(changed: Document, record: Record, key: str, language: Language) -> JSONResponse:
    whole = record_to_json(record, language=language)
    shown = {
        "document": changed.id,
        "key": key,
        "version": changed.version,
        "field": whole["fields"][key],
        "issues": whole["issues"],
    }
    return JSONResponse(shown, headers={"ETag": etag(changed)})


def _issues(record: Record, issues: tuple[Issue, ...], language: Language) -> Any:
    return record_to_json(replace(record, issues=issues), language=language)["issues"]


def _both(uow: UnitOfWork, error: StaleEdit, key: str, new: NewValue) -> dict[str, Any]:
    last = readings.history(uow, error.document.id, key)[-1]
    return {
        "version": error.document.version,
        "current": record_to_json(error.record)["fields"][key],
        "by": last.actor,
        "at": _moment(last.created_at),
        "yours": new.value,
    }


def _held(error: HeldByOther) -> JSONResponse:
    extra = {"holder": error.holder, "until": _moment(error.until)}
    return named_problem(error, extra=extra)


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


__all__ = ["router"]
