"""The rules once more before a record leaves the house."""

from __future__ import annotations

from ocr_service.db.records import readings, records, waivers
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Issue
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.intake.intake_issues import intake_issues
from ocr_service.service.review.editing import IssueCheck


def recheck(
    uow: UnitOfWork, document: Document, *, library: TemplateLibrary, check: IssueCheck | None
) -> tuple[Issue, ...]:
    """Judge the values in force anew, keep what was found, and give it with its waivers.

    The facts may have changed since a person looked: a lot was called back, another document
    bears the same voucher number.

    Args:
        uow: open unit of work.
        document: whose record.
        library: the templates.
        check: finds issues; None keeps those that are there.

    Raises:
        TemplateUnknown: its template is gone.
    """
    record = records.load(uow, document)
    if check is None or document.template is None:
        return record.issues
    template = library.get(f"{document.template}@{document.template_version}").template
    others = intake_issues(uow, document.id, record)
    found = [*check(uow, document, record, template), *others]
    before = {(i.rule, i.severity, i.fields) for i in record.issues}
    if before != {(i.rule, i.severity, i.fields) for i in found}:
        readings.replace_issues(uow, document.id, found)
    marked = waivers.marked(uow, {document.id: found}, {document.id: list(record.fields)})
    return tuple(marked[document.id])


def blocking_issues(
    uow: UnitOfWork, document: Document, *, library: TemplateLibrary, check: IssueCheck | None
) -> tuple[Issue, ...]:
    """What keeps the record from being exported: errors that nobody waived.

    Args:
        uow: open unit of work; what is found anew is kept.
        document: whose record.
        library: the templates.
        check: finds issues (``Services.check``); None keeps those that are there.
    """
    issues = recheck(uow, document, library=library, check=check)
    return tuple(issue for issue in issues if issue.blocks)


__all__ = ["blocking_issues", "recheck"]
