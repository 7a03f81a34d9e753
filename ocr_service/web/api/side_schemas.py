"""What the API tells of the sides of a form."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ocr_service.domain.pairing import Standing
from ocr_service.service.intake.pairing import Fellow


class SideOut(BaseModel):
    """A page of a form with several."""

    document: int
    side: int = Field(description="page of the form, from 1")


class SidesOut(BaseModel):
    """The pages of one form."""

    standing: Standing | None = Field(description="null where the page is not paired")
    pages: list[SideOut] = Field(description="in order of side, this document too")

    @classmethod
    def of(cls, found: tuple[Standing, tuple[Fellow, ...]] | None) -> SidesOut:
        """From the service's answer."""
        standing, pages = found or (None, ())
        shown = [SideOut(document=page.document, side=page.side) for page in pages]
        return cls(standing=standing, pages=shown)


__all__ = ["SidesOut"]
