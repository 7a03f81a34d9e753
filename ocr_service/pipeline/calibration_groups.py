"""Which values are calibrated together.

A group's name is ``family.form.state@reader``, for example ``text.phone.filled@text-1/…``. Values
that other fields bear out are told apart: a patient's name beside the voucher's print is
``text.name+print.filled``, a doctor's ``text.name.filled``. Where a
group is too small to be fitted, values fall back on ``family.form.state`` (any reader),
``family.*.state`` (any form), ``family`` and, text and questions of several boxes apart, ``*``
(everything else).
"""

from __future__ import annotations

import re

from ocr_service.domain.field import FieldValue, Flag
from ocr_service.domain.triage import STOPPING_FLAGS
from ocr_service.forms.fields import (
    ChoiceField,
    DigitsField,
    FieldSpec,
    FlagField,
    StickerField,
    TextField,
)
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.corroborate_fields import borne_out_by

EVERYTHING = "*"
"""The group of all values but text and ``MANY``: a pool for thresholds, too mixed to have a map.

Text has looser promises and more errors; with it, nothing strict could be shown for the others.
"""

MANY = "choice-many"
"""The family of questions with several boxes: right only if every box of them is."""

_ALONE = frozenset({"text", EVERYTHING, MANY})
"""Families that lean on nothing wider: single boxes are no proof for six of them together."""

_BESIDE = "+"
_FAMILIES = {"choice": "mark", "flag": "mark"}
_PALE = frozenset({Flag.FAINT, Flag.OUTSIDE})
_VERSION = re.compile(r"-?\d.*$", re.DOTALL)


def group_of(spec: FieldSpec, value: FieldValue, template: FormTemplate) -> str:
    """The finest group of a value; the same before and after calibration.

    Args:
        spec: the field that gives the value.
        value: typed and combined; its reader and flags are part of the group.
        template: the form; its other fields may bear this one out.
    """
    family = _family(spec)
    form = _form(spec, value.key)
    beside = borne_out_by(spec, template)
    if beside is not None:
        form = f"{form}{_BESIDE}{beside}"
    return f"{family}.{form}.{_state(spec, value)}@{value.reader}"


def levels_of(group: str) -> tuple[str, ...]:
    """The names under which a group's data may be found, finest first."""
    name = group.partition("@")[0]
    family, _, state = name.split(".")
    return group, name, f"{family}.*.{state}", *_widest(family)


def former_levels_of(group: str) -> tuple[str, ...]:
    """Where older files have such a group, finest first.

    They know neither ``MANY`` as a family nor what bears values out. Empty for groups that were
    always called what they are called now.
    """
    name, _, reader = group.partition("@")
    family, form, state = name.split(".")
    if family == MANY:
        return levels_of(f"mark.{form}-many.{state}@{reader}")
    alone, beside, _ = form.partition(_BESIDE)
    return levels_of(f"{family}.{alone}.{state}@{reader}") if beside else ()


def levels_of_name(name: str) -> tuple[str, ...]:
    """A group's own name at any level and those of the groups it belongs to, nearest first."""
    if "@" in name:
        return levels_of(name)
    family, _, rest = name.partition(".")
    form, _, state = rest.partition(".")
    wider = _widest(family)
    if not rest:
        return wider
    pools = (f"{family}.*.{state}", *wider)
    return pools if form == "*" else (name, *pools)


def _widest(family: str) -> tuple[str, ...]:
    return (family,) if family in _ALONE else (family, EVERYTHING)


def _family(spec: FieldSpec) -> str:
    """Print that a label leads to is no handwriting: its ease must not speak for that."""
    if isinstance(spec, TextField) and spec.after:
        return "print"
    if isinstance(spec, ChoiceField) and spec.multiple:
        return MANY
    return _FAMILIES.get(spec.kind, spec.kind)


def is_stopped(group: str) -> bool:
    """Whether flags keep the group's values from being accepted, whatever their chance."""
    return group.partition("@")[0].rpartition(".")[2] in {"both", "corrected", "flagged"}


def reader_stem(reader: str) -> str:
    """A reader's name without its version: ``digits-cnn-2`` is still ``digits-cnn``."""
    return _VERSION.sub("", reader)


def _form(spec: FieldSpec, key: str) -> str:
    match spec:
        case DigitsField():
            return f"{spec.format.value}-era" if spec.in_era else spec.format.value
        case TextField():
            return spec.format.value
        case ChoiceField() | FlagField():
            return spec.mark.value
        case StickerField():
            return next((part.role for part in spec.parts if part.key == key), "part")
        case _:
            return "part" if spec.record_keys != (spec.key,) else "whole"


def _state(spec: FieldSpec, value: FieldValue) -> str:
    if value.flags & STOPPING_FLAGS:
        if Flag.BOTH_MARKED in value.flags:
            return "both"
        return "corrected" if Flag.CORRECTED in value.flags else "flagged"
    if spec.kind == "presence":
        return "yes" if value.value is True else "no"
    is_empty = value.value in {None, False, ""}
    if spec.kind in _FAMILIES:
        if is_empty:
            return "none"
        return "pale" if value.flags & _PALE else "one"
    return "empty" if is_empty else "filled"


__all__ = [
    "EVERYTHING",
    "MANY",
    "former_levels_of",
    "group_of",
    "is_stopped",
    "levels_of",
    "levels_of_name",
    "reader_stem",
]
