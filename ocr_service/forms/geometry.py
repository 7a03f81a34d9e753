"""Boxes as a template file writes them: ``[x, y, w, h]`` in millimetres."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from ocr_service.domain.geometry import BoxMm

_NUMBERS_IN_A_BOX = 4


def _box(value: Any) -> BoxMm:
    if isinstance(value, BoxMm):
        return value
    if not isinstance(value, list | tuple) or len(value) != _NUMBERS_IN_A_BOX:
        raise ValueError("a box is [x, y, w, h] in millimetres")
    x, y, w, h = (float(v) for v in value)
    return BoxMm(x, y, w, h)


Box = Annotated[
    BoxMm,
    BeforeValidator(_box),
    PlainSerializer(BoxMm.as_list, return_type=list[float]),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 4,
            "maxItems": 4,
            "description": "x, y, width, height in millimetres from the top-left of the page",
        }
    ),
]

__all__ = ["Box"]
