"""Rules about telephone, address and postal code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr_service.domain.record import Severity
from ocr_service.forms.fields import Format
from ocr_service.validators.base import Found, Seen, ShippedRule, Text

_PHONE = re.compile(r"0[57-9]0[0-9]{8}|0(?![57-9]0)[1-9][0-9]{8}", re.ASCII)
_POSTAL_CODE = re.compile(r"[0-9]{7}", re.ASCII)


def _phone(seen: Seen) -> Iterator[Found]:
    """Neither ten digits with an area code nor eleven of a mobile or IP telephone."""
    for key in seen.context.keys_of_format(Format.PHONE):
        found = seen.values.get(key)
        value = None if found is None else found.value
        if isinstance(value, str) and value and _PHONE.fullmatch(value) is None:
            yield Found((key,))


def _unknown_place(seen: Seen) -> Iterator[Found]:
    """An address that begins with no municipality there is."""
    address = seen.text("address")
    if address is not None and seen.facts.places and not seen.facts.places.in_address(address):
        yield Found((seen.key("address"),))


def _postal_code(seen: Seen) -> Iterator[Found]:
    """No such postal code, or of another municipality than the address."""
    code, known = seen.text("postal_code"), seen.facts.postal_codes
    if code is None:
        return
    if _POSTAL_CODE.fullmatch(code.replace("-", "")) is None or known == ():
        yield Found((seen.key("postal_code"),))
        return
    named = seen.facts.places.in_address(seen.text("address") or "")
    if known and named and not named & set(known):
        yield Found((seen.key("postal_code"), seen.key("address")), variant="address")


RULES = (
    ShippedRule(
        code="phone.format",
        severity=Severity.WARNING,
        title=Text("電話番号の桁数", "Telephone number"),
        messages={
            "": Text(
                "電話番号の桁数か市外局番が正しくありません。",
                "The telephone number has a wrong length or beginning.",
            )
        },
        source="domain 4.5: 10 digits (0 and area code) or 11 (050 070 080 090) [R]",
        parameters=(),
        find=_phone,
    ),
    ShippedRule(
        code="address.municipality",
        severity=Severity.WARNING,
        title=Text("住所の市町村", "Municipality of the address"),
        messages={
            "": Text(
                "住所の市町村名が見つかりません。読み違いか書き誤りか確かめてください。",
                "The address names no municipality there is. Check the reading.",
            )
        },
        source="domain 4.5: municipality of the address on the list",
        parameters=(),
        find=_unknown_place,
        roles=("address",),
    ),
    ShippedRule(
        code="postal_code.address",
        severity=Severity.WARNING,
        title=Text("郵便番号", "Postal code"),
        messages={
            "": Text(
                "この郵便番号はありません。用紙と見比べてください。",
                "There is no such postal code. Compare it with the paper.",
            ),
            "address": Text(
                "郵便番号と住所の市町村が違います。",
                "Postal code and address name different municipalities.",
            ),
        },
        source="domain 4.5: postal code and municipality (KEN_ALL) [V:S66]",
        parameters=(),
        find=_postal_code,
        roles=("postal_code",),
    ),
)

__all__ = ["RULES"]
