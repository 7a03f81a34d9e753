"""The description of this API, for whoever may use it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from ocr_service.web.security import AnyUser

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def show_schema(request: Request, _user: AnyUser) -> JSONResponse:
    """OpenAPI, made from the routes themselves."""
    described: dict[str, Any] = request.app.openapi()
    return JSONResponse(described)


__all__ = ["router"]
