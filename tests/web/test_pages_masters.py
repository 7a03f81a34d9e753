"""The masters' pages: look, decide, take back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.pages_world import World, make_world

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "masters"
LOTS = (EXAMPLES / "lots.csv").read_bytes()


@pytest.fixture(name="world")
def make(tmp_path: Path) -> World:
    """A fresh installation."""
    return make_world(tmp_path)


@pytest.fixture(name="client")
def open_client(world: World) -> Iterator[TestClient]:
    """An administrator's browser."""
    with world.browser() as client:
        yield client


def send(client: TestClient, data: bytes, kind: str = "lots", **more: str) -> str:
    """Upload a file; the text of the page that follows."""
    answer = client.post(
        "/masters", data={"kind": kind, **more}, files={"file": ("list.csv", data)}
    )
    return answer.text


def test_file_is_looked_at_then_imported_then_taken_back(client: TestClient) -> None:
    """Nothing is in force before somebody says yes, and nothing after the undo."""
    assert "取り込むとこうなります" in send(client, LOTS)
    page = client.get("/masters").text
    assert "確認待ち" in page
    client.post("/masters/imports/1/apply")
    page = client.get("/masters").text
    assert re.search(r'ロット</th>\s*<td class="number">4</td>', page)
    client.post("/masters/imports/2/undo")
    page = client.get("/masters").text
    assert re.search(r'ロット</th>\s*<td class="number">0</td>', page)
    assert "取り消し済み" in page


def test_rejected_lines_are_listed_and_keep_the_file_out(client: TestClient) -> None:
    """By line, column and reason in words; a word of consent takes the rest."""
    bad = LOTS + "見本ワクチンA,ZZ0009,2026-02-30,,\n".encode()
    page = send(client, bad)
    assert "暦にない日付" in page
    assert "ZZ0009" not in page
    assert client.post("/masters/imports/1/apply").status_code == HTTPStatus.CONFLICT
    assert client.post("/masters/imports/1/apply", data={"skip": "1"}).url.path == "/masters"


def test_put_away_file_is_gone(client: TestClient) -> None:
    """It cannot be imported any more."""
    send(client, LOTS)
    client.post("/masters/imports/1/drop")
    assert client.post("/masters/imports/1/apply").status_code == HTTPStatus.CONFLICT


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("品名,価格\nりんご,100\n".encode(), "ロット番号"),
        (b"", "空です"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 99, ".xls"),
    ],
)
def test_files_that_are_no_list_are_explained(client: TestClient, data: bytes, words: str) -> None:
    """On the page itself, in the reader's language, with what is missing."""
    answer = client.post("/masters", data={"kind": "lots"}, files={"file": ("x.csv", data)})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in answer.text


def test_citizens_are_refused_while_switched_off(client: TestClient) -> None:
    """The page says how to switch them on."""
    assert "OCR_PERSONAL_MASTERS" in client.get("/masters").text
    answer = client.post(
        "/masters",
        data={"kind": "residents"},
        files={"file": ("r.csv", (EXAMPLES / "residents.csv").read_bytes())},
    )
    assert answer.status_code == HTTPStatus.CONFLICT


def test_masters_are_for_administrators(world: World, client: TestClient) -> None:
    """Others do not see the link, and the page refuses them."""
    assert 'href="/masters"' in client.get("/").text
    with TestClient(world.app) as stranger:
        assert stranger.get("/masters", follow_redirects=False).status_code in {303, 401, 403}
