"""The bytes of an upload in pieces: one growing file, whose size is what has safely arrived."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ocr_service.domain.errors import Conflict, InvalidRequest, ServiceUnavailable

CHECKSUMS = ("sha1", "sha256", "md5")
"""What a piece may be checked by; the protocol asks for sha1."""

_DISK_FULL = "the disk takes no more bytes; make room, then go on with the upload"


class WrongOffset(Conflict):
    """The piece does not begin where the last one ended; ask where, and go on there."""

    code: ClassVar[str] = "upload.offset"


class UploadBusy(Conflict):
    """Another request is sending a piece of the same upload; try again when it is through."""

    code: ClassVar[str] = "upload.busy"
    http_status: ClassVar[int] = 423


class ChecksumMismatch(InvalidRequest):
    """The piece arrived changed and was thrown away; send it again."""

    code: ClassVar[str] = "upload.checksum"
    http_status: ClassVar[int] = 460


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece must hash to."""

    algorithm: str
    digest: bytes

    def __post_init__(self) -> None:
        if self.algorithm not in CHECKSUMS:
            raise InvalidRequest(f"a checksum is one of {', '.join(CHECKSUMS)}")


class Piece:
    """A piece that is being received."""

    def __init__(self, fd: int, room: int, checksum: Checksum | None) -> None:
        self._fd = fd
        self._room = room
        self._checksum = checksum
        self._digest = hashlib.new(
            checksum.algorithm if checksum else "sha1", usedforsecurity=False
        )

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            InvalidRequest: more than was announced for the whole upload.
            ServiceUnavailable: the disk is full; what fitted is kept.
        """
        if len(chunk) > self._room:
            raise InvalidRequest("more bytes than the upload's length; start it again")
        self._room -= len(chunk)
        if self._checksum:
            self._digest.update(chunk)
        view = memoryview(chunk)
        with _disk():
            while view:
                view = view[os.write(self._fd, view) :]

    def is_whole(self) -> bool:
        """Whether the bytes are those that were sent."""
        return self._checksum is None or self._digest.digest() == self._checksum.digest


@dataclass(frozen=True, slots=True)
class Pieces:
    """A file that grows.

    Attributes:
        path: where it lies; absent while nothing has come.
        length: bytes it will have.
    """

    path: Path
    length: int

    @property
    def _unchecked(self) -> Path:
        """Beside a piece that is still to be checked: where it begins."""
        return self.path.with_suffix(".unchecked")

    def offset(self) -> int:
        """Bytes that are safe; an unchecked piece is none of them."""
        with suppress(FileNotFoundError, ValueError):
            return int(self._unchecked.read_text("ascii"))
        with suppress(FileNotFoundError):
            return self.path.stat().st_size
        return 0

    @contextmanager
    def appending(self, offset: int, checksum: Checksum | None = None) -> Iterator[Piece]:
        """Receive one piece; however the block ends, what came is kept, if it needs no check.

        Raises:
            WrongOffset: the file has another size.
            UploadBusy: somebody else appends.
            ChecksumMismatch: the piece is not what was sent; nothing of it is kept.
            ServiceUnavailable: the disk is full.
        """
        with _disk():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            _lock(fd)
            if self.offset() != offset:
                raise WrongOffset(f"the next byte wanted is number {self.offset()}")
            os.ftruncate(fd, offset)
            if checksum is None:
                self._unchecked.unlink(missing_ok=True)
            else:
                self._mark(offset)
            piece = Piece(fd, self.length - offset, checksum)
            whole = False
            try:
                yield piece
                whole = piece.is_whole()
                if not whole:
                    raise ChecksumMismatch("the piece arrived changed; send it again")
            finally:
                if checksum is not None and not whole:
                    os.ftruncate(fd, offset)
                with _disk():
                    os.fsync(fd)
                self._unchecked.unlink(missing_ok=True)
        finally:
            os.close(fd)

    def remove(self) -> None:
        """Free the space."""
        self.path.unlink(missing_ok=True)
        self._unchecked.unlink(missing_ok=True)

    def _mark(self, offset: int) -> None:
        beside = self._unchecked.with_suffix(".new")
        with _disk():
            with beside.open("w", encoding="ascii") as file:
                file.write(str(offset))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._unchecked)


def _lock(fd: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        raise UploadBusy("another request sends a piece of this upload; try again") from error


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ServiceUnavailable(_DISK_FULL) from error


__all__ = [
    "CHECKSUMS",
    "Checksum",
    "ChecksumMismatch",
    "Piece",
    "Pieces",
    "UploadBusy",
    "WrongOffset",
]
