"""Claims, prices and reconciliation as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ocr_service.billing.balance import Balance
from ocr_service.billing.claim import ClaimSums, Sums
from ocr_service.billing.invoice import Comparison, Entry
from ocr_service.billing.places import municipality_name
from ocr_service.billing.tariff import PriceTable
from ocr_service.billing.tariff_lint import Finding
from ocr_service.db.billing.claims import Claim, StoredLine, StoredSheet
from ocr_service.db.ids import BatchId
from ocr_service.service.billing.claims import Preview, end_of_month_before
from ocr_service.service.billing.issuing import claim_number, line_label
from ocr_service.service.billing.picking import ClaimWish

_HELD_SHOWN = 500


class NewClaimIn(BaseModel):
    """What a claim shall cover. ``until`` is the end of the month before unless given."""

    model_config = ConfigDict(extra="forbid")

    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    until: dt.date | None = None
    batch: Annotated[int | None, Field(ge=1)] = None
    template: Annotated[str | None, Field(max_length=100)] = None
    institution: Annotated[str | None, Field(pattern=r"^\d{10}$")] = None

    def wish(self) -> ClaimWish:
        """For the service."""
        return ClaimWish(
            month=self.month,
            until=self.until or end_of_month_before(self.month),
            batch=None if self.batch is None else BatchId(self.batch),
            template=self.template or None,
            institution=self.institution or None,
        )


class SumsOut(BaseModel):
    """Totals in whole yen."""

    forms: int
    shots: int
    interviews: int
    net: int
    gross: int
    self_payment: int
    total: int

    @classmethod
    def of(cls, sums: Sums) -> SumsOut:
        """From the domain's."""
        return cls(**{name: getattr(sums, name) for name in cls.model_fields})


class SheetOut(BaseModel):
    """A municipality's part."""

    municipality: str
    name: str
    route: str
    sums: SumsOut

    @classmethod
    def of(cls, sheet: StoredSheet) -> SheetOut:
        """From what is stored."""
        return cls(
            municipality=sheet.municipality,
            name=municipality_name(sheet.municipality),
            route=sheet.route,
            sums=SumsOut.of(sheet.sums),
        )


class ClaimOut(BaseModel):
    """A claim. ``sheets`` where one claim was asked for."""

    id: int
    number: str
    month: str
    until: dt.date
    state: str
    forms: int
    net: int
    gross: int
    self_payment: int
    total: int
    held: dict[str, int]
    sha256: str | None
    created_by: str
    created_at: dt.datetime
    issued_by: str | None
    issued_at: dt.datetime | None
    sheets: list[SheetOut] = []

    @classmethod
    def of(cls, claim: Claim, sheets: list[StoredSheet] | None = None) -> ClaimOut:
        """From what is stored."""
        same = ("month", "state", "forms", "net", "gross", "self_payment", "total", "created_by")
        more = ("created_at", "issued_by", "issued_at")
        return cls(
            id=claim.id,
            number=claim_number(claim.id),
            until=claim.until_day,
            held=dict(claim.held),
            sha256=claim.archive_sha256,
            sheets=[SheetOut.of(sheet) for sheet in sheets or []],
            **{name: getattr(claim, name) for name in (*same, *more)},
        )


class ClaimsOut(BaseModel):
    """A page of claims, newest first."""

    claims: list[ClaimOut]
    next_before: int | None


class LineOut(BaseModel):
    """A line; amounts of reversals are negative."""

    number: int
    label: str
    document: int
    version: int
    role: str
    municipality: str
    institution: str
    day: dt.date
    kind: str
    total: int
    original: str
    returned_at: dt.datetime | None
    returned_reason: str | None

    @classmethod
    def of(cls, line: StoredLine) -> LineOut:
        """From what is stored."""
        return cls(
            number=line.number,
            label=line_label(line.claim, line.number),
            document=line.document,
            version=line.version,
            role=line.role,
            municipality=line.bill.municipality,
            institution=line.bill.institution,
            day=line.bill.day,
            kind=line.bill.kind,
            total=line.total,
            original=line_label(line.original_claim, line.original_number),
            returned_at=line.returned_at,
            returned_reason=line.returned_reason,
        )


class LinesOut(BaseModel):
    """All lines of a claim."""

    lines: list[LineOut]


class HeldOut(BaseModel):
    """A record that is not in the claim."""

    document: int
    file: str
    page: int
    reasons: list[str]


