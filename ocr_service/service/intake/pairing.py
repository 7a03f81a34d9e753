"""Ties the sides of a form together: as pages are read, answered, moved and put away.

Which pages belong together is worked out from the pages alone (``domain.pairing``). What is kept is
each page's side and code, and as issues of its record what is wrong with its set. A change marks
the pages it concerns; ``settle_batch`` brings their issues up to date under the batch's lock, so
that two sides read at the same moment find each other.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ocr_service.db.audit import AuditEntry
from ocr_service.db.double_entry import chips
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import batches, flow, sides
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.pairing import Placed, Side, SidePage, Standing, paired
from ocr_service.domain.record import Issue, Record, Severity

MISSING, TWICE, UNCODED = "document.side_missing", "document.side_twice", "document.side_code"

SIDE_STANDINGS = MappingProxyType(
    {MISSING: Standing.ALONE, TWICE: Standing.TWICE, UNCODED: Standing.UNCODED}
)
"""What each of these issues says of a page."""

_RULES = frozenset(SIDE_STANDINGS)
_CHUNK = 100
_JUDGED = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.APPROVED, DocumentState.EXPORTED})
_NAMED = 5
_ACTOR = "worker"


def with_side(uow: UnitOfWork, document: Document, record: Record, side: Side | None) -> Record:
    """A fresh record, with an issue while a side of its form is missing or came twice.

    Args:
        uow: open unit of work.
        document: the page, locked.
        record: what was read.
        side: which page of its form it is.
    """
    if document.template is not None:
        unsettle(uow, document.id)
    if side is None or record.template is None or record.state is DocumentState.DISCARDED:
        if document.template is not None:
            sides.forget(uow, document.id)
        return record
    code = code_of(record, side)
    sides.put(uow, document.id, template=record.template, side=side, code=code)
    unsettle(uow, document.id)
    found = issues_of(_placed(uow, document.batch, document.id), side)
    if not found:
        return record
    held = record.state is DocumentState.APPROVED
    if held:
        sides.set_held(uow, document.id, held=True)
    state = DocumentState.NEEDS_REVIEW if held else record.state
    return replace(record, state=state, issues=(*record.issues, *found))


def sides_again(uow: UnitOfWork, document: DocumentId, record: Record) -> tuple[Issue, ...]:
    """How a page stands after a person changed a value of its record."""
    known = sides.get(uow, document)
    if known is None or record.template is None:
        return ()
    side = known.page.side
    code = code_of(record, side)
    if code != known.page.code:
        unsettle(uow, document)
        sides.put(uow, document, template=record.template, side=side, code=code, held=known.held)
        unsettle(uow, document)
    return issues_of(_placed(uow, known.batch, document), side)


def unsettle(uow: UnitOfWork, document: DocumentId) -> None:
    """Have the pages that a page belongs to judged anew, for it changes or goes."""
    known = sides.get(uow, document)
    if known is None:
        return
    near = sides.near(uow, known.batch, [document])
    sides.stir(uow, [DocumentId(page.document) for page in near])


def code_of(record: Record, side: Side) -> str | None:
    """What the page is compared by: a hash of its form and code; None where a part is missing."""
    values = {field.key: field.value for field in record.fields}
    parts = [values.get(key) for key in side.keys]
    if not parts or not all(isinstance(part, str) and part for part in parts):
        return None
    folded = ["".join(unicodedata.normalize("NFKC", str(p)).upper().split()) for p in parts]
    return hashlib.sha256("\n".join([record.template or "", *folded]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fellow:
    """A page of the same form as another.

    Attributes:
        document: its id.
        side: 1-based page of the form.
    """

    document: DocumentId
    side: int


def fellows(uow: UnitOfWork, document: DocumentId) -> tuple[Standing, tuple[Fellow, ...]] | None:
    """How a page stands, and the pages of its form with itself, in order; None = not paired."""
    known = sides.get(uow, document)
    if known is None:
        return None
    pages = sides.near(uow, known.batch, [document])
    placed = _of(uow, known.batch, pages).get(document)
    if placed is None:
        return None
    numbers = {page.document: page.side.number for page in pages}
    members = (Fellow(DocumentId(one), numbers[one]) for one in placed.members)
    return placed.standing, tuple(members)


def issues_of(placed: Placed | None, side: Side) -> tuple[Issue, ...]:
    """What is wrong with the set of a page; () where it is whole, or pages are not paired."""
    if placed is None or placed.standing is Standing.PAIRED:
        return ()
    if placed.standing is Standing.UNCODED:
        return (_uncoded(side),)
    if placed.standing is Standing.TWICE:
        return (_twice(placed, side),)
    return (_missing(placed, side),)


def settle_all(db: Database) -> int:
    """Bring the issues of all pages up to date whose set has changed; how many pages those were.

    Raises:
        ServiceUnavailable: the database failed; the next time goes on.
    """
    with db.reading() as uow:
        waiting = sides.unjudged_batches(uow)
    return sum(settle_batch(db, batch) for batch in waiting)


def settle_batch(db: Database, batch: BatchId) -> int:
    """The same for one batch.

    Raises:
        ServiceUnavailable: the database failed; what was done by then stays done.
    """
    total = 0
    while True:
        with db.writing() as uow:
            flow.lock(uow, batch)
            found = sides.unjudged(uow, batch, limit=_CHUNK)
            if not found:
                return total
            total += _settle(uow, batch, found)


def _settle(uow: UnitOfWork, batch: BatchId, found: list[DocumentId]) -> int:
    near = {DocumentId(page.document) for page in sides.near(uow, batch, found)}
    # Documents first and in order, as everybody does; then what they are now is looked at.
    seen = [documents.lock(uow, document) for document in sorted(near | set(found))]
    pages = sides.near(uow, batch, found)
    placed = _of(uow, batch, pages)
    for document in seen:
        if document.state in _JUDGED:
            _judge(uow, document, placed.get(document.id))
    sides.set_judged(uow, [document.id for document in seen])
    return len(seen)


def _judge(uow: UnitOfWork, seen: Document, placed: Placed | None) -> None:
    known = sides.get(uow, seen.id)
    if known is None:
        return
    before = readings.issues_of_many(uow, [seen.id])[seen.id]
    others = [issue for issue in before if issue.rule not in _RULES]
    found = issues_of(placed, known.page.side)
    changed = set(found) != set(before) - set(others)
    if changed:
        readings.replace_issues(uow, seen.id, (*others, *found))
    state = seen.state
    if found and changed and state is DocumentState.APPROVED:
        state = DocumentState.NEEDS_REVIEW
    elif not found and known.held:
        sides.set_held(uow, seen.id, held=False)
        if _passes(uow, seen, others):
            state = DocumentState.APPROVED
    if state is not seen.state:
        documents.update(uow, seen, state=move(seen.state, state))
        standing = placed.standing.value if placed else None
        detail = {"from": seen.state.value, "to": state.value, "standing": standing}
        uow.log(AuditEntry(_ACTOR, "document.sides", "document", seen.id, detail))


def _passes(uow: UnitOfWork, seen: Document, others: list[Issue]) -> bool:
    """Whether nothing but its other sides kept the page from passing straight through."""
    free = seen.claimed_until is None or seen.claimed_until <= uow.now
    clean = all(issue.severity is Severity.INFO for issue in others)
    waits = seen.state is DocumentState.NEEDS_REVIEW
    return waits and free and clean and not chips.open_keys(uow, seen)


def _placed(uow: UnitOfWork, batch: BatchId, document: DocumentId) -> Placed | None:
    pages = sides.near(uow, batch, [document])
    return _of(uow, batch, pages).get(document)


def _of(uow: UnitOfWork, batch: BatchId, pages: list[SidePage]) -> Mapping[int, Placed]:
    options = batches.get(uow, batch).options
    return paired(pages, options.pair_by, duplex=options.duplex)


def _missing(placed: Placed, side: Side) -> Issue:
    numbers = ", ".join(str(number) for number in placed.missing)
    return Issue(
        MISSING,
        Severity.WARNING,
        side.keys,
        f"この様式の{numbers}ページ目が届いていません。用紙を探してスキャンするか、"
        "コードが正しく読めているか確かめてください。",
        f"Page {numbers} of this form has not come. Look for the sheet and scan it, or check "
        "whether the code was read rightly.",
    )


def _twice(placed: Placed, side: Side) -> Issue:
    numbers = ", ".join(str(number) for number in placed.twice)
    named = ", ".join(str(document) for document in placed.members[:_NAMED])
    return Issue(
        TWICE,
        Severity.ERROR,
        side.keys,
        f"同じ用紙の{numbers}ページ目が二つ以上あります（文書 {named}）。余分なものを破棄するか、"
        "コードを直してください。",
        f"Page {numbers} of the same form came more than once (documents {named}). Discard what is "
        "one too many, or correct the code.",
    )


def _uncoded(side: Side) -> Issue:
    return Issue(
        UNCODED,
        Severity.WARNING,
        side.keys,
        "表と裏を合わせるためのコードが読めていません。コードを入力してください。",
        "The code that tells which pages belong together could not be read. Enter it.",
    )


__all__ = [
    "MISSING",
    "SIDE_STANDINGS",
    "TWICE",
    "UNCODED",
    "Fellow",
    "code_of",
    "fellows",
    "issues_of",
    "settle_all",
    "settle_batch",
    "sides_again",
    "unsettle",
    "with_side",
]
