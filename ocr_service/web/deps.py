"""What endpoints ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from ocr_service.bootstrap import Services
from ocr_service.db.uow import UnitOfWork


def services_of(request: Request) -> Services:
    """What this process was put together from."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


def _writing(services: ServicesDep) -> Iterator[UnitOfWork]:
    with services.db.writing() as uow:
        yield uow


def _reading(services: ServicesDep) -> Iterator[UnitOfWork]:
    with services.db.reading() as uow:
        yield uow


def _trying(services: ServicesDep) -> Iterator[UnitOfWork]:
    with services.db.trying() as uow:
        yield uow


# With the default scope the commit would come after the client has its answer.
WriteUnit = Annotated[UnitOfWork, Depends(_writing, scope="function")]
"""A transaction that commits before the answer is sent, and rolls back on an error."""

ReadUnit = Annotated[UnitOfWork, Depends(_reading, scope="function")]
"""A transaction that only reads."""

TrialUnit = Annotated[UnitOfWork, Depends(_trying, scope="function")]
"""A transaction that may write and is rolled back."""


def correlation_of(request: Request) -> str | None:
    """The request's id for logs and jobs."""
    found: str | None = getattr(request.state, "correlation", None)
    return found


CorrelationDep = Annotated[str | None, Depends(correlation_of)]

__all__ = [
    "CorrelationDep",
    "ReadUnit",
    "ServicesDep",
    "TrialUnit",
    "WriteUnit",
    "correlation_of",
    "services_of",
]
