"""Lists for doctors and nurses, and what clinics are to be asked: pages, CSV, paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from ocr_service.db.ids import BatchId
from ocr_service.db.records.report_rows import ReportFilter, batches_named, institutions_seen
from ocr_service.db.uow import UnitOfWork
from ocr_service.forms.attention import Attention
from ocr_service.service.reports.attention import AttentionList, attention_items, list_attention
from ocr_service.service.reports.finding_report import (
    FindingReport,
    institution_names,
    report_findings,
)
from ocr_service.service.reports.papers import (
    SheetHead,
    attention_pdf,
    clinic_letters,
    field_labels,
    findings_csv,
    hit_text,
)
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import JAPAN
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.words import say
from ocr_service.web.security import ClerkUser, ExporterUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the filters of a page say.

    Attributes:
        wanted: which documents.
        query: the same as part of an address.
    """

    wanted: ReportFilter
    query: str


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def asked(
    request: Request,
    batch: Annotated[str, Query(max_length=12)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    first: Annotated[str, Query(max_length=10)] = "",
    last: Annotated[str, Query(max_length=10)] = "",
    institution: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    """The filters of a form; what is empty or no value filters nothing."""
    wanted = ReportFilter(
        batch=BatchId(int(batch)) if batch.isascii() and batch.isdigit() else None,
        day=_day(day),
        first=_day(first),
        last=_day(last),
        institution=institution or None,
    )
    return Asked(wanted, request.url.query)


AskedDep = Annotated[Asked, Depends(asked)]
Item = Annotated[str, Query(max_length=120)]
Level = Annotated[str, Query(max_length=10)]


@router.get("/attention")
def show_attention(  # noqa: PLR0913, PLR0917 - what the filters say
    request: Request,
    user: ClerkUser,
    services: ServicesDep,
    uow: ReadUnit,
    asked: AskedDep,
    item: Item = "",
    level: Level = "",
) -> HTMLResponse:
    """Answers that a doctor or nurse wants to see, those most urgent first."""
    library = services.shelf.library()
    english = language_of(request) is Language.EN
    found = list_attention(uow, library, asked.wanted, item=item or None, level=_level(level))
    codes = sorted({line.institution for line in found.lines if line.institution})
    return render(
        request,
        "attention.html",
        user=user,
        found=found,
        names=institution_names(uow, codes),
        text=lambda hit: hit_text(hit, english=english),
        items=[(name, en if english else ja) for name, ja, en in attention_items(library)],
        chosen={"item": item, "level": level},
        **_filters(uow, asked),
    )


@router.get("/attention.pdf", response_class=Response)
def print_attention(
    _user: ClerkUser,
    services: ServicesDep,
    uow: ReadUnit,
    asked: AskedDep,
    item: Item = "",
    level: Level = "",
) -> Response:
    """The same on paper."""
    found: AttentionList = list_attention(
        uow, services.shelf.library(), asked.wanted, item=item or None, level=_level(level)
    )
    codes = sorted({line.institution for line in found.lines if line.institution})
    data = attention_pdf(found, institution_names(uow, codes), _head(uow, asked.wanted))
    return _file(data, _PDF, "attention.pdf")


@router.get("/reports/findings")
def show_findings(
    request: Request, user: ClerkUser, services: ServicesDep, uow: ReadUnit, asked: AskedDep
) -> HTMLResponse:
    """What is missing how often, by clinic and by batch."""
    english = language_of(request) is Language.EN
    report: FindingReport = report_findings(uow, asked.wanted)
    return render(
        request,
        "findings.html",
        user=user,
        report=report,
        english=english,
        labels=field_labels(services.shelf.library(), english=english),
        batch_names=dict(batches_named(uow)),
        **_filters(uow, asked),
    )


@router.get("/reports/findings.csv", response_class=Response)
def download_findings(
    _user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    asked: AskedDep,
    encoding: Annotated[str, Query(pattern="^(utf-8|cp932)$")] = "utf-8",
) -> Response:
    """The same as a table: UTF-8 with byte order mark, or CP932."""
    report = report_findings(uow, asked.wanted)
    labels = field_labels(services.shelf.library())
    data = findings_csv(report, labels, "cp932" if encoding == "cp932" else "utf-8-sig")
    charset = "shift_jis" if encoding == "cp932" else "utf-8"
    return _file(data, f"text/csv; charset={charset}", "findings.csv")


@router.get("/reports/findings.pdf", response_class=Response)
def print_letters(
    _user: ExporterUser, services: ServicesDep, uow: ReadUnit, asked: AskedDep
) -> Response:
    """A letter for each clinic, so that it can be asked."""
    report = report_findings(uow, asked.wanted)
    labels = field_labels(services.shelf.library())
    data = clinic_letters(report.clinics, labels, _head(uow, asked.wanted))
    return _file(data, _PDF, "letters.pdf")


def _filters(uow: UnitOfWork, asked: Asked) -> dict[str, Any]:
    codes = institutions_seen(uow)
    names = institution_names(uow, codes)
    return {
        "wanted": asked.wanted,
        "query": asked.query,
        "batches": batches_named(uow),
        "institutions": [(code, names.get(code, "")) for code in codes],
    }


def _level(text: str) -> Attention | None:
    return Attention(text) if text in set(Attention) else None


def _head(uow: UnitOfWork, wanted: ReportFilter) -> SheetHead:
    about = []
    if wanted.batch is not None:
        name = dict(batches_named(uow)).get(wanted.batch, str(wanted.batch))
        about.append((say("batch", Language.JA), name))
    if wanted.day is not None:
        about.append(("接種日", wanted.day.isoformat()))
    if wanted.first is not None or wanted.last is not None:
        span = [day.isoformat() if day else "" for day in (wanted.first, wanted.last)]
        about.append(("期間", "～".join(span)))
    return SheetHead(uow.now.astimezone(JAPAN).date().isoformat(), tuple(about))


def _file(data: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


__all__ = ["router"]
