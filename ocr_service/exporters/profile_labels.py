"""Names that people know a field and its answers by."""

from __future__ import annotations

from functools import lru_cache

from ocr_service.domain.field import Value
from ocr_service.exporters.profile_functions import text_of
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    FieldSpec,
    Label,
    StickerField,
)
from ocr_service.forms.model import FormTemplate

_YES = Label(ja="あり", en="yes")
_NO = Label(ja="なし", en="no")
_AMBIGUOUS = Label(ja="どちらとも決められない", en="ambiguous")


def field_facts(form: FormTemplate | None, key: str, value: Value) -> dict[str, str]:
    """What ``@key``, ``@label``, ``@value`` and the like say of one field of a record.

    Args:
        form: the form of the record; None gives the key instead of labels.
        key: record key.
        value: its value.
    """
    label = _label(form, key) if form is not None else Label(ja=key, en=key)
    shown = _value_labels(form, key, value)
    return {
        "key": key,
        "label": label.ja,
        "label_en": label.en,
        "value": text_of(value),
        "value_label": "、".join(one.ja for one in shown) if shown else text_of(value),
        "value_label_en": ", ".join(one.en for one in shown) if shown else text_of(value),
    }


def _value_labels(form: FormTemplate | None, key: str, value: Value) -> list[Label]:
    if isinstance(value, bool):
        return [_YES if value else _NO]
    options = _options(form, key) if form is not None else {}
    words = value if isinstance(value, tuple) else (value,)
    return [options[word] for word in words if word in options]


# Forms are frozen and few, and a hundred thousand records ask for the same labels.
@lru_cache(maxsize=4096)
def _spec_label(form_id: int, key: str) -> Label:
    form = _FORMS[form_id]
    spec = form.field_of(key)
    return _part_label(spec, key)


@lru_cache(maxsize=4096)
def _spec_options(form_id: int, key: str) -> dict[str, Label]:
    form = _FORMS[form_id]
    try:
        spec = form.field_of(key)
    except KeyError:
        return {}
    if not isinstance(spec, ChoiceField):
        return {}
    return {option.value: option.label for option in spec.options} | {"ambiguous": _AMBIGUOUS}


_FORMS: dict[int, FormTemplate] = {}


def _label(form: FormTemplate, key: str) -> Label:
    _FORMS[id(form)] = form
    try:
        return _spec_label(id(form), key)
    except KeyError:
        return Label(ja=key, en=key)


def _options(form: FormTemplate, key: str) -> dict[str, Label]:
    _FORMS[id(form)] = form
    return _spec_options(id(form), key)


def _part_label(spec: FieldSpec, key: str) -> Label:
    parts = spec.parts if isinstance(spec, CodeField | StickerField) else ()
    return next((part.label for part in parts if part.key == key), spec.label)


__all__ = ["field_facts"]
