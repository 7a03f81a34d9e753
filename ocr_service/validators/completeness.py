"""Rules about answers that are missing, doubled or contradict another print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ocr_service.domain.field import FieldValue, Flag, Value
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.fields import FieldSpec, Format
from ocr_service.validators.base import RuleContext, Text, by_machine, issue

AMBIGUOUS = "ambiguous"
_UNDECIDED = frozenset({Flag.BOTH_MARKED, Flag.CORRECTED})
_KEYED_BY = frozenset({Format.DATE, Format.INSTITUTION_CODE})
_MISSING = Text(
    "必須の項目が空欄です。用紙を確かめてください。",
    "A required field is empty. Check the paper.",
)
_AMBIGUOUS = Text(
    "どちらの答えか決められません。用紙を見て選んでください。",
    "It is not clear which answer is meant. Choose it from the paper.",
)
_DISAGREE = Text(
    "QR、バーコード、印字の番号が一致しません。接種券を見て確かめてください。",
    "QR, bar code and printed number differ. Check the voucher.",
)


@dataclass(frozen=True, slots=True)
class RequiredMissing:
    """A field everybody must fill in is empty.

    It blocks export only where the record cannot be registered or billed without it: codes, dates
    and the institution's number. An unanswered question stays a question for the reviewer, who
    must not be pushed to invent an answer.
    """

    code: str = "required.missing"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """One issue for each required field that lacks something."""
        for field in context.required_fields():
            missing = tuple(key for key in field.record_keys if _is_missing(values.get(key), field))
            if missing:
                yield issue(self.code, _severity(field), missing, _MISSING)


@dataclass(frozen=True, slots=True)
class AmbiguousAnswer:
    """Two marks, or a correction that a person must judge."""

    code: str = "answer.ambiguous"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """One issue for each such answer."""
        for field in context.template.fields:
            found = values.get(field.key) if field.kind == "choice" else None
            if found is None:
                continue
            undecided = by_machine(found) and bool(found.flags & _UNDECIDED)
            if found.value == AMBIGUOUS or undecided:
                yield issue(self.code, Severity.WARNING, (field.key,), _AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class VoucherDisagreement:
    """The prints of one code tell different numbers."""

    code: str = "voucher.disagreement"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> Iterable[Issue]:
        """One issue for each code whose prints differ and that nobody has settled."""
        for field in context.template.fields:
            if field.kind != "code":
                continue
            doubted = tuple(
                key
                for key in field.record_keys
                if (found := values.get(key)) is not None
                and by_machine(found)
                and Flag.DISAGREEMENT in found.flags
            )
            if doubted:
                yield issue(self.code, Severity.WARNING, doubted, _DISAGREE)


def _is_missing(found: FieldValue | None, field: FieldSpec) -> bool:
    value: Value = None if found is None else found.value
    return value in (None, "", ()) or (field.kind == "presence" and value is False)


def _severity(field: FieldSpec) -> Severity:
    needed = field.kind == "code" or getattr(field, "format", None) in _KEYED_BY
    return Severity.ERROR if needed else Severity.WARNING


__all__ = ["AMBIGUOUS", "AmbiguousAnswer", "RequiredMissing", "VoucherDisagreement"]
