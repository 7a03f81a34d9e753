"""A complete reader that reads nothing: layout-only runs, and tests of everything around it."""

from __future__ import annotations

from ocr_service.domain.field import Candidate, FieldReading
from ocr_service.recognizers.base import FieldCrop


class NullRecognizer:
    """Gives every field of any kind an empty reading that nobody may trust."""

    @property
    def name(self) -> str:
        """``null``."""
        return "null"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Nothing, with probability 0."""
        return FieldReading(crop.spec.key, (Candidate("", 0.0),), self.name)


__all__ = ["NullRecognizer"]
