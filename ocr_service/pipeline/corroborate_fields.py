"""Which fields of a form bear each other out, by their keys and formats."""

from __future__ import annotations

from typing import Final

from ocr_service.forms.fields import FieldSpec, Format, TextField
from ocr_service.forms.model import FormTemplate

NAME: Final = "name"
HOLDER: Final = "voucher_name"
VOUCHER: Final = "voucher_municipality_code"
_KANA: Final = "_kana"


def kana_of(key: str) -> str:
    """The key under which the reading of a name stands, if the form asks for it."""
    return f"{key}{_KANA}"


def borne_out_by(spec: FieldSpec, template: FormTemplate) -> str | None:
    """What else on a form tells a field's value: the best of it, in a word.

    Returns:
        ``print`` and ``hand`` for a name written by hand and on a voucher, ``kana`` for one with
        nothing but its reading beside it, ``code`` for an address beside a municipality's code;
        None where nothing else tells.
    """
    if not isinstance(spec, TextField):
        return None
    keys = {key for field in template.fields for key in field.record_keys}
    if spec.key == NAME and HOLDER in keys:
        return "print"
    if spec.key == HOLDER and NAME in keys:
        return "hand"
    if spec.format is Format.NAME and kana_of(spec.key) in keys:
        return "kana"
    return "code" if spec.format is Format.ADDRESS and VOUCHER in keys else None


__all__ = ["HOLDER", "NAME", "VOUCHER", "borne_out_by", "kana_of"]
