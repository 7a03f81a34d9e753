"""Bad input: whatever is done to a file, it is read or refused with a reason."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import InputError
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Failure, Record
from ocr_service.imaging.decode import DecodeLimits, count_pages, decode_page
from ocr_service.pipeline.result import ReadPage
from ocr_service.pipeline.sheets import sheet_kind
from tests.service.fakes import FakeReader, Office
from tests.web.api_world import API, World, world

LIMITS = DecodeLimits(max_pages=20)


@dataclass
class DecodingReader(FakeReader):
    """Decodes pages for real and reads nothing on them."""

    def count_pages(self, data: bytes) -> int:
        """As the real reader does."""
        return count_pages(data, LIMITS)

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """The record of the test, or why the page cannot be decoded."""
        try:
            sheet_kind(decode_page(data, page_index, LIMITS).gray)
        except InputError as error:
            failure = Failure(error.code, str(error))
            state = DocumentState.FAILED
            record = Record(file, page_index + 1, None, None, state, None, (), (), failure)
            return ReadPage(record, b"", 0.0, {})
        return super().read(data, page_index, file=file, template=template)


def samples() -> dict[str, bytes]:
    """A small file of each kind."""
    rng = np.random.default_rng(1)
    page = Image.fromarray(rng.integers(0, 255, (64, 48), np.uint8))
    found = {}
    for kind in ("JPEG", "PNG", "TIFF", "PDF"):
        out = io.BytesIO()
        more = {} if kind in {"JPEG", "PNG"} else {"save_all": True, "append_images": [page]}
        page.save(out, kind, **more)
        found[kind.lower()] = out.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/1.jpg", found["jpeg"])
        packed.writestr("../2.png", found["png"])
    return {**found, "zip": out.getvalue()}


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with bits flipped, cut off, overwritten, doubled or with something before it."""
    work = bytearray(data)
    kind = rng.randrange(6)
    if kind == 0:
        for _ in range(rng.choice([1, 8, 64])):
            work[rng.randrange(len(work))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del work[rng.randrange(len(work)) :]
    elif kind == 2:
        at = rng.randrange(len(work))
        work[at : at + 16] = rng.choice([b"\xff", b"\0", b"9"]) * 16
    elif kind == 3:
        at = rng.randrange(len(work))
        work[at:at] = work[: rng.randrange(len(work))]
    elif kind == 4:
        work[:0] = rng.randbytes(rng.choice([1, 3, 700]))
    else:
        at = rng.randrange(len(work))
        del work[at : at + rng.choice([1, 2, 40])]
    return bytes(work)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation that decodes pages for real."""
    with world(tmp_path) as found:
        found.office = Office(
            found.services.db, found.services.blobs, found.office.bell, DecodingReader()
        )
        yield found


def _run(here: World, rounds: int) -> None:
    rng = random.Random(20261123)  # noqa: S311 - the same mutations every time
    token = here.token()
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    kinds = sorted(samples().items())
    for number in range(rounds):
        kind, data = kinds[number % len(kinds)]
        name = rng.choice([f"{number}.{kind}", f"..%2F..%2F{number}.jpg", "%E8%A1%A8.pdf"])
        sent = here.client.put(
            f"{API}/batches/{batch}/files/{name}", content=mutated(data, rng), headers=token
        )
        assert sent.status_code in {200, 202, 413, 415}, (number, sent.text)
    here.office.work_off()
    receipt = here.client.get(f"{API}/batches/{batch}/receipt", headers=token).json()
    files = receipt["files"]
    assert receipt["settled"]
    # Members of archives are files too.
    assert files["received"] >= rounds
    assert files["received"] == sum(files.values()) - files["received"]
    with here.services.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch), limit=5000)
    assert "page.crashed" not in {document.failure_code for document in found}
    failed = [document for document in found if document.state is DocumentState.FAILED]
    assert all(document.failure_message for document in failed)
    assert all(reject["code"] and reject["message"] for reject in receipt["rejects"])


def test_150_mutated_files_are_read_or_refused(here: World) -> None:
    """The short form."""
    _run(here, 150)


@pytest.mark.soak
def test_1000_mutated_files_are_read_or_refused(here: World) -> None:
    """The long form."""
    _run(here, 1000)


def _document_of(here: World, data: bytes, name: str) -> documents.Document:
    token = here.token()
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    sent = here.send(batch, data, token, name=name)
    here.office.work_off()
    with here.services.db.reading() as uow:
        return documents.get(uow, sent.json()["documents"][0])


def test_a_pdf_without_pages_fails_with_a_reason(here: World) -> None:
    """It is a PDF, but nothing to read."""
    out = io.BytesIO()
    pikepdf.new().save(out)
    found = _document_of(here, out.getvalue(), "none.pdf")
    assert (found.state, found.failure_code) == (DocumentState.FAILED, "file.damaged")


def test_a_pdf_that_claims_a_million_pages_fails_at_once(here: World) -> None:
    """A count in a header makes no million documents."""
    out = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(out)
    claimed = out.getvalue().replace(b"/Count 1", b"/Count 1000000")
    assert claimed != out.getvalue()
    found = _document_of(here, claimed, "million.pdf")
    with here.services.db.reading() as uow:
        assert len(documents.page(uow, DocumentFilter(batch=found.batch))) == 1
    assert found.failure_code in {None, "file.damaged", "file.too_many_pages"}


def test_a_wrong_ending_plays_no_part(here: World) -> None:
    """The first bytes tell."""
    found = _document_of(here, samples()["png"], "scan.pdf")
    assert found.state is DocumentState.NEEDS_REVIEW
