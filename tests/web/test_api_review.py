"""The API as a review program uses it: record, pictures, answers, decisions, exports."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ocr_service.db.accounts.accounts import Role
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue, Severity
from tests.service.fakes import KEY, VERSION
from tests.web.api_world import API, World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation."""
    with world(tmp_path) as found:
        yield found


@pytest.fixture
def token(here: World) -> dict[str, str]:
    """Of an administrator."""
    return here.token()


def _record(here: World, document: int, token: dict[str, str]) -> Any:
    return here.client.get(f"{API}/documents/{document}/record", headers=token)


def test_the_record_has_the_published_form(here: World, token: dict[str, str]) -> None:
    """Keys and shapes as the reference says."""
    answer = _record(here, here.read_one(token), token)
    record = answer.json()
    assert (record["file"], record["page"], record["template"], record["version"]) == (
        "a.jpg",
        1,
        KEY,
        VERSION,
    )
    assert record["state"] == "needs_review"
    assert record["registration"]["residual_mm"] == 0.11
    name = record["fields"]["name"]
    assert name["value"] == "試験　太郎"
    assert (name["status"], name["box_mm"]) == ("review", [20, 20, 30, 10])
    assert record["issues"][0]["rule"] == "temperature.fever"
    assert record["issues"][0]["message"] == "発熱"
    english = here.client.get(answer.request.url, params={"language": "en"}, headers=token)
    assert english.json()["issues"][0]["message"] == "Fever"


def test_page_and_field_come_as_pictures(here: World, token: dict[str, str]) -> None:
    """The crop is the field with two millimetres round it."""
    document = here.read_one(token)
    page = here.client.get(f"{API}/documents/{document}/pages/1.png", headers=token)
    crop = here.client.get(f"{API}/documents/{document}/fields/name/crop.png", headers=token)
    assert page.headers["content-type"] == crop.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(page.content)).size == (210, 297)
    assert Image.open(io.BytesIO(crop.content)).size == (34, 14)
    for path in ("pages/2.png", "fields/shoe_size/crop.png"):
        missing = here.client.get(f"{API}/documents/{document}/{path}", headers=token)
        assert missing.status_code == 404


def test_a_page_that_is_not_read_yet_has_no_picture(here: World, token: dict[str, str]) -> None:
    """404 rather than an empty picture."""
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    document = here.send(batch, b"\xff\xd8\xff x", token).json()["documents"][0]
    answer = here.client.get(f"{API}/documents/{document}/pages/1.png", headers=token)
    assert answer.status_code == 404


