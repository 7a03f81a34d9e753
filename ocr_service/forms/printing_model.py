"""What a drawn blank prints besides the fields' own boxes: the model of ``blank.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ocr_service.domain.errors import TemplateError
from ocr_service.forms.geometry import Box

BLANK_FILE = "blank.toml"

Point = tuple[float, float]
"""(x, y) in millimetres from the top-left corner of the page."""


class _Print(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True
    )

    page: int = Field(default=1, ge=1)


class PrintText(_Print):
    """One line of printed text."""

    at: Point = Field(description="left, centre or right end (see align) and middle of the line")
    size: float = Field(gt=0, description="height of the em square in millimetres")
    text: str = Field(min_length=1)
    align: Literal["left", "centre", "right"] = "left"
    gray: float = Field(default=0.0, ge=0, le=1, description="0 = black, 1 = white")
    bold: bool = False


class PrintRule(_Print):
    """One straight line; its width lies half on either side."""

    start: Point = Field(alias="from")
    end: Point = Field(alias="to")
    width: float = Field(gt=0, description="millimetres")
    dash: tuple[float, float] | None = Field(default=None, description="ink and gap, millimetres")
    gray: float = Field(default=0.0, ge=0, le=1)


class PrintFrame(_Print):
    """A rectangle: outline, filling or both."""

    box: Box
    width: float = Field(default=0.0, ge=0, description="outline in millimetres, 0 = none")
    dash: tuple[float, float] | None = None
    gray: float = Field(default=0.0, ge=0, le=1)
    fill: float | None = Field(default=None, ge=0, le=1, description="gray of the filling")


class BlankPrint(BaseModel):
    """The file ``blank.toml`` beside a template.

    Field boxes are the inside of the printed rule, so the rule is drawn around them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    box_rule_mm: float = Field(default=0.33, gt=0)
    small_box_rule_mm: float = Field(default=0.16, gt=0)
    small_box_below_mm: float = Field(default=3.0, ge=0, description="boxes narrower are small")
    texts: tuple[PrintText, ...] = ()
    rules: tuple[PrintRule, ...] = ()
    frames: tuple[PrintFrame, ...] = ()


def load_blank_print(folder: Path) -> BlankPrint:
    """The extra print of the template in ``folder``; nothing extra where there is no file.

    Raises:
        TemplateError: the file is not TOML or breaks the schema.
    """
    path = folder / BLANK_FILE
    if not path.is_file():
        return BlankPrint()
    try:
        return BlankPrint.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(f"{BLANK_FILE} is not a TOML file in UTF-8: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise TemplateError(f"{BLANK_FILE}: {where}: {problem['msg']}") from error


__all__ = [
    "BLANK_FILE",
    "BlankPrint",
    "Point",
    "PrintFrame",
    "PrintRule",
    "PrintText",
    "load_blank_print",
]
