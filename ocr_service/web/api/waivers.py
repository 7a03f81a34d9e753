"""Issues that need not be settled."""

# ruff: noqa: FAST003 - `document` is a parameter of the dependency, behind an alias

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from ocr_service.db.records.waivers import StoredWaiver
from ocr_service.service.check.waiving import Wish, waive, withdraw_waiver
from ocr_service.web.api.documents import ApprovalDep, tag
from ocr_service.web.deps import WriteUnit

router = APIRouter(tags=["review"])


class NewWaiver(BaseModel):
    """An issue to waive, as the record shows it."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(max_length=100)
    fields: list[str] = Field(default=[], max_length=50)
    reason: str = Field(
        min_length=1, max_length=200, description="never what is written on the form"
    )


class WaiverOut(BaseModel):
    """A waiver; it lapses when a value of ``fields`` changes."""

    id: int
    document: int
    rule: str
    fields: list[str]
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, stored: StoredWaiver) -> WaiverOut:
        """From the service's answer."""
        return cls(
            id=stored.waiver.id,
            document=stored.document,
            rule=stored.rule,
            fields=list(stored.fields),
            reason=stored.waiver.reason,
            by=stored.waiver.actor,
            at=stored.waiver.at,
        )


@router.post("/documents/{document}/waivers", status_code=HTTPStatus.CREATED)
def waive_issue(
    decision: ApprovalDep, new: NewWaiver, response: Response, uow: WriteUnit
) -> WaiverOut:
    """Say why an issue need not be settled; the answer bears the document's new ETag."""
    wish = Wish(new.rule, tuple(new.fields), new.reason)
    document, stored = waive(uow, decision, wish)
    tag(response, document)
    return WaiverOut.of(stored)


@router.delete("/documents/{document}/waivers/{waiver}", status_code=HTTPStatus.NO_CONTENT)
def withdraw(decision: ApprovalDep, waiver: int, uow: WriteUnit) -> Response:
    """Take a waiver back: the issue counts again."""
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    tag(response, withdraw_waiver(uow, decision, waiver))
    return response


__all__ = ["router"]
