"""Sides of a form find each other, whatever order workers read them in; gaps go to people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import permutations
from threading import Barrier

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import sides
from ocr_service.db.intake.batches import BatchOptions
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.pairing import PairBy, Side
from ocr_service.domain.record import Record
from ocr_service.pipeline.result import ReadPage
from ocr_service.service.intake import intake
from ocr_service.service.intake.intake_issues import intake_issues
from ocr_service.service.intake.pairing import MISSING, TWICE, UNCODED, settle_all
from ocr_service.service.intake.receipt import BatchReceipt, batch_receipt
from ocr_service.service.processing.working import take, work
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import FakeReader, Office, jpeg, value_of

APPROVED, REVIEW = DocumentState.APPROVED, DocumentState.NEEDS_REVIEW


@dataclass
class TwoSidedReader(FakeReader):
    """Reads sides and codes as the test lists them, by file and page.

    Attributes:
        sides: side and code of each page, by the name of its file.
    """

    sides: dict[str, tuple[tuple[int, str | None], ...]] = field(default_factory=dict)

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """What the test says of this page."""
        number, code = self.sides[file][page_index]
        self.fields = (value_of("sheet_code", code),)
        self.issues = ()
        page = super().read(data, page_index, file=file, template=template)
        return replace(page, side=Side(number, (1, 2), ("sheet_code",)))


def _batch(office: Office, options: BatchOptions) -> BatchId:
    with office.db.writing() as uow:
        return intake.create_batch(uow, name="両面", template=None, actor="clerk", options=options)


def _read(
    office: Office,
    files: Sequence[tuple[tuple[int, str | None], ...]],
    options: BatchOptions | None = None,
) -> BatchId:
    """Send files of pages one after the other and read them; faultless pages pass by themselves."""
    named = {f"{number}.jpg": pages for number, pages in enumerate(files)}
    office.reader = TwoSidedReader(state=APPROVED, sides=named)
    batch = _batch(office, options or BatchOptions())
    for seed, (name, pages) in enumerate(named.items()):
        office.reader.pages = len(pages)
        office.send(batch, jpeg(seed), name)
        office.work_off()
    return batch


def _look(office: Office, batch: BatchId) -> tuple[BatchReceipt, dict[str, tuple[str, set[str]]]]:
    """The receipt; state and issues by file and page."""
    with office.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch))
        whole = {d.id: records.load(uow, d) for d in found}
        receipt = batch_receipt(uow, batch)
    told = {
        f"{d.file_name}:{d.page}": (d.state.value, {i.rule for i in whole[d.id].issues})
        for d in found
    }
    s = receipt.sides
    assert s.pages == s.paired + s.alone + s.twice + s.uncoded
    assert len(receipt.unpaired) == s.pages - s.paired
    return receipt, told


def _document(office: Office, batch: BatchId, number: int) -> DocumentId:
    with office.db.reading() as uow:
        return documents.page(uow, DocumentFilter(batch=batch))[number].id


def test_sides_in_files_of_their_own_pass_once_both_are_there_in_any_order(office: Office) -> None:
    """Two papers, four files, orders that begin with a front, a back, or one of each."""
    pages: list[tuple[int, str | None]] = [(1, "a"), (2, "a"), (1, "ｂ 1"), (2, "B1")]
    for order in list(permutations(pages))[::7]:
        batch = _read(office, [(page,) for page in order])
        receipt, told = _look(office, batch)
        assert set(map(str, told.values())) == {str(("approved", set()))}
        assert (receipt.sides.forms, receipt.sides.paired, receipt.unpaired) == (2, 4, ())
        for number in range(4):
            with office.db.writing() as uow:
                reviewing.discard(uow, Decision(_document(office, batch, number), "clerk"))


def test_a_side_whose_partner_never_comes_waits_for_a_person_and_is_in_the_receipt(
    office: Office,
) -> None:
    """A page without a readable code too; when the partner comes after all, it passes."""
    batch = _read(office, [((2, "a"),), ((1, None),)])
    receipt, told = _look(office, batch)
    assert told == {
        "0.jpg:1": ("needs_review", {MISSING}),
        "1.jpg:1": ("needs_review", {UNCODED}),
    }
    assert [(u.name, u.page, u.code) for u in receipt.unpaired] == [
        ("0.jpg", 1, MISSING),
        ("1.jpg", 1, UNCODED),
    ]
    assert receipt.settled
    assert isinstance(office.reader, TwoSidedReader)
    office.reader.sides["late.jpg"] = ((1, "a"),)
    office.send(batch, jpeg(9), "late.jpg")
    office.work_off()
    receipt, told = _look(office, batch)
    assert told["0.jpg:1"] == told["late.jpg:1"] == ("approved", set())
    assert (receipt.sides.paired, receipt.sides.uncoded) == (2, 1)


def test_two_fronts_with_one_code_block_until_one_is_discarded(office: Office) -> None:
    """All three pages are named; what had passed is taken back, and stays with a person then."""
    batch = _read(office, [((1, "a"),), ((2, "a"),), ((1, "a"),)])
    receipt, told = _look(office, batch)
    assert set(map(str, told.values())) == {str(("needs_review", {TWICE}))}
    assert (receipt.sides.twice, receipt.sides.forms) == (3, 0)
    with office.db.writing() as uow:
        reviewing.discard(uow, Decision(_document(office, batch, 2), "clerk"))
    settle_all(office.db)
    receipt, told = _look(office, batch)
    assert told["0.jpg:1"] == told["1.jpg:1"] == ("needs_review", set())
    assert (receipt.sides.paired, receipt.pages.discarded, receipt.unpaired) == (2, 1, ())


def test_a_code_that_a_person_corrects_finds_its_partner_and_leaves_the_wrong_one(
    office: Office,
) -> None:
    """The back was read with another paper's code, as if that had two backs; both now pass."""
    batch = _read(office, [((1, "a"),), ((1, "b"),), ((2, "a"),), ((2, "a"),)])
    last = _document(office, batch, 3)
    with office.db.writing() as uow:
        seen = documents.lock(uow, last)
        record: Record = replace(records.load(uow, seen), fields=(value_of("sheet_code", "b"),))
        assert intake_issues(uow, last, record) == ()
        known = sides.get(uow, last)
    assert known is not None
    settle_all(office.db)
    receipt, told = _look(office, batch)
    assert (receipt.sides.forms, receipt.sides.paired) == (2, 4)
    assert told["1.jpg:1"] == told["3.jpg:1"] == ("approved", set())
    assert told["0.jpg:1"] == told["2.jpg:1"] == ("needs_review", set())


