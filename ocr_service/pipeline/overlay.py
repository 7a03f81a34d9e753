"""A picture of what the template sees on a scan, for people who write templates."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.domain.page import RegisteredPage
from ocr_service.forms.lint import places_of
from ocr_service.forms.model import FormTemplate

_COLOURS_BGR = {
    "text": (200, 90, 0),
    "digits": (0, 120, 0),
    "choice": (0, 0, 210),
    "flag": (0, 0, 210),
    "presence": (160, 0, 160),
    "code": (0, 130, 200),
    "sticker": (0, 130, 200),
    "mask": (0, 0, 0),
}
_ANCHOR_BGR = (0, 160, 255)
_LINE_PX = 3


def draw_overlay(page: RegisteredPage, template: FormTemplate) -> NDArray[np.uint8]:
    """The registered page with every place of the template outlined.

    Returns:
        (H, W, 3) uint8 BGR at the canvas resolution.
    """
    picture = cv2.cvtColor(page.gray, cv2.COLOR_GRAY2BGR)
    for anchor in template.pages[page.template_page].anchors:
        _outline(picture, anchor.box, _ANCHOR_BGR)
    for spec in template.fields:
        if spec.page == page.template_page + 1:
            for _, box in places_of(spec):
                _outline(picture, box, _COLOURS_BGR[spec.kind])
    return picture


def _outline(picture: NDArray[np.uint8], box: BoxMm, colour: tuple[int, int, int]) -> None:
    left, top, right, bottom = box.to_px(CANVAS_PX_PER_MM)
    cv2.rectangle(picture, (left, top), (right, bottom), colour, _LINE_PX)


__all__ = ["draw_overlay"]
