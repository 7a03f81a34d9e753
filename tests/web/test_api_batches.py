"""The API as scanners use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr_service.db.accounts.accounts import Role
from tests.service.fakes import KEY, jpeg
from tests.web.api_world import API, World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation that takes files up to 100 kB."""
    with world(tmp_path, max_upload_bytes=100_000) as found:
        yield found


def test_a_scanner_opens_a_batch_sends_a_page_and_sees_it_read(here: World) -> None:
    """Each answer names what the next request needs."""
    token = here.token(Role.SCANNER)
    opened = here.client.post(f"{API}/batches", json={"name": "朝", "template": KEY}, headers=token)
    assert opened.status_code == 201
    batch = opened.json()
    assert opened.headers["location"] == f"{API}/batches/{batch['id']}"
    sent = here.send(batch["id"], jpeg(), token)
    assert sent.status_code == 202
    assert sent.json()["duplicate"] is False
    shown = here.client.get(f"{API}/batches/{batch['id']}", headers=token).json()
    assert (shown["counts"]["queued"], shown["settled"]) == (1, False)
    here.office.work_off()
    shown = here.client.get(f"{API}/batches/{batch['id']}", headers=token).json()
    assert (shown["counts"]["needs_review"], shown["settled"]) == (1, True)
    document = here.client.get(f"{API}/documents/{sent.json()['documents'][0]}", headers=token)
    assert document.json()["state"] == "needs_review"
    assert document.headers["etag"] == f'"{document.json()["version"]}"'


def test_the_same_file_again_is_a_duplicate(here: World) -> None:
    """200 instead of 202, with the documents that are there."""
    token = here.token()
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    first = here.send(batch, jpeg(), token)
    again = here.send(batch, jpeg(), token)
    assert again.status_code == 200
    assert again.json() == {**first.json(), "duplicate": True}


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 415, "file.empty"),
        (b"PK\x03\x04 a zip", 415, "file.unsupported"),
        (jpeg() + bytes(100_001), 413, "file.too_large"),
        (jpeg() + bytes(3_000_000), 413, "file.too_large"),
    ],
)
def test_bad_files_are_refused_at_once_with_a_code(
    here: World, data: bytes, status: int, code: str
) -> None:
    """As problem+json; nothing is queued."""
    token = here.token()
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    refused = here.send(batch, data, token)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == code
    assert here.office.bell.rung == []


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(here: World) -> None:
    """A sender that tells no length cannot fill the disk."""
    token = here.token()
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(200):
            yield bytes(100_000)

    refused = here.client.post(
        f"{API}/batches/{batch}/files",
        content=endless(),
        headers={**token, "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "file.too_large")


def test_an_unknown_batch_or_template_is_404(here: World) -> None:
    """With the code that says which kind of thing is missing."""
    token = here.token()
    assert here.send(77, jpeg(), token).json()["code"] == "not_found"
    refused = here.client.post(f"{API}/batches", json={"template": "gone"}, headers=token)
    assert (refused.status_code, refused.json()["code"]) == (404, "template.unknown")


def test_malformed_requests_name_the_place_and_not_the_value(here: World) -> None:
    """A clerk's typing does not come back in an error."""
    token = here.token()
    refused = here.client.post(f"{API}/batches", json={"name": ["秘密"]}, headers=token)
    assert (refused.status_code, refused.json()["code"]) == (422, "request.invalid")
    assert "body.name" in refused.json()["detail"]
    assert "秘密" not in refused.text


def test_batches_are_listed_newest_first_in_pages(here: World) -> None:
    """The cursor of one page opens the next."""
    token = here.token()
    made = [
        here.client.post(f"{API}/batches", json={}, headers=token).json()["id"] for _ in range(3)
    ]
    first = here.client.get(f"{API}/batches", params={"limit": 2}, headers=token).json()
    rest = here.client.get(
        f"{API}/batches", params={"limit": 2, "cursor": first["next_cursor"]}, headers=token
    ).json()
    assert [batch["id"] for batch in first["batches"] + rest["batches"]] == made[::-1]
    assert rest["next_cursor"] is None


def test_documents_are_listed_in_order_by_state_and_cursor(here: World) -> None:
    """Three pages, two at a time."""
    token = here.token()
    here.office.reader.pages = 3
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    here.send(batch, jpeg(), token)
    here.office.work_off()
    wanted = {"batch": batch, "state": "needs_review", "template": KEY, "limit": 2}
    first = here.client.get(f"{API}/documents", params=wanted, headers=token).json()
    rest = here.client.get(
        f"{API}/documents", params={**wanted, "cursor": first["next_cursor"]}, headers=token
    ).json()
    assert [d["page"] for d in first["documents"] + rest["documents"]] == [1, 2, 3]
    assert rest["next_cursor"] is None
    none = here.client.get(f"{API}/documents", params={"state": "failed"}, headers=token).json()
    assert none["documents"] == []


def test_the_request_s_correlation_id_reaches_the_job(here: World) -> None:
    """One id from the scanner's request to the worker's log."""
    token = {**here.token(), "X-Correlation-ID": "scanner-7"}
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    answer = here.send(batch, jpeg(), token)
    assert answer.headers["x-correlation-id"] == "scanner-7"
    from ocr_service.service.processing.working import take  # noqa: PLC0415 - used here only

    lease = next(take(here.office.worker))
    assert lease.correlation == "scanner-7"
