"""Where a blob lies in its store."""

from __future__ import annotations

from ocr_service.domain.errors import NotFound

ASIDE = "aside"
"""Folder of the blobs that nothing seems to need; see ``blobs.aside``."""

_HEX_DIGITS = 64


def blob_path(sha256: str) -> str:
    """Its path.

    Raises:
        NotFound: this is not a digest.
    """
    return f"sha256/{_tail(sha256)}"


def aside_path(sha256: str) -> str:
    """Its path once it was put aside.

    Raises:
        NotFound: this is not a digest.
    """
    return f"{ASIDE}/{_tail(sha256)}"


def _tail(sha256: str) -> str:
    if len(sha256) != _HEX_DIGITS or not set(sha256) <= set("0123456789abcdef"):
        raise NotFound("not the digest of a blob")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


__all__ = ["ASIDE", "aside_path", "blob_path"]
