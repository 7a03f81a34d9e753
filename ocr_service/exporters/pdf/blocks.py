"""What can stand on a sheet, from top to bottom. Plain values; nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Align: TypeAlias = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Running text, broken into lines.

    Attributes:
        text: one paragraph.
        size_pt: type size.
        bad: whether it reports something wrong; set in bold behind a bar.
    """

    text: str
    size_pt: float = 8.5
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Parties:
    """Whom a letter is for, on the left, and whom it comes from, on the right.

    Attributes:
        to: lines, the first one large.
        sender: lines, the first one large.
    """

    to: tuple[str, ...]
    sender: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """One sum that is read first.

    Attributes:
        label: what it is.
        text: the sum as printed, for example ``¥12,345``.
        remark: behind it in small type.
    """

    label: str
    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class KeyValues:
    """Facts as a grid of labels and values.

    Attributes:
        rows: label and value.
        columns: how many pairs stand side by side.
    """

    rows: tuple[tuple[str, str], ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Stamps:
    """Empty boxes for the seals of those who checked it, flush right."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: its head; a newline breaks the line.
        weight: its share of the width against the other columns.
        align: of its cells; heads of right-aligned columns are right-aligned too.
    """

    title: str
    weight: float = 1.0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head that is repeated on every page.

    Attributes:
        columns: at least one.
        rows: as many cells as columns each; long text is broken inside its cell.
        totals: rows below a double rule, in bold; they never stand alone on a page.
        size_pt: type size.
        empty: printed where there are no rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, ...], ...] = ()
    size_pt: float = 8.5
    empty: str = "該当なし"

    def __post_init__(self) -> None:
        """Refuse rows of another width.

        Raises:
            ValueError: a row has more or fewer cells than there are columns.
        """
        for row in (*self.rows, *self.totals):
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} cells, the table {len(self.columns)}")


Block: TypeAlias = Heading | Note | Parties | Amount | KeyValues | Stamps | Table


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document of one or more pages that counts its own pages.

    Attributes:
        title: large at its top, small at the top of the pages that follow.
        blocks: from top to bottom.
        number: top right of the first page, for example a number or a date; one line each.
        foot: bottom left of every page, for example a number and the hash of the data.
        landscape: A4 across.
    """

    title: str
    blocks: tuple[Block, ...]
    number: tuple[str, ...] = field(default=())
    foot: str = ""
    landscape: bool = False


__all__ = [
    "Align",
    "Amount",
    "Block",
    "Column",
    "Heading",
    "KeyValues",
    "Note",
    "Parties",
    "Sheet",
    "Stamps",
    "Table",
]
