"""Jobs are done once, whatever dies in between."""

from __future__ import annotations

from dataclasses import replace

from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.ids import DocumentId
from ocr_service.db.intake import flow
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobState
from ocr_service.db.records import documents, records
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import ServiceUnavailable, TemplateUnknown
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.service import querying
from ocr_service.service.processing.sweeping import Swept, sweep
from ocr_service.service.processing.working import take, work
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.conftest import TurnableClock
from tests.service.fakes import KEY, TERMS, FakeReader, Office, jpeg
from workers.tasks import answer


def _record(office: Office, document: DocumentId) -> Record:
    with office.db.reading() as uow:
        return querying.document_record(uow, document)[1]


def test_a_page_goes_from_upload_to_record(office: Office) -> None:
    """What the reader gave comes back unchanged, value by value."""
    receipt = office.send(office.open_batch(), jpeg(), name="予診票.jpg")
    office.work_off()
    record = _record(office, receipt.documents[0])
    expected = office.reader.record("予診票.jpg", 1)
    assert record.fields == expected.fields
    assert record.issues == expected.issues
    assert record.registration is not None
    assert record.registration.homography.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert (record.file, record.page, record.state) == (expected.file, 1, expected.state)


def test_a_file_of_many_pages_becomes_as_many_documents(office: Office) -> None:
    """In order, each read once, with the batch's template."""
    office.reader.pages = 5
    batch = office.open_batch(template=KEY)
    office.send(batch, jpeg())
    office.work_off()
    with office.db.reading() as uow:
        found = querying.list_documents(uow, DocumentFilter(batch=batch)).documents
        counts = querying.batch_status(uow, batch)
    assert [document.page for document in found] == [1, 2, 3, 4, 5]
    assert sorted(index for _, index, _ in office.reader.seen) == [0, 1, 2, 3, 4]
    assert {template for _, _, template in office.reader.seen} == {KEY}
    assert counts.counts[DocumentState.NEEDS_REVIEW] == 5
    assert counts.settled


def test_a_damaged_file_is_one_failed_document_and_the_batch_goes_on(office: Office) -> None:
    """Its code and advice are shown; the next file is read."""
    batch = office.open_batch()
    office.reader.damaged = True
    bad = office.send(batch, jpeg(1))
    office.work_off()
    office.reader.damaged = False
    good = office.send(batch, jpeg(2))
    office.work_off()
    failed = _record(office, bad.documents[0])
    assert failed.state is DocumentState.FAILED
    assert failed.failure is not None
    assert failed.failure.code == "file.damaged"
    assert _record(office, good.documents[0]).state is DocumentState.NEEDS_REVIEW


def test_a_failed_split_may_be_tried_again(office: Office) -> None:
    """Retrying a document of an unsplit file splits the file."""
    office.reader.damaged = True
    document = office.one_read()
    office.reader = FakeReader(pages=2)
    with office.db.writing() as uow:
        reviewing.retry(uow, office.bell, Decision(document, "clerk"))
    office.work_off()
    assert len(office.reader.seen) == 2
    assert _record(office, document).failure is None


def test_an_unmatched_page_waits_for_its_template_and_is_read_as_that(office: Office) -> None:
    """The chosen template reaches the reader."""
    office.reader.state = DocumentState.UNMATCHED
    document = office.one_read()
    unmatched = _record(office, document)
    assert unmatched.failure is not None
    assert unmatched.failure.nearest == (KEY,)
    office.reader.state = DocumentState.NEEDS_REVIEW
    with office.db.writing() as uow:
        seen = documents.get(uow, document)
        documents.update(uow, seen, wanted_template=KEY)
    with office.db.writing() as uow:
        reviewing.retry(uow, office.bell, Decision(document, "clerk"))
    office.work_off()
    assert office.reader.seen[-1][2] == KEY
    assert _record(office, document).template == KEY


