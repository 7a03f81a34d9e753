"""Where somebody without a session lands."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ocr_service.web.pages.rendering import PageRoute, render

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/login")
def show_login(request: Request) -> HTMLResponse:
    """How to get in: links that work once, and who makes them."""
    return render(request, "login.html", expired="expired" in request.query_params)


__all__ = ["router"]
