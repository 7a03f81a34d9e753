"""Batches are steered: urgent first, paused, cancelled; old pages are read again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ocr_service.blobs import BlobMissing, open_store
from ocr_service.blobs.aside import put_aside
from ocr_service.db import chores
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import flow
from ocr_service.db.intake.flow import Flow, Priority
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobState
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict, InvalidRequest, NotFound, TemplateUnknown
from ocr_service.domain.field import Source
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Record, Severity
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.service import querying
from ocr_service.service.chores import EVERY, do_chores
from ocr_service.service.intake import batch_control
from ocr_service.service.intake.batch_control import Steering
from ocr_service.service.intake.orphans import AGE, KEPT_ASIDE, remove_orphans
from ocr_service.service.processing.rereading import Rules, Wish, read_again
from ocr_service.service.processing.sweeping import sweep
from ocr_service.service.review.editing import Edit, answer_field
from tests.conftest import TurnableClock
from tests.service.fakes import KEY, TERMS, VERSION, Office, jpeg
from workers.tasks import answer

NEW_VERSION = "2021-06"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> TemplateLibrary:
    """The shipped templates and a newer version of one, without ``sex``."""
    folder = tmp_path_factory.mktemp("newer")
    shipped = load_library(shipped_folder()).get(f"{KEY}@{VERSION}").folder / "template.toml"
    own = folder / KEY / NEW_VERSION
    own.mkdir(parents=True)
    text = shipped.read_text("utf-8").replace(
        f'version = "{VERSION}"', f'version = "{NEW_VERSION}"'
    )
    (own / "template.toml").write_text(text, "utf-8")
    return load_library(shipped_folder(), folder)


def _send(office: Office, batch: BatchId, *seeds: int) -> list[DocumentId]:
    return [office.send(batch, jpeg(seed), f"{seed}.jpg").documents[0] for seed in seeds]


def _state(office: Office, document: DocumentId) -> DocumentState:
    with office.db.reading() as uow:
        return documents.get(uow, document).state


def _order(office: Office) -> list[str]:
    return [name for name, _, _ in office.reader.seen]


def test_pages_of_an_urgent_batch_come_first_and_of_a_later_one_last(office: Office) -> None:
    """Also those that were there before, and those that the splits make."""
    normal, later, urgent = (office.open_batch() for _ in range(3))
    _send(office, later, 1)
    with office.db.writing() as uow:
        batch_control.set_priority(uow, Steering(later, "clerk"), Priority.LATER)
    _send(office, normal, 2, 3)
    with office.db.writing() as uow:
        batch_control.set_priority(uow, Steering(urgent, "clerk"), Priority.URGENT)
    _send(office, urgent, 4, 5)
    office.work_off()
    assert _order(office) == ["4.jpg", "5.jpg", "2.jpg", "3.jpg", "1.jpg"]


def test_a_paused_batch_waits_and_others_go_on(office: Office) -> None:
    """Neither rings nor sweeps start its pages; after resuming all are read."""
    paused, other = office.open_batch(), office.open_batch()
    first, *_ = _send(office, paused, 1, 2)
    for _ in range(2):
        with office.db.writing() as uow:
            assert batch_control.pause(uow, Steering(paused, "clerk")).flow is Flow.PAUSED
    _send(office, paused, 3)
    _send(office, other, 4)
    office.work_off()
    assert sweep(office.db, office.bell, terms=TERMS, patience=-TERMS.duration).rung == 0
    assert _order(office) == ["4.jpg"]
    assert _state(office, first) is DocumentState.QUEUED
    with office.db.writing() as uow:
        batch_control.resume(uow, office.bell, Steering(paused, "clerk"))
    assert office.bell.rung
    for _ in range(6):
        answer(office.worker)
    assert sorted(_order(office)) == ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]


def test_a_page_in_hand_is_finished_when_its_batch_is_paused(office: Office) -> None:
    """Nothing that was begun is thrown away."""
    batch = office.open_batch()
    document = _send(office, batch, 1)[0]

    def pause(_index: int) -> None:
        with office.db.writing() as uow:
            batch_control.pause(uow, Steering(batch, "clerk"))

    office.reader.before = pause
    office.work_off()
    assert _state(office, document) is DocumentState.NEEDS_REVIEW


def test_a_cancelled_batch_keeps_what_was_read_and_lets_the_rest_come_again(
    office: Office,
) -> None:
    """Each page is read or discarded; the same file may be sent to a new batch."""
    batch = office.open_batch()
    read = _send(office, batch, 1)[0]
    office.work_off()
    unread = _send(office, batch, 2)[0]
    done = batch_control.cancel(office.db, Steering(batch, "clerk"))
    assert done == 1
    assert batch_control.cancel(office.db, Steering(batch, "clerk")) == 0
    office.work_off()
    assert (_state(office, read), _state(office, unread)) == ("needs_review", "discarded")
    with office.db.reading() as uow:
        assert querying.batch_status(uow, batch).settled
        assert jobs.counts(uow)[JobState.CANCELLED] == 1
        assert verify_audit_chain(uow.connection) is None
    again = office.send(office.open_batch(), jpeg(2))
    assert not again.duplicate
    with office.db.writing() as uow, pytest.raises(Conflict):
        batch_control.resume(uow, office.bell, Steering(batch, "clerk"))


def test_cancelling_goes_on_after_a_crash_and_takes_late_files(office: Office) -> None:
    """What the dead process left is put away by the next sweep."""
    batch = office.open_batch()
    documents_sent = _send(office, batch, 1, 2)
    with office.db.writing() as uow:
        flow.set_flow(uow, batch, Flow.CANCELLED)
    office.work_off()
    assert not office.reader.seen
    assert batch_control.finish_cancelling(office.db) == 2
    assert batch_control.finish_cancelling(office.db) == 0
    assert {_state(office, d) for d in documents_sent} == {DocumentState.DISCARDED}


def test_a_batch_that_is_not_there_cannot_be_steered(office: Office) -> None:
    """A named error."""
    with office.db.writing() as uow, pytest.raises(NotFound):
        batch_control.pause(uow, Steering(BatchId(4711), "clerk"))


def _answer(office: Office, library: TemplateLibrary, document: DocumentId, key: str) -> None:
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, key, "試験　次郎", version, "clerk")
        answer_field(uow, edit, library=library, check=None)


def _work_off_with_rules(office: Office, rules: Rules) -> None:
    worker = replace(office.worker, rules=rules)
    while office.bell.rung:
        office.bell.rung.pop(0)
        answer(worker)


def _no_issue(
    _uow: UnitOfWork, _document: Document, _record: Record, _template: FormTemplate
) -> tuple[Issue, ...]:
    return ()


class _NewerReader:
    """Reads what another reader reads, as the newer version of the template."""

    def __init__(self, office: Office) -> None:
        self._reader = office.reader

    def count_pages(self, data: bytes) -> int:
        """As the other."""
        return self._reader.count_pages(data)

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> object:
        """As the other, under the newer version."""
        page = self._reader.read(data, page_index, file=file, template=template)
        return replace(page, record=replace(page.record, version=NEW_VERSION))


def test_corrections_stay_in_force_when_old_pages_are_read_as_a_newer_version(
    office: Office, library: TemplateLibrary
) -> None:
    """The value, who gave it, and the machine's new answers beside it."""
    batch = office.open_batch()
    document = _send(office, batch, 1)[0]
    office.work_off()
    _answer(office, library, document, "name")
    office.reader.fields = tuple(
        replace(f, value="別人") if f.key == "name" else f for f in office.reader.fields
    )
    wish = Wish(f"{KEY}@{NEW_VERSION}", "clerk", read_as=KEY)
    done = read_again(office.db, office.bell, wish, library=library)
    assert (done.requeued, done.skipped) == (1, 0)
    newer = replace(
        office.worker,
        reader=lambda: _NewerReader(office),  # type: ignore[arg-type, return-value]  # reads alike
        rules=Rules(lambda: library, _no_issue),
    )
    answer(newer)
    with office.db.reading() as uow:
        shown, record = querying.document_record(uow, document)
    assert shown.template_version == NEW_VERSION
    name = record.field("name")
    assert (name.value, name.source) == ("試験　次郎", Source.HUMAN)
    assert name.box == library.get(f"{KEY}@{NEW_VERSION}").template.field_of("name").box
    assert record.field("sex").source is Source.MACHINE
    assert record.issues == ()


