"""The template of a form: pages, anchors, fields, rules and how sure a reading must be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from ocr_service.domain.pairing import Side
from ocr_service.forms.attention import AttentionSpec
from ocr_service.forms.fields import KEY_PATTERN, FieldSpec, Label
from ocr_service.forms.geometry import Box

Parameter: TypeAlias = str | bool | int | float | date | tuple[str, ...]
"""A parameter of a rule, as TOML writes it."""

_RULES_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "object"}},
    ]
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Anchor(_Model):
    """A solid black mark that registration looks for."""

    id: str
    box: Box


class PageSpec(_Model):
    """One side of the form."""

    width_mm: float = Field(gt=0)
    height_mm: float = Field(gt=0)
    anchors: tuple[Anchor, ...] = Field(min_length=3)
    landmarks: tuple[Box, ...] = Field(
        default=(), description="further printed frames that tell this form from others"
    )


class TargetError(_Model):
    """Share of wrong values allowed among those that no person sees, by field kind."""

    text: float = Field(default=0.005, gt=0, lt=1)
    digits: float = Field(default=0.001, gt=0, lt=1)
    choice: float = Field(default=0.001, gt=0, lt=1)
    flag: float = Field(default=0.001, gt=0, lt=1)
    presence: float = Field(default=0.001, gt=0, lt=1)
    code: float = Field(default=0.001, gt=0, lt=1)
    sticker: float = Field(default=0.001, gt=0, lt=1)

    def of(self, kind: str) -> float:
        """The share for a field kind; 0 for kinds that give no values."""
        shares: dict[str, float] = self.model_dump()
        return shares.get(kind, 0.0)


class Triage(_Model):
    """When a reading needs no eyes."""

    straight_through: bool = False
    target_error: TargetError = TargetError()
    accept_at: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="by hand: accept from this probability on, whatever calibration says",
    )
    entry: int = Field(
        default=1,
        ge=1,
        le=3,
        description="people who key each field: 1 = whoever reviews it, if it is doubtful; 2 = "
        "two, blind, and a third where they differ; 3 = three, and the majority counts",
    )


class Pairing(_Model):
    """How the pages of a form with several are found to be of one paper."""

    codes: tuple[tuple[str, ...], ...] = Field(
        min_length=2,
        description="for each page, the record keys on it that hold the code all pages carry",
    )
    optional: tuple[int, ...] = Field(
        default=(), description="pages that may be missing, such as continuation sheets"
    )


class FormTemplate(_Model):
    """A form, as ``form_templates/<key>/<version>/template.toml`` gives it.

    Rules and export profiles are named here and live in their own layers.
    """

    schema_version: Literal[1]
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")
    title: Label
    pages: tuple[PageSpec, ...] = Field(min_length=1)
    fields: tuple[FieldSpec, ...] = Field(min_length=1)
    triage: Triage = Triage()
    pairing: Pairing | None = Field(
        default=None, description="the code that ties the pages of a form with several together"
    )
    rules: Annotated[tuple[str, ...], WithJsonSchema(_RULES_SCHEMA)] = ()
    rule_parameters: dict[str, dict[str, Parameter]] = Field(
        default={}, description="filled from a table of rules; not for template files"
    )

    attention: tuple[AttentionSpec, ...] = Field(
        default=(), description="answers that a doctor or nurse wants to see; never a diagnosis"
    )

    @model_validator(mode="before")
    @classmethod
    def _rules_of_a_table(cls, data: object) -> object:
        """``rules`` is a list of names, or a table of names with the parameters of each."""
        if not isinstance(data, dict) or not isinstance(data.get("rules"), dict):
            return data
        table = data["rules"]
        return {**data, "rules": tuple(table), "rule_parameters": table}

    @model_validator(mode="after")
    def _attention_is_of_this_form(self) -> FormTemplate:
        keys = set(self.record_keys)
        asked = {k for a in self.attention for k in (a.key, a.detail) if k is not None}
        if asked - keys:
            raise ValueError(f"attention names no record key: {', '.join(sorted(asked - keys))}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> FormTemplate:
        keys = [k for f in self.fields for k in f.record_keys]
        twice = sorted({k for k in keys if keys.count(k) > 1})
        if twice:
            raise ValueError(f"record keys given twice: {', '.join(twice)}")
        for field in self.fields:
            if field.page > len(self.pages):
                raise ValueError(f"{field.key}: page {field.page} does not exist")
        return self

    @model_validator(mode="after")
    def _pairing_fits_the_pages(self) -> FormTemplate:
        if self.pairing is None:
            return self
        if len(self.pairing.codes) != len(self.pages):
            raise ValueError("pairing.codes has one list of keys for each page of the form")
        for number, keys in enumerate(self.pairing.codes, start=1):
            there = {k for f in self.fields if f.page == number for k in f.record_keys}
            if not keys or set(keys) - there:
                raise ValueError(f"pairing.codes: page {number} needs keys that are on that page")
        optional = set(self.pairing.optional)
        if optional - set(range(2, len(self.pages) + 1)):
            raise ValueError("pairing.optional names pages of the form, and never page 1")
        return self

    @property
    def record_keys(self) -> tuple[str, ...]:
        """All record keys in template order."""
        return tuple(k for f in self.fields for k in f.record_keys)

    def field_of(self, record_key: str) -> FieldSpec:
        """The field that gives ``record_key``.

        Raises:
            KeyError: no field gives it.
        """
        for field in self.fields:
            if record_key in field.record_keys:
                return field
        raise KeyError(record_key)

    def side(self, number: int) -> Side | None:
        """Which side its page ``number`` (from 1) is; None where the form has one page."""
        if len(self.pages) == 1:
            return None
        optional = self.pairing.optional if self.pairing else ()
        needed = tuple(n for n in range(1, len(self.pages) + 1) if n not in optional)
        keys = self.pairing.codes[number - 1] if self.pairing else ()
        return Side(number, needed, keys)

    def of_pages(self, numbers: Collection[int]) -> FormTemplate:
        """The form with the fields of some of its pages only."""
        fields = tuple(field for field in self.fields if field.page in numbers)
        return self.model_copy(update={"fields": fields})

    def target_error(self, field: FieldSpec) -> float:
        """Share of wrong values that ``field`` may have among those accepted without eyes."""
        own = field.target_error
        return self.triage.target_error.of(field.kind) if own is None else own

    def entry_of(self, record_key: str) -> int:
        """How many people key ``record_key``, 1 to 3.

        Raises:
            KeyError: no field gives it.
        """
        return self.entries()[record_key]

    def entries(self) -> dict[str, int]:
        """How many people key each record key, 1 to 3."""
        return {
            key: self.triage.entry if field.entry is None else field.entry
            for field in self.fields
            for key in field.record_keys
        }

    def manual_accept_at(self, field: FieldSpec) -> float | None:
        """The threshold that the template sets by hand, None where calibration decides."""
        if field.accept_at is not None:
            return field.accept_at
        # A promise of the field's own is nearer than a threshold for the whole form.
        return self.triage.accept_at if field.target_error is None else None

    def accept_at(self, field: FieldSpec) -> float:
        """Smallest probability at which ``field`` needs no eyes if probabilities are true."""
        manual = self.manual_accept_at(field)
        return 1.0 - self.target_error(field) if manual is None else manual


__all__ = [
    "KEY_PATTERN",
    "Anchor",
    "FormTemplate",
    "PageSpec",
    "Pairing",
    "Parameter",
    "TargetError",
    "Triage",
]
