"""Who did what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ocr_service.db import audit
from ocr_service.web.api.schemas import AuditOut, AuditRowOut
from ocr_service.web.deps import ReadUnit
from ocr_service.web.security import AdminUser

router = APIRouter(tags=["audit"])


@router.get("/audit")
def list_audit(
    _user: AdminUser,
    uow: ReadUnit,
    subject: Annotated[str | None, Query(max_length=20)] = None,
    subject_id: int | None = None,
    cursor: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditOut:
    """The audit log, oldest first; never a field value."""
    rows = audit.page(
        uow.connection, after=cursor, limit=limit, subject=subject, subject_id=subject_id
    )
    return AuditOut(
        rows=[AuditRowOut.of(row) for row in rows],
        next_cursor=rows[-1].id if len(rows) == limit else None,
    )


__all__ = ["router"]
