"""Forms drawn from a template's geometry, and scans of them with known truth, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import LoadedTemplate, load_library, shipped_folder
from ocr_service.forms.model import Anchor, FormTemplate, PageSpec
from ocr_service.imaging.warp import mapped, scan_to_mm
from ocr_service.pipeline.identify import printed_frames

PX_PER_MM = 300 / 25.4
MM_TO_PX: Homography = np.array([[PX_PER_MM, 0.0, -0.5], [0.0, PX_PER_MM, -0.5], [0.0, 0.0, 1.0]])
_SUB = 16  # cv2 draws to a sixteenth of a pixel
_RULE_MM = 0.34


def shipped() -> LoadedTemplate:
    """The ministry's questionnaire, as the product ships it."""
    return load_library(shipped_folder()).get("mhlw-covid19")


def drawn_form(template: FormTemplate) -> Gray:
    """The first page's marks and frames at 300 dpi, nothing else."""
    frames = printed_frames(template, 1)
    return drawn_page(template.pages[0], frames)


def drawn_page(page: PageSpec, frames: Sequence[BoxMm]) -> Gray:
    """A page with marks and frames at 300 dpi."""
    size = (round(page.height_mm * PX_PER_MM), round(page.width_mm * PX_PER_MM))
    gray = np.full(size, 255, dtype=np.uint8)
    for frame in frames:
        filled(gray, frame.grown(_RULE_MM), 25)
        filled(gray, frame, 255)
    for anchor in page.anchors:
        filled(gray, anchor.box, 20)
    return gray


def filled(gray: Gray, box: BoxMm, level: int) -> None:
    """Paint a box given in millimetres."""
    corners = np.array(
        [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    )
    points = np.round(mapped(MM_TO_PX, corners) * _SUB).astype(np.int32)
    cv2.fillConvexPoly(gray, points, level, cv2.LINE_AA, 4)


def stroke(
    gray: Gray, points_mm: Sequence[tuple[float, float]], level: int = 60, width_mm: float = 0.5
) -> None:
    """Draw a pen stroke through points given in millimetres."""
    points = np.round(mapped(MM_TO_PX, np.array(points_mm)) * _SUB).astype(np.int32)
    layer = np.full_like(gray, 255)
    thickness = max(1, round(width_mm * PX_PER_MM))
    cv2.polylines(layer, [points], False, level, thickness, cv2.LINE_AA, 4)
    np.minimum(gray, layer, out=gray)


def one_row_form() -> tuple[PageSpec, tuple[BoxMm, ...]]:
    """A page with nothing but four marks and a row of ten equal boxes."""
    corners = ((5.0, 5.0), (200.0, 5.0), (5.0, 287.0), (200.0, 287.0))
    anchors = tuple(
        Anchor(id=str(i), box=BoxMm(x, y, 5.0, 5.0)) for i, (x, y) in enumerate(corners)
    )
    row = tuple(BoxMm(60.0 + 8 * i, 120.0, 6.0, 7.5) for i in range(10))
    return PageSpec(width_mm=210.0, height_mm=297.0, anchors=anchors), row


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture with the map from page millimetres to its pixels."""

    gray: Gray
    mm_to_px: Homography


def scanned(  # noqa: PLR0913 -- a scanner has this many ways to go wrong
    form: Gray,
    rng: np.random.Generator,
    *,
    dpi: int = 200,
    turn_deg: float = 0.0,
    stretch: float = 1.0,
    blur_px: float = 0.0,
    noise: float = 3.0,
    light: float = 1.0,
    jpeg: int | None = None,
    threshold: int | None = None,
) -> Scan:
    """Scan a form drawn at 300 dpi.

    Args:
        form: the form.
        rng: chance, for shift and noise.
        dpi: resolution of the scan.
        turn_deg: clockwise turn.
        stretch: scale error of the scanner.
        blur_px: spread of the blur at 300 dpi.
        noise: spread of the noise in gray levels.
        light: brightness of the darkest corner.
        jpeg: quality of lossy storage.
        threshold: where black is cut from white, for fax machines.
    """
    height, width = form.shape
    scale = dpi / 300 * stretch
    turn = np.radians(turn_deg)
    lying = round(turn_deg / 90) % 2
    out = (height, width) if lying else (width, height)
    size = (round(out[0] * dpi / 300), round(out[1] * dpi / 300))
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    centre = np.array([width / 2, height / 2])
    turned = np.array([[cos, -sin], [sin, cos]])
    shift = np.array(size) / 2 + rng.uniform(-10, 10, 2) - turned @ centre
    matrix = np.vstack([np.column_stack([turned, shift]), [0.0, 0.0, 1.0]])
    soft = float(np.hypot(blur_px, 0.45 / min(1.0, scale) if scale < 0.9 else 0.0))
    source = cv2.GaussianBlur(form, (0, 0), soft) if soft else form
    seen = cv2.warpPerspective(
        source, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    ).astype(np.float32)
    seen *= np.linspace(1.0, light, size[0], dtype=np.float32)[None, :]
    tile = rng.standard_normal((512, 512), dtype=np.float32) * noise
    repeats = (seen.shape[0] // 512 + 1, seen.shape[1] // 512 + 1)
    seen += np.tile(tile, repeats)[: seen.shape[0], : seen.shape[1]]
    gray = np.clip(seen, 0, 255).astype(np.uint8)
    if threshold is not None:
        gray = np.where(cv2.GaussianBlur(gray, (0, 0), 0.7) > threshold, 255, 0).astype(np.uint8)
    if jpeg is not None:
        gray = cv2.imdecode(cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, jpeg])[1], 0)
    return Scan(gray, matrix @ MM_TO_PX)


def corner_errors_mm(scan: Scan, homography: Homography, boxes: Sequence[BoxMm]) -> np.ndarray:
    """How far each box corner lies from the truth under a found homography."""
    corners = np.array(
        [(x, y) for b in boxes for x in (b.x, b.right) for y in (b.y, b.bottom)], dtype=np.float64
    )
    back = scan_to_mm(mapped(scan.mm_to_px, corners), homography)
    return np.hypot(*(back - corners).T)
