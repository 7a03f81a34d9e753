"""Seconds by stage; the clock comes from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Clock = Callable[[], float]


@dataclass(slots=True)
class Stopwatch:
    """Adds up seconds under stage names.

    Attributes:
        clock: gives seconds from any fixed point.
        seconds: what was measured so far.
    """

    clock: Clock
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the block's seconds under ``name``, also when it raises."""
        start = self.clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - start


__all__ = ["Clock", "Stopwatch"]
