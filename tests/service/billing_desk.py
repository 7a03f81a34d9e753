"""Claims drafted and issued, for tests of billing."""

from __future__ import annotations

import datetime as dt
import itertools

from ocr_service.billing.bills import UnknownHome
from ocr_service.billing.claim import Role
from ocr_service.billing.issuer import BillingFile, Rules
from ocr_service.billing.tariff import load_tables
from ocr_service.db.billing import claim_lines
from ocr_service.db.billing.claims import Claim
from ocr_service.db.ids import ClaimId, DocumentId
from ocr_service.db.records import readings
from ocr_service.db.records.readings import Origin
from ocr_service.domain.field import Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing.issuing import issue_claim
from ocr_service.service.billing.picking import ClaimWish
from ocr_service.service.billing.setup import BillingSetup
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.service.fakes import KEY, VERSION, Office, jpeg, value_of
from tests.unit.billing_data import ISSUER

SHOT: dict[str, Value] = {
    "voucher_municipality_code": "131016",
    "voucher_number": "0000000001",
    "voucher_dose": "1",
    "name": "見本　花子",
    "judgement": "ok",
    "consent": "yes",
    "doctor_signature": True,
    "consent_signature": True,
    "lot_number": "FJ7489",
    "vaccine_name": "コミナティ",
    "institution_code": "1310121996",
    "vaccination_date": "2021-09-28",
    "under_six": False,
}


SETUP = BillingSetup(
    load_tables(),
    BillingFile(issuer=ISSUER, rules=Rules(unknown_home=UnknownHome.FEDERATION)),
)


SEEDS = itertools.count(1001)
"""Of all tests of a process; lower numbers are free for vouchers that nobody read."""


OCTOBER = ClaimWish("2021-10", dt.date(2021, 9, 30))


NOVEMBER = ClaimWish("2021-11", dt.date(2021, 10, 31))


def read(office: Office, *, number: int = 1, **changes: Value) -> list[DocumentId]:
    """Approved documents, each with a voucher of its own."""
    office.reader.state = DocumentState.APPROVED
    office.reader.issues = ()
    batch = office.open_batch()
    found: list[DocumentId] = []
    for _ in range(number):
        seed = next(SEEDS)
        values = {**SHOT, "voucher_number": f"{seed:010d}", **changes}
        office.reader.fields = tuple(value_of(key, value) for key, value in values.items())
        receipt = office.send(batch, jpeg(seed))
        office.work_off()
        found += receipt.documents
    return found


def draft(office: Office, wish: ClaimWish = OCTOBER, setup: BillingSetup = SETUP) -> Claim:
    with office.db.reading() as reading, office.db.writing() as uow:
        return billing_claims.draft_claim(reading, uow, setup, wish, actor="exporter")


def issue(office: Office, claim: ClaimId) -> Claim:
    with office.db.reading() as reading, office.db.writing() as uow:
        return issue_claim(reading, uow, office.blobs, SETUP, claim, actor="exporter")


def roles(office: Office, claim: ClaimId) -> list[tuple[Role, int]]:
    with office.db.reading() as uow:
        return [(line.role, line.total) for line in claim_lines.of_claim(uow, claim)]


def change(office: Office, document: DocumentId, **values: Value) -> None:
    """Reopen, correct, approve again."""
    with office.db.writing() as uow:
        reviewing.reopen(uow, Decision(document, "clerk"))
        origin = Origin(document, KEY, VERSION, "clerk")
        readings.append(uow, origin, [value_of(key, value) for key, value in values.items()])
    with office.db.writing() as uow:
        reviewing.approve(uow, Decision(document, "clerk"))


def held(office: Office, wish: ClaimWish = OCTOBER) -> dict[str, int]:
    with office.db.reading() as uow:
        return billing_claims.preview_claim(uow, SETUP, wish).picked.reasons
