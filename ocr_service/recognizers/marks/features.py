"""What the mark reader looks at: the paper round one printed box, freed of what is not writing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.recognizers.base import CropPart

PATCH_PX = 48
"""Side of the square picture the network sees; the box fills its middle third."""

REACH = 1.0
"""How far the picture reaches beyond the box, in sides of the box."""

WORD_SIZE = (72, 48)
"""Width and height of the picture of a printed word; the word fills the middle ninth."""

WORD_REACH_MM = (5.0, 4.0)
"""How far that picture reaches beyond the word, (across, down)."""

SPECK_MM = 0.5
"""Isolated dots up to this size are dust, never a mark."""

_CHAINED_MM = 0.75
_RULE_OUTWARD_MM = 0.5
_RULE_INWARD_MM = 0.15
_PAPER_PERCENTILE = 85
_SMALLEST_PX = 8
_DARKEST_PAPER = 60.0
_PRINT_PERCENTILE = 0.5
_LEAST_PRINT_CONTRAST = 25.0


def box_px(part: CropPart) -> tuple[float, float, float, float]:
    """The printed box in pixels of the part's arrays: (left, top, right, bottom), inside them."""
    height, width = part.gray.shape
    across, down = width / part.window.w, height / part.window.h
    left = float(np.clip((part.box.x - part.window.x) * across, 0, max(width - 1, 0)))
    top = float(np.clip((part.box.y - part.window.y) * down, 0, max(height - 1, 0)))
    right = float(
        np.clip((part.box.right - part.window.x) * across, left + 1, max(width, left + 1))
    )
    bottom = float(np.clip((part.box.bottom - part.window.y) * down, top + 1, max(height, top + 1)))
    return left, top, right, bottom


def paper_level(gray: Gray) -> float:
    """Brightness of the bare paper in a window, 0 to 255."""
    return float(np.percentile(gray, _PAPER_PERCENTILE))


def readable_paper(gray: Gray) -> bool:
    """Whether the pixels show paper at all: not torn off to black, not a few pixels only."""
    if gray.ndim != 2 or min(gray.shape) < _SMALLEST_PX:  # noqa: PLR2004  # (H, W)
        return False
    return paper_level(gray) >= _DARKEST_PAPER


def readable(part: CropPart) -> bool:
    """Whether the window shows paper with something printed on it.

    A printed box leaves a trace in every window; all white is a torn-off corner like all black.
    """
    if not readable_paper(part.gray):
        return False
    low = float(np.percentile(part.gray, _PRINT_PERCENTILE))
    return paper_level(part.gray) - low >= _LEAST_PRINT_CONTRAST


def without_print(part: CropPart, box: tuple[float, float, float, float], paper: float) -> Gray:
    """The pixels with the blank original's print painted over, the box's own rule excepted.

    Without a blank original the pixels as they are: the network knows labels and table lines.
    """
    if part.blank is None or part.blank.shape != part.gray.shape:
        return part.gray
    level = paper_level(part.blank)
    printed = (part.blank < level * 0.75).astype(np.uint8)
    printed = cv2.dilate(printed, np.ones((5, 5), np.uint8)).astype(bool)
    left, top, right, bottom = box
    grow = 0.2 * max(right - left, bottom - top)
    keep = (
        slice(max(round(top - grow), 0), round(bottom + grow)),
        slice(max(round(left - grow), 0), round(right + grow)),
    )
    printed[keep] = False
    cleaned = part.gray.copy()
    cleaned[printed] = round(paper)
    return cleaned


def _rule_band(shape: tuple[int, ...], box: tuple[float, ...], px_per_mm: float) -> Mask:
    """Where the box's printed rule may lie: a frame along the edges of its inside."""
    band = np.zeros(shape, np.bool_)
    outward, inward = _RULE_OUTWARD_MM * px_per_mm, _RULE_INWARD_MM * px_per_mm
    left, top, right, bottom = box
    outer = (left - outward, top - outward, right + outward, bottom + outward)
    inner = (left + inward, top + inward, right - inward, bottom - inward)
    for (x0, y0, x1, y1), value in ((outer, True), (inner, False)):
        band[max(round(y0), 0) : max(round(y1), 0), max(round(x0), 0) : max(round(x1), 0)] = value
    return band


def without_specks(
    gray: Gray,
    paper: float,
    px_per_mm: float,
    rule: Mask | None = None,
    chained_mm: float = 0.0,
) -> Gray:
    """The pixels with isolated dots of at most ``SPECK_MM`` painted over.

    Dust can therefore never make a mark. Dots closer than a hair's breadth to each other or to a
    stroke stay: a faint pencil stroke on rough paper is a row of such dots.

    Args:
        gray: the window.
        paper: brightness of its paper.
        px_per_mm: its scale.
        rule: where a printed rule may lie; a dot that touches it is a dot all the same.
        chained_mm: dots up to this far apart are one stroke; 0 = a hair's breadth. A fax makes
            such chains of pencil.
    """
    dark = (gray < paper - max(18.0, 0.08 * paper)).astype(np.uint8)
    near = np.ones((3, 3), np.uint8)
    chain = max(3, round(chained_mm * px_per_mm))
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((chain, chain), np.uint8))
    if rule is not None:
        joined[rule] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    limit = max(1, round(SPECK_MM * px_per_mm))
    across, down = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    small = (across <= limit) & (down <= limit)
    small[0] = False
    if not small.any():
        return gray
    specks = small[labels]
    others = (joined > 0) & ~specks
    halo = cv2.dilate(specks.astype(np.uint8), near).astype(bool)
    erased = halo & ~others
    if rule is not None:
        erased &= ~rule
    cleaned = gray.copy()
    cleaned[erased] = round(paper)
    return cleaned


