"""A folder that scanners write into: what is complete in it is taken in and moved away."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ocr_service.cli.sending import Outcome

DONE = "done"
REJECTED = "rejected"

_TEMPORARY = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".lock")
_TEMPORARY_STARTS = (".", "~")

Take = Callable[[Path], Outcome]
"""Takes a file in. Taking the same file twice must give one file and no error."""

Look = tuple[int, int, int]
"""Inode, size and time of change."""


@dataclass(slots=True)
class HotFolder:
    """A watched folder.

    Attributes:
        folder: where files appear; ``done`` and ``rejected`` are made inside it.
        settle_s: a file is complete when it has not changed for so long.
        take: takes a file in.
        clock: seconds; any start.
    """

    folder: Path
    settle_s: float
    take: Take
    clock: Callable[[], float]
    _seen: dict[str, tuple[Look, float]] = field(default_factory=dict)

    def look(self) -> list[tuple[str, Outcome]]:
        """Take in every file that is complete; their names and what became of them.

        A file is moved only after the service has it: killed in between, it is sent again, and
        the service knows it.

        Raises:
            ServiceUnavailable: the service does not answer; the file stays where it is.
        """
        outcomes = []
        waiting = {path.name: path for path in sorted(self.folder.iterdir()) if _is_scan(path)}
        self._seen = {name: seen for name, seen in self._seen.items() if name in waiting}
        for name, path in waiting.items():
            if self._is_complete(path):
                outcome = self.take(path)
                self._move(path, outcome)
                outcomes.append((name, outcome))
        return outcomes

    def is_waiting(self) -> bool:
        """Whether a file is still there to be taken in."""
        return any(_is_scan(path) for path in self.folder.iterdir())

    def _is_complete(self, path: Path) -> bool:
        try:
            stat = path.stat()
        except FileNotFoundError:
            return False
        look = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        before = self._seen.get(path.name)
        if before is None or before[0] != look:
            self._seen[path.name] = (look, self.clock())
            return self.settle_s <= 0 and not is_open_for_writing(path)
        return self.clock() - before[1] >= self.settle_s and not is_open_for_writing(path)

    def _move(self, path: Path, outcome: Outcome) -> None:
        target = _free(self.folder / (DONE if outcome.reason is None else REJECTED), path.name)
        if outcome.reason is not None:
            # The reason first: a file in `rejected` is never without one.
            reason = target.with_name(f"{target.name}.reason.txt")
            reason.write_text(f"{outcome.reason}\n", encoding="utf-8")
        path.rename(target)
        self._seen.pop(path.name, None)


def is_open_for_writing(path: Path) -> bool:
    """Whether a program of this machine still writes to the file; False where nobody can tell."""
    try:
        with path.open("rb") as file:
            fcntl.fcntl(file.fileno(), fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file.fileno(), fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno in {errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOENT}
    return False


def _is_scan(path: Path) -> bool:
    name = path.name
    if name.startswith(_TEMPORARY_STARTS) or name.lower().endswith(_TEMPORARY):
        return False
    return path.is_file() and not path.is_symlink()


def _free(folder: Path, name: str) -> Path:
    """A path in ``folder`` that is not taken yet."""
    folder.mkdir(exist_ok=True)
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - Path.stem loses the rest of "a.tar.gz"
    target, number = folder / name, 2
    while target.exists():
        target, number = folder / f"{stem}-{number}{ending}", number + 1
    return target


__all__ = ["DONE", "REJECTED", "HotFolder", "Take", "is_open_for_writing"]
