"""What a record is about: whose voucher, which person, when, what, where."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from ocr_service.db.ids import DocumentId
from ocr_service.db.records import facts as record_facts
from ocr_service.db.records.facts import RecordFacts
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.record import Record
from ocr_service.masters.importing.vaccines import lot_key
from ocr_service.masters.person_keys import person_key

_LONGEST_PRODUCT = 200
_LONGEST_LOT = 40


def about(document: DocumentId, record: Record) -> RecordFacts:
    """What the values in force say a record is about.

    The hashes are plain ones: the readings beside them in the database say the same openly.
    """
    values = {field.key: field.value for field in record.fields}

    def text(key: str) -> str:
        value = values.get(key)
        return value if isinstance(value, str) else ""

    municipality, voucher = text("voucher_municipality_code"), text("voucher_number")
    number = text("voucher_dose")
    return RecordFacts(
        document=document,
        voucher=_hashed(municipality, voucher) if municipality and voucher else None,
        person=_hashed(*person_key(text("name"), text("birth_date"))),
        vaccinated_on=day_of(text("vaccination_date")),
        product=text("vaccine_name")[:_LONGEST_PRODUCT] or None,
        lot=lot_key(text("lot_number"))[:_LONGEST_LOT] or None,
        number=int(number) if number.isascii() and number.isdigit() else None,
        institution=_code(text("institution_code")),
        given=text("judgement") != "defer" and text("consent") != "no",
    )


def note_record(uow: UnitOfWork, document: DocumentId, record: Record) -> RecordFacts:
    """Remember what a record is about, so that others find it."""
    facts = about(document, record)
    record_facts.put(uow, facts)
    return facts


def day_of(text: str) -> dt.date | None:
    """The day that ISO 8601 names, None for anything else."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _code(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() and len(text) == _CODE_LENGTH else None


_CODE_LENGTH = 10


def _hashed(*parts: str) -> str | None:
    if not parts:
        return None
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


__all__ = ["about", "day_of", "note_record"]
