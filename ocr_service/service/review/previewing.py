"""What a value would come to: folded as it would be kept, judged by the rules, stored nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, records, waivers
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import Source, Status, Value
from ocr_service.domain.record import Issue, Record
from ocr_service.service.review.answering import Tools
from ocr_service.service.review.editing import JAPAN, template_of
from ocr_service.service.review.typing_values import Entered, Refusal, UnfitValue, typed_value

_ABOUT_OTHERS = "document."
"""Rules that compare whole documents; typing does not run them again."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would follow from confirming what is typed now.

    Attributes:
        values: what each field would hold, of those that can hold what was entered.
        refusals: why the others cannot.
        record: the record with those values.
        issues: the rules it would break, those waived as such; those it breaks today where nothing
            can be told.
    """

    values: Mapping[str, Value]
    refusals: Mapping[str, Refusal]
    record: Record
    issues: tuple[Issue, ...]


def preview(
    uow: UnitOfWork, document: DocumentId, entered: Mapping[str, Entered], *, tools: Tools
) -> Preview:
    """What the record would be with these values.

    Args:
        uow: open unit of work.
        document: which.
        entered: by key, as typed.
        tools: templates and rules, the same as when it is confirmed.

    Raises:
        NotFound: no such document or field.
    """
    seen = documents.get(uow, document)
    template = template_of(tools.library, seen)
    record = records.load(uow, seen)
    today = uow.now.astimezone(JAPAN).date()
    values: dict[str, Value] = {}
    refusals: dict[str, Refusal] = {}
    for key, value in entered.items():
        if key not in template.record_keys:
            raise NotFound(f"document {document} has no field {key}")
        try:
            values[key] = typed_value(template.field_of(key), value, today=today)
        except UnfitValue as error:
            refusals[key] = error.refusal
    fields = tuple(
        replace(
            field,
            value=values[field.key],
            source=Source.HUMAN,
            status=Status.ACCEPTED,
            flags=frozenset(),
        )
        if field.key in values
        else field
        for field in record.fields
    )
    changed = replace(record, fields=fields)
    if tools.check is None:
        return Preview(values, refusals, changed, record.issues)
    kept = [issue for issue in record.issues if issue.rule.startswith(_ABOUT_OTHERS)]
    found = [*tools.check(uow, seen, changed, template), *kept]
    # a waiver holds for the values it was given for; typing others shows the issue open again
    marked = waivers.marked(uow, {seen.id: found}, {seen.id: list(fields)})
    return Preview(values, refusals, changed, tuple(marked[seen.id]))


__all__ = ["Preview", "preview"]
