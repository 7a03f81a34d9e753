"""Sums that must be equal, and a sheet that says whether they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ocr_service.billing.invoice import Comparison, Match, Pair
from ocr_service.billing.money import yen
from ocr_service.billing.papers import japanese_date
from ocr_service.exporters.pdf import (
    Block,
    Column,
    Heading,
    KeyValues,
    Note,
    Sheet,
    Stamps,
    Table,
    print_sheets,
)

_SHOWN = 200
MATCH_WORDS = {
    Match.MATCHED: ("一致", "matched"),
    Match.DIFFERS: ("金額相違", "amount differs"),
    Match.MISSING: ("請求書になし", "not on the invoice"),
    Match.EXTRA: ("予診票になし", "no such form read"),
}
"""(Japanese, English)."""


@dataclass(frozen=True, slots=True)
class Check:
    """Two numbers that must be equal.

    Attributes:
        code: stable name.
        label_ja: what is compared.
        label_en: the same in English.
        left: one number.
        right: the other.
        left_ja: what the one is made of.
        right_ja: what the other is made of.
        unit: 円 or 件 or 枚.
        notes: where it does not balance, or what is part of it.
    """

    code: str
    label_ja: str
    label_en: str
    left: int
    right: int
    left_ja: str
    right_ja: str
    unit: str = "件"
    notes: tuple[str, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether both are equal."""
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Balance:
    """The checks of one batch or claim.

    Attributes:
        title: what it is about.
        checks: in the order of the way of a form.
    """

    title: str
    checks: tuple[Check, ...]

    @property
    def balanced(self) -> bool:
        """Whether all are equal."""
        return all(check.balanced for check in self.checks)


def balance_pdf(
    balances: tuple[Balance, ...], *, made: dt.date, comparison: Comparison | None = None
) -> bytes:
    """A sheet that says that everything balances, or where it does not.

    Args:
        balances: of batches and claims.
        made: the day it is made.
        comparison: of a clinic's invoice, set behind.
    """
    open_checks = [c for balance in balances for c in balance.checks if not c.balanced]
    whole = sum(len(balance.checks) for balance in balances)
    differs = comparison is not None and not comparison.agrees
    good = not open_checks and not differs
    blocks: list[Block] = [
        KeyValues(
            (
                ("判定", "一致しています" if good else "一致していません"),
                ("照合項目", f"{whole}項目（不一致 {len(open_checks)}）"),
            )
        )
    ]
    for check in open_checks:
        gap = f"{check.left - check.right:+,}{check.unit}"
        blocks.append(Note(f"不一致: {check.label_ja}（差 {gap}）", bad=True))
    for balance in balances:
        blocks += _balance(balance)
    if comparison is not None:
        blocks += _comparison(comparison)
    blocks.append(Stamps(("照合", "確認", "承認")))
    sheet = Sheet("突合表", tuple(blocks), number=(japanese_date(made),), foot="照合結果")
    return print_sheets((sheet,), title="突合表")


def _balance(balance: Balance) -> list[Block]:
    columns = (
        Column("照合項目", 2.6),
        Column("左", 2.4),
        Column("右", 2.4),
        Column("左の値", 1.2, "right"),
        Column("右の値", 1.2, "right"),
        Column("結果", 0.9, "centre"),
    )
    rows = tuple(
        (
            check.label_ja,
            check.left_ja,
            check.right_ja,
            f"{yen(check.left)}{check.unit}",
            f"{yen(check.right)}{check.unit}",
            "一致" if check.balanced else "不一致",
        )
        for check in balance.checks
    )
    said = "\n".join(note for check in balance.checks for note in check.notes)
    notes = [Note(said, size_pt=8.0)] if said else []
    return [Heading(balance.title), Table(columns, rows, size_pt=8.0), *notes]


def _comparison(comparison: Comparison) -> list[Block]:
    counts = tuple((MATCH_WORDS[m][0], f"{n}件") for m, n in comparison.counts.items())
    sums = (
        ("こちらの合計", f"{yen(comparison.ours)}円"),
        ("先方の合計", f"{yen(comparison.theirs)}円"),
    )
    columns = (
        Column("結果", 1.2),
        Column("こちらの明細", 1.2),
        Column("先方の行", 0.9),
        Column("券番号", 1.3),
        Column("接種年月日", 1.2),
        Column("こちら（円）", 1.1, "right"),
        Column("先方（円）", 1.1, "right"),
    )
    open_pairs = [pair for pair in comparison.pairs if pair.match is not Match.MATCHED]
    rows = tuple(_pair(pair) for pair in open_pairs[:_SHOWN])
    blocks: list[Block] = [
        Heading("医療機関の請求書との突合"),
        KeyValues((*counts, *sums), columns=2),
        Table(columns, rows, size_pt=8.0, empty="相違はありません"),
    ]
    if len(open_pairs) > _SHOWN:
        blocks.append(Note(f"ほかに {len(open_pairs) - _SHOWN} 件あります。"))
    return blocks


def _pair(pair: Pair) -> tuple[str, ...]:
    known = pair.ours or pair.theirs
    return (
        MATCH_WORDS[pair.match][0],
        pair.ours.label if pair.ours else "",
        pair.theirs.label if pair.theirs else "",
        known.voucher if known else "",
        known.day if known else "",
        yen(pair.ours.amount) if pair.ours else "",
        yen(pair.theirs.amount) if pair.theirs else "",
    )


__all__ = ["MATCH_WORDS", "Balance", "Check", "balance_pdf"]
