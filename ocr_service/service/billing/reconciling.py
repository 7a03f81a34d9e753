"""Does it balance? From the paper in the box to the yen on the summary."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from ocr_service.billing import recount
from ocr_service.billing.balance import Balance, Check
from ocr_service.billing.invoice import Comparison, Entry, compare, parse_invoice
from ocr_service.billing.reasons import WORDS, Reason
from ocr_service.blobs import BlobStore
from ocr_service.db.billing import claim_lines, claims
from ocr_service.db.billing.claims import Claim, ClaimState, StoredLine
from ocr_service.db.export.candidates import Selection
from ocr_service.db.ids import BatchId, ClaimId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.billing.issuing import archive_file, claim_number, line_label, papers_of
from ocr_service.service.billing.picking import ClaimWish, pick
from ocr_service.service.billing.setup import BillingSetup
from ocr_service.service.export.status import Outcome, document_statuses
from ocr_service.service.intake.receipt import BatchReceipt, batch_receipt

_FAR = dt.date.max
"""The end of a period without one."""

_RECORDS = (DocumentState.NEEDS_REVIEW, DocumentState.APPROVED, DocumentState.EXPORTED)


def reconcile_batch(uow: UnitOfWork, batch: BatchId) -> Balance:
    """From the sheets that were announced to the records that went out.

    Raises:
        NotFound: no such batch.
    """
    receipt = batch_receipt(uow, batch)
    checks = [*_sheets(receipt), *_pages(receipt), *_outcomes(uow, receipt)]
    name = receipt.batch.name or f"{batch}"
    return Balance(f"取り込み {batch}「{name}」", tuple(checks))


def reconcile_claim(
    uow: UnitOfWork, blobs: BlobStore, setup: BillingSetup, claim: ClaimId
) -> Balance:
    """From the lines of a claim to its papers: forms by clinic, sums on every level.

    Raises:
        NotFound: no such claim.
    """
    found = claims.get(uow, claim)
    lines = claim_lines.of_claim(uow, claim)
    checks = [*_amounts(uow, setup, found, lines)]
    if found.state is ClaimState.ISSUED:
        details = archive_file(blobs, found, "details.csv")
        checks += _papers(found, lines, recount.rows_of_details(details))
    month = f"（{found.month}）"
    return Balance(f"請求 {claim_number(claim)}{month}", tuple(checks))


def reconcile_billing(uow: UnitOfWork, setup: BillingSetup, batch: BatchId) -> Balance:
    """Whether every record of a batch is billed or held with a reason."""
    billed = claim_lines.billed_documents(uow, batch)
    wish = ClaimWish("9999-12", _FAR, batch=batch)
    picked = pick(uow, setup, wish)
    due = {line.document for line in picked.lines} - billed
    held = {one.document for one in picked.held} - billed
    receipt = batch_receipt(uow, batch)
    records = sum(receipt.states.get(state, 0) for state in _RECORDS)
    notes = _reason_notes(picked.reasons)
    check = Check(
        "billing.records",
        "記録と請求",
        "records = billed + to be billed + held",
        records,
        len(billed) + len(due) + len(held),
        "読み取った記録",
        f"請求済み {len(billed)} + 請求待ち {len(due)} + 保留 {len(held)}",
        notes=notes,
    )
    return Balance(f"取り込み {batch} の請求", (check,))


def compare_invoice(
    uow: UnitOfWork, setup: BillingSetup, claim: ClaimId, data: bytes, *, institution: str | None
) -> Comparison:
    """A clinic's CSV invoice against the lines of a claim.

    Args:
        uow: open unit of work.
        setup: names on the papers.
        claim: which claim.
        data: the CSV file.
        institution: only lines of this clinic.

    Raises:
        NotFound: no such claim.
        InvalidRequest: the file cannot be read; the message names row or column.
    """
    theirs = parse_invoice(data)
    found = claims.get(uow, claim)
    lines = claim_lines.of_claim(uow, claim)
    ours = [
        Entry(
            label=line_label(claim, line.number),
            voucher=line.bill.voucher or "",
            day=line.bill.day.isoformat(),
            name=line.name,
            amount=line.sign * line.bill.total,
        )
        for line in papers_of(uow, setup, found, lines).lines
        if institution is None or line.bill.institution == institution
    ]
    return compare(ours, theirs)


def _sheets(receipt: BatchReceipt) -> list[Check]:
    announced = receipt.batch.options.announced
    if announced is None:
        return []
    return [
        Check(
            "sheets.announced",
            "枚数の申告と受領",
            "sheets announced = sheets received",
            announced,
            receipt.sheets,
            "申告された枚数",
            "受け取った枚数",
            unit="枚",
        )
    ]


def _pages(receipt: BatchReceipt) -> list[Check]:
    pages = receipt.pages
    records = sum(receipt.states.get(state, 0) for state in _RECORDS)
    unread, waiting = len(receipt.unread), pages.documents - records - len(receipt.unread)
    rejects = pages.blanks + pages.separators + pages.discarded
    notes = [
        f"読み取れなかったページ: {one.name} {one.page or ''}（{one.code}）"
        for one in receipt.unread
    ]
    notes += [f"受け取れなかったファイル: {one.name}（{one.code}）" for one in receipt.rejects]
    notes += [
        f"表裏がそろわないページ: {one.name} {one.page or ''}（{one.code}）"
        for one in receipt.unpaired
    ]
    return [
        Check(
            "pages.received",
            "受領と記録",
            "pages received = records + rejects",
            pages.received,
            records + unread + rejects,
            "受け取ったページ",
            f"記録 {records} + 読み取り不可 {unread} + 白紙・区切り・破棄 {rejects}",
            unit="ページ",
            notes=(*notes, *([f"読み取り待ち {waiting} ページ"] if waiting else [])),
        )
    ]


def _outcomes(uow: UnitOfWork, receipt: BatchReceipt) -> list[Check]:
    selection = Selection(batches=(receipt.batch.id,))
    found: Counter[Outcome] = Counter()
    rules: Counter[str] = Counter()
    for status in document_statuses(uow, selection):
        if status.candidate.state in _RECORDS:
            found[status.outcome] += 1
            rules.update(status.blocking)
    records = sum(receipt.states.get(state, 0) for state in _RECORDS)
    held = found[Outcome.HELD] + found[Outcome.WAITING] + found[Outcome.READY]
    return [
        Check(
            "records.exported",
            "記録と出力",
            "records = exported + held",
            records,
            found[Outcome.OUT] + held,
            "読み取った記録",
            f"出力済み {found[Outcome.OUT]} + 出力待ち {found[Outcome.READY]}"
            f" + 保留 {found[Outcome.HELD]} + 未承認 {found[Outcome.WAITING]}",
            notes=tuple(f"保留の理由: {rule} {count}件" for rule, count in sorted(rules.items())),
        )
    ]


def _amounts(
    uow: UnitOfWork, setup: BillingSetup, claim: Claim, lines: list[StoredLine]
) -> list[Check]:
    sheets = claims.sheets_of(uow, claim.id)
    signed = [(-1 if line.total < 0 else 1, line) for line in lines]
    anew = [(sign, recount.worked_out(line.bill, setup.tables), line) for sign, line in signed]
    unknown = [f"単価表から再計算できない明細: {line.number}" for _, t, line in anew if t is None]
    again = sum(sign * total for sign, total, _ in anew if total is not None)
    by_place: Counter[str] = Counter()
    for line in lines:
        by_place[line.bill.municipality] += line.total
    stored: Counter[str] = Counter()
    for sheet in sheets:
        stored[sheet.municipality] += sheet.sums.total
    wrong = [
        f"市区町村 {code}: 明細 {by_place[code]:,}円、請求書 {stored[code]:,}円"
        for code in sorted({*by_place, *stored})
        if by_place[code] != stored[code]
    ]
    total = sum(line.total for line in lines)
    return [
        Check(
            "claim.recount",
            "明細の再計算",
            "lines worked out again = lines",
            again,
            total,
            "単価表からの再計算",
            "明細の請求額",
            unit="円",
            notes=tuple(unknown),
        ),
        Check(
            "claim.municipalities",
            "明細と市区町村別請求書",
            "lines = municipal sheets",
            total,
            sum(stored.values()) if not wrong else total + _distance(by_place, stored),
            "明細の請求額",
            f"市区町村別請求書 {len(sheets)}通の合計",
            unit="円",
            notes=tuple(wrong),
        ),
        Check(
            "claim.summary",
            "市区町村別請求書と請求総括書",
            "municipal sheets = summary",
            sum(stored.values()),
            claim.total,
            "市区町村別請求書の合計",
            "請求総括書の請求総額",
            unit="円",
        ),
    ]


def _distance(one: Counter[str], other: Counter[str]) -> int:
    """Differences of municipalities, which might cancel each other out in the sum."""
    return sum(abs(one[code] - other[code]) for code in {*one, *other})


def _papers(claim: Claim, lines: list[StoredLine], rows: list[recount.PaperRow]) -> list[Check]:
    printed = recount.totals_by(rows, "institution")
    forms = Counter(row.institution for row in rows)
    clinics = Counter(line.bill.institution for line in lines)
    checks = [
        Check(
            "claim.papers",
            "請求総括書と明細書（発行した書類）",
            "summary = detail list as issued",
            claim.total,
            sum(printed.values()),
            "請求総括書の請求総額",
            "明細CSVの請求額の合計",
            unit="円",
        )
    ]
    wrong = [code for code in sorted({*forms, *clinics}) if forms[code] != clinics[code]]
    checks.append(
        Check(
            "claim.clinics",
            "医療機関ごとの予診票と明細",
            "forms by clinic = lines by clinic",
            sum(clinics.values()),
            sum(forms.values()) if not wrong else sum(clinics.values()) + len(wrong),
            f"予診票（{len(clinics)}医療機関）",
            "明細の行",
            notes=tuple(
                f"医療機関 {code}: 予診票 {clinics[code]}、明細 {forms[code]}" for code in wrong
            ),
        )
    )
    return checks


def _reason_notes(reasons: dict[str, int]) -> tuple[str, ...]:
    return tuple(
        f"保留の理由: {WORDS[Reason(reason)][0]} {count}件" for reason, count in reasons.items()
    )


__all__ = ["compare_invoice", "reconcile_batch", "reconcile_billing", "reconcile_claim"]
