"""Why an approved document does not go out: rules it breaks that nobody overrode."""

from __future__ import annotations

from collections.abc import Sequence

from ocr_service.db import export_candidates
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork


def blocking_rules(
    uow: UnitOfWork, documents: Sequence[DocumentId]
) -> dict[DocumentId, tuple[str, ...]]:
    """Codes of the rules that hold documents back; those without any are missing.

    A rule of severity error holds a document back unless whoever approved it gave a reason.
    """
    broken = export_candidates.error_rules(uow, documents)
    overridden = export_candidates.overridden_rules(uow, list(broken))
    held = {
        document: tuple(sorted(rules - overridden.get(document, set())))
        for document, rules in broken.items()
    }
    return {document: rules for document, rules in held.items() if rules}


__all__ = ["blocking_rules"]
