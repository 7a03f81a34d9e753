"""The team's figures as a page and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from ocr_service.db.ids import BatchId
from ocr_service.db.review.actions import FieldEffort
from ocr_service.service.reports.dashboard import MAX_DAYS, Dashboard, Day, make_dashboard
from ocr_service.service.templates import TemplateShelf
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.charts import Item, bars, columns
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.security import ClerkUser

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

_PERIODS = (7, 14, 30, 90)
_FIELDS_DRAWN = 12
_DAYS_DRAWN = 14
_BOM = "\ufeff"  # Excel takes a CSV without it for Shift_JIS


def _figures(
    uow: ReadUnit,
    days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 14,
    batch: Annotated[str, Query(max_length=9, pattern="^[0-9]*$")] = "",
) -> Dashboard:
    return make_dashboard(uow, days=days, batch=BatchId(int(batch)) if batch else None)


FiguresDep = Annotated[Dashboard, Depends(_figures)]


@router.get("")
def show_dashboard(
    request: Request, user: ClerkUser, services: ServicesDep, figures: FiguresDep
) -> HTMLResponse:
    """Charts with tables beside them."""
    labels = field_labels(services.shelf, language_of(request))
    drawn = figures.days[-_DAYS_DRAWN:]
    changed = [field for field in figures.fields if field.corrected][:_FIELDS_DRAWN]
    slow = sorted(figures.fields, key=lambda field: -field.ms / field.answers)[:_FIELDS_DRAWN]
    return render(
        request,
        "dashboard.html",
        user=user,
        figures=figures,
        labels=labels,
        pages_chart=columns([Item(d.day[5:], d.values.pages, str(d.values.pages)) for d in drawn]),
        accepted_chart=columns([_acceptance(day) for day in drawn], top=100.0),
        corrected_chart=bars([_corrected(field, labels) for field in changed]),
        seconds_chart=bars([_seconds(field, labels) for field in slow]),
        periods=_PERIODS,
        days=len(figures.days),
        batch=request.query_params.get("batch", ""),
    )


@router.get("/figures.csv")
def save_figures(
    request: Request, _user: ClerkUser, services: ServicesDep, figures: FiguresDep
) -> Response:
    """The same figures for a spreadsheet: days, fields and batches below each other."""
    labels = field_labels(services.shelf, language_of(request))
    out = io.StringIO()
    out.write(_BOM)
    csv.writer(out, lineterminator="\r\n").writerows(_rows(figures, labels))
    return Response(
        out.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="figures.csv"'},
    )


def _rows(figures: Dashboard, labels: dict[str, str]) -> Iterator[Iterable[object]]:
    yield "day", "pages_read", "values_read", "values_accepted", "documents_approved"
    for day in figures.days:
        yield day.day, day.values.pages, day.values.read, day.values.accepted, day.approved
    yield ()
    yield "field", "label", "answers", "corrected", "seconds", "keystrokes"
    for one in figures.fields:
        label = _harmless(labels.get(one.key, one.key))
        yield one.key, label, one.answers, one.corrected, one.ms / 1000, one.keystrokes
    yield ()
    yield "batch", "name", "pages", "done", "values_read", "values_accepted", "corrected", "seconds"
    for row in figures.batches:
        values = row.values
        name = _harmless(row.name)
        head = (row.batch, name, row.pages, row.done, values.read, values.accepted)
        yield *head, row.corrected, row.ms / 1000


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def field_labels(shelf: TemplateShelf, language: Language) -> dict[str, str]:
    """Names of record keys, from the newest template that has them."""
    found: dict[str, str] = {}
    for loaded in shelf.library().loaded:
        for spec in loaded.template.fields:
            for part in (spec, *getattr(spec, "parts", ())):
                found[part.key] = part.label.ja if language is Language.JA else part.label.en
    return found


def _acceptance(day: Day) -> Item:
    share = 100 * day.values.accepted / day.values.read if day.values.read else 0.0
    return Item(day.day[5:], share, f"{share:.0f}%" if day.values.read else "–")


def _corrected(field: FieldEffort, labels: dict[str, str]) -> Item:
    return Item(_short(labels.get(field.key, field.key)), field.corrected, str(field.corrected))


def _seconds(field: FieldEffort, labels: dict[str, str]) -> Item:
    seconds = field.ms / field.answers / 1000
    return Item(_short(labels.get(field.key, field.key)), seconds, f"{seconds:.1f} s")


def _short(label: str) -> str:
    longest = 13
    return label if len(label) <= longest else f"{label[:longest]}…"


__all__ = ["field_labels", "router"]
