"""Steering batches, and reading old pages again."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ocr_service.db.ids import BatchId
from ocr_service.db.intake import flow
from ocr_service.db.intake.flow import Control, Priority
from ocr_service.service.intake import batch_control
from ocr_service.service.intake.batch_control import Steering
from ocr_service.service.processing import rereading
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import AnyUser, ApproverUser

router = APIRouter(tags=["control"])


class PriorityName(StrEnum):
    """Whose pages come first."""

    URGENT = "urgent"
    NORMAL = "normal"
    LATER = "later"


class PriorityWish(BaseModel):
    """How soon a batch shall come to its turn."""

    model_config = ConfigDict(extra="forbid")

    priority: PriorityName


class ControlOut(BaseModel):
    """How a batch is steered."""

    batch: int
    flow: str = Field(description="running, paused or cancelled")
    priority: PriorityName

    @classmethod
    def of(cls, control: Control) -> ControlOut:
        """From the service's answer."""
        name = PriorityName(control.priority.name.lower())
        return cls(batch=control.batch, flow=control.flow.value, priority=name)


class CancelledOut(ControlOut):
    """A cancelled batch."""

    discarded: int = Field(description="pages that were not read yet and now never will be")


class RerunWish(BaseModel):
    """Which pages are read again, and as what: those of a batch, of a form, or of both."""

    model_config = ConfigDict(extra="forbid")

    template: str = Field(max_length=200, description="KEY[@VERSION] they are read against")
    batch: int | None = None
    read_as: str | None = Field(
        default=None, max_length=100, description="key of the template they were read as"
    )


class RerunOut(BaseModel):
    """What became of the pages."""

    requeued: int
    skipped: int = Field(
        description="approved, exported, discarded, being read, or before a reviewer's eyes"
    )


@router.get("/batches/{batch}/control")
def show_control(batch: int, _user: AnyUser, uow: ReadUnit) -> ControlOut:
    """How a batch is steered."""
    return ControlOut.of(flow.get(uow, BatchId(batch)))


@router.post("/batches/{batch}/pause")
def pause(batch: int, user: ApproverUser, uow: WriteUnit) -> ControlOut:
    """Start no further page; pages in hand are finished."""
    return ControlOut.of(batch_control.pause(uow, Steering(BatchId(batch), user.name)))


@router.post("/batches/{batch}/resume")
def resume(batch: int, user: ApproverUser, services: ServicesDep, uow: WriteUnit) -> ControlOut:
    """Go on with a paused batch."""
    steering = Steering(BatchId(batch), user.name)
    return ControlOut.of(batch_control.resume(uow, services.bell, steering))


@router.post("/batches/{batch}/cancel")
def cancel(batch: int, user: ApproverUser, services: ServicesDep) -> CancelledOut:
    """Put away every page that was not read yet; the same files may be sent again."""
    steering = Steering(BatchId(batch), user.name)
    discarded = batch_control.cancel(services.db, steering)
    with services.db.reading() as uow:
        shown = ControlOut.of(flow.get(uow, steering.batch))
    return CancelledOut(**shown.model_dump(), discarded=discarded)


@router.put("/batches/{batch}/priority")
def set_priority(batch: int, wish: PriorityWish, user: ApproverUser, uow: WriteUnit) -> ControlOut:
    """Let a batch's pages come before others, or after them."""
    steering = Steering(BatchId(batch), user.name)
    priority = Priority[wish.priority.name]
    return ControlOut.of(batch_control.set_priority(uow, steering, priority))


@router.post("/reruns", status_code=HTTPStatus.ACCEPTED)
def read_again(wish: RerunWish, user: ApproverUser, services: ServicesDep) -> RerunOut:
    """Read old pages once more; what people said of them stays in force."""
    batch = None if wish.batch is None else BatchId(wish.batch)
    done = rereading.read_again(
        services.db,
        services.bell,
        rereading.Wish(wish.template, user.name, batch, wish.read_as),
        library=services.shelf.library(),
    )
    return RerunOut(requeued=done.requeued, skipped=done.skipped)


__all__ = ["router"]
