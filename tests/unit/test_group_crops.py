"""Tiles of the group review: sizes, places, and pages that are not there."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ocr_service.blobs import open_store
from ocr_service.db.group_review.readings import Place
from ocr_service.domain.errors import NotFound
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service.group_review.crops import (
    LARGEST_PX,
    TileSize,
    area_of,
    single,
    sprite,
    tile_size,
)

FORM = load_library(shipped_folder()).get("mhlw-covid19").template
SPEC = FORM.field_of("age")
PX_PER_MM = 8.0


def page() -> bytes:
    """A page that is black left of 100 mm and white right of it."""
    image = Image.new("L", (1680, 2376), 255)
    image.paste(0, (0, 0, 800, 2376))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def place(x: float, view: str | None, y: float = 50) -> Place:
    return Place(1, 0, FORM.key, FORM.version, "age", BoxMm(x, y, 5, 7), view, PX_PER_MM)


def pixels(webp: bytes) -> Image.Image:
    return Image.open(io.BytesIO(webp)).convert("L")


def test_tiles_stand_below_one_another_in_order() -> None:
    """Black, white, unknown, and one without a picture: each in its own place."""
    blobs = open_store("memory://")
    view = blobs.put(page())
    size = tile_size([area_of(BoxMm(0, 0, 5, 7), SPEC, 0)])
    assert size == TileSize(56, 72)
    tiles = [(place(20, view), SPEC), (place(150, view), SPEC), None, (place(20, None), SPEC)]
    shown = pixels(sprite(blobs, tiles, size))
    assert shown.size == (56, 4 * 72)
    middles = [shown.getpixel((28, 72 * row + 36)) for row in range(4)]
    assert [bool(isinstance(m, int) and m > 128) for m in middles] == [False, True, True, True]


def test_a_crop_at_the_edge_is_filled_with_paper() -> None:
    """What lies beyond the page is white; the tile keeps its size."""
    blobs = open_store("memory://")
    view = blobs.put(page())
    shown = pixels(sprite(blobs, [(place(-3, view, -4), SPEC)], TileSize(56, 72)))
    corner, inside = shown.getpixel((2, 2)), shown.getpixel((50, 66))
    assert isinstance(corner, int)
    assert isinstance(inside, int)
    assert corner > 200
    assert inside < 50


def test_wide_fields_are_scaled_to_the_screen() -> None:
    """The largest of a screen sets the size; none is larger than a screen can take."""
    address = FORM.field_of("address")
    size = tile_size([area_of(address.box, address, None)])
    assert size.width == LARGEST_PX[0]
    assert size.height <= LARGEST_PX[1]


def test_a_single_place_needs_a_picture() -> None:
    """Without one there is nothing to key."""
    blobs = open_store("memory://")
    area = BoxMm(20, 20, 40, 10)
    with pytest.raises(NotFound):
        single(blobs, place(20, None), area, (400, 400))
    view = blobs.put(page())
    assert pixels(single(blobs, place(20, view), area, (160, 400))).size == (160, 40)
