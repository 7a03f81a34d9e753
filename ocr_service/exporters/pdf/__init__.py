"""Office documents on A4 with an embedded Japanese font: say what stands on them, get bytes.

::

    sheet = Sheet(title="請求書", blocks=(Parties(...), KeyValues(...), Table(...)), foot="No. 12")
    data = print_sheets((sheet,), title="請求書 2026年10月")

The same sheets always give the same bytes.
"""

from ocr_service.exporters.pdf.blocks import (
    Align,
    Amount,
    Block,
    Column,
    Heading,
    KeyValues,
    Note,
    Parties,
    Sheet,
    Stamps,
    Table,
)
from ocr_service.exporters.pdf.press import print_sheets
from ocr_service.exporters.pdf.typeface import missing_characters

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
    "missing_characters",
    "print_sheets",
]
