"""The history of one field."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.domain.errors import NotFound
from ocr_service.forms.fields import FieldSpec
from ocr_service.service.review.field_history import Event, EventKind, field_history
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.group_shown import label_of
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.shown import value_text
from ocr_service.web.pages.words import say
from ocr_service.web.security import ClerkUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the history in words."""

    at: str
    what: str
    actor: str
    text: str
    withdrawn_by: str | None


@router.get("/documents/{document}/fields/{key}/history")
def show_history(
    request: Request,
    document: int,
    key: str,
    user: ClerkUser,
    services: ServicesDep,
    uow: ReadUnit,
) -> HTMLResponse:
    """Everything that machine and people said of a field, oldest first."""
    found = documents.get(uow, DocumentId(document))
    history = field_history(uow, found.id, key)
    language = language_of(request)
    spec = None
    if found.template is not None:
        form = services.shelf.library().get(f"{found.template}@{found.template_version}").template
        spec = form.field_of(key) if key in form.record_keys else None
    if spec is None:
        raise NotFound(f"document {document} has no field {key}")
    return render(
        request,
        "field_history.html",
        user=user,
        document=found,
        label=label_of(spec, key, language),
        lines=[_line(event, spec, language) for event in history.events],
        being_keyed=history.being_keyed,
    )


def _line(event: Event, spec: FieldSpec, language: Language) -> EventLine:
    what = say(f"history.{event.kind}", language)
    if event.kind is EventKind.ENTRY:
        what = f"{event.turn} {what}"
    text = value_text(event.value, spec, language)
    if event.illegible:
        text = say("chips.illegible", language)
    return EventLine(local_time(event.at), what, event.actor, text, event.withdrawn_by)


__all__ = ["router"]
