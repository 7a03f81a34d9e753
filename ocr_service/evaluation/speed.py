"""Pages a minute over the whole path, and what the workers hold in memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

_PROC = Path("/proc")
_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Throughput:
    """One run of the whole path: upload, queue, workers, record.

    Attributes:
        pages: documents made.
        seconds: from the first upload to the last record, models already loaded.
        workers: reading processes.
        worker_rss_mib: resident memory of the largest reading process at its peak.
    """

    pages: int
    seconds: float
    workers: int
    worker_rss_mib: float

    @property
    def pages_per_minute(self) -> float:
        """Pages a minute."""
        return 60.0 * self.pages / self.seconds

    def to_json(self) -> dict[str, float]:
        """All figures."""
        return {**asdict(self), "pages_per_minute": round(self.pages_per_minute, 1)}


def peak_rss_mib(leader: int) -> float:
    """Peak resident memory of the largest process below ``leader``; 0.0 where /proc is missing."""
    peaks = [_status_kib(pid, "VmHWM") for pid in descendants(leader)]
    return max(peaks, default=0.0) / _KIB_PER_MIB


def descendants(leader: int) -> list[int]:
    """Processes below ``leader``, itself left out."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.glob("[0-9]*"):
        pid = int(folder.name)
        children.setdefault(int(_status_kib(pid, "PPid")), []).append(pid)
    found, open_pids = [], [leader]
    while open_pids:
        below = children.get(open_pids.pop(), [])
        found.extend(below)
        open_pids.extend(below)
    return found


def _status_kib(pid: int, name: str) -> float:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0.0  # it ended while we looked
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0.0)


__all__ = ["Throughput", "descendants", "peak_rss_mib"]
