"""What endpoints ask for.

What waits for nothing runs in the event loop: under load, handing it to a thread and back takes
longer than most queries.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from ocr_service.bootstrap import Services
from ocr_service.db.uow import UnitOfWork


async def services_of(request: Request) -> Services:
    """What this process was put together from."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


@asynccontextmanager
async def _unit(context: AbstractContextManager[UnitOfWork]) -> AsyncIterator[UnitOfWork]:
    """A unit of work round an endpoint: begun here, for it connects at its first query only.

    It ends in a thread, for that waits for the database; with a limit of its own, so that
    endpoints waiting for each other cannot take all the threads that commits need.
    """
    uow = context.__enter__()
    alone = anyio.CapacityLimiter(1)
    try:
        yield uow
    except Exception as error:
        told = (type(error), error, error.__traceback__)
        if not await anyio.to_thread.run_sync(context.__exit__, *told, limiter=alone):
            raise
    else:
        await anyio.to_thread.run_sync(context.__exit__, None, None, None, limiter=alone)


async def _writing(services: ServicesDep) -> AsyncIterator[UnitOfWork]:
    async with _unit(services.db.writing()) as uow:
        yield uow


async def _reading(services: ServicesDep) -> AsyncIterator[UnitOfWork]:
    # Its end waits for nothing, so it needs no thread.
    with services.db.reading() as uow:
        yield uow


async def _trying(services: ServicesDep) -> AsyncIterator[UnitOfWork]:
    async with _unit(services.db.trying()) as uow:
        yield uow


# With the default scope the commit would come after the client has its answer.
WriteUnit = Annotated[UnitOfWork, Depends(_writing, scope="function")]
"""A transaction that commits before the answer is sent, and rolls back on an error."""

ReadUnit = Annotated[UnitOfWork, Depends(_reading, scope="function")]
"""A transaction that only reads."""

TrialUnit = Annotated[UnitOfWork, Depends(_trying, scope="function")]
"""A transaction that may write and is rolled back."""


async def bulk_lane_of(request: Request) -> anyio.CapacityLimiter:
    """The few threads that take files in."""
    lane: anyio.CapacityLimiter = request.app.state.bulk_lane
    return lane


BulkLane = Annotated[anyio.CapacityLimiter, Depends(bulk_lane_of)]
"""Where work waits that nobody looks at, so that people who review go first."""


async def correlation_of(request: Request) -> str | None:
    """The request's id for logs and jobs."""
    found: str | None = getattr(request.state, "correlation", None)
    return found


CorrelationDep = Annotated[str | None, Depends(correlation_of)]

__all__ = [
    "BulkLane",
    "CorrelationDep",
    "ReadUnit",
    "ServicesDep",
    "TrialUnit",
    "WriteUnit",
    "bulk_lane_of",
    "correlation_of",
    "services_of",
]
