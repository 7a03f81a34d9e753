"""What an installation bills by: price tables, house rules, who claims. Files, read when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ocr_service.billing.bills import BillingRules
from ocr_service.billing.facts import FormBilling, shipped_forms
from ocr_service.billing.issuer import BillingFile, Issuer, read_billing_file
from ocr_service.billing.prices import PriceBook
from ocr_service.billing.tariff import PriceTable, load_tables, parse_table
from ocr_service.billing.tariff_lint import Finding, lint_tables
from ocr_service.db.audit import AuditEntry
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest, PriceTableInvalid
from ocr_service.domain.record import Severity
from ocr_service.service.whole_files import write_whole


@dataclass(frozen=True, slots=True)
class BillingSetup:
    """Everything that decides who pays how much.

    Attributes:
        tables: all price tables, the shipped ones and the installation's own.
        file: the installation's file; None if there is none yet.
    """

    tables: tuple[PriceTable, ...]
    file: BillingFile | None

    @property
    def book(self) -> PriceBook:
        """Prices to look up."""
        return PriceBook(self.tables)

    @property
    def rules(self) -> BillingRules:
        """House rules."""
        return BillingRules() if self.file is None else self.file.billing_rules

    @property
    def forms(self) -> Mapping[str, FormBilling]:
        """How forms are billed, by template key."""
        own = {} if self.file is None else self.file.form
        return {**shipped_forms(), **own}

    @property
    def names(self) -> Mapping[str, str]:
        """Names of institutions by code."""
        return {} if self.file is None else self.file.names

    @property
    def prices(self) -> dict[str, str]:
        """sha256 of the tables in use, by key."""
        return {table.key: table.sha256 for table in self.tables if not table.example}

    @property
    def issuer(self) -> Issuer:
        """Who claims.

        Raises:
            InvalidRequest: nobody is named yet.
        """
        if self.file is None:
            raise InvalidRequest(
                "nobody is named as the one who claims: write billing.toml (docs/howto/billing.md)"
            )
        return self.file.issuer

    def refuse_errors(self) -> None:
        """Bill nothing by tables that are wrong.

        Raises:
            PriceTableInvalid: names the first error and how many there are.
        """
        errors = [f for f in lint_tables(self.tables) if f.severity is Severity.ERROR]
        billed = {table.key for table in self.tables if not table.example}
        wrong = [f for f in errors if f.table in billed]
        if wrong:
            raise PriceTableInvalid(
                f"{wrong[0].table}: {wrong[0].message_en}"
                + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else "")
            )


def load_setup(*, price_dir: Path, billing_file: Path) -> BillingSetup:
    """Read all of it.

    Args:
        price_dir: folder of the installation's own price tables.
        billing_file: who claims, and house rules.

    Raises:
        PriceTableInvalid: a price table is broken.
        InvalidRequest: the billing file is broken.
    """
    return BillingSetup(load_tables(price_dir), read_billing_file(billing_file))


@dataclass(frozen=True, slots=True)
class AddedTable:
    """A price table that was taken in, and what lint says of all tables with it."""

    table: PriceTable
    findings: tuple[Finding, ...]


def add_price_table(
    uow: UnitOfWork, text: str, *, rows_csv: str | None, price_dir: Path, actor: str
) -> AddedTable:
    """Take a price table in; it replaces the one of its key, also a shipped one.

    It is not taken while lint finds an error in it: nobody bills by a table with gaps.

    Args:
        uow: open unit of work.
        text: the TOML file.
        rows_csv: the CSV file that it names.
        price_dir: where it goes.
        actor: who adds it.

    Raises:
        PriceTableInvalid: it is broken, or lint finds an error; the message names it.
        ServiceUnavailable: it cannot be written.
    """
    table = parse_table(text, name="price table", rows_csv=rows_csv)
    if rows_csv is not None and table.csv != f"{table.key}.csv":
        raise PriceTableInvalid(f'write csv = "{table.key}.csv" into the table')
    others = [one for one in load_tables(price_dir) if one.key != table.key]
    findings = lint_tables([*others, table])
    errors = [f for f in findings if f.severity is Severity.ERROR and f.table == table.key]
    if errors:
        raise PriceTableInvalid(f"{table.key}: " + "; ".join(f.message_en for f in errors[:5]))
    if rows_csv is not None:
        write_whole(price_dir / table.csv, rows_csv.encode())
    write_whole(price_dir / f"{table.key}.toml", text.encode())
    uow.log(
        AuditEntry(
            actor, "price_table.added", "price_table", 0, {"key": table.key, "sha256": table.sha256}
        )
    )
    return AddedTable(table, findings)


__all__ = ["AddedTable", "BillingSetup", "add_price_table", "load_setup"]
