"""Attention list, findings and the person panel: filters, rights, CSV, paper, accessibility."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from starlette.testclient import TestClient

from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings, records
from ocr_service.masters.importing.model import MasterKind
from ocr_service.service.check.record_about import note_record
from ocr_service.service.masters.importing import apply_import
from ocr_service.service.masters.passage import MasterFile
from tests.web.browsing import chromium, needs_browser, served
from tests.web.pages_world import World, make_world, scan

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "masters"
PAGES = ("/attention", "/reports/findings", "/masters", "/documents/1")

WRITTEN = {
    "voucher_municipality_code": "131016",
    "voucher_number": "0000000011",
    "voucher_dose": "2",
    "name": "渡部　見本",
    "name_kana": "ワタナベ　ミホン",
    "birth_date": "1950-04-01",
    "institution_code": "1310121996",
    "vaccination_date": "2021-06-22",
    "q9": "yes",
    "q9_detail": "そば",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """An installation with masters and one page, as a clerk sees it."""

    world: World
    client: TestClient


@pytest.fixture(name="desk")
def furnish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Residents allowed, every master filled, one page read and judged."""
    monkeypatch.setenv("OCR_PERSONAL_MASTERS", "true")
    world = make_world(tmp_path)
    for kind in MasterKind:
        data = io.BytesIO((EXAMPLES / f"{kind}.csv").read_bytes())
        file = MasterFile(kind, f"{kind}.csv", data)
        apply_import(world.services.db, world.services.vault, file, actor="admin")
    with world.browser() as client:
        client.post("/batches", files={"file": ("one.jpg", scan("one"))})
        world.work()
        _write(world)
        yield Desk(world, client)


def _write(world: World) -> None:
    """Put the invented person's answers on the page and judge it."""
    services = world.services
    with services.db.writing() as uow:
        seen = documents.get(uow, DocumentId(1))
        record = records.load(uow, seen)
        fields = [
            replace(field, value=WRITTEN[field.key], raw=WRITTEN[field.key])
            for field in record.fields
            if field.key in WRITTEN
        ]
        origin = readings.Origin(seen.id, world.form.key, world.form.version, "worker")
        for field in fields:
            readings.append(uow, origin, [field])
        written = records.load(uow, seen)
        note_record(uow, seen.id, written)
        assert services.check is not None
        readings.replace_issues(uow, seen.id, services.check(uow, seen, written, world.form))


def test_attention_list_is_filtered_and_is_no_diagnosis(desk: Desk) -> None:
    """By batch, day, item and institution; the page says what it is not."""
    page = desk.client.get("/attention").text
    assert "診断や接種可否の判定ではありません" in page
    assert "アナフィラキシー等の既往: そば" in page
    for hit in ("batch=1", "day=2021-06-22", "institution=1310121996", "item=mhlw-covid19:q9"):
        assert "そば" in desk.client.get(f"/attention?{hit}").text
    for miss in ("batch=9", "day=2021-06-23", "institution=1110304758", "item=mhlw-covid19:q8"):
        assert "そば" not in desk.client.get(f"/attention?{miss}").text
    odd = desk.client.get("/attention?day=2021-02-30&batch=x&level=y")
    assert odd.status_code == HTTPStatus.OK


def test_findings_are_counted_by_clinic_and_asked_without_names(desk: Desk) -> None:
    """Page, CSV in two encodings and letters; no name of a person in any."""
    page = desk.client.get("/reports/findings").text
    assert "あおぞら内科クリニック" in page
    assert "妊娠の可能性" in page
    wide = desk.client.get("/reports/findings.csv").content
    assert wide.startswith(b"\xef\xbb\xbf")
    narrow = desk.client.get("/reports/findings.csv?encoding=cp932").content.decode("cp932")
    assert "required.missing" in narrow
    assert "1310121996" in narrow
    for text in (page, wide.decode("utf-8-sig"), narrow):
        assert "渡部" not in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed here")
def test_paper_says_the_same(desk: Desk, tmp_path: Path) -> None:
    """The attention sheet has the person, the letter only numbers."""
    said = {}
    for name in ("/attention.pdf?batch=1", "/reports/findings.pdf"):
        file = tmp_path / "sheet.pdf"
        file.write_bytes(desk.client.get(name).content)
        done = subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True)
        said[name] = done.stdout.decode().replace("\n", "").replace(" ", "")
    assert "診断や接種可否の判定ではありません" in said["/attention.pdf?batch=1"]
    assert "渡部" in said["/attention.pdf?batch=1"]
    assert "御中" in said["/reports/findings.pdf"]
    assert "渡部" not in said["/reports/findings.pdf"]


def test_clerk_says_who_it_is_on_the_page(desk: Desk) -> None:
    """What agrees and what differs is shown, with the dose of the ledger; one click decides."""
    page = desk.client.get("/documents/1").text
    assert "渡邉　見本" in page
    assert "2021-06-01" in page
    shown = desk.client.get("/api/v1/documents/1/residents").json()
    (nearest,) = shown["candidates"]
    assert [f["agrees"] for f in nearest["fields"]][:4] == [True, True, True, False]
    assert shown["history"][0]["source"] == "ledger"
    with desk.world.services.db.reading() as uow:
        version = documents.get(uow, DocumentId(1)).version
    choice = {"handle": nearest["handle"], "version": version}
    answer = desk.client.post("/documents/1/resident", data=choice)
    assert answer.status_code == HTTPStatus.OK
    shown = desk.client.get("/api/v1/documents/1/residents").json()
    assert shown["candidates"][0]["distance"] < nearest["distance"]
    assert desk.client.post("/documents/1/resident", data=choice).status_code == HTTPStatus.CONFLICT


@pytest.mark.parametrize("path", ["/attention", "/attention.pdf", "/reports/findings"])
def test_strangers_see_nothing(desk: Desk, path: str) -> None:
    """Health data is for people who may read records."""
    with TestClient(desk.world.app) as stranger:
        answer = stranger.get(path, follow_redirects=False)
    assert answer.status_code in {303, 401, 403}


@needs_browser[0]
def test_pages_are_accessible_in_both_lights(desk: Desk) -> None:
    """No finding of axe on any page of this area."""
    with served(desk.world) as site:
        assert _violations(site.address, desk.world) == []


def _violations(address: str, world: World) -> list[str]:
    found = []
    with chromium() as browser:
        for light in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": 1366, "height": 768},
                color_scheme="dark" if light == "dark" else "light",
            )
            page = context.new_page()
            page.goto(address + world.login_link())
            for path in PAGES:
                page.goto(address + path)
                result = Axe().run(page).response["violations"]
                found += [f"{light} {path} {violation['id']}" for violation in result]
            context.close()
    return found
