"""Residents whom a record may be about, and the doses that are known of them."""

# ruff: noqa: FAST003 - `document` is a parameter of the dependency, behind an alias

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from ocr_service.db.ids import DocumentId
from ocr_service.exporters.record_json import record_to_json
from ocr_service.masters.residents import ResidentCandidate
from ocr_service.service import querying
from ocr_service.service.check.dose_history import HistoryDose, dose_history
from ocr_service.service.check.record_about import about
from ocr_service.service.masters.resident_choosing import Choice, choose_resident
from ocr_service.service.masters.residents import resident_candidates
from ocr_service.web.api.documents import DecisionDep, VersionMissing, etag
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import ClerkUser, ReviewerUser

router = APIRouter(prefix="/documents", tags=["residents"])


@router.get("/{document}/residents")
def list_residents(
    document: int, _user: ClerkUser, services: ServicesDep, uow: ReadUnit
) -> JSONResponse:
    """The nearest residents with what agrees and what does not, and earlier doses."""
    found, record = querying.document_record(uow, DocumentId(document))
    doses = dose_history(uow, services.vault, record, about(found.id, record))
    shown = {
        "document": found.id,
        "enabled": services.vault.enabled,
        "candidates": [_candidate(one) for one in resident_candidates(uow, services.vault, record)],
        "history": [_dose(dose) for dose in doses],
    }
    return JSONResponse(shown, headers={"ETag": etag(found)})


@router.post("/{document}/residents/{handle}")
def post_resident(
    decision: DecisionDep,
    handle: Annotated[str, Path(max_length=64)],
    user: ReviewerUser,
    services: ServicesDep,
    uow: WriteUnit,
) -> JSONResponse:
    """Say that the record is about this resident; send the document's ETag as ``If-Match``."""
    if decision.expected_version is None:
        raise VersionMissing("send the document's ETag as If-Match, so that nobody is overwritten")
    choice = Choice(decision.document, handle, decision.expected_version, user.name)
    changed, record = choose_resident(
        uow, services.vault, choice, library=services.shelf.library(), check=services.check
    )
    return JSONResponse(record_to_json(record), headers={"ETag": etag(changed)})


def _candidate(one: ResidentCandidate) -> dict[str, Any]:
    return {
        "handle": one.handle,
        "distance": one.distance,
        "agreeing": sorted(one.agreeing_groups()),
        "municipality": one.resident.municipality,
        "fields": [
            {
                "key": field.key,
                "read": field.read or None,
                "listed": field.listed or None,
                "agrees": field.agrees,
                "distance": round(field.distance, 3),
            }
            for field in one.fields
        ],
    }


def _dose(dose: HistoryDose) -> dict[str, Any]:
    return {
        "day": dose.day.isoformat(),
        "product": dose.product or None,
        "lot": dose.lot or None,
        "number": dose.number,
        "source": dose.origin,
        "document": dose.document,
    }


__all__ = ["router"]
