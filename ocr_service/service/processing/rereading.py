"""Reads pages again, and keeps what people said of them in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import corrections, documents, readings, records
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import FieldValue
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.record import Record, Severity
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.intake_issues import intake_issues
from ocr_service.service.review.editing import IssueCheck
from ocr_service.service.review.reviewing import requeue
from ocr_service.service.review.typing_values import typed_value

_CHUNK = 100
"""Pages of one transaction: others write in between, and a crash loses no more."""

_AGAIN = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.UNMATCHED, DocumentState.FAILED})


Settle = Callable[[UnitOfWork, Record, FormTemplate], tuple[FieldValue, ...]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is needed to judge a record that people have answered.

    Attributes:
        library: gives the templates.
        check: finds the issues of a record anew.
        settle: gives the values of a fresh record that the installation's own lists decide; None
            = there are none.
    """

    library: Callable[[], TemplateLibrary]
    check: IssueCheck
    settle: Settle | None = None

    def at_once(self) -> Rules:
        """The same with the templates as they are at this moment, looked for only once."""
        library = self.library()
        return replace(self, library=lambda: library)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which pages are read again, and as what.

    Attributes:
        template: ``KEY[@VERSION]`` they are read against.
        actor: who asks.
        batch: only pages of this batch.
        read_as: only pages that were read as this template (its key).
    """

    template: str
    actor: str
    batch: BatchId | None = None
    read_as: str | None = None

    def __post_init__(self) -> None:
        if self.batch is None and self.read_as is None:
            raise InvalidRequest("name a batch, or the template the pages were read as")


@dataclass(frozen=True, slots=True)
class Rerun:
    """What became of the pages.

    Attributes:
        requeued: they will be read again.
        skipped: approved, exported or discarded, being read, or before a reviewer's eyes.
    """

    requeued: int
    skipped: int


def read_again(db: Database, bell: Bell, wish: Wish, *, library: TemplateLibrary) -> Rerun:
    """Queue old pages once more. Asked for again after a crash, it goes on with the rest.

    Raises:
        TemplateUnknown: no such template.
        ServiceUnavailable: the database failed; the pages queued by then stay queued.
    """
    library.get(wish.template)
    wanted = DocumentFilter(batch=wish.batch, template=wish.read_as)
    requeued = skipped = after = 0
    while True:
        with db.writing() as uow:
            found = documents.page(uow, wanted, after=after, limit=_CHUNK)
            if not found:
                return Rerun(requeued, skipped)
            done = sum(_again(uow, bell, document.id, wish) for document in found)
        requeued += done
        skipped += len(found) - done
        after = found[-1].id


def _again(uow: UnitOfWork, bell: Bell, document: DocumentId, wish: Wish) -> bool:
    seen = documents.lock(uow, document)
    held = seen.claimed_until is not None and seen.claimed_until > uow.now
    if seen.state not in _AGAIN or held:
        return False
    requeue(uow, bell, seen, actor=wish.actor, template=wish.template)
    return True


def keep_corrections(uow: UnitOfWork, document: DocumentId, rules: Rules, *, worker: str) -> None:
    """After a machine run: put people's answers on top and judge the record as it then is.

    Only for the few pages that people have answered under the template they were read as.

    Args:
        uow: open unit of work.
        document: what was read.
        rules: judges the record.
        worker: who read it.
    """
    seen = documents.get(uow, document)
    template = rules.library().get(f"{seen.template}@{seen.template_version}").template
    brought, left = corrections.bring_along(uow, seen, lambda field: _fit(template, field))
    record = records.load(uow, seen)
    issues = (*rules.check(uow, seen, record, template), *intake_issues(uow, seen.id, record))
    readings.replace_issues(uow, seen.id, issues)
    blocked = left > 0 or any(issue.severity is Severity.ERROR for issue in issues)
    if blocked and seen.state is DocumentState.APPROVED:
        documents.update(uow, seen, state=move(seen.state, DocumentState.NEEDS_REVIEW))
    if brought or left:
        detail = {"brought": brought, "left": left}
        uow.log(AuditEntry(worker, "answers.kept", "document", seen.id, detail))


def decided(uow: UnitOfWork, record: Record, rules: Rules) -> tuple[FieldValue, ...]:
    """The values of a fresh record that the installation's own lists decide, as further answers."""
    if rules.settle is None or record.template is None or not record.fields:
        return ()
    template = rules.library().get(f"{record.template}@{record.version}").template
    return rules.settle(uow, record, template)


def judged(
    uow: UnitOfWork, document: Document, record: Record, rules: Rules, *, is_answered: bool
) -> Record:
    """A record fresh from the reader with the issues that show once facts are known.

    The reader judged without the database. Here other documents and the masters count too; what
    only comes from the reader or the intake (a page like another) is kept.

    Args:
        uow: open unit of work.
        document: what was read.
        record: as it was read.
        rules: judge it.
        is_answered: whether people have answered fields of it; such a page is left to
            ``keep_corrections``, which judges their answers.
    """
    if is_answered or record.template is None or not record.fields:
        return record
    template = rules.library().get(f"{record.template}@{record.version}").template
    found = rules.check(uow, document, record, template)
    issues = tuple(dict.fromkeys((*found, *record.issues)))
    straight = record.state is DocumentState.APPROVED
    if straight and any(issue.severity is not Severity.INFO for issue in issues):
        return replace(record, issues=issues, state=DocumentState.NEEDS_REVIEW)
    return replace(record, issues=issues)


def _fit(template: FormTemplate, answer: FieldValue) -> FieldValue | None:
    if answer.key not in template.record_keys:
        return None
    entered = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    spec = template.field_of(answer.key)
    try:
        value = typed_value(spec, entered)
    except InvalidRequest:
        return None
    return replace(answer, value=value, box=spec.box)


__all__ = ["Rerun", "Rules", "Wish", "decided", "judged", "keep_corrections", "read_again"]
