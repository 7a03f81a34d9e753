"""Cuts a field out of a registered page, one part a cell, option or segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.domain.page import RegisteredPage
from ocr_service.forms.fields import (
    ChoiceField,
    DigitsField,
    FieldSpec,
    FlagField,
    MarkKind,
    MaskField,
    TextField,
)
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.boxes import refine_boxes
from ocr_service.imaging.ink import ink_mask
from ocr_service.imaging.masking import mask_canvas, mask_scan
from ocr_service.imaging.rules import (
    BOX_RULES,
    LINE_RULES,
    RuleStyle,
    align_blank,
    blank_margin_px,
    remove_print,
    remove_rules,
)
from ocr_service.imaging.warp import PAPER, quad_of
from ocr_service.recognizers.base import CropPart, FieldCrop

_LEARN_INSET_MM = 0.35
_LEAST_REACH_MM = 0.3
_REACH_IN_RESIDUALS = 4.0


@dataclass(frozen=True, slots=True)
class _Cut:
    """How one kind of field is cut.

    Attributes:
        margin_mm: (across, down) how far the window reaches beyond the box.
        rules: where printed rules are taken out.
        boxed: the box is printed, so that its rules show where it really lies.
    """

    margin_mm: tuple[float, float]
    rules: RuleStyle
    boxed: bool


_TEXT = _Cut((0.8, 1.0), LINE_RULES, boxed=False)
_CELL = _Cut((1.0, 1.0), BOX_RULES, boxed=True)
_WORD = _Cut((5.0, 4.0), LINE_RULES, boxed=False)  # rings reach far beyond their word
_AREA = _Cut((2.0, 2.0), LINE_RULES, boxed=False)
_MARK_MARGIN_MM = 3.0
_FRAMED = frozenset({MarkKind.CHECKBOX, MarkKind.FILL})


def crop_field(page: RegisteredPage, spec: FieldSpec, blank: Gray | None) -> FieldCrop:
    """Cut one field out of a page.

    Args:
        page: the scan on its template page.
        spec: the field; it must stand on that page.
        blank: the blank original on the same canvas, None where there is none.

    Raises:
        TypeError: ``spec`` is a mask; what is masked is never cut out.
    """
    if isinstance(spec, MaskField):
        raise TypeError(f"{spec.key} is a mask and has no crop")
    cut = _cut_of(spec)
    places = _places(spec)
    boxes = tuple(place for _, place in places)
    if cut.boxed:
        # A page that fits its template well has no box far off; one that is curled may.
        reach_mm = max(_LEAST_REACH_MM, _REACH_IN_RESIDUALS * page.registration.residual_mm)
        boxes = refine_boxes(page.gray, boxes, reach_mm)
    parts = tuple(
        _part(page.gray, key, box, cut, blank) for (key, _), box in zip(places, boxes, strict=True)
    )
    quad = quad_of(spec.box, page.registration.homography)
    return FieldCrop(spec=spec, box=spec.box, quad=quad, parts=parts)


def mask_page(
    page: RegisteredPage, scan: Gray, template: FormTemplate
) -> tuple[RegisteredPage, Gray]:
    """Page and scan with the template's mask areas painted over.

    To be called before anything of the page is stored or read.
    """
    boxes = [
        f.box
        for f in template.fields
        if isinstance(f, MaskField) and f.page == page.template_page + 1
    ]
    if not boxes:
        return page, scan
    registration = page.registration
    masked = RegisteredPage(page.template_page, mask_canvas(page.gray, boxes), registration)
    return masked, mask_scan(scan, boxes, registration.homography)


def _cut_of(spec: FieldSpec) -> _Cut:
    if isinstance(spec, TextField):
        return _AREA if spec.after else _TEXT
    if isinstance(spec, DigitsField):
        return _CELL
    if isinstance(spec, ChoiceField | FlagField):
        if spec.mark not in _FRAMED:
            return _WORD
        side = min(min(b.w, b.h) for _, b in _places(spec))
        margin = min(_MARK_MARGIN_MM, side)  # further out lie labels and neighbours
        return _Cut((margin, margin), BOX_RULES, boxed=True)
    return _AREA


def _places(spec: FieldSpec) -> list[tuple[str, BoxMm]]:
    """Key and box of each part, as the template has them."""
    if isinstance(spec, DigitsField):
        return [(str(i), cell.box) for i, cell in enumerate(spec.cells)]
    if isinstance(spec, TextField):
        return [(str(i), segment.box) for i, segment in enumerate(spec.segments)]
    if isinstance(spec, ChoiceField):
        return [(option.value, option.box) for option in spec.options]
    return [("0", spec.box)]


def _part(canvas: Gray, key: str, box: BoxMm, cut: _Cut, blank: Gray | None) -> CropPart:
    across, down = cut.margin_mm
    asked = BoxMm(box.x - across, box.y - down, box.w + 2 * across, box.h + 2 * down)
    pixels = asked.to_px()
    left, top, right, bottom = pixels
    window = BoxMm(
        left / CANVAS_PX_PER_MM,
        top / CANVAS_PX_PER_MM,
        (right - left) / CANVAS_PX_PER_MM,
        (bottom - top) / CANVAS_PX_PER_MM,
    )
    gray = _cut_out(canvas, pixels)
    box_px = _within(box, window)
    aligned: Gray | None = None
    if blank is not None:
        spare = blank_margin_px()
        wider = (left - spare, top - spare, right + spare, bottom + spare)
        aligned = align_blank(gray, _cut_out(blank, wider))
    ink = _writing(gray, box_px, cut, aligned)
    return CropPart(key=key, box=box, window=window, gray=gray, ink=ink, blank=aligned)


def _writing(gray: Gray, box_px: tuple[int, int, int, int], cut: _Cut, blank: Gray | None) -> Mask:
    left, top, right, bottom = box_px
    inset = round(_LEARN_INSET_MM * CANVAS_PX_PER_MM)
    inside = (slice(top + inset, bottom - inset), slice(left + inset, right - inset))
    dark = ink_mask(gray, within=inside)
    if blank is not None:
        dark = remove_print(dark, blank)
    return remove_rules(dark, box_px, cut.rules)


def _within(box: BoxMm, window: BoxMm) -> tuple[int, int, int, int]:
    return BoxMm(box.x - window.x, box.y - window.y, box.w, box.h).to_px()


def _cut_out(canvas: Gray, pixels: tuple[int, int, int, int]) -> Gray:
    """A window of the canvas; beyond the page's edge there is paper."""
    left, top, right, bottom = pixels
    cut = np.full((bottom - top, right - left), PAPER, dtype=np.uint8)
    height, width = canvas.shape
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if x0 < x1 and y0 < y1:
        cut[y0 - top : y1 - top, x0 - left : x1 - left] = canvas[y0:y1, x0:x1]
    return cut


__all__ = ["crop_field", "mask_page"]