def test_the_issues_after_a_run_are_those_of_the_values_in_force(
    office: Office, library: TemplateLibrary
) -> None:
    """A machine that misreads what was corrected raises no alarm, and approves nothing wrong."""
    document = office.one_read()
    _answer(office, library, document, "name")
    judged: list[object] = []

    def check(
        _uow: UnitOfWork, _document: Document, record: Record, _template: FormTemplate
    ) -> tuple[Issue, ...]:
        judged.append(record.field("name").value)
        return (Issue("x", Severity.ERROR, ("name",), "名", "Name"),)

    office.reader.state = DocumentState.APPROVED
    with office.db.reading() as uow:
        batch = documents.get(uow, document).batch
    read_again(office.db, office.bell, Wish(KEY, "clerk", batch=batch), library=library)
    _work_off_with_rules(office, Rules(lambda: library, check))
    with office.db.reading() as uow:
        shown, record = querying.document_record(uow, document)
    assert judged == ["試験　次郎"]
    assert shown.state is DocumentState.NEEDS_REVIEW
    assert [issue.rule for issue in record.issues] == ["x"]


def test_reading_again_skips_what_is_approved_or_before_somebodys_eyes(
    office: Office, library: TemplateLibrary, clock: TurnableClock
) -> None:
    """And asked for twice it queues nothing twice."""
    batch = office.open_batch()
    free, approved, watched = _send(office, batch, 1, 2, 3)
    office.work_off()
    with office.db.writing() as uow:
        seen = documents.get(uow, approved)
        documents.update(uow, seen, state=DocumentState.APPROVED)
        documents.set_claim(uow, watched, by="clerk", until=clock() + timedelta(minutes=5))
    wish = Wish(KEY, "clerk", batch=batch)
    first = read_again(office.db, office.bell, wish, library=library)
    second = read_again(office.db, office.bell, wish, library=library)
    assert (first.requeued, first.skipped) == (1, 2)
    assert (second.requeued, second.skipped) == (0, 3)
    assert _state(office, free) is DocumentState.QUEUED
    with pytest.raises(TemplateUnknown):
        read_again(office.db, office.bell, Wish("gone", "clerk", batch), library=library)
    with pytest.raises(InvalidRequest):
        Wish(KEY, "clerk")


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_bytes_that_are_named_while_they_lie_aside_come_back(
    office: Office, clock: TurnableClock, tmp_path: Path, kind: str
) -> None:
    """The race of an upload with the clearing: it found the bytes and did not write them again."""
    blobs = open_store("memory://") if kind == "memory" else open_store(str(tmp_path / "blobs"))
    office = replace(office, blobs=blobs)
    sha256 = blobs.put(jpeg(1))
    clock.now = datetime.now(UTC) + AGE + timedelta(hours=1)
    assert remove_orphans(office.db, blobs) == 0
    assert not blobs.exists(sha256)
    office.send(office.open_batch(), jpeg(2))
    with office.db.writing() as uow:
        uow.connection.execute(sa.text("UPDATE files SET sha256 = :s"), {"s": sha256})
    assert blobs.get(sha256) == jpeg(1)
    with blobs.open(sha256) as file:
        assert file.read() == jpeg(1)
    clock.advance(KEPT_ASIDE.total_seconds())
    assert remove_orphans(office.db, blobs) == 0
    assert blobs.exists(sha256)
    put_aside(blobs, "0" * 64)


