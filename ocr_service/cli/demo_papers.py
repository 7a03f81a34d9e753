"""What the demo ends with: a ledger file, a claim with its letters, a sheet that balances."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from ocr_service.billing.balance import Balance, balance_pdf
from ocr_service.billing.places import municipality_name
from ocr_service.bootstrap import Services
from ocr_service.db.billing import claims
from ocr_service.db.billing.claims import Claim, ClaimState
from ocr_service.db.export import exports
from ocr_service.db.export.candidates import Selection
from ocr_service.db.export.exports import Export
from ocr_service.db.ids import BatchId
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import Conflict
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing import reconciling
from ocr_service.service.billing.issuing import archive_file, claim_number, issue_claim
from ocr_service.service.billing.picking import ClaimWish
from ocr_service.service.billing.setup import BillingSetup, load_setup
from ocr_service.service.export.exporting import export_now
from ocr_service.service.export.preparing import ExportRequest
from ocr_service.service.export.profiles import profile_named
from ocr_service.service.whole_files import write_whole

ACTOR = "demo"
LEDGER = "ledger-generic"
_LETTERS = 2

Tell = Callable[[str], None]

# Everybody in it is invented.
_BILLING = """# Who claims. Written by the demo; everybody is invented. See docs/howto/billing.md.
[issuer]
name = "見本会　みどり台クリニック"
postal_code = "100-0000"
address = "東京都千代田区見本町一丁目2番3号"
representative = "理事長　見本　太郎"
phone = "03-0000-0000"
institution = "1310121996"

[issuer.bank]
bank = "見本銀行"
branch = "見本支店"
number = "0123456"
holder = "ミホンカイ"

# The samples name institutions that nobody registered.
[rules]
unknown_home = "federation"
"""


def make_papers(services: Services, batch: BatchId, data: Path, tell: Tell) -> None:
    """Export, claim and reconcile a batch, and say where the files lie.

    Args:
        services: of the running installation.
        batch: its approved records are exported and billed.
        data: folder for the files.
        tell: says a line.
    """
    export = _export(services, batch)
    if export is None:
        tell(f"No record goes to the ledger ({LEDGER}); /exports says why.")
    else:
        path = data / "ledger.csv"
        write_whole(path, services.blobs.get(export.sha256))
        tell(f"{export.documents} records for the ledger ({LEDGER}): {path}")
    setup = _setup(services)
    claim = _claim(services, setup, batch)
    if claim is None:
        tell("No record can be billed; /claims says why.")
    else:
        _letters(services, claim, data, tell)
    _balance(services, setup, batch, claim, data, tell)


def _export(services: Services, batch: BatchId) -> Export | None:
    """A new export, or the newest of an earlier run; None where nothing goes out."""
    with services.db.reading() as uow:
        profile = profile_named(uow, services.profiles, LEDGER)
    try:
        return export_now(
            services.db,
            services.blobs,
            request=ExportRequest(profile, Selection(batches=(batch,)), ACTOR, services.check),
            library=services.shelf.library(),
            folder=services.settings.export_dir,
        )
    except Conflict:
        with services.db.reading() as uow:
            made = exports.page(uow)
        return next((one for one in made if one.profile == LEDGER), None)


def _setup(services: Services) -> BillingSetup:
    settings = services.settings
    if not settings.resolved_billing_file.exists():
        write_whole(settings.resolved_billing_file, _BILLING.encode())
    return load_setup(price_dir=settings.price_dir, billing_file=settings.resolved_billing_file)


def _claim(services: Services, setup: BillingSetup, batch: BatchId) -> Claim | None:
    """A new claim, or the newest of an earlier run; None where nothing can be billed."""
    today = services.db.clock().astimezone(JAPAN).date()
    wish = ClaimWish(today.strftime("%Y-%m"), today, batch=batch)
    try:
        with services.db.reading() as reading, services.db.writing() as uow:
            draft = billing_claims.draft_claim(reading, uow, setup, wish, actor=ACTOR)
        with services.db.reading() as reading, services.db.writing() as uow:
            return issue_claim(reading, uow, services.blobs, setup, draft.id, actor=ACTOR)
    except Conflict:
        with services.db.reading() as uow:
            made = claims.page(uow)
        return next((one for one in made if one.state is ClaimState.ISSUED), None)


def _letters(services: Services, claim: Claim, data: Path, tell: Tell) -> None:
    number = claim_number(claim.id)
    archive = archive_file(services.blobs, claim)
    write_whole(data / f"{number}.zip", archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        write_whole(data / f"{number}.pdf", files.read("claim.pdf"))
        with services.db.reading() as uow:
            sheets = claims.sheets_of(uow, claim.id)
        tell(
            f"Claim over {claim.forms} forms of {len(sheets)} municipalities,"
            f" {claim.total:,} yen: {data / number}.pdf and .zip"
        )
        for sheet in sheets[:_LETTERS]:
            path = data / f"{number}-{sheet.municipality}.pdf"
            write_whole(path, files.read(f"sheets/{sheet.municipality}-{sheet.route}.pdf"))
            name = municipality_name(sheet.municipality)
            tell(f"  letter to {name}, {sheet.sums.total:,} yen: {path}")


def _balance(
    services: Services,
    setup: BillingSetup,
    batch: BatchId,
    claim: Claim | None,
    data: Path,
    tell: Tell,
) -> None:
    with services.db.reading() as uow:
        balances: list[Balance] = [
            reconciling.reconcile_batch(uow, batch),
            reconciling.reconcile_billing(uow, setup, batch),
        ]
        if claim is not None:
            balances.append(reconciling.reconcile_claim(uow, services.blobs, setup, claim.id))
        made = uow.now.astimezone(JAPAN).date()
    path = data / "reconciliation.pdf"
    write_whole(path, balance_pdf(tuple(balances), made=made))
    verdict = "balances" if all(one.balanced for one in balances) else "does not balance"
    checks = sum(len(one.checks) for one in balances)
    tell(f"Reconciliation {verdict} in {checks} checks: {path}")


__all__ = ["make_papers"]
