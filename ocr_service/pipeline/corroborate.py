"""Fields of one record bear each other out: what one says makes values of others likelier.

Pure: values in, values out. Which fields go together follows from their keys and formats; a
template that lacks one of them is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ocr_service.domain.field import FieldValue
from ocr_service.domain.triage import field_status
from ocr_service.forms.fields import Format, TextField
from ocr_service.forms.model import FormTemplate
from ocr_service.masters.municipalities import municipality_of
from ocr_service.masters.names import given_names, surnames
from ocr_service.pipeline.corroborate_address import corroborate_address
from ocr_service.pipeline.corroborate_dates import corroborate_dates
from ocr_service.pipeline.corroborate_fields import HOLDER, NAME, VOUCHER, kana_of
from ocr_service.pipeline.corroborate_holder import corroborate_holder
from ocr_service.pipeline.corroborate_names import NameKnowledge, corroborate_name
from ocr_service.pipeline.corroborate_variants import corroborate_variants
from ocr_service.pipeline.faded import mark_faded

_DATES: Final = ("birth_date", "age", "vaccination_date", "consent_date")
_NOTHING_SETTLED: Final[Mapping[str, str]] = MappingProxyType({})


@lru_cache(maxsize=1)
def name_knowledge() -> NameKnowledge:
    """The shipped names with their readings; loaded once."""
    return NameKnowledge(surnames(), given_names())


def corroborate(
    values: Sequence[FieldValue],
    template: FormTemplate,
    *,
    settled_by: Mapping[str, str] = _NOTHING_SETTLED,
) -> list[FieldValue]:
    """The values of a record, each re-ranked by those it goes together with.

    Chances stay chances: they are taken over all joint candidates, what no field offers included.
    Agreement of two independent fields raises them, disagreement lowers them.

    Args:
        values: typed and combined, with raw scores.
        template: the form they were read from.
        settled_by: names by record key as another source has them (a register of those invited);
            they decide between shapes of one kanji, nothing else.

    Returns:
        As many values in the same order.
    """
    by_key = {value.key: value for value in values}
    if {NAME, HOLDER} <= set(by_key):
        by_key[NAME], by_key[HOLDER] = corroborate_holder(by_key[NAME], by_key[HOLDER])
    _names(by_key, template)
    _address(by_key, template)
    there = corroborate_dates(*(by_key.get(key) for key in _DATES))
    by_key |= {value.key: value for value in there}
    for spec in template.fields:
        if isinstance(spec, TextField) and spec.format is Format.NAME and spec.key in by_key:
            by_key[spec.key] = corroborate_variants(
                by_key[spec.key], settled_by=settled_by.get(spec.key)
            )
    specs = {key: spec for spec in template.fields for key in spec.record_keys}
    known = mark_faded([by_key[value.key] for value in values], template)
    return [
        _judged(after, before, template.accept_at(specs[before.key]))
        for after, before in zip(known, values, strict=True)
    ]


def _names(by_key: dict[str, FieldValue], template: FormTemplate) -> None:
    """Every name with its reading: fields of these formats whose keys are ``x`` and ``x_kana``."""
    formats = {spec.key: spec.format for spec in template.fields if isinstance(spec, TextField)}
    for key, form in formats.items():
        kana = kana_of(key)
        if form is Format.NAME and formats.get(kana) is Format.KANA and {key, kana} <= set(by_key):
            by_key[key], by_key[kana] = corroborate_name(
                by_key[key], by_key[kana], name_knowledge()
            )


def _address(by_key: dict[str, FieldValue], template: FormTemplate) -> None:
    code = by_key.get(VOUCHER)
    home = municipality_of(code.value) if code and isinstance(code.value, str) else None
    if code is None or home is None:
        return
    for spec in template.fields:
        if isinstance(spec, TextField) and spec.format is Format.ADDRESS and spec.key in by_key:
            by_key[spec.key] = corroborate_address(by_key[spec.key], home, code.probability)


def _judged(value: FieldValue, before: FieldValue, accept_at: float) -> FieldValue:
    """The value with the status that follows from what changed."""
    if value is before:
        return value
    status = field_status(value.probability, value.flags, accept_at)
    return value if status is value.status else replace(value, status=status)


__all__ = ["corroborate", "name_knowledge"]
