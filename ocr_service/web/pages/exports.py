"""Exports: the list, what a new one would hold, and one with its files."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.blobs import BlobStore
from ocr_service.bootstrap import Services
from ocr_service.db.accounts.accounts import User
from ocr_service.db.export import exports
from ocr_service.db.export.candidates import Selection
from ocr_service.db.ids import BatchId, ExportId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service import querying
from ocr_service.service.export import exporting
from ocr_service.service.export.handing_off import announce_export
from ocr_service.service.export.preparing import ExportRequest, SeveralForms, prepared_export
from ocr_service.service.export.profiles import all_profiles, profile_named
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.export_shown import (
    dry_run_shown,
    export_line,
    file_lines,
    manifest_findings,
    profile_line,
)
from ocr_service.web.pages.lists import batch_line
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.words import say
from ocr_service.web.security import ExporterUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SHOWN = 30
_READY = (DocumentState.APPROVED, DocumentState.EXPORTED)
_BATCHES = 40
_DOCUMENTS = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose on the page, as it came.

    Attributes:
        profile: name of the layout.
        batches: ids of batches; none = all.
        since: first day of intake, or "".
        until: last day, or "".
        form: key of the form, or "".
    """

    profile: str
    batches: tuple[int, ...]
    since: str
    until: str
    form: str

    def selection(self) -> Selection:
        """The documents that are meant.

        Raises:
            InvalidRequest: a day is none.
        """
        return Selection(
            tuple(BatchId(batch) for batch in self.batches),
            _day(self.since),
            _day(self.until),
            self.form or None,
        )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidRequest("a day is written YYYY-MM-DD") from None


_Short = Annotated[str, Query(max_length=100)]


def asked(
    profile: _Short,
    batch: Annotated[list[int] | None, Query(max_length=1000)] = None,
    since: _Short = "",
    until: _Short = "",
    form: _Short = "",
) -> Choice:
    """The choice in the address."""
    return Choice(profile, tuple(batch or ()), since, until, form)


def sent(
    profile: Annotated[str, Form(max_length=100)],
    batch: Annotated[list[int] | None, Form()] = None,
    since: Annotated[str, Form(max_length=100)] = "",
    until: Annotated[str, Form(max_length=100)] = "",
    form: Annotated[str, Form(max_length=100)] = "",
) -> Choice:
    """The choice in a form."""
    return Choice(profile, tuple(batch or ()), since, until, form)


@router.get("/exports")
def list_exports(
    request: Request,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """A new export, and the newest ones."""
    return _list(request, user, services, uow, before=before)


def _list(
    request: Request,
    user: User,
    services: Services,
    uow: UnitOfWork,
    *,
    before: int | None = None,
    problem: str = "",
) -> HTMLResponse:
    language = language_of(request)
    profiles = all_profiles(uow, services.profiles)
    found = exports.page(uow, before=before, limit=_SHOWN + 1)
    lines = [export_line(one, profiles, language) for one in found[:_SHOWN]]
    statuses = querying.list_batches(uow, limit=_BATCHES)
    chosen = request.query_params
    return render(
        request,
        "exports.html",
        user=user,
        exports=lines,
        older=lines[-1].id if len(found) > _SHOWN else None,
        profiles=[profile_line(one, language) for one in profiles.values()],
        batches=[
            (batch_line(one, language), sum(one.counts[state] for state in _READY))
            for one in statuses
        ],
        forms=sorted({one.template.key for one in services.shelf.library().loaded}),
        chosen=chosen,
        chosen_batches=set(chosen.getlist("batch")),
        problem=problem,
    )


@router.get("/exports/preview")
def preview(
    request: Request,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    choice: Annotated[Choice, Depends(asked)],
) -> HTMLResponse:
    """What would go out, what stays and why; nothing changes."""
    language = language_of(request)
    loaded = profile_named(uow, services.profiles, choice.profile)
    wish = ExportRequest(loaded, choice.selection(), user.name, services.check)
    library = services.shelf.library()
    try:
        with prepared_export(uow, wish, library, services.settings.export_dir) as prepared:
            shown = dry_run_shown(prepared, language)
    except SeveralForms:
        words = say("export.several_forms", language)
        return _list(request, user, services, uow, problem=words)
    return render(
        request,
        "export_preview.html",
        user=user,
        profile=profile_line(loaded, language),
        run=shown,
        choice=choice,
        query=request.url.query,
    )


@router.post("/exports")
def make(
    user: ExporterUser,
    services: ServicesDep,
    reading: ReadUnit,
    uow: WriteUnit,
    choice: Annotated[Choice, Depends(sent)],
) -> Response:
    """Export what was looked at."""
    loaded = profile_named(reading, services.profiles, choice.profile)
    made = exporting.make_export(
        reading,
        uow,
        services.blobs,
        request=ExportRequest(loaded, choice.selection(), user.name, services.check),
        library=services.shelf.library(),
        folder=services.settings.export_dir,
    )
    announce_export(uow, services.handoff, made)
    return RedirectResponse(f"/exports/{made.id}", HTTPStatus.SEE_OTHER)


@router.get("/exports/{export:int}")
def show_export(
    request: Request, export: int, user: ExporterUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """One export with its files and what it left behind."""
    language = language_of(request)
    found = exports.get(uow, ExportId(export))
    manifest = _manifest(services.blobs, found)
    profiles = all_profiles(uow, services.profiles)
    return render(
        request,
        "export.html",
        user=user,
        export=export_line(found, profiles, language),
        files=file_lines(exports.files_of(uow, found.id)),
        changes=exports.changes_of(uow, found.id),
        manifest=manifest,
        findings=() if manifest is None else manifest_findings(manifest, language),
        documents=() if manifest is None else manifest["documents"][:_DOCUMENTS],
    )


def _manifest(blobs: BlobStore, export: exports.Export) -> dict[str, Any] | None:
    if export.manifest_sha256 is None:
        return None
    found: dict[str, Any] = json.loads(blobs.get(export.manifest_sha256))
    return found


__all__ = ["router"]
