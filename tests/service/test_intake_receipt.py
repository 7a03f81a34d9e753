"""Receipts add up, pages lie behind their separators, blanks are put away and reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.intake.arrivals import Arrival, Outcome
from ocr_service.db.intake.batches import Batch, BatchOptions
from ocr_service.db.intake.page_rows import PageRow
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.pairing import Side, SidePage
from ocr_service.domain.record import Failure, Record
from ocr_service.pipeline.result import ReadPage
from ocr_service.pipeline.sheets import (
    SEPARATOR,
    Separator,
    SheetKind,
    find_separator,
    parse_separator,
    sheet_kind,
)
from ocr_service.service.intake import intake
from ocr_service.service.intake.likeness import distance, record_key
from ocr_service.service.intake.receipt import batch_receipt, summed
from ocr_service.service.intake.sheets import places_of
from tests.service.fakes import FakeReader, Office, jpeg, value_of

HERE, THERE, OPENED = BatchId(1), BatchId(2), BatchId(3)
BLANK = Failure("page.blank", "blank")


def row(number: int, file: int = 1, **changes: object) -> PageRow:
    """A page."""
    found = PageRow(
        document=DocumentId(100 * file + number),
        file=FileId(file),
        file_name=f"{file}.pdf",
        media_type="application/pdf",
        arrived_in=HERE,
        batch=HERE,
        page=number,
        sheet=number,
        state=DocumentState.NEEDS_REVIEW,
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # any attribute of a row


def batch_with(options: BatchOptions) -> Batch:
    """A batch."""
    return Batch(HERE, "", None, "clerk", datetime(2026, 1, 1, tzinfo=UTC), options)


ARCHIVE = "application/zip"


@st.composite
def intakes(draw: st.DrawFn) -> tuple[list[Arrival], list[PageRow]]:
    """Files that reached a batch or another one, and what became of their pages."""
    came: list[Arrival] = []
    pages: list[PageRow] = []
    for file in range(1, draw(st.integers(1, 6)) + 1):
        outcome = draw(st.sampled_from(Outcome))
        here = draw(st.booleans())
        if here:
            came.append(Arrival(HERE, f"{file}", outcome, FileId(file)))
        if outcome is not Outcome.NEW:
            continue
        packed = here and draw(st.booleans())
        for number in range(1, 2 if packed else draw(st.integers(1, 4)) + 1):
            belongs = draw(st.sampled_from([HERE, THERE])) if here else HERE
            pages.append(
                row(
                    number,
                    file,
                    state=draw(st.sampled_from(DocumentState)),
                    failure_code=draw(st.sampled_from([None, "page.blank", "page.separator"])),
                    arrived_in=HERE if here else THERE,
                    batch=HERE if packed else belongs,
                    media_type=ARCHIVE if packed else "application/pdf",
                )
            )
    return came, pages


@given(intakes(), st.builds(BatchOptions, st.one_of(st.none(), st.integers(0, 5)), st.booleans()))
def test_the_numbers_of_a_receipt_add_up_whatever_came(
    came_and_pages: tuple[list[Arrival], list[PageRow]], options: BatchOptions
) -> None:
    """Files and pages, both ways; and every document is in one state."""
    came, pages = came_and_pages
    sides = [
        SidePage(p.document, "f", Side(p.page % 2 + 1, (1, 2), ("c",)), code, p.file, p.sheet)
        for p, code in zip(pages, "abacabadabacabadabacabada", strict=False)
        if p.batch == HERE and p.media_type != ARCHIVE
    ]
    found = summed(batch_with(options), came, pages, sides)
    s = found.sides
    assert s.pages == len(sides) == s.paired + s.alone + s.twice + s.uncoded
    assert len(found.unpaired) == s.pages - s.paired
    f, p = found.files, found.pages
    assert f.received == len(came) == f.taken + f.archives + f.duplicates + f.rejected
    assert f.rejected == len(found.rejects)
    assert p.received == p.documents + p.blanks + p.separators + p.discarded
    assert p.received == p.scanned_here + p.moved_in - p.moved_out
    assert sum(found.states.values()) == p.documents
    assert 0 <= found.sheets <= p.received
    known = options.announced is not None and found.settled
    assert found.as_announced == ((options.announced == found.sheets) if known else None)


def test_a_separator_rules_the_rest_of_its_file() -> None:
    """And no file after it."""
    pages = [row(1), row(2, opens=OPENED), row(3), row(1, 2)]
    places = places_of(pages, HERE)
    assert [places[r.document] for r in pages] == [HERE, HERE, OPENED, HERE]


def test_a_file_that_is_nothing_but_a_separator_rules_the_files_after_it() -> None:
    """Also where its back was scanned and is blank, up to the next such file."""
    blank = {"state": DocumentState.DISCARDED, "failure_code": "page.blank"}
    pages = [
        row(1, 1),
        row(1, 2, opens=OPENED),
        row(2, 2, **blank, sheet=1),
        row(1, 3),
        row(1, 4, opens=THERE),
        row(1, 5),
    ]
    places = places_of(pages, HERE)
    assert [places[r.document] for r in pages] == [HERE, HERE, HERE, OPENED, OPENED, THERE]


@given(st.permutations([2, 5, 7]))
def test_places_depend_on_the_order_of_pages_not_on_that_of_finding(order: list[int]) -> None:
    """Workers find separators in any order."""
    opened = {2: BatchId(12), 5: BatchId(15), 7: BatchId(17)}
    found: dict[int, BatchId] = {}
    places: Mapping[DocumentId, BatchId] = {}
    for number in order:
        found[number] = opened[number]
        places = places_of([row(n, opens=found.get(n)) for n in range(1, 10)], HERE)
    told = [places[DocumentId(100 + n)] for n in range(1, 10)]
    assert told == [1, 1, 12, 12, 12, 15, 15, 17, 17]


@given(
    st.text(max_size=80),
    st.one_of(st.none(), st.just("a@1")),
    st.one_of(st.none(), st.integers(0, 9999)),
)
def test_what_a_separator_says_is_read_back(
    name: str, template: str | None, sheets: int | None
) -> None:
    """Any name, also with the marks that part the text."""
    printable = "".join(c for c in name if c.isprintable()).strip()
    told = Separator(printable, template, sheets)
    assert parse_separator(told.text) == told


def test_other_symbols_are_no_separators() -> None:
    """A voucher's QR code is not one."""
    assert parse_separator("2012345678901234567") is None
    assert parse_separator("OCRSVC;sheets=x;new=1") == Separator()


