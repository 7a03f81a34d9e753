"""Why an approved document does not go out: errors that nobody waived.

An export may hold a hundred thousand records and judging one takes milliseconds, so only those are
judged anew that the rules might judge otherwise than they did: masters, settings, rules or template
changed since, or another record of the same voucher or person, or the day matters
(``db.records.judgements``), and those that are held back. For all others the stored issues hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ocr_service.db.export import candidates as export_candidates
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents as document_rows
from ocr_service.db.records import facts, judgements, readings, records, waivers
from ocr_service.db.records.documents import Document
from ocr_service.db.records.facts import RecordFacts
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import TemplateUnknown
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.check.record_about import about

_CHUNK = 500
_ABOUT_OTHERS = "document."
"""Rules that compare whole documents; they are judged at intake and at edits."""


def blocking_rules(
    uow: UnitOfWork, documents: Sequence[DocumentId]
) -> dict[DocumentId, tuple[str, ...]]:
    """Codes of the rules that hold documents back by their issues as stored.

    Documents without any are missing.

    Args:
        uow: open unit of work.
        documents: which; a few hundred at once.
    """
    broken = export_candidates.broken(uow, documents)
    found = records.load_many(uow, document_rows.get_many(uow, broken))
    held = {document: _blocking(record.issues) for document, record in found.items()}
    return {document: rules for document, rules in held.items() if rules}


def _blocking(issues: Sequence[Issue]) -> tuple[str, ...]:
    return tuple(sorted({issue.rule for issue in issues if issue.blocks}))


@dataclass(frozen=True, slots=True)
class JudgedAnew:
    """A record as the rules see it now.

    Attributes:
        about: what it is about, and which document that is.
        version: the document's then.
        issues: what was found; None where that is what is stored.
        grounds: by what it was judged.
    """

    about: RecordFacts
    version: int
    issues: tuple[Issue, ...] | None
    grounds: str


@dataclass(slots=True)
class Gate:
    """Lets records out, or holds them back.

    Attributes:
        library: the templates.
        check: judges records; None = the issues as they are stored.
        judged: what was judged anew on the way, to be kept by ``keep``.
    """

    library: TemplateLibrary
    check: RuleCheck | None
    judged: list[JudgedAnew] = field(default_factory=list)

    def blocking(
        self, uow: UnitOfWork, wanted: Sequence[DocumentId]
    ) -> dict[DocumentId, tuple[str, ...]]:
        """Codes of the rules that hold documents back; those without any are missing.

        Args:
            uow: open unit of work; a reading one will do, nothing is written.
            wanted: which; a few hundred at once.
        """
        if self.check is None:
            return blocking_rules(uow, wanted)
        found = {d.id: d for d in document_rows.get_many(uow, wanted)}
        broken = set(export_candidates.broken(uow, wanted))
        doubtful = broken | self._unsettled(uow, self.check, found)
        seen = [found[one] for one in sorted(doubtful)]
        loaded = records.load_many(uow, seen) if seen else {}
        held = {
            document.id: _blocking(self._issues(uow, self.check, document, loaded[document.id]))
            for document in seen
        }
        return {document: rules for document, rules in held.items() if rules}

    def keep(self, uow: UnitOfWork) -> None:
        """Store what was judged anew, of documents that nobody changed meanwhile.

        Args:
            uow: a writing unit.
        """
        if self.check is None:
            return
        for start in range(0, len(self.judged), _CHUNK):
            self._keep(uow, self.judged[start : start + _CHUNK], self.check.today)

    def _keep(self, uow: UnitOfWork, some: Sequence[JudgedAnew], today: dt.date) -> None:
        ids = [one.about.document for one in some]
        known = facts.known(uow, ids)
        now = {d.id: d.version for d in document_rows.get_many(uow, ids)}
        same = [one for one in some if now.get(one.about.document) == one.version]
        for one in same:
            if one.issues is not None:
                readings.replace_issues(uow, one.about.document, one.issues)
            if one.about.document not in known:
                facts.put(uow, one.about)
        for grounds in {one.grounds for one in same}:
            these = [one.about.document for one in same if one.grounds == grounds]
            judgements.note(uow, these, grounds=grounds, day=today)

    def _unsettled(
        self, uow: UnitOfWork, check: RuleCheck, found: dict[DocumentId, Document]
    ) -> set[DocumentId]:
        unsettled = {one for one, document in found.items() if document.template is not None}
        for name in {_form_of(found[one]) for one in unsettled}:
            some = [one for one in unsettled if _form_of(found[one]) == name]
            try:
                template = self.library.get(name).template
            except TemplateUnknown:
                unsettled -= set(some)  # nobody can judge them; what is stored holds
                continue
            unsettled -= check.settled(uow, some, template)
        return unsettled

    def _issues(
        self, uow: UnitOfWork, check: RuleCheck, document: Document, record: Record
    ) -> Sequence[Issue]:
        if document.template is None:
            return record.issues
        try:
            template = self.library.get(_form_of(document)).template
        except TemplateUnknown:
            return record.issues
        kept = [issue for issue in record.issues if issue.rule.startswith(_ABOUT_OTHERS)]
        issues = (*check.judge(uow, document, record, template), *kept)
        same = {replace(issue, waiver=None) for issue in record.issues} == set(issues)
        grounds = check.grounds(uow, template)
        told = about(document.id, record)
        self.judged.append(
            JudgedAnew(told, document.version, None if same else tuple(issues), grounds)
        )
        by_document = {document.id: list(issues)}
        return waivers.marked(uow, by_document, {document.id: list(record.fields)})[document.id]


def _form_of(document: Document) -> str:
    return f"{document.template}@{document.template_version}"


__all__ = ["Gate", "JudgedAnew", "blocking_rules"]
