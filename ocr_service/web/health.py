"""For those who watch the service: alive, ready, figures."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from ocr_service.service.health import Figures, check_ready, figures
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.security import AnyUser

router = APIRouter(tags=["health"])

_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz")
def alive() -> PlainTextResponse:
    """The process lives."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(services: ServicesDep) -> PlainTextResponse:
    """Database and store answer."""
    check_ready(services.db, services.blobs)
    return PlainTextResponse("ok\n")


@router.get("/metrics")
def metrics(_user: AnyUser, uow: ReadUnit) -> PlainTextResponse:
    """Figures in the text format that Prometheus reads."""
    return PlainTextResponse(render_metrics(figures(uow)), media_type=_FORMAT)


def render_metrics(found: Figures) -> str:
    """The figures as exposition text, one metric family after the other."""
    lines = ["# HELP ocr_documents Documents by state.", "# TYPE ocr_documents gauge"]
    lines += [f'ocr_documents{{state="{s.value}"}} {n}' for s, n in found.documents.items()]
    lines += ["# HELP ocr_jobs Jobs by state.", "# TYPE ocr_jobs gauge"]
    lines += [f'ocr_jobs{{state="{s.value}"}} {n}' for s, n in found.jobs.items()]
    lines += [
        "# HELP ocr_oldest_waiting_job_seconds Age of the job that has waited longest.",
        "# TYPE ocr_oldest_waiting_job_seconds gauge",
        f"ocr_oldest_waiting_job_seconds {found.oldest_waiting_s:.3f}",
        "# HELP ocr_stage_cpu_seconds CPU seconds of reading, by stage.",
        "# TYPE ocr_stage_cpu_seconds summary",
    ]
    for stage, (number, seconds) in sorted(found.stages.items()):
        lines.append(f'ocr_stage_cpu_seconds_count{{stage="{stage}"}} {number}')
        lines.append(f'ocr_stage_cpu_seconds_sum{{stage="{stage}"}} {seconds:.6f}')
    return "\n".join(lines) + "\n"


__all__ = ["render_metrics", "router"]
