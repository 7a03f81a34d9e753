"""Runs a template's rules over the values in force, with what the installation knows."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from functools import cached_property
from typing import Protocol

from ocr_service import __version__
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import judgements
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import Clock, UnitOfWork
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.model import FormTemplate
from ocr_service.validators.dated import DatedSettings, shipped_settings
from ocr_service.validators.facts import NO_FACTS, Facts
from ocr_service.validators.run import RULES, RuleContext, installed_rules, run_rules

_JAPAN = timezone(timedelta(hours=9), "JST")


class FactsSource(Protocol):
    """Looks up what an installation knows of a record."""

    def look(self, uow: UnitOfWork, document: Document, record: Record, /) -> Facts:
        """The facts; those that nobody knows stay at their defaults.

        Args:
            uow: open unit of work; a reading one will do.
            document: whose record; it is no duplicate and no earlier dose of itself.
            record: the values in force.
        """
        ...

    def note(self, uow: UnitOfWork, document: Document, record: Record, /) -> None:
        """Remember what the record is about, so that others of the same person find it."""
        ...

    def grounds(self, uow: UnitOfWork, /) -> str:
        """Tells one state of what is known from another, but for other records."""
        ...


class NoFacts:
    """Nothing is known."""

    def look(self, uow: UnitOfWork, document: Document, record: Record, /) -> Facts:
        """None."""
        del uow, document, record
        return NO_FACTS

    def note(self, uow: UnitOfWork, document: Document, record: Record, /) -> None:
        """Nothing is remembered."""
        del uow, document, record

    def grounds(self, uow: UnitOfWork, /) -> str:
        """Always the same."""
        del uow
        return ""


@dataclass(frozen=True)
class RuleCheck:
    """The check that judges by today's date in Japan, as ``clock`` tells it.

    Attributes:
        clock: aware UTC now.
        facts: looks up what is known of a record.
        settings: dated settings.
    """

    clock: Clock
    facts: FactsSource = field(default_factory=NoFacts)
    settings: DatedSettings = field(default_factory=shipped_settings)
    _forms: dict[int, tuple[FormTemplate, str]] = field(default_factory=dict, repr=False)

    @property
    def today(self) -> dt.date:
        """The day that is judged by."""
        return self.clock().astimezone(_JAPAN).date()

    def __call__(
        self, uow: UnitOfWork, document: Document, record: Record, template: FormTemplate, /
    ) -> tuple[Issue, ...]:
        """The issues of a record; the caller keeps them in the same unit of work.

        It also remembers what the record is about and by what it was judged.
        """
        self.facts.note(uow, document, record)
        issues = self.judge(uow, document, record, template)
        grounds = self.grounds(uow, template)
        judgements.note(uow, [document.id], grounds=grounds, day=self.today)
        return issues

    def judge(
        self, uow: UnitOfWork, document: Document, record: Record, template: FormTemplate
    ) -> tuple[Issue, ...]:
        """The issues of a record; nothing is written."""
        context = RuleContext(
            template=template,
            today=self.today,
            facts=self.facts.look(uow, document, record),
            settings=self.settings,
        )
        return run_rules(template.rules, {v.key: v for v in record.fields}, context)

    def grounds(self, uow: UnitOfWork, template: FormTemplate) -> str:
        """Hash of what the rules go by besides the values and other records.

        The version of the service, rules of other packages, the template, dated settings and
        masters. Rules of other packages may look at the day, which then belongs to it.
        """
        others = sorted(set(installed_rules()) - set(RULES))
        told = (
            __version__,
            *others,
            str(self.today) if others else "",
            self._form(template),
            self._settings,
            self.facts.grounds(uow),
        )
        return hashlib.sha256("\0".join(told).encode()).hexdigest()

    @cached_property
    def _settings(self) -> str:
        return repr(self.settings)

    def _form(self, template: FormTemplate) -> str:
        """Hash of the whole template, made once: it is long."""
        found = self._forms.get(id(template))
        if found is None:
            # the template is kept as well, so that nobody else gets its id
            whole = hashlib.sha256(template.model_dump_json().encode()).hexdigest()
            found = self._forms[id(template)] = (template, whole)
        return found[1]

    def settled(
        self, uow: UnitOfWork, documents: Sequence[DocumentId], template: FormTemplate
    ) -> set[DocumentId]:
        """Those of the documents of a form that would be judged now as they were."""
        grounds = self.grounds(uow, template)
        return judgements.settled(uow, documents, grounds=grounds, today=self.today)


__all__ = ["FactsSource", "NoFacts", "RuleCheck"]
