"""Samples of accepted fields: shown blind, reported against the promise, thresholds taken back."""

from __future__ import annotations

from http import HTTPStatus
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts.accounts import User
from ocr_service.db.quality import quality as rows
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, InvalidRequest
from ocr_service.domain.quality import EDGES, NEVER, Verdict
from ocr_service.domain.statistics import samples_for
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    FieldSpec,
    FlagField,
    Label,
    PresenceField,
    StickerField,
)
from ocr_service.service.quality import raising as quality_raising
from ocr_service.service.quality import sampling as quality
from ocr_service.service.quality.report import quality_report
from ocr_service.service.quality.sampling import BlindSample, Seen
from ocr_service.service.review import pictures
from ocr_service.service.review.typing_values import Entered
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.charts import intervals
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.words import say
from ocr_service.web.security import AdminUser, ClerkUser, ReviewerUser

router = APIRouter(prefix="/quality", include_in_schema=False, route_class=PageRoute)

_PROMISES = (0.001, 0.005, 0.01)


@router.get("/sample")
def show_sample(
    request: Request,
    user: ReviewerUser,
    services: ServicesDep,
    uow: ReadUnit,
    wrong: Annotated[bool, Query()] = False,  # noqa: FBT002 - a switch in the address
) -> HTMLResponse:
    """The next field for this person, without any value."""
    sample = quality.next_sample(uow, user, services.shelf.library())
    return _sample_page(request, user, uow, sample, wrong=wrong)


@router.get("/sample/{number}/crop.png")
def show_crop(number: int, _user: ReviewerUser, services: ServicesDep, uow: ReadUnit) -> Response:
    """What is on the paper there; its address names neither document nor field."""
    sample = quality.blind_sample(uow, number, services.shelf.library())
    picture = pictures.crop_png(services.blobs, sample.document, sample.box)
    return Response(picture, media_type="image/png")


@router.post("/sample/{number}")
def take_look(
    number: int,
    user: ReviewerUser,
    services: ServicesDep,
    uow: WriteUnit,
    value: Annotated[list[str] | None, Form(max_length=2000)] = None,
    illegible: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """What the person saw; then the next one."""
    library = services.shelf.library()
    blind = quality.blind_sample(uow, number, library)
    seen = Seen(number, _entered(blind.spec, value or []), bool(illegible), user.name)
    try:
        quality.look(uow, seen, user, library)
    except InvalidRequest:
        return RedirectResponse("/quality/sample?wrong=true", HTTPStatus.SEE_OTHER)
    except Conflict:  # somebody was faster; there is another one
        pass
    return RedirectResponse("/quality/sample", HTTPStatus.SEE_OTHER)


@router.get("")
def show_report(
    request: Request, user: ClerkUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """The error rate that escapes, by kind and band, against the promise."""
    language = language_of(request)
    report = quality_report(uow, services.shelf.library())
    known = [kind for kind in (report.overall, *report.kinds) if kind.judged]
    names = {kind.kind: say(f"kind.{kind.kind or 'all'}", language) for kind in known}
    plan = rows.plan(uow)
    return render(
        request,
        "quality.html",
        user=user,
        report=report,
        chart=intervals([(names[k.kind], k.rate, k.promise) for k in known]),
        share=quality.DEFAULT_SHARE if plan is None else plan.share,
        waiting=report.samples.get(Verdict.OPEN, 0) + report.samples.get(Verdict.DISPUTED, 0),
        bands=_bands(),
        needed=[(promise, samples_for(promise)) for promise in _PROMISES],
        never=NEVER,
        local_time=local_time,
    )


@router.post("/share")
def put_share(
    admin: AdminUser, uow: WriteUnit, percent: Annotated[str, Form(max_length=10)] = ""
) -> Response:
    """Draw another share from now on."""
    try:
        share = float(percent) / 100
    except ValueError as error:
        raise InvalidRequest("the share is a number of per cent") from error
    quality.set_share(uow, share, actor=admin.name)
    return RedirectResponse("/quality", HTTPStatus.SEE_OTHER)


@router.post("/raises/{number}/undo")
def undo_raise(number: int, admin: AdminUser, uow: WriteUnit) -> Response:
    """Take a raised threshold back."""
    quality_raising.undo_raise(uow, number, actor=admin.name)
    return RedirectResponse("/quality", HTTPStatus.SEE_OTHER)


def _sample_page(
    request: Request, user: User, uow: UnitOfWork, sample: BlindSample | None, *, wrong: bool
) -> HTMLResponse:
    language = language_of(request)
    shown: dict[str, object] = {"number": None}
    if sample is not None:
        shown = {
            "number": sample.id,
            "label": _of(_label(sample.spec, sample.key), language),
            "choices": _choices(sample.spec, language),
            "several": isinstance(sample.spec, ChoiceField) and sample.spec.multiple,
            "hint": _hint(sample.spec),
        }
    waiting = rows.waiting_for(uow, user.name)
    return render(
        request, "quality_sample.html", user=user, sample=shown, waiting=waiting, wrong=wrong
    )


def _label(spec: FieldSpec, key: str) -> Label:
    if isinstance(spec, CodeField | StickerField):
        for part in spec.parts:
            if part.key == key:
                return part.label
    return spec.label


def _choices(spec: FieldSpec, language: Language) -> list[tuple[str, str]]:
    """(value, words) of what can be marked; empty where one types."""
    if isinstance(spec, FlagField | PresenceField):
        return [
            ("true", say("field.present", language)),
            ("false", say("field.absent", language)),
        ]
    if isinstance(spec, ChoiceField):
        return [(option.value, _of(option.label, language)) for option in spec.options]
    return []


def _hint(spec: FieldSpec) -> str | None:
    found = getattr(spec, "format", None)
    return f"quality.hint.{found}" if found in {"date", "kana", "decimal"} else None


def _of(label: Label, language: Language) -> str:
    return label.ja if language is Language.JA else label.en


def _entered(spec: FieldSpec, values: list[str]) -> Entered:
    filled = [value for value in values if value.strip()]
    if isinstance(spec, ChoiceField) and spec.multiple:
        return filled
    if not filled:
        return None
    if isinstance(spec, FlagField | PresenceField):
        return {"true": True, "false": False}.get(filled[0], filled[0])
    return filled[0]


def _bands() -> list[str]:
    edges = [f"{edge * 100:g}%" for edge in EDGES]
    inner = [f"{low}–{high}" for low, high in pairwise(edges)]
    return [f"< {edges[0]}", *inner, f"≥ {edges[-1]}"]


__all__ = ["router"]
