"""What a reader gets and what it must give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ocr_service.domain.arrays import Gray, Mask, Quad
from ocr_service.domain.field import FieldReading
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import FieldSpec


@dataclass(frozen=True, slots=True)
class CropPart:
    """One cell, option or text segment of a field, cut from the registered page.

    All arrays share one shape and show ``window`` at ``CANVAS_PX_PER_MM``, which reaches a margin
    beyond ``box`` on every side so that overshooting ink is seen.

    Attributes:
        key: option value for choices, else the 0-based position as text.
        box: the printed box (inside of the rule) in millimetres, after local refinement.
        window: what the arrays show, in millimetres; contains ``box``.
        gray: the pixels.
        ink: handwriting only; printed rules (and the blank original's print, if known) removed.
        blank: the same window of the registered blank original, None where there is none.
    """

    key: str
    box: BoxMm
    window: BoxMm
    gray: Gray
    ink: Mask
    blank: Gray | None


@dataclass(frozen=True, slots=True)
class FieldCrop:
    """A field as a reader sees it.

    Attributes:
        spec: the field in the template.
        box: where it stands on the template page.
        quad: its corners in scan pixels.
        parts: cells of digits, options of a choice, segments of a text; exactly one for the
            other kinds.
    """

    spec: FieldSpec
    box: BoxMm
    quad: Quad
    parts: tuple[CropPart, ...]


@runtime_checkable
class Recognizer(Protocol):
    """A reader of one or several field kinds. Total: any crop gives a reading, never an error.

    The text of a candidate is, by field kind:
        text: segments joined as the spec says; "" if nothing is written.
        digits: one character a cell, "_" for an empty cell, "?" for one that cannot be read.
        choice: marked option values joined by " " in template order; "" if none.
        flag, presence: "1" or "0".
        code: the whole code; "" if there is none.
        sticker: the parts joined by a tab in template order; "" if there is no sticker.
    """

    @property
    def name(self) -> str:
        """Name and version, for example ``digits-cnn-1``."""
        ...

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read one field."""
        ...


__all__ = ["CropPart", "FieldCrop", "Recognizer"]
