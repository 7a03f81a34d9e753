"""Text fields and their crops, for tests of the text readers."""

from __future__ import annotations

import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Label, Segment, TextField
from ocr_service.recognizers.base import CropPart, FieldCrop
from tests.unit.text_paper import MARGIN_MM, PX

LABEL = Label(ja="欄", en="Field")


def part(gray: Gray, key: str = "0") -> CropPart:
    """The crop of a segment; everything dark is ink."""
    height, width = gray.shape
    window = BoxMm(0, 0, width / PX, height / PX)
    return CropPart(key, window.grown(-MARGIN_MM), window, gray, gray < 160, None)


def field(**changes: object) -> TextField:
    """A text field with one segment unless told otherwise."""
    given: dict[str, object] = {
        "key": "field",
        "kind": "text",
        "label": LABEL,
        "segments": (Segment(box=BoxMm(1, 1, 60, 8)),),
        **changes,
    }
    return TextField.model_validate(given)


def crop(spec: TextField, *windows: Gray) -> FieldCrop:
    """A field's crop with one window a segment."""
    parts = tuple(part(window, str(index)) for index, window in enumerate(windows))
    return FieldCrop(spec=spec, box=spec.box, quad=np.zeros((4, 2)), parts=parts)
