"""Files come in once, whole, and with the work they cause."""

from __future__ import annotations

import io
import threading

import pytest

from ocr_service.blobs import BlobStore
from ocr_service.db.ids import BatchId
from ocr_service.db.intake import files
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobState
from ocr_service.db.records import documents
from ocr_service.domain.errors import (
    EmptyFile,
    FileTooLarge,
    InvalidRequest,
    NotFound,
    UnsupportedFormat,
)
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.intake import intake
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import Office, jpeg


def test_a_new_file_becomes_a_document_and_a_job_that_was_rung_for(office: Office) -> None:
    """Document, job and ring come from one upload."""
    receipt = office.send(office.open_batch(), jpeg())
    assert not receipt.duplicate
    with office.db.reading() as uow:
        document = documents.get(uow, receipt.documents[0])
        assert jobs.counts(uow)[JobState.QUEUED] == 1
    assert (document.state, document.page) == (DocumentState.QUEUED, 1)
    assert len(office.bell.rung) == 1


def test_the_same_bytes_again_give_the_documents_that_are_there(office: Office) -> None:
    """Nothing is added, even under another name and in another batch."""
    first = office.send(office.open_batch(), jpeg())
    again = office.send(office.open_batch(), jpeg(), name="other.jpg")
    assert again.duplicate
    assert (again.file, again.batch, again.documents) == (
        first.file,
        first.batch,
        first.documents,
    )
    assert len(office.bell.rung) == 1


def test_bytes_of_a_discarded_document_may_come_again(office: Office) -> None:
    """Putting a page away makes room for the same scan."""
    batch = office.open_batch()
    first = office.send(batch, jpeg())
    with office.db.writing() as uow:
        reviewing.discard(uow, Decision(first.documents[0], "clerk"))
    again = office.send(batch, jpeg())
    assert not again.duplicate
    assert again.documents != first.documents


def test_two_senders_of_the_same_bytes_at_once_make_one_file(office: Office) -> None:
    """The unique index settles the race."""
    batch = office.open_batch()
    receipts: list[intake.Receipt] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        receipts.append(office.send(batch, jpeg(7)))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.duplicate for receipt in receipts) == [False, True, True, True]
    assert len({receipt.file for receipt in receipts}) == 1


def test_nothing_is_rung_for_if_the_rows_are_not_committed(office: Office) -> None:
    """A ring before the commit would find no job."""
    batch = office.open_batch()
    upload = intake.store_upload(office.blobs, io.BytesIO(jpeg()), name="a", max_bytes=10**6)

    def break_off() -> None:
        with office.db.writing() as uow:
            intake.register_file(uow, office.bell, upload, batch=batch, actor="clerk")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert office.bell.rung == []
    with office.db.reading() as uow, pytest.raises(NotFound):
        files.live_by_sha256(uow, upload.sha256)


def test_an_unknown_batch_is_named(office: Office) -> None:
    """The error tells which."""
    with pytest.raises(NotFound, match="no batch 99"):
        office.send(BatchId(99), jpeg())


def test_a_batch_name_has_a_limit(office: Office) -> None:
    """Longer than the column is refused before the database says so."""
    with office.db.writing() as uow, pytest.raises(InvalidRequest):
        intake.create_batch(uow, name="長" * 201, template=None, actor="clerk")


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\xef\xbb\xbf%PDF-1.4", "application/pdf"),
    ],
)
def test_the_first_bytes_tell_the_format(head: bytes, media_type: str) -> None:
    """Names and headers of the sender play no part."""
    assert intake.sniff(head) == media_type


def test_bad_uploads_are_refused_before_anything_is_stored(blobs: BlobStore) -> None:
    """Empty, unknown and too large files, each by its own error."""
    with pytest.raises(EmptyFile):
        intake.store_upload(blobs, io.BytesIO(), name="a", max_bytes=10)
    with pytest.raises(UnsupportedFormat):
        intake.store_upload(blobs, io.BytesIO(b"PK\x03\x04"), name="a", max_bytes=10)
    with pytest.raises(FileTooLarge):
        intake.store_upload(blobs, io.BytesIO(jpeg() + bytes(2_000_000)), name="a", max_bytes=9)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\scans\\予診票 1.jpg", "予診票 1.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\0.pdf", "ab.pdf"),
        ("", "unnamed"),
        (None, "unnamed"),
    ],
)
def test_only_the_plain_name_of_a_file_is_kept(
    blobs: BlobStore, sent: str | None, kept: str
) -> None:
    """Folders and control characters go."""
    upload = intake.store_upload(blobs, io.BytesIO(jpeg()), name=sent, max_bytes=10**6)
    assert upload.name == kept
