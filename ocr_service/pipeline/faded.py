"""Notices pages whose writing is gone: pale pencil on a two-tone scan leaves an empty form.

Each field by itself is surely blank then. Together they cannot be: people leave one required
field out, or two, hardly ever five.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ocr_service.domain.field import FieldValue, Flag
from ocr_service.forms.fields import FieldSpec, TextField
from ocr_service.forms.model import FormTemplate

_LEAST: Final = 4
_SHARE: Final = 1 / 6
"""More than this share of the required fields. Of 200 synthetic pages one person at most left out
three of 24; pages without their pencil lacked seven or more (seeds 91101 and 91102)."""

_BY_HAND: Final = frozenset({"text", "digits", "choice", "flag", "presence"})


def mark_faded(values: Sequence[FieldValue], template: FormTemplate) -> list[FieldValue]:
    """The values of one page; if its writing is gone, all that is written by hand flagged.

    Args:
        values: everything read on the page.
        template: says what must be filled in.

    Returns:
        As many values in the same order, with ``Flag.FADED`` or as they were.
    """
    specs = {key: spec for spec in template.fields for key in spec.record_keys}
    written = {value.key for value in values if _is_written(specs[value.key])}
    required = [v for v in values if v.key in written and specs[v.key].required]
    empty = sum(value.value in {None, False, "", ()} for value in required)
    if empty < _LEAST or empty <= _SHARE * len(required):
        return list(values)
    return [
        replace(value, flags=value.flags | {Flag.FADED}) if value.key in written else value
        for value in values
    ]


def _is_written(spec: FieldSpec) -> bool:
    is_print = isinstance(spec, TextField) and bool(spec.after)
    return spec.kind in _BY_HAND and not is_print


__all__ = ["mark_faded"]
