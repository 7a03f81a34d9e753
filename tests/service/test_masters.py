"""Masters come in as a whole or not at all, in versions, and can be taken back."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocr_service.blobs import BlobStore
from ocr_service.db import audit
from ocr_service.db import tables as t
from ocr_service.db.masters import imports as master_imports
from ocr_service.db.masters import masters
from ocr_service.db.masters.imports import ImportId, ImportState
from ocr_service.db.masters.masters import StoredRow
from ocr_service.db.records import documents, records
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.masters.importing.model import MasterKind, ProblemCode
from ocr_service.masters.sealing import WrongMasterKey, seal_from
from ocr_service.service.check.facts import KnownFacts
from ocr_service.service.masters import importing, passage
from ocr_service.service.masters.importing import (
    MasterRowsRejected,
    apply_import,
    apply_staged,
    delete_master,
    drop_staged,
    preview_import,
    stage_import,
    undo_import,
)
from ocr_service.service.masters.passage import ImportOptions, ImportReport, MasterFile
from ocr_service.service.masters.vault import PersonalMastersOff, Vault
from ocr_service.validators.facts import Facts
from tests.service.fakes import Office, jpeg, value_of

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "masters"
INSTITUTIONS, LOTS, RESIDENTS = MasterKind.INSTITUTIONS, MasterKind.LOTS, MasterKind.RESIDENTS
HEAD = "医療機関コード,医療機関名称,所在地"
HOKKAIDO, TOKYO = "0110113719", "1310121996"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A key of this test, with lists of citizens allowed."""
    return Vault(tmp_path / "keys" / "masters.key", enabled=True)


def file_of(kind: MasterKind, *lines: str, options: ImportOptions | None = None) -> MasterFile:
    data = "\n".join(lines).encode()
    return MasterFile(kind, "list.csv", io.BytesIO(data), options or ImportOptions())


def example(kind: MasterKind) -> MasterFile:
    return MasterFile(kind, f"{kind}.csv", io.BytesIO((EXAMPLES / f"{kind}.csv").read_bytes()))


def take(db: Database, vault: Vault, given_file: MasterFile) -> tuple[int, ImportReport]:
    return apply_import(db, vault, given_file, actor="admin")


def names(db: Database) -> dict[str, str]:
    with db.reading() as uow:
        rows = masters.all_of(uow, INSTITUTIONS, limit=100)
    return {row.key: (row.cells or {})["name"] for row in rows}


