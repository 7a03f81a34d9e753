"""Keying single fields blind: nothing here tells what machine or others say of a field."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from ocr_service.db.double_entry import chips
from ocr_service.db.ids import BatchId
from ocr_service.db.review.actions import Effort
from ocr_service.forms.fields import ChoiceField, FieldSpec, FlagField, PresenceField
from ocr_service.service.double_entry import double_entry
from ocr_service.service.double_entry.chip_pictures import chip_webp
from ocr_service.service.double_entry.double_entry import Judges, Turn
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import ApproverUser, ReviewerUser

router = APIRouter(prefix="/chips", tags=["double entry"])

KEEP_FOR = timedelta(minutes=5)
"""How long nobody else gets a chip that somebody has before his eyes."""

_LONGEST_MS = 3_600_000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wish(_In):
    """What somebody wants to key."""

    batch: int | None = None
    skipped: int | None = Field(default=None, description="comes behind all others")


class OptionOut(BaseModel):
    """One answer to pick."""

    value: str | bool
    ja: str
    en: str


class ChipOut(BaseModel):
    """A field to key: what it is called and what it may hold, and nothing of the record."""

    id: int
    label_ja: str
    label_en: str
    kind: str
    format: str | None
    multiple: bool
    options: list[OptionOut]
    picture: str

    @classmethod
    def of(cls, chip: chips.Chip, spec: FieldSpec) -> ChipOut:
        """As somebody sees it who keys it."""
        label = next((p.label for p in getattr(spec, "parts", ()) if p.key == chip.key), spec.label)
        found_format = getattr(spec, "format", None)
        return cls(
            id=chip.id,
            label_ja=label.ja,
            label_en=label.en,
            kind=spec.kind,
            format=None if found_format is None else str(found_format),
            multiple=isinstance(spec, ChoiceField) and spec.multiple,
            options=_options(spec),
            picture=f"/api/v1/chips/{chip.id}/crop.webp",
        )


class EntryIn(_In):
    """What somebody keyed; null = nothing is written there."""

    value: StrictBool | StrictStr | list[StrictStr] | None = None
    illegible: bool = False
    ms: int = Field(default=0, ge=0, le=_LONGEST_MS)
    keystrokes: int = Field(default=0, ge=0, le=10_000)

    def turn(self, chip: int, person: str) -> Turn:
        """As the service takes it."""
        effort = Effort(self.ms, self.keystrokes)
        return Turn(chip, person, self.value, illegible=self.illegible, effort=effort)


class KeptOut(BaseModel):
    """That it was kept, and not whether it agrees with anybody: the next one stays blind."""

    kept: bool = True


class PeopleIn(_In):
    """How many people at least key every field of a batch."""

    people: int = Field(ge=2, le=3)


class RaisedOut(BaseModel):
    """How many fields of waiting pages that concerned."""

    chips: int


@router.post(
    "/next",
    response_model=ChipOut,
    responses={204: {"description": "Nothing for this person to key"}},
)
def next_chip(
    wish: Wish, user: ReviewerUser, services: ServicesDep, uow: WriteUnit
) -> ChipOut | Response:
    """A field that the caller has not keyed, kept for him for five minutes."""
    chip = double_entry.next_chip(
        uow,
        person=user.name,
        batch=None if wish.batch is None else BatchId(wish.batch),
        keep_for=KEEP_FOR,
        skipped=wish.skipped,
    )
    if chip is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    form = services.shelf.library().get(f"{chip.template}@{chip.version}").template
    return ChipOut.of(chip, form.field_of(chip.key))


@router.get("/{chip}/crop.webp", response_class=Response)
def show_crop(chip: int, user: ReviewerUser, services: ServicesDep, uow: ReadUnit) -> Response:
    """The field on the paper, for whoever has the chip before his eyes."""
    held = double_entry.held_chip(uow, chip, person=user.name)
    data = chip_webp(uow, services.blobs, held, library=services.shelf.library())
    return Response(data, media_type="image/webp")


@router.post("/{chip}/entry")
def enter(
    chip: int, entry: EntryIn, user: ReviewerUser, services: ServicesDep, uow: WriteUnit
) -> KeptOut:
    """Keep what the caller keyed; 409 if the chip went to somebody else meanwhile."""
    judges = Judges(services.shelf.library(), services.check)
    double_entry.take_turn(uow, entry.turn(chip, user.name), judges=judges)
    return KeptOut()


@router.post("/{chip}/decision")
def decide(
    chip: int, entry: EntryIn, user: ApproverUser, services: ServicesDep, uow: WriteUnit
) -> KeptOut:
    """Settle a field that three people keyed differently."""
    judges = Judges(services.shelf.library(), services.check)
    double_entry.decide(uow, entry.turn(chip, user.name), judges=judges)
    return KeptOut()


@router.post("/{chip}/release")
def release(chip: int, user: ReviewerUser, uow: WriteUnit) -> KeptOut:
    """Let others have a chip."""
    double_entry.give_back(uow, chip, person=user.name)
    return KeptOut()


@router.put("/batches/{batch}")
def raise_batch(
    batch: int, wish: PeopleIn, user: ApproverUser, services: ServicesDep, uow: WriteUnit
) -> RaisedOut:
    """Have every field of a batch keyed by at least so many people."""
    made = double_entry.raise_batch(
        uow, BatchId(batch), wish.people, actor=user.name, library=services.shelf.library()
    )
    return RaisedOut(chips=made)


def _options(spec: FieldSpec) -> list[OptionOut]:
    if isinstance(spec, FlagField | PresenceField):
        return [
            OptionOut(value=True, ja="あり", en="yes"),
            OptionOut(value=False, ja="なし", en="no"),
        ]
    if isinstance(spec, ChoiceField):
        return [OptionOut(value=o.value, ja=o.label.ja, en=o.label.en) for o in spec.options]
    return []


__all__ = ["KEEP_FOR", "router"]
