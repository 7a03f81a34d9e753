"""Mistakes in profiles, and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ocr_service.exporters.profile_model import Column, Profile


@dataclass(frozen=True, slots=True)
class ProfileFinding:
    """A mistake.

    Attributes:
        where: place in the file: ``columns[3] 接種日``.
        message: what is wrong and what to do.
        japanese: the same in Japanese.
        fatal: whether the profile cannot be used.
    """

    where: str
    message: str
    japanese: str
    fatal: bool = True


def placed_columns(profile: Profile) -> Iterator[tuple[str, Column]]:
    """Each column with its place in the file."""
    for group, columns in (("columns", profile.columns), ("rows.columns", profile.rows.columns)):
        for place, column in enumerate(columns, start=1):
            yield f"{group}[{place}] {column.header}", column


__all__ = ["ProfileFinding", "placed_columns"]
