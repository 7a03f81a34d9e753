"""The web application: JSON API, pages, sweeper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from ocr_service import __version__
from ocr_service.bootstrap import Services, Sweeper, prepare
from ocr_service.web import api, health, security
from ocr_service.web.errors import install_error_handlers
from ocr_service.web.middleware import BodyLimit, Correlation
from ocr_service.web.pages import install_pages

_BULK_THREADS = 2
"""Files taken in at once by a process. More would not be faster: the database writes one after the
other, and each takes the processor from those who review."""


def create_app(services: Services) -> FastAPI:
    """The application over ``services``; migrates and sweeps while it runs."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(prepare, services)
        await run_in_threadpool(services.bell.get_ready)
        sweeper = Sweeper(services)
        sweeper.start()
        try:
            yield
        finally:
            await run_in_threadpool(sweeper.stop)
            services.close()

    app = FastAPI(
        title="ocr-service",
        version=__version__,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere, and a closed network has no elsewhere.
        docs_url=None,
        redoc_url=None,
        # Served by a route of our own, which asks who is there.
        openapi_url=None,
    )
    app.state.services = services
    app.state.bulk_lane = anyio.CapacityLimiter(_BULK_THREADS)
    app.include_router(api.router)
    app.include_router(health.router)
    app.include_router(security.router)
    install_error_handlers(app)
    install_pages(app)
    app.add_middleware(BodyLimit, max_upload_bytes=services.settings.max_upload_bytes)
    app.add_middleware(Correlation)
    return app


__all__ = ["create_app"]
