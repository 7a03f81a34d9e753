"""Delivers what waits in the outbox: into a folder, or to a webhook with a signature.

Each message is tried until its target has it. A process may die anywhere: then it is tried again,
so a receiver may see it twice, and knows it by its ``Idempotency-Key`` or its file name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, ClassVar

import httpx2
import structlog

from ocr_service.blobs import BlobStore
from ocr_service.db.billing import claims
from ocr_service.db.export import exports, outbox
from ocr_service.db.export.outbox import Message
from ocr_service.db.ids import ClaimId, ExportId
from ocr_service.db.uow import Database
from ocr_service.domain.errors import OcrServiceError, ServiceUnavailable
from ocr_service.logs import describe_error
from ocr_service.service.billing.issuing import claim_number
from ocr_service.service.export.handing_off import HandOff, Target
from ocr_service.service.whole_files import write_whole

TIMEOUT_S = 10.0
"""How long a webhook may take to answer."""

LEASE = timedelta(minutes=5)
"""How long a message is kept from other processes while one tries it."""

FIRST_AGAIN = timedelta(seconds=30)
LONGEST_AGAIN = timedelta(hours=6)
MOST_ATTEMPTS = 14
"""With doubling from half a minute to six hours: given up after about a day and a half."""

_MOST_AT_ONCE = 50
_LOG = structlog.get_logger()


class NotDelivered(OcrServiceError):
    """The target did not take a message; it is tried again. Says neither address nor secret."""

    code: ClassVar[str] = "handoff.failed"
    http_status: ClassVar[int] = 502
    retryable: ClassVar[bool] = True


def signature(secret: bytes, *, body: bytes, at: datetime) -> str:
    """What proves that a message is ours: ``t=SECONDS,v1=HEX``.

    HMAC-SHA256 over the seconds since 1970, a full stop and the body, so that an old message
    cannot be sent again under a new time.

    Args:
        secret: shared with the receiver.
        body: as sent.
        at: aware moment of sending.
    """
    seconds = int(at.timestamp())
    digest = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def again_after(attempts: int) -> timedelta | None:
    """How long to wait after so many tries; None = give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(FIRST_AGAIN * (1 << (attempts - 1)), LONGEST_AGAIN)


def deliver_due(db: Database, blobs: BlobStore, handoff: HandOff) -> int:
    """Try what is due; how many were delivered.

    Raises:
        ServiceUnavailable: the database failed; the next time goes on.
    """
    delivered = 0
    for _ in range(_MOST_AT_ONCE):
        with db.reading() as uow:
            if not outbox.has_due(uow):
                break
        with db.writing() as uow:
            message = outbox.take_due(uow, lease=LEASE)
        if message is None:
            break
        delivered += _try(db, blobs, handoff, message)
    return delivered


def _try(db: Database, blobs: BlobStore, handoff: HandOff, message: Message) -> bool:
    try:
        if message.target == Target.FOLDER:
            _drop(db, blobs, handoff, message)
        else:
            _post(handoff, message, at=db.clock())
    except OcrServiceError as error:
        again = again_after(message.attempts)
        with db.writing() as uow:
            outbox.set_failed(uow, message.id, error=str(error), again=again)
        _LOG.warning(
            "handoff.failed",
            target=message.target,
            attempts=message.attempts,
            given_up=again is None,
        )
        return False
    with db.writing() as uow:
        outbox.set_delivered(uow, message.id)
    return True


def _post(handoff: HandOff, message: Message, *, at: datetime) -> None:
    if handoff.webhook_url is None:
        raise NotDelivered("no webhook is set any more")
    body = body_bytes(message.body)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.event,
        "X-Signature": signature(handoff.secret, body=body, at=at),
    }
    try:
        with httpx2.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            answer = client.post(handoff.webhook_url, content=body, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        # Its text may hold the address, and that may hold a key.
        raise NotDelivered(f"webhook: {type(error).__name__}") from None
    if not answer.is_success:
        raise NotDelivered(f"webhook: HTTP {answer.status_code}")


def body_bytes(body: Mapping[str, Any]) -> bytes:
    """A message as sent: the same bytes at every try."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _drop(db: Database, blobs: BlobStore, handoff: HandOff, message: Message) -> None:
    if handoff.drop_dir is None:
        raise NotDelivered("no folder is set any more")
    if not handoff.drop_dir.is_dir():
        # Made by us it might be a mount point without its disk.
        raise ServiceUnavailable("the drop folder is not there")
    name, sha256 = _file(db, message)
    write_whole(handoff.drop_dir / name, blobs.get(sha256))
    write_whole(handoff.drop_dir / f"{name}.done", f"{sha256}  {name}\n".encode())


def _file(db: Database, message: Message) -> tuple[str, str]:
    with db.reading() as uow:
        if "claim" in message.body:
            claim = claims.get(uow, ClaimId(message.body["claim"]))
            if claim.archive_sha256 is None:
                raise NotDelivered("the claim has no papers")
            return f"{claim_number(claim.id)}.zip", claim.archive_sha256
        export = exports.get(uow, ExportId(message.body["export"]))
    suffix = PurePath(export.name or "records.csv").suffix
    return f"E{export.id:06d}-{export.profile}{suffix}", export.sha256


@dataclass(slots=True)
class Courier:
    """A thread that does something every few seconds until it is stopped.

    It is not the sweeper's thread: a receiver that is slow to answer must not keep forgotten jobs
    waiting.

    Attributes:
        every_s: seconds between two rounds.
        rounds: what is done; named errors are logged and the next round goes on.
    """

    every_s: float
    rounds: tuple[Callable[[], object], ...]
    _stop: threading.Event
    _thread: threading.Thread

    @classmethod
    def make(cls, every_s: float, *rounds: Callable[[], object]) -> Courier:
        """One that is not started yet."""
        stop = threading.Event()
        courier = cls(every_s, rounds, stop, threading.Thread())
        courier._thread = threading.Thread(target=courier._run, name="courier", daemon=True)
        return courier

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the round that is going on."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.every_s):
            for one in self.rounds:
                try:
                    one()
                except OcrServiceError as error:
                    _LOG.warning("courier.failed", code=error.code, **describe_error(error))


__all__ = [
    "MOST_ATTEMPTS",
    "Courier",
    "NotDelivered",
    "again_after",
    "body_bytes",
    "deliver_due",
    "signature",
]