def test_second_list_changes_what_differs_and_undoing_brings_it_back(
    db: Database, vault: Vault
) -> None:
    """New, changed and unchanged rows are told apart; the old version is in force again after."""
    take(db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北,a", f"{TOKYO},東,b"))
    number, report = take(
        db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北新,a", f"{TOKYO},東,b")
    )
    counts = report.counts
    assert (counts.rows, counts.added, counts.changed, counts.unchanged) == (2, 0, 1, 1)
    assert names(db) == {HOKKAIDO: "北新", TOKYO: "東"}
    with db.writing() as uow:
        undo_import(uow, number, actor="admin")
    assert names(db) == {HOKKAIDO: "北", TOKYO: "東"}


def test_only_the_newest_import_can_be_undone(db: Database, vault: Vault) -> None:
    """Whatever built on it goes first."""
    first, _ = take(db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北,a"))
    second, _ = take(db, vault, file_of(INSTITUTIONS, HEAD, f"{TOKYO},東,b"))
    with db.writing() as uow, pytest.raises(Conflict):
        undo_import(uow, first, actor="admin")
    for number in (second, first):
        with db.writing() as uow:
            undo_import(uow, number, actor="admin")
    assert names(db) == {}
    with db.writing() as uow, pytest.raises(Conflict):
        undo_import(uow, first, actor="admin")


def test_a_wrong_line_keeps_everything_out(db: Database, vault: Vault) -> None:
    """Nothing half imported; with the operator's word the rest comes in."""
    lines = (HEAD, f"{HOKKAIDO},北,a", "0110113718,だめ,a", f"{HOKKAIDO},二度,a")
    with pytest.raises(MasterRowsRejected) as caught:
        take(db, vault, file_of(INSTITUTIONS, *lines))
    assert [(p.line, p.code) for p in caught.value.report.problems] == [
        (3, ProblemCode.CHECK_DIGIT),
        (4, ProblemCode.DUPLICATE),
    ]
    assert names(db) == {}
    with db.reading() as uow:
        assert master_imports.history(uow) == []
    options = ImportOptions(skip_rejected=True)
    _, report = take(db, vault, file_of(INSTITUTIONS, *lines, options=options))
    assert report.counts.rejected == 2
    assert names(db) == {HOKKAIDO: "北"}


def test_whole_list_ends_what_it_leaves_out_in_its_own_prefectures(
    db: Database, vault: Vault
) -> None:
    """A list of one prefecture says nothing of another."""
    other_tokyo = "1310121988"
    take(db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北,a", f"{TOKYO},東,b"))
    whole = ImportOptions(whole=True)
    lines = (HEAD.replace(",所在地", ",検証番号対象外"), f"{other_tokyo},新,1")
    _, report = take(db, vault, file_of(INSTITUTIONS, *lines, options=whole))
    assert report.counts.ended == 1
    assert names(db) == {HOKKAIDO: "北", other_tokyo: "新"}


def test_looking_changes_nothing(db: Database, vault: Vault) -> None:
    """A dry run tells what would happen."""
    with db.reading() as uow:
        report = preview_import(uow, vault, example(INSTITUTIONS))
    assert report.counts.added == 4
    assert names(db) == {}


def test_staged_file_waits_sealed_until_somebody_decides(
    db: Database, blobs: BlobStore, vault: Vault
) -> None:
    """It is imported once, or dropped; its bytes in the store tell nothing and go away."""
    number = stage_import(db, blobs, vault, example(RESIDENTS), actor="admin")
    with db.reading() as uow:
        staged = master_imports.get(uow, number)
    assert staged.counts.added == 3
    assert staged.blob_sha256 is not None
    assert "見本".encode() not in blobs.get(staged.blob_sha256)
    apply_staged(db, blobs, vault, staged.id, actor="admin", skip=False)
    assert not blobs.exists(staged.blob_sha256)
    with db.writing() as uow, pytest.raises(Conflict):
        drop_staged(uow, blobs, staged.id, actor="admin")
    with db.reading() as uow:
        assert masters.in_force(uow)[RESIDENTS] == 3
        assert [i.state for i in master_imports.history(uow)] == [ImportState.APPLIED]


def test_citizens_are_off_until_switched_on(db: Database, tmp_path: Path) -> None:
    """The lists of institutions and vaccines need no switch."""
    off = Vault(tmp_path / "k")
    for kind in (RESIDENTS, MasterKind.LEDGER):
        with pytest.raises(PersonalMastersOff):
            take(db, off, example(kind))
    take(db, off, example(LOTS))
    assert not off.path.exists()


def test_database_tells_nothing_of_citizens(db: Database, vault: Vault) -> None:
    """No name, voucher, address or date of birth stands in any table, nor a plain hash of one."""
    take(db, vault, example(RESIDENTS))
    take(db, vault, example(MasterKind.LEDGER))
    with db.reading() as uow:
        told = "".join(
            str(row)
            for table in (t.master_rows, t.master_imports, t.audit)
            for row in uow.connection.execute(sa.select(table))
        )
    for secret in ("渡邉", "ワタナベ", "0000000011", "架空町", "1950-04-01", "見本ワクチンA"):
        assert secret not in told
        assert secret.encode().hex() not in told
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        data = b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))
        assert "渡邉".encode() not in data
        assert b"0000000011" not in data


def test_key_file_is_its_owners_alone_and_another_key_is_noticed(
    db: Database, vault: Vault, tmp_path: Path
) -> None:
    """A lost key is told, and never mixed with a new one."""
    take(db, vault, example(RESIDENTS))
    assert vault.path.stat().st_mode & 0o777 == 0o600
    assert seal_from(vault.path) == vault.seal
    assert vault.seal.key.hex() not in repr(vault)
    other = Vault(tmp_path / "other.key", enabled=True)
    with pytest.raises(WrongMasterKey):
        take(db, other, example(RESIDENTS))
    with pytest.raises(WrongMasterKey):
        other.seal.opened(vault.seal.closed(b"x"))


def test_deleting_residents_leaves_no_row(db: Database, vault: Vault) -> None:
    """The history goes too, and the audit log says how many."""
    take(db, vault, example(RESIDENTS))
    with db.writing() as uow:
        assert delete_master(uow, RESIDENTS, actor="admin") == 3
    with db.reading() as uow:
        count = sa.select(sa.func.count()).select_from(t.master_rows)
        assert uow.connection.execute(count).scalar() == 0
        last = audit.page(uow.connection)[-1].entry
    assert (last.action, last.detail["rows"]) == ("master.deleted", 3)


def facts_of(office: Office, vault: Vault, **values: str) -> Facts:
    """The facts of a page that says ``values``."""
    office.reader.fields = tuple(value_of(key, value) for key, value in values.items())
    receipt = office.send(office.open_batch(), jpeg(len(office.reader.seen)))
    office.work_off()
    (document,) = receipt.documents
    with office.db.writing() as uow:
        seen = documents.get(uow, document)
        record = records.load(uow, seen)
        KnownFacts(vault).note(uow, seen, record)
        return KnownFacts(vault).look(uow, seen, record)


def test_facts_tell_institution_lot_and_product(office: Office, vault: Vault) -> None:
    """Known, not on the list and not looked up are three different things."""
    nothing = facts_of(office, vault, institution_code=TOKYO, lot_number="ZZ0001")
    assert not nothing.institutions_known
    assert not nothing.lots_known
    for kind in (INSTITUTIONS, MasterKind.VACCINES, LOTS):
        take(office.db, vault, example(kind))
    known = facts_of(
        office,
        vault,
        institution_code="2710103462",
        vaccine_name="SAMPLE-A",
        lot_number="zz0001",
        vaccination_date="2024-04-01",
    )
    assert known.institution is not None
    assert known.institution.closed
    assert known.lot is not None
    assert (known.lot.product, known.lot.expires) == ("見本ワクチンA", dt.date(2022, 3, 31))
    product = known.products["見本ワクチンA"]
    assert product.amounts[0].ml == (Decimal("0.3"),)
    assert product.intervals[0].days == 19
    assert product.lots == (r"[A-Z]{2}\d{4}",)
    assert known.products["見本生ワクチンM"].live is True
    strange = facts_of(
        office, vault, institution_code="1310000000", vaccine_name="SAMPLE-A", lot_number="ZZ9999"
    )
    assert strange.institutions_known
    assert strange.institution is None
    assert strange.lots_known
    assert strange.lot is None


VOUCHER = {"voucher_municipality_code": "131016", "voucher_number": "0000000011"}


def test_earlier_doses_come_from_records_and_ledger(office: Office, vault: Vault) -> None:
    """Each dose once, never the record's own; a second page of the same dose is a duplicate."""
    take(office.db, vault, example(MasterKind.LEDGER))
    first = facts_of(
        office,
        vault,
        **VOUCHER,
        voucher_dose="2",
        vaccination_date="2021-06-22",
        vaccine_name="見本ワクチンA",
    )
    assert [(dose.day.isoformat(), dose.origin) for dose in first.earlier] == [
        ("2021-06-01", "ledger")
    ]
    third = facts_of(office, vault, **VOUCHER, voucher_dose="3", vaccination_date="2022-02-01")
    assert [(dose.dose, dose.origin) for dose in third.earlier] == [
        (1, "ledger"),
        (2, "installation"),
    ]
    again = facts_of(office, vault, **VOUCHER, voucher_dose="3", vaccination_date="2022-02-01")
    assert len(again.duplicates) == 1
    assert [dose.dose for dose in again.earlier] == [1, 2]


def test_without_a_voucher_name_and_birth_find_the_history(office: Office, vault: Vault) -> None:
    """However the name is written; a refused dose is none."""
    take(office.db, vault, example(MasterKind.LEDGER))
    facts_of(
        office,
        vault,
        name="高橋　例子",
        birth_date="1964-10-10",
        vaccination_date="2021-07-01",
        judgement="defer",
    )
    found = facts_of(office, vault, name="髙橋例子", birth_date="1964-10-10")
    assert [dose.origin for dose in found.earlier] == ["ledger"]


def test_resident_of_the_voucher_is_told(office: Office, vault: Vault) -> None:
    """Nobody on the list is something else than no list."""
    assert not facts_of(office, vault, **VOUCHER).residents_known
    take(office.db, vault, example(RESIDENTS))
    found = facts_of(office, vault, **VOUCHER)
    assert found.resident is not None
    assert found.resident.name == "渡邉　見本"
    assert found.resident.birth_date == dt.date(1950, 4, 1)
    strange = facts_of(office, vault, **{**VOUCHER, "voucher_number": "9999999999"})
    assert (strange.residents_known, strange.resident) == (True, None)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    versions=st.lists(
        st.dictionaries(
            st.sampled_from(["ZZ0001", "ZZ0002", "ZZ0003"]),
            st.sampled_from(["2021-12-31", "2022-01-31"]),
            min_size=1,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_undoing_every_import_leads_back_through_every_version(
    db: Database, vault: Vault, versions: list[dict[str, str]]
) -> None:
    """Whatever was imported in whatever order: each undo restores exactly what was before."""
    states: list[dict[str, str]] = [{}]
    numbers = []
    for version in versions:
        lines = [f"見本,{lot},{expiry}" for lot, expiry in version.items()]
        number, _ = take(db, vault, file_of(LOTS, "製品名,ロット番号,有効期限", *lines))
        numbers.append(number)
        states.append({**states[-1], **version})
    for number, after in zip(reversed(numbers), reversed(states[:-1]), strict=True):
        with db.writing() as uow:
            undo_import(uow, number, actor="admin")
            rows = masters.all_of(uow, LOTS, limit=10)
        assert {(r.cells or {})["lot"]: (r.cells or {})["expiry"] for r in rows} == after


def test_an_import_that_dies_half_way_leaves_nothing(
    db: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had brought in is never in force, and the next import removes it."""
    monkeypatch.setattr(passage, "_CHUNK_ROWS", 1)
    monkeypatch.setattr(importing, "_throw_away", lambda *_: None)  # as if the process were gone
    take(db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北,a"))
    broken = file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北新,a", f"{TOKYO},東,b", "0110113718,だめ,a")
    with pytest.raises(MasterRowsRejected):
        take(db, vault, broken)
    assert names(db) == {HOKKAIDO: "北"}
    with db.reading() as uow:
        assert len(master_imports.history(uow)) == 1
    monkeypatch.undo()
    take(db, vault, file_of(INSTITUTIONS, HEAD, f"{TOKYO},東京,b"))
    assert names(db) == {HOKKAIDO: "北", TOKYO: "東京"}
    with db.reading() as uow:
        rows = uow.connection.execute(sa.select(sa.func.count()).select_from(t.master_rows))
        assert rows.scalar_one() == 2


def test_others_write_while_a_list_comes_in(
    db: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows come in by transactions of their own; until the last the old list is in force."""
    monkeypatch.setattr(passage, "_CHUNK_ROWS", 1)
    seen = []

    take(db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北,a"))
    real = masters.load_rows

    def load(uow: UnitOfWork, found: ImportId, kind: MasterKind, rows: list[StoredRow]) -> None:
        real(uow, found, kind, rows)
        uow.after_commit(lambda: seen.append(names(db)))

    monkeypatch.setattr(masters, "load_rows", load)
    take(db, vault, file_of(INSTITUTIONS, HEAD, f"{HOKKAIDO},北新,a", f"{TOKYO},東,b"))
    assert seen == [{HOKKAIDO: "北"}, {HOKKAIDO: "北"}]
    assert names(db) == {HOKKAIDO: "北新", TOKYO: "東"}