def test_an_answer_needs_the_version_it_is_about(here: World, token: dict[str, str]) -> None:
    """428 without, 409 with an old one and both values, 200 with the right one."""
    document = here.read_one(token)
    path = f"{API}/documents/{document}/fields/name"
    assert here.client.put(path, json={"value": "甲"}, headers=token).status_code == 428
    etag = _record(here, document, token).headers["etag"]
    first = here.client.put(path, json={"value": "甲"}, headers={**token, "If-Match": etag})
    assert first.status_code == 200
    assert first.json()["field"]["value"] == "甲"
    assert first.json()["field"]["source"] == "human"
    assert first.headers["etag"] != etag
    late = here.client.put(path, json={"value": "乙"}, headers={**token, "If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (409, "conflict.stale")
    assert (late.json()["current"]["value"], late.json()["yours"]) == ("甲", "乙")
    assert f'"{late.json()["version"]}"' == first.headers["etag"]


@pytest.mark.parametrize("header", ["abc", '"1', '"1" "2"', "-1"])
def test_a_strange_if_match_is_refused(here: World, token: dict[str, str], header: str) -> None:
    """Rather than taken for anything."""
    document = here.read_one(token)
    answer = here.client.post(
        f"{API}/documents/{document}/approve", headers={**token, "If-Match": header}
    )
    assert answer.status_code == 422


def test_a_document_goes_all_the_way_and_back(here: World, token: dict[str, str]) -> None:
    """Approve, export, reopen, amend; each step in the audit log."""
    document = here.read_one(token)
    batch = here.client.get(f"{API}/documents/{document}", headers=token).json()["batch"]
    act = f"{API}/documents/{document}"
    assert here.client.post(f"{act}/approve", headers=token).json()["state"] == "approved"
    made = here.client.post(f"{API}/exports", json={"batch": batch}, headers=token)
    assert made.status_code == 201
    assert (made.json()["rows"], made.json()["amends"]) == (1, False)
    file = here.client.get(f"{made.headers['location']}/file", headers=token)
    lines = file.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "試験　太郎" in lines[1]
    assert here.client.get(made.headers["location"], headers=token).json() == made.json()
    nothing = here.client.post(f"{API}/exports", json={"batch": batch}, headers=token)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "conflict")
    assert here.client.post(f"{act}/discard", headers=token).json()["code"] == "conflict.state"
    assert here.client.post(f"{act}/reopen", headers=token).json()["state"] == "needs_review"
    here.client.post(f"{act}/approve", headers=token)
    amended = here.client.post(f"{API}/exports", json={"batch": batch}, headers=token)
    assert amended.json()["amends"] is True
    log = here.client.get(
        f"{API}/audit", params={"subject": "document", "subject_id": document}, headers=token
    )
    assert [row["action"] for row in log.json()["rows"]] == [
        "document.read",
        "document.approved",
        "document.reopened",
        "document.approved",
    ]


def test_the_records_of_a_batch_can_be_looked_at_as_csv(here: World, token: dict[str, str]) -> None:
    """Whatever their state, in both encodings, changing nothing."""
    document = here.read_one(token)
    batch = here.client.get(f"{API}/documents/{document}", headers=token).json()["batch"]
    path = f"{API}/batches/{batch}/records.csv"
    utf8 = here.client.get(path, headers=token)
    windows = here.client.get(path, params={"profile": "csv-cp932"}, headers=token)
    assert utf8.content.decode("utf-8-sig") == windows.content.decode("cp932")
    assert "needs_review" in utf8.text
    assert here.client.get(path, params={"profile": "x"}, headers=token).status_code == 404
    shown = here.client.get(f"{API}/documents/{document}", headers=token).json()
    assert shown["state"] == "needs_review"


def test_an_unread_batch_has_no_columns_until_a_form_is_named(
    here: World, token: dict[str, str]
) -> None:
    """422 says what to name."""
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    path = f"{API}/batches/{batch}/records.csv"
    assert here.client.get(path, headers=token).status_code == 422
    assert here.client.get(path, params={"template": KEY}, headers=token).status_code == 200


def test_retry_template_key_and_discard_move_a_document(here: World, token: dict[str, str]) -> None:
    """Each as the table of states allows."""
    here.office.reader.state = DocumentState.UNMATCHED
    document = here.read_one(token)
    act = f"{API}/documents/{document}"
    chosen = here.client.post(f"{act}/template", json={"template": KEY}, headers=token)
    assert (chosen.json()["state"], chosen.json()["wanted_template"]) == ("queued", KEY)
    here.office.reader.state = DocumentState.NEEDS_REVIEW
    here.office.work_off()
    assert here.client.post(f"{act}/retry", headers=token).json()["state"] == "queued"
    here.office.work_off()
    refused = here.client.post(f"{act}/key", json={"template": KEY}, headers=token)
    assert refused.json()["code"] == "conflict.state"
    assert here.client.post(f"{act}/discard", headers=token).json()["state"] == "discarded"


def test_a_reviewer_is_given_documents_until_there_are_none(
    here: World, token: dict[str, str]
) -> None:
    """204 when nothing waits for eyes."""
    document = here.read_one(token)
    given = here.client.post(f"{API}/review/next", json={}, headers=token)
    assert given.json()["id"] == document
    assert given.json()["claimed_by"] is not None
    assert given.headers["etag"]
    here.client.post(f"{API}/documents/{document}/approve", headers=token)
    assert here.client.post(f"{API}/review/next", json={}, headers=token).status_code == 204


def test_templates_are_listed_and_added_once(here: World, token: dict[str, str]) -> None:
    """A version that is there never changes."""
    known = here.client.get(f"{API}/templates", headers=token).json()["templates"]
    assert (KEY, VERSION) in [(t["key"], t["version"]) for t in known]
    path = here.services.shelf.library().get(KEY).folder / "template.toml"
    text = path.read_text("utf-8").replace(f'version = "{VERSION}"', 'version = "2021-06"', 1)
    upload = {"file": ("template.toml", text.encode())}
    added = here.client.post(f"{API}/templates", files=upload, headers=token)
    assert (added.status_code, added.json()["version"]) == (201, "2021-06")
    again = here.client.post(f"{API}/templates", files=upload, headers=token)
    assert again.json() == added.json()
    changed = {"file": ("template.toml", (text + "\n# changed\n").encode())}
    assert here.client.post(f"{API}/templates", files=changed, headers=token).status_code == 409
    broken = {"file": ("template.toml", b"schema_version = 1")}
    refused = here.client.post(f"{API}/templates", files=broken, headers=token)
    assert (refused.status_code, refused.json()["code"]) == (422, "template.invalid")
    batch = here.client.post(f"{API}/batches", json={"template": f"{KEY}@2021-06"}, headers=token)
    assert batch.status_code == 201


def test_an_issue_is_waived_and_taken_back_over_the_api(here: World) -> None:
    """With a reason and the right to approve; the record shows it."""
    headers = here.token()
    here.office.reader.issues = (
        Issue("date.impossible", Severity.ERROR, ("birth_date",), "日付", "Date"),
    )
    document = here.read_one(headers)
    path = f"{API}/documents/{document}/waivers"
    wish = {"rule": "date.impossible", "fields": ["birth_date"], "reason": "asked"}
    scanner = here.token(Role.SCANNER)
    assert here.client.post(path, json=wish, headers=scanner).status_code == 403
    assert here.client.post(path, json=wish | {"reason": ""}, headers=headers).status_code == 422
    done = here.client.post(path, json=wish, headers=headers)
    assert done.status_code == 201
    assert done.headers["etag"]
    record = here.client.get(f"{API}/documents/{document}/record", headers=headers).json()
    assert record["issues"][0]["waived"] is True
    back = here.client.delete(f"{path}/{done.json()['id']}", headers=headers)
    assert back.status_code == 204
    record = here.client.get(f"{API}/documents/{document}/record", headers=headers).json()
    assert record["issues"][0]["waived"] is False
