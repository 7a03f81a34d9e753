"""Exports and their layouts over HTTP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr_service.db.accounts.accounts import Role
from ocr_service.domain.lifecycle import DocumentState
from tests.service.fakes import FIELDS, jpeg, value_of
from tests.web.api_world import API, World, world

SMALL = """schema_version = 1
name = "small"
version = "1"
title = { ja = "小", en = "small" }
[split]
rows = 1
[[columns]]
header = "氏名"
source = "name"
"""


@pytest.fixture(name="here")
def installation(tmp_path: Path) -> Iterator[World]:
    """An installation whose reader approves what it reads."""
    with world(tmp_path) as made:
        made.office.reader.state = DocumentState.APPROVED
        made.office.reader.issues = ()
        yield made


@pytest.fixture(name="token")
def token_of(here: World) -> dict[str, str]:
    """An administrator's."""
    return here.token()


def batch_of(here: World, token: dict[str, str], seed: int = 0) -> int:
    """A batch with one approved page."""
    batch = int(here.client.post(f"{API}/batches", json={}, headers=token).json()["id"])
    here.send(batch, jpeg(seed), token)
    here.office.work_off()
    return batch


def test_an_export_over_several_batches_and_days(here: World, token: dict[str, str]) -> None:
    """A dry run says what would go and changes nothing; the manifest says what went."""
    batches = [batch_of(here, token, seed) for seed in range(2)]
    wish = {"batches": batches, "from": "2026-10-01", "to": "2026-12-31", "profile": "jsonl"}
    dry = here.client.post(f"{API}/exports", json={**wish, "dry_run": True}, headers=token)
    assert (dry.status_code, dry.json()["counts"]["documents"]) == (200, 2)
    assert here.client.get(f"{API}/exports", headers=token).json()["exports"] == []
    made = here.client.post(f"{API}/exports", json=wish, headers=token)
    assert (made.status_code, made.json()["batch"], made.json()["documents"]) == (201, None, 2)
    listed = here.client.get(f"{API}/exports", headers=token).json()
    assert listed == {"exports": [made.json()], "next_cursor": None}
    where = made.headers["location"]
    file = here.client.get(f"{where}/file", headers=token)
    assert file.headers["etag"] == f'"{made.json()["sha256"]}"'
    assert [json.loads(line)["change"] for line in file.text.splitlines()] == ["new", "new"]
    assert here.client.get(f"{where}/file", headers=token).content == file.content
    manifest = here.client.get(f"{where}/manifest", headers=token).json()
    assert manifest["selection"]["batches"] == batches
    assert manifest["profile"]["name"] == "jsonl"
    audit = here.client.get(f"{API}/audit", params={"subject": "export"}, headers=token).json()
    assert [row["action"] for row in audit["rows"]] == [
        "export.made",
        "export.fetched",
        "export.fetched",
    ]


def test_a_wish_names_something(here: World, token: dict[str, str]) -> None:
    """Neither batch nor days nor all is a mistake; days of another century hold nothing."""
    assert here.client.post(f"{API}/exports", json={}, headers=token).status_code == 422
    past = {"to": "1999-12-31"}
    assert here.client.post(f"{API}/exports", json=past, headers=token).status_code == 409
    batch_of(here, token)
    assert here.client.post(f"{API}/exports", json={"all": True}, headers=token).status_code == 201


def test_held_records_are_listed_with_document_column_and_character(
    here: World, token: dict[str, str]
) -> None:
    """Before anything is made."""
    here.office.reader.fields = (
        *(field for field in FIELDS if field.key != "name"),
        value_of("name", "𠮷田　髙子"),
        value_of("judgement", "ok"),
        value_of("vaccination_date", "2021-11-25"),
    )
    batch = batch_of(here, token)
    wish = {"batch": batch, "profile": "ledger-generic", "dry_run": True}
    found = here.client.post(f"{API}/exports", json=wish, headers=token).json()
    assert found["held"] == [
        {"document": 1, "column": "氏名", "code": "characters.missing", "detail": "𠮷 (U+20BB7)"}
    ]


def test_a_layout_is_saved_used_and_taken_back(here: World, token: dict[str, str]) -> None:
    """By administrators only; several files come as one archive and one by one."""
    path = f"{API}/export-profiles/small"
    exporter = here.token(Role.EXPORTER)
    assert here.client.put(path, json={"text": SMALL}, headers=exporter).status_code == 403
    saved = here.client.put(path, json={"text": SMALL}, headers=token)
    assert (saved.status_code, saved.json()["origin"]) == (200, "own")
    assert here.client.put(path, json={"text": SMALL}, headers=token).status_code == 409
    shown = here.client.get(path, headers=exporter).json()
    assert (shown["text"], [one["version"] for one in shown["versions"]]) == (SMALL, ["1"])
    for seed in range(2):
        batch_of(here, token, seed)
    wish = {"all": True, "profile": "small"}
    made = here.client.post(f"{API}/exports", json=wish, headers=exporter).json()
    archive = here.client.get(f"{API}/exports/{made['id']}/file", headers=exporter).content
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == [file["name"] for file in made["files"]]
    one = here.client.get(f"{API}/exports/{made['id']}/files/2", headers=exporter)
    assert one.content.decode("utf-8-sig").splitlines() == ["氏名", "試験　太郎"]
    assert here.client.get(f"{API}/exports/{made['id']}/files/3", headers=token).status_code == 404
    assert here.client.post(f"{path}/undo", headers=token).status_code == 200
    assert here.client.get(path, headers=token).status_code == 404


def test_mistakes_in_a_layout_are_named(here: World, token: dict[str, str]) -> None:
    """With their place; what cannot be parsed is one mistake."""
    path = f"{API}/export-profiles/lint"
    wrong = here.client.post(
        path, json={"text": SMALL.replace('"name"\n', '"nam"\n')}, headers=token
    )
    assert wrong.status_code == 200
    messages = [one["message"] for one in wrong.json()["findings"]]
    assert any("no form has a field nam" in message for message in messages)
    broken = here.client.post(path, json={"text": "x ="}, headers=token).json()["findings"]
    assert (broken[0]["where"], broken[0]["fatal"]) == ("profile", True)
    names = [
        one["name"]
        for one in here.client.get(f"{API}/export-profiles", headers=token).json()["profiles"]
    ]
    assert {"csv", "csv-cp932", "ledger-generic", "vrs-record", "fhir-immunization"} <= set(names)
