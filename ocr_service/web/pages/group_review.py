"""Group review: what was read alike, and one screen of it at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from ocr_service.db.group_review import readings as group_readings
from ocr_service.db.group_review.groups import Alike, GroupFilter
from ocr_service.db.group_review.readings import Place
from ocr_service.db.ids import BatchId
from ocr_service.db.intake import batches
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.forms.fields import FieldSpec
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.group_review import listing as group_review
from ocr_service.service.group_review.crops import LARGEST_PX, MOST_TILES, TileSize, sprite
from ocr_service.service.group_review.listing import GroupName, Part
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.group_shown import (
    address,
    answer_word,
    cell_text,
    form_groups,
    is_typed,
    label_of,
    make_screen,
    screen_size,
    shared_options,
    tile_of,
)
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.shown import value_text
from ocr_service.web.pages.words import say
from ocr_service.web.security import ReviewerUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_BATCHES_OFFERED = 100
_TILES = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?(,[0-9]{1,9}(\.[0-9]{1,2})?)*")
_SIZE = re.compile(r"([0-9]{1,3})x([0-9]{1,3})")
# A reading never changes and neither does the page it was read off.
_PICTURE_HEADERS = {"Cache-Control": "private, max-age=3600, immutable"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the person chose to see.

    Attributes:
        batch: only this batch.
        form: only this template key.
        accepted: also what was accepted without eyes.
        crops: how many on a screen; None = as many as fit.
    """

    batch: int | None = None
    form: str | None = None
    accepted: bool = False
    crops: int | None = None

    def wanted(self, reviewer: str) -> GroupFilter:
        """As the database is asked."""
        batch = None if self.batch is None else BatchId(self.batch)
        return GroupFilter(reviewer, batch, self.form, doubtful_only=not self.accepted)

    def query(self) -> dict[str, str]:
        """As addresses carry it."""
        chosen = {
            "batch": self.batch,
            "form": self.form,
            "accepted": 1 if self.accepted else None,
            "crops": self.crops,
        }
        return {name: str(value) for name, value in chosen.items() if value is not None}


def _filters(
    batch: Annotated[str, Query(max_length=12)] = "",
    form: Annotated[str, Query(max_length=100)] = "",
    crops: Annotated[int | None, Query(ge=10, le=200)] = None,
    *,
    accepted: bool = False,
) -> Filters:
    return Filters(int(batch) if batch.isdecimal() else None, form or None, accepted, crops)


FiltersDep = Annotated[Filters, Depends(_filters)]


def _group(
    template: Annotated[str, Query(max_length=201)],
    part: Part,
    key: Annotated[str | None, Query(max_length=100)] = None,
    like: Annotated[int | None, Query(ge=1)] = None,
    text: Annotated[str | None, Query(pattern=r"^[0-9_?]$")] = None,
) -> GroupName:
    return GroupName(template, part, key, like, text)


GroupDep = Annotated[GroupName, Depends(_group)]


@router.get("/review/group")
def show_groups(
    request: Request, user: ReviewerUser, services: ServicesDep, uow: ReadUnit, filters: FiltersDep
) -> HTMLResponse:
    """Everything that was read alike, with counts."""
    language = language_of(request)
    library = services.shelf.library()
    found = group_review.overview(uow, filters.wanted(user.name), library=library)
    unnamed = say("batch.unnamed", language)
    newest = batches.page(uow, before=None, limit=_BATCHES_OFFERED)
    offered = [(batch.id, batch.name or f"{unnamed} {batch.id}") for batch in newest]
    return render(
        request,
        "group_start.html",
        user=user,
        filters=filters,
        batches=offered,
        form_names=sorted({loaded.template.key for loaded in library.loaded}),
        forms=[form_groups(one, language, filters.query()) for one in found],
    )


@router.get("/review/group/screen")
def show_screen(  # noqa: PLR0913, PLR0917 - a screen of a group as somebody filtered it
    request: Request,
    user: ReviewerUser,
    services: ServicesDep,
    uow: ReadUnit,
    filters: FiltersDep,
    group: GroupDep,
    offset: Annotated[int, Query(ge=0)] = 0,
    *,
    fragment: bool = False,
) -> HTMLResponse:
    """One screen of crops; as a fragment, only what changes from screen to screen."""
    language = language_of(request)
    library = services.shelf.library()
    alike = group_review.alike_of(uow, group, library=library)
    form = library.get(group.template).template
    limit = filters.crops or screen_size(tile_of(alike, form))
    items, total = group_review.screen(
        uow, filters.wanted(user.name), alike, limit=limit, offset=offset
    )
    return render(
        request,
        "_group_grid.html" if fragment else "group_screen.html",
        user=user,
        screen=make_screen(items, alike, form, language),
        total=total,
        form_key=alike.template,
        form_version=alike.version,
        title=_title(uow, alike, group, library, language),
        options=shared_options(alike, form, language),
        typed=is_typed(alike, form),
        cells=alike.cells,
        here_address=address(group, filters.query()),
        back=_back(filters),
    )


@router.get("/review/group/sprite.webp", response_class=Response)
def show_sprite(
    _user: ReviewerUser,
    services: ServicesDep,
    uow: ReadUnit,
    tiles: Annotated[str, Query(max_length=1000)],
    size: Annotated[str, Query(max_length=7)],
) -> Response:
    """Some tiles of a screen below one another."""
    wanted = _TILES.fullmatch(tiles)
    pixels = _SIZE.fullmatch(size)
    if wanted is None or pixels is None:
        raise InvalidRequest("name tiles and their size")
    names = [_tile_name(name) for name in tiles.split(",")][:MOST_TILES]
    shown = TileSize(
        *(max(1, min(int(n), most)) for n, most in zip(pixels.groups(), LARGEST_PX, strict=True))
    )
    library = services.shelf.library()
    places = {(place.reading, place.cell): place for place in group_readings.places(uow, names)}
    found = [_tile_source(library, places.get(name)) for name in names]
    data = sprite(services.blobs, found, shown)
    return Response(data, media_type="image/webp", headers=_PICTURE_HEADERS)


def _tile_name(name: str) -> tuple[int, int | None]:
    reading, _, cell = name.partition(".")
    return int(reading), int(cell) if cell else None


def _tile_source(library: TemplateLibrary, place: Place | None) -> tuple[Place, FieldSpec] | None:
    if place is None:
        return None
    form = library.get(f"{place.template}@{place.version}").template
    return place, form.field_of(place.key)


def _back(filters: Filters) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.query().items())
    return f"/review/group?{query}" if query else "/review/group"


def _title(
    uow: UnitOfWork, alike: Alike, group: GroupName, library: TemplateLibrary, language: Language
) -> str:
    """What the screen shows, in words."""
    form = library.get(group.template).template
    if group.part is Part.CELLS:
        return f"{say('group.cells', language)}「{cell_text(alike.text, language)}」"
    spec = form.field_of(alike.keys[0])
    what = label_of(spec, alike.keys[0], language)
    if alike.like is None:
        return f"{what} {say('group.all', language)}"
    value = group_readings.get(uow, alike.like).field.value
    if group.part is Part.MARKS:
        return f"{say('group.marks', language)}「{answer_word(value, form, language)}」"
    return f"{what}「{value_text(value, spec, language)}」"


__all__ = ["router"]
