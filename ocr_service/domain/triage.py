"""Decides what needs eyes: per field by probability and flags, per record by fields and issues."""

from __future__ import annotations

from collections.abc import Iterable

from ocr_service.domain.field import FieldValue, Flag, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Severity

STOPPING_FLAGS = frozenset(Flag) - {Flag.FAINT, Flag.OUTSIDE}
"""Flags that need eyes however sure the reader is."""


def field_status(probability: float, flags: frozenset[Flag], accept_at: float) -> Status:
    """``accepted`` if the reading is sure enough and nothing speaks against it.

    Args:
        probability: calibrated chance that the whole field is right.
        flags: the reading's reasons for care.
        accept_at: smallest probability that needs no eyes.
    """
    if probability >= accept_at and not flags & STOPPING_FLAGS:
        return Status.ACCEPTED
    return Status.REVIEW


def record_state(
    fields: Iterable[FieldValue], issues: Iterable[Issue], *, straight_through: bool
) -> DocumentState:
    """``approved`` only where the template allows it and nothing needs a person.

    Args:
        fields: all values of the record.
        issues: all broken rules.
        straight_through: the template lets faultless records pass without eyes.
    """
    if not straight_through:
        return DocumentState.NEEDS_REVIEW
    if any(value.status is Status.REVIEW for value in fields):
        return DocumentState.NEEDS_REVIEW
    if any(issue.severity is not Severity.INFO for issue in issues):
        return DocumentState.NEEDS_REVIEW
    return DocumentState.APPROVED


__all__ = ["STOPPING_FLAGS", "field_status", "record_state"]
