"""Uploads: in one body or in pieces, once a key, flat in memory, refused with a reason."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from ocr_service.db.accounts.accounts import Role, User
from ocr_service.db.ids import UserId
from ocr_service.service.intake import intake
from ocr_service.service.intake.spool import Spooled
from ocr_service.web.api.upload_body import receive_body
from tests.service.fakes import jpeg
from tests.web.api_world import API, World, world

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation that takes files up to 100 kB, and archives up to 1 MB."""
    with world(tmp_path, max_upload_bytes=100_000, max_archive_bytes=1_000_000) as found:
        yield found


@pytest.fixture
def token(here: World) -> dict[str, str]:
    """A scanner's token."""
    return here.token(Role.SCANNER)


def _batch(here: World, token: dict[str, str], **wanted: Any) -> int:
    return int(here.client.post(f"{API}/batches", json=wanted, headers=token).json()["id"])


def _receipt(here: World, batch: int, token: dict[str, str]) -> Any:
    return here.client.get(f"{API}/batches/{batch}/receipt", headers=token).json()


def _announce(
    here: World, token: dict[str, str], batch: int, length: int, name: str = "a.jpg"
) -> Any:
    told = {"batch": str(batch), "filename": name}
    pairs = [f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items()]
    headers = {**token, **TUS, "Upload-Length": str(length), "Upload-Metadata": ",".join(pairs)}
    return here.client.post(f"{API}/uploads", headers=headers)


def _piece(
    here: World, token: dict[str, str], place: str, offset: int, data: bytes, **more: str
) -> Any:
    headers = {**token, **TUS, **PIECE, "Upload-Offset": str(offset), **more}
    return here.client.patch(place, content=data, headers=headers)


def _offset(here: World, token: dict[str, str], place: str) -> int:
    return int(here.client.head(place, headers={**token, **TUS}).headers["upload-offset"])


def test_a_plain_body_is_a_file(here: World, token: dict[str, str]) -> None:
    """Under the name in the path, without its folders."""
    batch = _batch(here, token)
    sent = here.client.put(
        f"{API}/batches/{batch}/files/..%2Fetc%2F予診票.jpg", content=jpeg(), headers=token
    )
    assert sent.status_code == 202
    shown = here.client.get(f"{API}/documents/{sent.json()['documents'][0]}", headers=token)
    assert shown.json()["file"] == "予診票.jpg"


