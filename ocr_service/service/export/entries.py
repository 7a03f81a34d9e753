"""Candidates with their values, as the rows of a profile are made from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ocr_service.db.export import values as export_values
from ocr_service.db.export.candidates import Candidate
from ocr_service.db.export.values import Moment, Values
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import TemplateUnknown
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.exporters.profile_entry import Change, Entry
from ocr_service.exporters.profile_model import Amendment, Profile
from ocr_service.exporters.profile_rows import keys_used, sources_of
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate


@dataclass(slots=True)
class FormShelf:
    """Forms of records, looked up once.

    Attributes:
        library: the templates.
    """

    library: TemplateLibrary
    _found: dict[tuple[str, str], FormTemplate | None] = field(default_factory=dict)

    def form_of(self, key: str, version: str) -> FormTemplate | None:
        """The form, None where it is not known any more."""
        name = (key, version)
        if name not in self._found:
            self._found[name] = self._look_up(key, version)
        return self._found[name]

    def _look_up(self, key: str, version: str) -> FormTemplate | None:
        if not key:
            return None
        try:
            return self.library.get(f"{key}@{version}").template
        except TemplateUnknown:
            return None


@dataclass(frozen=True, slots=True)
class EntrySource:
    """Makes the entries of candidates for one profile at one moment.

    Attributes:
        profile: the layout.
        forms: the forms of records.
        moment: of the export.
        keys: the record keys the profile asks for, None = all.
    """

    profile: Profile
    forms: FormShelf
    moment: datetime
    keys: Collection[str] | None

    @classmethod
    def of(cls, profile: Profile, forms: FormShelf, moment: datetime) -> EntrySource:
        """For a profile."""
        return cls(profile, forms, moment, keys_used(profile))

    def changes(self, candidate: Candidate) -> tuple[Change, ...]:
        """What rows a candidate gives: one, or a cancellation and a correction; none = it cannot.

        A record that was out and is discarded now can only be cancelled.
        """
        if candidate.last_out is None:
            return (Change.NEW,)
        if candidate.state is DocumentState.DISCARDED:
            return (Change.CANCEL,) if self.knows_cancellations else ()
        if self.profile.amendment is Amendment.CANCEL_AND_CORRECT:
            return (Change.CANCEL, Change.CORRECT)
        return (Change.CORRECT,)

    @property
    def knows_cancellations(self) -> bool:
        """Whether a row of this profile can say that an earlier one is void."""
        if self.profile.amendment is not Amendment.REPLACE:
            return True
        return any("@change" in source for source in sources_of(self.profile))

    def entries(
        self, uow: UnitOfWork, chunk: Sequence[Candidate]
    ) -> Iterator[tuple[Candidate, tuple[Entry, ...]]]:
        """Each candidate with what its rows are made from."""
        values = export_values.values_now(uow, [one.document for one in chunk], self.keys)
        for candidate in chunk:
            now = values.get(candidate.document, {})
            yield (
                candidate,
                tuple(
                    self._entry(uow, candidate, now, change) for change in self.changes(candidate)
                ),
            )

    def _entry(self, uow: UnitOfWork, candidate: Candidate, now: Values, change: Change) -> Entry:
        last = candidate.last_out
        template, version = candidate.template or "", candidate.template_version or ""
        values = now
        if change is Change.CANCEL and last is not None:
            template, version = last.template, last.template_version
            then = Moment(candidate.document, template, version, last.readings_until, last.at)
            values = export_values.values_then(uow, then, self.keys)
        meta = self._meta(candidate, change)
        meta["template"], meta["template_version"] = template, version
        return Entry(candidate.document, self._in_order(values, template, version), meta)

    def _in_order(self, values: Values, template: str, version: str) -> Values:
        if self.keys is not None:
            return values
        form = self.forms.form_of(template, version)
        if form is None:
            return values
        return {key: values.get(key) for key in form.record_keys}

    def _meta(self, candidate: Candidate, change: Change) -> dict[str, str]:
        taken_in = candidate.created_at.astimezone(JAPAN)
        now = self.moment.astimezone(JAPAN)
        return {
            "document_id": str(candidate.document),
            "version": str(candidate.version),
            "batch_id": str(candidate.batch),
            "batch_name": candidate.batch_name,
            "file": candidate.file_name,
            "page": str(candidate.page),
            "state": candidate.state.value,
            "scan_date": taken_in.date().isoformat(),
            "scanned_at": taken_in.strftime("%Y%m%d%H%M%S"),
            "received_date": candidate.batch_opened_at.astimezone(JAPAN).date().isoformat(),
            "export_date": now.date().isoformat(),
            "exported_at": now.strftime("%Y%m%d%H%M%S"),
            "change": change.value,
        }


def document_ids(chunk: Sequence[Candidate]) -> list[DocumentId]:
    """Ids of candidates."""
    return [one.document for one in chunk]


__all__ = ["EntrySource", "FormShelf", "document_ids"]
