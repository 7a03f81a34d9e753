"""Price tables as files: TOML, with the rows beside it as CSV where there are many."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ocr_service.billing.classify import Kind
from ocr_service.billing.money import Rounding, Tax
from ocr_service.domain.errors import PriceTableInvalid

ANY = "*"
"""Stands in a row for whatever it may be."""

Yen = Annotated[int, Field(ge=0, strict=True)]
Code = Annotated[str, Field(pattern=r"^(\*|\d{6})$")]

_SHIPPED = Path(__file__).parent / "tariffs"
_CSV_DIMENSIONS = ("municipality", "kind", "product", "dose", "place", "burden", "label")
_CSV_COLUMNS = frozenset((*_CSV_DIMENSIONS, "from", "until", "net", "self_payment"))


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TaxRule(_Part):
    """Tax on every item of the table."""

    permille: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    rounding: Rounding = Rounding.DOWN

    @property
    def tax(self) -> Tax:
        """As a plain value."""
        return Tax(self.permille, self.rounding)


class _Span(_Part):
    first: dt.date = Field(alias="from")
    last: dt.date = Field(alias="until")

    @model_validator(mode="after")
    def _in_order(self) -> _Span:
        if self.last < self.first:
            raise ValueError(f"until ({self.last}) lies before from ({self.first})")
        return self

    def covers(self, day: dt.date) -> bool:
        """Whether the day lies in the span; both ends belong to it."""
        return self.first <= day <= self.last


class PriceRow(_Span):
    """What one kind of service costs for some time; ``*`` in a column: whatever it is."""

    municipality: Code = ANY
    kind: Kind
    product: str = ANY
    dose: str = ANY
    place: str = ANY
    burden: str = ANY
    net: Yen
    self_payment: Yen = 0
    label: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        """Everything but the dates: rows of one key must follow each other without gap."""
        return (self.municipality, self.kind, self.product, self.dose, self.place, self.burden)


class AddOnRow(_Span):
    """What is added where the form bears a mark."""

    when: Literal["under_six", "after_hours", "holiday"]
    kinds: tuple[Kind, ...] = (Kind.VACCINATION, Kind.INTERVIEW)
    net: Yen
    label: str


class PriceTable(_Part):
    """The prices of one vaccine, of some or all municipalities.

    ``exclusive`` lists groups of add-ons of which only the first that applies is billed.
    ``first_day`` and ``last_day`` are what the table promises to cover; lint compares.
    """

    schema_: Literal[1] = Field(alias="schema")
    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")]
    title: str
    vaccine: str
    source: str = ""
    example: bool = False
    first_day: dt.date
    last_day: dt.date
    tax: TaxRule = TaxRule()
    exclusive: tuple[tuple[str, ...], ...] = ()
    csv: str = ""
    price: tuple[PriceRow, ...] = ()
    addon: tuple[AddOnRow, ...] = ()
    sha256: str = ""


def parse_table(text: str, *, name: str, rows_csv: str | None = None) -> PriceTable:
    """A table from its files.

    Args:
        text: the TOML file.
        name: of that file, for messages.
        rows_csv: the CSV file that it names, if it names one.

    Raises:
        PriceTableInvalid: the message names file, entry and what is wrong with it.
    """
    try:
        loaded: dict[str, Any] = tomllib.loads(text)
        if rows_csv is not None:
            loaded["price"] = [*loaded.get("price", []), *_csv_rows(rows_csv, name=name)]
        loaded["sha256"] = hashlib.sha256((text + (rows_csv or "")).encode()).hexdigest()
        return PriceTable.model_validate(loaded)
    except tomllib.TOMLDecodeError as error:
        raise PriceTableInvalid(f"{name}: not TOML: {error}") from error
    except ValidationError as error:
        raise PriceTableInvalid(f"{name}: {_first(error)}") from error


def load_tables(*folders: Path) -> tuple[PriceTable, ...]:
    """The shipped tables and those in ``folders``; a later one replaces an earlier of its key.

    Raises:
        PriceTableInvalid: one of them is broken.
    """
    found: dict[str, PriceTable] = {}
    for folder in (_SHIPPED, *folders):
        for path in sorted(folder.glob("*.toml")):
            table = read_table(path)
            found[table.key] = table
    return tuple(found.values())


def read_table(path: Path) -> PriceTable:
    """One table with the CSV file beside it, if it names one.

    Raises:
        PriceTableInvalid: it is broken, or the CSV file is not there.
    """
    text = path.read_text("utf-8-sig")
    try:
        named = tomllib.loads(text).get("csv")
    except tomllib.TOMLDecodeError as error:
        raise PriceTableInvalid(f"{path.name}: not TOML: {error}") from error
    if not named:
        return parse_table(text, name=path.name)
    beside = path.parent / Path(str(named)).name
    if not beside.is_file():
        raise PriceTableInvalid(f"{path.name}: there is no {beside.name} beside it")
    return parse_table(text, name=path.name, rows_csv=beside.read_text("utf-8-sig"))


def _csv_rows(text: str, *, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    reader = csv.DictReader(io.StringIO(text))
    unknown = sorted(set(reader.fieldnames or ()) - _CSV_COLUMNS)
    if unknown:
        raise PriceTableInvalid(f"{name}: unknown column of its CSV file: {', '.join(unknown)}")
    for line, row in enumerate(reader, start=2):
        try:
            found: dict[str, Any] = {k: row[k] for k in _CSV_DIMENSIONS if row.get(k)}
            found |= {k: dt.date.fromisoformat(row[k]) for k in ("from", "until")}
            found |= {k: int(row[k]) for k in ("net", "self_payment") if row.get(k)}
        except (KeyError, TypeError, ValueError) as error:
            raise PriceTableInvalid(f"{name}: line {line} of its CSV file: {error}") from error
        rows.append(found)
    return rows


def _first(error: ValidationError) -> str:
    entry = error.errors()[0]
    return f"{'.'.join(map(str, entry['loc'])) or 'table'}: {entry['msg']}"


__all__ = [
    "ANY",
    "AddOnRow",
    "PriceRow",
    "PriceTable",
    "TaxRule",
    "load_tables",
    "parse_table",
    "read_table",
]
