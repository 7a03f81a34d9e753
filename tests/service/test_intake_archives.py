"""Archives are unpacked in a job, member by member, whatever they say of themselves."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from ocr_service.db.ids import BatchId
from ocr_service.db.intake import arrivals, files
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobState
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import DamagedFile
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.intake.archive import (
    ArchiveLimits,
    ArchiveTooLarge,
    decoded_name,
    open_archive,
)
from ocr_service.service.intake.receipt import BatchReceipt, batch_receipt
from ocr_service.service.processing.working import take, work
from tests.service.fakes import Office, jpeg


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def japanese_windows(name: str, data: bytes) -> bytes:
    """A ZIP whose only name is in code page 932, without the flag."""
    raw = name.encode("cp932")
    placeholder = "x" * len(raw)
    return archive({placeholder: data}).replace(placeholder.encode(), raw)


def receipt_of(office: Office, batch: BatchId) -> BatchReceipt:
    """The batch's receipt."""
    with office.db.reading() as uow:
        return batch_receipt(uow, batch)


def test_members_become_files_and_each_reject_has_a_name_and_a_reason(office: Office) -> None:
    """Two scans, one of them twice, a text, an empty file and a nested archive."""
    batch = office.open_batch()
    packed = archive(
        {
            "a/1.jpg": jpeg(1),
            "b/1.jpg": jpeg(2),
            "c.jpg": jpeg(1),
            "note.txt": b"hello",
            "empty.pdf": b"",
            "inner.zip": archive({"x.jpg": jpeg(3)}),
            "__MACOSX/._1.jpg": b"noise",
        }
    )
    office.send(batch, packed, "scans.zip")
    office.work_off()
    found = receipt_of(office, batch)
    assert (found.files.received, found.files.archives) == (7, 1)
    assert (found.files.taken, found.files.duplicates, found.files.rejected) == (2, 1, 3)
    assert {(r.name, r.code) for r in found.rejects} == {
        ("note.txt", "file.unsupported"),
        ("empty.pdf", "file.empty"),
        ("inner.zip", "archive.nested"),
    }
    assert found.pages.documents == 2
    assert found.settled
    with office.db.reading() as uow:
        shown = documents.page(uow, DocumentFilter(batch=batch))
    assert {d.file_name for d in shown} == {"scans.zip", "a/1.jpg", "b/1.jpg"}


def test_a_name_cannot_lead_out_of_a_folder(office: Office) -> None:
    """It is only ever shown, and without what leads upwards."""
    batch = office.open_batch()
    office.send(batch, archive({"../../etc/pass\nwd.jpg": jpeg(1), "C:\\x\\2.jpg": jpeg(2)}), "z")
    office.work_off()
    with office.db.reading() as uow:
        names = {a.name for a in arrivals.of_batch(uow, batch)}
    assert names == {"z", "etc/passwd.jpg", "C:/x/2.jpg"}


@pytest.mark.parametrize("name", ["予診票.jpg", "ﾃｽﾄ.jpg", "表.jpg", "ascii.jpg"])
def test_names_of_japanese_windows_are_read(name: str) -> None:
    """Code page 932 where the UTF-8 flag is missing; also letters with a backslash in them."""
    with zipfile.ZipFile(io.BytesIO(japanese_windows(name, b"1"))) as packed:
        assert decoded_name(packed.infolist()[0]) == name


def test_names_of_macos_are_read() -> None:
    """UTF-8 without the flag."""
    raw = "予診票.jpg".encode()
    data = archive({"x" * len(raw): b"1"}).replace(b"x" * len(raw), raw)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert decoded_name(packed.infolist()[0]) == "予診票.jpg"


@pytest.mark.parametrize(
    "limits",
    [
        ArchiveLimits(max_members=1),
        ArchiveLimits(max_total_bytes=1000),
    ],
)
def test_an_archive_beyond_its_limits_is_not_unpacked_at_all(limits: ArchiveLimits) -> None:
    """Found in its directory, before any byte is unpacked."""
    data = archive({"a": bytes(2000), "b": b"1"})
    with pytest.raises(ArchiveTooLarge), open_archive(io.BytesIO(data), limits):
        pass


