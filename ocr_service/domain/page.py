"""A page as scanned and as registered to a template."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.domain.arrays import Gray, Homography


@dataclass(frozen=True, slots=True)
class Page:
    """One scanned side, as decoded.

    Attributes:
        index: 0-based position in its file.
        gray: the pixels.
        dpi: resolution told by the file, or 0.0 where it tells none.
        sha256: hex digest of the file the page came from.
    """

    index: int
    gray: Gray
    dpi: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Registration:
    """How a scan lies on its template page.

    Attributes:
        homography: scan pixels to canvas pixels (``CANVAS_PX_PER_MM``).
        residual_mm: root mean square distance between printed landmarks (corner marks, box rules)
            and where the template puts them, after the fit.
        rotation_deg: clockwise turn of the scan against the template, 0 ≤ r < 360.
        marks_found: corner marks seen, 0 to the number the template has.
        structure: share of the template's printed boxes found in place, 0 to 1.
    """

    homography: Homography
    residual_mm: float
    rotation_deg: float
    marks_found: int
    structure: float


@dataclass(frozen=True, slots=True)
class RegisteredPage:
    """A page laid on its template.

    Attributes:
        template_page: 0-based page of the template.
        gray: the scan resampled onto the canvas, (height_mm, width_mm) x ``CANVAS_PX_PER_MM``.
        registration: how it was laid.
    """

    template_page: int
    gray: Gray
    registration: Registration


__all__ = ["Page", "RegisteredPage", "Registration"]
