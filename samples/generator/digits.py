"""Digits for printed cells: real crops of one sender where there are any, else a font's."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from samples.generator.chance import Rng, between, chance, jitter, pick
from samples.generator.fonts import EM_PX, Glyph
from samples.generator.handwriting import Hand, bend, harden
from samples.generator.paper import PX_PER_MM, Coverage, Paper

CROPS = Path("shared/data/handwriting")
"""Beside the repository; made of real fax forms, free to use, never copied into it."""

_DARK = 150
_LEAST_DIGITS = 7
_EDGE_SHARE = 0.1
_FOLDS = 5
_TEST_FOLD = 0
_CALIBRATION_FOLD = 1
_INKED = 0.2
_SOLID = 0.5
_USUAL_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Crop:
    """One labelled picture of a digit or mark."""

    path: Path
    label: str
    sender: str


def split_of(sender: str) -> str:
    """``test``, ``calibration`` or ``train``: one sender in five each for the first two, by hash.

    Senders of ``calibration`` set temperatures, probabilities and thresholds; no network learned
    from them and nothing is measured on them.
    """
    fold = int(hashlib.sha1(sender.encode(), usedforsecurity=False).hexdigest(), 16) % _FOLDS
    return {_TEST_FOLD: "test", _CALIBRATION_FOLD: "calibration"}.get(fold, "train")


def is_test_sender(sender: str) -> bool:
    """Whether a sender's crops are kept for measuring."""
    return split_of(sender) == "test"


@dataclass(slots=True)
class CropBook:
    """The real crops of a run, cleaned when first used."""

    crops: tuple[Crop, ...]
    _clean: dict[Path, Coverage | None] = field(default_factory=dict, repr=False)

    def senders(self) -> tuple[str, ...]:
        """Senders with most of the ten digits, in a fixed order."""
        kinds: dict[str, set[str]] = {}
        for crop in self.crops:
            if crop.label.isdigit():
                kinds.setdefault(crop.sender, set()).add(crop.label)
        return tuple(sorted(s for s, labels in kinds.items() if len(labels) >= _LEAST_DIGITS))

    def shape(self, label: str, rng: Rng, *, sender: str | None = None) -> Coverage | None:
        """A cleaned shape of ``label``, by ``sender`` if there is one; None if all are spoilt."""
        same = [c for c in self.crops if c.label == label]
        own = [c for c in same if c.sender == sender]
        shapes = self._some(own, rng)
        if shapes or not same:
            return shapes[0] if shapes else None
        # Somebody else's, with a pen as much like the sender's as can be had.
        usual = self._usual_weight(sender)
        others = self._some(same, rng)
        return min(others, key=lambda s: abs(_weight(s) - usual)) if others else None

    def _some(self, pool: Sequence[Crop], rng: Rng) -> list[Coverage]:
        chosen = [self._cleaned(pick(rng, pool).path) for _ in range(min(6, len(pool)))]
        return [shape for shape in chosen if shape is not None]

    def _usual_weight(self, sender: str | None) -> float:
        mine = (c for c in self.crops if c.sender == sender and c.label.isdigit())
        weights = [_weight(s) for s in map(self._cleaned, [c.path for c in mine]) if s is not None]
        return float(np.median(weights)) if weights else _USUAL_WEIGHT

    def _cleaned(self, path: Path) -> Coverage | None:
        if path not in self._clean:
            image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            self._clean[path] = None if image is None else clean_crop(image)
        return self._clean[path]


def open_crops(
    folder: Path, *, split: str | None = None, senders: Sequence[str] = ()
) -> CropBook | None:
    """Read ``labels.csv``; None where the folder is missing.

    Args:
        folder: folder of ``labels.csv``.
        split: ``train``, ``calibration`` or ``test`` by sender, None for all.
        senders: take only these.
    """
    table = folder / "labels.csv"
    if not table.is_file():
        return None
    crops = []
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            sender = row["sender"]
            if senders and sender not in senders:
                continue
            if split in {None, split_of(sender)}:
                crops.append(Crop(folder / row["path"], row["label"], sender))
    return CropBook(tuple(crops)) if crops else None


