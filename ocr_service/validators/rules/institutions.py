"""Rules about medical institutions. A failed check digit is a doubt, not proof."""

from __future__ import annotations

from collections.abc import Iterator

from ocr_service.domain.codes import institution_code_valid
from ocr_service.domain.record import Severity
from ocr_service.forms.fields import Format
from ocr_service.validators.base import Found, Seen, ShippedRule, Text


def _check_digit(seen: Seen) -> Iterator[Found]:
    """Venues outside health insurance were given codes that fail."""
    for key in seen.context.keys_of_format(Format.INSTITUTION_CODE):
        found = seen.values.get(key)
        value = None if found is None else found.value
        if isinstance(value, str) and value and not institution_code_valid(value):
            yield Found((key,))


def _unknown(seen: Seen) -> Iterator[Found]:
    """Not on the installation's list."""
    code = seen.text("institution_code")
    listed = seen.facts.institution
    if code is not None and seen.facts.institutions_known and listed is None:
        yield Found((seen.key("institution_code"),))


def _closed(seen: Seen) -> Iterator[Found]:
    """On the list, but not on the day of the vaccination."""
    listed = seen.facts.institution
    if seen.text("institution_code") is not None and listed is not None and listed.closed:
        yield Found((seen.key("institution_code"), seen.key("vaccination_date")))


RULES = (
    ShippedRule(
        code="institution_code.check_digit",
        severity=Severity.WARNING,
        title=Text("医療機関コードの検証番号", "Check digit of the institution"),
        messages={
            "": Text(
                "医療機関等コードの検証番号が合いません。用紙と見比べてください。",
                "The institution code fails its check digit. Compare it with the paper.",
            )
        },
        source="domain 3.5: a rule that accepts 97,024 of 97,024 published codes [M:S56]; "
        "a warning, "
        "for venues outside health insurance had codes that only look alike [V:S45]",
        parameters=(),
        find=_check_digit,
    ),
    ShippedRule(
        code="institution.unknown",
        severity=Severity.WARNING,
        title=Text("一覧にない医療機関", "Institution not on the list"),
        messages={
            "": Text(
                "医療機関の一覧にないコードです。用紙と見比べてください。",
                "This code is not on the list of institutions. Compare it with the paper.",
            )
        },
        source="the installation's list of institutions (regional bureaus) [V:S56]",
        parameters=(),
        find=_unknown,
        roles=("institution_code",),
    ),
    ShippedRule(
        code="institution.closed",
        severity=Severity.WARNING,
        title=Text("接種日に登録のない医療機関", "Institution not registered that day"),
        messages={
            "": Text(
                "接種日には登録のない（廃止などの）医療機関のコードです。",
                "The institution was not registered on the day of the vaccination.",
            )
        },
        source="the installation's list of institutions with its days of validity",
        parameters=(),
        find=_closed,
        roles=("institution_code",),
    ),
)

__all__ = ["RULES"]
