"""A reviewer's steps over the API: undo, drafts, previews, holding, putting off, mending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocr_service.db.ids import DocumentId
from ocr_service.db.review import postponements
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.rights import Role
from tests.service.fakes import jpeg
from tests.web.api_world import API, World, world


@pytest.fixture(name="here")
def make(tmp_path: Path) -> Iterator[World]:
    """An installation."""
    with world(tmp_path) as found:
        yield found


@pytest.fixture(name="token")
def of_admin(here: World) -> dict[str, str]:
    """Of an administrator."""
    return here.token()


def _etag(here: World, document: int, token: dict[str, str]) -> dict[str, str]:
    shown = here.client.get(f"{API}/documents/{document}", headers=token)
    return {**token, "If-Match": shown.headers["etag"]}


def _put(here: World, document: int, token: dict[str, str], key: str, **body: Any) -> Any:
    path = f"{API}/documents/{document}/fields/{key}"
    return here.client.put(path, json=body, headers=_etag(here, document, token))


def _read_another(here: World, token: dict[str, str]) -> int:
    """A second page with other bytes."""
    batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    document = here.send(batch, jpeg(7), token).json()["documents"][0]
    here.office.work_off()
    return int(document)


def _undo(here: World, document: int, token: dict[str, str], key: str) -> Any:
    path = f"{API}/documents/{document}/fields/{key}/undo"
    return here.client.post(path, headers=_etag(here, document, token))


def test_undoing_goes_back_step_by_step_to_the_machine(here: World, token: dict[str, str]) -> None:
    """And no further: then nobody has answered."""
    document = here.read_one(token)
    for value in ("甲", "乙"):
        assert _put(here, document, token, "name", value=value).status_code == 200
    assert _undo(here, document, token, "name").json()["field"]["value"] == "甲"
    back = _undo(here, document, token, "name").json()["field"]
    assert (back["value"], back["source"], back["status"]) == ("試験　太郎", "machine", "review")
    again = _undo(here, document, token, "name")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert _put(here, document, token, "name", value="丙").json()["field"]["value"] == "丙"


def test_undoing_needs_the_version_and_a_known_field(here: World, token: dict[str, str]) -> None:
    """428, 409 and 404, as for answers."""
    document = here.read_one(token)
    path = f"{API}/documents/{document}/fields/name/undo"
    assert here.client.post(path, headers=token).status_code == 428
    old = _etag(here, document, token)
    _put(here, document, token, "name", value="甲")
    assert here.client.post(path, headers=old).json()["code"] == "conflict.stale"
    assert _undo(here, document, token, "shoe_size").status_code == 404
    assert _put(here, document, token, "shoe_size", value="43").status_code == 404


def test_a_field_is_illegible_or_has_a_value(here: World, token: dict[str, str]) -> None:
    """Never both; the record says so in its flags."""
    document = here.read_one(token)
    done = _put(here, document, token, "name", value=None, illegible=True).json()["field"]
    assert (done["value"], done["flags"]) == (None, ["illegible"])
    both = _put(here, document, token, "name", value="甲", illegible=True)
    assert both.status_code == 422


def test_what_cannot_be_kept_is_refused_with_a_reason(here: World, token: dict[str, str]) -> None:
    """For programs as a word, and without quoting it."""
    document = here.read_one(token)
    long = _put(here, document, token, "name", value="あ" * 10_000)
    assert (long.status_code, long.json()["refusal"]) == (422, "long")
    assert "あああ" not in long.text
    assert _put(here, document, token, "birth_date", value="x").json()["refusal"] == "date"


def test_a_preview_tells_what_would_be_kept_and_keeps_nothing(
    here: World, token: dict[str, str]
) -> None:
    """Folded values, a date by era, refusals; an unknown key is a 404."""
    document = here.read_one(token)
    path = f"{API}/documents/{document}/preview"
    values = {"birth_date": "S45.3.12", "sex": "both"}
    seen = here.client.post(path, json={"values": values}, headers=token).json()
    assert seen["fields"]["birth_date"]["value"] == "1970-03-12"
    assert "昭和45年3月12日" in seen["fields"]["birth_date"]["hint"]
    assert seen["refusals"] == {"sex": "option"}
    unknown = here.client.post(path, json={"values": {"shoe_size": "43"}}, headers=token)
    assert unknown.status_code == 404
    record = here.client.get(f"{API}/documents/{document}/record", headers=token).json()
    assert record["fields"]["birth_date"]["value"] == "1980-02-03"


def test_only_the_holder_changes_a_document(here: World, token: dict[str, str]) -> None:
    """Others are told who it is and until when; they may wait, or take it over."""
    document = here.read_one(token)
    other = here.token(Role.REVIEWER)
    claim = f"{API}/documents/{document}/claim"
    held = here.client.post(claim, json={}, headers=token).json()
    assert held["claimed_by"] == "user-0"
    for refused in (
        here.client.post(claim, json={}, headers=other),
        _put(here, document, other, "name", value="甲"),
        _undo(here, document, other, "name"),
        here.client.post(f"{API}/documents/{document}/postpone", json={}, headers=other),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict.held")
        assert refused.json()["holder"] == "user-0"
        assert refused.json()["until"]
    taken = here.client.post(claim, json={"take_over": True}, headers=other)
    assert taken.json()["claimed_by"] != "user-0"
    assert _put(here, document, other, "name", value="甲").status_code == 200
    here.clock.advance(901)
    assert _put(here, document, token, "name", value="乙").status_code == 200


def test_a_released_document_is_free_at_once(here: World, token: dict[str, str]) -> None:
    """For everybody; whoever does not hold it releases nothing."""
    document = here.read_one(token)
    other = here.token(Role.REVIEWER)
    here.client.post(f"{API}/documents/{document}/claim", json={}, headers=token)
    release = f"{API}/documents/{document}/release"
    assert here.client.post(release, headers=other).status_code == 204
    assert _put(here, document, other, "name", value="甲").status_code == 409
    assert here.client.post(release, headers=token).status_code == 204
    assert _put(here, document, other, "name", value="甲").status_code == 200


def test_what_was_put_off_comes_last(here: World, token: dict[str, str]) -> None:
    """Until the field is answered."""
    first, second = here.read_one(token), _read_another(here, token)
    path = f"{API}/documents/{first}/postpone"
    assert here.client.post(path, json={"key": "name"}, headers=token).status_code == 204
    given = here.client.post(f"{API}/review/next", json={}, headers=token).json()["id"]
    assert given == second
    besides = {"besides": [second]}
    assert here.client.post(f"{API}/review/next", json=besides, headers=token).json()["id"] == first
    _put(here, first, token, "name", value="甲")
    with here.services.db.reading() as uow:
        assert postponements.of_many(uow, [DocumentId(first)]) == {}
    assert here.client.post(path, json={"key": "shoe_size"}, headers=token).status_code == 404


def test_drafts_are_of_one_user(here: World, token: dict[str, str]) -> None:
    """Kept, replaced and forgotten; too long a one is refused."""
    document = here.read_one(token)
    path = f"{API}/documents/{document}/fields/name/draft"
    for value in ("あ", "あい"):
        assert here.client.put(path, json={"value": value}, headers=token).status_code == 204
    assert here.client.put(path, json={"value": "あ" * 5000}, headers=token).status_code == 422
    assert here.client.delete(path, headers=token).status_code == 204
    wrong = f"{API}/documents/{document}/fields/shoe_size/draft"
    assert here.client.put(wrong, json={"value": "43"}, headers=token).status_code == 404


def test_an_approval_is_taken_back_until_the_export(here: World, token: dict[str, str]) -> None:
    """Afterwards the document is reopened instead."""
    document = here.read_one(token)
    act = f"{API}/documents/{document}"
    early = here.client.post(f"{act}/unapprove", headers=token)
    assert early.json()["code"] == "conflict.state"
    here.client.post(f"{act}/approve", headers=token)
    assert here.client.post(f"{act}/unapprove", headers=token).json()["state"] == "needs_review"
    here.client.post(f"{act}/approve", headers=token)
    batch = here.client.get(act, headers=token).json()["batch"]
    made = here.client.post(f"{API}/exports", json={"batch": batch}, headers=token)
    assert made.status_code == 201
    assert here.client.post(f"{act}/unapprove", headers=token).json()["code"] == "conflict.state"


def test_a_page_is_placed_keyed_or_scanned_again(here: World, token: dict[str, str]) -> None:
    """Corners that make no page are refused; an unmatched page can be keyed by hand."""
    here.office.reader.state = DocumentState.UNMATCHED
    document = here.read_one(token)
    act = f"{API}/documents/{document}"
    crossed = [[0, 0], [1, 1], [1, 0], [0, 1]]
    refused = here.client.post(f"{act}/place", json={"corners": crossed}, headers=token)
    assert refused.status_code == 422
    corners = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
    placed = here.client.post(f"{act}/place", json={"corners": corners}, headers=token)
    assert placed.json()["state"] == "queued"
    here.office.work_off()
    asked = here.client.post(f"{act}/rescan", json={"reason": "折れ"}, headers=token)
    assert asked.status_code == 204
    scanner = here.token(Role.SCANNER)
    done = here.client.post(f"{act}/rescanned", headers=scanner)
    assert done.json()["state"] == "discarded"
    assert here.client.post(f"{act}/rescanned", headers=scanner).status_code == 404
    other = _read_another(here, token)
    keyed = here.client.post(
        f"{API}/documents/{other}/key", json={"template": "mhlw-covid19"}, headers=token
    )
    assert keyed.json()["state"] == "needs_review"


def test_scripts_without_a_dated_address_are_asked_for_each_time(here: World) -> None:
    """So that an update never mixes modules of two versions; dated ones are kept for ever."""
    plain = here.client.get("/static/review_api.js")
    dated = here.client.get("/static/review.js?v=1")
    assert plain.headers["cache-control"] == "no-cache"
    assert "immutable" in dated.headers["cache-control"]
