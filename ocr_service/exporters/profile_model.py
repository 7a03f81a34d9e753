"""An export profile: which rows and columns a file has, and how they are written.

Profiles are data. No public text gives the layouts of the receiving systems, and each municipality
has its own, so a layout is a TOML file that its operator can change without a programmer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocr_service.forms.fields import Label

PROFILE_NAME = r"^[a-z0-9][a-z0-9-]{0,49}$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileFormat(StrEnum):
    """Kinds of files."""

    DELIMITED = "delimited"  # CSV, TSV
    FIXED = "fixed"  # every column at its place in the line
    JSONL = "jsonl"  # one JSON object a line
    XLSX = "xlsx"  # a workbook for people
    FHIR = "fhir"  # a Bundle of Immunization resources


class Encoding(StrEnum):
    """How characters become bytes."""

    UTF_8 = "utf-8"
    UTF_8_SIG = "utf-8-sig"  # with byte order mark, which Excel looks for
    CP932 = "cp932"  # the code page of Japanese Windows, a superset of Shift_JIS


class FileLayout(_Model):
    """The file as a whole."""

    format: FileFormat = FileFormat.DELIMITED
    encoding: Encoding = Encoding.UTF_8_SIG
    newline: Literal["crlf", "lf"] = "crlf"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: Literal["minimal", "all", "none"] = "minimal"
    header: bool = True
    name: str = Field(
        default="",
        max_length=200,
        description=(
            "file name; {profile} {version} {date} {time} {split} {part} are filled in;"
            " empty = export-ID with the usual suffix"
        ),
    )
    guard_formulas: bool | None = Field(
        default=None,
        description="put ' before what a spreadsheet would run; default: xlsx and utf-8-sig only",
    )
    sheet: str = Field(default="records", min_length=1, max_length=31, description="xlsx only")

    @property
    def line_end(self) -> str:
        """The characters that end a line."""
        return "\r\n" if self.newline == "crlf" else "\n"

    @property
    def guards(self) -> bool:
        """Whether formulas are disarmed."""
        if self.guard_formulas is not None:
            return self.guard_formulas
        if self.format is FileFormat.XLSX:
            return True
        return self.format is FileFormat.DELIMITED and self.encoding is Encoding.UTF_8_SIG


class ColumnType(StrEnum):
    """What a cell may hold; anything else holds the record back."""

    TEXT = "text"
    DIGITS = "digits"  # 0-9 only, leading zeros kept
    NUMBER = "number"  # -12.5
    DATE = "date"  # a day, as its source writes it: give it a date or era function
    FLAG = "flag"  # 1 or 0


class Column(_Model):
    """One column."""

    header: str = Field(max_length=100, description="{key} {label} stand for the field of `each`")
    source: str = Field(default="", max_length=1000, description="expression; see the reference")
    each: Literal["field"] | None = Field(
        default=None, description="one column for each field of the form, in its order"
    )
    type: ColumnType = ColumnType.TEXT
    width: int | None = Field(default=None, ge=1, le=10_000)
    unit: Literal["characters", "bytes"] | None = Field(
        default=None, description="what width counts; default: bytes in fixed, else characters"
    )
    align: Literal["left", "right"] = "left"
    pad: str | None = Field(
        default=None, min_length=1, max_length=1, description="fills up to width; fixed: a space"
    )
    required: bool = False
    overflow: Literal["hold", "cut"] = Field(
        default="hold", description="too long: hold the record back, or cut and report"
    )
    sum: bool = Field(default=False, description="its sum goes into the manifest; numbers only")

    @model_validator(mode="after")
    def _has_a_source(self) -> Column:
        if self.each is None and not self.source:
            raise ValueError(f"{self.header}: give a source (or each)")
        return self


class RowLayout(_Model):
    """What makes a row."""

    per: Literal["record", "field", "person"] = "record"
    person: tuple[str, ...] = Field(
        default=(), description="expressions that together name a person; per person only"
    )
    block: str = Field(default="", description="expression for the number of a person's block")
    blocks: int = Field(default=0, ge=0, le=20, description="blocks in a row")
    columns: tuple[Column, ...] = Field(
        default=(), description="of one block; {n} in a header is the block's number"
    )

    @model_validator(mode="after")
    def _complete(self) -> RowLayout:
        wide = bool(self.person and self.block and self.blocks and self.columns)
        if self.per == "person" and not wide:
            raise ValueError("rows per person need person, block, blocks and columns")
        if self.per != "person" and (self.person or self.block or self.blocks or self.columns):
            raise ValueError("person, block, blocks and columns go with rows per person only")
        return self


class Split(_Model):
    """Several files instead of one."""

    by: str = Field(default="", description="expression; one file for each of its values")
    rows: int = Field(default=0, ge=0, description="most rows of a file; 0 = any")


class Characters(_Model):
    """What happens to characters that the encoding does not have."""

    missing: Literal["refuse", "replace", "hold"] = Field(
        default="hold",
        description="refuse the export, replace by table and report, or hold the record back",
    )
    table: dict[str, str] = Field(default_factory=dict, description="character to its substitute")
    fallback: str | None = Field(
        default=None, max_length=1, description="for characters not in the table; replace only"
    )
    private_use: bool = Field(
        default=False, description="let 外字 of the private use area through as they are"
    )


class Amendment(StrEnum):
    """How a record that changed after it went out is told."""

    CANCEL_AND_CORRECT = "cancel-and-correct"  # a row that takes the old one back, then the new one
    REPLACE = "replace"  # the new row alone; the receiver overwrites by key
    FLAG = "flag"  # the new row alone, marked by a column with @change


class Profile(_Model):
    """A layout of exports, as a TOML file gives it."""

    schema_version: Literal[1]
    name: str = Field(pattern=PROFILE_NAME)
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")
    title: Label
    status: Literal["current", "provisional", "legacy"] = "current"
    note: Label | None = None
    templates: tuple[str, ...] = Field(
        default=(), description="keys of the forms it is for; empty = any"
    )
    file: FileLayout = FileLayout()
    rows: RowLayout = RowLayout()
    split: Split = Split()
    characters: Characters = Characters()
    amendment: Amendment = Amendment.REPLACE
    codes: dict[str, dict[str, str]] = Field(
        default_factory=dict, description='tables for map(); "*" stands for every other value'
    )
    columns: tuple[Column, ...] = ()

    @model_validator(mode="after")
    def _has_columns(self) -> Profile:
        if not self.columns and self.file.format is not FileFormat.JSONL:
            raise ValueError("columns: give at least one")
        if self.file.format is FileFormat.FHIR and self.rows.per != "record":
            raise ValueError("a FHIR bundle has one entry a record")
        return self

    @property
    def one_form_only(self) -> bool:
        """Whether its columns follow the form, so that a file holds records of one form."""
        return any(column.each is not None for column in self.columns)


__all__ = [
    "PROFILE_NAME",
    "Amendment",
    "Characters",
    "Column",
    "ColumnType",
    "Encoding",
    "FileFormat",
    "FileLayout",
    "Profile",
    "RowLayout",
    "Split",
]
