"""Stand-ins through the protocols: a bell that remembers, a reader that reads what it is told."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
from PIL import Image

from ocr_service.blobs import BlobStore
from ocr_service.db.ids import BatchId, DocumentId, JobId
from ocr_service.db.jobs.jobs import LeaseTerms
from ocr_service.db.uow import Database
from ocr_service.domain.errors import DamagedFile
from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.page import Registration
from ocr_service.domain.record import Failure, Issue, Record, Severity
from ocr_service.pipeline.result import PageReader, ReadPage
from ocr_service.service.intake import intake
from ocr_service.service.intake.intake import Receipt
from ocr_service.service.processing.working import Worker, take, work
from workers.tasks import answer

KEY, VERSION = "mhlw-covid19", "2021-05"
TERMS = LeaseTerms(timedelta(seconds=60), 3, timedelta(0))
WARNING = Issue("temperature.fever", Severity.WARNING, ("body_temperature",), "発熱", "Fever")


class RememberingBell:
    """Remembers for which jobs it was rung."""

    def __init__(self) -> None:
        self.rung: list[JobId] = []

    def get_ready(self) -> None:
        """Nothing to load."""

    def ring(self, job_id: int) -> None:
        """Remember."""
        self.rung.append(JobId(job_id))


def value_of(key: str, value: Value, *, box: BoxMm | None = None) -> FieldValue:
    """A machine's value."""
    return FieldValue(
        key=key,
        value=value,
        raw=value if isinstance(value, str) else "",
        probability=0.9,
        status=Status.REVIEW,
        alternatives=(Alternative("別", 0.05),),
        reader="fake-1",
        source=Source.MACHINE,
        flags=frozenset({Flag.FAINT}),
        box=box or BoxMm(20, 20, 30, 10),
    )


FIELDS = (
    value_of("name", "試験　太郎"),
    value_of("birth_date", "1980-02-03"),
    value_of("sex", "male"),
    value_of("q4_groups", ("age65", "underlying")),
    value_of("consent_signature", True),
    value_of("q13", None),
)


def jpeg(seed: int = 0, size: tuple[int, int] = (210, 297)) -> bytes:
    """A small picture whose bytes depend on ``seed``."""
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, "JPEG", comment=str(seed).encode())
    return out.getvalue()


@dataclass
class FakeReader:
    """Reads nothing; gives what the test says.

    Attributes:
        pages: pages of any file.
        state: of every record.
        issues: of every record.
        fields: of every record.
        before: called before each page, for example to break down.
        seen: file, page index and template of every page read.
    """

    pages: int = 1
    state: DocumentState = DocumentState.NEEDS_REVIEW
    issues: tuple[Issue, ...] = (WARNING,)
    fields: tuple[FieldValue, ...] = FIELDS
    before: Callable[[int], None] = lambda _index: None
    damaged: bool = False
    seen: list[tuple[str, int, str | None]] = field(default_factory=list)

    def count_pages(self, data: bytes) -> int:  # noqa: ARG002 - the protocol's
        """As many as the test says."""
        if self.damaged:
            raise DamagedFile("the file is cut off; send it again")
        return self.pages

    def read(
        self,
        data: bytes,  # noqa: ARG002 - the protocol's
        page_index: int,
        *,
        file: str,
        template: str | None,
    ) -> ReadPage:
        """What the test says."""
        self.before(page_index)
        self.seen.append((file, page_index, template))
        return ReadPage(self.record(file, page_index + 1), jpeg(), 1.0, {"decode": 0.5})

    def record(self, file: str, page: int) -> Record:
        """A record with or without fields, as the state asks for."""
        if self.state is DocumentState.UNMATCHED:
            failure = Failure("page.unmatched", "choose the form", (KEY,))
            return Record(file, page, None, None, self.state, None, (), (), failure)
        lies = Registration(np.eye(3), 0.11, 180.4, 4, 0.97)
        return Record(file, page, KEY, VERSION, self.state, lies, self.fields, self.issues)


@dataclass
class Office:
    """A whole installation without processes.

    Attributes:
        db: the database.
        blobs: the store.
        bell: remembers rings.
        reader: what reads.
    """

    db: Database
    blobs: BlobStore
    bell: RememberingBell
    reader: FakeReader

    @property
    def worker(self) -> Worker:
        """A worker over the same installation."""
        return self.worker_with(lambda: self.reader)

    def worker_with(self, reader: Callable[[], PageReader], name: str = "w1") -> Worker:
        """A worker with another reader."""
        return Worker(self.db, self.blobs, self.bell, reader, TERMS, name, timedelta(0))

    def open_batch(self, template: str | None = None) -> BatchId:
        """A batch."""
        with self.db.writing() as uow:
            return intake.create_batch(uow, name="机", template=template, actor="clerk")

    def send(self, batch: BatchId, data: bytes, name: str = "scan.jpg") -> Receipt:
        """Take a file in."""
        upload = intake.store_upload(self.blobs, io.BytesIO(data), name=name, max_bytes=10_000_000)
        with self.db.writing() as uow:
            return intake.register_file(uow, self.bell, upload, batch=batch, actor="clerk")

    def split_only(self) -> None:
        """Split the file that waits, by a worker that was told to go and so keeps no page."""
        lease = next(take(self.worker))
        work(replace(self.worker, stopping=lambda: True), lease)

    def work_off(self) -> None:
        """Answer every ring until none is left."""
        while self.bell.rung:
            self.bell.rung.pop(0)
            answer(self.worker)

    def one_read(self) -> DocumentId:
        """The document of one page, read."""
        receipt = self.send(self.open_batch(), jpeg())
        self.work_off()
        return receipt.documents[0]
