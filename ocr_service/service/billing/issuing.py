"""A claim as papers: the draft to look at, the issued one as bytes that never change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ocr_service.billing.claim import Line, Role, add_up
from ocr_service.billing.package import pack
from ocr_service.billing.papers import ClaimPapers
from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.billing import claim_lines, claims
from ocr_service.db.billing.claims import Claim, ClaimState, StoredLine
from ocr_service.db.ids import ClaimId, DocumentId
from ocr_service.db.records import documents, records
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import Conflict, IllegalTransition, NotFound
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.service.billing.picking import Judge
from ocr_service.service.billing.setup import BillingSetup
from ocr_service.service.export.blocking import blocking_rules

_READY = frozenset({DocumentState.APPROVED, DocumentState.EXPORTED})
_CHUNK = 500
_NAMED = 10


def claim_number(claim: ClaimId) -> str:
    """How a claim is called on paper."""
    return f"C{claim:06d}"


def line_label(claim: ClaimId | None, number: int | None) -> str:
    """How a line is called in another claim; "" for none."""
    return "" if claim is None or number is None else f"{claim_number(claim)}-{number}"


def issue_claim(
    reading: UnitOfWork,
    uow: UnitOfWork,
    blobs: BlobStore,
    setup: BillingSetup,
    claim: ClaimId,
    *,
    actor: str,
) -> Claim:
    """Make the papers of a draft and keep them; from now on they never change.

    The papers are set in the reading unit, which keeps nobody waiting; the writing unit looks
    whether everything is still as they say.

    Raises:
        NotFound: no such claim.
        IllegalTransition: it is no draft.
        InvalidRequest: nobody is named as the one who claims.
        Conflict: records changed since the draft was made; the message names their documents.
        ServiceUnavailable: the papers cannot be stored; the claim stays a draft.
    """
    found = claims.get(reading, claim)
    _refuse_other_than_draft(found)
    lines = claim_lines.of_claim(reading, claim)
    billed = {x.document: x.version for x in lines if x.role is not Role.REVERSAL}
    seen = _refuse_changed(reading, Judge(setup), lines, billed)
    archive = blobs.put(pack(papers_of(reading, setup, found, lines), prices=found.prices))
    _refuse_other_than_draft(claims.lock(uow, claim))
    _refuse_changed(uow, Judge(setup), lines, seen)
    claims.set_issued(uow, claim, by=actor, archive=archive)
    detail: dict[str, DetailValue] = {
        "sha256": archive,
        "lines": len(lines),
        "total": found.total,
    }
    uow.log(AuditEntry(actor, "claim.issued", "claim", claim, detail))
    return claims.get(uow, claim)


def _refuse_other_than_draft(claim: Claim) -> None:
    if claim.state is not ClaimState.DRAFT:
        raise IllegalTransition(f"a claim that is {claim.state} cannot be issued")


def draft_papers(uow: UnitOfWork, setup: BillingSetup, claim: Claim) -> ClaimPapers:
    """The papers of a draft to look at; they say that they are a draft.

    Raises:
        InvalidRequest: nobody is named as the one who claims.
    """
    lines = claim_lines.of_claim(uow, claim.id)
    return replace(papers_of(uow, setup, claim, lines), issued=None)


def papers_of(
    uow: UnitOfWork, setup: BillingSetup, claim: Claim, lines: Sequence[StoredLine]
) -> ClaimPapers:
    """The papers as they would be issued today.

    Raises:
        InvalidRequest: nobody is named as the one who claims.
    """
    names = _names(uow, lines)
    shown = [
        Line(
            number=line.number,
            document=line.document,
            version=line.version,
            role=line.role,
            bill=line.bill,
            original=line_label(line.original_claim, line.original_number),
            name=names.get(line.document, ""),
        )
        for line in lines
    ]
    return ClaimPapers(
        number=claim_number(claim.id),
        month=claim.month,
        issued=uow.now.astimezone(JAPAN).date(),
        issuer=setup.issuer,
        sums=add_up(shown),
        institutions=setup.names,
    )


def archive_file(blobs: BlobStore, claim: Claim, name: str | None = None) -> bytes:
    """The package of an issued claim, or one file out of it.

    Raises:
        Conflict: the claim was not issued.
        NotFound: no such file in it.
    """
    if claim.archive_sha256 is None:
        raise Conflict("the claim was not issued yet, so there are no papers")
    data = blobs.get(claim.archive_sha256)
    if name is None:
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            return archive.read(name)
        except KeyError:
            raise NotFound(f"no {name} in claim {claim.id}") from None


def _refuse_changed(
    uow: UnitOfWork,
    judge: Judge,
    lines: Sequence[StoredLine],
    known: Mapping[DocumentId, int],
) -> dict[DocumentId, int]:
    """The versions the documents have, all of which are billed alike.

    Args:
        uow: open unit of work.
        judge: judges those that changed.
        lines: of the claim.
        known: versions that are known to be billed as the lines say.

    Raises:
        Conflict: a document is billed otherwise, or not at all, by now.
    """
    charging = {line.document: line for line in lines if line.role is not Role.REVERSAL}
    versions: dict[DocumentId, int] = {}
    changed: list[int] = []
    for chunk in _chunks(list(charging)):
        seen = documents.get_many(uow, chunk)
        versions |= {document.id: document.version for document in seen}
        moved = [d for d in seen if d.version != known[d.id]]
        found = records.load_many(uow, moved)
        blocked = blocking_rules(uow, [document.id for document in moved])
        for document in moved:
            bill = judge.judge(found[document.id], blocked=document.id in blocked).bill
            same = bill is not None and bill.digest == charging[document.id].digest
            if not same or document.state not in _READY:
                changed.append(document.id)
    if changed:
        shown = ", ".join(map(str, changed[:_NAMED])) + (" …" if len(changed) > _NAMED else "")
        raise Conflict(
            f"{len(changed)} records changed since the draft: cancel it and draft anew"
            f" (documents {shown})"
        )
    return versions


def _names(uow: UnitOfWork, lines: Sequence[StoredLine]) -> dict[DocumentId, str]:
    found: dict[DocumentId, str] = {}
    for chunk in _chunks(sorted({line.document for line in lines})):
        seen = documents.get_many(uow, chunk)
        loaded = records.load_many(uow, seen)
        found |= {document: _name(record) for document, record in loaded.items()}
    return found


def _name(record: Record) -> str:
    for field in record.fields:
        if field.key == "name" and isinstance(field.value, str):
            return field.value
    return ""


def _chunks(ids: list[DocumentId]) -> Iterator[list[DocumentId]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


__all__ = ["archive_file", "claim_number", "draft_papers", "issue_claim", "line_label", "papers_of"]
