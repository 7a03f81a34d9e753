"""The template of a form: pages, anchors, fields, rules and how sure a reading must be."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocr_service.forms.fields import KEY_PATTERN, FieldSpec, Label
from ocr_service.forms.geometry import Box


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


class Triage(_Model):
    """When a reading needs no eyes."""

    straight_through: bool = False
    accept_at: float = Field(default=0.99, ge=0, le=1)


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
    rules: tuple[str, ...] = ()

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

    def accept_at(self, field: FieldSpec) -> float:
        """Smallest probability at which ``field`` needs no eyes."""
        return self.triage.accept_at if field.accept_at is None else field.accept_at


__all__ = ["KEY_PATTERN", "Anchor", "FormTemplate", "PageSpec", "Triage"]
