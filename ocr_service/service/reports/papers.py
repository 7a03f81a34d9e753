"""Lists and reports on paper and as tables: an attention sheet, letters to clinics, a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ocr_service.domain.record import Severity
from ocr_service.exporters.csv_cells import encodable, guarded
from ocr_service.exporters.pdf import Column, KeyValues, Note, Parties, Sheet, Table, print_sheets
from ocr_service.forms.attention import Attention
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.reports.attention import AttentionLine, AttentionList
from ocr_service.service.reports.finding_report import (
    AskedDocument,
    FindingKind,
    FindingReport,
    Group,
)
from ocr_service.validators.attention import AttentionHit

NO_DIAGNOSIS = (
    "この一覧は予診票の記載を抜き出したものです。診断や接種可否の判定ではありません。"
    "記載のない方に問題がないことを示すものでもありません。判断は医師が用紙を見て行ってください。"
)
LEVELS = {Attention.FIRST: "最優先", Attention.LOOK: "要確認", Attention.NOTE: "参考"}
UNKNOWN_CLINIC = "医療機関コード不明"

CsvEncoding = Literal["utf-8-sig", "cp932"]


@dataclass(frozen=True, slots=True)
class SheetHead:
    """What a printed list says of itself.

    Attributes:
        made_on: day it was printed, in Japan.
        about: label and value of each filter.
        sender: who it comes from; "" leaves the place free.
    """

    made_on: str
    about: tuple[tuple[str, str], ...] = ()
    sender: str = ""


def attention_pdf(found: AttentionList, names: Mapping[str, str], head: SheetHead) -> bytes:
    """The attention list of a session on A4 across, with a column to sign in."""
    rows = tuple(_attention_row(line, names) for line in found.lines)
    columns = (
        Column("書類", 0.6, "right"),
        Column("氏名", 1.6),
        Column("生年月日", 1.1),
        Column("優先", 0.7),
        Column("予診票の記載", 4.2),
        Column("医療機関", 1.8),
        Column("確認者", 0.9),
    )
    facts = (
        *head.about,
        ("対象", f"{found.looked_at} 件中 {len(found.lines)} 件" + _more(cut=found.cut_off)),
    )
    sheet = Sheet(
        title="医師・看護師の確認一覧",
        blocks=(
            KeyValues(facts, columns=3),
            Note(NO_DIAGNOSIS),
            Table(columns, rows, empty="該当する記載はありません"),
        ),
        number=(f"作成日 {head.made_on}",),
        foot="個人情報を含みます。使用後は定められた方法で廃棄してください。",
        landscape=True,
    )
    return print_sheets((sheet,), title="医師・看護師の確認一覧")


def hit_text(hit: AttentionHit, *, english: bool = False) -> str:
    """An answer in words, with what is written about it."""
    words = hit.spec.words.en if english else hit.spec.words.ja
    value = hit.value if hit.spec.at_least is not None and isinstance(hit.value, str) else ""
    beside = " ".join(part for part in (value, hit.detail) if part)
    return f"{words}: {beside}" if beside else words


def clinic_letters(clinics: tuple[Group, ...], labels: Mapping[str, str], head: SheetHead) -> bytes:
    """One letter for each clinic with open findings; documents by number, without names."""
    sheets = tuple(_letter(clinic, labels, head) for clinic in clinics if clinic.asked)
    if not sheets:
        empty = Note("確認をお願いする予診票はありません。")
        sheets = (Sheet(title="予診票の確認のお願い", blocks=(empty,)),)
    return print_sheets(sheets, title="予診票の確認のお願い")


def findings_csv(report: FindingReport, labels: Mapping[str, str], encoding: CsvEncoding) -> bytes:
    """One row for each clinic and kind of finding; CR LF, formulas disarmed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_CSV_HEAD)
    for clinic in report.clinics:
        for kind in clinic.kinds:
            row = (
                clinic.key,
                clinic.name,
                str(clinic.read),
                str(len(clinic.asked)),
                "誤り" if kind.severity is Severity.ERROR else "警告",
                kind.rule,
                "、".join(labels.get(key, key) for key in kind.fields),
                kind.message_ja,
                str(len(kind.documents)),
                " ".join(str(document) for document in kind.documents),
            )
            writer.writerow([encodable(guarded(cell), encoding)[0] for cell in row])
    return out.getvalue().encode(encoding)


