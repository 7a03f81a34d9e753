"""What a scanner, a fax and a desk do to a page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray, Homography
from samples.generator.chance import Rng, between, chance, jitter
from samples.generator.paper import PX_PER_MM

_FULL_DPI = 300
_RIGHT_ANGLE_DEG = 90
_LEAST_BLUR_PX = 0.2
# Skewed further than this, an A4 scan would cut a corner mark off.
_CROOKED_DEG = 0.7
# From here on a fault is worth a name in the truth file.
_SKEWED_DEG, _UNEVEN, _BLURRED_PX, _NOISY, _SPECKLED = 1.5, 0.08, 0.6, 4, 10


class Difficulty(StrEnum):
    """How badly pages are scanned."""

    EASY = "easy"
    NORMAL = "normal"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Faults:
    """What happens to one page; chosen first, then done.

    Attributes:
        rotation_deg: turn of the paper on the glass, clockwise, upside down included.
        scale: size of the image over true size, (x, y).
        shift_mm: (x, y) on the glass.
        keystone: how much one side is longer than the other, as a share.
        overscan_mm: scanned area beyond the paper on every side.
        lid: gray of that area.
        dpi: resolution of the scan.
        light: how uneven, 0 to 1.
        paper_gray: gray of clean paper.
        blur_px: Gaussian blur at 300 dpi.
        noise: standard deviation of gray noise.
        specks: number of specks.
        streaks: number of thin lines along the paper's path.
        stain: a coffee ring.
        lost_mark: index of a corner mark that is gone, or None.
        fax: black and white only.
        jpeg: quality, None = stored without loss.
    """

    rotation_deg: float
    scale: tuple[float, float]
    shift_mm: tuple[float, float]
    keystone: float
    overscan_mm: float
    lid: int
    dpi: int
    light: float
    paper_gray: float
    blur_px: float
    noise: float
    specks: int
    streaks: int
    stain: bool
    lost_mark: int | None
    fax: bool
    jpeg: int

    @property
    def names(self) -> tuple[str, ...]:
        """What a reader of the truth file wants to group pages by."""
        named = {
            "upside_down": abs(self.rotation_deg) > _RIGHT_ANGLE_DEG,
            "skew": min(abs(self.rotation_deg), abs(abs(self.rotation_deg) - 180)) > _SKEWED_DEG,
            "overscan": self.overscan_mm > 0,
            "low_dpi": self.dpi < _FULL_DPI,
            "uneven_light": self.light > _UNEVEN,
            "blur": self.blur_px > _BLURRED_PX,
            "noise": self.noise > _NOISY,
            "specks": self.specks > _SPECKLED,
            "streaks": self.streaks > 0,
            "stain": self.stain,
            "lost_mark": self.lost_mark is not None,
            "fax": self.fax,
        }
        return tuple(name for name, on in named.items() if on)


def invent_faults(rng: Rng, difficulty: Difficulty) -> Faults:
    """Faults of one page at a difficulty."""
    if difficulty is Difficulty.EASY:
        return _easy(rng)
    hard = difficulty is Difficulty.HARD
    skew = jitter(rng, 2.0 if hard else 1.2)
    skew = float(np.clip(skew, -5, 5) if hard else np.clip(skew, -3, 3))
    # A scanner set to A4 cuts corners off a crooked sheet; people then scan a larger area.
    overscan = between(rng, 4, 12) if abs(skew) > _CROOKED_DEG or chance(rng, 0.25) else 0.0
    spread = 0.01 if hard else 0.007
    return Faults(
        rotation_deg=skew + (180.0 if chance(rng, 0.15) else 0.0),
        scale=(1 + jitter(rng, spread), 1 + jitter(rng, spread)),
        shift_mm=(jitter(rng, 0.7), jitter(rng, 0.7)),
        keystone=jitter(rng, 0.006 if hard else 0.0015),
        overscan_mm=overscan,
        lid=int(rng.integers(20, 70)) if chance(rng, 0.15) else int(rng.integers(215, 256)),
        dpi=200 if chance(rng, 0.25 if hard else 0.15) else 300,
        light=between(rng, 0.05, 0.35) if hard else between(rng, 0, 0.15),
        paper_gray=between(rng, 215, 252) if hard else between(rng, 236, 254),
        blur_px=between(rng, 0.4, 1.7) if hard else between(rng, 0.2, 1.0),
        noise=between(rng, 3, 14) if hard else between(rng, 0.2, 2.4),
        specks=int(rng.integers(10, 160)) if hard else int(rng.integers(0, 40)),
        streaks=int(rng.integers(0, 5)) if hard else int(chance(rng, 0.15)) * 2,
        stain=hard and chance(rng, 0.4),
        lost_mark=int(rng.integers(4)) if hard and chance(rng, 0.5) else None,
        fax=chance(rng, 0.15 if hard else 0.08),
        jpeg=int(rng.integers(35, 80)) if hard else int(rng.integers(60, 91)),
    )


def _easy(rng: Rng) -> Faults:
    return Faults(
        rotation_deg=float(np.clip(jitter(rng, 0.15), -0.3, 0.3)),
        scale=(1.0, 1.0),
        shift_mm=(jitter(rng, 0.2), jitter(rng, 0.2)),
        keystone=0.0,
        overscan_mm=0.0,
        lid=255,
        dpi=300,
        light=0.0,
        paper_gray=between(rng, 250, 255),
        blur_px=0.3,
        noise=1.0,
        specks=0,
        streaks=0,
        stain=False,
        lost_mark=None,
        fax=False,
        jpeg=int(rng.integers(85, 95)),
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """A degraded page.

    Attributes:
        gray: (H, W) uint8.
        homography: scan pixels from template millimetres.
    """

    gray: Gray
    homography: Homography


def scan_page(page: Gray, faults: Faults, rng: Rng) -> Scan:
    """Scan a filled page.

    Args:
        page: (H, W) uint8 at 300 dpi, exactly the template's paper.
        faults: what goes wrong.
        rng: source of chance for specks and noise.
    """
    worn = page.copy()
    if faults.lost_mark is not None:
        _lose_mark(worn, faults.lost_mark, rng)
    if faults.stain:
        _stain(worn, rng)
    matrix, size = _geometry(page.shape, faults)
    shot = cv2.warpPerspective(
        worn, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=float(faults.lid),
    )  # fmt: skip
    shot = _optics(shot, faults, rng)
    _dirt(shot, faults, rng)
    ratio = faults.dpi / _FULL_DPI
    if faults.dpi != _FULL_DPI:
        shot = cv2.resize(shot, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    if faults.fax:
        shot = _fax(shot, rng)
    homography, _ = scan_geometry(page.shape, faults)
    return Scan(shot, homography)


def scan_geometry(shape: tuple[int, ...], faults: Faults) -> tuple[Homography, tuple[int, int]]:
    """Where the paper comes to lie.

    Args:
        shape: (H, W) of the page at 300 dpi.
        faults: turn, scale, shift and resolution.

    Returns:
        Scan pixels from template millimetres, and the scan's (width, height) in pixels.
    """
    matrix, (wide, high) = _geometry(shape, faults)
    ratio = faults.dpi / _FULL_DPI
    # Pixel centres lie at half coordinates when an image shrinks.
    rescale = np.array(
        [[ratio, 0, (ratio - 1) / 2], [0, ratio, (ratio - 1) / 2], [0, 0, 1]], dtype=np.float64
    )
    # A pixel's own coordinate is its centre; a millimetre edge lies half a pixel before it.
    from_mm = np.array([[PX_PER_MM, 0, -0.5], [0, PX_PER_MM, -0.5], [0, 0, 1]], dtype=np.float64)
    homography = rescale @ matrix @ from_mm
    return homography / homography[2, 2], (round(wide * ratio), round(high * ratio))


def _geometry(shape: tuple[int, ...], faults: Faults) -> tuple[Homography, tuple[int, int]]:
    high, wide = shape
    extra = round(faults.overscan_mm * PX_PER_MM)
    out_w, out_h = wide + 2 * extra, high + 2 * extra
    turn = np.deg2rad(faults.rotation_deg)
    to_centre = np.array([[1, 0, -wide / 2], [0, 1, -high / 2], [0, 0, 1]], dtype=np.float64)
    turned = np.array(
        [
            [faults.scale[0] * np.cos(turn), -faults.scale[0] * np.sin(turn), 0],
            [faults.scale[1] * np.sin(turn), faults.scale[1] * np.cos(turn), 0],
            [0, 0, 1],
        ]
    )
    tilt = np.eye(3)
    tilt[2, 1] = faults.keystone / high
    back = np.eye(3)
    back[:2, 2] = (
        out_w / 2 + faults.shift_mm[0] * PX_PER_MM,
        out_h / 2 + faults.shift_mm[1] * PX_PER_MM,
    )
    return back @ tilt @ turned @ to_centre, (out_w, out_h)


def _optics(shot: Gray, faults: Faults, rng: Rng) -> Gray:
    if faults.blur_px > _LEAST_BLUR_PX:
        shot = cv2.GaussianBlur(shot, (0, 0), faults.blur_px)
    high, wide = shot.shape
    gain = np.full((4, 3), faults.paper_gray / 255, np.float32)
    if faults.light > 0:
        gain *= 1 - faults.light * rng.random((4, 3), dtype=np.float32)
    field = cv2.resize(gain, (wide, high), interpolation=cv2.INTER_CUBIC)
    lit = shot.astype(np.float32) * field
    if faults.noise > 0:
        grain = rng.standard_normal((high, wide), dtype=np.float32)
        # Scanners smooth their own noise a little.
        lit += cv2.GaussianBlur(grain, (3, 3), 0.5) * (1.6 * faults.noise)
    return np.clip(lit, 0, 255).astype(np.uint8)


def _dirt(shot: Gray, faults: Faults, rng: Rng) -> None:
    high, wide = shot.shape
    for _ in range(faults.specks):
        centre = (int(rng.integers(wide)), int(rng.integers(high)))
        axes = (int(rng.integers(1, 4)), int(rng.integers(1, 3)))
        shade = int(rng.integers(20, 170))
        cv2.ellipse(shot, centre, axes, between(rng, 0, 180), 0, 360, shade, -1, cv2.LINE_AA)
    for _ in range(faults.streaks):
        x, tone = int(rng.integers(wide)), between(rng, 0.45, 0.85)
        width = int(rng.integers(1, 3))
        band = shot[:, x : x + width]
        band[:] = (band * tone).astype(np.uint8)


def _stain(page: Gray, rng: Rng) -> None:
    high, wide = page.shape
    ring = np.full_like(page, 255)
    centre = (int(rng.integers(wide)), int(rng.integers(high)))
    radius = round(between(rng, 25, 42) * PX_PER_MM)
    cv2.circle(ring, centre, radius, int(rng.integers(222, 242)), -1, cv2.LINE_AA)
    cv2.circle(ring, centre, radius, int(rng.integers(165, 210)), round(between(rng, 14, 34)))
    ring = cv2.blur(ring, (25, 25))
    np.copyto(page, cv2.multiply(page, ring, scale=1 / 255))


def _lose_mark(page: Gray, number: int, rng: Rng) -> None:
    """Tear or fold one corner away."""
    high, wide = page.shape
    reach = round(between(rng, 12, 17) * PX_PER_MM)
    x, y = (0, wide)[number % 2], (0, high)[number // 2]
    toward_x, toward_y = (1, -1)[number % 2], (1, -1)[number // 2]
    corner = np.array(
        [[x, y], [x + toward_x * reach * 2, y], [x, y + toward_y * reach * 2]], dtype=np.int32
    )
    cv2.fillConvexPoly(page, corner, int(rng.integers(190, 256)), cv2.LINE_AA)


def _fax(shot: Gray, rng: Rng) -> Gray:
    """Black and white by a threshold that follows the paper, with ragged edges."""
    paper = cv2.resize(
        cv2.resize(shot, None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA),
        shot.shape[::-1],
        interpolation=cv2.INTER_LINEAR,
    )
    limit = cv2.max(paper, np.full_like(paper, 120)).astype(np.float32) * between(rng, 0.7, 0.84)
    rough = shot.astype(np.float32) + rng.standard_normal(shot.shape, dtype=np.float32) * 6
    return np.where(rough > limit, 255, 0).astype(np.uint8)


__all__ = ["Difficulty", "Faults", "Scan", "invent_faults", "scan_geometry", "scan_page"]
