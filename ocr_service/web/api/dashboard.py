"""The team's figures, and how right the accepted values are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ocr_service.db.ids import BatchId
from ocr_service.domain.quality import EDGES, KindRate, Stratum
from ocr_service.service.quality.report import quality_report
from ocr_service.service.reports.dashboard import MAX_DAYS, make_dashboard
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.security import ClerkUser

router = APIRouter(tags=["quality"])


class RateOut(BaseModel):
    """An error rate with its 95 % interval, against the promise."""

    kind: str = Field(description="field kind; empty = all")
    judged: int
    escaped: int
    rate: float
    low: float
    high: float
    promise: float
    unseen: float = Field(description="share of the fields in strata without a sample")
    breach: bool

    @classmethod
    def of(cls, known: KindRate) -> RateOut:
        """From the service's answer."""
        own = {key: value for key, value in asdict(known).items() if key != "rate"}
        return cls(**own, **asdict(known.rate), breach=known.is_breach)


class StratumOut(BaseModel):
    """One kind and band of probability."""

    kind: str
    from_probability: float
    population: int
    judged: int
    escaped: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, stratum: Stratum) -> StratumOut:
        """From the service's answer."""
        return cls(
            kind=stratum.kind,
            from_probability=EDGES[stratum.band - 1] if stratum.band else 0.0,
            population=stratum.population,
            judged=stratum.judged,
            escaped=stratum.escaped,
            **asdict(stratum.rate),
        )


class DashboardOut(BaseModel):
    """Figures of a period."""

    days: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    pages: dict[str, Any]
    waiting: int
    oldest_s: float | None
    escaped: RateOut
    batches: list[dict[str, Any]]


class QualityOut(BaseModel):
    """How right the accepted values are."""

    overall: RateOut
    kinds: list[RateOut]
    strata: list[StratumOut]
    samples: dict[str, int]
    raises: list[dict[str, Any]]


@router.get("/dashboard")
def show_dashboard(
    _user: ClerkUser,
    uow: ReadUnit,
    days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 14,
    batch: Annotated[int | None, Query(ge=1)] = None,
) -> DashboardOut:
    """Throughput, acceptance, effort and corrections of the team; of nobody alone."""
    found = make_dashboard(uow, days=days, batch=None if batch is None else BatchId(batch))
    return DashboardOut(
        days=[asdict(day) for day in found.days],
        fields=[asdict(field) for field in found.fields],
        pages=asdict(found.pages),
        waiting=found.waiting,
        oldest_s=found.oldest_s,
        escaped=RateOut.of(found.escaped),
        batches=[asdict(row) for row in found.batches],
    )


@router.get("/quality")
def show_quality(_user: ClerkUser, services: ServicesDep, uow: ReadUnit) -> QualityOut:
    """Errors that escape, by blind samples, and the thresholds that were raised for them."""
    report = quality_report(uow, services.shelf.library())
    return QualityOut(
        overall=RateOut.of(report.overall),
        kinds=[RateOut.of(kind) for kind in report.kinds],
        strata=[StratumOut.of(stratum) for stratum in report.strata],
        samples={verdict.value: number for verdict, number in report.samples.items()},
        raises=[
            {**asdict(one.raised), "recalls": [asdict(recall) for recall in one.recalls]}
            for one in report.raises
        ],
    )


__all__ = ["router"]
