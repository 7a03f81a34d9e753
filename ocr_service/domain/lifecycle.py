"""States of a document and the only ways between them."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from ocr_service.domain.errors import IllegalTransition


class DocumentState(StrEnum):
    """Where a document stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    NEEDS_REVIEW = "needs_review"
    APPROVED = "approved"
    UNMATCHED = "unmatched"
    FAILED = "failed"
    EXPORTED = "exported"
    DISCARDED = "discarded"


_S = DocumentState

TRANSITIONS: MappingProxyType[DocumentState, frozenset[DocumentState]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.PROCESSING, _S.FAILED, _S.DISCARDED}),
        # back to queued: the worker died and the lease lapsed
        _S.PROCESSING: frozenset(
            {_S.NEEDS_REVIEW, _S.APPROVED, _S.UNMATCHED, _S.FAILED, _S.QUEUED, _S.DISCARDED}
        ),
        _S.NEEDS_REVIEW: frozenset({_S.APPROVED, _S.QUEUED, _S.DISCARDED}),
        _S.APPROVED: frozenset({_S.EXPORTED, _S.NEEDS_REVIEW, _S.DISCARDED}),
        _S.UNMATCHED: frozenset({_S.QUEUED, _S.NEEDS_REVIEW, _S.DISCARDED}),
        _S.FAILED: frozenset({_S.QUEUED, _S.NEEDS_REVIEW, _S.DISCARDED}),
        _S.EXPORTED: frozenset({_S.NEEDS_REVIEW}),
        _S.DISCARDED: frozenset(),
    }
)


def move(current: DocumentState, target: DocumentState) -> DocumentState:
    """``target``, if a document in ``current`` may go there.

    Raises:
        IllegalTransition: the table has no such way.
    """
    if target not in TRANSITIONS[current]:
        raise IllegalTransition(f"a document that is {current} cannot become {target}")
    return target


__all__ = ["TRANSITIONS", "DocumentState", "move"]
