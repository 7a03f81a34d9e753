"""What is missing how often, per clinic and per batch, so that the clinic can be asked."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.masters import masters
from ocr_service.db.records.report_rows import (
    MOST_DOCUMENTS,
    Finding,
    ReportDocument,
    ReportFilter,
    documents_of,
    findings_of,
)
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Severity
from ocr_service.masters.importing.model import MasterKind


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding, counted.

    Attributes:
        rule: its code.
        fields: record keys concerned.
        severity: the worst it had.
        message_ja: for people.
        message_en: the same in English.
        documents: on which it stands, in order.
    """

    rule: str
    fields: tuple[str, ...]
    severity: Severity
    message_ja: str
    message_en: str
    documents: tuple[DocumentId, ...]


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """A document with what stands open on it."""

    id: DocumentId
    batch: BatchId
    vaccinated_on: dt.date | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one clinic or one batch.

    Attributes:
        key: institution code, "" where unknown; or the batch's number.
        name: of the clinic, by the master; "" where it is not on it.
        read: documents that were looked at.
        asked: those with findings.
        kinds: what was found, the most frequent first.
    """

    key: str
    name: str
    read: int
    asked: tuple[AskedDocument, ...]
    kinds: tuple[FindingKind, ...]


@dataclass(frozen=True, slots=True)
class FindingReport:
    """The report: by clinic and by batch, and whether it had to be cut off."""

    clinics: tuple[Group, ...]
    batches: tuple[Group, ...]
    cut_off: bool


def report_findings(uow: UnitOfWork, wanted: ReportFilter) -> FindingReport:
    """Count what stands open; what was waived or is only a note does not count."""
    found = documents_of(uow, wanted, limit=MOST_DOCUMENTS + 1)
    seen = found[:MOST_DOCUMENTS]
    by_document: dict[DocumentId, list[Finding]] = defaultdict(list)
    for finding in findings_of(uow, [one.id for one in seen]):
        by_document[finding.document].append(finding)
    codes = sorted({one.institution for one in seen if one.institution})
    names = institution_names(uow, codes)
    clinics, batches = defaultdict(list), defaultdict(list)
    for one in seen:
        clinics[one.institution].append(one)
        batches[str(one.batch)].append(one)
    return FindingReport(
        clinics=_groups(clinics, by_document, names),
        batches=_groups(batches, by_document, {}),
        cut_off=len(found) > MOST_DOCUMENTS,
    )


def institution_names(uow: UnitOfWork, codes: list[str]) -> dict[str, str]:
    """Names of institutions by code, as far as the master has them."""
    return {
        row.key: (row.cells or {}).get("name", "")
        for start in range(0, len(codes), _CHUNK)
        for row in masters.find(uow, MasterKind.INSTITUTIONS, codes[start : start + _CHUNK])
    }


_CHUNK = 150


def _groups(
    grouped: dict[str, list[ReportDocument]],
    by_document: dict[DocumentId, list[Finding]],
    names: dict[str, str],
) -> tuple[Group, ...]:
    groups = [
        _group(key, names.get(key, ""), members, by_document) for key, members in grouped.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-len(group.asked), group.key)))


def _group(
    key: str,
    name: str,
    members: list[ReportDocument],
    by_document: dict[DocumentId, list[Finding]],
) -> Group:
    asked = tuple(
        AskedDocument(one.id, one.batch, one.vaccinated_on, tuple(by_document[one.id]))
        for one in members
        if by_document.get(one.id)
    )
    findings = [finding for one in asked for finding in one.findings]
    return Group(key, name, len(members), asked, _kinds(findings))


def _kinds(findings: list[Finding]) -> tuple[FindingKind, ...]:
    counted = Counter((finding.rule, finding.fields) for finding in findings)
    first = {(finding.rule, finding.fields): finding for finding in reversed(findings)}
    return tuple(
        FindingKind(
            rule=rule,
            fields=fields,
            severity=first[rule, fields].severity,
            message_ja=first[rule, fields].message_ja,
            message_en=first[rule, fields].message_en,
            documents=tuple(f.document for f in findings if (f.rule, f.fields) == (rule, fields)),
        )
        for (rule, fields), _number in sorted(
            counted.items(), key=lambda entry: (-entry[1], entry[0])
        )
    )


__all__ = [
    "AskedDocument",
    "FindingKind",
    "FindingReport",
    "Group",
    "institution_names",
    "report_findings",
]
