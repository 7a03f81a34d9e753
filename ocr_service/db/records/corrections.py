"""What people said under an earlier version of a template, brought along to the present one."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import readings
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import Answer, Origin
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import FieldValue, Source

_R = t.readings.c
_ANY_OF = (
    sa.select(_R.id)
    .where(
        _R.document_id == sa.bindparam("document"),
        _R.source == Source.HUMAN,
        _R.template == sa.bindparam("read_as"),
        readings.in_force(t.readings),
    )
    .limit(1)
)


def any_of(uow: UnitOfWork, document: DocumentId, *, template: str | None) -> bool:
    """Whether a person ever answered a field of this document under the template of this key."""
    if template is None:
        return False
    asked = {"document": document, "read_as": template}
    return uow.connection.execute(_ANY_OF, asked).first() is not None


def bring_along(
    uow: UnitOfWork, document: Document, fit: Callable[[FieldValue], FieldValue | None]
) -> tuple[int, int]:
    """Append the newest human answers given under other versions under the present one.

    Answers given under the present version outrank the machine as they are. A field that the
    present version does not have keeps its answer in the log only.

    Args:
        uow: open unit of work.
        document: as it stands after a run; it has a template.
        fit: an answer as the present version's field holds it; None = it cannot.

    Returns:
        How many answers were brought along, and how many the present version cannot hold.
    """
    brought = left = 0
    for position, answer in enumerate(_foreign(uow, document)):
        field = fit(answer.field)
        if field is None:
            left += 1
            continue
        origin = Origin(
            document.id, document.template or "", document.template_version or "", answer.actor
        )
        place = readings.position_of(uow, document, answer.field.key) or position
        readings.append(uow, origin, [field], first_position=place)
        brought += 1
    return brought, left


def _foreign(uow: UnitOfWork, document: Document) -> list[Answer]:
    """The newest human answer of each field, where it was given under another version."""
    r = t.readings.c
    query = (
        sa.select(t.readings)
        .where(
            r.document_id == document.id,
            r.template == document.template,
            r.source == Source.HUMAN,
            readings.in_force(t.readings),
        )
        .order_by(r.id)
    )
    newest = {row["key"]: row for row in uow.connection.execute(query).mappings()}
    return [
        Answer(readings.field_of_row(row), row["actor"], row["created_at"])
        for row in newest.values()
        if row["template_version"] != document.template_version
    ]


__all__ = ["any_of", "bring_along"]