def test_a_side_is_blank_a_separator_or_a_form() -> None:
    """A drawn symbol, in all four directions; white paper; bars."""
    import segno  # noqa: PLC0415 - only here

    code = np.array([list(r) for r in segno.make(Separator("朝").text, micro=False).matrix_iter()])
    page = np.full((3508, 2480), 255, np.uint8)
    assert sheet_kind(page) is SheetKind.BLANK
    symbol = np.kron(np.where(code > 0, 0, 255).astype(np.uint8), np.ones((30, 30), np.uint8))
    page[600 : 600 + symbol.shape[0], 600 : 600 + symbol.shape[1]] = symbol
    for quarter in range(4):
        assert find_separator(np.ascontiguousarray(np.rot90(page, quarter))) == Separator("朝")
    page[600:2600, 600:2000:40] = 0
    page[600:2600, 610:2000:40] = 0
    page[600:2600, 600:620] = 0
    page[600:1600, 600:1600] = 255
    page[700:1500, 700:1500:50] = 0
    assert sheet_kind(page) is SheetKind.FORM


@dataclass
class SortingReader(FakeReader):
    """Reads pages as the test lists them: form, blank or separator."""

    kinds: tuple[str, ...] = ()

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """What the test says of this page."""
        kind = self.kinds[page_index]
        if kind == "form":
            return super().read(data, page_index, file=file, template=template)
        failure = BLANK if kind == "blank" else SEPARATOR
        state = DocumentState.UNMATCHED
        record = Record(file, page_index + 1, None, None, state, None, (), (), failure)
        separator = Separator("午後", None, 2) if kind == "separator" else None
        return ReadPage(record, jpeg(), 0.0, {}, separator)


def _read(office: Office, kinds: tuple[str, ...], options: BatchOptions) -> BatchId:
    office.reader = SortingReader(pages=len(kinds), kinds=kinds)
    with office.db.writing() as uow:
        batch = intake.create_batch(uow, name="午前", template=None, actor="clerk", options=options)
    office.send(batch, jpeg(), "stack.pdf")
    office.work_off()
    return batch


def test_a_duplex_stack_with_blanks_and_a_separator_becomes_two_batches(office: Office) -> None:
    """Sheets: form + blank, separator + blank, form + form, form + blank."""
    kinds = ("form", "blank", "separator", "blank", "form", "form", "form", "blank")
    batch = _read(office, kinds, BatchOptions(1, duplex=True))
    with office.db.reading() as uow:
        first = batch_receipt(uow, batch)
        second = batch_receipt(uow, first.opened[0])
        sheets = [d.sheet for d in documents.page(uow, DocumentFilter())]
    assert sheets == [1, 1, 2, 2, 3, 3, 4, 4]
    p = first.pages
    assert (p.received, p.documents, p.blanks, p.separators, p.moved_out) == (4, 1, 2, 1, 4)
    assert (first.sheets, first.as_announced) == (1, True)
    p = second.pages
    assert (p.received, p.documents, p.blanks, p.separators, p.moved_in) == (4, 3, 1, 0, 4)
    assert (second.batch.name, second.sheets, second.as_announced) == ("午後", 2, True)


