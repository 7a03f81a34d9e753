"""The installation's own vaccines as rules know them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby

from ocr_service.db.masters import masters
from ocr_service.db.masters.masters import StoredRow
from ocr_service.db.uow import UnitOfWork
from ocr_service.masters.importing.model import MasterKind
from ocr_service.masters.importing.vaccines import product_key
from ocr_service.validators.facts import DoseAmount, Interval, ProductFacts

_MOST = 1000


def products_of(uow: UnitOfWork) -> dict[str, ProductFacts]:
    """All products of the master by name; lines of one product are put together."""
    rows = masters.all_of(uow, MasterKind.VACCINES, limit=_MOST)
    found = {}
    for _key, lines in groupby(rows, key=lambda row: row.found_by):
        product = _product(list(lines))
        found[product.name] = product
    return found


def product_of(products: Mapping[str, ProductFacts], name: str) -> ProductFacts | None:
    """The product that goes by this name or alias."""
    wanted = product_key(name)
    for product in products.values():
        if wanted and wanted in {product_key(n) for n in (product.name, *product.aliases)}:
            return product
    return None


def _product(lines: list[StoredRow]) -> ProductFacts:
    cells = [line.cells or {} for line in lines]
    newest = cells[-1]
    return ProductFacts(
        name=newest["product"],
        maker=newest.get("maker", ""),
        disease=newest.get("disease", ""),
        aliases=tuple(a for a in newest.get("aliases", "").split("|") if a),
        lots=tuple(dict.fromkeys(_patterns(cells))),
        live={"1": True, "0": False}.get(newest.get("is_live", "")),
        injected=newest.get("is_injected", "1") == "1",
        amounts=tuple(_amount(line) for line in lines if "dose_ml" in (line.cells or {})),
        intervals=tuple(_interval(line) for line in lines if _has_interval(line)),
    )


def _patterns(cells: Iterable[Mapping[str, str]]) -> Iterable[str]:
    for line in cells:
        yield from (p for p in line.get("lot_pattern", "").split("|") if p)


def _amount(line: StoredRow) -> DoseAmount:
    cells = line.cells or {}
    oldest = cells.get("age_to")
    return DoseAmount(
        ml=(Decimal(cells["dose_ml"]),),
        from_age=int(cells.get("age_from", "0")),
        to_age=None if oldest is None else int(oldest) + 1,
        doses=_doses(cells),
        valid_from=line.valid_from or dt.date.min,
        valid_to=line.valid_to or dt.date.max,
    )


def _has_interval(line: StoredRow) -> bool:
    cells = line.cells or {}
    return "least_days" in cells or "least_months" in cells


def _interval(line: StoredRow) -> Interval:
    cells = line.cells or {}
    return Interval(
        doses=_doses(cells),
        days=int(cells.get("least_days", "0")),
        months=int(cells.get("least_months", "0")),
        valid_from=line.valid_from or dt.date.min,
        valid_to=line.valid_to or dt.date.max,
    )


def _doses(cells: Mapping[str, str]) -> tuple[int, ...]:
    return tuple(int(number) for number in cells.get("doses", "").split(",") if number)


__all__ = ["product_of", "products_of"]
