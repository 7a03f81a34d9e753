"""All kinds of masters by name."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import IO, Final

from ocr_service.masters.importing.institutions import INSTITUTIONS
from ocr_service.masters.importing.model import (
    FileFacts,
    KindSpec,
    MasterKind,
    MasterKindUnknown,
)
from ocr_service.masters.importing.people import LEDGER, RESIDENTS
from ocr_service.masters.importing.sheet import Sheet, open_sheet
from ocr_service.masters.importing.table import ReadLine, read_table
from ocr_service.masters.importing.vaccines import LOTS, VACCINES

KINDS: Final = MappingProxyType(
    {spec.kind: spec for spec in (INSTITUTIONS, VACCINES, LOTS, RESIDENTS, LEDGER)}
)
"""How each kind is read."""


def kind_named(name: str) -> MasterKind:
    """The kind of this name.

    Raises:
        MasterKindUnknown: there is none.
    """
    try:
        return MasterKind(name)
    except ValueError as error:
        known = ", ".join(MasterKind)
        raise MasterKindUnknown(f"no master {name}; there are {known}") from error


def read_master(
    file: IO[bytes], spec: KindSpec, told: FileFacts
) -> tuple[Sheet, Iterator[ReadLine]]:
    """The encoding of a file and its rows, read as they are asked for.

    Raises:
        MasterFileInvalid: it is no list of this kind; a table that is missing shows while the
            rows are read.
    """
    sheet = open_sheet(file)
    return sheet, read_table(sheet, spec, told)


__all__ = ["KINDS", "kind_named", "read_master"]