class PreviewOut(BaseModel):
    """What a claim would be. ``held`` names the first 500; ``held_by_reason`` counts all."""

    sums: SumsOut
    sheets: list[SheetOut]
    held_by_reason: dict[str, int]
    held: list[HeldOut]

    @classmethod
    def of(cls, preview: Preview) -> PreviewOut:
        """From the service's."""
        sums: ClaimSums = preview.sums
        stored = [StoredSheet(s.municipality, s.route, s.sums) for s in sums.sheets]
        return cls(
            sums=SumsOut.of(sums.sums),
            sheets=[SheetOut.of(sheet) for sheet in stored],
            held_by_reason=preview.picked.reasons,
            held=[
                HeldOut(document=h.document, file=h.file, page=h.page, reasons=list(h.reasons))
                for h in preview.picked.held[:_HELD_SHOWN]
            ],
        )


class ReturnIn(BaseModel):
    """Why a form came back; no personal data."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class FindingOut(BaseModel):
    """What lint says of a table."""

    table: str
    code: str
    severity: str
    message_ja: str
    message_en: str

    @classmethod
    def of(cls, finding: Finding) -> FindingOut:
        """From the lint's."""
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class TableOut(BaseModel):
    """A price table; an example is never billed by."""

    key: str
    title: str
    vaccine: str
    first_day: dt.date
    last_day: dt.date
    example: bool
    rows: int
    addons: int
    sha256: str

    @classmethod
    def of(cls, table: PriceTable) -> TableOut:
        """From the table."""
        return cls(
            rows=len(table.price),
            addons=len(table.addon),
            **{n: getattr(table, n) for n in cls.model_fields if n not in {"rows", "addons"}},
        )


class TablesOut(BaseModel):
    """All price tables and what lint says of them."""

    tables: list[TableOut]
    findings: list[FindingOut]


class NewTableIn(BaseModel):
    """A price table as text."""

    model_config = ConfigDict(extra="forbid")

    toml: Annotated[str, Field(max_length=1_000_000)]
    csv: Annotated[str | None, Field(max_length=10_000_000)] = None


class CheckOut(BaseModel):
    """Two numbers that must be equal."""

    code: str
    label_ja: str
    label_en: str
    left: int
    right: int
    unit: str
    balanced: bool
    notes: list[str]


class BalanceOut(BaseModel):
    """The checks of one batch or claim."""

    title: str
    balanced: bool
    checks: list[CheckOut]

    @classmethod
    def of(cls, balance: Balance) -> BalanceOut:
        """From the service's."""
        names = ("code", "label_ja", "label_en", "left", "right", "unit", "balanced")
        checks = [
            CheckOut(**{n: getattr(check, n) for n in names}, notes=list(check.notes))
            for check in balance.checks
        ]
        return cls(title=balance.title, balanced=balance.balanced, checks=checks)


class ReconciliationOut(BaseModel):
    """Whether everything asked about balances."""

    balanced: bool
    balances: list[BalanceOut]

    @classmethod
    def of(cls, balances: tuple[Balance, ...]) -> ReconciliationOut:
        """From the service's."""
        return cls(
            balanced=all(balance.balanced for balance in balances),
            balances=[BalanceOut.of(balance) for balance in balances],
        )


class ComparisonOut(BaseModel):
    """A clinic's invoice against a claim, what needs eyes first."""

    agrees: bool
    ours: int
    theirs: int
    counts: dict[str, int]
    pairs: list[dict[str, Any]]

    @classmethod
    def of(cls, comparison: Comparison) -> ComparisonOut:
        """From the comparison."""

        def shown(entry: Entry | None) -> dict[str, Any] | None:
            if entry is None:
                return None
            return {"label": entry.label, "day": entry.day, "amount": entry.amount}

        return cls(
            agrees=comparison.agrees,
            ours=comparison.ours,
            theirs=comparison.theirs,
            counts={match.value: n for match, n in comparison.counts.items()},
            pairs=[
                {"match": p.match.value, "ours": shown(p.ours), "theirs": shown(p.theirs)}
                for p in comparison.pairs
            ],
        )


__all__ = [
    "BalanceOut",
    "ClaimOut",
    "ClaimsOut",
    "ComparisonOut",
    "FindingOut",
    "LineOut",
    "LinesOut",
    "NewClaimIn",
    "NewTableIn",
    "PreviewOut",
    "ReconciliationOut",
    "ReturnIn",
    "SheetOut",
    "TableOut",
    "TablesOut",
]
