"""Rules about codes that check themselves. A failed check digit is a doubt, not proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ocr_service.domain.codes import institution_code_valid, municipality_code_valid
from ocr_service.domain.field import FieldValue
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.fields import Format
from ocr_service.validators.base import RuleContext, Text, issue, text_of

_INSTITUTION = Text(
    "医療機関等コードの検証番号が合いません。用紙と見比べてください。",
    "The institution code fails its check digit. Compare it with the paper.",
)
_MUNICIPALITY = Text(
    "市町村コードの検査数字が合いません。接種券と見比べてください。",
    "The municipality code fails its check digit. Compare it with the voucher.",
)
_MUNICIPALITY_SUFFIX = "municipality_code"


@dataclass(frozen=True, slots=True)
class InstitutionCheckDigit:
    """Institution codes; venues outside health insurance were given codes that fail."""

    code: str = "institution_code.check_digit"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """One issue for each code that fails."""
        for key in context.keys_of_format(Format.INSTITUTION_CODE):
            text = text_of(values, key)
            if text is not None and not institution_code_valid(text):
                yield issue(self.code, Severity.WARNING, (key,), _INSTITUTION)


@dataclass(frozen=True, slots=True)
class MunicipalityCheckDigit:
    """National municipality codes, by record keys that end in ``municipality_code``."""

    code: str = "municipality_code.check_digit"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """One issue for each code that fails."""
        for key in context.template.record_keys:
            text = text_of(values, key) if key.endswith(_MUNICIPALITY_SUFFIX) else None
            if text is not None and not municipality_code_valid(text):
                yield issue(self.code, Severity.WARNING, (key,), _MUNICIPALITY)


__all__ = ["InstitutionCheckDigit", "MunicipalityCheckDigit"]
