"""What became of the documents of a period: out, ready, held back, not approved.

For reconciliation and hand-off. A day is a day of Japan's calendar; a document belongs to the day
it was taken in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ocr_service.db.export import candidates as export_candidates
from ocr_service.db.export import outcomes as export_outcomes
from ocr_service.db.export.candidates import Candidate, Selection
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.export.blocking import blocking_rules

_CHUNK = 500


class Outcome(StrEnum):
    """Where a document stands on its way out."""

    OUT = "out"  # in at least one profile, as it is now
    READY = "ready"  # approved, nothing speaks against it
    HELD = "held"  # approved, but a rule holds it back
    WAITING = "waiting"  # not approved yet, or reopened


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """A document of a period.

    Attributes:
        candidate: the document with its batch, file, page and form.
        outcome: where it stands.
        profiles: names of the profiles that have it as it is now.
        blocking: codes of the rules that hold it back.
    """

    candidate: Candidate
    outcome: Outcome
    profiles: tuple[str, ...]
    blocking: tuple[str, ...]


def document_statuses(uow: UnitOfWork, selection: Selection) -> Iterator[DocumentStatus]:
    """Every document of a selection but the discarded ones, in order of intake.

    Args:
        uow: open unit of work.
        selection: batches, days of intake, form.
    """
    after = 0
    while chunk := export_candidates.any_state(uow, selection, after=after, limit=_CHUNK):
        ids = [one.document for one in chunk]
        out = export_outcomes.profiles_of(uow, ids)
        blocked = blocking_rules(uow, ids)
        for one in chunk:
            yield _status(one, out.get(one.document, ()), blocked.get(one.document, ()))
        after = chunk[-1].document


def exported_documents(uow: UnitOfWork, selection: Selection, profile: str) -> list[DocumentId]:
    """Documents of a selection that one profile has as they are now."""
    return [
        status.candidate.document
        for status in document_statuses(uow, selection)
        if profile in status.profiles
    ]


def _status(
    candidate: Candidate, profiles: tuple[str, ...], blocking: tuple[str, ...]
) -> DocumentStatus:
    if candidate.state is DocumentState.EXPORTED:
        outcome = Outcome.OUT
    elif candidate.state is not DocumentState.APPROVED:
        outcome = Outcome.WAITING
    else:
        outcome = Outcome.HELD if blocking else Outcome.READY
    return DocumentStatus(candidate, outcome, profiles, blocking)


__all__ = ["DocumentStatus", "Outcome", "document_statuses", "exported_documents"]
