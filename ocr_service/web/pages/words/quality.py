"""Words of the dashboard and the samples of accepted fields: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}

__all__ = ["WORDS"]
