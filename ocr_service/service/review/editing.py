"""Takes a person's answer for a field; it outranks whatever a machine says, now or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Protocol

from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings, records
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import Origin
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import IllegalTransition, InvalidRequest, NotFound, StaleVersion
from ocr_service.domain.field import FieldValue, Flag, Source, Status, Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service.intake.intake_issues import intake_issues
from ocr_service.service.review.typing_values import Entered, typed_value

HUMAN_READER = "human"
JAPAN = timezone(timedelta(hours=9), "JST")


class IssueCheck(Protocol):
    """Finds the issues of a record anew after a value changed."""

    def __call__(
        self, uow: UnitOfWork, document: Document, record: Record, template: FormTemplate, /
    ) -> Sequence[Issue]:
        """All issues of the record as it is now.

        Args:
            uow: open unit of work, to look up what the installation knows.
            document: whose record it is.
            record: the values in force.
            template: its template.
        """
        ...


class StaleEdit(StaleVersion):
    """Somebody changed the document first; carries what is stored now, for the 409 answer.

    Attributes:
        document: the document as it is.
        record: its record with the values in force.
    """

    def __init__(self, document: Document, record: Record) -> None:
        super().__init__(f"document {document.id} was changed by somebody else; compare and repeat")
        self.document = document
        self.record = record


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's answer.

    Attributes:
        document: which document.
        key: which field.
        value: what it is; None = nothing is written there.
        expected_version: the version the person looked at.
        actor: who says so.
        illegible: something is written and nobody can read it; ``value`` is None then.
    """

    document: DocumentId
    key: str
    value: Entered
    expected_version: int
    actor: str
    illegible: bool = False

    def __post_init__(self) -> None:
        if self.illegible and self.value is not None:
            raise InvalidRequest(f"{self.key} is either illegible or has a value")


def answer_field(
    uow: UnitOfWork, edit: Edit, *, library: TemplateLibrary, check: IssueCheck | None
) -> tuple[Document, Record]:
    """Append the answer and look for issues again.

    Args:
        uow: open unit of work.
        edit: what is answered.
        library: the templates.
        check: finds issues; None keeps those that are there.

    Returns:
        The document with its new version, and the record with the values in force.

    Raises:
        NotFound: no such document or field.
        StaleEdit: the document changed since ``expected_version``.
        IllegalTransition: the document is not under review.
        InvalidRequest: the field cannot hold this value.
    """
    seen = documents.lock(uow, edit.document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        raise IllegalTransition(f"a document that is {seen.state} cannot be edited; reopen it")
    template = template_of(library, seen)
    put_answer(uow, seen, edit, template)
    return recheck(uow, seen, template, check)


def put_answer(uow: UnitOfWork, seen: Document, edit: Edit, template: FormTemplate) -> int:
    """Append an answer and no more: who answers several fields of a document judges it once.

    Args:
        uow: open unit of work; ``recheck`` must follow in it.
        seen: the document, locked by this unit and under review.
        edit: what is answered.
        template: its template.

    Returns:
        The id of the answer.

    Raises:
        NotFound, StaleEdit, InvalidRequest: as ``answer_field``.
    """
    current = _current(uow, seen, edit.key)
    if seen.version != edit.expected_version:
        raise StaleEdit(seen, records.load(uow, seen))
    today = uow.now.astimezone(JAPAN).date()
    value = typed_value(template.field_of(edit.key), edit.value, today=today)
    answer = _human_value(current, value, illegible=edit.illegible)
    added = _append(uow, seen, template, answer, edit.actor)
    detail: dict[str, DetailValue] = {"key": edit.key, "changed": value != current.value}
    if edit.illegible:
        detail["illegible"] = True
    uow.log(AuditEntry(edit.actor, "field.answered", "document", seen.id, detail))
    return added


def recheck(
    uow: UnitOfWork, seen: Document, template: FormTemplate, check: IssueCheck | None
) -> tuple[Document, Record]:
    """Raise the version of a document whose values changed, and look for its issues again.

    Args:
        uow: open unit of work.
        seen: the document, locked by this unit.
        template: its template.
        check: finds issues; None keeps those that are there.
    """
    documents.update(uow, seen)
    changed = documents.get(uow, seen.id)
    record = records.load(uow, changed)
    if check is not None:
        others = intake_issues(uow, changed.id, record)
        issues = (*check(uow, changed, record, template), *others)
        readings.replace_issues(uow, changed.id, issues)
        record = records.with_issues(uow, changed, record, issues)
    return changed, record


def template_of(library: TemplateLibrary, seen: Document) -> FormTemplate:
    """The template that a document was read with.

    Raises:
        NotFound: it was read with none.
    """
    if seen.template is None:
        raise NotFound(f"document {seen.id} has no template, so it has no fields")
    return library.get(f"{seen.template}@{seen.template_version}").template


def _current(uow: UnitOfWork, seen: Document, key: str) -> FieldValue:
    found = readings.current_of_key(uow, seen, key)
    if found is None:
        raise NotFound(f"document {seen.id} has no field {key}")
    return found


def _human_value(current: FieldValue, value: Value, *, illegible: bool) -> FieldValue:
    return FieldValue(
        key=current.key,
        value=value,
        raw=value if isinstance(value, str) else "",
        probability=1.0,
        status=Status.ACCEPTED,
        alternatives=(),
        reader=HUMAN_READER,
        source=Source.HUMAN,
        flags=frozenset({Flag.ILLEGIBLE}) if illegible else frozenset(),
        box=current.box,
    )


def _append(
    uow: UnitOfWork, seen: Document, template: FormTemplate, answer: FieldValue, actor: str
) -> int:
    origin = Origin(seen.id, template.key, template.version, actor)
    position = readings.position_of(uow, seen, answer.key)
    (added,) = readings.append(uow, origin, [answer], first_position=position)
    return added


__all__ = [
    "HUMAN_READER",
    "JAPAN",
    "Edit",
    "IssueCheck",
    "StaleEdit",
    "answer_field",
    "put_answer",
    "recheck",
    "template_of",
]
