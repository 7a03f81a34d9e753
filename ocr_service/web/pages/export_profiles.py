"""Layouts of exports: the list, and the editor with lint, preview and comparison."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts.accounts import Right, User
from ocr_service.db.ids import BatchId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import OcrServiceError
from ocr_service.exporters.profile_check import check_file
from ocr_service.exporters.profile_library import LoadedProfile, ProfileError, parse_profile
from ocr_service.exporters.profile_lint import ProfileFinding, lint_profile
from ocr_service.exporters.profile_model import FileFormat
from ocr_service.exporters.profile_writers import written_bytes
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service import querying
from ocr_service.service.export.preview import preview_records, template_of_batch
from ocr_service.service.export.profiles import (
    all_profiles,
    profile_named,
    save_profile,
    saved_versions,
    undo_profile,
)
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.export_shown import RowShown, profile_line, rows_shown
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import batch_line, local_time
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.security import AdminUser, ExporterUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_RECORDS = 8
_ROWS = 12
_BATCHES = 30
_FILE_CHARS = 4000
_MOST_SAMPLE_BYTES = 20_000_000
_ON_LINES = frozenset({FileFormat.DELIMITED, FileFormat.FIXED})

TomlText = Annotated[str, Form(max_length=200_000)]


@dataclass(frozen=True, slots=True)
class Look:
    """What lint and preview say of a text.

    Attributes:
        findings: mistakes.
        headers: of the columns.
        rows: the first rows of the chosen batch.
        file: the same as a file, "" where it is not made of lines.
        broken: why there is no preview, "" where there is one.
    """

    findings: tuple[ProfileFinding, ...] = ()
    headers: tuple[str, ...] = ()
    rows: tuple[RowShown, ...] = ()
    file: str = ""
    broken: str = ""


@router.get("/exports/profiles")
def list_profiles(
    request: Request, user: ExporterUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """All layouts."""
    language = language_of(request)
    found = all_profiles(uow, services.profiles)
    lines = [profile_line(one, language) for one in found.values()]
    broken = services.profiles.broken()
    return render(request, "export_profiles.html", user=user, profiles=lines, broken=broken)


@router.get("/exports/profiles/{name}")
def edit(
    request: Request,
    name: str,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    batch: int | None = None,
) -> HTMLResponse:
    """The editor of one layout; ``NAME@VERSION`` opens a saved version."""
    loaded = profile_named(uow, services.profiles, name)
    look = _look(uow, services.shelf.library(), loaded.text, batch, language_of(request))
    return _editor(request, user, uow, loaded, look=look, batch=batch)


def _editor(
    request: Request,
    user: User,
    uow: UnitOfWork,
    loaded: LoadedProfile,
    *,
    look: Look,
    batch: int | None = None,
    **more: Any,
) -> HTMLResponse:
    language = language_of(request)
    name = loaded.profile.name
    context = {
        "text": loaded.text,
        "problem": "",
        "differences": None,
        "done": request.query_params.get("done", ""),
        **more,
    }
    return render(
        request,
        "export_profile.html",
        user=user,
        profile=profile_line(loaded, language),
        look=look,
        batch=batch,
        batches=[batch_line(one, language) for one in querying.list_batches(uow, limit=_BATCHES)],
        versions=[(one, local_time(one.created_at)) for one in saved_versions(uow, name)],
        may_save=user.may(Right.ADMIN),
        **context,
    )


@router.post("/exports/look")
def look_at(
    request: Request,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    text: TomlText,
    batch: Annotated[str, Form(max_length=20)] = "",
) -> HTMLResponse:
    """Lint and preview of a text that is being written; a part of the page."""
    library = services.shelf.library()
    chosen = int(batch) if batch.isdecimal() else None
    look = _look(uow, library, text, chosen, language_of(request))
    return render(request, "_export_profile_look.html", user=user, look=look, batch=chosen)


@router.post("/exports/profiles/{name}")
def save(
    request: Request,
    name: str,
    user: AdminUser,
    services: ServicesDep,
    uow: WriteUnit,
    text: TomlText,
) -> Response:
    """Save a text as a new version, under the name it gives itself."""
    library = services.shelf.library()
    try:
        own = parse_profile(text.replace("\r\n", "\n"), origin="own").profile.name
        saved = save_profile(uow, text, library=library, name=own, actor=user.name)
    except OcrServiceError as error:
        loaded = profile_named(uow, services.profiles, name)
        look = _look(uow, library, text, None, language_of(request))
        return _editor(request, user, uow, loaded, look=look, text=text, problem=str(error))
    return RedirectResponse(
        f"/exports/profiles/{saved.profile.name}?done=saved", HTTPStatus.SEE_OTHER
    )


@router.post("/exports/profiles/{name}/undo")
def undo(name: str, user: AdminUser, services: ServicesDep, uow: WriteUnit) -> Response:
    """Take the last saved version back."""
    undo_profile(uow, services.profiles, name, actor=user.name)
    there = name in all_profiles(uow, services.profiles)
    target = f"/exports/profiles/{name}?done=undone" if there else "/exports/profiles"
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


@router.post("/exports/profiles/{name}/check")
def compare(  # noqa: PLR0913, PLR0917 - what the framework hands over
    request: Request,
    name: str,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    file: Annotated[UploadFile, File()],
    form: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """Hold a sample file of the receiving system against the layout."""
    library = services.shelf.library()
    loaded = profile_named(uow, services.profiles, name)
    sample = file.file.read(_MOST_SAMPLE_BYTES)
    differences = check_file(sample, loaded.profile, _form_of(library, loaded, form))
    look = _look(uow, library, loaded.text, None, language_of(request))
    return _editor(request, user, uow, loaded, look=look, differences=differences)


def _form_of(library: TemplateLibrary, loaded: LoadedProfile, name: str) -> FormTemplate | None:
    if not loaded.profile.one_form_only:
        return None
    keys = [one.template.key for one in library.loaded]
    return library.get(name or keys[0]).template


def _look(
    uow: UnitOfWork, library: TemplateLibrary, text: str, batch: int | None, language: Language
) -> Look:
    try:
        profile = parse_profile(text.replace("\r\n", "\n"), origin="own").profile
    except ProfileError as error:
        return Look(broken=str(error))
    findings = tuple(lint_profile(profile, library))
    if any(one.fatal for one in findings) or batch is None:
        return Look(findings)
    try:
        form = None
        if profile.one_form_only:
            form = template_of_batch(uow, library, batch=BatchId(batch), asked=None)
        shown = preview_records(
            uow, profile, library, batch=BatchId(batch), template=form, limit=_RECORDS
        )
    except OcrServiceError as error:
        return Look(findings, broken=str(error))
    headers = shown.headers or ("JSON",)
    rows = rows_shown(shown.records, headers, language, most=_ROWS)
    file = ""
    if profile.file.format in _ON_LINES and profile.rows.per != "person":
        cells = [tuple(cell.text for cell in row.cells) for row in rows if not row.held]
        data = written_bytes(profile, cells, headers)
        file = data.decode(profile.file.encoding.value, errors="replace")[:_FILE_CHARS]
    return Look(findings, headers, rows, file)


__all__ = ["Look", "router"]
