"""Double entry: how far it is, the screen for keying, what an approver decides."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts.accounts import Right
from ocr_service.db.double_entry import chips, entries
from ocr_service.db.double_entry.chips import Chip
from ocr_service.db.double_entry.entries import Entry
from ocr_service.db.ids import BatchId
from ocr_service.db.intake import batches
from ocr_service.domain.entry import EntryState
from ocr_service.forms.fields import FieldSpec
from ocr_service.service.double_entry import double_entry
from ocr_service.service.double_entry.chip_pictures import chip_webp
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.group_shown import label_of
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.shown import value_text
from ocr_service.web.pages.words import say
from ocr_service.web.security import ApproverUser, ReviewerUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_BATCHES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """How far the keying of a batch is."""

    id: int
    name: str
    people: int
    counts: dict[str, int]
    settled: int
    total: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    """What somebody keyed, in words and as JSON for sending it back."""

    turn: int
    actor: str
    text: str
    illegible: bool
    value: str | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field that an approver is to decide."""

    id: int
    label: str
    entries: tuple[EntryLine, ...]
    own: bool
    multiple: bool


@router.get("/chips")
def show_chips(request: Request, user: ReviewerUser, uow: ReadUnit) -> HTMLResponse:
    """Progress of each batch, and where to begin."""
    counts = chips.progress(uow)
    newest = batches.page(uow, before=None, limit=_BATCHES_SHOWN)
    unnamed = say("batch.unnamed", language_of(request))
    lines = [
        BatchEntry(
            id=batch.id,
            name=batch.name or f"{unnamed} {batch.id}",
            people=chips.people_of_batch(uow, batch.id),
            counts={state.value: number for state, number in counts.get(batch.id, {}).items()},
            settled=counts.get(batch.id, {}).get(EntryState.SETTLED, 0),
            total=sum(counts.get(batch.id, {}).values()),
        )
        for batch in newest
    ]
    return render(
        request,
        "chips.html",
        user=user,
        lines=lines,
        states=[state.value for state in EntryState],
        may_decide=user.may(Right.APPROVE),
        disputes=len(chips.deadlocked(uow)),
    )


@router.post("/chips/batches/{batch}")
def raise_batch(
    batch: int,
    user: ApproverUser,
    services: ServicesDep,
    uow: WriteUnit,
    people: Annotated[int, Form(ge=2, le=3)],
) -> Response:
    """Have every field of a batch keyed by at least so many people."""
    library = services.shelf.library()
    double_entry.raise_batch(uow, BatchId(batch), people, actor=user.name, library=library)
    return RedirectResponse("/chips", HTTPStatus.SEE_OTHER)


@router.get("/chips/work")
def show_work(
    request: Request, user: ReviewerUser, batch: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    """The screen for keying; the fields come one by one through the API."""
    return render(request, "chips_work.html", user=user, batch=batch)


@router.get("/chips/disputes")
def show_disputes(
    request: Request, user: ApproverUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """Fields that three people keyed differently, with all that they keyed."""
    waiting = chips.deadlocked(uow)
    told = entries.of_chips(uow, [chip.id for chip in waiting])
    language = language_of(request)
    library = services.shelf.library()
    disputes = []
    for chip in waiting:
        form = library.get(f"{chip.template}@{chip.version}").template
        spec = form.field_of(chip.key)
        disputes.append(_dispute(chip, spec, told[chip.id], user.name, language))
    return render(request, "chips_disputes.html", user=user, disputes=disputes)


@router.get("/chips/disputes/{chip}.webp", response_class=Response)
def show_picture(chip: int, _user: ApproverUser, services: ServicesDep, uow: ReadUnit) -> Response:
    """The field on the paper."""
    library = services.shelf.library()
    data = chip_webp(uow, services.blobs, chips.get(uow, chip), library=library)
    return Response(data, media_type="image/webp")


def _dispute(
    chip: Chip, spec: FieldSpec, told: list[Entry], viewer: str, language: Language
) -> Dispute:
    return Dispute(
        id=chip.id,
        label=label_of(spec, chip.key, language),
        entries=tuple(_line(entry, spec, language) for entry in told),
        own=any(entry.actor == viewer for entry in told),
        multiple=getattr(spec, "multiple", False),
    )


def _line(entry: Entry, spec: FieldSpec, language: Language) -> EntryLine:
    value = entry.keyed.value
    if entry.keyed.illegible:
        text = say("chips.illegible", language)
    else:
        text = value_text(value, spec, language)
    return EntryLine(
        turn=entry.turn,
        actor=entry.actor,
        text=text,
        illegible=entry.keyed.illegible,
        value=list(value) if isinstance(value, tuple) else value,
    )


__all__ = ["router"]
