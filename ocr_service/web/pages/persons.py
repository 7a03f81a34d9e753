"""Whom a record is about: residents beside what was read, and earlier doses."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from ocr_service.bootstrap import Services
from ocr_service.db.accounts.accounts import Right, User
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.masters.residents import ResidentCandidate
from ocr_service.service.check.dose_history import HistoryDose, dose_history
from ocr_service.service.check.record_about import about
from ocr_service.service.masters.resident_choosing import Choice, choose_resident
from ocr_service.service.masters.residents import resident_candidates
from ocr_service.web.deps import ServicesDep, WriteUnit
from ocr_service.web.pages.rendering import PageRoute
from ocr_service.web.security import ReviewerUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class PersonPanel:
    """What the document page shows of a person.

    Attributes:
        candidates: residents, the nearest first.
        doses: earlier ones, the earliest first.
        has_list: whether the installation keeps residents.
        version: of the document, for the buttons.
        may_choose: whether this user may say who it is, now.
    """

    candidates: tuple[ResidentCandidate, ...]
    doses: tuple[HistoryDose, ...]
    has_list: bool
    version: int
    may_choose: bool


def person_panel(
    services: Services, uow: UnitOfWork, document: Document, record: Record, user: User
) -> PersonPanel | None:
    """The panel, None where there is nothing to say."""
    candidates = resident_candidates(uow, services.vault, record)
    doses = dose_history(uow, services.vault, record, about(document.id, record))
    if not record.fields or not (candidates or doses or services.vault.enabled):
        return None
    return PersonPanel(
        candidates=candidates,
        doses=doses,
        has_list=services.vault.enabled,
        version=document.version,
        may_choose=document.state is DocumentState.NEEDS_REVIEW and user.may(Right.REVIEW),
    )


@router.post("/documents/{document}/resident")
def choose(
    document: int,
    user: ReviewerUser,
    services: ServicesDep,
    uow: WriteUnit,
    handle: Annotated[str, Form(max_length=64)],
    version: Annotated[int, Form()],
) -> Response:
    """This is the resident: the list's name, kana and date of birth become answers."""
    choice = Choice(DocumentId(document), handle, version, user.name)
    choose_resident(
        uow, services.vault, choice, library=services.shelf.library(), check=services.check
    )
    return RedirectResponse(f"/documents/{document}", HTTPStatus.SEE_OTHER)


__all__ = ["PersonPanel", "person_panel", "router"]
