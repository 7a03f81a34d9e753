"""Crops of a group as one picture, tile below tile, so that a screen of them loads at once."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image

from ocr_service.blobs import BlobStore
from ocr_service.db.group_review.readings import Place
from ocr_service.domain.errors import NotFound
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import ChoiceField, FieldSpec, FlagField

MOST_TILES = 48
"""Tiles of one picture: the first ones show while the rest is still being cut."""

LARGEST_PX = (420, 150)
"""Width and height that a tile may have."""

_PX_PER_MM = 8.0  # of the view for people; more would show no more
_MARGIN_MM = 1.0
_MARK_MARGIN_MM = 1.5
_WORD_BESIDE_MM = 9.0  # printed word to the right of a check box
_QUALITY = 60
_NEARLY_ALL = 0.9
_PAPER = 255


@dataclass(frozen=True, slots=True)
class TileSize:
    """Pixels of every tile of a screen."""

    width: int
    height: int


def area_of(box: BoxMm, spec: FieldSpec, cell: int | None) -> BoxMm:
    """What a tile shows: the writing with a little of what stands round it, in millimetres."""
    if cell is None and isinstance(spec, ChoiceField | FlagField):
        grown = box.grown(_MARK_MARGIN_MM)
        return BoxMm(grown.x, grown.y, grown.w + _WORD_BESIDE_MM, grown.h)
    return box.grown(_MARGIN_MM)


def tile_size(areas: Iterable[BoxMm]) -> TileSize:
    """The size at which nearly all ``areas`` fit, as large as the view has it if the screen allows.

    Few large ones are shown smaller, so that they do not make all others lie far apart.
    """
    shown = list(areas)
    width = _nearly_largest([area.w for area in shown])
    height = _nearly_largest([area.h for area in shown])
    scale = min(_PX_PER_MM, LARGEST_PX[0] / width, LARGEST_PX[1] / height)
    return TileSize(round(width * scale), round(height * scale))


def _nearly_largest(lengths: list[float]) -> float:
    ordered = sorted(lengths)
    return ordered[int(_NEARLY_ALL * (len(ordered) - 1))] if ordered else 1.0


def sprite(blobs: BlobStore, tiles: list[tuple[Place, FieldSpec] | None], size: TileSize) -> bytes:
    """Tiles below one another as WebP, in the order given.

    Args:
        blobs: where the pages are.
        tiles: where each is cut from; None, and one whose page has no picture, stays white.
        size: of each tile.
    """
    height = max(1, len(tiles)) * size.height
    out = Image.new("L", (size.width, height), _PAPER)
    by_view: dict[str, list[tuple[int, Place, FieldSpec]]] = {}
    for number, source in enumerate(tiles):
        if source is not None and source[0].view_sha256 is not None:
            by_view.setdefault(source[0].view_sha256, []).append((number, *source))
    for view, of_page in by_view.items():
        try:
            page = Image.open(io.BytesIO(blobs.get(view))).convert("L")
        except NotFound:
            continue
        for number, place, spec in of_page:
            tile = _cut(page, area_of(place.box, spec, place.cell), place.view_px_per_mm, size)
            out.paste(tile, (0, number * size.height))
    return _webp(out)


def single(blobs: BlobStore, place: Place, area: BoxMm, largest_px: tuple[int, int]) -> bytes:
    """One place of a page as WebP, at most ``largest_px`` wide and high.

    Raises:
        NotFound: the page has no picture.
    """
    if place.view_sha256 is None or place.view_px_per_mm <= 0:
        raise NotFound("this page has no picture")
    page = Image.open(io.BytesIO(blobs.get(place.view_sha256))).convert("L")
    scale = min(place.view_px_per_mm, largest_px[0] / area.w, largest_px[1] / area.h)
    size = TileSize(round(area.w * scale), round(area.h * scale))
    return _webp(_cut(page, area, place.view_px_per_mm, size))


def _cut(page: Image.Image, area: BoxMm, px_per_mm: float, size: TileSize) -> Image.Image:
    """A place of a page, scaled down to fit and put at the tile's left and top."""
    left, top, right, bottom = area.to_px(px_per_mm)
    cut = Image.new("L", (max(1, right - left), max(1, bottom - top)), _PAPER)
    cut.paste(page, (-left, -top))
    scale = min(1.0, size.width / cut.width, size.height / cut.height)
    if scale < 1.0:
        fitted = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
        cut = cut.resize(fitted, Image.Resampling.LANCZOS)
    tile = Image.new("L", (size.width, size.height), _PAPER)
    tile.paste(cut, (0, 0))
    return tile


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


__all__ = ["LARGEST_PX", "MOST_TILES", "TileSize", "area_of", "single", "sprite", "tile_size"]
