"""Signatures and seals."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.blank import form_font_path
from samples.generator.chance import Rng, between, chance, choose, jitter
from samples.generator.handwriting import Hand, write_line
from samples.generator.paper import PX_PER_MM, Coverage, Ink, Paper
from samples.generator.stickers import stamp_text

_SEAL_OVER = 3


def sign(paper: Paper, area: BoxMm, name: str, hand: Hand, rng: Rng) -> None:
    """Write ``name`` fast: leaning, joined, uneven."""
    fast = replace(
        hand,
        slant=hand.slant + between(rng, 0.05, 0.25),
        wobble=0.7 * hand.wobble + 0.005,
        restless=hand.restless + 0.4,
        spacing=hand.spacing * between(rng, 0.78, 0.95),
        size=0.8,
        largest_mm=6.5,
    )
    write_line(paper, area, name, fast, rng)


def sign_as_doctor(paper: Paper, area: BoxMm, name: str, hand: Hand, rng: Rng) -> None:
    """A signature, or a stamped or written name with a seal after it."""
    family = name.partition("　")[0]
    line = BoxMm(area.x + 2, area.y + 1.5, area.w - 16, area.h - 3)
    way = choose(rng, {"signed": 0.5, "stamped": 0.3, "written": 0.2})
    if way == "signed":
        sign(paper, line, name if chance(rng, 0.6) else family, hand, rng)
        return
    if way == "stamped":
        stamp_text(paper, line, name, rng)
    else:
        sign(paper, line, name, hand, rng)
    x = area.right - between(rng, 6.5, 10)
    press_seal(paper, (x, area.centre[1] + jitter(rng, 0.8)), family, rng)


def press_seal(paper: Paper, centre_mm: tuple[float, float], family: str, rng: Rng) -> None:
    """A round vermilion seal as gray scanners see it: a ring with the name upright inside."""
    across_mm = between(rng, 9.0, 11.5)
    side = round(across_mm * PX_PER_MM * _SEAL_OVER)
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, side - 3, side - 3), outline=255, width=max(3, side // 26))
    chars = family[:3]
    size = round(side * 0.72 / max(2, len(chars)))
    face = ImageFont.truetype(str(form_font_path()), size)
    top = side / 2 - size * len(chars) / 2
    for number, char in enumerate(chars):
        draw.text(
            (side / 2, top + size * (number + 0.5)), char, font=face, fill=255, anchor="mm",
            stroke_width=2, stroke_fill=255,
        )  # fmt: skip
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), jitter(rng, 9), 1.0)
    turned = cv2.warpAffine(np.asarray(image, dtype=np.uint8), turn, (side, side))
    small = cv2.resize(
        turned, None, fx=1 / _SEAL_OVER, fy=1 / _SEAL_OVER, interpolation=cv2.INTER_AREA
    )
    # Seal ink covers unevenly.
    blots = cv2.resize(
        rng.random((6, 6), dtype=np.float32), small.shape[::-1], interpolation=cv2.INTER_CUBIC
    )
    coverage: Coverage = small.astype(np.float32) / 255 * np.clip(0.6 + 0.6 * blots, 0, 1)
    left = centre_mm[0] * PX_PER_MM - coverage.shape[1] / 2
    upper = centre_mm[1] * PX_PER_MM - coverage.shape[0] / 2
    ink = Ink(between(rng, 0.65, 0.95), between(rng, 90, 140), 0.15)
    paper.ink(coverage.astype(np.float32), round(left), round(upper), ink, rng)


__all__ = ["press_seal", "sign", "sign_as_doctor"]
