"""Tells the reading processes that the leader was asked to end.

Celery's leader waits for what its processes have in hand, but says nothing to them; one that goes
on taking pages for as long as a ring may last would be killed in the middle of one.
"""

from __future__ import annotations

import mmap

from celery.signals import worker_shutting_down

_told = mmap.mmap(-1, 1)
"""One byte that the leader shares with all processes it forks."""


def is_stopping() -> bool:
    """Whether this process shall end after the page in hand."""
    return _told[0] != 0


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _tell(**_details: object) -> None:
    _told[0] = 1


__all__ = ["is_stopping"]
