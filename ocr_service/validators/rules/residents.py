"""Rules about the resident that a voucher number belongs to, where the list is kept."""

from __future__ import annotations

from collections.abc import Iterator

from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, Seen, ShippedRule, Text
from ocr_service.validators.rules.vouchers import plain_person


def _unknown(seen: Seen) -> Iterator[Found]:
    """Nobody on the list has this voucher."""
    number = seen.text("voucher_number")
    if number is not None and seen.facts.residents_known and seen.facts.resident is None:
        yield Found((seen.key("voucher_number"),))


def _name(seen: Seen) -> Iterator[Found]:
    """Another name than the one on the list."""
    resident, written = seen.facts.resident, seen.text("name")
    if resident is None or not resident.name or written is None:
        return
    if plain_person(resident.name) != plain_person(written):
        yield Found((seen.key("name"), seen.key("voucher_number")))


def _birth_date(seen: Seen) -> Iterator[Found]:
    """Born on another day than the list says."""
    resident, birth = seen.facts.resident, seen.date("birth_date")
    if resident is None or resident.birth_date is None or birth is None:
        return
    if resident.birth_date != birth:
        yield Found((seen.key("birth_date"), seen.key("voucher_number")))


RULES = (
    ShippedRule(
        code="resident.unknown",
        severity=Severity.WARNING,
        title=Text("宛名にない券番号", "Voucher not on the list of residents"),
        messages={
            "": Text(
                "この券番号の人は宛名の一覧にありません。",
                "Nobody on the list of residents has this voucher.",
            )
        },
        source="the operator's list of residents",
        parameters=(),
        find=_unknown,
        roles=("voucher_number",),
    ),
    ShippedRule(
        code="resident.name",
        severity=Severity.WARNING,
        title=Text("宛名と氏名", "Name of the resident"),
        messages={
            "": Text(
                "書かれた氏名が、券番号から引いた宛名の氏名と違います。",
                "The name written is not that of the resident the voucher belongs to.",
            )
        },
        source="domain 4.2, with the operator's list of residents",
        parameters=(),
        find=_name,
        roles=("name", "voucher_number"),
    ),
    ShippedRule(
        code="resident.birth_date",
        severity=Severity.WARNING,
        title=Text("宛名と生年月日", "Birth of the resident"),
        messages={
            "": Text(
                "書かれた生年月日が、券番号から引いた宛名の生年月日と違います。",
                "The date of birth is not that of the resident the voucher belongs to.",
            )
        },
        source="domain 4.2, with the operator's list of residents",
        parameters=(),
        find=_birth_date,
        roles=("birth_date", "voucher_number"),
    ),
)

__all__ = ["RULES"]