def test_a_blank_page_stays_for_people_where_the_batch_says_so(office: Office) -> None:
    """In a single image, unless the batch asks otherwise."""
    batch = _read(office, ("blank",), BatchOptions())
    with office.db.reading() as uow:
        found = batch_receipt(uow, batch)
    assert (found.pages.blanks, [u.code for u in found.unread]) == (0, ["page.blank"])
    office.bell.rung.clear()


def test_blank_pages_are_put_away_in_files_of_several_pages(office: Office) -> None:
    """Reported, not silent."""
    batch = _read(office, ("form", "blank"), BatchOptions(announced=2))
    with office.db.reading() as uow:
        found = batch_receipt(uow, batch)
        put_away = documents.page(uow, DocumentFilter(batch=batch))[1]
    assert (found.pages.received, found.pages.blanks, found.sheets) == (2, 1, 1)
    assert found.as_announced is False
    assert (put_away.state, put_away.failure_code) == (DocumentState.DISCARDED, "page.blank")


def test_two_pages_of_one_voucher_and_dose_are_noticed(office: Office) -> None:
    """The second has a warning that names the first; an approved one is looked at after all."""
    office.reader.fields = (
        value_of("voucher_municipality_code", "131016"),
        value_of("voucher_number", "0123456789"),
        value_of("voucher_dose", "1"),
    )
    office.reader.issues = ()
    office.reader.state = DocumentState.APPROVED
    batch = office.open_batch()
    for seed in (1, 2):
        office.send(batch, jpeg(seed))
        office.work_off()
    with office.db.reading() as uow:
        first, second = documents.page(uow, DocumentFilter(batch=batch))
        issues = records.load(uow, second).issues
        assert records.load(uow, first).issues == ()
    assert [issue.rule for issue in issues] == ["document.same_record"]
    assert (first.state, second.state) == (DocumentState.APPROVED, DocumentState.NEEDS_REVIEW)


@dataclass
class PicturingReader(FakeReader):
    """Gives each file the view that the test says."""

    views: dict[str, bytes] = field(default_factory=dict)

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """An unlike picture for each sheet."""
        page = super().read(data, page_index, file=file, template=template)
        return replace(page, view_jpeg=self.views[file])


def test_a_second_scan_of_a_sheet_is_noticed_by_its_look(office: Office) -> None:
    """Other bytes, some noise, the same writing; a form with other writing is not like it."""
    rng = np.random.default_rng(7)

    def scan(sheet: np.ndarray) -> bytes:
        noisy = np.clip(sheet + rng.normal(0, 3, sheet.shape), 0, 255).astype(np.uint8)
        return bytes(cv2.imencode(".jpg", noisy)[1])

    one, other = (
        cv2.resize(rng.integers(0, 255, (34, 34)).astype(np.float32), (660, 660)) for _ in range(2)
    )
    views = {"a.jpg": scan(one), "again.jpg": scan(one), "other.jpg": scan(other)}
    office.reader = PicturingReader(issues=(), state=DocumentState.APPROVED, views=views)
    batch = office.open_batch()
    for seed, name in enumerate(views):
        office.send(batch, jpeg(seed), name)
        office.work_off()
    with office.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch))
        rules = [[issue.rule for issue in records.load(uow, d).issues] for d in found]
    assert rules == [[], ["document.looks_alike"], []]
    states = [DocumentState.APPROVED, DocumentState.NEEDS_REVIEW, DocumentState.APPROVED]
    assert [d.state for d in found] == states


def test_a_record_key_needs_all_of_its_parts() -> None:
    """A voucher without a dose is nobody's record."""
    fields = tuple(value_of(k, "1") for k in ("voucher_municipality_code", "voucher_number"))
    record = FakeReader(fields=fields).record("a", 1)
    assert record_key(record) is None
    whole = FakeReader(fields=(*fields, value_of("voucher_dose", "2"))).record("a", 1)
    assert record_key(whole) is not None


def test_the_distance_of_looks_counts_bits() -> None:
    """Of the whole hash."""
    assert distance("ff" * 128, "fe" * 128) == 128
