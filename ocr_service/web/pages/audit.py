"""The audit log for people: what was done, by whom, and whether the chain still holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ocr_service.db import audit
from ocr_service.db.audit import AuditFilter, AuditRow
from ocr_service.web.deps import ReadUnit
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, render
from ocr_service.web.security import AdminUser

router = APIRouter(prefix="/admin/audit", include_in_schema=False, route_class=PageRoute)

_SHOWN = 100

Text = Annotated[str, Query(max_length=100)]


@router.get("")
def list_audit(  # noqa: PLR0913, PLR0917 - one parameter for each filter
    request: Request,
    user: AdminUser,
    uow: ReadUnit,
    actor: Text = "",
    action: Text = "",
    subject: Text = "",
    number: Text = "",
    before: Annotated[int | None, Query(ge=1)] = None,
    verify: Annotated[bool, Query()] = False,  # noqa: FBT002 - a switch in the address
) -> HTMLResponse:
    """The newest entries first; never a field value."""
    wanted = AuditFilter(
        actor=actor.strip() or None,
        action=action.strip() or None,
        subject=subject.strip() or None,
        subject_id=int(number) if number.strip().isascii() and number.strip().isdigit() else None,
    )
    found = audit.newest(uow.connection, wanted, before=before, limit=_SHOWN + 1)
    shown = found[:_SHOWN]
    return render(
        request,
        "audit.html",
        user=user,
        rows=[_line(row) for row in shown],
        asked={"actor": actor, "action": action, "subject": subject, "number": number},
        older=shown[-1].id if len(found) > _SHOWN else None,
        verified=verify,
        broken=audit.verify_audit_chain(uow.connection) if verify else None,
    )


def _line(row: AuditRow) -> dict[str, object]:
    entry = row.entry
    return {
        "id": row.id,
        "at": local_time(row.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "detail": ", ".join(f"{key} = {value}" for key, value in sorted(entry.detail.items())),
    }


__all__ = ["router"]