def test_a_bomb_is_recognised_by_its_ratio() -> None:
    """150 MB of zeros in 150 kB."""
    data = archive({"zeros": bytes(150_000_000)})
    with pytest.raises(ArchiveTooLarge), open_archive(io.BytesIO(data), ArchiveLimits()):
        pass


def test_a_directory_that_claims_millions_of_members_is_not_read() -> None:
    """The count at the end of the file is looked at first."""
    data = bytearray(archive({"a": b"1"}))
    at = data.rfind(b"PK\x05\x06")
    struct.pack_into("<HHL", data, at + 8, 60_000, 60_000, 0)
    with pytest.raises(ArchiveTooLarge), open_archive(io.BytesIO(bytes(data)), ArchiveLimits()):
        pass


def test_a_member_longer_than_a_file_may_be_is_a_reject_and_its_neighbour_is_taken(
    office: Office,
) -> None:
    """One bad member spoils nothing else."""
    batch = office.open_batch()
    office.send(batch, archive({"big.jpg": jpeg(1) + bytes(50_000), "ok.jpg": jpeg(2)}), "z.zip")
    lease = next(take(office.worker))
    work(replace(office.worker, archive_limits=ArchiveLimits(max_member_bytes=20_000)), lease)
    found = receipt_of(office, batch)
    assert [(r.name, r.code) for r in found.rejects] == [("big.jpg", "file.too_large")]
    assert found.files.taken == 1


def test_a_damaged_archive_is_a_failed_document_that_counts_as_a_reject(office: Office) -> None:
    """Its directory is there, what it points to is not."""
    batch = office.open_batch()
    data = bytearray(archive({"a.jpg": jpeg(1)}))
    at = data.rfind(b"PK\x01\x02")
    data[at : at + 4] = b"XXXX"
    office.send(batch, bytes(data), "broken.zip")
    office.work_off()
    found = receipt_of(office, batch)
    assert found.files.received == found.files.rejected + found.files.archives == 1


def test_a_long_archive_goes_on_in_a_second_job_without_doing_a_member_twice(
    office: Office,
) -> None:
    """A shift that is over at once still makes progress through its successors."""
    batch = office.open_batch()
    office.send(batch, archive({f"{n}.jpg": jpeg(n) for n in range(3)}), "z.zip")
    lease = next(take(office.worker))
    short = replace(office.worker, terms=replace(office.worker.terms, duration=timedelta(0)))
    work(short, lease)
    assert receipt_of(office, batch).files.taken == 1
    office.work_off()
    with office.db.reading() as uow:
        assert jobs.counts(uow)[JobState.DONE] == 2 + 3 * 2
    assert receipt_of(office, batch).files.taken == 3


def test_a_worker_whose_lease_was_lost_takes_nothing_more_out(office: Office) -> None:
    """The fence stands before each member."""
    batch = office.open_batch()
    receipt = office.send(batch, archive({"1.jpg": jpeg(1)}), "z.zip")
    lease = next(take(office.worker))
    with office.db.writing() as uow:
        jobs.cancel_of(uow, receipt.documents[0])
    work(office.worker, lease)
    assert receipt_of(office, batch).files.taken == 0


def test_the_same_archive_again_is_a_duplicate(office: Office) -> None:
    """Nothing is unpacked twice."""
    batch = office.open_batch()
    data = archive({"1.jpg": jpeg(1)})
    office.send(batch, data, "z.zip")
    office.work_off()
    assert office.send(batch, data, "z.zip").duplicate
    with office.db.reading() as uow:
        document = documents.page(uow, DocumentFilter(batch=batch))[0]
        assert files.get(uow, document.file).media_type == "application/zip"
    assert (document.state, document.failure_code) == (DocumentState.DISCARDED, "file.archive")


def test_bytes_that_are_no_archive_are_named_so() -> None:
    """Whatever ``zipfile`` would raise."""
    with pytest.raises(DamagedFile), open_archive(io.BytesIO(b"PK\x03\x04"), ArchiveLimits()):
        pass
