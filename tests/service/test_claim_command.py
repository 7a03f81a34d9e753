"""Claims by command, and the papers the demo ends with."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ocr_service.cli import claim
from ocr_service.cli.demo_papers import make_papers
from ocr_service.cli.demo_review import read_truth, review_all
from ocr_service.db.ids import BatchId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.lifecycle import DocumentState
from tests.service.billing_desk import read
from tests.service.fakes import jpeg
from tests.settling import settle
from tests.web.billing_world import BillingWorld, billing_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BillingWorld:
    """An installation with two records to bill and one that is held."""
    monkeypatch.setenv("OCR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    found = billing_world(tmp_path)
    read(
        found.office,
        name_kana="ミホン　ハナコ",
        birth_date="1950-04-01",
        sex="female",
        address="東京都千代田区見本町1-1",
        dose_ml="0.3",
        doctor_name="見本　医師",
    )
    read(found.office, voucher_municipality_code="141003")
    read(found.office, doctor_signature=False)
    return found


def say(*words: str, code: int = 0) -> str:
    app = typer.Typer()
    claim.register(app)
    result = CliRunner().invoke(app, ["claim", *words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_a_claim_is_drafted_issued_and_kept(world: BillingWorld, tmp_path: Path) -> None:
    """A dry run changes nothing; the list shows what was made."""
    world.name_issuer()
    said = say("run", "--month", "2021-10", "--dry-run")
    assert "141003 神奈川県横浜市" in said
    assert "held: 1 x the doctor's signature is missing" in said
    out = tmp_path / "claim.zip"
    said = say("run", "--month", "2021-10", "--issue", "--output", str(out))
    assert "C000001 issued" in said
    with zipfile.ZipFile(out) as archive:
        assert "claim.pdf" in archive.namelist()
    assert "4,554" in say("list")
    with pytest.raises(InvalidRequest, match="--issue"):
        say("run", "--month", "2021-10", "--output", str(out))
    with pytest.raises(InvalidRequest, match="2026-10-31"):
        say("run", "--month", "2021-10", "--until", "x")


def test_price_tables_are_listed_and_gaps_give_an_exit_code(
    world: BillingWorld, tmp_path: Path
) -> None:
    """So that a script notices."""
    assert "covid19-national" in say("prices")
    folder = world.services.settings.price_dir
    folder.mkdir()
    text = (
        'schema = 1\nkey = "town"\ntitle = "t"\nvaccine = "flu"\n'
        "first_day = 2026-10-01\nlast_day = 2027-01-31\n"
    )
    (folder / "town.toml").write_text(text, "utf-8")
    assert "town: no price row" in say("prices", code=2)
    assert tmp_path in folder.parents


def test_the_demo_ends_with_ledger_claim_and_balance(world: BillingWorld, tmp_path: Path) -> None:
    """A second run finds the papers of the first."""
    with world.services.db.writing() as uow:
        found = documents.page(uow, DocumentFilter())
    batch = found[0].batch
    settle(world.services)
    for _ in range(2):
        said: list[str] = []
        make_papers(world.services, batch, tmp_path, said.append)
        assert "Claim over 1 forms" in "\n".join(said)
        assert "Reconciliation balances" in said[-1]
    assert (tmp_path / "C000001.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "reconciliation.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "ledger.csv").read_bytes()


def test_the_demo_answers_only_from_what_is_known(world: BillingWorld, tmp_path: Path) -> None:
    """Pages whose content nobody wrote down stay with people."""
    office = world.office
    office.reader.state = DocumentState.NEEDS_REVIEW
    batch: BatchId = office.open_batch()
    office.send(batch, jpeg(901), "known.jpg")
    office.send(batch, jpeg(902), "unknown.jpg")
    office.work_off()
    fields = {"name": "別名　太郎", "doctor_signature": True}
    line = {"file": "known.jpg", "page": 1, "fields": fields}
    (tmp_path / "truth.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    truth = read_truth(tmp_path)
    assert read_truth(tmp_path / "nowhere") == {}
    done = review_all(world.services, batch, truth)
    assert (done.approved + done.left, done.left >= 1, done.answered >= 1) == (2, True, True)