def test_sides_that_two_workers_read_at_the_same_moment_find_each_other(office: Office) -> None:
    """Neither sees the other's page while it stores its own; the last to look sees both."""
    both = Barrier(2, timeout=60)
    named: dict[str, tuple[tuple[int, str | None], ...]] = {
        "front.jpg": ((1, "a"),),
        "back.jpg": ((2, "a"),),
    }

    def meet(_page: int) -> None:
        both.wait()

    office.reader = TwoSidedReader(state=APPROVED, sides=named, before=meet)
    batch = _batch(office, BatchOptions())
    for seed, name in enumerate(named):
        office.send(batch, jpeg(seed), name)
    office.split_only()
    office.split_only()
    workers = [office.worker_with(_reader_of(office), name) for name in ("w1", "w2")]
    leases = [next(take(worker)) for worker in workers]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, workers, leases))
    office.bell.rung.clear()
    receipt, told = _look(office, batch)
    assert set(map(str, told.values())) == {str(("approved", set()))}
    assert receipt.sides.paired == 2


def _reader_of(office: Office) -> Callable[[], FakeReader]:
    """A reader of each worker's own, as processes have; they share only the test's barrier."""
    own = replace(office.reader)
    return lambda: own


def test_a_page_that_loses_its_partner_goes_back_to_people(office: Office) -> None:
    """It was approved; what a person approved with the gap in view is left alone."""
    batch = _read(office, [((1, "a"),), ((2, "a"),)])
    front, back = _document(office, batch, 0), _document(office, batch, 1)
    with office.db.writing() as uow:
        reviewing.discard(uow, Decision(back, "clerk"))
    settle_all(office.db)
    assert _look(office, batch)[1]["0.jpg:1"] == ("needs_review", {MISSING})
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(front, "clerk"))
        sides.stir(uow, [front])
    settle_all(office.db)
    assert _look(office, batch)[1]["0.jpg:1"] == ("approved", {MISSING})


def test_duplex_scans_are_paired_by_order_where_the_batch_says_so(office: Office) -> None:
    """Codes do not count then; sheets do, and one with two fronts is a conflict."""
    files = [((1, "a"), (2, "b"), (1, "c"), (1, "d"))]
    options = BatchOptions(duplex=True, pair_by=PairBy.ORDER)
    receipt, told = _look(office, _read(office, files, options))
    assert [told[f"0.jpg:{n}"][1] for n in (1, 2, 3, 4)] == [set(), set(), {TWICE}, {TWICE}]
    assert (receipt.sides.forms, receipt.sides.twice) == (1, 2)


def test_pages_are_not_paired_where_the_batch_says_so(office: Office) -> None:
    """Nothing is held back and nothing is counted."""
    receipt, told = _look(office, _read(office, [((2, "a"),)], BatchOptions(pair_by=PairBy.OFF)))
    assert told == {"0.jpg:1": ("approved", set())}
    assert receipt.sides.pages == 0
