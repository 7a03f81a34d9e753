"""Records that are older than a list: what they are about, and what the rules say of them now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import TemplateUnknown
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.check.checking import recheck
from ocr_service.service.check.rechecking import RuleCheck

_CHUNK = 100
"""Pages of one transaction: others write in between, and a crash loses no more."""

_READ = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.APPROVED, DocumentState.EXPORTED})


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was gone through.

    Attributes:
        noted: records of which it is known now what they are about.
        judged: of them, those under review, which were judged anew as well.
        left: their template is gone, so nobody can judge them.
    """

    noted: int = 0
    judged: int = 0
    left: int = 0


def reindex(
    db: Database,
    check: RuleCheck,
    library: TemplateLibrary,
    *,
    tell: Callable[[int], None] = lambda _number: None,
) -> Reindexed:
    """Note of every record what it is about, and judge anew those under review.

    Approved ones are judged at their export. Broken off and run again, it does no harm.

    Args:
        db: the database.
        check: the rules with what is known.
        library: the templates.
        tell: gets how many documents were just gone through.

    Raises:
        ServiceUnavailable: the database failed; what was done by then stays.
    """
    done, after = Reindexed(), 0
    # all are noted before any is judged: a record is judged by what the others say
    for judging in (False, True):
        after = 0
        while True:
            with db.writing() as uow:
                found = documents.page(uow, DocumentFilter(), after=after, limit=_CHUNK)
                for document in found:
                    if judging:
                        done = _judge(uow, check, library, document, done)
                    else:
                        done = _note(uow, check, document, done)
            if not found:
                break
            after = found[-1].id
            if judging:
                tell(len(found))
    return done


def _note(uow: UnitOfWork, check: RuleCheck, document: Document, done: Reindexed) -> Reindexed:
    if document.state not in _READ or document.template is None:
        return done
    check.facts.note(uow, document, records.load(uow, document))
    return Reindexed(done.noted + 1, done.judged, done.left)


def _judge(
    uow: UnitOfWork,
    check: RuleCheck,
    library: TemplateLibrary,
    document: Document,
    done: Reindexed,
) -> Reindexed:
    if document.state is not DocumentState.NEEDS_REVIEW or document.template is None:
        return done
    try:
        recheck(uow, document, library=library, check=check)
    except TemplateUnknown:
        return Reindexed(done.noted, done.judged, done.left + 1)
    return Reindexed(done.noted, done.judged + 1, done.left)


__all__ = ["Reindexed", "reindex"]
