"""The templates of this installation."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, UploadFile

from ocr_service.service.templates import MAX_TEMPLATE_BYTES, add_template
from ocr_service.web.api.schemas import TemplateOut, TemplatesOut
from ocr_service.web.deps import ServicesDep, WriteUnit
from ocr_service.web.security import AdminUser, AnyUser

router = APIRouter(prefix="/templates", tags=["templates"])


@router.get("")
def list_templates(_user: AnyUser, services: ServicesDep) -> TemplatesOut:
    """All templates."""
    loaded = services.shelf.library().loaded
    return TemplatesOut(templates=[TemplateOut.of(template) for template in loaded])


@router.post("", status_code=HTTPStatus.CREATED)
def post_template(
    user: AdminUser,
    services: ServicesDep,
    uow: WriteUnit,
    file: Annotated[UploadFile, File(description="a template.toml")],
) -> TemplateOut:
    """Add a template. A version that is there never changes."""
    data = file.file.read(MAX_TEMPLATE_BYTES + 1)
    return TemplateOut.of(add_template(uow, services.shelf, data, actor=user.name))


__all__ = ["router"]
