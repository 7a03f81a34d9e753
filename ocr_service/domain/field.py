"""What was read in a field, and the value that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ocr_service.domain.geometry import BoxMm

Value: TypeAlias = "str | bool | tuple[str, ...] | None"
"""A typed field value: text, flag, sorted set of options, or None = empty on the paper."""

MAX_ALTERNATIVES = 5


class Flag(StrEnum):
    """Why a reading needs care, whatever its probability says."""

    BOTH_MARKED = "both_marked"
    CORRECTED = "corrected"
    FAINT = "faint"
    OUTSIDE = "outside"  # ink leaves the area or comes from a neighbour
    DISAGREEMENT = "disagreement"  # independent sources differ
    REJECTED = "rejected"  # the reader does not know this shape
    INVALID = "invalid"  # the text does not make a valid value (a date that does not exist)
    UNREADABLE = "unreadable"  # nothing to read: torn off, all black
    VARIANT_KANJI = "variant_kanji"
    FADED = "faded"  # the page lost what was written by hand: too pale for the scan
    ILLEGIBLE = "illegible"  # a person says that nobody can read it


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible text of a field.

    Attributes:
        text: as written, before it is turned into a typed value; "" = nothing written.
        probability: chance that the whole field is exactly this, 0 to 1.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class CellReading:
    """What one printed cell of a digits field holds, as the field's best candidate has it.

    Attributes:
        position: 0-based place among the template's cells.
        text: a digit, "_" for an empty cell, "?" for one that cannot be read.
        probability: the reader's chance that the cell alone holds this, 0 to 1; where the field's
            rules outweigh the cell's look, it is low.
        box: the printed box.
    """

    position: int
    text: str
    probability: float
    box: BoxMm


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What one reader saw in one field.

    Attributes:
        key: the field's key in the template.
        candidates: best first, at least one, at most 1 + ``MAX_ALTERNATIVES``.
        reader: name and version of the reader.
        flags: reasons for care.
        cells: cell by cell, where the field has cells that people write in.
    """

    key: str
    candidates: tuple[Candidate, ...]
    reader: str
    flags: frozenset[Flag] = frozenset()
    cells: tuple[CellReading, ...] = ()

    def __post_init__(self) -> None:
        if not self.candidates:
            raise ValueError(f"reading of {self.key} has no candidate")

    @property
    def text(self) -> str:
        """The best candidate's text."""
        return self.candidates[0].text

    @property
    def probability(self) -> float:
        """The best candidate's probability."""
        return self.candidates[0].probability


class Source(StrEnum):
    """Who gave a value."""

    MACHINE = "machine"
    HUMAN = "human"
    DEFAULT = "default"


class Status(StrEnum):
    """Whether a value needs eyes."""

    ACCEPTED = "accepted"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value the field may have, with the chance that it is the right one."""

    value: Value
    probability: float


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The typed value of one record key.

    Attributes:
        key: record key.
        value: canonical value.
        raw: text as read, before typing.
        probability: chance that ``value`` is right.
        status: accepted or review.
        alternatives: other values, best first.
        reader: who read it.
        source: machine, human or default.
        flags: reasons for care.
        box: where it stands on the template page.
        cells: what the machine read cell by cell; not in the JSON of records, and not loaded with
            them (see ``db.group_review.cells``).
    """

    key: str
    value: Value
    raw: str
    probability: float
    status: Status
    alternatives: tuple[Alternative, ...]
    reader: str
    source: Source
    flags: frozenset[Flag]
    box: BoxMm
    cells: tuple[CellReading, ...] = ()


__all__ = [
    "MAX_ALTERNATIVES",
    "Alternative",
    "Candidate",
    "CellReading",
    "FieldReading",
    "FieldValue",
    "Flag",
    "Source",
    "Status",
    "Value",
]
