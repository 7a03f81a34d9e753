"""Draws samples and lets stored records follow raised thresholds, once a minute, by one process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ocr_service.db import chores
from ocr_service.db.uow import Database
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.quality.raising import apply_raises
from ocr_service.service.quality.sampling import draw

EVERY = timedelta(minutes=1)
AT_ONCE = 300
"""Documents of one turn: seconds, so that the sweep, which does this too, is not kept waiting."""

_QUALITY = "quality"


def do_quality(
    db: Database, library: Callable[[], TemplateLibrary], *, every: timedelta = EVERY
) -> tuple[int, int]:
    """Do it if it is time and nobody else does.

    Returns:
        Fields drawn, and documents that followed a raised threshold.

    Raises:
        ServiceUnavailable: the database failed; the next time goes on.
    """
    with db.reading() as uow:
        if not chores.is_due(uow, _QUALITY, every=every):
            return 0, 0
    with db.writing() as uow:
        if not chores.claim_due(uow, _QUALITY, every=every):
            return 0, 0
    found = library()
    return draw(db, found, at_most=AT_ONCE), apply_raises(db, found, at_most=AT_ONCE)


__all__ = ["AT_ONCE", "EVERY", "do_quality"]
