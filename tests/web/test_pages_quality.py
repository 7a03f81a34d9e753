"""Blind samples, the report and the dashboard over HTTP."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ocr_service.db.ids import DocumentId
from ocr_service.db.quality import quality as rows
from ocr_service.service.quality import sampling as quality
from ocr_service.service.review.reviewing import Decision, approve
from tests.web.pages_world import DOUBTFUL, VALUES, World, make_world, scan


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An installation with one approved page, all its accepted fields drawn."""
    made = make_world(tmp_path)
    with made.browser() as client:
        client.post("/batches", files={"file": ("a.jpg", scan("a"))}, data={"name": "=1+1"})
    made.work()
    with made.services.db.writing() as uow:
        approve(uow, Decision(DocumentId(1), "boss"), reason="checked")
        quality.set_share(uow, 1.0, actor="boss")
    quality.draw(made.services.db, made.services.shelf.library())
    return made


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    """The administrator's browser; he is alone."""
    with world.browser() as client:
        yield client


def test_no_page_of_a_sample_holds_what_the_machine_read(world: World, browser: TestClient) -> None:
    """Neither the value nor its alternatives, nor the way to the document; every sample is seen."""
    library = world.services.shelf.library()
    seen = 0
    while True:
        page = browser.get("/quality/sample").text
        number = re.search(r'action="/quality/sample/(\d+)"', page)
        if number is None:
            break
        with world.services.db.reading() as uow:
            machine = rows.machine_field(uow, int(number[1]))
            blind = quality.blind_sample(uow, int(number[1]), library)
        body = page.split("<main", 1)[1]
        assert "/documents/" not in body
        assert "checked" not in body
        assert f"{machine.probability:.3f}" not in body
        if isinstance(machine.value, str) and blind.spec.kind in {"text", "digits"}:
            assert machine.value not in body
        assert browser.get(f"/quality/sample/{number[1]}/crop.png").status_code == 200
        entered = machine.value if isinstance(machine.value, tuple) else [machine.value]
        said = [str(v).lower() if isinstance(v, bool) else v for v in entered if v is not None]
        browser.post(f"/quality/sample/{number[1]}", data={"value": said})
        seen += 1
    assert seen == len(world.form.record_keys) - len(DOUBTFUL)
    report = browser.get("/api/v1/quality").json()
    assert (report["overall"]["judged"], report["overall"]["escaped"]) == (seen, 0)
    assert report["samples"] == {"right": seen}
    assert VALUES["name"] is not None
    page = browser.get("/quality").text
    assert 'role="img"' in page
    assert "2995" in page


def test_what_a_field_cannot_hold_is_asked_again(world: World, browser: TestClient) -> None:
    """And a sample that was settled meanwhile is passed over."""
    with world.services.db.reading() as uow:
        found = rows.next_for(uow, "admin", alone=True)
    assert found is not None
    for data, query in [({"value": "x" * 1999}, ""), ({"illegible": "1"}, "")]:
        answer = browser.post(f"/quality/sample/{found.id}", data=data)
        assert answer.status_code == 200
        assert str(answer.url.query.decode()).startswith(query)
    assert browser.post("/quality/sample/9999", data={"value": "1"}).status_code == 404
    assert browser.get("/quality/sample/9999/crop.png").status_code == 404


def test_the_share_is_set_by_an_administrator_and_must_be_one(browser: TestClient) -> None:
    """In per cent."""
    assert "5 %" in browser.post("/quality/share", data={"percent": "5"}).text
    for wrong in ("101", "-1", "x", "nan"):
        assert browser.post("/quality/share", data={"percent": wrong}).status_code == 422
    assert browser.post("/quality/raises/9/undo").status_code == 404


def test_the_dashboard_shows_figures_with_tables_and_gives_them_as_csv_and_json(
    browser: TestClient,
) -> None:
    """No name of a person, and no cell that a spreadsheet would run."""
    page = browser.get("/dashboard?days=7").text
    main = page.split("<main", 1)[1]
    assert main.count('role="img"') >= 2
    assert main.count("<table") >= 2
    assert "admin" not in main
    answer = browser.get("/dashboard/figures.csv?days=7")
    assert "attachment" in answer.headers["content-disposition"]
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert found[0][:2] == ["day", "pages_read"]
    assert found[7][1] == "1"
    assert found[-1][1] == "'=1+1"
    told = browser.get("/api/v1/dashboard?days=7").json()
    assert (len(told["days"]), told["days"][-1]["values"]["pages"]) == (7, 1)
    assert told["days"][-1]["approved"] == 1
    assert browser.get("/dashboard?days=0").status_code == 404
    assert browser.get("/dashboard?batch=1").status_code == 200
