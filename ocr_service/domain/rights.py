"""What somebody may do: roles are what people hold, rights are what routes ask for.

A user may hold several roles; a small office gives all of them to one person. An API token carries
a part of its user's rights, its scopes, and never more than he has at the moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType


class Right(StrEnum):
    """One kind of act. Tokens name these as their scopes."""

    INTAKE = "intake"  # open batches, send files
    READ = "read"  # see what is written on forms
    REVIEW = "review"  # answer fields
    APPROVE = "approve"  # approve, waive, reopen, discard
    EXPORT = "export"  # make and fetch what leaves the house
    ADMIN = "admin"  # users, templates, audit, settings of the whole installation


class Role(StrEnum):
    """What a person is here for."""

    SCANNER = "scanner"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    EXPORTER = "exporter"
    ADMIN = "admin"


_R = Right

RIGHTS: MappingProxyType[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.SCANNER: frozenset({_R.INTAKE}),
        Role.REVIEWER: frozenset({_R.READ, _R.REVIEW}),
        Role.APPROVER: frozenset({_R.READ, _R.APPROVE}),
        Role.EXPORTER: frozenset({_R.READ, _R.EXPORT}),
        Role.ADMIN: frozenset(Right),
    }
)

CLERK = frozenset({Role.SCANNER, Role.REVIEWER, Role.APPROVER, Role.EXPORTER})
"""All the day's work in one person, without administration."""


def rights_of(roles: Iterable[Role], scopes: frozenset[Right] | None = None) -> frozenset[Right]:
    """What these roles allow together, within ``scopes`` if a token has some.

    Args:
        roles: held by the user now.
        scopes: of the token used; None = all that the user may do.
    """
    held = frozenset[Right]().union(*(RIGHTS[role] for role in roles))
    return held if scopes is None else held & scopes


__all__ = ["CLERK", "RIGHTS", "Right", "Role", "rights_of"]
