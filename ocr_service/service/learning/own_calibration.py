"""The calibration and lexicons an installation made for itself, with a way back.

``DATA/calibration.json`` and ``DATA/lexicons/*.tsv`` are in force. What was in force before lies in
``DATA/calibration-history/NNNN/``, each state with the moment it ended: the raw score behind a
stored probability can be found only with the calibration of its time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ocr_service.domain.errors import NotFound

CALIBRATION = "calibration.json"
LEXICONS = "lexicons"
_HISTORY = "calibration-history"
_META = "state.json"


@dataclass(frozen=True, slots=True)
class PastState:
    """What was in force before a change.

    Attributes:
        folder: where its files lie.
        until: when it ended.
        ended_by: ``apply`` or ``undo``.
    """

    folder: Path
    until: datetime
    ended_by: str

    @property
    def calibration(self) -> Path | None:
        """Its calibration; None = the shipped one was in force."""
        path = self.folder / CALIBRATION
        return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class OwnCalibration:
    """The files below one data folder."""

    data_dir: Path

    @property
    def current(self) -> Path | None:
        """The calibration in force; None = the shipped one."""
        path = self.data_dir / CALIBRATION
        return path if path.is_file() else None

    def history(self) -> tuple[PastState, ...]:
        """All former states, oldest first."""
        folders = sorted((self.data_dir / _HISTORY).glob("[0-9]*"))
        return tuple(_past(folder) for folder in folders if (folder / _META).is_file())

    def in_force_at(self, moment: datetime) -> Path | None:
        """The calibration in force at ``moment``; None = the shipped one."""
        for past in self.history():
            if moment < past.until:
                return past.calibration
        return self.current

    def apply(
        self, calibration: str, lexicons: Mapping[str, Mapping[str, int]], *, now: datetime
    ) -> None:
        """Put a calibration and lexicons in force and keep the former ones.

        Args:
            calibration: text of the calibration file.
            lexicons: by name, values with the number of documents that confirm them.
            now: the moment of the change.
        """
        self._keep("apply", now)
        self._clear()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        for name, values in lexicons.items():
            if values:
                path = self.data_dir / LEXICONS / f"{name}.tsv"
                path.parent.mkdir(exist_ok=True)
                _replace(path, _table(values))
        _replace(self.data_dir / CALIBRATION, calibration)

    def undo(self, *, now: datetime) -> None:
        """Put back, byte for byte, what was in force before the last change not yet undone.

        Raises:
            NotFound: nothing is left to undo.
        """
        undoable: list[PastState] = []
        for past in self.history():
            if past.ended_by == "apply":
                undoable.append(past)
            elif undoable:
                undoable.pop()
        if not undoable:
            raise NotFound("no calibration of this installation is left to undo")
        self._keep("undo", now)
        self._clear()
        shutil.copytree(
            undoable[-1].folder,
            self.data_dir,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(_META),
        )

    def _keep(self, ended_by: str, now: datetime) -> None:
        number = len(list((self.data_dir / _HISTORY).glob("[0-9]*"))) + 1
        folder = self.data_dir / _HISTORY / f"{number:04d}"
        folder.mkdir(parents=True)
        if self.current is not None:
            shutil.copy2(self.current, folder / CALIBRATION)
        if (self.data_dir / LEXICONS).is_dir():
            shutil.copytree(self.data_dir / LEXICONS, folder / LEXICONS)
        # Last: a folder without it was being written when the process died, and does not count.
        state = {"until": now.isoformat(), "ended_by": ended_by}
        _replace(folder / _META, json.dumps(state))

    def _clear(self) -> None:
        (self.data_dir / CALIBRATION).unlink(missing_ok=True)
        shutil.rmtree(self.data_dir / LEXICONS, ignore_errors=True)


def _past(folder: Path) -> PastState:
    state = json.loads((folder / _META).read_text("utf-8"))
    return PastState(folder, datetime.fromisoformat(state["until"]), state["ended_by"])


def _table(values: Mapping[str, int]) -> str:
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    clean = ((" ".join(value.split("\t")), count) for value, count in ordered)
    return "".join(f"{value}\t{count}\n" for value, count in clean)


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


__all__ = ["CALIBRATION", "LEXICONS", "OwnCalibration", "PastState"]
