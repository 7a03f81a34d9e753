"""Words of exports and their profiles: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}

__all__ = ["WORDS"]
