"""Keeps citizens' rows unreadable at rest, and findable: AES-GCM for cells, keyed hashes for keys.

A plain hash of a voucher number is no secret: ten digits are tried in minutes. With a key that
lies outside the database, a stolen database tells neither who is in it nor what it says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ocr_service.domain.errors import OcrServiceError

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class WrongMasterKey(OcrServiceError):
    """The key file is not the one that the rows were sealed with."""

    code: ClassVar[str] = "master.key"
    http_status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Seal:
    """One installation's key.

    Attributes:
        key: 32 random bytes; two keys are drawn from it, one for cells and one for hashes.
    """

    key: bytes

    def __repr__(self) -> str:
        """Never shows the key."""
        return f"Seal({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without telling them."""
        return self.hashed("fingerprint")[:16]

    def hashed(self, *parts: str) -> str:
        """A keyed hash of texts, 64 hex digits; equal texts give equal hashes."""
        told = json.dumps(parts, ensure_ascii=False).encode()
        return hmac.new(self._drawn(b"find"), told, hashlib.sha256).hexdigest()

    def closed(self, data: bytes) -> bytes:
        """The bytes so that only this key opens them; different each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._drawn(b"keep")).encrypt(nonce, data, None)

    def opened(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            WrongMasterKey: another key sealed it, or somebody changed it.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._drawn(b"keep")).decrypt(nonce, rest, None)
        except InvalidTag as error:
            raise WrongMasterKey(
                "the key file is not the one these rows were sealed with; put the old one back"
            ) from error

    def closed_cells(self, cells: Mapping[str, str]) -> bytes:
        """A row's cells, sealed."""
        return self.closed(json.dumps(dict(cells), ensure_ascii=False).encode())

    def opened_cells(self, sealed: bytes) -> Mapping[str, str]:
        """A row's cells.

        Raises:
            WrongMasterKey: another key sealed them.
        """
        cells: dict[str, str] = json.loads(self.opened(sealed))
        return cells

    def _drawn(self, purpose: bytes) -> bytes:
        return _drawn(self.key, purpose)


@lru_cache(maxsize=8)
def _drawn(key: bytes, purpose: bytes) -> bytes:
    return hmac.new(key, purpose, hashlib.sha256).digest()


def seal_from(path: Path) -> Seal:
    """The seal of a key file, which is made with the rights of its owner alone if there is none.

    Raises:
        WrongMasterKey: the file holds no key.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return seal_from(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES).hex().encode())
        file.flush()
        os.fsync(file.fileno())
    return _read(path)


def _read(path: Path) -> Seal:
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise WrongMasterKey(f"{path.name} holds no key; put the old one back") from error
    if len(key) != _KEY_BYTES:
        raise WrongMasterKey(f"{path.name} holds no key of 32 bytes; put the old one back")
    return Seal(key)


__all__ = ["Seal", "WrongMasterKey", "seal_from"]
