"""Answers that a doctor or nurse wants to see before others, as a template lists them."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocr_service.forms.fields import KEY_PATTERN, Label


class Attention(StrEnum):
    """How soon somebody should look."""

    FIRST = "first"  # before anything else
    LOOK = "look"  # before the vaccination
    NOTE = "note"  # good to know


class AttentionSpec(BaseModel):
    """One thing to look out for. It selects answers; it judges nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=KEY_PATTERN, description="record key of the answer")
    answers: tuple[str, ...] = Field(
        default=(), description="values that are listed, for example yes"
    )
    at_least: Decimal | None = Field(
        default=None, description="a number from this one on is listed, for example 37.5"
    )
    words: Label
    level: Attention = Attention.LOOK
    detail: str | None = Field(
        default=None,
        pattern=KEY_PATTERN,
        description="record key of what is written about it, shown beside",
    )

    @model_validator(mode="after")
    def _says_what(self) -> AttentionSpec:
        if bool(self.answers) == (self.at_least is not None):
            raise ValueError(f"attention {self.key}: give answers or at_least")
        return self


__all__ = ["Attention", "AttentionSpec"]
