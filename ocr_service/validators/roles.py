"""Which field of a template plays which part, so that rules work on every form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ocr_service.forms.fields import ChoiceField, CodeField, FieldSpec, StickerField
from ocr_service.forms.model import FormTemplate

_STICKER_ROLES: Final = MappingProxyType(
    {"product": "vaccine_name", "lot": "lot_number", "expiry": "lot_expiry"}
)
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that only some people fill in.

    Attributes:
        key: its record key.
        by: key of the choice that asks for it.
        option: the option that asks for it; None = any.
        question: key of the yes/no question at the root; None where there is none.
        expected: whether it has to be filled in then.
    """

    key: str
    by: str
    option: str | None
    question: str | None
    expected: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that a template's fields play.

    Attributes:
        keys: record key by role.
        questions: keys of choices of one between yes and no.
        asked: fields that depend on a choice, in template order.
    """

    keys: MappingProxyType[str, str]
    questions: tuple[str, ...]
    asked: tuple[Asked, ...]


def parts_of(template: FormTemplate) -> Parts:
    """The parts; a field without a role of its own plays the one its key names."""
    return _parts_of(_Itself(template))


class _Itself:
    """A template that is compared by identity: to compare all that it holds takes longer."""

    __slots__ = ("template",)

    def __init__(self, template: FormTemplate) -> None:
        self.template = template

    def __hash__(self) -> int:
        return id(self.template)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.template is other.template


@lru_cache(maxsize=64)
def _parts_of(itself: _Itself) -> Parts:
    template = itself.template
    keys = {key: key for key in template.record_keys}
    keys |= {role: key for field in template.fields for role, key in _named(field)}
    questions = tuple(f.key for f in template.fields if is_question(f))
    asked = tuple(a for f in template.fields if (a := _asked(f, template, questions)) is not None)
    return Parts(MappingProxyType(keys), questions, asked)


def is_question(field: FieldSpec) -> bool:
    """Whether the field is answered by yes or no."""
    return (
        isinstance(field, ChoiceField)
        and not field.multiple
        and field.role != "consent"
        and field.key != "consent"
        and {option.value for option in field.options} == {YES, NO}
    )


def _named(field: FieldSpec) -> Iterator[tuple[str, str]]:
    if isinstance(field, StickerField):
        yield from ((_STICKER_ROLES[part.role], part.key) for part in field.parts)
    elif isinstance(field, CodeField) and field.parts:
        yield from ((part.role, part.key) for part in field.parts if part.role)
    elif field.role is not None:
        yield field.role, field.key


def _asked(field: FieldSpec, template: FormTemplate, questions: tuple[str, ...]) -> Asked | None:
    by, option = _asker(field, questions)
    if by is None:
        return None
    return Asked(field.key, by, option, _root(by, template, questions), field.expected)


def _asker(field: FieldSpec, questions: tuple[str, ...]) -> tuple[str | None, str | None]:
    if field.asked_by is not None:
        by, _, option = field.asked_by.partition("=")
        return by, option or None
    before = field.key.partition("_")[0]
    return (before, YES) if before in questions and before != field.key else (None, None)


def _root(by: str, template: FormTemplate, questions: tuple[str, ...]) -> str | None:
    """Follows the chain of askers up to a yes/no question; a circle has none."""
    seen: set[str] = set()
    while by not in questions:
        if by in seen or by not in template.record_keys:
            return None
        seen.add(by)
        above, _ = _asker(template.field_of(by), questions)
        if above is None:
            return None
        by = above
    return by


__all__ = ["NO", "YES", "Asked", "Parts", "is_question", "parts_of"]
