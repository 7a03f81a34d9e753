"""Answers an upload: once under each key, and with a row in the batch even where it is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ocr_service.blobs import BlobStore
from ocr_service.db.ids import BatchId
from ocr_service.db.intake import kept_answers
from ocr_service.db.intake.batches import BatchOptions
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import InputError, InvalidRequest
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.intake import (
    Receipt,
    StoredUpload,
    create_batch,
    plain_name,
    register_file,
    register_reject,
    store_spooled,
)
from ocr_service.service.intake.spool import Spooled

_MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends something.

    Attributes:
        actor: user name.
        correlation: id of the request.
        key: the ``Idempotency-Key``, None where there is none.
    """

    actor: str
    correlation: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        if self.key is not None and not 0 < len(self.key) <= _MAX_KEY:
            raise InvalidRequest(f"an Idempotency-Key has 1 to {_MAX_KEY} characters")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told.

    Attributes:
        status: HTTP status; an error from 400 on.
        body: the receipt or batch; of an error, its ``code`` and ``detail``.
    """

    status: int
    body: dict[str, Any]

    @property
    def is_error(self) -> bool:
        """Whether nothing was taken in."""
        return self.status >= HTTPStatus.BAD_REQUEST


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch that somebody wants."""

    name: str
    template: str | None
    options: BatchOptions


def open_batch(db: Database, new: NewBatch, sender: Sender) -> Answer:
    """Open a batch, or repeat the answer that opened it.

    Raises:
        InvalidRequest: the key belongs to another request, or the batch cannot be so.
    """
    o = new.options
    content = [new.name, new.template, o.announced, o.duplex, o.skip_blanks, o.pair_by]
    fingerprint = _fingerprint("batch", *content)
    with db.writing() as uow:
        known = _known(uow, sender, fingerprint)
        if known is not None:
            return known
        batch = create_batch(
            uow, name=new.name, template=new.template, actor=sender.actor, options=o
        )
        return _kept(uow, sender, Answer(HTTPStatus.CREATED, {"id": batch}))


def receive_file(  # noqa: PLR0913 - three stores, what came, where it goes, who sent it
    db: Database,
    blobs: BlobStore,
    bell: Bell,
    spooled: Spooled | InputError,
    *,
    name: str | None,
    batch: BatchId,
    sender: Sender,
) -> Answer:
    """Take a received file in, or write down why not.

    Args:
        db: the database.
        blobs: the store.
        bell: wakes workers.
        spooled: the file, or why it was not received to its end.
        name: the sender's name for it.
        batch: where it goes.
        sender: who sent it.

    Raises:
        NotFound: no such batch.
        InvalidRequest: the key belongs to another request.
        ServiceUnavailable: database or store failed; nothing was taken in.
    """
    digest = spooled.code if isinstance(spooled, InputError) else spooled.sha256
    fingerprint = _fingerprint("file", batch, plain_name(name), digest)
    stored: StoredUpload | InputError
    try:
        stored = (
            spooled if isinstance(spooled, InputError) else store_spooled(blobs, spooled, name=name)
        )
    except InputError as error:
        stored = error
    with db.writing() as uow:
        known = _known(uow, sender, fingerprint)
        if known is not None:
            return known
        answer = take_stored(uow, bell, stored, name=name, batch=batch, sender=sender)
        return _kept(uow, sender, answer)


def take_stored(
    uow: UnitOfWork,
    bell: Bell,
    stored: StoredUpload | InputError,
    *,
    name: str | None,
    batch: BatchId,
    sender: Sender,
) -> Answer:
    """Write a stored file down, or why it was refused, and say what to tell the sender.

    Raises:
        NotFound: no such batch.
    """
    if isinstance(stored, InputError):
        register_reject(uow, stored, batch=batch, name=plain_name(name))
        return Answer(stored.http_status, {"code": stored.code, "detail": str(stored)})
    receipt = register_file(
        uow, bell, stored, batch=batch, actor=sender.actor, correlation=sender.correlation
    )
    status = HTTPStatus.OK if receipt.duplicate else HTTPStatus.ACCEPTED
    return Answer(status, _shown(receipt))


def _shown(receipt: Receipt) -> dict[str, Any]:
    return {
        "file": receipt.file,
        "batch": receipt.batch,
        "documents": list(receipt.documents),
        "duplicate": receipt.duplicate,
    }


def _known(uow: UnitOfWork, sender: Sender, fingerprint: str) -> Answer | None:
    if sender.key is None:
        return None
    kept = kept_answers.claim(uow, actor=sender.actor, key=sender.key, fingerprint=fingerprint)
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise InvalidRequest("this Idempotency-Key was used for another request; choose a new one")
    return Answer(kept.status, kept.body)


def _kept(uow: UnitOfWork, sender: Sender, answer: Answer) -> Answer:
    if sender.key is not None:
        kept_answers.keep(
            uow, actor=sender.actor, key=sender.key, status=answer.status, body=answer.body
        )
    return answer


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


__all__ = ["Answer", "NewBatch", "Sender", "open_batch", "receive_file", "take_stored"]
