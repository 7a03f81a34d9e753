"""Which records go into a claim, as what, and why the others do not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ocr_service.billing.bills import Bill, BillingRules, Judged, bill_of
from ocr_service.billing.claim import Line, Role
from ocr_service.billing.facts import FormBilling, facts_of
from ocr_service.billing.prices import PriceBook
from ocr_service.billing.reasons import Reason
from ocr_service.db.billing import claim_lines
from ocr_service.db.billing.claim_lines import Wanted
from ocr_service.db.billing.claims import ClaimState, NewLine, StoredLine
from ocr_service.db.ids import BatchId, ClaimLineId, DocumentId
from ocr_service.db.records import records
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.service.billing.setup import BillingSetup
from ocr_service.service.export.blocking import blocking_rules

# What an operator still has to set up says nothing about the form: what was billed stays billed.
_UNDECIDED = frozenset(
    {Reason.NO_PRICE, Reason.HOME_UNKNOWN, Reason.FORM_UNKNOWN, Reason.BLOCKING_ISSUE}
)


@dataclass(frozen=True, slots=True)
class ClaimWish:
    """What a claim shall cover.

    Attributes:
        month: billing month, ``YYYY-MM``: the month of submission.
        until: last day of vaccination that it covers.
        batch: only of this batch.
        template: only this form.
        institution: only this institution, ten digits.
    """

    month: str
    until: dt.date
    batch: BatchId | None = None
    template: str | None = None
    institution: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A record that is not in the claim.

    Attributes:
        document: its document.
        file: name of the file.
        page: 1-based.
        reasons: why.
    """

    document: DocumentId
    file: str
    page: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """What a claim would hold.

    Attributes:
        lines: in the order of the papers.
        held: what is left out.
        checked: lines whose documents changed without a change of the bill, with the version.
    """

    lines: tuple[NewLine, ...]
    held: tuple[Held, ...]
    checked: tuple[tuple[ClaimLineId, int], ...]

    @property
    def reasons(self) -> dict[str, int]:
        """How many records are held for each reason."""
        return dict(Counter(reason.value for held in self.held for reason in held.reasons))


@dataclass(slots=True)
class _Basket:
    lines: list[NewLine] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    checked: list[tuple[ClaimLineId, int]] = field(default_factory=list)

    def hold(self, document: Document, *reasons: Reason) -> None:
        self.held.append(Held(document.id, document.file_name, document.page, reasons))


class Judge:
    """Judges records by one setup; prices are looked up in one book for all of them."""

    def __init__(self, setup: BillingSetup) -> None:
        self._forms = setup.forms
        self._book: PriceBook = setup.book
        self._rules: BillingRules = setup.rules

    def judge(self, record: Record, *, blocked: bool) -> Judged:
        """What the record is billed as, or why not.

        Args:
            record: as it stands.
            blocked: it breaks a rule that nobody overrode.
        """
        form = self._form(record)
        if form is None:
            return Judged(None, (Reason.FORM_UNKNOWN,))
        if blocked:
            return Judged(None, (Reason.BLOCKING_ISSUE,))
        values = {value.key: value.value for value in record.fields}
        return bill_of(facts_of(values, form), self._book, self._rules)

    def institution(self, record: Record) -> str | None:
        """Whose form it is."""
        form = self._form(record)
        values = {value.key: value.value for value in record.fields}
        return None if form is None else facts_of(values, form).institution

    def _form(self, record: Record) -> FormBilling | None:
        return self._forms.get(record.template or "")


def pick(uow: UnitOfWork, setup: BillingSetup, wish: ClaimWish) -> Picked:
    """Look at everything that may be billed now; changes nothing."""
    judge, basket = Judge(setup), _Basket()
    wanted = Wanted(wish.batch, wish.template)
    for document, record, line, blocked in _with_records(uow, wanted):
        if line is not None and line.claim_state is ClaimState.DRAFT:
            continue
        billed_by = line.bill.institution if line is not None and line.live else None
        whose = {judge.institution(record), billed_by}
        if wish.institution is None or wish.institution in whose:
            _place(basket, document, judge.judge(record, blocked=blocked), line, wish)
    for waiting in claim_lines.waiting(uow, wanted):
        lines = claim_lines.newest_of_documents(uow, [document.id for document in waiting])
        for document in waiting:
            line = lines.get(document.id)
            billed = line is not None and line.live
            basket.hold(document, Reason.UNDER_REVIEW_SINCE if billed else Reason.NOT_APPROVED)
    return Picked(_ordered(basket.lines), tuple(basket.held), tuple(basket.checked))


def _with_records(
    uow: UnitOfWork, wanted: Wanted
) -> Iterator[tuple[Document, Record, StoredLine | None, bool]]:
    for chunk in claim_lines.candidates(uow, wanted):
        found = records.load_many(uow, chunk)
        ids = [document.id for document in chunk]
        lines = claim_lines.newest_of_documents(uow, ids)
        blocked = blocking_rules(uow, ids)
        for document in chunk:
            yield document, found[document.id], lines.get(document.id), document.id in blocked


def _place(
    basket: _Basket,
    document: Document,
    judged: Judged,
    line: StoredLine | None,
    wish: ClaimWish,
) -> None:
    if line is not None and line.live:
        _place_billed(basket, document, judged, line)
        return
    bill = judged.bill
    if bill is None:
        basket.hold(document, *judged.reasons)
    elif bill.day > wish.until:
        basket.hold(document, Reason.AFTER_PERIOD)
    elif line is None:
        basket.lines.append(NewLine(document.id, document.version, Role.NEW, bill))
    elif line.claim_month >= wish.month:
        basket.hold(document, Reason.RETURNED_SAME_MONTH)
    else:
        again = NewLine(document.id, document.version, Role.REENTRY, bill, line.id)
        basket.lines.append(again)


def _place_billed(basket: _Basket, document: Document, judged: Judged, line: StoredLine) -> None:
    """A document that was billed and has changed since: the same bill, another, or none."""
    away = document.state is DocumentState.DISCARDED
    bill = None if away else judged.bill
    if bill is not None and bill.digest == line.digest:
        basket.checked.append((line.id, document.version))
        return
    if bill is None and not away:
        basket.hold(document, *judged.reasons)
        if _UNDECIDED & set(judged.reasons):
            return
    back = NewLine(document.id, document.version, Role.REVERSAL, line.bill, line.id)
    basket.lines.append(back)
    if bill is not None:
        anew = NewLine(document.id, document.version, Role.CORRECTION, bill, line.id)
        basket.lines.append(anew)


def _ordered(lines: list[NewLine]) -> tuple[NewLine, ...]:
    def place(line: NewLine) -> tuple[str, str, str, dt.date, int, bool]:
        bill: Bill = line.bill
        late = line.role is not Role.REVERSAL
        return (bill.route, bill.municipality, bill.institution, bill.day, line.document, late)

    return tuple(sorted(lines, key=place))


def as_lines(lines: tuple[NewLine, ...]) -> list[Line]:
    """Lines to be added up; nobody's name on them."""
    return [
        Line(number, line.document, line.version, line.role, line.bill)
        for number, line in enumerate(lines, start=1)
    ]


__all__ = ["ClaimWish", "Held", "Judge", "Picked", "as_lines", "pick"]
