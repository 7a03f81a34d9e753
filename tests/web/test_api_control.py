"""Batches are steered, and old pages read again, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr_service.db.accounts.accounts import Role
from tests.service.fakes import KEY, jpeg
from tests.web.api_world import API, World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation."""
    with world(tmp_path) as made:
        yield made


def _batch(here: World, token: dict[str, str]) -> str:
    number = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
    return f"{API}/batches/{number}"


def test_a_batch_is_paused_resumed_and_moved_forward(here: World) -> None:
    """Each answer shows how the batch is steered from now on."""
    token = here.token()
    batch = _batch(here, token)
    fresh = here.client.get(f"{batch}/control", headers=token).json()
    assert (fresh["flow"], fresh["priority"]) == ("running", "normal")
    assert here.client.post(f"{batch}/pause", headers=token).json()["flow"] == "paused"
    moved = here.client.put(f"{batch}/priority", json={"priority": "urgent"}, headers=token)
    assert moved.json()["priority"] == "urgent"
    here.client.post(f"{batch}/resume", headers=token)
    shown = here.client.get(f"{batch}/control", headers=token).json()
    assert (shown["flow"], shown["priority"]) == ("running", "urgent")
    wrong = here.client.put(f"{batch}/priority", json={"priority": "now"}, headers=token)
    assert wrong.status_code == 422


def test_a_cancelled_batch_says_how_many_pages_it_put_away(here: World) -> None:
    """And cannot be steered any more."""
    token = here.token()
    batch = _batch(here, token)
    here.send(int(batch.rpartition("/")[2]), jpeg(), token)
    done = here.client.post(f"{batch}/cancel", headers=token).json()
    assert (done["flow"], done["discarded"]) == ("cancelled", 1)
    assert here.client.post(f"{batch}/resume", headers=token).status_code == 409
    assert here.client.post(f"{API}/batches/999/pause", headers=token).status_code == 404


def test_old_pages_are_read_again(here: World) -> None:
    """Those of a batch or of a form; all pages of the house are not read again by accident."""
    token = here.token()
    document = here.read_one(token)
    wish = {"template": KEY, "read_as": KEY}
    done = here.client.post(f"{API}/reruns", json=wish, headers=token)
    assert (done.status_code, done.json()) == (202, {"requeued": 1, "skipped": 0})
    shown = here.client.get(f"{API}/documents/{document}", headers=token).json()
    assert (shown["state"], shown["wanted_template"]) == ("queued", KEY)
    everything = here.client.post(f"{API}/reruns", json={"template": KEY}, headers=token)
    assert everything.status_code == 422


def test_a_scanner_may_look_but_not_steer(here: World) -> None:
    """Its token is for sending."""
    batch = _batch(here, here.token())
    scanner = here.token(Role.SCANNER)
    assert here.client.get(f"{batch}/control", headers=scanner).status_code == 200
    assert here.client.post(f"{batch}/cancel", headers=scanner).status_code == 403
