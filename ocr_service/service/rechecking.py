"""Runs a template's rules again over the values in force, after a person changed one."""

from __future__ import annotations

from datetime import timedelta, timezone

from ocr_service.db.uow import Clock
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.model import FormTemplate
from ocr_service.service.editing import IssueCheck
from ocr_service.validators.run import RuleContext, run_rules

_JAPAN = timezone(timedelta(hours=9), "JST")


def rule_check(clock: Clock) -> IssueCheck:
    """The check that judges by today's date in Japan, as ``clock`` tells it."""

    def check(record: Record, template: FormTemplate) -> tuple[Issue, ...]:
        context = RuleContext(template=template, today=clock().astimezone(_JAPAN).date())
        return run_rules(template.rules, {v.key: v for v in record.fields}, context)

    return check


__all__ = ["rule_check"]
