"""Exports from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ocr_service.bootstrap import build_services, prepare
from ocr_service.cli import export
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.settings import Settings
from tests.service.fakes import FakeReader, Office, RememberingBell, jpeg
from tests.settling import settle


@pytest.fixture(name="app")
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The commands over an installation with one approved page."""
    monkeypatch.setenv("OCR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    bell = RememberingBell()
    services = build_services(Settings(), bell=bell, clock=lambda: datetime.now(UTC))
    prepare(services)
    office = Office(services.db, services.blobs, bell, FakeReader())
    office.reader.state = DocumentState.APPROVED
    office.send(office.open_batch(), jpeg())
    office.work_off()
    settle(services)
    services.close()
    made = typer.Typer()
    export.register(made)
    return made


def say(app: typer.Typer, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["export", *words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_files_and_manifest_are_put_into_a_folder(app: typer.Typer, tmp_path: Path) -> None:
    """A dry run changes nothing; the list shows what was made."""
    dry = json.loads(say(app, "run", "--batch", "1", "--dry-run").splitlines()[0])
    assert (dry["documents"], dry["rows"]) == (1, 1)
    out = tmp_path / "out"
    said = say(app, "run", "--all", "--profile", "jsonl", "--out", str(out))
    assert "export 1: 1 documents, 1 rows" in said
    names = sorted(path.name for path in out.iterdir())
    assert names[0] == "export-1-manifest.json"
    assert json.loads((out / names[1]).read_text("utf-8"))["document_id"] == 1
    assert "jsonl@1" in say(app, "list")


def test_a_dry_run_names_what_stays(app: typer.Typer) -> None:
    """Document, reason, column."""
    said = say(app, "run", "--all", "--profile", "ledger-generic", "--dry-run")
    assert "held back: document 1: value.missing 接種区分" in said


def test_a_choice_must_be_made(app: typer.Typer) -> None:
    """And a day is a day."""
    with pytest.raises(InvalidRequest, match="--all"):
        say(app, "run")
    with pytest.raises(InvalidRequest, match="YYYY-MM-DD"):
        say(app, "run", "--from", "yesterday")


def test_layouts_are_listed_printed_linted_and_checked(app: typer.Typer, tmp_path: Path) -> None:
    """A copy of a shipped one is where an operator starts; exit code 2 tells scripts."""
    assert "ledger-generic" in say(app, "profiles")
    text = say(app, "profiles", "vrs-record")
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    assert "0 findings" in say(app, "lint", str(own), "csv")
    own.write_text(text.replace('source = "place"', 'source = "plac"'), "utf-8")
    assert "no form has a field plac" in say(app, "lint", str(own), code=2)
    sample = tmp_path / "sample.csv"
    sample.write_bytes("自治体コード\r\n131016\r\n".encode())
    assert "line 2: 1 columns, the profile has 8" in say(
        app, "check", "vrs-record", str(sample), code=2
    )
    with pytest.raises(InvalidRequest, match="--form"):
        say(app, "check", "csv", str(sample))
    assert "line 1, column 1" in say(
        app, "check", "csv", str(sample), "--form", "mhlw-covid19", code=2
    )
    with pytest.raises(InvalidRequest, match="cannot read"):
        say(app, "check", "csv", str(tmp_path / "gone"))
    assert json.loads(say(app, "schema"))["title"] == "Profile"
