"""Shows from outside that the loop of a worker turns: the time of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.signals import worker_ready

BEAT_EVERY_S = 5.0


def beat(file: Path) -> None:
    """Touch ``file`` every few seconds while the worker's own loop turns, from its first broker on.

    A health check compares its time with the clock. A process that hangs, or that lost its loop and
    waits for nothing, touches it no longer; a database that is away does not stop it.

    Args:
        file: made anew if it is missing; its folder must be there.
    """
    beating: list[object] = []

    def begin(sender: Any, **_details: object) -> None:
        file.touch()
        # A worker is ready again after each loss of its broker; its timer stays.
        if not beating:
            beating.append(sender.timer.call_repeatedly(BEAT_EVERY_S, file.touch))

    worker_ready.connect(begin, weak=False)


__all__ = ["BEAT_EVERY_S", "beat"]
