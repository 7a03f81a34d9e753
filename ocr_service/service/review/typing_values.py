"""Turns what a person entered for a field into a value of that field's kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from ocr_service.domain import folding
from ocr_service.domain.dates import Era
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Value
from ocr_service.domain.typed_dates import typed_date
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    DigitsField,
    FieldSpec,
    FlagField,
    Format,
    PresenceField,
    StickerField,
    TextField,
)

MAX_TEXT = 2000
"""Characters that a field can hold at most."""

Entered = str | bool | list[str] | None
"""A value as JSON carries it."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff]")
_TEMPERATURE = re.compile(r"(\d{1,3})\s*(?:[.,度]\s*(\d)?\s*分?)?", re.ASCII)
_SEPARATORS = re.compile(r"[\s()\-‐‑–—―−ー.]")


class Refusal(StrEnum):
    """Why a field cannot hold what was entered; the pages have words for each."""

    FLAG = "flag"  # takes yes or no
    OPTION = "option"  # takes one of the printed options
    OPTIONS = "options"  # takes any of the printed options
    TEXT = "text"  # takes text
    LONG = "long"  # more characters than a field holds
    CHARACTERS = "characters"  # holds what is no character
    DATE = "date"
    DIGITS = "digits"
    DECIMAL = "decimal"


class UnfitValue(InvalidRequest):
    """The field cannot hold this value.

    Attributes:
        refusal: why.
    """

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


def typed_value(spec: FieldSpec, entered: Entered, *, today: date | None = None) -> Value:
    """The value, if the field can hold it; text is folded as the field's format wants it.

    Args:
        spec: the field in the template.
        entered: None = nothing is written there.
        today: dates typed with two digits of the year lie before it; None = they are refused.

    Raises:
        UnfitValue: it cannot; the message names the field and what it takes, not the value.
    """
    if entered is None:
        return None
    if isinstance(spec, FlagField | PresenceField):
        return _flag(spec, entered)
    if isinstance(spec, ChoiceField):
        return _choice(spec, entered)
    return _text(spec, entered, today)


def _flag(spec: FlagField | PresenceField, entered: Entered) -> bool:
    if not isinstance(entered, bool):
        raise UnfitValue(Refusal.FLAG, f"{spec.key} takes true or false")
    return entered


def _choice(spec: ChoiceField, entered: Entered) -> Value:
    options = [option.value for option in spec.options]
    if spec.multiple:
        if not isinstance(entered, list) or not set(entered) <= set(options):
            takes = ", ".join(options)
            raise UnfitValue(Refusal.OPTIONS, f"{spec.key} takes a list of {takes}")
        return tuple(sorted(set(entered))) or None
    if not isinstance(entered, str) or entered not in options:
        raise UnfitValue(Refusal.OPTION, f"{spec.key} takes one of {', '.join(options)}")
    return entered


def _clean(spec: FieldSpec, entered: Entered) -> str:
    if not isinstance(entered, str):
        raise UnfitValue(Refusal.TEXT, f"{spec.key} takes text")
    if len(entered) > MAX_TEXT:
        raise UnfitValue(Refusal.LONG, f"{spec.key} takes at most {MAX_TEXT} characters")
    if any("\ud800" <= char <= "\udfff" for char in entered):
        raise UnfitValue(Refusal.CHARACTERS, f"{spec.key} takes characters only")
    return _CONTROL.sub("", entered).strip()


def _text(spec: FieldSpec, entered: Entered, today: date | None) -> str | None:
    text = _clean(spec, entered)
    if not text:
        return None
    if isinstance(spec, CodeField):
        return _digits(spec, text)
    if isinstance(spec, StickerField):
        return folding.one_line(text)
    if isinstance(spec, TextField | DigitsField):
        if spec.format is Format.DATE:
            return _date(spec, text, today)
        return _FOLDS[spec.format](spec, text)
    return text


def _date(spec: TextField | DigitsField, text: str, today: date | None) -> str:
    printed = spec.printed_era if isinstance(spec, DigitsField) else None
    era = None if printed is None else Era[printed.upper()]
    found = typed_date(text, today=today or date.min, era=era)
    if found is None:
        raise UnfitValue(Refusal.DATE, f"{spec.key} takes a date like 2021-07-31 or R3.7.31")
    return found.isoformat()


def _digits(spec: FieldSpec, text: str) -> str:
    digits = _SEPARATORS.sub("", folding.narrow(text))
    if not (digits.isascii() and digits.isdigit()):
        raise UnfitValue(Refusal.DIGITS, f"{spec.key} takes digits only")
    return digits


def _number(spec: FieldSpec, text: str) -> str:
    return str(int(_digits(spec, text)))


def _decimal(spec: FieldSpec, text: str) -> str:
    """36.5, 36度5分, or 365 where the form has a cell for the tenth."""
    plain = folding.narrow(text)
    cells = len(spec.cells) if isinstance(spec, DigitsField) else 0
    if plain.isascii() and plain.isdigit() and len(plain) == cells > 1:
        return f"{int(plain[:-1])}.{plain[-1]}"
    found = _TEMPERATURE.fullmatch(plain)
    if found is None:
        raise UnfitValue(Refusal.DECIMAL, f"{spec.key} takes a number like 36.5")
    return f"{int(found[1])}.{found[2] or '0'}"


_Fold = Callable[[FieldSpec, str], str]
_FOLDS: MappingProxyType[Format, _Fold] = MappingProxyType(
    {
        Format.TEXT: lambda _spec, text: folding.one_line(text),
        Format.NAME: lambda _spec, text: folding.spaced_name(text),
        Format.KANA: lambda _spec, text: folding.katakana(text),
        Format.ADDRESS: lambda _spec, text: folding.address(text),
        Format.PHONE: _digits,
        Format.DIGITS: _digits,
        Format.NUMBER: _number,
        Format.DECIMAL: _decimal,
        Format.INSTITUTION_CODE: _digits,
    }
)

__all__ = ["MAX_TEXT", "Entered", "Refusal", "UnfitValue", "typed_value"]
