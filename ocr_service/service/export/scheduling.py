"""Exports made by the clock: daily or on some days of the week, by one process of many."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ocr_service.blobs import BlobStore
from ocr_service.db.export import schedule_runs
from ocr_service.db.export.candidates import Selection
from ocr_service.db.uow import Database
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import Conflict, InvalidRequest, OcrServiceError
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.export.exporting import make_export
from ocr_service.service.export.handing_off import HandOff, announce_export
from ocr_service.service.export.preparing import ExportRequest
from ocr_service.service.export.profiles import ProfileFolder, profile_named

CATCH_UP = timedelta(hours=6)
"""How late a schedule is still kept, for machines that were off at its time."""

ACTOR = "schedule"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOG = structlog.get_logger()


class Schedule(BaseModel):
    """One export by the clock. ``at`` is a time in Japan; no ``days``: every day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
    profile: str
    at: dt.time
    days: tuple[Annotated[str, Field(pattern=f"^({'|'.join(_DAYS)})$")], ...] = ()
    template: str | None = None


class ScheduleFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: tuple[Schedule, ...] = ()


def read_schedules(path: Path) -> tuple[Schedule, ...]:
    """The schedules of an installation; none where there is no file.

    Raises:
        InvalidRequest: the file is broken; the message names the entry.
    """
    if not path.is_file():
        return ()
    try:
        return ScheduleFile.model_validate(tomllib.loads(path.read_text("utf-8-sig"))).schedule
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"{path.name}: not TOML: {error}") from error
    except ValidationError as error:
        entry = error.errors()[0]
        where = ".".join(map(str, entry["loc"]))
        raise InvalidRequest(f"{path.name}: {where}: {entry['msg']}") from error


def last_due(schedule: Schedule, now: datetime) -> datetime | None:
    """The last time it came round, unless that is too long ago.

    Args:
        schedule: which.
        now: aware.
    """
    here = now.astimezone(JAPAN)
    for back in range(2):
        day = here.date() - timedelta(days=back)
        due = datetime.combine(day, schedule.at, JAPAN)
        wanted = not schedule.days or _DAYS[day.weekday()] in schedule.days
        if wanted and due <= here < due + CATCH_UP:
            return due
    return None


@dataclass(frozen=True, slots=True)
class ScheduleRunner:
    """What it takes to make exports by the clock.

    Attributes:
        db: the database.
        blobs: takes the files.
        profiles: layouts that lie in files.
        library: gives the templates as they are now.
        handoff: who is told of what was made.
        file: the schedules.
        folder: for files on their way.
        check: judges records once more before they go.
    """

    db: Database
    blobs: BlobStore
    profiles: ProfileFolder
    library: Callable[[], TemplateLibrary]
    handoff: HandOff
    file: Path
    folder: Path
    check: RuleCheck | None

    def run_due(self) -> int:
        """Make what is due and nobody else makes; how many came round.

        Raises:
            InvalidRequest: the file of schedules is broken.
            ServiceUnavailable: the database failed.
        """
        done = 0
        for schedule in read_schedules(self.file):
            due = last_due(schedule, self.db.clock())
            if due is None or not self._take(schedule, due):
                continue
            outcome = self._outcome(schedule)
            with self.db.writing() as uow:
                schedule_runs.finish(uow, schedule.name, due, outcome=outcome)
            _LOG.info("schedule.done", schedule=schedule.name, outcome=outcome)
            done += 1
        return done

    def _take(self, schedule: Schedule, due: datetime) -> bool:
        with self.db.reading() as uow:
            if schedule_runs.is_taken(uow, schedule.name, due):
                return False
        with self.db.writing() as uow:
            return schedule_runs.take(uow, schedule.name, due)

    def _outcome(self, schedule: Schedule) -> str:
        try:
            return self._export(schedule)
        except Conflict as nothing:
            return f"nothing: {nothing.code}"
        except OcrServiceError as error:
            return f"failed: {error.code}"

    def _export(self, schedule: Schedule) -> str:
        with self.db.reading() as reading, self.db.writing() as writing:
            profile = profile_named(reading, self.profiles, schedule.profile)
            request = ExportRequest(
                profile, Selection(template=schedule.template), ACTOR, self.check
            )
            made = make_export(
                reading,
                writing,
                self.blobs,
                request=request,
                library=self.library(),
                folder=self.folder,
            )
            announce_export(writing, self.handoff, made)
            return f"export {made.id}: {made.rows} rows"


__all__ = ["CATCH_UP", "Schedule", "ScheduleRunner", "last_due", "read_schedules"]
