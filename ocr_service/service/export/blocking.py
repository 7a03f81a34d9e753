"""Why an approved document does not go out: errors that nobody waived.

An export may hold a hundred thousand records, so the issues are taken as they are stored; whoever
wants the rules judged anew for one document asks ``service.checking``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocr_service.db.export import candidates as export_candidates
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents as document_rows
from ocr_service.db.records import records
from ocr_service.db.uow import UnitOfWork


def blocking_rules(
    uow: UnitOfWork, documents: Sequence[DocumentId]
) -> dict[DocumentId, tuple[str, ...]]:
    """Codes of the rules that hold documents back; those without any are missing.

    Args:
        uow: open unit of work.
        documents: which; a few hundred at once.
    """
    broken = export_candidates.broken(uow, documents)
    found = records.load_many(uow, [document_rows.get(uow, one) for one in broken])
    held = {
        document: tuple(sorted({issue.rule for issue in record.issues if issue.blocks}))
        for document, record in found.items()
    }
    return {document: rules for document, rules in held.items() if rules}


__all__ = ["blocking_rules"]
