"""A complete reader that knows its answers beforehand."""

from __future__ import annotations

from collections.abc import Mapping

from ocr_service.domain.field import Candidate, FieldReading
from ocr_service.recognizers.base import FieldCrop


class FixedRecognizer:
    """Answers by field key, whatever the crop shows: tests, demonstrations, keyed batches."""

    def __init__(self, answers: Mapping[str, str], *, probability: float = 1.0) -> None:
        """Keep the answers.

        Args:
            answers: text by field key, by the conventions of ``Recognizer``; other fields are
                read as empty.
            probability: given to every answer, 0 to 1.
        """
        self._answers = dict(answers)
        self._probability = probability

    @property
    def name(self) -> str:
        """``fixed``."""
        return "fixed"

    def read(self, crop: FieldCrop) -> FieldReading:
        """The answer of the field's key."""
        text = self._answers.get(crop.spec.key, "")
        return FieldReading(crop.spec.key, (Candidate(text, self._probability),), self.name)


__all__ = ["FixedRecognizer"]
