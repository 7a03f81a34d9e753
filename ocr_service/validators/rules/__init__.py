"""The shipped rules, by subject."""

from ocr_service.validators.rules import (
    ages,
    answers,
    completeness,
    consent,
    contact,
    dates,
    doses,
    history,
    institutions,
    residents,
    temperature,
    vouchers,
)

SHIPPED = (
    *temperature.RULES,
    *answers.RULES,
    *completeness.RULES,
    *consent.RULES,
    *ages.RULES,
    *dates.RULES,
    *doses.RULES,
    *history.RULES,
    *vouchers.RULES,
    *contact.RULES,
    *institutions.RULES,
    *residents.RULES,
)

__all__ = ["SHIPPED"]
