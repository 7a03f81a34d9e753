"""The papers of a claim on A4: one letter a municipality, a summary, a list of forms."""

from __future__ import annotations

from ocr_service.billing.bills import ROUTE_WORDS
from ocr_service.billing.claim import ROLE_WORDS, ItemRow, Line, SheetSums, Sums, by_institution
from ocr_service.billing.classify import KIND_WORDS
from ocr_service.billing.issuer import Issuer
from ocr_service.billing.money import yen
from ocr_service.billing.papers import ClaimPapers, addressee, japanese_date, japanese_month
from ocr_service.billing.places import municipality_name
from ocr_service.exporters.pdf import (
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
    print_sheets,
)

_ITEM_COLUMNS = (
    Column("費目", 3.2),
    Column("税抜単価\n（円）", 1.2, "right"),
    Column("税込単価\n（円）", 1.2, "right"),
    Column("件数", 0.9, "right"),
    Column("税抜額\n（円）", 1.5, "right"),
    Column("税込額\n（円）", 1.5, "right"),
)
_SUMMARY_COLUMNS = (
    Column("番号", 0.9),
    Column("市区町村", 2.3),
    Column("経路", 1.4),
    Column("件数", 0.7, "right"),
    Column("接種", 0.7, "right"),
    Column("予診のみ", 0.9, "right"),
    Column("税込額\n（円）", 1.3, "right"),
    Column("自己負担\n（円）", 1.1, "right"),
    Column("請求額\n（円）", 1.3, "right"),
)
_DETAIL_COLUMNS = (
    Column("No.", 0.6, "right"),
    Column("接種年月日", 1.2),
    Column("券番号", 1.2),
    Column("氏名", 1.7),
    Column("医療機関等コード", 1.4),
    Column("ワクチン", 1.7),
    Column("回", 0.4, "right"),
    Column("種別", 1.0),
    Column("税込額\n（円）", 1.0, "right"),
    Column("自己負担\n（円）", 0.9, "right"),
    Column("請求額\n（円）", 1.0, "right"),
    Column("備考", 1.8),
)
_INSTITUTION_COLUMNS = (
    Column("医療機関等コード", 1.3),
    Column("名称", 3.0),
    Column("件数", 0.8, "right"),
    Column("税込額\n（円）", 1.4, "right"),
    Column("請求額\n（円）", 1.4, "right"),
)


def sheet_pdf(papers: ClaimPapers, sheet: SheetSums) -> bytes:
    """A municipality's letter with its list of forms behind it."""
    name = municipality_name(sheet.municipality)
    title = f"市区町村別請求書 {papers.number} {name}"
    return print_sheets(
        (_letter(papers, sheet), _details(papers, sheet)), title=title, author=papers.issuer.name
    )


def claim_pdf(papers: ClaimPapers) -> bytes:
    """The summary, then every municipality's letter and list."""
    sheets = [_summary(papers)]
    for one in papers.sums.sheets:
        sheets += [_letter(papers, one), _details(papers, one)]
    title = f"請求総括書 {papers.number}"
    return print_sheets(sheets, title=title, author=papers.issuer.name)


def _letter(papers: ClaimPapers, sheet: SheetSums) -> Sheet:
    sums = sheet.sums
    blocks: list[Block] = [
        Parties((addressee(sheet.municipality), *_through(sheet)), _sender(papers.issuer)),
        Note("次のとおり、予防接種等に要した費用を請求します。", size_pt=9.5),
        Amount("請求金額", f"¥{yen(sums.total)}", "税込"),
        KeyValues(
            (
                ("請求年月", japanese_month(papers.month)),
                ("市区町村番号", sheet.municipality),
                ("請求経路", ROUTE_WORDS[sheet.route][0]),
                ("件数", _counts(sums)),
            )
        ),
        Heading("費目別内訳"),
        Table(_ITEM_COLUMNS, _item_cells(sheet.rows), totals=_item_totals(sheet.rows, sums)),
        *_institutions(papers, sheet.lines),
        *_bank(papers.issuer),
    ]
    return Sheet(
        "市区町村別請求書", tuple(blocks), number=_number(papers), foot=_foot(papers, sheet)
    )


def _summary(papers: ClaimPapers) -> Sheet:
    sums = papers.sums.sums
    rows = tuple(
        (
            sheet.municipality,
            municipality_name(sheet.municipality),
            ROUTE_WORDS[sheet.route][0],
            yen(sheet.sums.forms),
            yen(sheet.sums.shots),
            yen(sheet.sums.interviews),
            yen(sheet.sums.gross),
            yen(sheet.sums.self_payment),
            yen(sheet.sums.total),
        )
        for sheet in papers.sums.sheets
    )
    cells = (sums.forms, sums.shots, sums.interviews, sums.gross, sums.self_payment, sums.total)
    blocks: list[Block] = [
        Parties(("請求先　各位", f"請求書 {len(rows)} 通の総括"), _sender(papers.issuer)),
        Amount("請求総額", f"¥{yen(sums.total)}", "税込"),
        KeyValues(
            (
                ("請求年月", japanese_month(papers.month)),
                ("件数", _counts(sums)),
                ("請求書", f"{len(rows)}通"),
                ("税抜額", f"{yen(sums.net)}円"),
            )
        ),
        Heading("市区町村別"),
        Table(_SUMMARY_COLUMNS, rows, totals=(("合計", "", "", *map(yen, cells)),), size_pt=8.0),
        Heading("費目別"),
        Table(_ITEM_COLUMNS, _item_cells(papers.sums.rows), _item_totals(papers.sums.rows, sums)),
        *_institutions(papers, papers.lines),
        Stamps(("作成", "確認", "承認")),
    ]
    return Sheet("請求総括書", tuple(blocks), number=_number(papers), foot=_foot(papers, None))


