"""Masters: what is in force, a file looked at before it is imported, and taking one back."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts.accounts import User
from ocr_service.db.masters import imports as master_imports
from ocr_service.db.masters import masters
from ocr_service.db.masters.imports import ImportState, MasterImport
from ocr_service.db.uow import UnitOfWork
from ocr_service.masters.importing.model import PERSONAL, MasterFileInvalid, MasterKind
from ocr_service.masters.prefectures import PREFECTURES, prefecture_number
from ocr_service.service.masters.importing import (
    MasterRowsRejected,
    apply_staged,
    drop_staged,
    stage_import,
    undo_import,
)
from ocr_service.service.masters.passage import ImportOptions, MasterFile
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, render
from ocr_service.web.security import AdminUser

router = APIRouter(prefix="/masters", include_in_schema=False, route_class=PageRoute)


@router.get("")
def show_masters(
    request: Request, user: AdminUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """What is in force, the imports that brought it, and a form for the next one."""
    return _overview(request, user, uow, personal=services.vault.enabled)


@router.post("")
def receive_file(  # noqa: PLR0913, PLR0917 - the fields of one form
    request: Request,
    user: AdminUser,
    services: ServicesDep,
    uow: ReadUnit,
    kind: Annotated[MasterKind, Form()],
    file: UploadFile,
    prefecture: Annotated[str, Form(max_length=10)] = "",
    whole: Annotated[str, Form(max_length=1)] = "",
    dental: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """Look at a file; nothing is imported yet."""
    options = ImportOptions(
        whole=bool(whole),
        prefecture=prefecture_number(prefecture),
        point_table="3" if dental else "1",
    )
    given = MasterFile(kind, file.filename or "", file.file, options)
    try:
        staged = stage_import(services.db, services.blobs, services.vault, given, actor=user.name)
    except MasterFileInvalid as error:
        return _overview(
            request,
            user,
            uow,
            personal=services.vault.enabled,
            fault=error,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    return RedirectResponse(f"/masters/imports/{staged}", HTTPStatus.SEE_OTHER)


@router.get("/imports/{number}")
def show_import(request: Request, number: int, user: AdminUser, uow: ReadUnit) -> HTMLResponse:
    """What an import did, or would do."""
    return _import_page(request, user, uow, number)


@router.post("/imports/{number}/apply")
def apply_one(
    request: Request,
    number: int,
    user: AdminUser,
    services: ServicesDep,
    uow: ReadUnit,
    skip: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """Import the file that was looked at."""
    try:
        apply_staged(
            services.db, services.blobs, services.vault, number, actor=user.name, skip=bool(skip)
        )
    except MasterRowsRejected:
        # The page says so already; somebody came round its disabled button.
        return _import_page(request, user, uow, number, status=HTTPStatus.CONFLICT)
    return RedirectResponse("/masters", HTTPStatus.SEE_OTHER)


@router.post("/imports/{number}/drop")
def drop_one(number: int, user: AdminUser, services: ServicesDep, uow: WriteUnit) -> Response:
    """Put the file away that was looked at."""
    drop_staged(uow, services.blobs, number, actor=user.name)
    return RedirectResponse("/masters", HTTPStatus.SEE_OTHER)


@router.post("/imports/{number}/undo")
def undo_one(number: int, user: AdminUser, uow: WriteUnit) -> Response:
    """Take an import back."""
    undo_import(uow, number, actor=user.name)
    return RedirectResponse("/masters", HTTPStatus.SEE_OTHER)


def _overview(
    request: Request,
    user: User,
    uow: UnitOfWork,
    *,
    personal: bool,
    fault: MasterFileInvalid | None = None,
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    counts = masters.in_force(uow)
    newest = {kind: master_imports.newest_applied(uow, kind) for kind in MasterKind}
    return render(
        request,
        "masters.html",
        user=user,
        status=status,
        kinds=[
            {
                "kind": kind.value,
                "rows": counts[kind],
                "newest": None if newest[kind] is None else _line(newest[kind]),
                "off": kind in PERSONAL and not personal,
            }
            for kind in MasterKind
        ],
        imports=[_line(found) for found in master_imports.history(uow)],
        undoable={found.id for found in newest.values() if found is not None},
        prefectures=PREFECTURES.items(),
        fault=fault,
    )


def _import_page(
    request: Request, user: User, uow: UnitOfWork, number: int, *, status: int = HTTPStatus.OK
) -> HTMLResponse:
    found = master_imports.get(uow, number)
    newest = master_imports.newest_applied(uow, found.kind)
    reasons = Counter(problem.code.value for problem in found.problems)
    return render(
        request,
        "master_import.html",
        user=user,
        status=status,
        found=_line(found),
        counts=found.counts,
        problems=found.problems,
        reasons=reasons.most_common(),
        is_staged=found.state is ImportState.STAGED,
        can_undo=newest is not None and newest.id == found.id,
    )


def _line(found: MasterImport | None) -> dict[str, Any]:
    """An import as the tables show it."""
    assert found is not None  # noqa: S101 - callers leave out what is not there
    return {
        "id": found.id,
        "kind": found.kind.value,
        "file": found.file_name,
        "state": found.state.value,
        "rows": found.counts.rows,
        "rejected": found.counts.rejected,
        "by": found.created_by,
        "at": local_time(found.applied_at or found.created_at),
        "encoding": found.encoding,
        "whole": bool(found.options.get("whole")),
    }


__all__ = ["router"]
