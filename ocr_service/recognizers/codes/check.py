"""Check digits inside a code."""

from __future__ import annotations

from ocr_service.domain.codes import municipality_code_valid
from ocr_service.forms.fields import CodePart

MUNICIPALITY_SUFFIX = "municipality_code"


def keeps_check_digits(text: str, parts: tuple[CodePart, ...]) -> bool:
    """Whether every part that carries a check digit passes it.

    Args:
        text: the whole code.
        parts: the code's parts; one whose key ends in ``municipality_code`` is a national
            six-digit municipality code.
    """
    return all(
        municipality_code_valid(text[part.start : part.stop])
        for part in parts
        if part.key.endswith(MUNICIPALITY_SUFFIX)
    )


__all__ = ["MUNICIPALITY_SUFFIX", "keeps_check_digits"]
