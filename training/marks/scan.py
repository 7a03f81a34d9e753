"""What a scanner or fax does to a drawn window, and the registration error that is left."""

# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.marks.paper import DRAW_PX_PER_MM

CANVAS_PX_PER_MM = 12


def ink_texture(cover: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Coverage of a pencil on rough paper, or of even ink."""
    if rng.random() < 0.55:
        return cover
    grain = rng.normal(0, 1, cover.shape).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.7, 2.0)))
    grain /= grain.std() + 1e-6
    return cover * np.clip(rng.uniform(0.7, 1.1) + grain * rng.uniform(0.1, 0.5), 0, 1)


def specks(gray: NDArray[np.float32], rng: Generator, count: int) -> None:
    """Dust: dots and hairs of less than half a millimetre, dark or grey."""
    height, width = gray.shape
    for _ in range(count):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        radius = max(1, round(rng.uniform(0.03, 0.2) * DRAW_PX_PER_MM))
        ink = float(rng.uniform(0, 190))
        axes = (radius, max(1, round(radius * rng.uniform(0.5, 1))))
        cv2.ellipse(gray, at, axes, float(rng.uniform(0, 180)), 0, 360, ink, -1, cv2.LINE_AA)


def streaks(gray: NDArray[np.float32], rng: Generator) -> None:
    """A line down or along the whole window, as dirt on the glass draws it.

    Paper that went in crooked is turned straight later, and the streak with it.
    """
    height, width = gray.shape
    for _ in range(int(rng.integers(1, 3))):
        tilt = rng.normal(0, 0.03)
        at = rng.uniform(0, 1)
        if rng.random() < 0.8:
            ends = ((at * width - tilt * height, -4), (at * width + tilt * height, height + 4))
        else:
            ends = ((-4, at * height - tilt * width), (width + 4, at * height + tilt * width))
        cover = np.zeros(gray.shape, np.uint8)
        thick = max(1, round(rng.uniform(0.05, 0.5) * DRAW_PX_PER_MM))
        start, end = ((round(x), round(y)) for x, y in ends)
        cv2.line(cover, start, end, 255, thick, cv2.LINE_AA)
        ink, strength = rng.uniform(0, 230), rng.uniform(0.25, 1)
        share = cover.astype(np.float32) / 255 * strength
        gray[:] = gray * (1 - share) + np.minimum(gray, ink) * share


def stain(gray: NDArray[np.float32], rng: Generator) -> None:
    """A soft or sharp-edged shade of up to a centimetre."""
    height, width = gray.shape
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    ring = rng.random() < 0.4
    radius = (rng.uniform(20, 40) if ring else rng.uniform(0.8, 6)) * DRAW_PX_PER_MM
    spread = 1.0 if ring else 0.0  # the middle of a cup's ring lies outside most windows
    centre = (rng.uniform(-spread, 1 + spread, 2)) * (height, width)
    away = np.hypot(yy - centre[0], (xx - centre[1]) * rng.uniform(0.6, 1.6)) / radius
    if ring:
        shade = np.exp(-(((away - 1) / rng.uniform(0.03, 0.1)) ** 2)) * rng.uniform(15, 80)
    else:
        shade = np.clip((1 - away) * rng.uniform(0.8, 8), 0, 1) * rng.uniform(8, 70)
    gray -= shade


def _through_scanner(gray: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    pick = rng.random()
    down, across = (
        (8.04, 7.7)
        if pick < 0.15
        else (float(rng.choice([5.9, 7.87, 9.84, 11.8, 11.8, 15.7])),) * 2
    )
    size = (
        max(8, round(gray.shape[1] * across / DRAW_PX_PER_MM)),
        max(8, round(gray.shape[0] * down / DRAW_PX_PER_MM)),
    )
    blur = float(rng.uniform(0.3, 1.6))
    seen = cv2.resize(cv2.GaussianBlur(gray, (0, 0), blur), size, interpolation=cv2.INTER_AREA)
    paper, black = rng.uniform(200, 255), rng.uniform(0, 60)
    if rng.random() < 0.08:
        black = rng.uniform(60, 120)
    seen = black + (paper - black) * np.clip(seen, 0, 255) / 255
    rough = rng.uniform(7, 16) if rng.random() < 0.15 else rng.uniform(0, 7)
    seen = seen + rng.normal(0, rough, seen.shape)
    if pick < 0.22:
        cut = black + (paper - black) * rng.uniform(0.35, 0.8)
        seen = np.where(seen > cut, 255.0, 0.0)
    return np.clip(seen, 0, 255).astype(np.float32)


def _jpeg(gray: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    if rng.random() < 0.4:
        return gray
    quality = int(rng.uniform(20, 95))
    done, data = cv2.imencode(".jpg", gray.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        return gray
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float32)


def scan(gray: NDArray[np.float32], rng: Generator, error_mm: float = 0.1) -> NDArray[np.uint8]:
    """The window as the registered page shows it, at ``CANVAS_PX_PER_MM``.

    Args:
        gray: drawn at ``DRAW_PX_PER_MM``.
        rng: chance.
        error_mm: standard deviation of the place error that registration leaves.
    """
    seen = _jpeg(_through_scanner(gray, rng), rng)
    ratio = CANVAS_PX_PER_MM / DRAW_PX_PER_MM
    wide, high = round(gray.shape[1] * ratio), round(gray.shape[0] * ratio)
    angle, size = np.deg2rad(rng.normal(0, 0.25)), 1 + rng.normal(0, 0.004)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * size
    fit = np.diag([wide / seen.shape[1], high / seen.shape[0]])
    matrix = turn @ fit
    centre = np.array([seen.shape[1], seen.shape[0]]) / 2
    shift = np.array([wide, high]) / 2 - matrix @ centre
    shift += rng.normal(0, error_mm, 2) * CANVAS_PX_PER_MM
    return cv2.warpAffine(
        seen, np.hstack([matrix, shift[:, None]]), (wide, high),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8)  # fmt: skip