def test_a_form_s_file_name_may_be_of_japanese_windows(here: World, token: dict[str, str]) -> None:
    """Code page 932 in the header, as old browsers and scanners send it."""
    batch = _batch(here, token)
    head = 'Content-Disposition: form-data; name="file"; filename="予診票.jpg"\r\n\r\n'
    body = b"--x\r\n" + head.encode("cp932") + jpeg() + b"\r\n--x--\r\n"
    sent = here.client.post(
        f"{API}/batches/{batch}/files",
        content=body,
        headers={**token, "Content-Type": "multipart/form-data; boundary=x"},
    )
    shown = here.client.get(f"{API}/documents/{sent.json()['documents'][0]}", headers=token)
    assert shown.json()["file"] == "予診票.jpg"


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", b"?"]
)
def test_a_form_without_a_whole_file_is_refused(
    here: World, token: dict[str, str], body: bytes
) -> None:
    """Cut off, without the field, no form at all: 422 and no document."""
    batch = _batch(here, token)
    refused = here.client.post(
        f"{API}/batches/{batch}/files",
        content=body,
        headers={**token, "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "request.invalid")
    assert _receipt(here, batch, token)["files"]["received"] == 0


def test_the_same_key_and_request_get_the_same_answer(here: World, token: dict[str, str]) -> None:
    """Batches and files, the accepted and the refused; nothing happens twice."""
    keyed = {**token, "Idempotency-Key": "k1"}
    first, again = (
        here.client.post(f"{API}/batches", json={"name": "朝"}, headers=keyed) for _ in range(2)
    )
    batch = first.json()["id"]
    assert (again.status_code, again.json()["id"]) == (201, batch)
    keyed["Idempotency-Key"] = "k2"
    answers = [here.send(batch, jpeg(), keyed) for _ in range(2)]
    assert [a.status_code for a in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    keyed["Idempotency-Key"] = "k3"
    refused = [here.send(batch, b"text", keyed) for _ in range(2)]
    assert [a.status_code for a in refused] == [415, 415]
    files = _receipt(here, batch, token)["files"]
    assert (files["received"], files["taken"], files["rejected"]) == (2, 1, 1)


def test_the_same_key_for_another_request_is_refused(here: World, token: dict[str, str]) -> None:
    """Other bytes, another kind of request; another user's key is another key."""
    batch = _batch(here, token)
    keyed = {**token, "Idempotency-Key": "k"}
    here.send(batch, jpeg(1), keyed)
    assert here.send(batch, jpeg(2), keyed).status_code == 422
    assert here.client.post(f"{API}/batches", json={}, headers=keyed).status_code == 422
    other = {**here.token(Role.SCANNER), "Idempotency-Key": "k"}
    assert here.send(batch, jpeg(2), other).status_code == 202


def test_a_receipt_names_what_was_refused_and_what_came_before(
    here: World, token: dict[str, str]
) -> None:
    """Announced, counted, compared."""
    batch = _batch(here, token, announced=2)
    here.send(batch, jpeg(1), token)
    here.send(batch, jpeg(1), token, name="b.jpg")
    here.send(batch, b"text", token, name="c.txt")
    here.send(batch, jpeg() + bytes(150_000), token, name="d.jpg")
    assert _receipt(here, batch, token)["as_announced"] is None
    here.office.work_off()
    shown = _receipt(here, batch, token)
    assert shown["files"] == {
        "received": 4,
        "taken": 1,
        "archives": 0,
        "duplicates": 1,
        "rejected": 2,
    }
    assert shown["duplicates"] == ["b.jpg"]
    told = [(r["name"], r["code"]) for r in shown["rejects"]]
    assert told == [("c.txt", "file.unsupported"), ("d.jpg", "file.too_large")]
    assert (shown["announced"], shown["sheets"], shown["as_announced"]) == (2, 1, False)


def test_tus_tells_what_it_can(here: World, token: dict[str, str]) -> None:
    """OPTIONS; like everything here it needs a token, and nothing else."""
    told = here.client.options(f"{API}/uploads", headers=token).headers
    assert (told["tus-version"], told["tus-max-size"]) == ("1.0.0", "1000000")
    assert "sha1" in told["tus-checksum-algorithm"]


def test_a_file_in_pieces_is_taken_in_with_its_last_piece(
    here: World, token: dict[str, str]
) -> None:
    """Any sizes; the receipt is there to be asked for."""
    batch, data = _batch(here, token), jpeg()
    announced = _announce(here, token, batch, len(data))
    place = announced.headers["location"]
    assert announced.status_code == 201
    assert _offset(here, token, place) == 0
    sent = _piece(here, token, place, 0, data[:100])
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, "100")
    assert here.client.get(place, headers=token).json()["receipt"] is None
    assert _piece(here, token, place, 100, data[100:]).status_code == 204
    assert _offset(here, token, place) == len(data)
    shown = here.client.get(place, headers=token).json()
    assert shown["receipt"]["batch"] == batch
    here.office.work_off()
    assert _receipt(here, batch, token)["pages"]["documents"] == 1


def test_a_piece_at_the_wrong_place_and_a_changed_piece_are_thrown_away(
    here: World, token: dict[str, str]
) -> None:
    """409 and 460; what was there before stays."""
    batch, data = _batch(here, token), jpeg()
    place = _announce(here, token, batch, len(data)).headers["location"]
    assert _piece(here, token, place, 5, data[5:]).status_code == 409
    good = base64.b64encode(hashlib.sha1(data[:50]).digest()).decode()  # noqa: S324 - tus asks for it
    checked = {"Upload-Checksum": f"sha1 {good}"}
    assert _piece(here, token, place, 0, data[:50], **checked).status_code == 204
    assert _piece(here, token, place, 50, data[50:], **checked).status_code == 460
    assert _offset(here, token, place) == 50
    assert _piece(here, token, place, 50, data[50:] + b"more").status_code == 413
    wrong = {"Upload-Checksum": "crc32 AAAA"}
    assert _piece(here, token, place, 50, data[50:], **wrong).status_code == 422
    assert _piece(here, token, place, 50, data[50:]).status_code == 204


def test_a_complete_file_that_is_no_scan_is_refused_by_its_last_piece(
    here: World, token: dict[str, str]
) -> None:
    """And named in the receipt; a longer one than allowed is refused before the first byte."""
    batch = _batch(here, token)
    place = _announce(here, token, batch, 4, "a.txt").headers["location"]
    assert _piece(here, token, place, 0, b"text").status_code == 415
    assert here.client.get(place, headers=token).json()["problem"]["code"] == "file.unsupported"
    assert _announce(here, token, batch, 1_000_001, "b.zip").status_code == 413
    place = _announce(here, token, batch, 150_000, "c.jpg").headers["location"]
    data = jpeg()
    assert _piece(here, token, place, 0, data + bytes(150_000 - len(data))).status_code == 413
    rejects = _receipt(here, batch, token)["rejects"]
    assert [r["name"] for r in rejects] == ["a.txt", "b.zip", "c.jpg"]


def test_an_upload_is_its_sender_s_alone_and_can_be_ended(
    here: World, token: dict[str, str]
) -> None:
    """Nobody else sees it; ended, nothing of it is left."""
    batch = _batch(here, token)
    place = _announce(here, token, batch, 10).headers["location"]
    other = {**here.token(), **TUS}
    assert here.client.head(place, headers=other).status_code == 404
    _piece(here, token, place, 0, b"12345")
    assert here.client.delete(place, headers={**token, **TUS}).status_code == 204
    assert here.client.head(place, headers={**token, **TUS}).status_code == 404
    assert list((here.services.settings.data_dir / "uploads").iterdir()) == []
    assert here.client.head(place, headers=token).status_code == 412
    assert here.client.post(f"{API}/uploads", headers={**token, **TUS}).status_code == 422


def test_an_archive_may_be_longer_than_a_file_if_it_comes_in_pieces(
    here: World, token: dict[str, str]
) -> None:
    """Its members keep to the limit of files."""
    batch, out = _batch(here, token), io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for seed in range(60):
            packed.writestr(f"{seed}.jpg", jpeg(seed) + bytes(3000))
    data = out.getvalue()
    assert len(data) > 150_000
    place = _announce(here, token, batch, len(data), "z.zip").headers["location"]
    for at in range(0, len(data), 50_000):
        assert _piece(here, token, place, at, data[at : at + 50_000]).status_code == 204
    here.office.work_off()
    assert _receipt(here, batch, token)["files"]["taken"] == 60


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "image/jpeg"])
def test_uploads_are_flat_in_memory(here: World, kind: str) -> None:
    """A body of 60 MB, as a server hands it over; a few buffers are all that is ever held."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    form = kind.startswith("multipart")
    chunk = bytes(64_000)
    body = [head if form else b"", jpeg(), *[chunk] * 1000, b"\r\n--x--\r\n" if form else b""]
    messages = iter(body)

    async def receive() -> dict[str, Any]:
        data = next(messages, None)
        return {"type": "http.request", "body": data or b"", "more_body": data is not None}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "path_params": {},
        "query_string": b"",
        "headers": [(b"content-type", kind.encode())],
    }
    settings = here.services.settings.model_copy(update={"max_upload_bytes": 10**8})
    services = replace(here.services, settings=settings)
    user = User(UserId(1), "s", frozenset({Role.SCANNER}), disabled=False, rights=frozenset())

    async def run() -> None:
        async for received in receive_body(Request(scope, receive), user, services):
            assert isinstance(received.spooled, Spooled)
            stored = intake.store_spooled(services.blobs, received.spooled, name=received.name)
            assert stored.size == len(jpeg()) + 64_000_000

    tracemalloc.start()
    asyncio.run(run())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
