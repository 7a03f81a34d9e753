"""Pages with a few doubtful fields and every rule kept, for tests of the review."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

from ocr_service.db.accounts.accounts import all_users, user_named
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.domain.field import Alternative, FieldValue, Source, Status, Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.domain.rights import CLERK, Role
from ocr_service.pipeline.result import ReadPage
from ocr_service.service.accounts import accounts
from ocr_service.service.intake import intake
from tests.service.fakes import jpeg
from tests.web.pages_world import (
    PX_PER_MM,
    PreparedReader,
    World,
    make_world,
    read_record,
    view_jpeg,
)

_TRUTH = Path(__file__).resolve().parents[2] / "samples" / "scans" / "truth.jsonl"

DOUBTFUL = ("name_kana", "birth_date", "sex", "body_temperature", "q4_groups")
"""What every page asks a person for, in template order."""


def _values() -> dict[str, Value]:
    """An invented person's form, filled in without a fault."""
    line = _TRUTH.read_text("utf-8").splitlines()[0]
    told: dict[str, Any] = json.loads(line)["fields"]
    told["consent_signature"] = True
    return {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}


@dataclass(frozen=True, slots=True)
class DoubtfulReader(PreparedReader):
    """Reads every page as the same form with five doubtful fields."""

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """The form; a file named ``other`` fits nothing."""
        del template
        if b"other" in data or file.startswith("other"):
            return PreparedReader(self.form).read(b"other", page_index, file=file, template=None)
        record = self._record(file, page_index + 1)
        return ReadPage(record, view_jpeg(self.form), PX_PER_MM, {"decode": 0.1})

    def _record(self, file: str, page: int) -> Record:
        # Each sheet its own voucher: two of one would be reported as counted twice.
        values = _values() | {"voucher_number": f"{crc32(file.encode()):010}"}
        base = replace(read_record(self.form), issues=(), file=file, page=page)
        return replace(base, fields=tuple(_field(f, values[f.key]) for f in base.fields))


def _field(field: FieldValue, value: Value) -> FieldValue:
    doubtful = field.key in DOUBTFUL
    others = {
        "name_kana": (Alternative("サクライ　キミ", 0.2), Alternative("サクラギ　キヨ", 0.05)),
        "birth_date": (Alternative("1961-07-27", 0.1),),
    }
    return replace(
        field,
        value=value,
        raw=value if isinstance(value, str) else "",
        probability=0.7 if doubtful else 0.998,
        status=Status.REVIEW if doubtful else Status.ACCEPTED,
        alternatives=others.get(field.key, ()),
        flags=frozenset(),
        source=Source.MACHINE,
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch with its documents."""

    batch: int
    documents: tuple[int, ...]

    def address(self, index: int = 0) -> str:
        """Path of the review of one of them, going on within the batch."""
        return f"/review/{self.documents[index]}?batch={self.batch}"


@dataclass(frozen=True, slots=True)
class Desk:
    """An installation with pages to review."""

    world: World

    def take_in(self, number: int, *, name: str = "scan", batch: str = "朝の分") -> Taken:
        """Send pages and have them read."""
        services = self.world.services
        with services.db.writing() as uow:
            opened = intake.create_batch(uow, name=batch, template=None, actor="clerk")
        sent: list[int] = []
        for page in range(number):
            data = jpeg(opened * 1000 + page)
            file = io.BytesIO(data)
            label = f"{name}-{opened}-{page + 1:02}.jpg"
            upload = intake.store_upload(services.blobs, file, name=label, max_bytes=10_000_000)
            with services.db.writing() as uow:
                receipt = intake.register_file(
                    uow, services.bell, upload, batch=opened, actor="clerk"
                )
            sent += receipt.documents
        self.world.work()
        return Taken(opened, tuple(sent))

    def login_of(self, name: str, roles: frozenset[Role] = CLERK) -> str:
        """A login link of a user, made at the first call."""
        with self.world.services.db.writing() as uow:
            if name not in {user.name for user in all_users(uow)}:
                accounts.create_user(uow, name=name, roles=roles, actor="test")
            return f"/login/{accounts.issue_login(uow, user_named(uow, name))}"

    def state(self, document: int) -> DocumentState:
        """Where a document stands."""
        with self.world.services.db.reading() as uow:
            return documents.get(uow, DocumentId(document)).state

    def value(self, document: int, key: str) -> FieldValue:
        """What is in force for a field."""
        with self.world.services.db.reading() as uow:
            found = documents.get(uow, DocumentId(document))
            return next(v for v in readings.current(uow, found) if v.key == key)


def make_desk(folder: Path) -> Desk:
    """A fresh installation whose pages have five doubtful fields each."""
    world = make_world(folder)
    reader = DoubtfulReader(world.form)
    world._worker = replace(world._worker, reader=lambda: reader)
    return Desk(world)


__all__ = ["DOUBTFUL", "Desk", "Taken", "make_desk"]
