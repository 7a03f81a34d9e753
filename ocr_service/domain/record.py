"""A whole page as read: its values, its issues and whether it needs eyes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ocr_service.domain.field import FieldValue
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.page import Registration


class Severity(StrEnum):
    """What an issue does: an error blocks export, a warning needs a person, info is a note."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody's word that an issue need not be settled.

    Attributes:
        id: to withdraw it.
        reason: why; never what is written on the form.
        actor: who said so.
        at: when, aware UTC.
    """

    id: int
    reason: str
    actor: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Issue:
    """A rule that the record breaks.

    Attributes:
        rule: stable code, for example ``temperature.fever``.
        severity: what follows from it.
        fields: record keys concerned.
        message_ja: for the clerk; never contains a field value.
        message_en: the same in English.
        waiver: who waived it and why; None where nobody did, or a value concerned has changed.
    """

    rule: str
    severity: Severity
    fields: tuple[str, ...]
    message_ja: str
    message_en: str
    waiver: Waiver | None = None

    @property
    def blocks(self) -> bool:
        """Whether the record cannot be approved or exported as it is."""
        return self.severity is Severity.ERROR and self.waiver is None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page has no record.

    Attributes:
        code: the error's code, for example ``page.unmatched``.
        message: what the operator can do.
        nearest: template keys that came closest, best first.
    """

    code: str
    message: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One page as read.

    Attributes:
        file: name of the file it came from.
        page: 1-based page number in that file.
        template: template key, None where no template fits.
        version: template version.
        state: what happens next.
        registration: how the scan lies on the template, None where no template fits.
        fields: one value per record key of the template, in template order.
        issues: broken rules.
        failure: set where ``state`` is unmatched or failed.
    """

    file: str
    page: int
    template: str | None
    version: str | None
    state: DocumentState
    registration: Registration | None
    fields: tuple[FieldValue, ...]
    issues: tuple[Issue, ...]
    failure: Failure | None = None

    def field(self, key: str) -> FieldValue:
        """The value of ``key``.

        Raises:
            KeyError: the template has no such key.
        """
        for value in self.fields:
            if value.key == key:
                return value
        raise KeyError(key)


__all__ = ["Failure", "Issue", "Record", "Severity", "Waiver"]
