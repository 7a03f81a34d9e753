"""Whole yen, and tax on them by whole numbers. A float never touches money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PER_MILLE = 1000


class Rounding(StrEnum):
    """What becomes of a fraction of a yen."""

    DOWN = "down"  # domain: 風しん追加的対策, fraction below one yen cut per item
    HALF_UP = "half_up"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Tax:
    """Consumption tax on one item.

    Attributes:
        permille: 100 = 10 %, 80 = 8 %, 0 = not taxed.
        rounding: what becomes of a fraction of a yen, once per item.
    """

    permille: int
    rounding: Rounding = Rounding.DOWN


def with_tax(net_yen: int, tax: Tax) -> int:
    """The price with tax in whole yen.

    Args:
        net_yen: price without tax, not negative.
        tax: rate and rounding.

    Raises:
        ValueError: a negative price; reversals change the sign of what was rounded before.
    """
    if net_yen < 0:
        raise ValueError("a price is not negative")
    exact = net_yen * (PER_MILLE + tax.permille)
    match tax.rounding:
        case Rounding.DOWN:
            return exact // PER_MILLE
        case Rounding.HALF_UP:
            return (exact + PER_MILLE // 2) // PER_MILLE
        case Rounding.UP:
            return -(-exact // PER_MILLE)


def yen(amount: int) -> str:
    """An amount as people write it: ``1,234``; negative with ``▲``, as Japanese books do."""
    return f"▲{-amount:,}" if amount < 0 else f"{amount:,}"


__all__ = ["PER_MILLE", "Rounding", "Tax", "with_tax", "yen"]
