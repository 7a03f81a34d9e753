"""Field kinds of a template. Every position is in millimetres on the template page."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocr_service.domain.geometry import BoxMm, bounding_box
from ocr_service.forms.geometry import Box

KEY_PATTERN = r"^[a-z][a-z0-9_]*$"
ASKED_BY_PATTERN = r"^[a-z][a-z0-9_]*(=[a-z][a-z0-9_]*)?$"
_CELLS_OF_AN_ERA_DATE = 6


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Label(_Model):
    """A name for people, in Japanese and English."""

    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Format(StrEnum):
    """How the text of a field becomes its canonical value."""

    TEXT = "text"  # as written, width folded, outer spaces dropped
    NAME = "name"  # family U+3000 given
    KANA = "kana"  # full-width katakana, family U+3000 given
    ADDRESS = "address"  # one string without spaces
    PHONE = "phone"  # digits only
    DATE = "date"  # ISO 8601
    DIGITS = "digits"  # digits as written, leading zeros kept
    NUMBER = "number"  # digits without leading zeros
    DECIMAL = "decimal"  # last cell is the tenth: 365 -> 36.5
    INSTITUTION_CODE = "institution_code"  # 10 digits with a check digit


class Charset(StrEnum):
    """What a text field may hold; the decoder allows nothing else."""

    ANY = "any"  # everything the reader knows
    JAPANESE = "japanese"  # kanji, kana, digits, Latin letters, the usual signs
    NAME = "name"  # kanji, kana
    KATAKANA = "katakana"  # katakana, long vowel mark, space
    DIGITS = "digits"
    ALNUM = "alnum"  # A-Z, 0-9, hyphen


class _Base(_Model):
    key: str = Field(pattern=KEY_PATTERN)
    label: Label
    page: int = Field(default=1, ge=1)
    required: bool = False
    target_error: float | None = Field(
        default=None, gt=0, lt=1, description="overrides the template's target_error for this field"
    )
    accept_at: float | None = Field(
        default=None, ge=0, le=1, description="overrides the template's accept_at for this field"
    )
    reader: str | None = Field(
        default=None, description="name of the recognizer, if not the kind's"
    )
    entry: int | None = Field(
        default=None,
        ge=1,
        le=3,
        description="people who key this field; overrides the template's entry",
    )
    role: str | None = Field(
        default=None,
        pattern=KEY_PATTERN,
        description="what the value is to the rules, if its key does not say it",
    )
    asked_by: str | None = Field(
        default=None,
        pattern=ASKED_BY_PATTERN,
        description="KEY=OPTION: filled in only by who marked that option; KEY: any of its options",
    )
    expected: bool = Field(
        default=True, description="whether who marked the option of asked_by has to fill it in"
    )

    @property
    def record_keys(self) -> tuple[str, ...]:
        """Record keys this field gives; its own key unless it has parts."""
        return (self.key,)


class Segment(_Model):
    """One stretch of paper that holds a line of the field's text."""

    box: Box
    prefix: str = Field(default="", description="joined before this segment's text if it has any")
    digits: int | None = Field(default=None, description="pad to this many digits (dates)")


class TextField(_Base):
    """Free writing on one or several lines."""

    kind: Literal["text"]
    segments: tuple[Segment, ...] = Field(min_length=1)
    joiner: str = Field(default="", description="between non-empty segments")
    format: Format = Format.TEXT
    charset: Charset = Charset.JAPANESE
    lexicon: str | None = None
    lines: int = Field(default=1, ge=1, description="lines of writing a segment may hold")
    after: tuple[str, ...] = Field(
        default=(),
        description="print that is found by the word before it, somewhere in the one segment",
    )

    @model_validator(mode="after")
    def _labelled_print_has_one_segment(self) -> TextField:
        if self.after and len(self.segments) != 1:
            raise ValueError(f"{self.key}: after goes with one segment, the area to search")
        if not all(self.after):
            raise ValueError(f"{self.key}: after has an empty word")
        return self

    @property
    def box(self) -> BoxMm:
        """Around all segments."""
        return bounding_box([s.box for s in self.segments])


class Cell(_Model):
    """One box for one digit; ``printed`` is what the form prints in it itself."""

    box: Box
    printed: str | None = Field(default=None, pattern=r"^[0-9]$")


EraName: TypeAlias = Literal["meiji", "taisho", "showa", "heisei", "reiwa"]
"""A Japanese era, as options and ``printed_era`` name it."""


