"""Bytes under the SHA-256 of what they are, on a disk, in S3 or in memory.

A blob is written whole or not at all and never overwritten, so that the same bytes may be put by
several processes at once. The row that names a blob is written after it: a crash between the two
leaves an orphan, never a row without bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from ocr_service.blobs.paths import aside_path, blob_path
from ocr_service.domain.errors import NotFound, OcrServiceError, ServiceUnavailable

if TYPE_CHECKING:
    from obstore import ReadableFile

_STALE_TEMP_S = 3600.0
_CHUNK_BYTES = 1 << 20
_MULTIPART_FROM_BYTES = 8 << 20
"""A larger file goes to a distant store in parts, so that it is never in memory as a whole."""


class BlobMissing(NotFound):
    """A row names bytes that are not in the store; restore the store from its backup."""

    code = "blob.missing"


class BlobDamaged(OcrServiceError):
    """The stored bytes are not what was put; restore the blob from its backup."""

    code: ClassVar[str] = "blob.damaged"


@dataclass(frozen=True, slots=True)
class BlobStore:
    """A store of immutable bytes.

    Attributes:
        backend: where they lie.
        folder: the folder of a local store, None for others.
    """

    backend: ObjectStore
    folder: Path | None = None

    def put(self, data: bytes) -> str:
        """Keep ``data``; returns the hex digest to get it by. Putting it twice is no error.

        Raises:
            ServiceUnavailable: the store cannot be reached or its disk is full.
        """
        digest = hashlib.sha256(data).hexdigest()
        self._put(digest, data)
        return digest

    def put_file(self, file: IO[bytes], sha256: str) -> None:
        """Keep what ``file`` holds from its start on, without ever holding all of it in memory.

        Args:
            file: seekable.
            sha256: hex digest of its bytes, as the caller counted while receiving them.

        Raises:
            ServiceUnavailable: the store cannot be reached or its disk is full.
        """
        if self.folder is None:
            self._put_far(file, sha256)
            return
        target = self.folder / blob_path(sha256)
        beside = target.with_name(f"{target.name}#{uuid.uuid4().hex}")
        try:
            if target.exists():
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            file.seek(0)
            with beside.open("wb") as copy:
                shutil.copyfileobj(file, copy, _CHUNK_BYTES)
                copy.flush()
                os.fsync(copy.fileno())
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise ServiceUnavailable("the blob store does not take bytes; is it full?") from error

    def put_path(self, path: Path, sha256: str) -> None:
        """Keep a file on disk; where the store is on the same disk it is moved, not copied.

        Args:
            path: whole and flushed to disk; may be gone afterwards.
            sha256: hex digest of its bytes.

        Raises:
            ServiceUnavailable: the store cannot be reached or its disk is full.
        """
        if self.folder is not None:
            target = self.folder / blob_path(sha256)
            try:
                if target.exists():
                    return
                target.parent.mkdir(parents=True, exist_ok=True)
                if path.stat().st_dev == target.parent.stat().st_dev:
                    path.replace(target)
                    return
            except OSError as error:
                message = "the blob store does not take bytes; is it full?"
                raise ServiceUnavailable(message) from error
        with path.open("rb") as file:
            self.put_file(file, sha256)

    def get(self, sha256: str) -> bytes:
        """The bytes, checked against their digest.

        Raises:
            BlobMissing: no such blob.
            BlobDamaged: the bytes changed on disk.
            ServiceUnavailable: the store cannot be reached.
        """
        try:
            data = self._bytes(sha256)
        except (NotFoundError, FileNotFoundError) as error:
            raise BlobMissing(f"no blob {sha256}") from error
        except (BaseError, OSError) as error:
            raise ServiceUnavailable("the blob store does not answer; try again") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamaged(f"blob {sha256} is not what was put")
        return data

    def open(self, sha256: str) -> IO[bytes]:
        """The bytes as a file to seek in, for what is too large for memory; not checked.

        Raises:
            BlobMissing: no such blob.
            ServiceUnavailable: the store cannot be reached.
        """
        try:
            try:
                return self._open(blob_path(sha256))
            except (NotFoundError, FileNotFoundError):
                return self._open(aside_path(sha256))
        except (NotFoundError, FileNotFoundError) as error:
            raise BlobMissing(f"no blob {sha256}") from error
        except (BaseError, OSError) as error:
            raise ServiceUnavailable("the blob store does not answer; try again") from error

    def exists(self, sha256: str) -> bool:
        """Whether the blob is there."""
        try:
            obstore.head(self.backend, blob_path(sha256))
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def older_than(self, limit: datetime) -> Iterator[str]:
        """Digests of the blobs that were put before ``limit``."""
        for chunk in obstore.list(self.backend, prefix="sha256"):
            for found in chunk:
                if found["last_modified"] < limit:
                    yield found["path"].rpartition("/")[2]

    def remove(self, sha256: str) -> None:
        """Take a blob out for good; for retention and orphans only."""
        obstore.delete(self.backend, blob_path(sha256))

    def check(self) -> None:
        """Put and find a small blob.

        Raises:
            ServiceUnavailable: the store cannot be reached.
        """
        self.put(b"ocr-service store check")

    def clean_temporary(self, *, now_s: float | None = None) -> int:
        """Remove what writers that were killed left half-written; how many files that were.

        Args:
            now_s: seconds since the epoch, this moment by default.
        """
        if self.folder is None:
            return 0
        limit = (time.time() if now_s is None else now_s) - _STALE_TEMP_S
        removed = 0
        for path in self.folder.rglob("*#*"):  # the local backend writes to NAME#1 and renames
            if path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _bytes(self, sha256: str) -> bytes:
        try:
            return bytes(obstore.get(self.backend, blob_path(sha256)).bytes())
        except (NotFoundError, FileNotFoundError):
            return bytes(obstore.get(self.backend, aside_path(sha256)).bytes())

    def _open(self, path: str) -> IO[bytes]:
        if self.folder is not None:
            return (self.folder / path).open("rb")
        return io.BufferedReader(_Far(obstore.open_reader(self.backend, path)))

    def _put_far(self, file: IO[bytes], sha256: str) -> None:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if size <= _MULTIPART_FROM_BYTES:
            self._put(sha256, file.read())
            return
        try:
            # In parts there is no "create only"; writing the same bytes twice changes nothing.
            if not self.exists(sha256):
                obstore.put(self.backend, blob_path(sha256), file, use_multipart=True)
        except (BaseError, OSError) as error:
            raise ServiceUnavailable("the blob store does not take bytes; is it full?") from error

    def _put(self, sha256: str, data: bytes) -> None:
        try:
            obstore.put(self.backend, blob_path(sha256), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return
        except (BaseError, OSError) as error:
            raise ServiceUnavailable("the blob store does not take bytes; is it full?") from error


class _Far(io.RawIOBase):
    """A distant blob as Python's own kind of file, which ``zipfile`` asks for."""

    def __init__(self, reader: ReadableFile) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def readinto(self, buffer: Any, /) -> int:
        data = bytes(self._reader.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def open_store(url: str) -> BlobStore:
    """The store at ``url``: a folder, ``memory://`` or ``s3://bucket/prefix``.

    S3 credentials come from the environment, as its clients usually take them.
    """
    if url.startswith("memory://"):
        return BlobStore(MemoryStore())
    if "://" in url and not url.startswith("file://"):
        return BlobStore(from_url(url))
    folder = Path(url.removeprefix("file://")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return BlobStore(LocalStore(folder, mkdir=True), folder)


__all__ = ["BlobDamaged", "BlobMissing", "BlobStore", "open_store"]