def clean_crop(image: Gray) -> Coverage | None:
    """Take the writing out of a crop and leave box rules and specks behind.

    Args:
        image: (H, W) uint8 crop, often with remnants of the box at its edges.

    Returns:
        The writing, cut tight; None where a rule runs into it and cannot be told apart.
    """
    dark = (image < _DARK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    high, wide = dark.shape
    kept = [n for n in range(1, count) if not _is_rule(stats[n], wide, high)]
    if not kept:
        return None
    largest = max(int(stats[n, cv2.CC_STAT_AREA]) for n in kept)
    kept = [n for n in kept if stats[n, cv2.CC_STAT_AREA] >= 0.08 * largest]
    mask = np.isin(labels, kept)
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if edge.sum() > 0.12 * max(high, wide):
        return None
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if tight.shape[0] < 0.15 * high:
        return None
    return cv2.GaussianBlur(np.pad(tight.astype(np.float32), 3), (0, 0), 0.8)


def _is_rule(stat: Sequence[int], wide: int, high: int) -> bool:
    x, y, w, h, area = (int(v) for v in stat)
    margin_x, margin_y = _EDGE_SHARE * wide, _EDGE_SHARE * high
    upright = w < 0.14 * wide and (x < margin_x or x + w > wide - margin_x)
    level = h < 0.14 * high and (y < margin_y or y + h > high - margin_y)
    at_rim = x <= 1 or y <= 1 or x + w >= wide - 1 or y + h >= high - 1
    long = h > 0.45 * high or w > 0.45 * wide
    return (upright or level) and (long or at_rim or area < 0.006 * wide * high)


def _weight(shape: Coverage) -> float:
    """Stroke width over the shape's height."""
    inside = cv2.distanceTransform((shape > _SOLID).astype(np.uint8), cv2.DIST_L2, 3)
    return 4 * float(inside[inside > 0].mean()) / shape.shape[0] if inside.any() else 0.0


def _with_pen(coverage: Coverage, width_px: float) -> Coverage:
    """The shape as a pen of about ``width_px`` draws it: crops were scaled, pens are not."""
    change = width_px - _weight(coverage) * coverage.shape[0]
    size = 1 + round(max(0.0, abs(change) - 0.2 * width_px))
    if size == 1:
        return coverage
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    drawn = cv2.erode(coverage, kernel) if change < 0 else cv2.dilate(coverage, kernel)
    return drawn.astype(np.float32)


@dataclass(frozen=True, slots=True)
class DigitHand:
    """How one person writes digits.

    Attributes:
        hand: ink and habits.
        crops: real shapes, or None for the hand's font.
        sender: whose real shapes.
        height: share of a cell's height that a digit takes.
        pen_mm: width of the pen's line.
    """

    hand: Hand
    crops: CropBook | None
    sender: str | None
    height: float
    pen_mm: float

    def write(self, paper: Paper, cell: BoxMm, digit: str, rng: Rng) -> None:
        """Write one digit into ``cell``, roughly in its middle."""
        shape = self.shape(digit, rng)
        high_px = cell.h * PX_PER_MM * self.height * between(rng, 0.85, 1.12)
        widest = 0.95 * cell.w * PX_PER_MM / shape.shape[1]
        scale = min(high_px / shape.shape[0], widest)
        coverage = bend(
            shape,
            scale=(scale * between(rng, 0.88, 1.1), scale),
            angle_deg=jitter(rng, 3.0 * self.hand.restless),
            slant=self.hand.slant + jitter(rng, 0.03),
            wobble=0.6 * self.hand.wobble,
            rng=rng,
        )
        coverage = harden(coverage, self.hand.threshold + jitter(rng, 0.03))
        coverage = _with_pen(coverage, self.pen_mm * PX_PER_MM)
        x, y = cell.centre
        left = x * PX_PER_MM + jitter(rng, 0.07 * cell.w * PX_PER_MM) - coverage.shape[1] / 2
        top = y * PX_PER_MM + jitter(rng, 0.05 * cell.h * PX_PER_MM) - coverage.shape[0] / 2
        paper.ink(coverage, round(left), round(top), self.hand.ink, rng)

    def in_line(self, char: str, rng: Rng) -> Glyph | None:
        """The sender's own digit as part of a line of text; None for everything else."""
        real = None
        if self.crops is not None and char.isdigit() and char.isascii():
            real = self.crops.shape(char, rng, sender=self.sender)
        if real is None:
            return None
        side = EM_PX + EM_PX // 2
        scale = min(0.78 * EM_PX / real.shape[0], 0.9 * EM_PX / real.shape[1])
        size = (max(2, round(real.shape[1] * scale)), max(2, round(real.shape[0] * scale)))
        canvas: Coverage = np.zeros((side, side), np.float32)
        left, top = (side - size[0]) // 2, (side - size[1]) // 2
        canvas[top : top + size[1], left : left + size[0]] = cv2.resize(
            real, size, interpolation=cv2.INTER_LINEAR
        )
        return Glyph(canvas, max(0.42, size[0] / EM_PX + 0.1))

    def shape(self, digit: str, rng: Rng) -> Coverage:
        """The digit cut tight."""
        if self.crops is not None:
            real = self.crops.shape(digit, rng, sender=self.sender)
            if real is not None:
                return real
        coverage = self.hand.book.glyph(digit, self.hand.font).coverage
        rows = np.flatnonzero(coverage.max(axis=1) > _INKED)
        columns = np.flatnonzero(coverage.max(axis=0) > _INKED)
        tight = coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return np.pad(tight, EM_PX // 24)


def invent_digit_hand(rng: Rng, hand: Hand, crops: CropBook | None) -> DigitHand:
    """Digits in ``hand``'s ink, by one real sender where crops are given."""
    senders = crops.senders() if crops else ()
    sender = pick(rng, senders) if senders else None
    # Some people fill their cells to the rules and beyond.
    height = between(rng, 0.85, 1.02) if chance(rng, 0.12) else between(rng, 0.56, 0.82)
    return DigitHand(hand, crops, sender, height, between(rng, 0.32, 0.8))


__all__ = [
    "CROPS",
    "Crop",
    "CropBook",
    "DigitHand",
    "clean_crop",
    "invent_digit_hand",
    "is_test_sender",
    "open_crops",
    "split_of",
]
