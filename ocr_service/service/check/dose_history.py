"""Earlier doses of a person: records of this installation, and an imported ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_service.db.ids import DocumentId
from ocr_service.db.masters import masters
from ocr_service.db.records.facts import RecordFacts, others_like
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Record
from ocr_service.masters.importing.model import MasterKind
from ocr_service.masters.importing.vaccines import product_key
from ocr_service.masters.person_keys import person_key
from ocr_service.service.check.record_about import day_of
from ocr_service.service.masters.rows import cells_of, sealed_look
from ocr_service.service.masters.vault import Vault

INSTALLATION = "installation"
LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class HistoryDose:
    """One dose of the person or voucher.

    Attributes:
        day: when it was given.
        product: vaccine, "" where unknown.
        lot: "" where unknown.
        number: which dose, None where unknown.
        disease: as the ledger says, "" where it does not.
        origin: ``installation`` or ``ledger``.
        document: the document it stands on, for those of the installation.
    """

    day: dt.date
    product: str
    lot: str
    number: int | None
    disease: str
    origin: str
    document: DocumentId | None


def dose_history(
    uow: UnitOfWork, vault: Vault, record: Record, about: RecordFacts
) -> tuple[HistoryDose, ...]:
    """Doses of the same voucher or person besides this record's, the earliest first.

    A dose that stands in the ledger as well as on a document is told once; so is this record's
    own, which a ledger may hold already.
    """
    own = list(_of_installation(uow, about))
    told = {(dose.day, product_key(dose.product)) for dose in own}
    told.add((about.vaccinated_on or dt.date.min, product_key(about.product or "")))
    days = {day for day, _product in told}
    ledger = [
        dose
        for dose in _of_ledger(uow, vault, record)
        if (dose.day, product_key(dose.product)) not in told
        and not (dose.day in days and not dose.product)
    ]
    return tuple(sorted([*own, *ledger], key=lambda dose: (dose.day, dose.origin)))


def _of_installation(uow: UnitOfWork, about: RecordFacts) -> Iterator[HistoryDose]:
    for other in others_like(uow, about):
        facts = other.facts
        is_same_dose = (
            facts.number is not None
            and facts.number == about.number
            and facts.voucher == about.voucher
        )
        if facts.vaccinated_on is None or not facts.given or is_same_dose:
            continue
        yield HistoryDose(
            day=facts.vaccinated_on,
            product=facts.product or "",
            lot=facts.lot or "",
            number=facts.number,
            disease="",
            origin=INSTALLATION,
            document=facts.document,
        )


def _of_ledger(uow: UnitOfWork, vault: Vault, record: Record) -> Iterator[HistoryDose]:
    if not vault.enabled:
        return
    values = {field.key: field.value for field in record.fields}

    def text(key: str) -> str:
        value = values.get(key)
        return value if isinstance(value, str) else ""

    kind, seal = MasterKind.LEDGER, vault.seal
    municipality, voucher = text("voucher_municipality_code"), text("voucher_number")
    rows = []
    if municipality and voucher:
        rows += masters.find(uow, kind, [sealed_look(seal, municipality, voucher) or ""])
    person = sealed_look(seal, *person_key(text("name"), text("birth_date")))
    if person is not None:
        rows += masters.find_else(uow, kind, person)
    for row in {row.key: row for row in rows}.values():
        cells = cells_of(row, seal)
        day = day_of(cells.get("date", ""))
        if day is None:
            continue
        yield HistoryDose(
            day=day,
            product=cells.get("product", ""),
            lot=cells.get("lot", ""),
            number=int(cells["number"]) if "number" in cells else None,
            disease=cells.get("disease", ""),
            origin=LEDGER,
            document=None,
        )


__all__ = ["INSTALLATION", "LEDGER", "HistoryDose", "dose_history"]
