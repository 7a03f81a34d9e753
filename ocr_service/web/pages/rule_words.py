"""What rules are called in the user's language, where there is no room for their messages."""

from __future__ import annotations

from ocr_service.validators.base import ShippedRule
from ocr_service.validators.run import installed_rules
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.words import WORDS, say


def rule_words(code: str, language: Language) -> str:
    """The short name of a rule; the code itself where a rule of another package has none."""
    key = f"rule.{code}"
    if key in WORDS:
        return say(key, language)
    rule = installed_rules().get(code)
    if not isinstance(rule, ShippedRule):
        return code
    return rule.title.ja if language is Language.JA else rule.title.en


__all__ = ["rule_words"]
