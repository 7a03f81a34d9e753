"""Receives bytes to disk while they are hashed, so that no file is ever in memory as a whole."""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ocr_service.blobs import BlobStore
from ocr_service.domain.errors import FileTooLarge, ServiceUnavailable

CHUNK_BYTES = 1 << 20
"""What is read or written at a time."""

_DISK_FULL = "the disk takes no more bytes; make room, then send the file again"


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file that was received whole.

    Attributes:
        path: where it lies; gone after the block that made it.
        sha256: hex digest of its bytes.
        size: bytes.
    """

    path: Path
    sha256: str
    size: int


class Spool:
    """A file that is being received."""

    def __init__(self, file: IO[bytes], path: Path, max_bytes: int) -> None:
        self._file = file
        self._path = path
        self._max = max_bytes
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            FileTooLarge: more than the limit.
            ServiceUnavailable: the disk is full.
        """
        self._size += len(chunk)
        if self._size > self._max:
            raise too_large(self._max)
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise ServiceUnavailable(_DISK_FULL) from error

    def finish(self) -> Spooled:
        """All bytes came: they are on disk from here on.

        Raises:
            ServiceUnavailable: the disk is full.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ServiceUnavailable(_DISK_FULL) from error
        return Spooled(self._path, self._digest.hexdigest(), self._size)


@contextmanager
def spooling(folder: Path, *, max_bytes: int) -> Iterator[Spool]:
    """Receive one file into ``folder``; nothing of it is left there after the block.

    Raises:
        ServiceUnavailable: the folder cannot be written to.
    """
    # The store's cleaning knows names with a # as what killed writers leave behind.
    path = folder / f"{uuid.uuid4().hex}#spool"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
    except OSError as error:
        raise ServiceUnavailable(_DISK_FULL) from error
    try:
        yield Spool(file, path, max_bytes)
    finally:
        _close(file)
        path.unlink(missing_ok=True)


def spool_folder(blobs: BlobStore) -> Path:
    """Where files are received: on the store's own disk, so that keeping one is a rename."""
    return (blobs.folder or Path(tempfile.gettempdir()) / "ocr-service") / "incoming"


def copy_limited(source: IO[bytes], spool: Spool) -> Spooled:
    """Receive what ``source`` still holds.

    Raises:
        FileTooLarge: more than the spool's limit.
        ServiceUnavailable: the disk is full.
    """
    while chunk := source.read(CHUNK_BYTES):
        spool.write(chunk)
    return spool.finish()


def too_large(max_bytes: int) -> FileTooLarge:
    """The error for a file above its limit."""
    return FileTooLarge(f"a file may have at most {max_bytes} bytes; send it in parts")


def _close(file: IO[bytes]) -> None:
    try:
        file.close()
    except OSError:
        # Its buffer did not fit on the full disk; whoever wrote was told, and the file goes now.
        return


__all__ = [
    "CHUNK_BYTES",
    "Spool",
    "Spooled",
    "copy_limited",
    "spool_folder",
    "spooling",
    "too_large",
]
