"""The JSON API, ``/api/v1``."""

from fastapi import APIRouter

from ocr_service.web.api import (
    audit,
    batches,
    chips,
    claims,
    control,
    dashboard,
    decisions,
    documents,
    export_profiles,
    exports,
    groups,
    handoff,
    histories,
    mending,
    reconciliation,
    residents,
    review,
    schema,
    session,
    templates,
    uploads,
    waivers,
)

router = APIRouter(prefix="/api/v1")
router.include_router(batches.router)
router.include_router(uploads.router)
router.include_router(documents.router)
router.include_router(residents.router)
router.include_router(decisions.router)
router.include_router(waivers.router)
router.include_router(review.router)
router.include_router(mending.router)
router.include_router(control.router)
router.include_router(groups.router)
router.include_router(chips.router)
router.include_router(histories.router)
router.include_router(exports.router)
router.include_router(export_profiles.router)
router.include_router(claims.router)
router.include_router(reconciliation.router)
router.include_router(handoff.router)
router.include_router(templates.router)
router.include_router(audit.router)
router.include_router(schema.router)
router.include_router(session.router)
router.include_router(dashboard.router)

__all__ = ["router"]
