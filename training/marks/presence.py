# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
"""Fits the presence reader's logistic on drawn areas: signed, stamped, dirty and empty."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import PresenceField
from ocr_service.recognizers.base import CropPart
from ocr_service.recognizers.presence.features import measure_ink
from ocr_service.recognizers.presence.reader import log_area_ratio
from training.marks import scan as scanner
from training.marks import strokes
from training.marks.pages import TruthfulCrop, load_crops
from training.marks.paper import DRAW_PX_PER_MM, LETTERS, write_print

MARGIN_MM = 2.0
MIN_INK_MM2 = 1.5


def _area(rng: Generator) -> tuple[NDArray[np.float32], float, float]:
    """Empty area with rules near its edges; returns it with its width and height in mm."""
    wide, high = rng.uniform(25, 60), rng.uniform(7, 14)
    scale = DRAW_PX_PER_MM
    shape = (round((high + 2 * MARGIN_MM) * scale), round((wide + 2 * MARGIN_MM) * scale))
    gray = np.full(shape, 255, np.float32)
    for axis, length in ((0, high), (1, wide)):
        for edge in (MARGIN_MM, MARGIN_MM + length):
            if rng.random() < 0.6:
                outward = -1 if edge == MARGIN_MM else 1
                at = round((edge + outward * rng.uniform(0.05, 0.6)) * scale)
                thick = max(1, round(rng.uniform(0.08, 0.5) * scale))
                view = gray[at : at + thick] if axis == 0 else gray[:, at : at + thick]
                view[:] = rng.uniform(0, 60)
    return gray, wide, high


def _character(rng: Generator) -> strokes.Strokes:
    """Something like a hastily written letter in the unit square."""
    return [
        np.clip(rng.normal(0.5, 0.3, (int(rng.integers(2, 5)), 2)), 0, 1)
        for _ in range(int(rng.integers(2, 7)))
    ]


def _sign(gray: NDArray[np.float32], wide: float, high: float, rng: Generator) -> None:
    scale = DRAW_PX_PER_MM
    side = rng.uniform(0.4, 0.85) * min(high, 9)
    x = rng.uniform(1, max(1.1, wide - 3 * side))
    ink = rng.uniform(0, 120) if rng.random() < 0.8 else rng.uniform(120, 195)
    width_px = rng.uniform(0.2, 0.8) * scale
    for _ in range(int(rng.integers(2, 6))):
        if x + side > wide:
            break
        y = rng.uniform(0, high - side)
        cover = strokes.paint(
            (gray.shape[0], gray.shape[1]), _character(rng),
            origin=((MARGIN_MM + x) * scale, (MARGIN_MM + y) * scale),
            box_px=(side * scale, side * scale), width_px=width_px, rng=rng,
        )  # fmt: skip
        cover = scanner.ink_texture(cover, rng)
        gray[:] = gray * (1 - cover) + np.minimum(gray, ink) * cover
        x += side * rng.uniform(0.8, 1.2)


def _stamp(gray: NDArray[np.float32], wide: float, high: float, rng: Generator) -> None:
    scale = DRAW_PX_PER_MM
    radius = rng.uniform(3.5, 6.0)
    at = (rng.uniform(radius, max(radius + 0.1, wide - radius)), high / 2 + rng.normal(0, 1))
    centre = (round((MARGIN_MM + at[0]) * scale), round((MARGIN_MM + at[1]) * scale))
    ink = np.full_like(gray, 255)
    thick = max(2, round(rng.uniform(0.25, 0.7) * scale))
    cv2.circle(ink, centre, round(radius * scale), 0.0, thick, cv2.LINE_AA)
    size = round(radius * 0.8 * scale)
    for row in (-1, 0):
        letter = str(rng.choice(list(LETTERS)))
        write_print(ink, letter, (centre[0] - size / 2, centre[1] + row * size), size)
    cover = scanner.ink_texture(((255 - ink) / 255).astype(np.float32), rng)
    level = rng.uniform(80, 215)
    gray[:] = gray * (1 - cover) + np.minimum(gray, level) * cover


def _dirt(gray: NDArray[np.float32], rng: Generator, *, stray: bool) -> None:
    if rng.random() < 0.5:
        scanner.specks(gray, rng, int(rng.integers(1, 40)))
    if rng.random() < 0.25:
        scanner.streaks(gray, rng)
    if rng.random() < 0.25:
        scanner.stain(gray, rng)
    if stray and rng.random() < 0.15:  # a hair, or a touch of the pen
        start = rng.uniform(0, 1, 2) * (gray.shape[1], gray.shape[0])
        line = np.array([[0, 0], rng.normal(0, 0.5, 2), rng.normal(0, 0.8, 2)])
        cover = strokes.paint(
            (gray.shape[0], gray.shape[1]), [line], origin=(float(start[0]), float(start[1])),
            box_px=(DRAW_PX_PER_MM, DRAW_PX_PER_MM), width_px=3.0, rng=rng,
        )  # fmt: skip
        gray[:] = gray * (1 - cover) + np.minimum(gray, 90) * cover


def draw_area(rng: Generator, *, signed: bool) -> CropPart:
    """One area as the pipeline cuts it; what is signed can be seen."""
    while True:
        gray, wide, high = _area(rng)
        before = gray.copy()
        if signed:
            pick = rng.random()
            if pick < 0.75:
                _sign(gray, wide, high, rng)
            if pick > 0.6:
                _stamp(gray, wide, high, rng)
        seed = int(rng.integers(2**31))
        seen = _scanned(gray, seed, stray=not signed)
        darker = _scanned(before, seed, stray=not signed).astype(np.int16) - seen > 12
        if not signed or darker.sum() > 2 * MIN_INK_MM2 * scanner.CANVAS_PX_PER_MM**2:
            break
    window = BoxMm(0, 0, wide + 2 * MARGIN_MM, high + 2 * MARGIN_MM)
    box = BoxMm(MARGIN_MM, MARGIN_MM, wide, high)
    return CropPart("0", box, window, seen, np.zeros(seen.shape, np.bool_), None)


def _scanned(gray: NDArray[np.float32], seed: int, *, stray: bool) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    dirty = gray.copy()
    _dirt(dirty, rng, stray=stray)
    return scanner.scan(dirty, rng, 0.15)


def _from_pages(paths: list[Path]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    crops: list[TruthfulCrop] = [
        crop
        for path in paths
        for crop in load_crops(path)
        if isinstance(crop.crop.spec, PresenceField)
    ]
    terms = [log_area_ratio(measure_ink(c.crop.parts[0]), MIN_INK_MM2) for c in crops]
    truth = np.array([c.states[0] for c in crops], np.int64)
    return np.array(terms, np.float64).reshape(-1, 1), truth


def fit_logistic(terms: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights [bias, ...] of a logistic regression, lightly held towards 0, by Newton's method."""
    x = np.hstack([np.ones((len(terms), 1)), terms])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (truth - chance) - 0.05 * weights
        bend = (x * (chance * (1 - chance))[:, None]).T @ x + 0.05 * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def main() -> None:
    """Command line: ``python -m training.marks.presence OUT.json --count N``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--pages", type=Path, nargs="*", default=[], help="cut pages to add")
    parser.add_argument("--count", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(args.seed)
    truth = np.arange(args.count) % 2
    terms = np.array(
        [[log_area_ratio(measure_ink(draw_area(rng, signed=bool(t))), MIN_INK_MM2)] for t in truth]
    )
    half = args.count // 2
    page_terms, page_truth = _from_pages(args.pages)
    weights = fit_logistic(
        np.vstack([terms[:half], page_terms]),
        np.concatenate([truth[:half], page_truth]).astype(np.float64),
    )
    chance = 1 / (1 + np.exp(-(weights[0] + terms[half:] @ weights[1:])))
    right = (chance > 0.5) == truth[half:]
    print(f"held out: {right.mean():.4f} of {len(right)}; mean chance {chance.mean():.3f}")
    for value, name in ((0, "empty"), (1, "signed")):
        mask = truth[half:] == value
        spread = np.round(np.quantile(terms[half:][mask, 0], (0, 0.02, 0.5, 0.98, 1)), 2)
        print(f"  {name}: {right[mask].mean():.4f} right; log area ratio {spread}")
    data = {
        "schema": 1, "reader": "presence-1", "bias": round(float(weights[0]), 4),
        "log_area_ratio": round(float(weights[1]), 4),
    }  # fmt: skip
    args.target.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    print(data)


if __name__ == "__main__":
    main()