class DigitsField(_Base):
    """Digits, one to a printed cell.

    A date may be written with the year of an era: six cells, two each for year, month and day.
    The era is printed beside them, or another field says which one was marked.
    """

    kind: Literal["digits"]
    cells: tuple[Cell, ...] = Field(min_length=1)
    format: Format = Format.DIGITS
    era_field: str | None = Field(
        default=None,
        pattern=KEY_PATTERN,
        description="choice whose options are eras (meiji taisho showa heisei reiwa); dates only",
    )
    printed_era: EraName | None = Field(
        default=None, description="era that the form prints before the year; dates only"
    )

    @model_validator(mode="after")
    def _era_goes_with_a_date(self) -> DigitsField:
        if self.era_field is None and self.printed_era is None:
            return self
        if self.era_field is not None and self.printed_era is not None:
            raise ValueError(f"{self.key}: give era_field or printed_era, not both")
        if self.format is not Format.DATE or len(self.cells) != _CELLS_OF_AN_ERA_DATE:
            raise ValueError(f"{self.key}: an era goes with format date and six cells")
        return self

    @property
    def in_era(self) -> bool:
        """Whether the cells hold the year of an era."""
        return self.era_field is not None or self.printed_era is not None

    @property
    def box(self) -> BoxMm:
        """Around all cells."""
        return bounding_box([c.box for c in self.cells])


class MarkKind(StrEnum):
    """How a person picks an option."""

    CHECKBOX = "checkbox"  # a tick, cross or circle in a small box
    CIRCLE_WORD = "circle_word"  # a ring round a printed word
    FILL = "fill"  # a box to be blackened


class Option(_Model):
    """One option of a choice, with the place of its mark."""

    value: str = Field(pattern=KEY_PATTERN)
    label: Label
    box: Box


class ChoiceField(_Base):
    """Printed options of which one, or several, are marked."""

    kind: Literal["choice"]
    mark: MarkKind = MarkKind.CHECKBOX
    multiple: bool = False
    options: tuple[Option, ...] = Field(min_length=1)

    @property
    def box(self) -> BoxMm:
        """Around all options."""
        return bounding_box([o.box for o in self.options])


class FlagField(_Base):
    """One box that is marked or not: true or false."""

    kind: Literal["flag"]
    mark: MarkKind = MarkKind.CHECKBOX
    box: Box


class PresenceField(_Base):
    """A place for a signature or stamp: is there anything? true or false."""

    kind: Literal["presence"]
    box: Box
    min_ink_mm2: float = Field(default=1.5, gt=0)


class CodePart(_Model):
    """A record key cut out of the code's text."""

    key: str = Field(pattern=KEY_PATTERN)
    label: Label
    start: int = Field(ge=0)
    stop: int = Field(gt=0)
    role: str | None = Field(default=None, pattern=KEY_PATTERN)


class Symbol(StrEnum):
    """Machine-readable prints."""

    QR = "qr"
    CODABAR = "codabar"
    OCR_LINE = "ocr_line"


class CodeField(_Base):
    """A printed code, told several times over: QR, bar code, OCR line."""

    kind: Literal["code"]
    box: Box
    length: int = Field(ge=1)
    symbols: tuple[Symbol, ...] = Field(min_length=1)
    parts: tuple[CodePart, ...] = ()
    codabar_slice: tuple[int, int] | None = Field(
        default=None, description="which characters of the whole text the bar code repeats"
    )

    @property
    def record_keys(self) -> tuple[str, ...]:
        """The parts' keys, or the field's own."""
        return tuple(p.key for p in self.parts) or (self.key,)


class StickerPart(_Model):
    """A record key found on the sticker; ``role`` says which print it is."""

    key: str = Field(pattern=KEY_PATTERN)
    label: Label
    role: Literal["product", "lot", "expiry"]


class StickerField(_Base):
    """A sticker put on by hand: product name, lot, expiry, at any small angle."""

    kind: Literal["sticker"]
    box: Box
    parts: tuple[StickerPart, ...] = Field(min_length=1)
    products: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = Field(
        default=(),
        description="names of products that this sticker may carry; none = the COVID-19 vaccines",
    )
    lot_patterns: tuple[Annotated[str, Field(pattern=r"^[A9-]{3,20}$")], ...] = Field(
        default=(),
        description="shapes of lot numbers, A for a letter, 9 for a digit; none = the usual ones",
    )

    @property
    def record_keys(self) -> tuple[str, ...]:
        """The parts' keys."""
        return tuple(p.key for p in self.parts)


class MaskField(_Base):
    """An area that is painted over before anything is stored; gives no record key."""

    kind: Literal["mask"]
    box: Box

    @property
    def record_keys(self) -> tuple[str, ...]:
        """None: what is masked is not kept."""
        return ()


FieldSpec: TypeAlias = Annotated[
    TextField
    | DigitsField
    | ChoiceField
    | FlagField
    | PresenceField
    | CodeField
    | StickerField
    | MaskField,
    Field(discriminator="kind"),
]

__all__ = [
    "Cell",
    "Charset",
    "ChoiceField",
    "CodeField",
    "CodePart",
    "DigitsField",
    "EraName",
    "FieldSpec",
    "FlagField",
    "Format",
    "Label",
    "MarkKind",
    "MaskField",
    "Option",
    "PresenceField",
    "Segment",
    "StickerField",
    "StickerPart",
    "Symbol",
    "TextField",
]
