"""One field of one page against the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from ocr_service.domain.field import FieldValue, Status, Value
from ocr_service.domain.record import Record
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.fields import FieldSpec, Format, TextField
from ocr_service.forms.model import FormTemplate

SPLIT_KEYS = ("font", "difficulty", "dpi", "faults")
_TEXT_KINDS = MappingProxyType(
    {
        Format.NAME: "text: name",
        Format.KANA: "text: kana",
        Format.ADDRESS: "text: address",
        Format.PHONE: "text: number",
        Format.DATE: "text: number",
    }
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A field, judged.

    Attributes:
        key: record key.
        kind: field kind; text is told apart by what it holds.
        filled: the paper says something here (a mark, a signature, writing).
        right: the value is exactly the truth.
        accepted: the value would pass without eyes.
        probability: what the reader claimed.
        digits: characters of the truth, digits fields only, else 0.
        digits_right: how many of them stand in their place.
        splits: (name, value) of how the page was made.
        target: promised share of wrong values among the accepted ones.
    """

    key: str
    kind: str
    filled: bool
    right: bool
    accepted: bool
    probability: float
    digits: int
    digits_right: int
    splits: tuple[tuple[str, str], ...]
    target: float = 1.0


def judge_page(record: Record, truth: TruthPage, template: FormTemplate) -> Iterator[Judged]:
    """Every field of a page for which the truth is known.

    A key that the record lacks counts as read empty with probability 0.
    """
    splits = tuple((name, value) for name in SPLIT_KEYS for value in truth.meta.get(name, ()))
    read = {value.key: value for value in record.fields}
    for spec in template.fields:
        for key in spec.record_keys:
            if key in truth.fields:
                judged = _judge(spec, key, truth.fields[key], read.get(key), splits)
                yield replace(judged, target=template.target_error(spec))


def kind_of(spec: FieldSpec) -> str:
    """The heading under which a field is scored."""
    if isinstance(spec, TextField) and spec.after:
        return "print"
    if isinstance(spec, TextField):
        return _TEXT_KINDS.get(spec.format, "text: free")
    return spec.kind


def plain(value: Value) -> Value:
    """Nothing written is None whether it came as "" or as no options; options have no order."""
    if isinstance(value, tuple):
        return tuple(sorted(value)) or None
    return None if value == "" else value


def _judge(
    spec: FieldSpec,
    key: str,
    expected: Value,
    found: FieldValue | None,
    splits: tuple[tuple[str, str], ...],
) -> Judged:
    wanted, got = plain(expected), plain(None if found is None else found.value)
    by_digit = spec.kind == "digits" and isinstance(wanted, str)
    digits = _digits(wanted) if by_digit else ""
    return Judged(
        key=key,
        kind=kind_of(spec),
        filled=wanted is not None and wanted is not False,
        right=got == wanted,
        accepted=found is not None and found.status is Status.ACCEPTED,
        probability=0.0 if found is None else found.probability,
        digits=len(digits),
        digits_right=_in_place(digits, _digits(got)),
        splits=splits,
    )


def _digits(value: Value) -> str:
    """A value's characters without the signs its format puts between them."""
    return "".join(c for c in value if c not in "-.") if isinstance(value, str) else ""


def _in_place(wanted: str, got: str) -> int:
    if len(wanted) != len(got):
        # a lost digit shifts the rest: count from whichever end agrees more
        ahead = sum(a == b for a, b in zip(wanted, got, strict=False))
        behind = sum(a == b for a, b in zip(wanted[::-1], got[::-1], strict=False))
        return max(ahead, behind)
    return sum(a == b for a, b in zip(wanted, got, strict=True))


__all__ = ["SPLIT_KEYS", "Judged", "judge_page", "kind_of", "plain"]
