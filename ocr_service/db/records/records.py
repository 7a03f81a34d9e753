"""Whole records: stored after a machine run, put together again for people and exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.bulk import insert_rows
from ocr_service.db.ids import DocumentId, JobId
from ocr_service.db.records import documents, readings, waivers
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import Origin
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import FieldValue
from ocr_service.domain.page import Registration
from ocr_service.domain.record import Failure, Issue, Record


@dataclass(frozen=True, slots=True)
class MachineRun:
    """What one run of the reader gave.

    Attributes:
        job: the job it was done under.
        worker: who did it.
        record: what was read.
        view_sha256: the page for people, in the blob store; None where there is none.
        view_px_per_mm: its scale.
        seconds: CPU seconds by stage.
    """

    job: JobId
    worker: str
    record: Record
    view_sha256: str | None
    view_px_per_mm: float
    seconds: Mapping[str, float]


def store(uow: UnitOfWork, document: Document, run: MachineRun) -> None:
    """Append a run's answers and put its outcome on the document.

    Raises:
        StaleVersion: the document was changed since it was read.
    """
    record = run.record
    documents.update(
        uow,
        document,
        state=record.state,
        template=record.template,
        template_version=record.version,
        registration=_registration_to_json(record.registration),
        failure_code=record.failure.code if record.failure else None,
        failure_message=record.failure.message if record.failure else None,
        failure_nearest=list(record.failure.nearest) if record.failure else None,
        view_sha256=run.view_sha256,
        view_px_per_mm=run.view_px_per_mm,
    )
    if record.template is not None and record.version is not None:
        origin = Origin(document.id, record.template, record.version, run.worker, run.job)
        readings.append(uow, origin, record.fields)
    readings.replace_issues(uow, document.id, record.issues)
    rows = [
        {"document_id": document.id, "job_id": run.job, "stage": stage, "seconds": seconds}
        for stage, seconds in run.seconds.items()
    ]
    insert_rows(uow, t.timings, rows)


def add_answers(
    uow: UnitOfWork,
    document: Document,
    record: Record,
    answers: tuple[FieldValue, ...],
    run: MachineRun,
) -> None:
    """Append further answers of the machine for some fields of a record just stored."""
    if not answers or record.template is None or record.version is None:
        return
    origin = Origin(document.id, record.template, record.version, run.worker, run.job)
    places = {field.key: place for place, field in enumerate(record.fields)}
    for answer in answers:
        readings.append(uow, origin, [answer], first_position=places[answer.key])


def load(uow: UnitOfWork, document: Document) -> Record:
    """The record of one document, with the values now in force."""
    return load_many(uow, [document])[document.id]


def load_many(uow: UnitOfWork, wanted: list[Document]) -> dict[DocumentId, Record]:
    """The records of many documents, in three queries."""
    ids = [document.id for document in wanted]
    fields = readings.current_of_many(uow, wanted)
    issues = waivers.marked(uow, readings.issues_of_many(uow, ids), fields)
    extras = _extras(uow, ids)
    return {
        document.id: Record(
            file=document.file_name,
            page=document.page,
            template=document.template,
            version=document.template_version,
            state=document.state,
            registration=_registration_from_json(extras[document.id]["registration"]),
            fields=tuple(fields[document.id]),
            issues=tuple(issues[document.id]),
            failure=_failure(document, extras[document.id]["failure_nearest"]),
        )
        for document in wanted
    }


def with_issues(
    uow: UnitOfWork, document: Document, record: Record, issues: Sequence[Issue]
) -> Record:
    """A loaded record with the issues just stored for it, waived ones marked."""
    fields = {document.id: list(record.fields)}
    marked = waivers.marked(uow, {document.id: list(issues)}, fields)
    return replace(record, issues=tuple(marked[document.id]))


def mean_seconds(uow: UnitOfWork) -> dict[str, tuple[int, float]]:
    """For each stage: how often it ran and how many seconds it took altogether."""
    query = sa.select(
        t.timings.c.stage, sa.func.count(), sa.func.sum(t.timings.c.seconds)
    ).group_by(t.timings.c.stage)
    return {stage: (number, total) for stage, number, total in uow.connection.execute(query)}


def _extras(uow: UnitOfWork, ids: list[DocumentId]) -> dict[int, sa.RowMapping]:
    d = t.documents.c
    query = sa.select(d.id, d.registration, d.failure_nearest).where(d.id.in_(ids))
    return {row["id"]: row for row in uow.connection.execute(query).mappings()}


def _failure(document: Document, nearest: list[str] | None) -> Failure | None:
    if document.failure_code is None:
        return None
    return Failure(document.failure_code, document.failure_message or "", tuple(nearest or ()))


def _registration_to_json(registration: Registration | None) -> dict[str, Any] | None:
    if registration is None:
        return None
    return {
        "homography": registration.homography.ravel().tolist(),
        "residual_mm": registration.residual_mm,
        "rotation_deg": registration.rotation_deg,
        "marks_found": registration.marks_found,
        "structure": registration.structure,
    }


def _registration_from_json(stored: dict[str, Any] | None) -> Registration | None:
    if stored is None:
        return None
    return Registration(
        homography=np.array(stored["homography"], dtype=np.float64).reshape(3, 3),
        residual_mm=stored["residual_mm"],
        rotation_deg=stored["rotation_deg"],
        marks_found=stored["marks_found"],
        structure=stored["structure"],
    )


__all__ = [
    "MachineRun",
    "add_answers",
    "load",
    "load_many",
    "mean_seconds",
    "store",
    "with_issues",
]
