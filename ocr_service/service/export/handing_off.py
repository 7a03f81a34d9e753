"""What others are told: written with the thing itself, delivered when they listen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ocr_service.db.billing.claims import Claim
from ocr_service.db.export import outbox
from ocr_service.db.export.exports import Export
from ocr_service.db.uow import UnitOfWork


class Target(StrEnum):
    """Where something is delivered."""

    FOLDER = "folder"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class HandOff:
    """Who is to be told.

    Attributes:
        drop_dir: folder of another system; None = none.
        webhook_url: address; None = none.
        secret: signs what the webhook is told; never shown, never logged.
    """

    drop_dir: Path | None = None
    webhook_url: str | None = None
    secret: bytes = b""

    def __repr__(self) -> str:
        """Without the secret and without the address, which may carry one."""
        return f"HandOff(targets={self.targets})"

    @property
    def targets(self) -> tuple[Target, ...]:
        """Those that are set."""
        found = [Target.FOLDER] if self.drop_dir is not None else []
        return (*found, Target.WEBHOOK) if self.webhook_url is not None else tuple(found)


def announce_claim(uow: UnitOfWork, handoff: HandOff, claim: Claim) -> None:
    """A claim was issued; in the same unit of work, so that neither is there without the other."""
    body = {
        "event": f"claim:{claim.id}",
        "type": "claim.issued",
        "claim": claim.id,
        "month": claim.month,
        "forms": claim.forms,
        "total": claim.total,
        "sha256": claim.archive_sha256,
        "file": f"/api/v1/claims/{claim.id}/file",
    }
    _announce(uow, handoff.targets, body)


def announce_export(uow: UnitOfWork, handoff: HandOff, export: Export) -> None:
    """An export was made; in the same unit of work."""
    body = {
        "event": f"export:{export.id}",
        "type": "export.made",
        "export": export.id,
        "profile": export.profile,
        "rows": export.rows,
        "sha256": export.sha256,
        "file": f"/api/v1/exports/{export.id}/file",
    }
    _announce(uow, handoff.targets, body)


def _announce(uow: UnitOfWork, targets: Sequence[Target], body: dict[str, Any]) -> None:
    for target in targets:
        outbox.add(uow, event=body["event"], target=target, body=body)


__all__ = ["HandOff", "Target", "announce_claim", "announce_export"]