def _padded_cut(
    gray: Gray, frame: tuple[float, float, float, float], paper: float
) -> NDArray[np.uint8]:
    left, top, right, bottom = (round(v) for v in frame)
    height, width = gray.shape
    pads = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    inner = gray[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if inner.size == 0:
        return np.full((max(bottom - top, 1), max(right - left, 1)), round(paper), np.uint8)
    return np.asarray(
        cv2.copyMakeBorder(inner, *pads, cv2.BORDER_CONSTANT, value=round(paper)), np.uint8
    )


def normalise(cut: NDArray[np.uint8], paper: float) -> NDArray[np.float32]:
    """Darkness against the paper, and the same with faint strokes lifted: (2, H, W), 0 to 1."""
    dark = np.clip((paper - cut.astype(np.float32)) / max(paper, 1.0), 0, 1)
    lifted = np.clip((dark - 0.04) * 4, 0, 1)
    return np.stack([dark, lifted])


def box_patch(part: CropPart) -> NDArray[np.float32]:
    """The network's picture of one check box: (2, ``PATCH_PX``, ``PATCH_PX``), 0 paper, 1 black.

    The box is centred and fills the middle third; beyond the window there is bare paper.
    """
    box = box_px(part)
    paper = paper_level(part.gray)
    px_per_mm = part.gray.shape[1] / part.window.w
    rule = _rule_band(part.gray.shape, box, px_per_mm)
    gray = without_specks(without_print(part, box, paper), paper, px_per_mm, rule)
    side = max(box[2] - box[0], box[3] - box[1])
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    half = side * (0.5 + REACH)
    frame = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    return _scaled(_padded_cut(gray, frame, paper), (PATCH_PX, PATCH_PX), paper)


def inner_darkness(picture: NDArray[np.float32]) -> float:
    """How dark the darkest ink well inside the box is in a ``box_patch``: 0 paper to 1 black."""
    third = PATCH_PX // 3
    inset = third // 6
    inner = picture[0, third + inset : 2 * third - inset, third + inset : 2 * third - inset]
    return float(np.percentile(inner, 97))


def _scaled(cut: NDArray[np.uint8], size: tuple[int, int], paper: float) -> NDArray[np.float32]:
    grown = cut.shape[0] < size[1] or cut.shape[1] < size[0]
    how = cv2.INTER_LINEAR if grown else cv2.INTER_AREA
    return normalise(np.asarray(cv2.resize(cut, size, interpolation=how), np.uint8), paper)


def word_patches(parts: Sequence[CropPart]) -> list[NDArray[np.float32]]:
    """The network's pictures of a field's printed words, in order; all see each other.

    Layers: darkness, the same with pale strokes lifted, and the darkest that the field's other
    words have at the same place, lifted too (all paper where there is no other word). Where one
    word is clean, a scattered line round another is a ring; a ring that reaches into both shows
    in both. The blank original is not used: the network knows print, and painting it over would
    cut rings into pieces.

    Returns:
        Each (3, ``WORD_SIZE[1]``, ``WORD_SIZE[0]``), 0 paper to 1 black.
    """
    seen = [_word_layers(part) for part in parts]
    pictures = []
    for n, own in enumerate(seen):
        others = [other[1] for m, other in enumerate(seen) if m != n]
        beside = np.max(others, axis=0) if others else np.zeros_like(own[1])
        pictures.append(np.concatenate([own, beside[None]]).astype(np.float32))
    return pictures


def _word_layers(part: CropPart) -> NDArray[np.float32]:
    """(2, H, W) of one word: its box fills the middle third both ways, ``WORD_REACH_MM`` the rest.

    Long and short words therefore lie alike, and a ring's distance from the word keeps its
    millimetres.
    """
    box = box_px(part)
    paper = paper_level(part.gray)
    px_per_mm = part.gray.shape[1] / part.window.w
    gray = without_specks(part.gray, paper, px_per_mm, chained_mm=_CHAINED_MM)
    reach = (WORD_REACH_MM[0] * px_per_mm, WORD_REACH_MM[1] * px_per_mm)
    columns = (box[0] - reach[0], box[0], box[2], box[2] + reach[0])
    rows = (box[1] - reach[1], box[1], box[3], box[3] + reach[1])
    third = (WORD_SIZE[0] // 3, WORD_SIZE[1] // 3)
    strips = []
    for top, bottom in pairwise(rows):
        cells = [
            _scaled(_padded_cut(gray, (left, top, right, bottom), paper), third, paper)
            for left, right in pairwise(columns)
        ]
        strips.append(np.concatenate(cells, axis=2))
    return np.concatenate(strips, axis=1)


__all__ = [
    "PATCH_PX",
    "WORD_SIZE",
    "box_patch",
    "box_px",
    "inner_darkness",
    "normalise",
    "paper_level",
    "readable",
    "readable_paper",
    "without_print",
    "without_specks",
    "word_patches",
]
