"""A page is read against the list of residents, and people say whom it is about."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from ocr_service.db import audit
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings, records
from ocr_service.db.records.documents import Document
from ocr_service.domain.field import Source, Status
from ocr_service.domain.record import Record
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.masters.importing.model import MasterKind
from ocr_service.service.check.facts import KnownFacts
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.masters.importing import apply_import
from ocr_service.service.masters.passage import MasterFile
from ocr_service.service.masters.resident_choosing import Choice, choose_resident
from ocr_service.service.masters.residents import ResidentReader, resident_candidates
from ocr_service.service.masters.vault import Vault
from ocr_service.service.processing.rereading import Rules
from ocr_service.service.processing.working import take, work
from ocr_service.service.review.editing import Edit, answer_field
from tests.service.fakes import Office, jpeg, value_of

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "masters"
LIBRARY: TemplateLibrary = load_library(shipped_folder())

READ = {
    "voucher_municipality_code": "131016",
    "voucher_number": "0000000011",
    "name": "渡部　見本",
    "name_kana": "ワタナベ　ミホン",
    "birth_date": "1950-04-01",
    "address": "千代田区架空町1-2-3",
}


@pytest.fixture
def vault(office: Office, tmp_path: Path) -> Vault:
    """An installation with a list of residents."""
    vault = Vault(tmp_path / "masters.key", enabled=True)
    data = io.BytesIO((EXAMPLES / "residents.csv").read_bytes())
    given = MasterFile(MasterKind.RESIDENTS, "r.csv", data)
    apply_import(office.db, vault, given, actor="admin")
    return vault


def read_page(office: Office, vault: Vault, values: dict[str, str]) -> DocumentId:
    """A page that says ``values``, read with rules and list."""
    office.reader.fields = tuple(value_of(key, value) for key, value in values.items())
    receipt = office.send(office.open_batch(), jpeg(len(office.reader.seen)))
    check = RuleCheck(office.db.clock, KnownFacts(vault))
    rules = Rules(lambda: LIBRARY, check, ResidentReader(vault))
    worker = replace(office.worker, rules=rules)
    while office.bell.rung:
        office.bell.rung.clear()
        for lease in take(worker):
            work(worker, lease)
    return receipt.documents[0]


def stored(office: Office, document: DocumentId) -> tuple[Document, Record]:
    with office.db.reading() as uow:
        seen = documents.get(uow, document)
        return seen, records.load(uow, seen)


def test_list_settles_a_misread_name_and_keeps_what_was_read(office: Office, vault: Vault) -> None:
    """The machine's answers stay in the log, the second one names the list."""
    document = read_page(office, vault, READ)
    _, record = stored(office, document)
    name = record.field("name")
    assert (name.value, name.status) == ("渡邉　見本", Status.ACCEPTED)
    assert name.source is Source.MACHINE
    assert record.field("address").value == READ["address"]
    with office.db.reading() as uow:
        answers = readings.history(uow, document, "name")
    assert [a.field.reader for a in answers] == ["fake-1", "fake-1+resident"]
    assert answers[0].field.value == "渡部　見本"


def test_misread_voucher_is_found_by_its_neighbours(office: Office, vault: Vault) -> None:
    """Name, kana and birth vouch for the digit."""
    document = read_page(office, vault, {**READ, "voucher_number": "0000000071"})
    _, record = stored(office, document)
    assert record.field("voucher_number").value == "0000000011"


def test_strangers_voucher_changes_nothing(office: Office, vault: Vault) -> None:
    """Another person with this voucher is for people to look at."""
    other = {**READ, "name": "山本　花", "name_kana": "ヤマモト　ハナ", "birth_date": "1999-12-31"}
    document = read_page(office, vault, other)
    _, record = stored(office, document)
    assert {f.key: f.value for f in record.fields} == other


def test_list_never_overrules_a_person(office: Office, vault: Vault) -> None:
    """A human answer is in force however often the page is read."""
    document = read_page(office, vault, READ)
    seen, _ = stored(office, document)
    edit = Edit(document, "name", "渡部　見太", seen.version, "clerk")
    with office.db.writing() as uow:
        answer_field(uow, edit, library=LIBRARY, check=None)
    _, record = stored(office, document)
    assert record.field("name").value == "渡部　見太"
    assert record.field("name").source is Source.HUMAN


def test_switched_off_list_is_never_asked(office: Office, tmp_path: Path) -> None:
    """No key is even made."""
    off = Vault(tmp_path / "none.key")
    document = read_page(office, off, READ)
    _, record = stored(office, document)
    assert record.field("name").value == READ["name"]
    assert not off.path.exists()


def test_person_says_who_it_is(office: Office, vault: Vault) -> None:
    """Name, kana and birth become that person's answers; the audit log has no name."""
    far = {**READ, "name": "一二　三四", "birth_date": "1960-04-01"}
    document = read_page(office, vault, far)
    seen, record = stored(office, document)
    with office.db.writing() as uow:
        (nearest, *_) = resident_candidates(uow, vault, record)
        choice = Choice(document, nearest.handle, seen.version, "clerk")
        choose_resident(uow, vault, choice, library=LIBRARY, check=None)
    _, record = stored(office, document)
    assert record.field("name").value == "渡邉　見本"
    assert record.field("birth_date").value == "1950-04-01"
    assert record.field("birth_date").source is Source.HUMAN
    with office.db.reading() as uow:
        entries = [row.entry for row in audit.page(uow.connection, limit=500)]
    assert "resident.chosen" in {entry.action for entry in entries}
    assert "渡邉" not in str(entries)
