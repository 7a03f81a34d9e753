"""Runs a template's rules over the values in force, with what the installation knows."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Protocol

from ocr_service.db.records.documents import Document
from ocr_service.db.uow import Clock, UnitOfWork
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.model import FormTemplate
from ocr_service.service.review.editing import IssueCheck
from ocr_service.validators.dated import DatedSettings, shipped_settings
from ocr_service.validators.facts import NO_FACTS, Facts
from ocr_service.validators.run import RuleContext, run_rules

_JAPAN = timezone(timedelta(hours=9), "JST")


class FactsSource(Protocol):
    """Looks up what an installation knows of a record."""

    def __call__(
        self, uow: UnitOfWork, document: Document, record: Record, template: FormTemplate, /
    ) -> Facts:
        """The facts; those that nobody knows stay at their defaults.

        Args:
            uow: open unit of work.
            document: whose record; it is no duplicate and no earlier dose of itself.
            record: the values in force.
            template: its template.
        """
        ...


def no_facts(uow: UnitOfWork, document: Document, record: Record, template: FormTemplate) -> Facts:
    """Nothing is known."""
    del uow, document, record, template
    return NO_FACTS


def rule_check(
    clock: Clock, facts: FactsSource = no_facts, settings: DatedSettings | None = None
) -> IssueCheck:
    """The check that judges by today's date in Japan, as ``clock`` tells it.

    Args:
        clock: aware UTC now.
        facts: looks up what is known of a record.
        settings: dated settings; None = those shipped.
    """

    def check(
        uow: UnitOfWork, document: Document, record: Record, template: FormTemplate
    ) -> tuple[Issue, ...]:
        context = RuleContext(
            template=template,
            today=clock().astimezone(_JAPAN).date(),
            facts=facts(uow, document, record, template),
            settings=settings or shipped_settings(),
        )
        return run_rules(template.rules, {v.key: v for v in record.fields}, context)

    return check


__all__ = ["FactsSource", "no_facts", "rule_check"]
