"""Fronts and backs on the pages and in the API: who belongs together, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.pages_world import World, make_world, scan

CODE, OTHER = "0000000017", "0000000025"
NAMES = ("side2-" + CODE, "side1-" + OTHER, "side1-" + CODE, "side2-")


@pytest.fixture(name="world")
def make_installation(tmp_path: Path) -> World:
    """A fresh installation."""
    return make_world(tmp_path)


@pytest.fixture(name="browser")
def log_in(world: World) -> Iterator[TestClient]:
    """A browser after four pages were read: a whole form, a front alone, a back without code."""
    with world.browser() as client:
        files = [("file", (f"{name}.jpg", scan(name), "image/jpeg")) for name in NAMES]
        client.post("/batches", files=files, data={"name": "両面"})
        world.work()
        yield client


def test_the_batch_page_shows_a_receipt_that_names_pages_without_partner(
    browser: TestClient,
) -> None:
    """The numbers of the API, and for each page what is wrong with it in the clerk's language."""
    page = browser.get("/batches/1").text
    assert "表裏そろい 2 + 相手なし 1 + 重なり 0 + コード不明 1" in page
    listed = re.findall(r"<li>.*?</svg>(.*?)</li>", page, re.DOTALL)
    assert [" ".join(one.split()) for one in listed] == [
        f"{NAMES[1]}.jpg ページ 1 — 足りないページがあります",
        f"{NAMES[3]}.jpg ページ 1 — コードが読めていません",
    ]
    told = browser.get("/api/v1/batches/1/receipt").json()
    assert told["sides"] == {
        "pages": 4, "paired": 2, "alone": 1, "twice": 0, "uncoded": 1, "forms": 1,
    }  # fmt: skip
    assert [(one["name"], one["code"]) for one in told["unpaired"]] == [
        (f"{NAMES[1]}.jpg", "document.side_missing"),
        (f"{NAMES[3]}.jpg", "document.side_code"),
    ]


def test_a_page_leads_to_the_other_pages_of_its_form(browser: TestClient) -> None:
    """On its own page and in the API, in order of side; a page of another form has none."""
    assert '<a href="/documents/3">' in browser.get("/documents/1").text
    told = browser.get("/api/v1/documents/1/sides").json()
    assert told == {
        "standing": "paired",
        "pages": [{"document": 3, "side": 1}, {"document": 1, "side": 2}],
    }
    assert browser.get("/api/v1/documents/2/sides").json()["standing"] == "alone"
    assert browser.get("/api/v1/documents/99/sides").status_code == HTTPStatus.NOT_FOUND


def test_order_without_duplex_is_refused(browser: TestClient) -> None:
    """There are no two sides of a sheet to go by."""
    wish = {"name": "x", "pair_by": "order"}
    answer = browser.post("/api/v1/batches", json=wish)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    opened = browser.post("/api/v1/batches", json={**wish, "duplex": True})
    assert opened.json()["pair_by"] == "order"