def _details(papers: ClaimPapers, sheet: SheetSums) -> Sheet:
    sums = sheet.sums
    total = ("", "合計", "", "", "", "", "", f"{sums.forms}件")
    money = tuple(map(yen, (sums.gross, sums.self_payment, sums.total)))
    table = Table(
        _DETAIL_COLUMNS,
        tuple(_detail_cells(line) for line in sheet.lines),
        totals=((*total, *money, ""),),
        size_pt=7.8,
    )
    head = KeyValues(
        (
            ("請求先", f"{sheet.municipality} {municipality_name(sheet.municipality)}"),
            ("請求年月", japanese_month(papers.month)),
            ("請求元", papers.issuer.name),
        ),
        columns=3,
    )
    return Sheet(
        "請求明細書",
        (head, table),
        number=_number(papers)[:1],
        foot=_foot(papers, sheet),
        landscape=True,
    )


def _detail_cells(line: Line) -> tuple[str, ...]:
    bill, sign = line.bill, line.sign
    remark = " ".join(filter(None, (ROLE_WORDS[line.role][0], line.original)))
    extras = "・".join(item.label for item in bill.items[1:])
    return (
        str(line.number),
        bill.day.isoformat(),
        bill.voucher or "",
        line.name,
        bill.institution,
        bill.product or "",
        bill.dose or "",
        KIND_WORDS[bill.kind][0],
        yen(sign * bill.gross),
        yen(sign * bill.self_payment),
        yen(sign * bill.total),
        "　".join(filter(None, (extras, remark))),
    )


def _item_cells(rows: tuple[ItemRow, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (row.label, *map(yen, (row.unit_net, row.unit_gross, row.count, row.net, row.gross)))
        for row in rows
    )


def _item_totals(rows: tuple[ItemRow, ...], sums: Sums) -> tuple[tuple[str, ...], ...]:
    net, gross = (sum(row.net for row in rows), sum(row.gross for row in rows))
    found = [("小計", "", "", "", yen(net), yen(gross))]
    if sums.self_payment:
        found.append(("自己負担額（控除）", "", "", "", "", yen(-sums.self_payment)))
    return (*found, ("請求金額", "", "", "", "", yen(sums.total)))


def _institutions(papers: ClaimPapers, lines: tuple[Line, ...]) -> list[Block]:
    """By institution, where there is more than one."""
    found = by_institution(lines)
    if len(found) <= 1:
        return []
    rows = tuple(
        (code, papers.institutions.get(code, ""), yen(s.forms), yen(s.gross), yen(s.total))
        for code, s in found.items()
    )
    return [Heading("医療機関別"), Table(_INSTITUTION_COLUMNS, rows)]


def _through(sheet: SheetSums) -> tuple[str, ...]:
    words = f"市区町村番号 {sheet.municipality}"
    return (words, f"（{ROUTE_WORDS[sheet.route][0]}）")


def _sender(issuer: Issuer) -> tuple[str, ...]:
    lines = (
        issuer.name,
        f"〒{issuer.postal_code}" if issuer.postal_code else "",
        issuer.address,
        f"代表者　{issuer.representative}",
        f"医療機関等コード　{issuer.institution}" if issuer.institution else "",
        f"登録番号　{issuer.registration}" if issuer.registration else "",
        f"電話　{issuer.phone}" if issuer.phone else "",
        f"担当　{issuer.contact}" if issuer.contact else "",
    )
    return tuple(filter(None, lines))


def _bank(issuer: Issuer) -> list[Block]:
    bank = issuer.bank
    if bank is None:
        return []
    account = f"{bank.kind} {bank.number}"
    rows = (
        ("金融機関", f"{bank.bank} {bank.branch}"),
        ("口座", account),
        ("口座名義", bank.holder),
    )
    return [Heading("振込先"), KeyValues(rows, columns=3)]


def _counts(sums: Sums) -> str:
    return f"{yen(sums.forms)}件（接種 {yen(sums.shots)}・予診のみ {yen(sums.interviews)}）"


def _number(papers: ClaimPapers) -> tuple[str, ...]:
    issued = "下書き（未発行）" if papers.issued is None else japanese_date(papers.issued)
    return (f"請求番号 {papers.number}", issued)


def _foot(papers: ClaimPapers, sheet: SheetSums | None) -> str:
    part = "総括" if sheet is None else f"{sheet.municipality} {ROUTE_WORDS[sheet.route][0]}"
    return f"{papers.number} / {part}"


__all__ = ["claim_pdf", "sheet_pdf"]
