"""At export the rules judge once more whatever they might judge otherwise than they did."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.export.candidates import Selection
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents, records
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.domain.field import Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.masters.importing.model import MasterKind
from ocr_service.service.check.checking import recheck
from ocr_service.service.check.facts import KnownFacts
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.export.exporting import export_now
from ocr_service.service.export.preparing import ExportRequest, PreparedExport, prepared_export
from ocr_service.service.export.profiles import ProfileFolder, profile_named
from ocr_service.service.masters.importing import apply_import, undo_import
from ocr_service.service.masters.passage import MasterFile
from ocr_service.service.masters.vault import Vault
from ocr_service.service.processing.rereading import Rules
from ocr_service.service.processing.working import take, work
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from ocr_service.validators.dated import read_settings
from tests.service.fakes import KEY, Office, jpeg, value_of

LIBRARY = load_library(shipped_folder())
PERSON: dict[str, Value] = {
    **{f"q{number}": "no" for number in range(1, 14)},
    "name": "試験　太郎",
    "name_kana": "シケン　タロウ",
    "address": "東京都千代田区試験町1-2-3",
    "phone": "09000000000",
    "birth_date": "1950-04-01",
    "sex": "male",
    "body_temperature": "36.5",
    "doctor_signature": True,
    "consent_signature": True,
    "consent_date": "2021-11-25",
    "institution_code": "1310121996",
    "judgement": "ok",
    "consent": "yes",
    "vaccination_date": "2021-11-25",
    "vaccine_name": "コミナティ",
    "lot_number": "FJ7489",
    "dose_ml": "0.3",
    "voucher_kind": "2",
    "voucher_municipality_code": "131016",
    "voucher_number": "0000000001",
    "voucher_dose": "1",
}
LOTS = "製品名,ロット番号,有効期限\nコミナティ,FJ7489,{expiry}\n"


@dataclass
class House:
    """An installation that judges and exports."""

    office: Office
    folder: Path
    check: RuleCheck

    def approved(self, seed: int = 0, **values: str) -> DocumentId:
        """A document with these values, read, judged and approved whatever speaks against it."""
        changed = {**PERSON, **values}
        self.office.reader.fields = tuple(value_of(k, v) for k, v in changed.items())
        self.office.reader.issues = ()
        receipt = self.office.send(self.batch, jpeg(seed))
        worker = replace(self.office.worker, rules=Rules(lambda: LIBRARY, self.check))
        for lease in take(worker):
            work(worker, lease)
        found = receipt.documents[0]
        with self.office.db.writing() as uow:
            reviewing.approve(uow, Decision(found, "chief"), reason="asked by telephone")
        return found

    @property
    def batch(self) -> BatchId:
        """The one batch."""
        with self.office.db.reading() as uow:
            known = uow.connection.execute(sa.select(sa.func.max(t.batches.c.id))).scalar()
        return self.office.open_batch() if known is None else BatchId(known)

    def request(self, check: RuleCheck | None = None) -> ExportRequest:
        """A wish for all that is ready."""
        with self.office.db.reading() as uow:
            profile = profile_named(uow, ProfileFolder(self.folder / "profiles"), "csv")
        return ExportRequest(profile, Selection(), "clerk", check or self.check)

    def look(self, check: RuleCheck | None = None) -> PreparedExport:
        """What would go out."""
        with (
            self.office.db.reading() as uow,
            prepared_export(uow, self.request(check), LIBRARY, self.folder / "work") as prepared,
        ):
            return prepared

    def held(self, check: RuleCheck | None = None) -> dict[DocumentId, list[str]]:
        """What would stay, and why."""
        return {one.document: [f.code for f in one.findings] for one in self.look(check).held}

    def export(self) -> None:
        """Let out what may go."""
        db, blobs = self.office.db, self.office.blobs
        request, work = self.request(), self.folder / "work"
        export_now(db, blobs, request=request, library=LIBRARY, folder=work)


@pytest.fixture(name="house")
def house_of(office: Office, tmp_path: Path) -> House:
    """Rules with masters, the shipped settings."""
    facts = KnownFacts(Vault(tmp_path / "masters.key"))
    return House(office, tmp_path, RuleCheck(office.db.clock, facts))


def _import_lots(house: House, expiry: str) -> int:
    given = MasterFile(MasterKind.LOTS, "lots.csv", io.BytesIO(LOTS.format(expiry=expiry).encode()))
    vault = Vault(house.folder / "masters.key")
    return apply_import(house.office.db, vault, given, actor="admin")[0]


def _stored(uow: UnitOfWork, document: DocumentId) -> set[str]:
    return {issue.rule for issue in records.load(uow, documents.get(uow, document)).issues}


def test_a_record_is_judged_again_only_if_something_changed(house: House) -> None:
    """Nothing did: nothing is judged. A list was imported: it is, once, and that is remembered."""
    first, second = (
        house.approved(),
        house.approved(1, voucher_number="0000000002", name="試験　次郎"),
    )
    assert house.look().gate.judged == []
    _import_lots(house, "2022-06-30")
    assert {one.about.document for one in house.look().gate.judged} == {first, second}
    house.export()
    assert house.look().gate.judged == []


def test_a_setting_that_changed_after_the_check_blocks_the_export(
    house: House, tmp_path: Path
) -> None:
    """The rule is an error now; what had been approved stays, with the rule as the reason."""
    document = house.approved(dose_ml="0.9")
    assert house.held() == {}
    own = tmp_path / "rules.toml"
    own.write_text('[[rule]]\ncode = "dose.amount"\nparameters = { severity = "error" }\n', "utf-8")
    stricter = replace(house.check, settings=read_settings(own))
    assert house.held(stricter) == {document: ["issue.dose.amount"]}
    with house.office.db.writing() as uow:
        seen = reviewing.reopen(uow, Decision(document, "chief"))
        recheck(uow, seen, library=LIBRARY, check=stricter)
        reviewing.approve(uow, Decision(document, "chief"), reason="as it stands")
    assert house.held(stricter) == {}


def test_a_master_that_changed_after_the_check_blocks_the_export(
    house: House, tmp_path: Path
) -> None:
    """A lot that turns out to have expired; once the import is undone the record goes."""
    own = tmp_path / "rules.toml"
    own.write_text('[[rule]]\ncode = "lot.expired"\nparameters = { severity = "error" }\n', "utf-8")
    house.check = replace(house.check, settings=read_settings(own))
    document = house.approved()
    other = house.approved(1, voucher_number="0000000002", lot_number="FJ7490")
    number = _import_lots(house, "2021-10-31")
    assert house.held() == {document: ["issue.lot.expired"]}
    house.export()
    with house.office.db.reading() as uow:
        states = [documents.get(uow, one).state for one in (document, other)]
        assert states == [DocumentState.APPROVED, DocumentState.EXPORTED]
        assert "lot.expired" in _stored(uow, document)
    with pytest.raises(Conflict):
        house.export()
    with house.office.db.writing() as uow:
        undo_import(uow, number, actor="admin")
    house.export()
    with house.office.db.reading() as uow:
        assert documents.get(uow, document).state is DocumentState.EXPORTED


def test_the_same_voucher_on_a_later_page_blocks_both(house: House) -> None:
    """The first was faultless when it was judged; the later one was approved with a reason."""
    first = house.approved()
    house.approved(1, name="試験　次郎")
    assert house.held() == {first: ["issue.voucher.duplicate"]}


def test_a_day_that_has_come_no_longer_blocks(house: House) -> None:
    """The day of vaccination lay ahead when the page was judged."""
    ahead = dt.date(2031, 5, 1)
    document = house.approved(vaccination_date=ahead.isoformat())
    with house.office.db.writing() as uow:
        uow.connection.execute(sa.delete(t.issue_waivers))
    assert "issue.date.future" in house.held()[document]
    later = dt.datetime(2031, 5, 2, tzinfo=dt.UTC)
    assert "issue.date.future" not in house.held(replace(house.check, clock=lambda: later)).get(
        document, []
    )


def test_what_is_not_settled_is_judged_on_each_day(house: House) -> None:
    """No day of vaccination: settings are taken as of today."""
    document = house.approved(vaccination_date="")
    other = house.approved(1, voucher_number="0000000002", name="試験　次郎")
    tomorrow = house.office.db.clock() + dt.timedelta(days=1)
    form = LIBRARY.get(KEY).template
    with house.office.db.reading() as uow:
        both = house.check.settled(uow, [document, other], form)
        next_day = replace(house.check, clock=lambda: tomorrow)
        assert both == {document, other}
        assert next_day.settled(uow, [document, other], form) == {other}
