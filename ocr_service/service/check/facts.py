"""What an installation knows of a record besides its values, put together from the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import lru_cache

from ocr_service.db.masters import imports, masters
from ocr_service.db.records import judgements
from ocr_service.db.records.documents import Document
from ocr_service.db.records.facts import RecordFacts, others_like
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Record
from ocr_service.masters.importing.model import MasterKind
from ocr_service.masters.importing.vaccines import product_key
from ocr_service.masters.municipalities import municipalities
from ocr_service.service.check.dose_history import HistoryDose, dose_history
from ocr_service.service.check.product_facts import product_of, products_of
from ocr_service.service.check.record_about import about as about_record
from ocr_service.service.check.record_about import day_of, note_record
from ocr_service.service.masters.rows import cells_of, holds, sealed_look
from ocr_service.service.masters.vault import Vault
from ocr_service.validators.facts import (
    EarlierDose,
    Facts,
    InstitutionFacts,
    LotFacts,
    ProductFacts,
    ResidentFacts,
)
from ocr_service.validators.places import NO_PLACES, Place, Places

JAPAN = timezone(timedelta(hours=9), "JST")

_SCOPE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """Looks facts up, and remembers what records are about.

    Attributes:
        vault: opens rows about citizens, where the installation keeps them.
    """

    vault: Vault

    def look(self, uow: UnitOfWork, document: Document, record: Record, /) -> Facts:
        """Everything known of a record; what nobody knows stays at its default."""
        return assemble_facts(uow, self.vault, document, record, about_record(document.id, record))

    def note(self, uow: UnitOfWork, document: Document, record: Record, /) -> None:
        """Remember what a record is about, so that others of the same person find it.

        Called with a record each time it was made or changed. Those others are to be judged anew.
        """
        judgements.unsettle_others(uow, note_record(uow, document.id, record))

    def grounds(self, uow: UnitOfWork, /) -> str:
        """Which imports of masters there are, and whether lists of citizens count."""
        return repr((self.vault.enabled, imports.state(uow)))


def assemble_facts(
    uow: UnitOfWork, vault: Vault, document: Document, record: Record, about: RecordFacts
) -> Facts:
    """The facts of one record.

    Args:
        uow: open unit of work.
        vault: opens rows about citizens.
        document: whose record.
        record: the values in force.
        about: what they say the record is about.
    """
    on = about.vaccinated_on or document.created_at.astimezone(JAPAN).date()
    products = products_of(uow)
    history = dose_history(uow, vault, record, about)
    residents_known, resident = _resident(uow, vault, record, on)
    institutions_known, institution = _institution(uow, about, on)
    lots_known, lot = _lot(uow, about, products)
    return Facts(
        places=_places(),
        institutions_known=institutions_known,
        institution=institution,
        products=products,
        lots_known=lots_known,
        lot=lot,
        history_known=about.voucher is not None or about.person is not None,
        earlier=tuple(_earlier(dose, products) for dose in history),
        duplicates=_duplicates(uow, about),
        residents_known=residents_known,
        resident=resident,
        scanned_on=document.created_at.astimezone(JAPAN).date(),
    )


@lru_cache(maxsize=1)
def _places() -> Places:
    try:
        found = municipalities()
    except FileNotFoundError:
        return NO_PLACES
    return Places(Place(code, m.prefecture, m.city) for code, m in found.items())


def _institution(
    uow: UnitOfWork, about: RecordFacts, on: dt.date
) -> tuple[bool, InstitutionFacts | None]:
    """Known where the list of its prefecture and point table was imported."""
    code = about.institution
    if code is None:
        return False, None
    kind = MasterKind.INSTITUTIONS
    rows = masters.find(uow, kind, [code])
    if not rows:
        return masters.has_scope(uow, kind, code[:_SCOPE_DIGITS]), None
    row = rows[0]
    name = (row.cells or {}).get("name", "")
    return True, InstitutionFacts(code, name, closed=not holds(row, on))


def _lot(
    uow: UnitOfWork, about: RecordFacts, products: Mapping[str, ProductFacts]
) -> tuple[bool, LotFacts | None]:
    if about.product is None and about.lot is None:
        return False, None
    rows = masters.find(uow, MasterKind.LOTS, [about.lot]) if about.lot else []
    product = product_of(products, about.product or "")
    name = product.name if product else about.product or ""
    own = [row for row in rows if row.scope == product_key(name)]
    chosen = (own or rows)[:1]
    is_known = masters.has_scope(uow, MasterKind.LOTS, product_key(name)) if name else False
    if not chosen:
        return is_known, None
    cells = chosen[0].cells or {}
    expires = day_of(cells.get("extended") or cells.get("expiry", ""))
    return True, LotFacts(cells["lot"], cells["product"], expires)


def _resident(
    uow: UnitOfWork, vault: Vault, record: Record, on: dt.date
) -> tuple[bool, ResidentFacts | None]:
    if not vault.enabled:
        return False, None
    values = {field.key: field.value for field in record.fields}
    municipality, voucher = values.get("voucher_municipality_code"), values.get("voucher_number")
    if not isinstance(municipality, str) or not isinstance(voucher, str):
        return False, None
    kind = MasterKind.RESIDENTS
    look = sealed_look(vault.seal, municipality, voucher)
    rows = [row for row in masters.find(uow, kind, [look or ""]) if holds(row, on)]
    if not rows:
        return masters.has_scope(uow, kind, municipality), None
    cells = cells_of(rows[0], vault.seal)
    return True, ResidentFacts(
        name=cells.get("name"),
        name_kana=cells.get("kana"),
        birth_date=day_of(cells.get("birth_date", "")),
        address=cells.get("address"),
        municipality_code=cells.get("municipality"),
    )


def _duplicates(uow: UnitOfWork, about: RecordFacts) -> tuple[int, ...]:
    if about.voucher is None or about.number is None:
        return ()
    return tuple(
        other.facts.document
        for other in others_like(uow, about)
        if other.facts.voucher == about.voucher and other.facts.number == about.number
    )


def _earlier(dose: HistoryDose, products: Mapping[str, ProductFacts]) -> EarlierDose:
    product = product_of(products, dose.product)
    return EarlierDose(
        day=dose.day,
        product=product.name if product else dose.product,
        disease=dose.disease or (product.disease if product else ""),
        dose=dose.number,
        live=product.live if product else None,
        injected=product.injected if product else True,
        origin=dose.origin,
    )


__all__ = ["JAPAN", "KnownFacts", "assemble_facts"]