def test_a_crashing_page_is_tried_three_times_and_then_failed(office: Office) -> None:
    """Its neighbours are read; its reason is told."""

    def crash(index: int) -> None:
        if index == 1:
            raise MemoryError

    office.reader.pages = 3
    office.reader.before = crash
    batch = office.open_batch()
    office.send(batch, jpeg())
    for _ in range(6):
        office.work_off()
        sweep(office.db, office.bell, terms=TERMS, patience=-TERMS.duration)
    with office.db.reading() as uow:
        states = [d.state for d in documents.page(uow, DocumentFilter(batch=batch))]
        found = documents.page(uow, DocumentFilter(state=DocumentState.FAILED))
        assert jobs.counts(uow)[JobState.DEAD] == 1
    assert states == ["needs_review", "failed", "needs_review"]
    assert [document.failure_code for document in found] == ["page.crashed"]


def test_a_store_that_is_away_costs_time_and_no_page(office: Office, clock: TurnableClock) -> None:
    """However often it is tried: the page is not to blame, so no attempt is counted."""
    attempts: list[int] = []

    def away(index: int) -> None:
        attempts.append(index)
        if len(attempts) <= TERMS.attempts * 2:
            raise ServiceUnavailable("the store is away")

    office.reader.before = away
    document = office.one_read()
    for _ in range(TERMS.attempts * 2 + 1):
        clock.advance(60)
        answer(office.worker)
    assert len(attempts) == TERMS.attempts * 2 + 1
    record = _record(office, document)
    assert record.state is DocumentState.NEEDS_REVIEW


def test_a_worker_told_to_stop_takes_no_further_page(office: Office) -> None:
    """The page in hand is finished, the next one waits for somebody else."""
    office.reader.pages = 3
    office.send(office.open_batch(), jpeg())
    office.split_only()
    told: list[bool] = []
    office.reader.before = lambda _index: told.append(True)
    patient = replace(office.worker, drain_for=TERMS.duration, stopping=lambda: bool(told))
    answer(patient)
    assert len(office.reader.seen) == 1
    with office.db.reading() as uow:
        counts = jobs.counts(uow)
    assert (counts[JobState.LEASED], counts[JobState.QUEUED]) == (0, 2)


def test_a_page_that_never_ends_is_given_up_with_that_reason(
    office: Office, clock: TurnableClock
) -> None:
    """Told apart from one that ends its worker."""
    document = office.send(office.open_batch(), jpeg()).documents[0]
    office.split_only()
    for _ in range(TERMS.attempts):
        next(take(office.worker))
        clock.advance(61)
    assert sweep(office.db, office.bell, terms=TERMS, patience=TERMS.duration).buried == 1
    failure = _record(office, document).failure
    assert failure is not None
    assert failure.code == "page.timeout"


def test_a_worker_that_vanished_loses_the_page_to_another(
    office: Office, clock: TurnableClock
) -> None:
    """Before the lease lapses nobody takes it, afterwards anybody does."""
    receipt = office.send(office.open_batch(), jpeg())
    office.split_only()
    abandoned = next(take(office.worker))
    assert list(take(office.worker)) == []
    clock.advance(61)
    assert sweep(office.db, office.bell, terms=TERMS, patience=TERMS.duration).rung == 1
    office.work_off()
    assert _record(office, receipt.documents[0]).state is DocumentState.NEEDS_REVIEW
    work(office.worker, abandoned)
    with office.db.reading() as uow:
        document = documents.get(uow, receipt.documents[0])
        assert len(records.load(uow, document).fields) == 6
        assert jobs.counts(uow)[JobState.DONE] == 2


def test_a_late_finish_is_dropped(office: Office, clock: TurnableClock) -> None:
    """The slower of two workers at one page changes nothing."""
    receipt = office.send(office.open_batch(), jpeg())
    office.split_only()

    def overtake(_index: int) -> None:
        clock.advance(61)
        other = office.worker_with(FakeReader, name="w2")
        answer(other)

    office.reader.before = overtake
    answer(office.worker)
    with office.db.reading() as uow:
        log = verify_audit_chain(uow.connection)
        document = documents.get(uow, receipt.documents[0])
    assert log is None
    # received, started, read by the other worker; nothing by the slow one
    assert document.version == 3


