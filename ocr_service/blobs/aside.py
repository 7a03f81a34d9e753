"""Blobs that nothing seems to need, kept a while where they are still found.

Nobody can ask a store "remove this unless somebody is just about to name it". So a blob is first
put aside, then looked at again much later: what was named in between comes back, and whoever wants
to read it meanwhile finds it all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import obstore
from obstore.exceptions import BaseError, NotFoundError

from ocr_service.blobs.paths import ASIDE, aside_path, blob_path
from ocr_service.blobs.store import BlobStore
from ocr_service.domain.errors import ServiceUnavailable


def put_aside(blobs: BlobStore, sha256: str) -> None:
    """Take a blob out of its place. Safe to repeat, and in several processes at once.

    Raises:
        ServiceUnavailable: the store cannot be reached.
    """
    try:
        obstore.copy(blobs.backend, blob_path(sha256), aside_path(sha256))
        if blobs.folder is not None:
            # A copy on a disk has the age of its original; what counts is how long it lies here.
            os.utime(blobs.folder / aside_path(sha256))
        obstore.delete(blobs.backend, blob_path(sha256))
    except (NotFoundError, FileNotFoundError):
        return
    except (BaseError, OSError) as error:
        raise ServiceUnavailable("the blob store does not answer; try again") from error


def bring_back(blobs: BlobStore, sha256: str) -> None:
    """Put a blob into its place again.

    Raises:
        ServiceUnavailable: the store cannot be reached.
    """
    try:
        obstore.copy(blobs.backend, aside_path(sha256), blob_path(sha256))
    except (NotFoundError, FileNotFoundError):
        return
    except (BaseError, OSError) as error:
        raise ServiceUnavailable("the blob store does not answer; try again") from error
    remove_aside(blobs, sha256)


def remove_aside(blobs: BlobStore, sha256: str) -> None:
    """Take a blob that was put aside out for good."""
    with suppress(NotFoundError, FileNotFoundError):
        obstore.delete(blobs.backend, aside_path(sha256))


def aside_since(blobs: BlobStore, limit: datetime) -> Iterator[str]:
    """Digests of the blobs that were put aside before ``limit``."""
    for chunk in obstore.list(blobs.backend, prefix=ASIDE):
        for found in chunk:
            if found["last_modified"] < limit:
                yield found["path"].rpartition("/")[2]


__all__ = ["aside_since", "bring_back", "put_aside", "remove_aside"]
