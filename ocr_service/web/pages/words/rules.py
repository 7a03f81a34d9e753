"""Words of rules, waivers and findings: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "issue.waived": ("対応不要", "Waived"),
    "issue.waived_by": ("{by}: {reason}", "{by}: {reason}"),
    # what no rule of a template finds
    "rule.document.looks_alike": ("同じ用紙らしい", "Sheet seen before"),
    "rule.document.same_record": ("同じ接種券と回数", "Same voucher and dose"),
    "rule.rule.unknown": ("知らない検査規則", "Unknown rule"),
}

__all__ = ["WORDS"]
