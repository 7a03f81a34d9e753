"""Rules about what is missing or not readable as what it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ocr_service.domain.field import FieldValue, Value
from ocr_service.domain.record import Severity
from ocr_service.forms.fields import FieldSpec, Format
from ocr_service.validators.base import Found, Seen, ShippedRule, Text

_KEYED_BY = frozenset({Format.DATE, Format.INSTITUTION_CODE})
_OWN_RULES = frozenset({"judgement", "consent", "doctor_signature", "consent_signature"})
_KANA = re.compile(r"[ァ-ヺー・]+(?:　[ァ-ヺー・]+)*")
_MY_NUMBER = re.compile(r"(?<![0-9])([0-9]{11})([0-9])(?![0-9])", re.ASCII)
_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_NOT_SEPARATE = 1


def is_empty(found: FieldValue | None) -> bool:
    """Whether nothing is written there."""
    value: Value = None if found is None else found.value
    return value in (None, "", ())


def _required(seen: Seen) -> Iterator[Found]:
    """A field everybody must fill in is empty.

    It blocks export only where the record cannot be registered or billed without it: codes, dates
    and the institution's number. What has a rule of its own (answers, judgement, consent,
    signatures) is told there.
    """
    parts = seen.context.parts
    own = {parts.keys.get(role) for role in _OWN_RULES} | set(parts.questions)
    for field in seen.context.required_fields():
        if field.key in own:
            continue
        missing = tuple(k for k in field.record_keys if _is_missing(seen.values.get(k), field))
        if missing:
            yield Found(missing, severity=None if _is_needed(field) else Severity.WARNING)


def _is_missing(found: FieldValue | None, field: FieldSpec) -> bool:
    marked = found is not None and found.value is not False
    return is_empty(found) or (field.kind == "presence" and not marked)


def _is_needed(field: FieldSpec) -> bool:
    return field.kind == "code" or getattr(field, "format", None) in _KEYED_BY


def _empty_record(seen: Seen) -> Iterator[Found]:
    """Nothing is written on the whole page."""
    if all(is_empty(v) or v.value is False for v in seen.values.values()):
        yield Found(())


def _kana(seen: Seen) -> Iterator[Found]:
    """A reading of the name in other signs than katakana."""
    for key in seen.context.keys_of_format(Format.KANA):
        found = seen.values.get(key)
        value = None if found is None else found.value
        if isinstance(value, str) and value and _KANA.fullmatch(value) is None:
            yield Found((key,))


def _my_number(seen: Seen) -> Iterator[Found]:
    """Twelve digits that pass the check of an Individual Number, in a free text."""
    for field in seen.context.template.fields:
        found = seen.values.get(field.key) if field.kind == "text" else None
        if found is None or not isinstance(found.value, str):
            continue
        if any(_is_my_number(body, check) for body, check in _MY_NUMBER.findall(found.value)):
            yield Found((field.key,))


def _is_my_number(body: str, check: str) -> bool:
    if all(one == other for one, other in pairwise(body)):
        return False  # rows of zeros pass and are nobody's
    remainder = sum(w * int(d) for w, d in zip(_MY_NUMBER_WEIGHTS, body, strict=True)) % 11
    return int(check) == (0 if remainder <= _NOT_SEPARATE else 11 - remainder)


RULES = (
    ShippedRule(
        code="required.missing",
        severity=Severity.ERROR,
        title=Text("必須項目の空欄", "Required field empty"),
        messages={
            "": Text(
                "必須の項目が空欄です。用紙を確かめてください。",
                "A required field is empty. Check the paper.",
            )
        },
        source="domain 1.4 and 1.8: a record cannot be registered or billed without its "
        "key fields; "
        "a warning for all other fields that the template calls required",
        parameters=(),
        find=_required,
    ),
    ShippedRule(
        code="record.empty",
        severity=Severity.ERROR,
        title=Text("何も書かれていない用紙", "Nothing written"),
        messages={
            "": Text(
                "この用紙には何も書かれていません。白紙か、別の用紙かもしれません。",
                "Nothing is written on this page. It may be blank, or another form.",
            )
        },
        source="design: a page without a single value is no record",
        parameters=(),
        find=_empty_record,
    ),
    ShippedRule(
        code="kana.format",
        severity=Severity.WARNING,
        title=Text("フリガナの文字", "Signs of the reading"),
        messages={
            "": Text(
                "フリガナにカタカナ以外の文字があります。",
                "The reading of the name holds other signs than katakana.",
            )
        },
        source="domain 4.6: full-width katakana, long vowel mark and space",
        parameters=(),
        find=_kana,
    ),
    ShippedRule(
        code="my_number.written",
        severity=Severity.ERROR,
        title=Text("個人番号らしい数字", "Looks like an Individual Number"),
        messages={
            "": Text(
                "12桁の個人番号（マイナンバー）らしい数字が書かれています。"
                "取り扱いを確かめ、消してください。",
                "Twelve digits look like an Individual Number. Check how to treat them and "
                "remove them.",
            )
        },
        source="domain 5.4: the form has no place for it; check weights [V:S81], remainder "
        "rule [R]",
        parameters=(),
        find=_my_number,
    ),
)

__all__ = ["RULES", "is_empty"]