_CSV_HEAD = (
    "医療機関コード",
    "医療機関名",
    "書類数",
    "指摘のある書類数",
    "区分",
    "規則",
    "項目",
    "内容",
    "件数",
    "書類番号",
)


def field_labels(library: TemplateLibrary, *, english: bool = False) -> dict[str, str]:
    """Names of record keys over all templates; a later version of a form wins."""
    labels: dict[str, str] = {}
    for loaded in library.loaded:
        for spec in loaded.template.fields:
            parts = getattr(spec, "parts", ())
            for key in spec.record_keys:
                label = next((p.label for p in parts if p.key == key), spec.label)
                labels[key] = label.en if english else label.ja
    return labels


def _attention_row(line: AttentionLine, names: Mapping[str, str]) -> tuple[str, ...]:
    said = "／".join(
        hit_text(hit) + ("" if hit.confirmed else "（読み取り未確認）") for hit in line.hits
    )
    return (
        str(line.document),
        line.name or "（読み取れず）",
        line.birth_date,
        LEVELS[line.hits[0].spec.level],
        said,
        names.get(line.institution, line.institution),
        "",
    )


def _letter(clinic: Group, labels: Mapping[str, str], head: SheetHead) -> Sheet:
    to = clinic.name or (f"医療機関コード {clinic.key}" if clinic.key else UNKNOWN_CLINIC)
    count = (("ご提出の予診票", f"{clinic.read} 件"), ("確認が必要", f"{len(clinic.asked)} 件"))
    summary = tuple(_summary_row(kind, labels) for kind in clinic.kinds)
    return Sheet(
        title="予診票の確認のお願い",
        number=(f"作成日 {head.made_on}",),
        blocks=(
            Parties(
                to=(f"{to} 御中", *((f"コード {clinic.key}",) if clinic.name else ())),
                sender=(head.sender,) if head.sender else ("（差出人）", "電話"),
            ),
            Note(
                "ご提出いただいた予診票のうち、下記の書類に確認をお願いしたい点がありました。"
                "控えをご覧のうえ、正しい内容をお知らせください。",
                size_pt=9.5,
            ),
            KeyValues((*count, *head.about), columns=2),
            Table(_SUMMARY_COLUMNS, summary),
            Table(_LETTER_COLUMNS, tuple(_letter_row(one, labels) for one in clinic.asked)),
            Note(
                "個人情報を減らすため、氏名は記していません。書類番号と接種日でお確かめください。"
            ),
        ),
        foot=f"コード {clinic.key or '不明'}",
    )


_SUMMARY_COLUMNS = (Column("項目", 2.2), Column("内容", 3.2), Column("件数", 0.6, "right"))
_LETTER_COLUMNS = (
    Column("書類番号", 0.8, "right"),
    Column("接種日", 1.0),
    Column("項目と内容", 5.0),
    Column("ご回答", 1.6),
)


def _summary_row(kind: FindingKind, labels: Mapping[str, str]) -> tuple[str, ...]:
    names = "、".join(labels.get(key, key) for key in kind.fields)
    return (names or "全体", _first_sentence(kind.message_ja), str(len(kind.documents)))


def _letter_row(one: AskedDocument, labels: Mapping[str, str]) -> tuple[str, ...]:
    by_message: dict[str, list[str]] = {}
    for finding in one.findings:
        names = by_message.setdefault(_first_sentence(finding.message_ja), [])
        names += [labels.get(key, key) for key in finding.fields]
    said = "\n".join(
        f"{message} {'、'.join(dict.fromkeys(names))}".strip()
        for message, names in by_message.items()
    )
    day = one.vaccinated_on.isoformat() if one.vaccinated_on else "不明"
    return (str(one.id), day, said, "")


def _first_sentence(message: str) -> str:
    """What is the matter, without what our own reviewer is to do about it."""
    head, stop, _rest = message.partition("。")
    return head + stop


def _more(*, cut: bool) -> str:
    return "（以下省略）" if cut else ""


__all__ = [
    "LEVELS",
    "NO_DIAGNOSIS",
    "CsvEncoding",
    "SheetHead",
    "attention_pdf",
    "clinic_letters",
    "field_labels",
    "findings_csv",
    "hit_text",
]
