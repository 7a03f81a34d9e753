"""Which residents a record may be about, and what that decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from ocr_service.db.masters import masters
from ocr_service.db.masters.masters import StoredRow
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import FieldValue
from ocr_service.domain.record import Record
from ocr_service.forms.model import FormTemplate
from ocr_service.masters.importing.model import MasterKind
from ocr_service.masters.person_keys import person_key
from ocr_service.masters.resident_settling import chosen, settled
from ocr_service.masters.residents import VOUCHER, Resident, ResidentCandidate, compared
from ocr_service.service.check.record_about import day_of
from ocr_service.service.masters.rows import cells_of, holds, sealed_look
from ocr_service.service.masters.vault import Vault

MOST_CANDIDATES = 5
FARTHEST = 0.4
"""Who differs in more, and agrees in nothing, only happens to have a voucher number nearby; other
people's data are not shown for that."""

_READINGS_TRIED = 4
_DIGITS = "0123456789"
_MUNICIPALITY = "voucher_municipality_code"


@dataclass(frozen=True, slots=True)
class ResidentReader:
    """Reads pages against the list of residents, where the installation keeps one.

    Attributes:
        vault: opens the list.
    """

    vault: Vault

    def __call__(
        self, uow: UnitOfWork, record: Record, template: FormTemplate
    ) -> tuple[FieldValue, ...]:
        """The values that the list decides; () where it decides nothing."""
        candidate = chosen(resident_candidates(uow, self.vault, record))
        return () if candidate is None else settled(record.fields, template, candidate)


def resident_candidates(
    uow: UnitOfWork, vault: Vault, record: Record
) -> tuple[ResidentCandidate, ...]:
    """Residents the record may be about, the nearest first.

    Rows are sealed, so they are found by what they are looked up by: the voucher as read, in its
    alternatives or with one digit misread, and name with date of birth in any of their readings.

    Raises:
        WrongMasterKey: the key file is not the list's.
    """
    if not vault.enabled:
        return ()
    values = {f.key: f.value for f in record.fields if isinstance(f.value, str)}
    rows = {row.key: row for row in _rows(uow, vault, record)}
    on = day_of(values.get("vaccination_date", ""))
    found = [
        compared(key, _resident(row, vault), values)
        for key, row in rows.items()
        if on is None or holds(row, on)
    ]
    found = [one for one in found if one.agreeing_groups() or one.distance <= FARTHEST]
    found.sort(key=lambda candidate: (candidate.distance, candidate.handle))
    return tuple(found[:MOST_CANDIDATES])


def candidate_of(uow: UnitOfWork, vault: Vault, record: Record, handle: str) -> ResidentCandidate:
    """The candidate of this handle.

    Raises:
        NotFound: the record is not near such a resident any more.
    """
    for candidate in resident_candidates(uow, vault, record):
        if candidate.handle == handle:
            return candidate
    raise NotFound("no such resident is near this record; load the document again")


def _rows(uow: UnitOfWork, vault: Vault, record: Record) -> Iterator[StoredRow]:
    fields = {field.key: field for field in record.fields}
    kind, seal = MasterKind.RESIDENTS, vault.seal
    municipality = fields[_MUNICIPALITY].value if _MUNICIPALITY in fields else None
    if isinstance(municipality, str) and municipality and VOUCHER in fields:
        looks = [
            sealed_look(seal, municipality, number) or ""
            for number in _vouchers(_readings(fields[VOUCHER]))
        ]
        yield from masters.find(uow, kind, looks)
    if "name" in fields and "birth_date" in fields:
        names, births = _readings(fields["name"]), _readings(fields["birth_date"])
        keys = dict.fromkeys(person_key(*pair) for pair in product(names, births))
        for key in keys:
            look = sealed_look(seal, *key)
            if look is not None:
                yield from masters.find_else(uow, kind, look)


def _readings(field: FieldValue) -> list[str]:
    """The value and what else it may be, the likeliest first."""
    texts = [field.value, *(a.value for a in field.alternatives)]
    return [text for text in texts if isinstance(text, str) and text][:_READINGS_TRIED]


def _vouchers(readings: list[str]) -> list[str]:
    """Numbers as read, and the first one with each digit misread."""
    first = readings[:1]
    near = [
        number[:place] + digit + number[place + 1 :]
        for number in first
        for place in range(len(number))
        for digit in _DIGITS
    ]
    return list(dict.fromkeys([*readings, *near]))


def _resident(row: StoredRow, vault: Vault) -> Resident:
    cells = cells_of(row, vault.seal)
    return Resident(
        municipality=cells.get("municipality", ""),
        values={
            VOUCHER: cells.get("voucher", ""),
            "name": cells.get("name", ""),
            "name_kana": cells.get("kana", ""),
            "birth_date": cells.get("birth_date", ""),
            "address": cells.get("address", ""),
        },
    )


def with_settled(record: Record, decided: tuple[FieldValue, ...]) -> Record:
    """The record with what the list decided in place of what was read."""
    by_key = {field.key: field for field in decided}
    return replace(record, fields=tuple(by_key.get(f.key, f) for f in record.fields))


__all__ = [
    "MOST_CANDIDATES",
    "ResidentReader",
    "candidate_of",
    "resident_candidates",
    "with_settled",
]
