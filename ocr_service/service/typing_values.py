"""Turns what a person entered for a field into a value of that field's kind."""

from __future__ import annotations

from datetime import date

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Value
from ocr_service.forms.fields import (
    ChoiceField,
    DigitsField,
    FieldSpec,
    FlagField,
    Format,
    PresenceField,
    TextField,
)

_MAX_TEXT = 2000

Entered = str | bool | list[str] | None
"""A value as JSON carries it."""


def typed_value(spec: FieldSpec, entered: Entered) -> Value:
    """The value, if the field can hold it.

    Args:
        spec: the field in the template.
        entered: None = nothing is written there.

    Raises:
        InvalidRequest: it cannot; the message names the field and what it takes, not the value.
    """
    if entered is None:
        return None
    if isinstance(spec, FlagField | PresenceField):
        return _flag(spec, entered)
    if isinstance(spec, ChoiceField):
        return _choice(spec, entered)
    return _text(spec, entered)


def _flag(spec: FlagField | PresenceField, entered: Entered) -> bool:
    if not isinstance(entered, bool):
        raise InvalidRequest(f"{spec.key} takes true or false")
    return entered


def _choice(spec: ChoiceField, entered: Entered) -> Value:
    options = [option.value for option in spec.options]
    if spec.multiple:
        if not isinstance(entered, list) or not set(entered) <= set(options):
            raise InvalidRequest(f"{spec.key} takes a list of {', '.join(options)}")
        return tuple(sorted(set(entered)))
    if not isinstance(entered, str) or entered not in options:
        raise InvalidRequest(f"{spec.key} takes one of {', '.join(options)}")
    return entered


def _text(spec: FieldSpec, entered: Entered) -> str | None:
    if not isinstance(entered, str):
        raise InvalidRequest(f"{spec.key} takes text")
    if len(entered) > _MAX_TEXT:
        raise InvalidRequest(f"{spec.key} takes at most {_MAX_TEXT} characters")
    text = entered.strip()
    if isinstance(spec, TextField | DigitsField):
        _check_format(spec, text)
    return text or None


def _check_format(spec: TextField | DigitsField, text: str) -> None:
    if not text:
        return
    if spec.format is Format.DATE:
        try:
            date.fromisoformat(text)
        except ValueError as error:
            raise InvalidRequest(f"{spec.key} takes a date like 2021-07-31") from error
    elif spec.format in _DIGITS_ONLY and not (text.isascii() and text.isdigit()):
        raise InvalidRequest(f"{spec.key} takes digits only")
    elif spec.format is Format.DECIMAL and not _is_decimal(text):
        raise InvalidRequest(f"{spec.key} takes a number like 36.5")


_DIGITS_ONLY = frozenset({Format.DIGITS, Format.NUMBER, Format.PHONE, Format.INSTITUTION_CODE})


def _is_decimal(text: str) -> bool:
    whole, _, tenth = text.partition(".")
    return text.isascii() and whole.isdigit() and (not tenth or tenth.isdigit())


__all__ = ["Entered", "typed_value"]
