"""What the intake has to say of a record, found again after its values changed."""

from __future__ import annotations

from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Issue, Record
from ocr_service.service.intake.likeness import compared_again
from ocr_service.service.intake.pairing import sides_again


def intake_issues(uow: UnitOfWork, document: DocumentId, record: Record) -> tuple[Issue, ...]:
    """A page like another, two pages of one record, a side that has not come or came twice.

    Args:
        uow: open unit of work.
        document: the page.
        record: with the values in force.
    """
    return (*compared_again(uow, document, record), *sides_again(uow, document, record))


__all__ = ["intake_issues"]
