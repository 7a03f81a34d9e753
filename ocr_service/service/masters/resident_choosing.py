"""A person says which resident a record is about; what differs becomes that person's answers."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Record
from ocr_service.forms.library import TemplateLibrary
from ocr_service.masters.residents import ResidentCandidate
from ocr_service.service.masters.residents import candidate_of
from ocr_service.service.masters.vault import Vault
from ocr_service.service.review.editing import Edit, IssueCheck, answer_field

TAKEN_OVER = ("name", "name_kana", "birth_date")
"""Fields that take the list's value; an address stays as it is written, a voucher as printed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody's word on whom a record is about.

    Attributes:
        document: whose record.
        handle: the candidate.
        expected_version: the version the person looked at.
        actor: user name.
    """

    document: DocumentId
    handle: str
    expected_version: int
    actor: str


def choose_resident(
    uow: UnitOfWork,
    vault: Vault,
    choice: Choice,
    *,
    library: TemplateLibrary,
    check: IssueCheck | None,
) -> tuple[Document, Record]:
    """Take the listed name, kana and date of birth over as the person's own answers.

    Fields that say the same already are answered too: the person has looked at them.

    Raises:
        NotFound: no such document, or no such resident near it.
        StaleEdit: the document changed since ``expected_version``.
        IllegalTransition: the document is not under review.
    """
    seen = documents.get(uow, choice.document)
    record = records.load(uow, seen)
    candidate = candidate_of(uow, vault, record, choice.handle)
    version = choice.expected_version
    for key in _answered(record, candidate):
        edit = Edit(
            document=choice.document,
            key=key,
            value=candidate.resident.values[key],
            expected_version=version,
            actor=choice.actor,
        )
        seen, record = answer_field(uow, edit, library=library, check=check)
        version = seen.version
    groups = ", ".join(sorted(candidate.agreeing_groups()))
    entry = AuditEntry(
        choice.actor, "resident.chosen", "document", choice.document, {"agreeing": groups}
    )
    uow.log(entry)
    return seen, record


def _answered(record: Record, candidate: ResidentCandidate) -> tuple[str, ...]:
    there = {field.key for field in record.fields}
    return tuple(key for key in TAKEN_OVER if key in there and candidate.resident.values.get(key))


__all__ = ["TAKEN_OVER", "Choice", "choose_resident"]