def test_chores_are_done_once_an_hour_by_one_process(db: Database, clock: TurnableClock) -> None:
    """Even if two ask in the same moment, or a clock was once far ahead."""
    won: list[bool] = []

    def ask() -> None:
        with db.writing() as uow:
            won.append(chores.claim_due(uow, "x", every=EVERY))

    ask()
    clock.advance(EVERY.total_seconds())
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, False, True]
    clock.advance(-1e7)
    with db.reading() as uow:
        assert chores.is_due(uow, "x", every=EVERY)
    ask()
    assert won[-1]


def test_the_chores_clear_the_store(db: Database, clock: TurnableClock) -> None:
    """An orphan is aside after the first time, and gone after a later one."""
    blobs = open_store("memory://")
    sha256 = blobs.put(b"left by a crash")
    do_chores(db, blobs)
    removed = []
    clock.now = datetime.now(UTC) + AGE
    for _ in range(8):
        clock.advance(EVERY.total_seconds() + 1)
        removed.append(do_chores(db, blobs))
    assert sum(removed) == 1
    with pytest.raises(BlobMissing):
        blobs.get(sha256)


def test_every_state_of_a_page_survives_steering(office: Office) -> None:
    """Pausing, raising and cancelling lose no page: each is in exactly one state."""
    batch = office.open_batch()
    office.reader.pages = 4
    office.send(batch, jpeg(1))
    answer(office.worker)
    answer(office.worker)
    with office.db.writing() as uow:
        batch_control.pause(uow, Steering(batch, "a"))
        batch_control.set_priority(uow, Steering(batch, "a"), Priority.URGENT)
        batch_control.resume(uow, office.bell, Steering(batch, "a"))
    answer(office.worker)
    assert batch_control.cancel(office.db, Steering(batch, "a")) == 2
    with office.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch))
    assert [d.state.value for d in found] == ["needs_review"] * 2 + ["discarded"] * 2
