"""The protocol by which the service wakes workers."""

from __future__ import annotations

from typing import Protocol


class Bell(Protocol):
    """Rings for a job. A lost ring delays the job until the next sweep and harms nothing else."""

    def get_ready(self) -> None:
        """Load now what the first ring would load; asks nobody, so the broker may be away."""
        ...

    def ring(self, job_id: int) -> None:
        """Wake a worker for this job. Never raises because the broker is away."""
        ...


class SilentBell:
    """Rings for nobody: jobs wait for a sweep, or for a worker that asks by itself."""

    def get_ready(self) -> None:
        """Do nothing."""

    def ring(self, job_id: int) -> None:
        """Do nothing."""


__all__ = ["Bell", "SilentBell"]
