"""Confirmations of many crops at once."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from ocr_service.db.review.actions import Effort
from ocr_service.service.group_review import confirming as group_confirming
from ocr_service.service.group_review.confirming import (
    Outcome,
    Refusal,
    Refused,
    Said,
    Stroke,
    Taken,
    Verdict,
)
from ocr_service.web.deps import ServicesDep
from ocr_service.web.security import ReviewerUser

router = APIRouter(prefix="/review", tags=["review"])

_MOST = 400
_LONGEST_MS = 3_600_000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SaidIn(_In):
    """What a person said of one crop."""

    reading: int = Field(ge=1)
    cell: int | None = Field(default=None, ge=0, le=99)
    verdict: Verdict
    value: StrictBool | StrictStr | list[StrictStr] | None = None


class StrokeIn(_In):
    """One stroke of Enter."""

    template: str = Field(max_length=100)
    version: str = Field(max_length=100)
    said: list[SaidIn] = Field(min_length=1, max_length=_MOST)
    ms: int = Field(
        default=0, ge=0, le=_LONGEST_MS, description="how long the screen was looked at"
    )
    keystrokes: int = Field(default=0, ge=0, le=10_000)


class RefusedOut(BaseModel):
    """A crop that was not taken."""

    reading: int
    cell: int | None
    document: int | None
    why: Refusal

    @classmethod
    def of(cls, refused: Refused) -> RefusedOut:
        """As the API tells it."""
        return cls(
            reading=refused.reading,
            cell=refused.cell,
            document=refused.document,
            why=refused.why,
        )


class OutcomeOut(BaseModel):
    """What became of a stroke: what counts, and what was refused singly."""

    confirmation: int
    crops: int
    fields: int
    postponed: int
    refused: list[RefusedOut]

    @classmethod
    def of(cls, confirmation: int, taken: Taken) -> OutcomeOut:
        """As the API tells it."""
        return cls(
            confirmation=confirmation,
            crops=taken.crops,
            fields=taken.fields,
            postponed=taken.postponed,
            refused=[RefusedOut.of(one) for one in taken.refused],
        )


@router.post("/confirmations")
def confirm(stroke: StrokeIn, user: ReviewerUser, services: ServicesDep) -> OutcomeOut:
    """Confirm many crops; those of documents that changed meanwhile are listed, not lost."""
    said = Stroke(
        actor=user.name,
        template=stroke.template,
        version=stroke.version,
        said=tuple(Said(s.reading, s.cell, s.verdict, s.value) for s in stroke.said),
        effort=Effort(stroke.ms, stroke.keystrokes),
    )
    done: Outcome = group_confirming.confirm(
        services.db, said, library=services.shelf.library(), check=services.check
    )
    return OutcomeOut.of(done.confirmation, done.taken)


@router.post("/confirmations/{confirmation}/undo")
def undo(confirmation: int, user: ReviewerUser, services: ServicesDep) -> OutcomeOut:
    """Take a whole confirmation back; only who made it may."""
    taken = group_confirming.undo(
        services.db,
        confirmation,
        actor=user.name,
        library=services.shelf.library(),
        check=services.check,
    )
    return OutcomeOut.of(confirmation, taken)


__all__ = ["router"]