def test_a_page_discarded_while_it_is_read_stays_discarded(office: Office) -> None:
    """The result of a cancelled job is dropped."""
    receipt = office.send(office.open_batch(), jpeg())
    document = receipt.documents[0]

    def discard(_index: int) -> None:
        with office.db.writing() as uow:
            reviewing.discard(uow, Decision(document, "clerk"))

    office.reader.before = discard
    office.work_off()
    with office.db.reading() as uow:
        assert documents.get(uow, document).state is DocumentState.DISCARDED
        assert jobs.counts(uow)[JobState.CANCELLED] == 1


def test_the_only_page_of_a_file_is_read_by_whoever_split_it(office: Office) -> None:
    """It does not go through the queue once more, and nobody is rung for it."""
    office.send(office.open_batch(), jpeg())
    office.bell.rung.clear()
    answer(office.worker)
    assert len(office.reader.seen) == 1
    assert office.bell.rung == []
    with office.db.reading() as uow:
        assert jobs.counts(uow)[JobState.DONE] == 2
        assert verify_audit_chain(uow.connection) is None


def test_a_page_in_hand_whose_worker_dies_is_read_by_another(
    office: Office, clock: TurnableClock
) -> None:
    """The page it kept is under a lease as any other."""
    document = office.send(office.open_batch(), jpeg()).documents[0]
    dying = office.worker_with(lambda: office.reader, "dying")
    work(dying, next(take(dying)))
    assert _record(office, document).state is DocumentState.PROCESSING
    clock.advance(61)
    assert sweep(office.db, office.bell, terms=TERMS, patience=TERMS.duration).rung == 1
    office.work_off()
    assert _record(office, document).state is DocumentState.NEEDS_REVIEW
    work(dying, dying.in_hand.popleft())
    with office.db.reading() as uow:
        assert jobs.counts(uow)[JobState.DONE] == 2


def test_the_page_of_a_batch_that_was_paused_is_queued(office: Office) -> None:
    """Pausing starts no further page, not even the one at hand."""
    batch = office.open_batch()
    office.send(batch, jpeg())
    worker = office.worker
    lease = next(take(worker))
    with office.db.writing() as uow:
        flow.set_flow(uow, batch, flow.Flow.PAUSED)
    work(worker, lease)
    assert not worker.in_hand
    with office.db.reading() as uow:
        assert jobs.counts(uow)[JobState.QUEUED] == 1


def test_a_ring_for_nothing_takes_the_oldest_waiting_job(office: Office) -> None:
    """So one message makes up for another that was lost."""
    office.send(office.open_batch(), jpeg())
    office.bell.rung.clear()
    answer(office.worker)
    answer(office.worker)
    assert len(office.reader.seen) == 1


def test_a_lost_message_is_made_up_for_by_the_sweep(office: Office, clock: TurnableClock) -> None:
    """Once, not at every sweep."""
    office.send(office.open_batch(), jpeg())
    office.bell.rung.clear()
    patience = TERMS.duration / 10
    assert sweep(office.db, office.bell, terms=TERMS, patience=patience) == Swept(0, 0, 0)
    clock.advance(7)
    assert sweep(office.db, office.bell, terms=TERMS, patience=patience) == Swept(1, 0, 0)
    assert sweep(office.db, office.bell, terms=TERMS, patience=patience) == Swept(0, 0, 0)
    office.work_off()
    assert len(office.reader.seen) == 1


def test_the_leases_of_a_worker_known_dead_end_at_once(office: Office) -> None:
    """No need to wait for what cannot come."""
    office.send(office.open_batch(), jpeg())
    lease = next(take(office.worker_with(lambda: office.reader, "dead")))
    swept = sweep(
        office.db,
        office.bell,
        terms=TERMS,
        patience=-TERMS.duration,
        is_dead=lambda worker: worker == "dead",
    )
    assert swept == Swept(1, 0, 1)
    office.work_off()
    assert len(office.reader.seen) == 1
    with office.db.writing() as uow:
        assert not jobs.finish(uow, lease)


def test_an_unknown_template_fails_the_page_with_its_code(office: Office) -> None:
    """The template may have been removed since the batch was opened."""

    def unknown(_index: int) -> None:
        raise TemplateUnknown("no template gone@1")

    office.reader.before = unknown
    document = office.one_read()
    failure = _record(office, document).failure
    assert failure is not None
    assert failure.code == "template.unknown"
